"""Twelve customers of January 2026 in Paris, worked by hand: what the reports must say of them."""

from datetime import UTC, datetime
from uuid import UUID

from tests.factories import make_declaration, make_reason_answer, make_session, make_workspace


def at(day: int, time: str = "12:00") -> datetime:
    """A moment of January 2026, in UTC."""
    return datetime.fromisoformat(f"2026-01-{day:02}T{time}:00+00:00")


# customer, day, reason, MRR in minor units: one session each.
_ONCE = [
    ("c1", 2, "price", 4000),
    ("c2", 3, "price", 2900),
    ("c5", 12, "temporary", 3000),
    ("c7", 18, "bugs", 6000),
    ("c8", 25, "price", 5000),
    ("c10", 28, "missing", 2900),
    ("c11", 30, "unused", 0),
    ("c12", 22, "support", None),
]


async def make_january() -> UUID:
    """The workspace with its fourteen sessions."""
    workspace = await make_workspace()
    sessions = {}
    for customer, day, reason, mrr in _ONCE:
        sessions[customer] = await make_session(workspace, at(day), customer=customer, mrr=mrr)
        await make_reason_answer(sessions[customer], reason)
    await make_declaration(sessions["c2"], at(3))
    await make_declaration(sessions["c10"], at(28), undone_at=datetime(2026, 2, 5, tzinfo=UTC))
    await _three_visits(workspace)
    await make_reason_answer(await make_session(workspace, at(10), customer="c4", mode="test"), "price")
    await make_session(workspace, at(15), customer="c6", moves=0)
    in_february = await make_session(workspace, at(31, "23:30"), customer="c9")
    await make_reason_answer(in_february, "price")
    await make_declaration(in_february, at(31, "23:30"))
    return workspace


async def _three_visits(workspace: UUID) -> None:
    """c3 skips, names another reason, and leaves at the third visit; the price rose in the meantime."""
    await make_reason_answer(await make_session(workspace, at(5), customer="c3", mrr=1000))
    await make_reason_answer(await make_session(workspace, at(9), customer="c3", mrr=1500), "missing")
    last = await make_session(workspace, at(20), customer="c3", mrr=1500)
    await make_reason_answer(last, "price")
    await make_declaration(last, at(20))
