"""What was declared on legal forms and waits for a person: listed, looked at, seen to by hand."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit import db, ids, sql
from aurevoir.kit.errors import Conflict, NotFound
from aurevoir.kit.struct import safe_text
from aurevoir.legal_forms import receipts
from aurevoir.legal_forms.fields import Kind
from aurevoir.legal_forms.forms import FormKey

State = Literal["waiting", "matched", "settled", "withdrawn", "not_genuine"]
# How it ended by hand: done, taken back by the customer, or nobody's declaration at all.
Outcome = Literal["settled", "withdrawn", "not_genuine"]


class AlreadySeenTo(Conflict):
    """Somebody was first: the declaration waits for nobody any more."""

    code: ClassVar[str] = "already_seen_to"
    message = "This declaration was matched or settled already."


class Row(Struct, frozen=True, kw_only=True):
    """A declaration as it is stored."""

    id: UUID
    workspace_id: UUID
    form: FormKey
    state: State
    locale: str
    received_at: datetime
    wished_on: date | None
    sealed_fields: bytes
    sealed_receipt: bytes
    is_suspect: bool
    session_id: UUID | None
    settled_at: datetime | None
    settled_by: str | None
    note: str | None


class DeclarationSummary(Struct, frozen=True, kw_only=True):
    """A declaration with what the customer wrote, in clear; `wished_on` null: at the earliest possible moment."""

    id: str
    form: FormKey
    state: State
    is_suspect: bool
    received_at: datetime
    locale: str
    kind: Kind | None
    wished_on: date | None
    name: str
    contract: str
    reason: str | None
    email: str | None
    postal: str | None
    session_id: str | None
    settled_at: datetime | None
    settled_by: str | None
    note: str | None


_COLUMNS = ", ".join(Row.__struct_fields__)


async def list_declarations(
    workspace: WorkspaceSettings, state: State, after: UUID | None, limit: int
) -> list[DeclarationSummary]:
    """Those in this state, the oldest first, and suspects after all others; beginning after one of them."""
    last = await find(workspace.id, after) if after else None
    rows = await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM form_declaration WHERE workspace_id = $1 AND state = $2 "
        "AND (is_suspect > $3 OR (is_suspect = $3 AND id > $4)) ORDER BY is_suspect, id LIMIT $5",
        workspace.id,
        state,
        last.is_suspect if last else False,
        after or UUID(int=0),
        limit,
        into=Row,
    )
    return [summary(workspace, row) for row in rows]


async def find(workspace: UUID, declaration: UUID) -> Row | None:
    """One of this workspace."""
    return await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM form_declaration WHERE id = $1 AND workspace_id = $2", declaration, workspace, into=Row
    )


async def get(workspace: UUID, declaration: UUID) -> Row:
    """The same; raises NotFound."""
    row = await find(workspace, declaration)
    if row is None:
        raise NotFound
    return row


def summary(workspace: WorkspaceSettings, row: Row) -> DeclarationSummary:
    """As the operator sees it."""
    said = receipts.written(workspace, row.sealed_fields)
    return DeclarationSummary(
        id=ids.shown("dcl", row.id),
        form=row.form,
        state=row.state,
        is_suspect=row.is_suspect,
        received_at=row.received_at,
        locale=row.locale,
        kind=said.kind,
        wished_on=row.wished_on,
        name=said.name,
        contract=said.contract,
        reason=said.reason,
        email=said.email,
        postal=said.postal,
        session_id=ids.shown("ses", row.session_id) if row.session_id else None,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        note=row.note,
    )


async def settle(
    workspace: UUID, declaration: UUID, outcome: Outcome, note: str | None, actor: str, now: datetime
) -> None:
    """Seen to by hand; raises NotFound or AlreadySeenTo."""
    await db.transaction(lambda: _settle(workspace, declaration, outcome, note, actor, now))


async def _settle(
    workspace: UUID, declaration: UUID, outcome: Outcome, note: str | None, actor: str, now: datetime
) -> None:
    row = await get(workspace, declaration)
    await close(row, outcome, actor, now, note=safe_text(note) if note else None)
    # The note is a person's prose: events carry none.
    told = {"declaration": ids.shown("dcl", row.id), "form": row.form, "outcome": outcome}
    await events.record("declaration.settled", workspace=workspace, actor=actor, now=now, payload=told)


async def close(
    row: Row, state: State, actor: str, now: datetime, *, note: str | None = None, session: UUID | None = None
) -> None:
    """It waits no longer. Inside a unit; of two at once one raises AlreadySeenTo."""
    closed = await sql.execute(
        "UPDATE form_declaration SET state = $1, settled_at = $2, settled_by = $3, note = $4, session_id = $5 "
        "WHERE id = $6 AND state = 'waiting'",
        state,
        now,
        actor,
        note,
        session,
        row.id,
    )
    if not closed:
        raise AlreadySeenTo
