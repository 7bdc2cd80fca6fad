"""After the receipt, for whoever has its secret: where the cancellation stands, and taking it back.

Nothing here needs a customer token, and nothing ends with the visit's 24 hours.
"""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing.plan import Cancel, UndoCancel
from aurevoir.kit import db, sql
from aurevoir.kit.errors import Conflict, NotFound
from aurevoir.kit.i18n import Language
from aurevoir.offers import told
from aurevoir.offers.redemption import RedemptionState
from aurevoir.sessions import declaring, machine, opening, queries, receipts, writing
from aurevoir.sessions.context import Context
from aurevoir.sessions.moves import Undo
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.receipts import Proof
from aurevoir.subscriptions import queries as subscriptions

Standing = Literal["in_progress", "confirmed", "needs_person", "taken_back", "ended"]
_STUCK: frozenset[RedemptionState] = frozenset({"failed", "attention"})
_DONE: frozenset[RedemptionState] = frozenset({"confirmed", "completed"})


class HasEnded(Conflict):
    """There is nothing left to undo: the subscription has ended."""

    code: ClassVar[str] = "subscription_ended"
    message = "The subscription has ended: its cancellation cannot be undone any more."


class Status(Struct, frozen=True, kw_only=True):
    """Where a declared cancellation stands, and what its customer can still do."""

    workspace: WorkspaceSettings
    language: Language
    zone: str
    # A test never was a real cancellation.
    mode: str
    receipt: UUID
    standing: Standing
    declared_at: datetime
    effective_on: date | None
    undone_at: datetime | None
    may_undo: bool
    # Until the end, where its day is known.
    days_left: int | None
    # When the same subscription was cancelled again since, if that stands.
    again_at: datetime | None
    # How many questions about this subscription were answered, and when answers were last deleted.
    answers: int
    answers_withdrawn_at: datetime | None


async def status(installation: Installation, receipt: UUID, secret: str, now: datetime) -> Status:
    """How things stand; raises NotFound, alike for a wrong id and a wrong secret."""
    proof = await receipts.prove(receipt, secret)
    found = await _visit_of(installation, proof, now)
    ends_on, today = proof.effective_on, found.workspace.local(now).date()
    has_ended = await _has_ended(found, proof, now)
    given = await _given(found.row)
    return Status(
        workspace=found.workspace,
        language=found.language,
        zone=found.zone,
        mode=found.row.mode,
        receipt=proof.receipt,
        standing=await _standing(proof, has_ended=has_ended),
        declared_at=proof.declared_at,
        effective_on=ends_on,
        undone_at=proof.undone_at,
        may_undo=proof.undone_at is None and not has_ended,
        days_left=(ends_on - today).days if ends_on else None,
        again_at=await _declared_again(found.row, proof) if proof.undone_at else None,
        answers=given.answers,
        answers_withdrawn_at=given.withdrawn_at,
    )


async def undo(installation: Installation, receipt: UUID, secret: str, now: datetime) -> None:
    """Take the cancellation back, as the move on the receipt's screen does; said twice, it changes nothing.

    Raises NotFound, and HasEnded.
    """
    await db.transaction(lambda: _undo(installation, receipt, secret, now))


async def _undo(installation: Installation, receipt: UUID, secret: str, now: datetime) -> None:
    before = await receipts.prove(receipt, secret)
    await queries.find_for_change(before.session_id)
    # Read again, now that nobody else can change it.
    proof = await receipts.prove(receipt, secret)
    if proof.undone_at is not None:
        return
    found = await _visit_of(installation, proof, now)
    if await _has_ended(found, proof, now):
        raise HasEnded
    made = Undo(revision=found.visit.revision)
    outcome = machine.apply(found.visit, made, found.rules)
    await writing.carry_out(installation, found, None, made, outcome, now, "customer")


async def _visit_of(installation: Installation, proof: Proof, now: datetime) -> Context:
    row = await queries.find_session(proof.session_id)
    if row is None:
        raise NotFound
    return await opening.context_of(installation, row, now)


async def _has_ended(found: Context, proof: Proof, now: datetime) -> bool:
    """By the day that was declared, or because billing says so."""
    if proof.effective_on is not None and found.workspace.local(now).date() >= proof.effective_on:
        return True
    row = found.row
    return await subscriptions.find_status(row.workspace_id, row.mode, row.subscription, now) == "cancelled"


async def _standing(proof: Proof, *, has_ended: bool) -> Standing:
    order = UndoCancel if proof.undone_at else Cancel
    state = await told.find_state(declaring.order_key(proof.declaration, order))
    if state in _STUCK:
        return "needs_person"
    if proof.undone_at:
        return "taken_back"
    if has_ended and state in (*_DONE, "handed_over"):
        return "ended"
    return "confirmed" if state in _DONE else "in_progress"


class _Given(Struct, frozen=True, kw_only=True):
    answers: int
    withdrawn_at: datetime | None


def _same(row: SessionRow) -> tuple[UUID, str, str]:
    return row.workspace_id, row.mode, row.subscription


async def _given(row: SessionRow) -> _Given:
    given = await sql.fetch_one(
        "SELECT (SELECT COUNT(*) FROM answer a JOIN session s ON s.id = a.session_id AND a.is_answered "
        "WHERE s.workspace_id = $1 AND s.mode = $2 AND s.subscription = $3) "
        "+ (SELECT COUNT(*) FROM favour f JOIN session s ON s.id = f.session_id "
        "WHERE s.workspace_id = $1 AND s.mode = $2 AND s.subscription = $3) AS answers, "
        "(SELECT MAX(answers_withdrawn_at) FROM session WHERE workspace_id = $1 AND mode = $2 AND subscription = $3) "
        "AS withdrawn_at",
        *_same(row),
        into=_Given,
    )
    assert given is not None, "a count is always there"
    return given


class _Again(Struct, frozen=True):
    declared_at: datetime


async def _declared_again(row: SessionRow, proof: Proof) -> datetime | None:
    later = await sql.fetch_one(
        "SELECT d.declared_at FROM declaration d JOIN session s ON s.id = d.session_id "
        "WHERE s.workspace_id = $1 AND s.mode = $2 AND s.subscription = $3 AND d.undone_at IS NULL "
        "AND d.declared_at > $4 ORDER BY d.declared_at DESC LIMIT 1",
        *_same(row),
        proof.declared_at,
        into=_Again,
    )
    return later.declared_at if later else None
