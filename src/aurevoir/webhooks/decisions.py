"""What a customer decided, read from the session that an event is about."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.facts import StoredFacts
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.events.service import Event
from aurevoir.flows import service as flows
from aurevoir.sessions import context, listing, queries
from aurevoir.sessions.listing import AnswerSummary
from aurevoir.sessions.queries import SessionRow
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
    """A decision, whose it is, and the event by which it was made."""

    workspace: UUID
    mode: str
    session: UUID
    decided: Decided
    event: UUID


async def find(batch: Sequence[Event]) -> list[Found]:
    """The decisions that these events tell, or complete."""
    sessions = {event.session_id for event in batch if event.session_id}
    rows = {row.id: row for row in await queries.find_sessions(sessions)}
    made = [
        (rows[event.session_id], event, await _made(event, rows[event.session_id]))
        for event in batch
        if event.session_id in rows
    ]
    answers = await listing.list_answers({row.id for row, _, by in made if by})
    return [
        await _read(row, by, _DECISIONS.get(event.kind, "cancelled"), answers[row.id]) for row, event, by in made if by
    ]


async def _made(event: Event, row: SessionRow) -> Event | None:
    """What the decision was made by."""
    if event.kind in _DECISIONS:
        return event
    is_after_exit = row.channel == "after_exit"
    if not row.declarations and not is_after_exit:
        return None
    happened = await events.list_of_session(row.workspace_id, row.id)
    words = [one for one in happened if one.kind in ("cancellation.declared", "cancellation.undone")]
    if words and words[-1].kind == "cancellation.declared":
        return words[-1]
    # After the end there is nothing to declare: whoever answers then has left.
    return happened[0] if is_after_exit else None


async def _read(row: SessionRow, made: Event, outcome: Decision, answers: Sequence[AnswerSummary]) -> Found:
    reason = payload.reason(await flows.version(row.version_id), answers, row.locale)
    decided = Decided(
        outcome=outcome,
        reason=reason.code if reason else None,
        category=reason.category if reason else None,
        channel=row.channel,
        mrr=row.mrr,
        currency=row.currency,
        attributes=context.attributes(_facts.decode(row.facts), row.locale, row.mrr, made.at.date()),
    )
    return Found(row.workspace_id, row.mode, row.id, decided, made.id)
