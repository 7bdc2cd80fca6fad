"""One session whole, as the operator sees it: also what was offered, what was agreed, what was promised in return."""

from uuid import UUID

from aurevoir.kit import sql
from aurevoir.offers import presenting, told
from aurevoir.offers.presenting import PresentationSummary
from aurevoir.offers.told import RedemptionTold
from aurevoir.sessions import listing
from aurevoir.sessions.listing import SessionSummary


class SessionDetail(SessionSummary, frozen=True, kw_only=True):
    """A session with everything that came of it."""

    presentations: tuple[PresentationSummary, ...] = ()
    redemptions: tuple[RedemptionTold, ...] = ()
    # Codes of what the customer would do in return for what was accepted.
    favours: tuple[str, ...] = ()


async def find_detail(workspace: UUID, session: UUID) -> SessionDetail | None:
    """One session of this workspace."""
    summary = await listing.find_summary(workspace, session)
    if summary is None:
        return None
    favours = await sql.fetch_all("SELECT favour FROM favour WHERE session_id = $1 ORDER BY id", session)
    return SessionDetail(
        **{name: getattr(summary, name) for name in summary.__struct_fields__},
        presentations=tuple(await presenting.list_of_session(session)),
        redemptions=tuple(await told.list_of_session(workspace, session)),
        favours=tuple(row["favour"] for row in favours),
    )
