"""What decides whether a customer may have an offer now, read in at most two statements."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import snapshots
from aurevoir.billing.gateway import Gateway
from aurevoir.billing.snapshot import Snapshot, stated
from aurevoir.kit import sql
from aurevoir.offers import grants
from aurevoir.offers.eligibility import Standing, Usage


class Holder(Struct, frozen=True, kw_only=True):
    """Whose standing it is; customer and subscription are pseudonyms, `facts` are the token's."""

    mode: str
    customer: str
    subscription: str
    facts: SubscriptionFacts
    # They see the survey and no offer, so that there is something to compare with.
    holdout: bool = False


async def read(
    workspace: WorkspaceSettings, gateway: Gateway, holder: Holder, keys: Sequence[str], now: datetime
) -> Standing:
    """The standing towards the offers called `keys`; without a snapshot where billing was not reached."""
    limits = await _limits(workspace, holder, keys, now)
    return Standing(
        snapshot=await _snapshot(workspace, gateway, holder, now),
        capabilities=frozenset(gateway.capabilities),
        not_again_before={row.offer: row.again_at for row in limits if row.again_at is not None},
        usage={row.offer: Usage(row.taken, row.cost) for row in limits if row.source == "usage"},
        under_way=any(row.source == "under_way" for row in limits),
        holdout=holder.holdout,
    )


async def _snapshot(workspace: WorkspaceSettings, gateway: Gateway, holder: Holder, now: datetime) -> Snapshot | None:
    if not gateway.reads:
        return stated(holder.facts, now)
    # That of a visit long ago says nothing of today, should the worker be behind.
    return await snapshots.find(workspace, holder.mode, holder.subscription, since=now - snapshots.FRESH)


class _Limit(Struct, frozen=True, kw_only=True):
    source: str
    offer: str
    again_at: datetime | None
    taken: int
    cost: int


async def _limits(workspace: WorkspaceSettings, holder: Holder, keys: Sequence[str], now: datetime) -> list[_Limit]:
    """What the customer had, what everybody had this month, and whether an offer is under way: one statement."""
    marks = sql.marks(len(keys), first=7)
    return await sql.fetch_all(
        "SELECT 'granted' AS source, offer, again_at, 0 AS taken, 0 AS cost FROM offer_grant "
        f"WHERE workspace_id = $1 AND mode = $2 AND customer = $3 AND again_at > $4 AND offer IN ({marks}) "
        "UNION ALL SELECT 'usage', offer, NULL, taken, cost FROM offer_usage "
        f"WHERE workspace_id = $1 AND mode = $2 AND month = $5 AND offer IN ({marks}) "
        "UNION ALL SELECT 'under_way', '', NULL, 0, 0 FROM redemption WHERE workspace_id = $1 AND live_key = $6",
        workspace.id,
        holder.mode,
        holder.customer,
        now,
        grants.month(workspace, now),
        f"{holder.mode}:{holder.subscription}:offer",
        *keys,
        into=_Limit,
    )
