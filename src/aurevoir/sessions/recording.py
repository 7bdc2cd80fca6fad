"""Cancellations that came by phone or mail: recorded on the customer's behalf, all of it or nothing."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.access.installation import Installation
from aurevoir.flows import service as flows
from aurevoir.kit import db
from aurevoir.sessions import queries
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Answer, Cancel, Skip
from aurevoir.sessions.schemas import Shown
from aurevoir.sessions.visit import RECEIPT


class Said(Struct, frozen=True, kw_only=True):
    """What the customer gave as the reason, if anything: a code of the flow, and their words."""

    reason: str | None = None
    comment: str | None = None


async def record(installation: Installation, session: UUID, said: Said, actor: str, now: datetime) -> Shown:
    """Declare for the customer; twice gives the same receipt.

    Raises Invalid for a reason that the flow does not have, and then nothing was declared either.
    """
    return await db.transaction(lambda: _record(installation, session, said, actor, now))


async def _record(installation: Installation, session: UUID, said: Said, actor: str, now: datetime) -> Shown:
    await _tell(installation, session, said, actor, now)
    declared = await sessions.move(installation, session, Cancel(), now, actor=actor)
    if declared.screen.kind != "receipt":
        declared = await sessions.move(installation, session, Cancel(), now, actor=actor)
    if said != Said() and any(action.move == "skip" for action in declared.screen.actions):
        # Where the receipt comes first, the survey is behind it.
        onward = Skip(revision=declared.session.revision, step=RECEIPT)
        await sessions.move(installation, session, onward, now, actor=actor)
        await _tell(installation, session, said, actor, now)
    return declared


async def _tell(installation: Installation, session: UUID, said: Said, actor: str, now: datetime) -> None:
    """Answer the reason step, unless the customer stands elsewhere: what they said themselves is not overwritten."""
    row = await queries.find_session(session)
    shown = await sessions.look(installation, session, now)
    assert row is not None, "what is looked at exists"
    reason = (await flows.version(row.version_id)).reason_step
    if shown.screen.kind != "choice" or shown.screen.step != reason.id:
        return
    beside = next((also.step for also in shown.screen.also if also.kind == "text"), None)
    choices = (said.reason,) if said.reason else ()
    answers: dict[str, str | int] = {beside: said.comment} if beside and said.comment else {}
    if choices or answers:
        given = Answer(revision=shown.session.revision, step=reason.id, choices=choices, answers=answers)
        await sessions.move(installation, session, given, now, actor=actor)
