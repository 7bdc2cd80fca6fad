"""Taking the reason out of orders to billing, once the customer has taken it back."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.billing.gateway import GatewayError, Impossible
from aurevoir.billing.plan import Cancel, Plan
from aurevoir.kit import db, sql
from aurevoir.offers import journal
from aurevoir.offers.redemption import RedemptionState

# What was sent and is not settled is sent again as it was, if at all: providers compare the two under one key.
_ON_ITS_WAY = frozenset({"sending", "unknown", "applied", "attention", "failed"})


class _Ordered(Struct, frozen=True, kw_only=True):
    id: UUID
    mode: str
    gateway: str
    state: RedemptionState
    plan: bytes


async def forget_reason(workspace: WorkspaceSettings, session: UUID, now: datetime) -> None:
    """A cancellation of this session that has not left yet leaves without its reason. Inside a unit."""
    lock = " FOR UPDATE" if db.dialect() == "postgres" else ""
    ordered = await sql.fetch_all(
        f"SELECT id, mode, gateway, state, plan FROM redemption WHERE session_id = $1 AND kind = 'cancel'{lock}",
        session,
        into=_Ordered,
    )
    for one in ordered:
        plan = journal.unseal(workspace.data_key, one.plan)
        if isinstance(plan.action, Cancel) and plan.action.category is not None:
            forgotten = await _without_reason(workspace, one, plan, plan.action, now)
            sealed = journal.seal(workspace.data_key, forgotten)
            await sql.execute("UPDATE redemption SET plan = $1 WHERE id = $2", sealed, one.id)


async def _without_reason(
    workspace: WorkspaceSettings, one: _Ordered, plan: Plan, action: Cancel, now: datetime
) -> Plan:
    forgotten = replace(plan, action=replace(action, category=None))
    if one.state in _ON_ITS_WAY:
        return forgotten
    try:
        gateway = await registry.named(workspace, one.mode, one.gateway)
        return replace(forgotten, steps=gateway.plan(plan.subscription, forgotten.action, None, plan.marker, now).steps)
    except (GatewayError, Impossible):
        return forgotten
