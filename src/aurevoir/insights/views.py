"""The read-only views for analysts, each column with its meaning; nothing here but pseudonyms and, in `answer`, text.

`fct_…` views hold live mode only, `test_…` views test mode only: the filter is here, so that no query can forget it.
"""

from typing import Literal

from msgspec import Struct

from aurevoir.kit import db
from aurevoir.kit.engine import Dialect

Kind = Literal["id", "code", "text", "integer", "number", "boolean", "date", "timestamp"]


class Column(Struct, frozen=True):
    """A column of a view or of a dataset, as the data dictionary tells it."""

    name: str
    kind: Kind
    meaning: str


class ViewColumn(Struct, frozen=True):
    """A column of a view and the SQL that it is made of."""

    name: str
    kind: Kind
    sql: str
    meaning: str

    @property
    def told(self) -> Column:
        """Without the SQL."""
        return Column(self.name, self.kind, self.meaning)


class View(Struct, frozen=True, kw_only=True):
    """A view; `{mode}`, `{choices}` and the session's facts in its SQL are filled in for each mode and dialect."""

    meaning: str
    columns: tuple[ViewColumn, ...]
    source: str
    # The alias of the session whose facts it shows.
    facts: str = "s"


_WORKSPACE = "The workspace."
_PSEUDONYM = "Pseudonym: the same here for the same {}, and nowhere else."
_MRR = "Monthly recurring revenue in minor units of `currency`; empty where it is not known."

SESSION = View(
    meaning="One row per visit to a flow.",
    columns=(
        ViewColumn("workspace_id", "id", "s.workspace_id", _WORKSPACE),
        ViewColumn("session_id", "id", "s.id", "The session."),
        ViewColumn("episode_id", "id", "s.episode_id", "The episode that the session belongs to; none in test mode."),
        ViewColumn("mode", "code", "s.mode", "`live` or `test`."),
        ViewColumn("channel", "code", "s.channel", "Where it came from: in_app, hosted, agent, after_exit, imported."),
        ViewColumn("customer", "id", "s.customer", _PSEUDONYM.format("customer")),
        ViewColumn("subscription", "id", "s.subscription", _PSEUDONYM.format("subscription")),
        ViewColumn("flow", "code", "s.flow", "Key of the flow."),
        ViewColumn("version_id", "id", "s.version_id", "The version of the flow."),
        ViewColumn("flow_version", "integer", "v.number", "Number of that version."),
        ViewColumn("pack", "code", "s.pack", "The jurisdiction's rules that applied."),
        ViewColumn("locale", "code", "s.locale", "The language shown."),
        ViewColumn("country", "code", "{country}", "Billing country, as the operator said."),
        ViewColumn("plan", "text", "{plan}", "Plan, as the operator said."),
        ViewColumn("billing_interval", "code", "{interval}", "day, week, month, quarter or year."),
        ViewColumn("mrr", "integer", "s.mrr", _MRR),
        ViewColumn("currency", "code", "s.currency", "ISO 4217."),
        ViewColumn("state", "code", "s.state", "Where the session stands now."),
        ViewColumn("moves", "integer", "s.moves", "What the customer did, counted."),
        ViewColumn("is_bounced", "boolean", "s.moves = 0", "Whether the customer left before doing anything."),
        ViewColumn("reason", "code", "p.code", "The primary reason given in this session."),
        ViewColumn("reason_category", "code", "p.category", "Its category in the common taxonomy."),
        ViewColumn("started_at", "timestamp", "s.started_at", "When it began."),
        ViewColumn("started_on", "date", "s.started_on", "The day it began, in the workspace's zone."),
        ViewColumn("moved_at", "timestamp", "s.moved_at", "When the customer last did anything."),
        ViewColumn("decided_at", "timestamp", "s.decided_at", "When it was last declared, kept or taken back."),
        ViewColumn("declared_at", "timestamp", "d.declared_at", "When the last cancellation was declared."),
        ViewColumn("effective_on", "date", "d.effective_on", "When that cancellation takes effect."),
        ViewColumn("undone_at", "timestamp", "d.undone_at", "When it was taken back."),
    ),
    source="""
FROM session s
LEFT JOIN flow_version v ON v.id = s.version_id
LEFT JOIN answer r ON r.session_id = s.id AND r.is_reason AND r.is_answered
LEFT JOIN answer_choice p ON p.session_id = r.session_id AND p.step = r.step AND p.rank = 1
LEFT JOIN declaration d ON d.session_id = s.id
  AND d.number = (SELECT MAX(n.number) FROM declaration n WHERE n.session_id = s.id)
WHERE s.mode = '{mode}'
""",
)

_STANDING = """
EXISTS (SELECT 1 FROM session s JOIN declaration d ON d.session_id = s.id
WHERE s.episode_id = e.id AND s.mode = 'live' AND d.undone_at IS NULL)
"""

EPISODE = View(
    meaning="One row per valid episode: all live sessions of a subscription within 30 days of the first.",
    facts="f",
    columns=(
        ViewColumn("workspace_id", "id", "e.workspace_id", _WORKSPACE),
        ViewColumn("episode_id", "id", "e.id", "The episode."),
        ViewColumn("episode_no", "integer", "e.number", "The subscription's first, second, … episode."),
        ViewColumn("customer", "id", "f.customer", _PSEUDONYM.format("customer")),
        ViewColumn("subscription", "id", "e.subscription", _PSEUDONYM.format("subscription")),
        ViewColumn(
            "sessions",
            "integer",
            "(SELECT COUNT(*) FROM session s WHERE s.episode_id = e.id AND s.mode = 'live')",
            "Number of its sessions, bounced ones included.",
        ),
        ViewColumn("channel", "code", "f.channel", "Where its first session came from."),
        ViewColumn("flow", "code", "f.flow", "Key of the first session's flow."),
        ViewColumn("version_id", "id", "x.version_id", "The flow's version that the reason was given to."),
        ViewColumn("country", "code", "{country}", "Billing country at the first session."),
        ViewColumn("plan", "text", "{plan}", "Plan at the first session."),
        ViewColumn("billing_interval", "code", "{interval}", "Billing interval at the first session."),
        ViewColumn("mrr", "integer", "f.mrr", f"At the first session. {_MRR}"),
        ViewColumn("currency", "code", "f.currency", "ISO 4217."),
        ViewColumn("reason_session_id", "id", "r.session_id", "The session of the last answered reason question."),
        ViewColumn("is_answered", "boolean", "r.id IS NOT NULL", "Whether a reason is known."),
        ViewColumn("reason", "code", "p.code", "The primary reason of that answer."),
        ViewColumn("reason_category", "code", "p.category", "Its category in the common taxonomy."),
        ViewColumn("is_cancelled", "boolean", _STANDING.strip(), "Whether a declared cancellation stands."),
        ViewColumn("started_at", "timestamp", "e.started_at", "When it began."),
        ViewColumn("started_on", "date", "e.started_on", "The day it began, in the workspace's zone."),
    ),
    source="""
FROM episode e
{first_session}
LEFT {last_reason}
LEFT JOIN session x ON x.id = r.session_id
LEFT JOIN answer_choice p ON p.session_id = r.session_id AND p.step = r.step AND p.rank = 1
WHERE EXISTS (SELECT 1 FROM session s WHERE s.episode_id = e.id AND s.mode = 'live' AND s.moves > 0)
""",
)

REASON_ANSWER = View(
    meaning="One row per episode and reason that it was shown: the options of its last answered reason question.",
    columns=(
        ViewColumn("workspace_id", "id", "e.workspace_id", _WORKSPACE),
        ViewColumn("episode_id", "id", "e.id", "The episode."),
        ViewColumn("session_id", "id", "r.session_id", "The session of the answer."),
        ViewColumn("code", "code", "c.code", "The reason that was shown."),
        ViewColumn("category", "code", "c.category", "Its category in the common taxonomy."),
        ViewColumn("position", "integer", "c.position", "Where it stood, 1 at the top."),
        ViewColumn("rank", "integer", "c.rank", "Its rank where it was chosen, 1 = primary; empty where it was not."),
        ViewColumn("answered_at", "timestamp", "r.answered_at", "When the answer was given."),
        ViewColumn("started_on", "date", "e.started_on", "The day the episode began, in the workspace's zone."),
    ),
    source="""
FROM episode e
{last_reason}
JOIN answer_choice c ON c.session_id = r.session_id AND c.step = r.step
""",
)

ANSWER = View(
    meaning="One row per step that was answered or left out. Holds what customers wrote: personal data.",
    columns=(
        ViewColumn("workspace_id", "id", "s.workspace_id", _WORKSPACE),
        ViewColumn("session_id", "id", "s.id", "The session."),
        ViewColumn("episode_id", "id", "s.episode_id", "Its episode; none in test mode."),
        ViewColumn("mode", "code", "s.mode", "`live` or `test`."),
        ViewColumn("flow", "code", "s.flow", "Key of the flow."),
        ViewColumn("version_id", "id", "s.version_id", "The version of the flow."),
        ViewColumn("flow_version", "integer", "v.number", "Number of that version."),
        ViewColumn("step", "code", "a.step", "The step."),
        ViewColumn("kind", "code", "a.kind", "choice, text or scale."),
        ViewColumn("is_reason", "boolean", "a.is_reason", "Whether it is the flow's reason step."),
        ViewColumn("is_answered", "boolean", "a.is_answered", "False: it was shown and left out."),
        ViewColumn("choice", "code", "p.code", "The primary (first) choice."),
        ViewColumn("category", "code", "p.category", "Its category in the common taxonomy, for a reason."),
        ViewColumn("choices", "text", "{choices}", "Every choice in the order chosen, joined by `|`."),
        ViewColumn("value", "integer", "a.value", "The number given on a scale."),
        ViewColumn("locale", "code", "a.locale", "The language of the question."),
        ViewColumn("text", "text", "a.text", "What the customer wrote, to the question or beside the choice."),
        ViewColumn("answered_at", "timestamp", "a.answered_at", "When it was last given."),
        ViewColumn("started_on", "date", "s.started_on", "The day the session began, in the workspace's zone."),
    ),
    source="""
FROM session s
JOIN answer a ON a.session_id = s.id
LEFT JOIN flow_version v ON v.id = s.version_id
LEFT JOIN answer_choice p ON p.session_id = a.session_id AND p.step = a.step AND p.rank = 1
WHERE s.mode = '{mode}'
""",
)

REASON = View(
    meaning="One row per reason and category that it was shown under, with the time from first to last.",
    columns=(
        ViewColumn("workspace_id", "id", "a.workspace_id", _WORKSPACE),
        ViewColumn("code", "code", "c.code", "The reason."),
        ViewColumn("category", "code", "c.category", "Its category in the common taxonomy."),
        ViewColumn("first_shown_at", "timestamp", "MIN(a.answered_at)", "When it was first shown and answered."),
        ViewColumn("last_shown_at", "timestamp", "MAX(a.answered_at)", "When last."),
    ),
    source="""
FROM answer a
JOIN session s ON s.id = a.session_id
JOIN answer_choice c ON c.session_id = a.session_id AND c.step = a.step
WHERE a.is_reason AND s.mode = 'live'
GROUP BY a.workspace_id, c.code, c.category
""",
)

VIEWS = {
    "fct_cancel_session": SESSION,
    "fct_cancel_episode": EPISODE,
    "fct_reason_answer": REASON_ANSWER,
    "fct_answer": ANSWER,
    "dim_reason": REASON,
    "test_cancel_session": SESSION,
    "test_answer": ANSWER,
}

_FIRST_SESSION = "FROM session s WHERE s.episode_id = e.id AND s.mode = 'live' ORDER BY s.started_at, s.id LIMIT 1"
# The answer that counts where a customer gave more than one in an episode.
_LAST_REASON = """FROM session s JOIN answer a ON a.session_id = s.id
  WHERE s.episode_id = e.id AND s.mode = 'live' AND s.channel <> 'imported' AND a.is_reason AND a.is_answered
  ORDER BY a.answered_at DESC, a.id DESC LIMIT 1"""
_CHOICES = "FROM answer_choice o WHERE o.session_id = a.session_id AND o.step = a.step AND o.rank IS NOT NULL"
_SPOKEN: dict[Dialect, dict[str, str]] = {
    "sqlite": {
        "first_session": f"JOIN session f ON f.id = (SELECT s.id {_FIRST_SESSION})",
        "last_reason": f"JOIN answer r ON r.id = (SELECT a.id {_LAST_REASON})",
        "country": "json_extract({0}.facts, '$.country')",
        "plan": "json_extract({0}.facts, '$.subscription.plan')",
        "interval": "json_extract({0}.facts, '$.subscription.interval')",
        # SQLite learns to sort inside an aggregate with 3.44.
        "choices": f"(SELECT group_concat(code, '|') FROM (SELECT o.code AS code {_CHOICES} ORDER BY o.rank))",
    },
    "postgres": {
        # PostgreSQL would run a subquery that it joins on twice for each row.
        "first_session": f"JOIN LATERAL (SELECT s.* {_FIRST_SESSION}) f ON TRUE",
        "last_reason": f"JOIN LATERAL (SELECT a.* {_LAST_REASON}) r ON TRUE",
        "country": "{0}.facts::jsonb ->> 'country'",
        "plan": "{0}.facts::jsonb -> 'subscription' ->> 'plan'",
        "interval": "{0}.facts::jsonb -> 'subscription' ->> 'interval'",
        "choices": f"(SELECT string_agg(o.code, '|' ORDER BY o.rank) {_CHOICES})",
    },
}


def create_views(dialect: Dialect) -> list[str]:
    """The statements that create every view."""
    return [f"CREATE VIEW {name} AS\n{_select(view, name, dialect)}" for name, view in VIEWS.items()]


def drop_views() -> list[str]:
    """The statements that drop every view: before a migration, because SQLite remakes no table that a view reads."""
    return [f"DROP VIEW IF EXISTS {name}" for name in reversed(VIEWS)]


async def migrate() -> list[str]:
    """Bring the schema up to date with the views made anew, all of it or nothing; the names of what was applied."""
    return await db.migrate(before=drop_views(), after=create_views(db.dialect()))


def _select(view: View, name: str, dialect: Dialect) -> str:
    columns = ",\n".join(f"  {column.sql} AS {column.name}" for column in view.columns)
    text = f"SELECT\n{columns}\n{view.source.strip()}"
    mode = "test" if name.startswith("test_") else "live"
    for key, spoken in ({"mode": mode} | _SPOKEN[dialect]).items():
        text = text.replace(f"{{{key}}}", spoken.format(view.facts))
    return text
