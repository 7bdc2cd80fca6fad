"""Receipts: written once with the declaration, the same bytes on every download."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hmac import compare_digest
from importlib.resources import files
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.access.installation import Installation
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import crypto, ids, sql
from aurevoir.kit.errors import NotFound
from aurevoir.kit.i18n import Language
from aurevoir.sessions.screen import Fact, ReceiptShown

_html = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    (files("aurevoir.sessions") / "receipt.html").read_text("utf-8")
)


class Statement(Struct, frozen=True, kw_only=True):
    """What a receipt says; `zone` is the customer's, in which the moment is given beside UTC."""

    receipt: UUID
    product: str
    customer: str
    subscription: str
    declared_at: datetime
    zone: str
    effective_on: date | None
    facts: Sequence[Fact]
    # The head of the visit's chain of evidence: in the customer's hands, it fixes all that came before.
    record: str | None = None


class Documents(Struct, frozen=True):
    """The two forms of a receipt, and the secret that opens them."""

    secret: str
    text: str
    html: str


_decoder = msgspec.json.Decoder(Documents)


def document_rows(statement: Statement, language: Language) -> list[Fact]:
    """The lines of a receipt, in order."""
    say = language.say
    utc = statement.declared_at.astimezone(UTC)
    rows = [
        Fact(say("Receipt number"), ids.shown("rcp", statement.receipt)),
        Fact(say("Declared"), say("I cancel my subscription.")),
        Fact(say("Received on"), utc.strftime("%Y-%m-%d %H:%M:%S UTC")),
        Fact(say("Your local time"), language.moment(statement.declared_at.astimezone(ZoneInfo(statement.zone)))),
        Fact(say("Product"), statement.product),
        Fact(say("Customer"), statement.customer),
        Fact(say("Subscription"), statement.subscription),
    ]
    if statement.effective_on is None:
        rows.append(Fact(say("Ends on"), say("As soon as possible")))
    record = [Fact(say("Record of this visit"), f"SHA-256 {statement.record}")] if statement.record else []
    return [*rows, *statement.facts, *record]


def write(statement: Statement, language: Language) -> Documents:
    """The documents, with a fresh secret of 256 random bits."""
    return typeset(language.say("Receipt of your cancellation"), document_rows(statement, language), language)


def typeset(title: str, rows: Sequence[Fact], language: Language) -> Documents:
    """The same for any rows: those of legal forms look alike."""
    lines = (language.line(row.label, " ".join(row.value.split())) for row in rows)
    text = "\n".join([title, "=" * len(title), "", *lines, ""])
    html = _html.render(title=title, rows=rows, lang=language.spoken, dir=language.spoken_direction)
    return Documents(ids.new_secret(), text, html)


async def store(
    workspace: WorkspaceSettings, declaration: UUID, receipt: UUID, documents: Documents, now: datetime
) -> None:
    """Keep the documents, sealed. Inside the unit of the declaration."""
    await sql.insert(
        "receipt",
        id=receipt,
        workspace_id=workspace.id,
        declaration_id=declaration,
        secret_hash=crypto.sha256(documents.secret),
        sealed=crypto.seal(workspace.data_key, msgspec.json.encode(documents)),
        issued_at=now,
    )


class _Row(Struct, frozen=True, kw_only=True):
    id: UUID
    workspace_id: UUID
    secret_hash: str
    sealed: bytes
    issued_at: datetime
    effective_on: date | None


_SELECT = (
    "SELECT r.id, r.workspace_id, r.secret_hash, r.sealed, r.issued_at, d.effective_on "
    "FROM receipt r JOIN declaration d ON d.id = r.declaration_id "
)


async def shown(
    installation: Installation, workspace: WorkspaceSettings, session: UUID, language: Language, zone: str
) -> ReceiptShown | None:
    """The latest receipt of a session as its screen shows it."""
    row = await sql.fetch_one(f"{_SELECT} WHERE d.session_id = $1 ORDER BY d.number DESC LIMIT 1", session, into=_Row)
    if row is None:
        return None
    opened = _decoder.decode(crypto.unseal(workspace.data_key, row.sealed))
    return as_shown(installation, row.id, opened.secret, row.issued_at, row.effective_on, language, zone)


def as_shown(
    installation: Installation,
    receipt: UUID,
    secret: str,
    declared_at: datetime,
    effective_on: date | None,
    language: Language,
    zone: str,
) -> ReceiptShown:
    """A receipt with its links; whoever has a link can read the document."""
    url = f"{installation.base_url}/exit/receipts/{ids.shown('rcp', receipt)}/{secret}"
    when = language.moment(declared_at.astimezone(ZoneInfo(zone)))
    return ReceiptShown(ids.shown("rcp", receipt), when, effective_on, f"{url}.html", f"{url}.txt", url)


def without_links(shown: ReceiptShown) -> ReceiptShown:
    """The same for those who are not to open it: each of its addresses carries the secret."""
    return replace(shown, html_url="", text_url="", url="")


async def open_document(receipt: UUID, secret: str) -> tuple[UUID, bytes]:
    """The workspace and the sealed documents of a receipt; raises NotFound, alike for a wrong id and a wrong secret."""
    row = await sql.fetch_one(f"{_SELECT} WHERE r.id = $1", receipt, into=_Row)
    if row is None or not compare_digest(row.secret_hash, crypto.sha256(secret)):
        raise NotFound
    return row.workspace_id, row.sealed


class Proof(Struct, frozen=True, kw_only=True):
    """The declaration that a receipt proves, as it stands today."""

    receipt: UUID
    workspace_id: UUID
    declaration: UUID
    session_id: UUID
    declared_at: datetime
    effective_on: date | None
    undone_at: datetime | None


class _Locked(Proof, frozen=True, kw_only=True):
    secret_hash: str


async def prove(receipt: UUID, secret: str) -> Proof:
    """What the receipt proves, to whoever has its secret; raises NotFound as `open_document` does."""
    row = await sql.fetch_one(
        "SELECT r.id AS receipt, r.workspace_id, r.secret_hash, d.id AS declaration, d.session_id, d.declared_at, "
        "d.effective_on, d.undone_at FROM receipt r JOIN declaration d ON d.id = r.declaration_id "
        "WHERE r.id = $1 AND d.session_id IS NOT NULL",
        receipt,
        into=_Locked,
    )
    if row is None or not compare_digest(row.secret_hash, crypto.sha256(secret)):
        raise NotFound
    return row


def documents(workspace: WorkspaceSettings, sealed: bytes) -> Documents:
    """The documents behind their seal."""
    return _decoder.decode(crypto.unseal(workspace.data_key, sealed))


async def find_sealed(workspace: UUID, receipt: UUID) -> bytes | None:
    """The sealed documents of one of the workspace's receipts."""
    row = await sql.fetch_one(f"{_SELECT} WHERE r.id = $1 AND r.workspace_id = $2", receipt, workspace, into=_Row)
    return row.sealed if row else None
