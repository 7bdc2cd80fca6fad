"""One session whole, as the operator sees it: also what was offered, what was agreed, what was promised in return."""

from uuid import UUID

from msgspec import Struct

from aurevoir.kit import sql
from aurevoir.offers import presenting, told
from aurevoir.offers.presenting import PresentationSummary
from aurevoir.offers.told import RedemptionTold
from aurevoir.sessions import listing
from aurevoir.sessions.leaving import Leaving, Step, leaving
from aurevoir.sessions.listing import SessionSummary


class EvidenceSummary(Struct, frozen=True, kw_only=True):
    """How many exhibits there are, and the last one's link: whoever notes it can prove later what came before it."""

    exhibits: int
    head: str | None


class SessionDetail(SessionSummary, frozen=True, kw_only=True):
    """A session with everything that came of it."""

    presentations: tuple[PresentationSummary, ...] = ()
    redemptions: tuple[RedemptionTold, ...] = ()
    # Codes of what the customer would do in return for what was accepted.
    favours: tuple[str, ...] = ()
    # From the opening of the page to the declaration; null where the customer declared nothing, or none is on record.
    clicks_to_leave: int | None = None
    seconds_to_leave: int | None = None
    evidence: EvidenceSummary


async def find_detail(workspace: UUID, session: UUID) -> SessionDetail | None:
    """One session of this workspace."""
    summary = await listing.find_summary(workspace, session)
    if summary is None:
        return None
    took, kept = await _took(session), await _kept(session)
    favours = await sql.fetch_all("SELECT favour FROM favour WHERE session_id = $1 ORDER BY id", session)
    return SessionDetail(
        **{name: getattr(summary, name) for name in summary.__struct_fields__},
        presentations=tuple(await presenting.list_of_session(session)),
        redemptions=tuple(await told.list_of_session(workspace, session)),
        favours=tuple(row["favour"] for row in favours),
        clicks_to_leave=took.clicks,
        seconds_to_leave=took.seconds,
        evidence=kept,
    )


async def _kept(session: UUID) -> EvidenceSummary:
    row = await sql.fetch_one(
        "SELECT exhibits, evidence_head AS head FROM session WHERE id = $1", session, into=EvidenceSummary
    )
    assert row is not None, "it was there a moment ago"
    return row


async def _took(session: UUID) -> Leaving:
    steps = await sql.fetch_all(
        "SELECT kind, at FROM exhibit WHERE session_id = $1 ORDER BY number", session, into=Step
    )
    return leaving(steps)
