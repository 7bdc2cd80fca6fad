"""What the product's server side knows of the visitor at this moment: read fresh, each time, from the real tables."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.access import vault
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit.i18n import language
from aurevoir.offers import visits
from aurevoir.offers.visits import Ordered
from aurevoir.sessions import listing, queries, receipts
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.screen import ReceiptShown
from aurevoir.web.demo import telling
from aurevoir.web.demo.scene import Scene
from aurevoir.web.demo.telling import Line, Weighed


class Backstage(Struct, frozen=True, kw_only=True):
    """One visitor's session as stored, in the order it happened; `reason` is the code they gave."""

    state: str | None = None
    pack: str = ""
    pack_reason: str = ""
    lines: Sequence[Line] = ()
    reason: str | None = None
    receipt: ReceiptShown | None = None
    considered: Sequence[Weighed] = ()
    ordered: Sequence[Ordered] = ()
    took_offer: bool = False
    was_declared: bool = False
    is_leaving: bool = False
    ends_on: date | None = None


async def look(installation: Installation, workspace: WorkspaceSettings, scene: Scene) -> Backstage:
    """The present session of this scene's subscription, if there ever was one."""
    names = vault.pseudonyms(workspace.data_key, scene.customer_id, scene.subscription)
    row = await queries.find_latest_of(workspace.id, "live", names.subscription)
    return Backstage() if row is None else await _told(installation, workspace, row)


async def _told(installation: Installation, workspace: WorkspaceSettings, row: SessionRow) -> Backstage:
    happened = await events.list_of_session(workspace.id, row.id)
    summary = await listing.find_summary(workspace.id, row.id)
    texts = {answer.step: answer.text for answer in summary.answers if answer.text} if summary else {}
    is_leaving = row.state in ("leaving", "left") or (row.state == "needs_help" and row.declarations > 0)
    ordered = await visits.list_ordered(workspace.id, row.mode, row.subscription)
    receipt = await receipts.shown(installation, workspace, row.id, language("en"), workspace.zone)
    return Backstage(
        state=row.state,
        pack=row.pack,
        pack_reason=row.pack_reason,
        lines=telling.lines(happened, texts, ZoneInfo(workspace.zone)),
        reason=telling.reason(happened),
        receipt=receipt,
        considered=[telling.weighed(one) for one in await visits.list_considered(row.id)],
        ordered=ordered,
        took_offer=any(one.offer for one in ordered),
        was_declared=row.declarations > 0,
        is_leaving=is_leaving,
        ends_on=row.ends_on if is_leaving else None,
    )


async def newest() -> str:
    """Changes whenever anything happened anywhere: as long as it is the same, nothing has to be read again."""
    latest = await events.find_latest()
    return latest.hex if latest else "nothing"
