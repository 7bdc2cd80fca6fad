"""What time alone does to redemptions: some run out, and some have waited too long for anybody to notice by chance."""

from datetime import datetime
from functools import partial
from uuid import UUID

from aurevoir.kit import db, sql
from aurevoir.offers import journal
from aurevoir.offers.journal import DECLARED, Redemption
from aurevoir.offers.redemption import RedemptionState

AT_ONCE = 200


async def complete(now: datetime) -> int:
    """What was agreed and has run out is completed; how many."""
    due = "state = 'confirmed' AND ends_at <= $1"
    return await _move_on(due, "completed", None, now)


async def sweep(now: datetime) -> int:
    """Whatever stood still beyond its deadline goes to a person; how many.

    What was handed over and never reported, and offers that never had their turn.
    """
    unanswered = "state = 'handed_over' AND apply_before <= $1"
    unsent = (
        f"state IN ('accepted', 'waiting') AND apply_before <= $1 AND kind NOT IN {DECLARED} AND kind <> 'revert' "
        "AND (lease_until IS NULL OR lease_until < $1)"
    )
    return await _move_on(unanswered, "attention", "no_answer", now) + await _move_on(
        unsent, "attention", "too_late", now
    )


async def _move_on(which: str, state: RedemptionState, code: str | None, now: datetime) -> int:
    rows = await sql.fetch_all(f"SELECT id FROM redemption WHERE {which} ORDER BY id LIMIT {AT_ONCE}", now)

    async def unit(redemption: UUID) -> int:
        # Looked at again: what was reported in between stays as it was reported.
        moved = await sql.fetch_all(
            f"UPDATE redemption SET state = $2, attention = $3, changed_at = $1 WHERE id = $4 AND {which} "
            f"RETURNING {journal.COLUMNS}",
            now,
            state,
            code,
            redemption,
            into=Redemption,
        )
        for one in moved:
            await journal.tell(one, state, "worker", now, code)
        return len(moved)

    return sum([await db.transaction(partial(unit, UUID(str(row["id"])))) for row in rows])
