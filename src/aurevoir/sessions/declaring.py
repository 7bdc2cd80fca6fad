"""The declaration: its row, its receipt, its order to billing and its event commit together; undoing likewise."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from aurevoir.access import vault
from aurevoir.access.installation import Installation
from aurevoir.access.vault import ClearIds
from aurevoir.billing.plan import Action, Cancel, SubscriptionRef, UndoCancel
from aurevoir.events import service as events
from aurevoir.events.catalogue import EventKind
from aurevoir.kit import ids, sql
from aurevoir.offers import service as offers
from aurevoir.sessions import receipts, screens
from aurevoir.sessions.context import Context
from aurevoir.sessions.receipts import Documents, Statement
from aurevoir.sessions.screen import ReceiptShown


async def declare(
    installation: Installation, found: Context, number: int, actor: str, now: datetime
) -> tuple[ReceiptShown, Documents]:
    """Write down "I cancel" with the server's time, and give the receipt; never waits for billing or mail."""
    row, effective_on = found.row, found.ending.effective_on
    declaration, receipt = ids.new_id(), ids.new_id()
    await sql.insert(
        "declaration",
        id=declaration,
        workspace_id=row.workspace_id,
        session_id=row.id,
        number=number,
        declared_at=now,
        effective_on=effective_on,
    )
    clear = await clear_ids(found)
    documents = receipts.write(_statement(found, clear, receipt, now), found.language)
    await receipts.store(found.workspace, declaration, receipt, documents, now)
    await _order(found, declaration, clear, _cancellation(found, effective_on, now), now)
    payload = {"receipt": ids.shown("rcp", receipt), "effective_on": effective_on, "reason": _reason(found)}
    await record("cancellation.declared", found, actor, now, payload)
    secret, words, zone = documents.secret, found.language, found.zone
    return receipts.as_shown(installation, receipt, secret, now, effective_on, words, zone), documents


async def take_back(found: Context, actor: str, now: datetime) -> list[UUID]:
    """Undo: what was not sent yet is withdrawn, what was is followed by its opposite.

    The subscription goes on as a whole, so what other visits declared of it is taken back too; their ids.
    """
    declarations = await _mark_undone(found, now)
    assert found.row.id in declarations, "the machine undoes only what was declared"
    withdrawn = [await offers.supersede(session, "cancel", now) for session in declarations]
    if not all(withdrawn):
        await _order(found, declarations[found.row.id], await clear_ids(found), UndoCancel(), now)
    await record("cancellation.undone", found, actor, now, {})
    return [session for session in declarations if session != found.row.id]


async def _mark_undone(found: Context, now: datetime) -> dict[UUID, UUID]:
    """By session, the declaration that was taken back; those of an end that has passed stand for ever."""
    row = found.row
    marked = await sql.fetch_all(
        "UPDATE declaration SET undone_at = $1 WHERE undone_at IS NULL AND session_id IN (SELECT id FROM session "
        "WHERE workspace_id = $2 AND mode = $3 AND subscription = $4 AND (id = $5 OR ends_on IS NULL OR ends_on > $6)) "
        "RETURNING id, session_id",
        now,
        row.workspace_id,
        row.mode,
        row.subscription,
        row.id,
        found.workspace.local(now).date(),
    )
    return {UUID(str(one["session_id"])): UUID(str(one["id"])) for one in marked}


async def clear_ids(found: Context) -> ClearIds:
    """The customer and the subscription in the operator's own ids."""
    clear = await vault.find(found.row.workspace_id, found.workspace.data_key, found.row.subscription)
    # Erased in the middle of a visit: the declaration still stands, under the pseudonyms.
    return clear or ClearIds(customer=found.row.customer, subscription=found.row.subscription)


def _statement(found: Context, clear: ClearIds, receipt: UUID, now: datetime) -> Statement:
    return Statement(
        receipt=receipt,
        product=found.workspace.name,
        customer=clear.email or clear.customer,
        subscription=clear.subscription,
        declared_at=now,
        zone=found.zone,
        effective_on=found.ending.effective_on,
        facts=screens.ending_facts(found.facts.subscription, found.ending, found.data_after_exit, found.language),
        record=found.row.evidence_head,
    )


def _cancellation(found: Context, ends_on: date | None, now: datetime) -> Cancel:
    code = _reason(found)
    category = next((option.category for option in found.version.reason_step.options if option.code == code), None)
    return Cancel(ends_on=ends_on, declared_at=now, category=category)


def _reason(found: Context) -> str | None:
    chosen = found.visit.given.get(found.version.reason_step.id)
    return chosen.choices[0] if chosen and chosen.choices else None


async def _order(found: Context, declaration: UUID, clear: ClearIds, action: Action, now: datetime) -> None:
    await offers.agree(
        found.workspace,
        action,
        clear=SubscriptionRef(clear.customer, clear.subscription),
        mode=found.row.mode,
        session=found.row.id,
        subscription=found.row.subscription,
        idempotency_key=order_key(declaration, action),
        now=now,
    )


def order_key(declaration: UUID, action: Action | type[Cancel | UndoCancel]) -> str:
    """What the one order of this kind for a declaration goes by."""
    return f"exit:{declaration.hex}:{action.__struct_config__.tag}"


async def record(kind: EventKind, found: Context, actor: str, now: datetime, payload: Mapping[str, object]) -> None:
    """A fact about this session. Inside the unit of what it tells."""
    row = found.row
    await events.record(
        kind, workspace=row.workspace_id, actor=actor, now=now, mode=row.mode, session=row.id, payload=payload
    )
