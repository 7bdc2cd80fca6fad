"""What was given to whom and how often: every limit of an offer is carried by a row, never by looking first."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import ids, sql
from aurevoir.kit.money import Money
from aurevoir.offers.terms import Limits

_NO_LIMITS = Limits()


class Taker(Struct, frozen=True, kw_only=True):
    """Who takes which offer, and the redemption that carries it out; None where there is nothing to carry out."""

    mode: str
    customer: str
    offer: str
    redemption: UUID | None


class _Taken(Struct, frozen=True, kw_only=True):
    """As it was taken: by whom, within which limits, at what cost."""

    customer: str
    limits: Limits
    cost: Money | None


_taken = msgspec.json.Decoder(_Taken)


def month(workspace: WorkspaceSettings, now: datetime) -> str:
    """The month that a moment is counted in: 2026-11, in the workspace's zone."""
    return workspace.local(now).strftime("%Y-%m")


async def take(
    workspace: WorkspaceSettings, taker: Taker, limits: Limits | None, cost: Money | None, now: datetime
) -> bool:
    """Count the offer as given, unless a limit stands against it. Inside the unit of the acceptance.

    False: the unit must fail, since part of it may be counted already.
    """
    limits, counted_in = limits or _NO_LIMITS, month(workspace, now)
    budget = limits.budget_per_month
    if budget is not None and cost is not None and cost.currency != budget.currency:
        return False
    granted = await _grant(workspace.id, taker, limits.once_every_days, now)
    if not (granted and await _count(workspace.id, taker, limits, counted_in, _spent(cost))):
        return False
    taken = _Taken(customer=taker.customer, limits=limits, cost=cost)
    await sql.execute(
        "UPDATE redemption SET taken = $1, counted_in = $2 WHERE id = $3", taken, counted_in, taker.redemption
    )
    return True


def _spent(cost: Money | None) -> int:
    # What brings the operator more than the list price frees nothing for others.
    return max(0, cost.amount) if cost else 0


async def _grant(workspace: UUID, taker: Taker, once_every_days: int | None, now: datetime) -> bool:
    """The customer's own limit: the row is theirs only once its time has come again."""
    granted = await sql.execute(
        "INSERT INTO offer_grant "
        "(id, workspace_id, mode, customer, offer, redemption_id, granted_at, again_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, mode, customer, offer) "
        "DO UPDATE SET redemption_id = excluded.redemption_id, granted_at = excluded.granted_at, "
        "again_at = excluded.again_at "
        "WHERE offer_grant.again_at IS NULL OR offer_grant.again_at <= excluded.granted_at",
        ids.new_id(),
        workspace,
        taker.mode,
        taker.customer,
        taker.offer,
        taker.redemption,
        now,
        now + timedelta(days=once_every_days) if once_every_days else None,
    )
    return granted > 0


async def _count(workspace: UUID, taker: Taker, limits: Limits, counted_in: str, spent: int) -> bool:
    """Everybody's limits: the month's row grows only as far as its cap and its budget allow."""
    await sql.execute(
        "INSERT INTO offer_usage (id, workspace_id, mode, offer, month, taken, cost) VALUES ($1, $2, $3, $4, $5, 0, 0) "
        "ON CONFLICT (workspace_id, mode, offer, month) DO NOTHING",
        ids.new_id(),
        workspace,
        taker.mode,
        taker.offer,
        counted_in,
    )
    bounds, values = "", []
    if limits.per_month is not None:
        bounds, values = " AND taken < $6", [limits.per_month]
    if limits.budget_per_month is not None:
        bounds += f" AND cost + $5 <= ${6 + len(values)}"
        values.append(limits.budget_per_month.amount)
    counted = await sql.execute(
        "UPDATE offer_usage SET taken = taken + 1, cost = cost + $5 "
        f"WHERE workspace_id = $1 AND mode = $2 AND offer = $3 AND month = $4{bounds}",
        workspace,
        taker.mode,
        taker.offer,
        counted_in,
        spent,
        *values,
    )
    return counted > 0


class _Given(Struct, frozen=True, kw_only=True):
    workspace_id: UUID
    mode: str
    offer: str
    taken: str
    counted_in: str | None


async def _find(redemption: UUID) -> _Given | None:
    return await sql.fetch_one(
        "SELECT workspace_id, mode, offer, taken, counted_in FROM redemption WHERE id = $1 AND taken IS NOT NULL",
        redemption,
        into=_Given,
    )


async def take_again(workspace: WorkspaceSettings, redemption: UUID, now: datetime) -> bool:
    """Count what was given back, by the limits that it was taken within. Inside a unit; False: the unit must fail."""
    given = await _find(redemption)
    if given is None or given.counted_in is not None:
        return True
    taken = _taken.decode(given.taken)
    taker = Taker(mode=given.mode, customer=taken.customer, offer=given.offer, redemption=redemption)
    return await take(workspace, taker, taken.limits, taken.cost, now)


async def release(redemption: UUID) -> None:
    """Give back what a redemption took that will not be carried out; told twice, once. Inside a unit."""
    given = await _find(redemption)
    released = given and await sql.execute(
        # Tried again meanwhile, it keeps what it took.
        "UPDATE redemption SET counted_in = NULL "
        "WHERE id = $1 AND counted_in = $2 AND state IN ('failed', 'superseded')",
        redemption,
        given.counted_in,
    )
    if not given or not released:
        return
    # Unless the customer took the offer again since then.
    await sql.execute("DELETE FROM offer_grant WHERE redemption_id = $1", redemption)
    await sql.execute(
        "UPDATE offer_usage SET taken = CASE WHEN taken > 0 THEN taken - 1 ELSE 0 END, "
        "cost = CASE WHEN cost > $5 THEN cost - $5 ELSE 0 END "
        "WHERE workspace_id = $1 AND mode = $2 AND offer = $3 AND month = $4",
        given.workspace_id,
        given.mode,
        given.offer,
        given.counted_in,
        _spent(_taken.decode(given.taken).cost),
    )
