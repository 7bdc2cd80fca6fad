"""Sessions as the operator sees them: pseudonyms, states, answers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.kit import ids, paging, sql


class AnswerSummary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was given to one step; `answered` False: it was shown and left out."""

    step: str
    answered: bool
    choices: tuple[str, ...] = ()
    value: int | None = None
    text: str | None = None


class SessionSummary(Struct, frozen=True, kw_only=True):
    """A session; `pack_reason` says why its pack applied."""

    id: str
    mode: str
    channel: str
    flow: str
    state: str
    pack: str
    pack_reason: str
    locale: str
    customer: str
    subscription: str
    mrr: int | None
    currency: str | None
    started_at: datetime
    moved_at: datetime
    decided_at: datetime | None
    ends_on: date | None
    answers: tuple[AnswerSummary, ...] = ()


class _Row(Struct, frozen=True, kw_only=True):
    id: UUID
    mode: str
    channel: str
    flow: str
    state: str
    pack: str
    pack_reason: str
    locale: str
    customer: str
    subscription: str
    mrr: int | None
    currency: str | None
    started_at: datetime
    moved_at: datetime
    decided_at: datetime | None
    ends_on: date | None

    def summary(self) -> SessionSummary:
        """As the outside sees it."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return SessionSummary(**(values | {"id": ids.shown("ses", self.id)}))


_COLUMNS = ", ".join(_Row.__struct_fields__)


async def list_sessions(workspace: UUID, mode: str, before: UUID | None, limit: int) -> list[SessionSummary]:
    """The newest first, with their answers, older than `before`."""
    rows = await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM session WHERE workspace_id = $1 AND mode = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
        workspace,
        mode,
        before or paging.BEYOND,
        limit,
        into=_Row,
    )
    return await _with_answers(rows)


async def find_summary(workspace: UUID, session: UUID) -> SessionSummary | None:
    """One session of this workspace."""
    rows = await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM session WHERE workspace_id = $1 AND id = $2", workspace, session, into=_Row
    )
    return (await _with_answers(rows))[0] if rows else None


class _AnswerRow(Struct, frozen=True, kw_only=True):
    session_id: UUID
    step: str
    is_answered: bool
    value: int | None
    text: str | None


class _ChoiceRow(Struct, frozen=True, kw_only=True):
    session_id: UUID
    step: str
    code: str


async def _with_answers(rows: list[_Row]) -> list[SessionSummary]:
    given = await list_answers({row.id for row in rows})
    return [replace(row.summary(), answers=tuple(given[row.id])) for row in rows]


async def list_answers(sessions: Collection[UUID]) -> Mapping[UUID, Sequence[AnswerSummary]]:
    """What was given in each of these sessions, in the order in which it was."""
    given: dict[UUID, list[AnswerSummary]] = defaultdict(list)
    if not sessions:
        return given
    wanted, marks = list(sessions), sql.marks(len(sessions))
    answers = await sql.fetch_all(
        "SELECT session_id, step, is_answered, value, text FROM answer "
        f"WHERE session_id IN ({marks}) ORDER BY answered_at",
        *wanted,
        into=_AnswerRow,
    )
    choices = await sql.fetch_all(
        "SELECT session_id, step, code FROM answer_choice "
        f"WHERE session_id IN ({marks}) AND rank IS NOT NULL ORDER BY rank",
        *wanted,
        into=_ChoiceRow,
    )
    codes: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for choice in choices:
        codes[choice.session_id, choice.step].append(choice.code)
    for one in answers:
        chosen = tuple(codes[one.session_id, one.step])
        given[one.session_id].append(
            AnswerSummary(step=one.step, answered=one.is_answered, choices=chosen, value=one.value, text=one.text)
        )
    return given
