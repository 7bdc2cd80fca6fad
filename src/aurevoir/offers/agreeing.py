"""What was agreed becomes a redemption: planned, frozen and sealed inside the customer's own transaction."""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

import msgspec
import structlog

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.billing.gateway import Gateway, Impossible
from aurevoir.billing.plan import Action, Agreed, Cancel, Plan, SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import crypto, ids, sql
from aurevoir.offers import journal
from aurevoir.offers.errors import UnderWay
from aurevoir.offers.journal import DECLARED

log = structlog.get_logger()
# Where the connected gateway cannot do these, a person or the product does: a declaration is never refused, and a
# feature or a gift of the product's own is not billing's to give.
_OF_A_DECLARATION = frozenset({"cancel", "undo_cancel"})
_BY_HAND = _OF_A_DECLARATION | {"feature_grant", "custom"}
_AGREED = get_args(Agreed)


async def agree(  # noqa: PLR0913 - one acceptance has that many facts
    workspace: WorkspaceSettings,
    action: Action,
    *,
    clear: SubscriptionRef,
    mode: str,
    session: UUID,
    subscription: str,
    idempotency_key: str,
    now: datetime,
    snapshot: Snapshot | None = None,
    offer: str | None = None,
    terms: str | None = None,
) -> UUID:
    """Freeze and seal what was agreed; the worker takes it from here. Inside the unit of the customer's word.

    The same key again gives the same redemption. `terms` are the offer's as they were shown (JSON).
    Raises Impossible, and UnderWay while another offer of this subscription is being carried out.
    """
    redemption = ids.new_id()
    gateway, plan = await _planned(workspace, mode, action, clear, snapshot, redemption, now)
    row = redemption_row(workspace, plan, gateway.name, redemption, now) | {
        "mode": mode,
        "session_id": session,
        "subscription": subscription,
        "idempotency_key": idempotency_key,
        "live_key": live_key(mode, subscription) if isinstance(action, _AGREED) else None,
        "offer": offer,
        "terms": terms,
        "terms_hash": crypto.sha256(terms) if terms else None,
    }
    if isinstance(action, Cancel):
        await supersede_offers(workspace.id, mode, subscription, now)
    return await insert(row)


def live_key(mode: str, subscription: str) -> str:
    """What only one offer under way can hold."""
    return f"{mode}:{subscription}:offer"


def redemption_row(
    workspace: WorkspaceSettings, plan: Plan, gateway: str, redemption: UUID, now: datetime
) -> dict[str, Any]:
    """What every redemption begins with; the plan sealed."""
    return {
        "id": redemption,
        "workspace_id": workspace.id,
        "kind": str(plan.action.__struct_config__.tag),
        "gateway": gateway,
        "state": "accepted",
        "plan": crypto.seal(workspace.data_key, msgspec.json.encode(plan)),
        "attempts": 0,
        "not_before": now,
        "apply_before": plan.apply_before,
        "ends_at": plan.ends_at,
        "created_at": now,
        "changed_at": now,
    }


async def insert(row: dict[str, Any]) -> UUID:
    """The redemption of this idempotency key: the new one, or the one that is there; raises UnderWay."""
    names = ", ".join(row)
    written = await sql.execute(
        f"INSERT INTO redemption ({names}) VALUES ({sql.marks(len(row))}) ON CONFLICT DO NOTHING", *row.values()
    )
    if written:
        return UUID(str(row["id"]))
    there = await sql.fetch_one("SELECT id FROM redemption WHERE idempotency_key = $1", row["idempotency_key"])
    if there is None:
        raise UnderWay
    return UUID(str(there["id"]))


async def supersede(session: UUID, kind: str, now: datetime) -> bool:
    """Withdraw what was agreed and certainly not sent yet. Inside a unit. Whether there was something to withdraw."""
    return await journal.withdraw("session_id = $2 AND kind = $3", now, session, kind) > 0


async def supersede_offers(workspace: UUID, mode: str, subscription: str, now: datetime) -> int:
    """A declared cancellation withdraws every offer of the subscription that was not sent; how many. Inside a unit."""
    return await journal.withdraw(
        f"workspace_id = $2 AND mode = $3 AND subscription = $4 AND kind NOT IN {DECLARED}",
        now,
        workspace,
        mode,
        subscription,
    )


async def _planned(
    workspace: WorkspaceSettings,
    mode: str,
    action: Action,
    clear: SubscriptionRef,
    snapshot: Snapshot | None,
    redemption: UUID,
    now: datetime,
) -> tuple[Gateway, Plan]:
    kind, marker = action.__struct_config__.tag, ids.shown("rdm", redemption)
    try:
        gateway = await registry.connected(workspace, mode)
        if kind in gateway.capabilities:
            return gateway, gateway.plan(clear, action, snapshot, marker, now)
    except Impossible:
        if kind not in _BY_HAND:
            raise
    except Exception:
        if kind not in _OF_A_DECLARATION:
            raise
        # Nobody is kept because of a mistake in billing: a person carries it out.
        log.exception("declared_without_billing", kind=kind)
    if kind not in _BY_HAND:
        raise Impossible("not_supported")
    by_hand = registry.by_hand(workspace, mode)
    return by_hand, by_hand.plan(clear, action, snapshot, marker, now)
