"""Recording a fact, and handing it to those who wait for it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from msgspec import Struct

from aurevoir.events.catalogue import EventKind
from aurevoir.kit import db, ids, sql

log = structlog.get_logger()
# Of this process's workers, so that none need wait for its next look when something was recorded.
_bells: set[asyncio.Event] = set()
# How many visits' events are told side by side: enough to share a COMMIT, and connections stay free for others.
AT_ONCE = 6
BATCH = 200


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


class Noted(NamedTuple):
    """A fact that was just recorded."""

    id: UUID
    kind: EventKind
    session_id: UUID | None


_noted: ContextVar[list[Noted] | None] = ContextVar("aurevoir_noted", default=None)
Subscriber = Callable[[Event, datetime], Awaitable[None]]
# Hears of many at once, all of them or none; those that do not concern it as well.
Listener = Callable[[Sequence[Event], datetime], Awaitable[None]]


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
    event = ids.new_id()
    await sql.insert(
        "event",
        id=event,
        workspace_id=workspace,
        kind=kind,
        mode=mode,
        session_id=session,
        actor=actor,
        payload=dict(payload or {}),
        at=now,
    )
    if (noted := _noted.get()) is not None:
        noted.append(Noted(event, kind, session))
    ring()


@contextmanager
def noted() -> Iterator[list[Noted]]:
    """Everything that is recorded within the block, by whomever it calls."""
    recorded: list[Noted] = []
    before = _noted.set(recorded)
    try:
        yield recorded
    finally:
        _noted.reset(before)


def ring() -> None:
    """Something was recorded, or is there to do."""
    for bell in _bells:
        bell.set()


@contextmanager
def bell() -> Iterator[asyncio.Event]:
    """Rings whenever something was recorded in this process; whoever waits for it belongs to one loop."""
    mine = asyncio.Event()
    _bells.add(mine)
    try:
        yield mine
    finally:
        _bells.discard(mine)


_COLUMNS = ", ".join(Event.__struct_fields__)


async def list_of_session(workspace: UUID, session: UUID) -> list[Event]:
    """Everything that happened in a session, in order."""
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM event WHERE workspace_id = $1 AND session_id = $2 ORDER BY id",
        workspace,
        session,
        into=Event,
    )


async def list_of_sessions(workspace: UUID, sessions: Collection[UUID]) -> list[Event]:
    """The same of several."""
    if not sessions:
        return []
    return await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM event WHERE workspace_id = $1 AND session_id IN ({sql.marks(len(sessions), first=2)}) "
        "ORDER BY id",
        workspace,
        *sessions,
        into=Event,
    )


async def amend(workspace: UUID, session: UUID, kind: EventKind, members: Mapping[str, Any]) -> None:
    """Replace what these facts of a session carry, because whoever said it took it back. Inside a unit."""
    for event in await list_of_session(workspace, session):
        if event.kind == kind:
            await sql.execute("UPDATE event SET payload = $1 WHERE id = $2", event.payload | dict(members), event.id)


async def find(event: UUID) -> Event | None:
    """One fact."""
    return await sql.fetch_one(f"SELECT {_COLUMNS} FROM event WHERE id = $1", event, into=Event)


async def find_latest() -> UUID | None:
    """The id of the newest fact of all: as long as it is the same, nothing has happened."""
    row = await sql.fetch_one("SELECT id FROM event ORDER BY id DESC LIMIT 1")
    return UUID(str(row["id"])) if row else None


async def dispatch(
    subscribers: Mapping[EventKind, Sequence[Subscriber]],
    now: datetime,
    limit: int = BATCH,
    *,
    listeners: Sequence[Listener] = (),
) -> int:
    """Tell of the oldest facts not yet told; each at least once, those of one session in order. How many were told."""
    # Those that failed before come last: one that nobody can bear holds up none of the others.
    waiting = await sql.fetch_all(
        f"SELECT {_COLUMNS} FROM event WHERE dispatched_at IS NULL ORDER BY failures, id LIMIT $1", limit, into=Event
    )
    if not waiting:
        return 0
    failed: set[UUID] = set()
    for listener in listeners:
        failed |= await _tell_many(listener, waiting, now)

    async def tell(visit: Sequence[Event]) -> None:
        for event in visit:
            if not await _tell(subscribers.get(event.kind, ()), event, now):
                failed.add(event.id)

    await _side_by_side(tell, _by_session(waiting))
    told = [event.id for event in waiting if event.id not in failed]
    await db.transaction(lambda: _mark(told, tuple(failed), now))
    return len(told)


async def _tell_many(listener: Listener, batch: Sequence[Event], now: datetime) -> set[UUID]:
    """Those that it could not bear: of a batch that fails the halves are told, so that no event takes others along."""
    try:
        await listener(batch, now)
    except Exception:
        if len(batch) == 1:
            log.exception("event_listener_failed", kind=batch[0].kind, event_id=str(batch[0].id))
            return {batch[0].id}
        half = len(batch) // 2
        return await _tell_many(listener, batch[:half], now) | await _tell_many(listener, batch[half:], now)
    return set()


def _by_session(waiting: Sequence[Event]) -> Sequence[Sequence[Event]]:
    visits: dict[UUID, list[Event]] = defaultdict(list)
    for event in waiting:
        visits[event.session_id or event.id].append(event)
    return list(visits.values())


async def _side_by_side(tell: Callable[[Sequence[Event]], Awaitable[None]], visits: Sequence[Sequence[Event]]) -> None:
    left = iter(visits)

    async def one_after_another() -> None:
        for visit in left:
            await tell(visit)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE, len(visits))):
            group.create_task(one_after_another())


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
