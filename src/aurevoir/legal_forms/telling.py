"""What was declared on legal forms and matched to somebody's visits."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import ids, sql
from aurevoir.legal_forms import receipts, worklist


class FormHeld(Struct, frozen=True, kw_only=True):
    """A legal form as it was filled in, its receipt word for word, and what the operator noted about it."""

    id: str
    session: str
    form: str
    state: str
    locale: str
    received_at: datetime
    kind: str | None
    wished_on: date | None
    name: str
    contract: str
    reason: str | None
    email: str | None
    postal: str | None
    text: str
    settled_at: datetime | None
    note: str | None


_OF_SESSIONS = f"SELECT {', '.join(worklist.Row.__struct_fields__)} FROM form_declaration WHERE workspace_id = $1 "


async def list_matched(workspace: UUID, sessions: Collection[UUID]) -> list[worklist.Row]:
    """The declarations that were matched to these sessions, the oldest first."""
    if not sessions:
        return []
    return await sql.fetch_all(
        f"{_OF_SESSIONS} AND session_id IN ({sql.marks(len(sessions), first=2)}) ORDER BY received_at, id",
        workspace,
        *sessions,
        into=worklist.Row,
    )


async def tell(workspace: WorkspaceSettings, sessions: Collection[UUID]) -> list[FormHeld]:
    """Everything that is held of them."""
    return [_held(workspace, row) for row in await list_matched(workspace.id, sessions)]


def _held(workspace: WorkspaceSettings, row: worklist.Row) -> FormHeld:
    summary = worklist.summary(workspace, row)
    said: dict[str, Any] = {name: getattr(summary, name, None) for name in FormHeld.__struct_fields__}
    assert row.session_id is not None, "it was matched to a session"
    text = receipts.documents(workspace, row.sealed_receipt).text
    return FormHeld(**(said | {"session": ids.shown("ses", row.session_id), "text": text}))
