"""Declaring on a legal form: the declaration, its receipt and its event commit together; nothing refuses it."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.kit import crypto, db, ids, sql
from aurevoir.legal_forms import receipts, restraint
from aurevoir.legal_forms.fields import Written
from aurevoir.legal_forms.forms import Form
from aurevoir.legal_forms.restraint import Counted
from aurevoir.sessions.receipts import Documents

# What a page may be called; longer ones are no page of ours.
_LONGEST_PAGE = 100


class Declared(Struct, frozen=True):
    """A declaration, and the secret of its receipt."""

    id: UUID
    secret: str


async def declare(
    workspace: WorkspaceSettings, form: Form, written: Written, page: str, network: str | None, now: datetime
) -> Declared:
    """Write down what was declared, with the server's time.

    `page` is the nonce of the page that was filled in: the same content from the same page is the same declaration.
    """
    page_hash = _page_hash(form, written, page, workspace.local(now).date())
    return await db.transaction(lambda: _declare(workspace, form, written, page_hash, network, now))


def _page_hash(form: Form, written: Written, page: str, today: date) -> str:
    # From somebody's own form without a nonce: the same words on the same day. What was corrected is another one.
    name = page if 0 < len(page) <= _LONGEST_PAGE else f"{today}"
    return crypto.sha256(f"{form.key}\0{name}\0".encode() + msgspec.json.encode(written))


async def _declare(
    workspace: WorkspaceSettings, form: Form, written: Written, page_hash: str, network: str | None, now: datetime
) -> Declared:
    declaration = ids.new_id()
    documents = receipts.write(form, workspace, declaration, written, now)
    address = restraint.address(workspace.data_key, written.email or written.postal or "")
    suspect = restraint.is_suspect(await _count(workspace.id, address, network, now))
    row = {
        "id": declaration,
        "workspace_id": workspace.id,
        "form": form.key,
        "page_hash": page_hash,
        "state": "waiting",
        "locale": form.language.tag,
        "received_at": now,
        "wished_on": written.ends_on,
        "sealed_fields": crypto.seal(workspace.data_key, msgspec.json.encode(written)),
        "sealed_receipt": crypto.seal(workspace.data_key, msgspec.json.encode(documents)),
        "secret_hash": crypto.sha256(documents.secret),
        "address": address,
        "network": network,
        "is_suspect": suspect,
    }
    inserted = await sql.execute(
        f"INSERT INTO form_declaration ({', '.join(row)}) VALUES ({sql.marks(len(row))}) "
        "ON CONFLICT (workspace_id, page_hash) DO NOTHING",
        *row.values(),
    )
    if not inserted:
        return await _first(workspace, page_hash)
    await _record(workspace.id, declaration, form, written, now, is_suspect=suspect)
    return Declared(declaration, documents.secret)


async def _count(workspace: UUID, address: str, network: str | None, now: datetime) -> Counted:
    counted = await sql.fetch_one(
        "SELECT (SELECT count(*) FROM form_declaration WHERE workspace_id = $1 AND address = $2 AND received_at > $4) "
        "AS address, (SELECT count(*) FROM form_declaration WHERE network = $3 AND received_at > $4) AS network",
        workspace,
        address,
        network or "",
        now - restraint.WINDOW,
        into=Counted,
    )
    assert counted is not None, "a count is always one row"
    return counted


async def _first(workspace: WorkspaceSettings, page_hash: str) -> Declared:
    """The one that was there already: the same receipt."""
    there = await sql.fetch_one(
        "SELECT id, sealed_receipt FROM form_declaration WHERE workspace_id = $1 AND page_hash = $2",
        workspace.id,
        page_hash,
    )
    assert there is not None, "what conflicted is there"
    kept: Documents = receipts.documents(workspace, bytes(there["sealed_receipt"]))
    return Declared(UUID(str(there["id"])), kept.secret)


async def _record(
    workspace: UUID, declaration: UUID, form: Form, written: Written, now: datetime, *, is_suspect: bool
) -> None:
    """What happened, without a word that the customer wrote."""
    told = {
        "declaration": ids.shown("dcl", declaration),
        "form": form.key,
        "kind": written.kind,
        "wished_on": written.ends_on,
        "locale": form.language.tag,
        "is_suspect": is_suspect,
    }
    await events.record("declaration.received", workspace=workspace, actor="customer", now=now, payload=told)


async def forget_networks(now: datetime) -> int:
    """Let go of where declarations came from, a day later; how many there were."""
    return await db.transaction(
        lambda: sql.execute(
            "UPDATE form_declaration SET network = NULL WHERE network IS NOT NULL AND received_at <= $1",
            now - restraint.WINDOW,
        )
    )
