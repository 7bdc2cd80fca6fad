"""Everything that is kept about one visit, gathered: what its evidence pack is made from."""

import zlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.events import service as events
from aurevoir.events.service import Event
from aurevoir.flows import published
from aurevoir.flows.published import Published
from aurevoir.kit import crypto, sql
from aurevoir.offers import presenting, told
from aurevoir.offers.presenting import PresentationSummary
from aurevoir.offers.told import RedemptionTold
from aurevoir.sessions import queries, receipts
from aurevoir.sessions.evidence import Payload
from aurevoir.sessions.queries import SessionRow
from aurevoir.sessions.receipts import Documents


class Kept(Struct, frozen=True, kw_only=True):
    """An exhibit as it is kept; `payload` is there where `holds` is "kept"."""

    number: int
    kind: str
    at: datetime
    digest: str
    link: str
    holds: Literal["kept", "erased", "damaged"]
    payload: bytes | None

    @property
    def opened(self) -> Payload | None:
        """What it holds, as far as this version of the program can read it."""
        try:
            return _payloads.decode(self.payload) if self.payload else None
        except msgspec.DecodeError:
            return None


class IssuedReceipt(Struct, frozen=True, kw_only=True):
    """A receipt of the visit; without documents once they were erased."""

    id: UUID
    issued_at: datetime
    effective_on: date | None
    undone_at: datetime | None
    documents: Documents | None


class CaseFile(Struct, frozen=True, kw_only=True):
    """One visit, whole."""

    product: str
    session: SessionRow
    version: Published | None
    exhibits: tuple[Kept, ...]
    events: tuple[Event, ...]
    presentations: tuple[PresentationSummary, ...]
    redemptions: tuple[RedemptionTold, ...]
    receipts: tuple[IssuedReceipt, ...]


_payloads = msgspec.json.Decoder(Payload)


async def find(workspace: WorkspaceSettings, session: UUID) -> CaseFile | None:
    """The case file of one of the workspace's sessions."""
    row = await queries.find_session(session)
    if row is None or row.workspace_id != workspace.id:
        return None
    return CaseFile(
        product=workspace.name,
        session=row,
        version=await published.find(row.version_id),
        exhibits=tuple(await _list_exhibits(workspace, row)),
        events=tuple(await events.list_of_session(workspace.id, session)),
        presentations=tuple(await presenting.list_of_session(session)),
        redemptions=tuple(await told.list_of_session(workspace.id, session)),
        receipts=tuple(await _list_receipts(workspace, session)),
    )


class _ExhibitRow(Struct, frozen=True, kw_only=True):
    number: int
    kind: str
    at: datetime
    digest: str
    link: str
    sealed: bytes | None


async def _list_exhibits(workspace: WorkspaceSettings, session: SessionRow) -> list[Kept]:
    # One that was written since the session was read is beyond its head.
    rows = await sql.fetch_all(
        "SELECT number, kind, at, digest, link, sealed FROM exhibit WHERE session_id = $1 AND number <= $2 "
        "ORDER BY number",
        session.id,
        session.exhibits,
        into=_ExhibitRow,
    )
    return [_kept(workspace, row) for row in rows]


def _kept(workspace: WorkspaceSettings, row: _ExhibitRow) -> Kept:
    payload = _unsealed(workspace, row.sealed)
    holds: Literal["kept", "erased", "damaged"] = "kept" if payload is not None else "damaged"
    return Kept(
        number=row.number,
        kind=row.kind,
        at=row.at,
        digest=row.digest,
        link=row.link,
        holds="erased" if row.sealed is None else holds,
        payload=payload,
    )


def _unsealed(workspace: WorkspaceSettings, sealed: bytes | None) -> bytes | None:
    if sealed is None:
        return None
    try:
        return zlib.decompress(crypto.unseal(workspace.data_key, sealed))
    except (ValueError, zlib.error):
        return None


class _ReceiptRow(Struct, frozen=True, kw_only=True):
    id: UUID
    sealed: bytes | None
    issued_at: datetime
    effective_on: date | None
    undone_at: datetime | None


async def _list_receipts(workspace: WorkspaceSettings, session: UUID) -> Sequence[IssuedReceipt]:
    rows = await sql.fetch_all(
        "SELECT r.id, r.sealed, r.issued_at, d.effective_on, d.undone_at FROM receipt r "
        "JOIN declaration d ON d.id = r.declaration_id WHERE d.session_id = $1 ORDER BY d.number",
        session,
        into=_ReceiptRow,
    )
    return [
        IssuedReceipt(
            id=row.id,
            issued_at=row.issued_at,
            effective_on=row.effective_on,
            undone_at=row.undone_at,
            documents=_documents(workspace, row.sealed),
        )
        for row in rows
    ]


def _documents(workspace: WorkspaceSettings, sealed: bytes | None) -> Documents | None:
    try:
        return receipts.documents(workspace, sealed) if sealed else None
    except (ValueError, msgspec.DecodeError):
        return None
