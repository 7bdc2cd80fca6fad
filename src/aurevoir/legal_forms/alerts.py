"""Word to the operator that declarations wait for a person."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from aurevoir.access import workspaces
from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import letters
from aurevoir.kit import db, sql, stationery
from aurevoir.kit.i18n import SOURCE_LOCALE, language
from aurevoir.kit.stationery import Sheet

# At most one for each workspace in so long.
EVERY = timedelta(minutes=10)


class _Waiting(Struct, frozen=True):
    waiting: int
    suspect: int


_WAITING = (
    "Customers declared on a legal form that they end a contract, or withdraw from one. They have their receipts. "
    "Match each to its subscription, or see to it by hand: notice periods count from the day of the declaration."
)
_SUSPECT = "{count} of them: more came from one place than people send, and no mail has left for them."


async def write(installation: Installation, workspace: UUID, now: datetime) -> None:
    """How many wait, at once or with the next turn; nothing where nobody is to be told or none wait."""
    if installation.operator_email:
        settings = await workspaces.get(installation.keyring, workspace)
        await db.transaction(lambda: _write(installation, settings, now))


async def _write(installation: Installation, workspace: WorkspaceSettings, now: datetime) -> None:
    if db.dialect() == "postgres":
        # Two workers one after the other: the count that is written last is the later one.
        await sql.fetch_one("SELECT id FROM workspace WHERE id = $1 FOR NO KEY UPDATE", workspace.id)
    counted = await _count(workspace.id)
    if not counted.waiting:
        return
    sheet = Sheet(
        sender=workspace.name,
        title=f"{counted.waiting} declaration{'s wait' if counted.waiting > 1 else ' waits'} for you",
        paragraphs=[_WAITING],
        points=[_SUSPECT.format(count=counted.suspect)] if counted.suspect else (),
        closing=f"{installation.base_url}/api/v1/declarations?state=waiting lists them as they are now.",
    )
    content = stationery.mail(installation.operator_email, sheet, language(SOURCE_LOCALE))
    await letters.write_in_turn(workspace, "declarations", content, now, EVERY)


async def _count(workspace: UUID) -> _Waiting:
    counted = await sql.fetch_one(
        "SELECT count(*) AS waiting, count(CASE WHEN is_suspect THEN 1 END) AS suspect FROM form_declaration "
        "WHERE workspace_id = $1 AND state = 'waiting'",
        workspace,
        into=_Waiting,
    )
    assert counted is not None, "a count is always one row"
    return counted
