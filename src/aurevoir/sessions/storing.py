"""A session's row as it stands after a change, stored together with the exhibit of that change."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import sql
from aurevoir.sessions import evidence
from aurevoir.sessions.evidence import Happened
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.screen import Screen
from aurevoir.sessions.visit import Visit


def standing(row: SessionRow, after: Visit) -> SessionRow:
    """The row of a visit that stands there now."""
    encoded = msgspec.json.encode(after).decode()
    return replace(row, state=after.state, revision=after.revision, step=after.step, visit=encoded)


async def store(
    workspace: WorkspaceSettings, row: SessionRow, kind: str, happened: Happened, screen: Screen | None, now: datetime
) -> SessionRow:
    """The row as it is, and what happened to it. Inside a unit, on a row that is locked."""
    row, exhibit = evidence.mount(workspace, row, kind, happened, screen, now)
    await sql.execute(
        "UPDATE session SET state = $1, revision = $2, step = $3, visit = $4, moves = $5, declarations = $6, "
        "moved_at = $7, decided_at = $8, ends_on = $9, exhibits = $10, evidence_head = $11 WHERE id = $12",
        row.state,
        row.revision,
        row.step,
        row.visit,
        row.moves,
        row.declarations,
        row.moved_at,
        row.decided_at,
        row.ends_on,
        row.exhibits,
        row.evidence_head,
        row.id,
    )
    await evidence.keep(exhibit)
    return row
