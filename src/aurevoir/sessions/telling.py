"""What sessions hold about a customer: visits, answers, declarations with their receipts, the chain of evidence."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import ids, sql
from aurevoir.sessions import answers_told, receipts
from aurevoir.sessions.answers_told import AnswerHeld


class VisitHeld(Struct, frozen=True, kw_only=True):
    """One visit to a flow; `facts` is what the operator said of the customer, `mrr` what was worked out from it."""

    id: str
    mode: str
    channel: str
    flow: str
    version: int
    state: str
    # Which rules applied, and why.
    pack: str
    pack_reason: str
    locale: str
    customer: str
    subscription: str
    facts: Any
    mrr: int | None
    currency: str | None
    # The arms of the experiments that it took part in, with what they changed.
    arms: Any
    # Where it stands, with the codes that were chosen and the offer that was shown.
    visit: Any
    moves: int
    # Visits of one subscription within 30 days are counted as one episode.
    episode: int | None
    started_at: datetime
    moved_at: datetime
    decided_at: datetime | None
    ends_on: date | None
    expires_at: datetime
    answers_withdrawn_at: datetime | None


class DeclarationHeld(Struct, frozen=True, kw_only=True):
    """A declared cancellation, and its receipt word for word."""

    session: str
    number: int
    declared_at: datetime
    effective_on: date | None
    undone_at: datetime | None
    receipt: str | None
    text: str | None


class ExhibitHeld(Struct, frozen=True, kw_only=True):
    """One link of the chain of evidence; `is_kept`: what was done and shown is still there, else its digest only."""

    session: str
    number: int
    kind: str
    at: datetime
    digest: str
    is_kept: bool


class SessionsHeld(Struct, frozen=True, kw_only=True):
    """All of it, the oldest first."""

    visits: Sequence[VisitHeld] = ()
    answers: Sequence[AnswerHeld] = ()
    declarations: Sequence[DeclarationHeld] = ()
    exhibits: Sequence[ExhibitHeld] = ()


async def list_sessions(workspace: UUID, customer: str, mode: str | None) -> list[UUID]:
    """The sessions of a customer (the pseudonym), the oldest first; `mode` None: of both."""
    rows = await sql.fetch_all(
        "SELECT id FROM session WHERE workspace_id = $1 AND customer = $2 AND ($3 = '' OR mode = $3) ORDER BY id",
        workspace,
        customer,
        mode or "",
    )
    return [UUID(str(row["id"])) for row in rows]


async def tell(workspace: WorkspaceSettings, sessions: Collection[UUID]) -> SessionsHeld:
    """Everything that is held of these sessions."""
    if not sessions:
        return SessionsHeld()
    return SessionsHeld(
        visits=await _visits(sessions),
        answers=await answers_told.tell(sessions),
        declarations=await _declarations(workspace, sessions),
        exhibits=await _exhibits(sessions),
    )


_OWN = ", ".join(f"s.{name}" for name in VisitHeld.__struct_fields__ if name not in ("version", "episode"))


async def _visits(sessions: Collection[UUID]) -> list[VisitHeld]:
    rows = await sql.fetch_all(
        f"SELECT {_OWN}, v.number AS version, e.number AS episode FROM session s "
        "JOIN flow_version v ON v.id = s.version_id LEFT JOIN episode e ON e.id = s.episode_id "
        f"WHERE s.id IN ({sql.marks(len(sessions))}) ORDER BY s.id",
        *sessions,
    )
    return [sql.read(row | {"id": _shown(row["id"])}, VisitHeld) for row in rows]


async def _declarations(workspace: WorkspaceSettings, sessions: Collection[UUID]) -> list[DeclarationHeld]:
    rows = await sql.fetch_all(
        "SELECT d.session_id, d.number, d.declared_at, d.effective_on, d.undone_at, r.id AS receipt, r.sealed "
        "FROM declaration d LEFT JOIN receipt r ON r.declaration_id = d.id "
        f"WHERE d.session_id IN ({sql.marks(len(sessions))}) ORDER BY d.declared_at, d.id",
        *sessions,
    )
    return [sql.read(row | _receipt(workspace, row) | _session(row), DeclarationHeld) for row in rows]


def _receipt(workspace: WorkspaceSettings, row: dict[str, Any]) -> dict[str, Any]:
    """Without its secret: whoever reads what is held need not be able to act."""
    if row["receipt"] is None:
        return {"text": None}
    kept = receipts.documents(workspace, bytes(row["sealed"]))
    return {"receipt": ids.shown("rcp", UUID(str(row["receipt"]))), "text": kept.text}


async def _exhibits(sessions: Collection[UUID]) -> list[ExhibitHeld]:
    rows = await sql.fetch_all(
        "SELECT session_id, number, kind, at, digest, sealed IS NOT NULL AS is_kept FROM exhibit "
        f"WHERE session_id IN ({sql.marks(len(sessions))}) ORDER BY session_id, number",
        *sessions,
    )
    return [sql.read(row | _session(row), ExhibitHeld) for row in rows]


def _session(row: dict[str, Any]) -> dict[str, str]:
    return {"session": _shown(row["session_id"])}


def _shown(session: Any) -> str:
    return ids.shown("ses", UUID(str(session)))
