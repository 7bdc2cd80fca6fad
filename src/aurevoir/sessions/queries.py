"""Reading sessions: one statement each."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from aurevoir.flows.packs import PackName
from aurevoir.kit import db, sql
from aurevoir.sessions.visit import State


class SessionRow(Struct, frozen=True, kw_only=True):
    """A session as stored, or as it begins; `facts` and `visit` are JSON."""

    id: UUID
    workspace_id: UUID
    mode: str
    channel: str
    flow: str
    version_id: UUID
    customer: str
    subscription: str
    open_key: str | None
    episode_id: UUID | None
    state: State = "open"
    revision: int = 0
    step: str = ""
    visit: str = '{"state":"open","step":""}'
    facts: str
    pack: PackName
    pack_reason: str
    locale: str
    seed: int
    mrr: int | None
    currency: str | None
    moves: int = 0
    declarations: int = 0
    capability: bytes | None = None
    arms: str | None = None
    started_at: datetime
    moved_at: datetime
    decided_at: datetime | None = None
    ends_on: date | None = None
    expires_at: datetime
    exhibits: int = 0
    evidence_head: str | None = None
    answers_withdrawn_at: datetime | None = None


COLUMNS = ", ".join(SessionRow.__struct_fields__)


async def find_session(session: UUID) -> SessionRow | None:
    """The session; inside a unit it stays ours until the unit ends."""
    return await sql.fetch_one(f"SELECT {COLUMNS} FROM session WHERE id = $1", session, into=SessionRow)


async def find_sessions(sessions: Collection[UUID]) -> list[SessionRow]:
    """Those of these that there are."""
    if not sessions:
        return []
    marks = sql.marks(len(sessions))
    return await sql.fetch_all(f"SELECT {COLUMNS} FROM session WHERE id IN ({marks})", *sessions, into=SessionRow)


async def find_for_change(session: UUID) -> SessionRow | None:
    """The session, locked where there are other writers. Inside a unit."""
    return await sql.fetch_one(f"SELECT {COLUMNS} FROM session WHERE id = $1{_lock()}", session, into=SessionRow)


class CurrentRow(SessionRow, frozen=True, kw_only=True):
    """A session that a visitor may mean."""

    # Whether the visitor's token began it, or opened it before.
    by_token: bool


async def find_current(workspace: UUID, open_key: str, jti_hash: str | None) -> list[CurrentRow]:
    """The session that a token belongs to and the open one of the subscription: none, one, or two. Inside a unit."""
    used = "SELECT session_id FROM token_use WHERE workspace_id = $1 AND jti_hash = $2"
    return await sql.fetch_all(
        f"SELECT {COLUMNS}, id IN ({used}) AS by_token FROM session "
        f"WHERE id IN ({used} UNION ALL SELECT id FROM session WHERE workspace_id = $1 AND open_key = $3) "
        f"ORDER BY started_at{_lock()}",
        workspace,
        jti_hash or "",
        open_key,
        into=CurrentRow,
    )


async def find_by_capability(capability_hash: str) -> SessionRow | None:
    """The session whose hosted page has this capability."""
    return await sql.fetch_one(
        f"SELECT {COLUMNS} FROM session WHERE capability_hash = $1", capability_hash, into=SessionRow
    )


async def get_texts(session: UUID, steps: Sequence[str]) -> dict[str, str]:
    """What the customer wrote to these steps."""
    rows = await sql.fetch_all(
        f"SELECT step, text FROM answer WHERE session_id = $1 AND step IN ({sql.marks(len(steps), first=2)})",
        session,
        *steps,
    )
    return {row["step"]: row["text"] for row in rows if row["text"]}


class EpisodeRow(Struct, frozen=True, kw_only=True):
    """An episode: when the customer first thought of leaving."""

    id: UUID
    number: int
    started_at: datetime


async def find_latest_episode(workspace: UUID, subscription: str) -> EpisodeRow | None:
    """The subscription's latest episode."""
    return await sql.fetch_one(
        "SELECT id, number, started_at FROM episode WHERE workspace_id = $1 AND subscription = $2 "
        "ORDER BY number DESC LIMIT 1",
        workspace,
        subscription,
        into=EpisodeRow,
    )


async def list_idle(before: datetime, limit: int) -> list[UUID]:
    """Open sessions in which nothing happened since `before`."""
    rows = await sql.fetch_all(
        "SELECT id FROM session WHERE state = 'open' AND moved_at < $1 ORDER BY moved_at LIMIT $2", before, limit
    )
    return [UUID(str(row["id"])) for row in rows]


async def find_latest_of(workspace: UUID, mode: str, subscription: str) -> SessionRow | None:
    """The latest session of a subscription (its pseudonym)."""
    return await sql.fetch_one(
        f"SELECT {COLUMNS} FROM session WHERE workspace_id = $1 AND mode = $2 AND subscription = $3 "
        "ORDER BY started_at DESC LIMIT 1",
        workspace,
        mode,
        subscription,
        into=SessionRow,
    )


async def list_subscriptions(workspace: UUID) -> frozenset[str]:
    """The pseudonyms of all subscriptions that ever had a session; for workspaces of the size of a demo."""
    rows = await sql.fetch_all("SELECT DISTINCT subscription FROM session WHERE workspace_id = $1", workspace)
    return frozenset(row["subscription"] for row in rows)


def _lock() -> str:
    # SQLite has one writer at a time, and no such clause.
    return " FOR UPDATE" if db.dialect() == "postgres" else ""
