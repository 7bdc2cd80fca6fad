"""Reading the views: nothing here touches another package's rows.

Everything streams on a connection of its own, so that no long count holds up the reads of a customer's visit.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.access.facts import Mode
from aurevoir.insights.selection import Selection
from aurevoir.kit import sql

# Larger pages gain little, and PostgreSQL would rather sort the whole table for them.
PAGE = 1000


class ReasonFact(Struct, frozen=True, kw_only=True):
    """What the episodes that began on one day add to one reason, or (code None) to none."""

    day: date
    code: str | None
    category: str | None
    currency: str | None
    shown: int
    picked: int
    episodes: int
    declared: int
    mrr: int
    mrr_unknown: int


# One statement, so that shares and sums are of one moment.
_REASON_FACTS = """
SELECT started_on AS day, code, MAX(category) AS category, NULL AS currency, COUNT(*) AS shown,
  COUNT(CASE WHEN rank = 1 THEN 1 END) AS picked, 0 AS episodes, 0 AS declared, 0 AS mrr, 0 AS mrr_unknown
FROM fct_reason_answer
WHERE workspace_id = $1 AND started_on >= $2 AND started_on < $3
GROUP BY started_on, code
UNION ALL
SELECT started_on, reason, NULL, currency, 0, 0, COUNT(*), COUNT(CASE WHEN is_cancelled THEN 1 END),
  COALESCE(SUM(CASE WHEN currency IS NOT NULL THEN mrr END), 0),
  COUNT(CASE WHEN mrr IS NULL OR currency IS NULL THEN 1 END)
FROM fct_cancel_episode
WHERE workspace_id = $1 AND started_on >= $2 AND started_on < $3
GROUP BY started_on, reason, currency
"""


async def list_reason_facts(workspace: UUID, since: date, until: date) -> list[ReasonFact]:
    """The facts of the live episodes that began in [since, until)."""
    return [fact async for fact in sql.stream(_REASON_FACTS, workspace, since, until, into=ReasonFact, batch=PAGE)]


def view(name: str, mode: Mode) -> str:
    """The view of that mode."""
    return f"{'fct' if mode == 'live' else 'test'}_{name}"


async def pages(
    view_name: str, columns: Sequence[str], key: Sequence[str], selection: Selection
) -> AsyncIterator[list[dict[str, Any]]]:
    """The selected rows in the order of `key` (day, id, …), a page at a time: no snapshot is held between pages.

    `key` must be unique and never change, so that every row that was there at the start comes exactly once.
    """
    names, order = ", ".join(columns), ", ".join(key)
    until = selection.until or date.max
    after: list[Any] = [selection.since or date.min, UUID(int=0), *[""] * (len(key) - 2)]
    marks = sql.marks(len(key), first=3)
    # The first condition says to the planner where the index is to be entered; the second one is exact.
    query = (
        f"SELECT {names} FROM {view_name} WHERE workspace_id = $1 AND started_on < $2 "
        f"AND ({key[0]}, {key[1]}) >= ($3, $4) AND ({order}) > ({marks}) ORDER BY {order} LIMIT {PAGE}"
    )
    while page := [row async for row in sql.stream(query, selection.workspace, until, *after, batch=PAGE)]:
        yield page
        if len(page) < PAGE:
            return
        after = [page[-1][name] for name in key]
