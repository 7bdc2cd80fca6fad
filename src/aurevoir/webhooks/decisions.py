"""What a customer decided, read from the session that an event is about."""

from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.facts import StoredFacts
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.events.service import Event
from aurevoir.flows import service as flows
from aurevoir.sessions import context, listing, queries
from aurevoir.webhooks import payload
from aurevoir.webhooks.rules import Decided, Decision

_DECISIONS: dict[EventKind, Decision] = {
    "cancellation.declared": "cancelled",
    "session.saved": "saved",
    "session.kept": "kept",
    "session.needs_help": "needs_help",
}
# Where the receipt comes before the survey, the reason is known only when that is answered.
TELLING: frozenset[EventKind] = frozenset({*_DECISIONS, "session.answered"})
_facts = msgspec.json.Decoder(StoredFacts)


class Found(Struct, frozen=True):
    """A decision, and the event by which it was made."""

    decided: Decided
    event: UUID


async def find(event: Event) -> Found | None:
    """The decision that the event tells, or completes."""
    assert event.session_id is not None, "decisions are made in sessions"
    if event.kind in _DECISIONS:
        return await _read(event.workspace_id, event.session_id, event, _DECISIONS[event.kind])
    happened = await events.list_of_session(event.workspace_id, event.session_id)
    words = [one for one in happened if one.kind in ("cancellation.declared", "cancellation.undone")]
    if words and words[-1].kind == "cancellation.declared":
        return await _read(event.workspace_id, event.session_id, words[-1], "cancelled")
    # After the end there is nothing to declare: whoever answers then has left.
    found = await _read(event.workspace_id, event.session_id, happened[0], "cancelled")
    return found if found and found.decided.channel == "after_exit" else None


async def _read(workspace: UUID, session: UUID, made: Event, outcome: Decision) -> Found | None:
    row, summary = await queries.find_session(session), await listing.find_summary(workspace, session)
    if row is None or summary is None:
        return None
    reason = payload.reason(await flows.version(row.version_id), summary.answers, row.locale)
    decided = Decided(
        outcome=outcome,
        reason=reason.code if reason else None,
        category=reason.category if reason else None,
        channel=row.channel,
        mrr=row.mrr,
        currency=row.currency,
        attributes=context.attributes(_facts.decode(row.facts), row.locale, row.mrr, made.at.date()),
    )
    return Found(decided, made.id)
