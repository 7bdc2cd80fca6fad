"""Whose turn it is: what is due, in which order, and taking it up by lease."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.kit import db, sql
from aurevoir.offers import journal
from aurevoir.offers import redemption as rules
from aurevoir.offers.journal import COLUMNS, DECLARED, OPEN, OUTRANKED, Claim, Redemption

# How many are listed at one look.
LISTED = 50


class Due(Struct, frozen=True, kw_only=True):
    """A redemption whose time has come, and the connection that it goes through."""

    id: UUID
    workspace_id: UUID
    mode: str
    gateway: str

    @property
    def shares(self) -> tuple[UUID, str, str]:
        """What is slow for one of them is slow for all."""
        return self.workspace_id, self.mode, self.gateway


# Orders of one subscription go one after another: an undo that overtook its cancellation would be undone by it. What
# was declared passes offers, except while a request of theirs may still be on its way ($2); offers wait for it.
_DUE = f"""state IN {OPEN} AND not_before <= $1 AND (lease_until IS NULL OR lease_until < $1) AND NOT EXISTS (
SELECT 1 FROM redemption AS other WHERE other.workspace_id = redemption.workspace_id AND other.mode = redemption.mode
AND other.subscription = redemption.subscription AND other.state IN {OPEN} AND (
(other.id < redemption.id AND (redemption.kind NOT IN {DECLARED} OR other.kind IN {DECLARED}
OR other.lease_until >= $1 OR (other.state = 'unknown' AND other.changed_at > $2)))
OR (other.id > redemption.id AND redemption.kind NOT IN {DECLARED} AND other.kind IN {DECLARED})))"""


async def list_due(now: datetime) -> list[Due]:
    """The most urgent, cancellations first; each workspace in turn, so that one backlog hides nobody else's orders."""
    return await sql.fetch_all(
        "SELECT id, workspace_id, mode, gateway FROM (SELECT id, workspace_id, mode, gateway, kind, not_before, "
        "row_number() OVER (PARTITION BY workspace_id, mode, gateway "
        "ORDER BY CASE kind WHEN 'cancel' THEN 0 ELSE 1 END, not_before) AS place "
        f"FROM redemption WHERE {_DUE}) AS due "
        "ORDER BY place, CASE kind WHEN 'cancel' THEN 0 ELSE 1 END, not_before LIMIT $3",
        now,
        now - rules.QUIET,
        LISTED,
        into=Due,
    )


async def claim(redemption: UUID, owner: str, now: datetime) -> Claim | None:
    """Take it up, unless somebody else did or it is not its turn. Inside a unit."""
    found = await sql.fetch_one(
        f"SELECT {COLUMNS}, {OUTRANKED} AS outranked FROM redemption WHERE id = $3 AND {_DUE} {db.skip_locked()}",
        now,
        now - rules.QUIET,
        redemption,
    )
    if found is None:
        return None
    await sql.execute(
        "UPDATE redemption SET attempts = attempts + 1, lease_by = $1, lease_until = $2 WHERE id = $3",
        owner,
        now + rules.LEASE,
        redemption,
    )
    row = sql.read(found, Redemption)
    outranked = bool(found["outranked"]) and not row.is_declared
    steps = await journal.list_steps(redemption)
    return Claim(redemption=row, owner=owner, outranked=outranked, steps={step.number: step for step in steps})


async def let_go(claim: Claim) -> None:
    """Somebody else's turn; nothing was found out. Inside a unit."""
    await sql.execute(
        "UPDATE redemption SET lease_by = NULL, lease_until = NULL WHERE id = $1 AND lease_by = $2",
        claim.redemption.id,
        claim.owner,
    )


async def wake(workspace: UUID, mode: str, subscription: str, now: datetime) -> int:
    """Look now at what waits for its provider's word about a subscription (its pseudonym); how many. Inside a unit."""
    return await sql.execute(
        "UPDATE redemption SET not_before = $1 WHERE workspace_id = $2 AND mode = $3 AND subscription = $4 "
        "AND state IN ('applied', 'unknown') AND not_before > $1",
        now,
        workspace,
        mode,
        subscription,
    )
