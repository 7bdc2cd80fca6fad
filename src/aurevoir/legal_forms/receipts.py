"""The acknowledgement of a declaration: written once with it, the same bytes on every download."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hmac import compare_digest
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.errors import NotFound
from aurevoir.legal_forms.fields import Written
from aurevoir.legal_forms.forms import Form, FormKey
from aurevoir.sessions import receipts
from aurevoir.sessions.receipts import Documents
from aurevoir.sessions.screen import Fact


class Acknowledged(Struct, frozen=True, kw_only=True):
    """A declaration as its receipt needs it."""

    id: UUID
    workspace_id: UUID
    form: FormKey
    locale: str
    secret_hash: str
    sealed_fields: bytes
    sealed_receipt: bytes
    received_at: datetime
    is_suspect: bool


_documents = msgspec.json.Decoder(Documents)
_written = msgspec.json.Decoder(Written)


def _rows(
    form: Form, workspace: WorkspaceSettings, declaration: UUID, written: Written, now: datetime
) -> Sequence[Fact]:
    """The lines of the receipt, in order."""
    say, words = form.language.say, form.receipt
    here = now.astimezone(ZoneInfo(form.zone or workspace.zone))
    lines = [
        Fact(say("Receipt number"), ids.shown("dcl", declaration)),
        Fact(words.declared_label, form.statement(written)),
        Fact(words.pressed_label, words.pressed),
        Fact(say("Received on"), form.language.moment(here)),
        Fact("UTC", f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
        Fact(say("Product"), workspace.name),
        *(Fact(label, text) for label, text in form.shown(written)),
    ]
    after = workspace.data_after_exit.get(form.language.tag) if form.country else None
    return [*lines, Fact(say("Your data"), after)] if after else lines


def write(form: Form, workspace: WorkspaceSettings, declaration: UUID, written: Written, now: datetime) -> Documents:
    """The documents, with a fresh secret of 256 random bits."""
    return receipts.typeset(form.receipt.title, _rows(form, workspace, declaration, written, now), form.language)


def lines(documents: Documents) -> list[tuple[str, str]]:
    """The same lines out of the documents: the page says what they say, whatever has changed since."""
    parted = (line.partition(": ") for line in documents.text.splitlines())
    return [(label.rstrip(), value) for label, _, value in parted if value]


async def find(declaration: UUID) -> Acknowledged | None:
    """The declaration, with everything sealed."""
    columns = ", ".join(Acknowledged.__struct_fields__)
    return await sql.fetch_one(f"SELECT {columns} FROM form_declaration WHERE id = $1", declaration, into=Acknowledged)


async def prove(declaration: UUID, secret: str) -> Acknowledged:
    """The same to whoever has its secret; raises NotFound, alike for a wrong id and a wrong secret."""
    found = await find(declaration)
    if found is None or not compare_digest(found.secret_hash, crypto.sha256(secret)):
        raise NotFound
    return found


def documents(workspace: WorkspaceSettings, sealed: bytes) -> Documents:
    """The documents behind their seal."""
    return _documents.decode(crypto.unseal(workspace.data_key, sealed))


def written(workspace: WorkspaceSettings, sealed: bytes) -> Written:
    """What was written, likewise."""
    return _written.decode(crypto.unseal(workspace.data_key, sealed))


def address(installation: Installation, declaration: UUID, secret: str) -> str:
    """Where the receipt is shown; with `.html` or `.txt` it is saved."""
    return f"{installation.base_url}/exit/declarations/{ids.shown('dcl', declaration)}/{secret}"
