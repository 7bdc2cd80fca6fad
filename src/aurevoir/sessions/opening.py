"""A stored session with all that shapes it, and the screen that it shows."""

from datetime import datetime

import structlog

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows import service as flows
from aurevoir.sessions import machine, screens, showing
from aurevoir.sessions.context import Context, context
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.screen import ReceiptShown, Screen

log = structlog.get_logger()


async def context_of(installation: Installation, row: SessionRow, now: datetime) -> Context:
    """The session as it stands at `now`."""
    return await context_in(await workspaces.get(installation.keyring, row.workspace_id), row, now)


async def context_in(workspace: WorkspaceSettings, row: SessionRow, now: datetime) -> Context:
    """The same, where the workspace is at hand."""
    return context(row, workspace, await flows.version(row.version_id), workspace.local(now).date())


async def screen_of(installation: Installation, found: Context, receipt: ReceiptShown | None = None) -> Screen:
    """What the customer sees; `receipt` where it was written a moment ago.

    A mistake in what a screen would say leads to the confirmation, or to the receipt, in the interface's own words.
    """
    try:
        return screens.draw(found.visit, found.rules, await showing.look_of(installation, found, receipt))
    except Exception:
        log.exception("screen_not_drawn", session=str(found.row.id), step=found.visit.step)
        look = await showing.barely(installation, found, receipt)
        return screens.draw(machine.way_out(found.visit, found.rules), found.rules, look)
