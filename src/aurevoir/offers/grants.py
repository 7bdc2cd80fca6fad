"""What was given to whom and how often: every limit of an offer is carried by a row, never by looking first."""

from datetime import datetime, timedelta
from uuid import UUID

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
    # What brings the operator more than the list price frees nothing for others.
    spent = max(0, cost.amount) if cost else 0
    return await _grant(workspace.id, taker, limits.once_every_days, counted_in, spent, now) and await _count(
        workspace.id, taker, limits, counted_in, spent
    )


async def _grant(
    workspace: UUID, taker: Taker, once_every_days: int | None, counted_in: str, spent: int, now: datetime
) -> bool:
    """The customer's own limit: the row is theirs only once its time has come again."""
    granted = await sql.execute(
        "INSERT INTO offer_grant "
        "(id, workspace_id, mode, customer, offer, redemption_id, granted_at, again_at, month, cost) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (workspace_id, mode, customer, offer) "
        "DO UPDATE SET redemption_id = excluded.redemption_id, granted_at = excluded.granted_at, "
        "again_at = excluded.again_at, month = excluded.month, cost = excluded.cost "
        "WHERE offer_grant.again_at IS NULL OR offer_grant.again_at <= excluded.granted_at",
        ids.new_id(),
        workspace,
        taker.mode,
        taker.customer,
        taker.offer,
        taker.redemption,
        now,
        now + timedelta(days=once_every_days) if once_every_days else None,
        counted_in,
        spent,
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
    month: str
    cost: int


async def release(redemption: UUID) -> None:
    """Give back what a redemption took that will not be carried out; told twice, once. Inside a unit."""
    given = await sql.fetch_one(
        "DELETE FROM offer_grant WHERE redemption_id = $1 RETURNING workspace_id, mode, offer, month, cost",
        redemption,
        into=_Given,
    )
    if given is None:
        return
    await sql.execute(
        "UPDATE offer_usage SET taken = CASE WHEN taken > 0 THEN taken - 1 ELSE 0 END, "
        "cost = CASE WHEN cost > $5 THEN cost - $5 ELSE 0 END "
        "WHERE workspace_id = $1 AND mode = $2 AND offer = $3 AND month = $4",
        given.workspace_id,
        given.mode,
        given.offer,
        given.month,
        given.cost,
    )
