"""Recording a fact, and handing it to those who wait for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from msgspec import Struct

from aurevoir.events.catalogue import EventKind
from aurevoir.kit import db, ids, sql

log = structlog.get_logger()
# Set when an event was recorded in this process, so that its worker need not wait for the next look.
recorded = asyncio.Event()


class Event(Struct, frozen=True, kw_only=True):
    """A fact as its subscribers receive it."""

    id: UUID
    workspace_id: UUID
    kind: EventKind
    mode: str
    session_id: UUID | None
    actor: str
    payload: dict[str, Any]
    at: datetime


Subscriber = Callable[[Event, datetime], Awaitable[None]]


async def record(
    kind: EventKind,
    *,
    workspace: UUID,
    actor: str,
    now: datetime,
    mode: str = "live",
    session: UUID | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Write the fact in the transaction of the change it tells. Inside a unit."""
    await sql.insert(
        "event",
        id=ids.new_id(),
        workspace_id=workspace,
        kind=kind,
        mode=mode,
        session_id=session,
        actor=actor,
        payload=dict(payload or {}),
        at=now,
    )
    recorded.set()


_COLUMNS = ", ".join(Event.__struct_fields__)


async def list_of_session(workspace: UUID, session: UUID) -> list[Event]:
    """Everything that happened in a session, in order."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM event WHERE workspace_id = $1 AND session_id = $2 ORDER BY id",
        workspace,
        session,
        into=Event,
    )


async def find(event: UUID) -> Event | None:
    """One fact."""
    return await sql.fetch_one(f"SELECT {_COLUMNS} FROM event WHERE id = $1", event, into=Event)


async def find_latest() -> UUID | None:
    """The id of the newest fact of all: as long as it is the same, nothing has happened."""
    row = await sql.fetch_one("SELECT id FROM event ORDER BY id DESC LIMIT 1")
    return UUID(str(row["id"])) if row else None


async def dispatch(subscribers: Mapping[EventKind, Sequence[Subscriber]], now: datetime, limit: int = 100) -> int:
    """Tell the subscribers of the oldest facts not yet told; each at least once. How many were told."""
    # Those that failed before come last: one that nobody can bear holds up none of the others.
    waiting = await sql.fetch_all(
        "SELECT id, workspace_id, kind, mode, session_id, actor, payload, at FROM event "
        "WHERE dispatched_at IS NULL ORDER BY failures, id LIMIT $1",
        limit,
        into=Event,
    )
    told: list[UUID] = []
    failed: list[UUID] = []
    for event in waiting:
        (told if await _tell(subscribers.get(event.kind, ()), event, now) else failed).append(event.id)
    if waiting:
        await db.transaction(lambda: _mark(told, failed, now))
    return len(told)


async def _tell(subscribers: Sequence[Subscriber], event: Event, now: datetime) -> bool:
    try:
        for subscriber in subscribers:
            await subscriber(event, now)
    except Exception:
        # It stays undispatched and is told again at the next look: a subscriber must bear repetition.
        log.exception("event_subscriber_failed", kind=event.kind, event_id=str(event.id))
        return False
    return True


async def _mark(told: Sequence[UUID], failed: Sequence[UUID], now: datetime) -> None:
    if told:
        await sql.execute(
            f"UPDATE event SET dispatched_at = $1 WHERE id IN ({sql.marks(len(told), first=2)})", now, *told
        )
    if failed:
        await sql.execute(f"UPDATE event SET failures = failures + 1 WHERE id IN ({sql.marks(len(failed))})", *failed)
