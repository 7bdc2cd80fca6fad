"""Reading billing's records, a page at a time: how far it got is committed with what was read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import asdict

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry, sources
from aurevoir.billing.gateway import GatewayError, NotSent, Rejected
from aurevoir.billing.source import Page
from aurevoir.billing.sources import Connected
from aurevoir.kit import clock, db, ids, sql
from aurevoir.kit.errors import Conflict
from aurevoir.subscriptions import passes
from aurevoir.subscriptions import service as subscriptions
from aurevoir.subscriptions.passes import Progress

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
WorkspaceOf = Callable[[UUID], Awaitable[WorkspaceSettings]]


class BeingRead(Conflict):
    """Another process is reading this connection at the moment."""

    code = "being_read"
    message = "Another process is reading this billing system at the moment."


async def read_due(workspace_of: WorkspaceOf, owner: str, now: datetime) -> int:
    """One page of every connection whose turn it is; how many were read."""
    read = 0
    for connected in await _list_due(now):
        try:
            read += await _turn(connected, await workspace_of(connected.workspace_id), owner, now) is not None
        except BeingRead:
            continue
        except GatewayError as error:
            log.warning("billing_not_read", gateway=connected.gateway, mode=connected.mode, problem=_problem(error))
    return read


async def _list_due(now: datetime) -> list[Connected]:
    """Found by reading alone: most of the time there is nothing to do."""
    waiting = await sql.fetch_all(
        "SELECT connection_id, connected_at FROM billing_sync WHERE due_at > $1 OR lease_until > $1", now, into=_Waiting
    )
    not_due = {(one.connection_id, one.connected_at) for one in waiting}
    readable = [one for one in await sources.list_readable() if one.connected_at <= now - passes.GRACE]
    return [one for one in readable if (one.id, one.connected_at) not in not_due]


class _Waiting(Struct, frozen=True):
    connection_id: UUID
    connected_at: datetime


async def read_pass(connected: Connected, workspace: WorkspaceSettings, owner: str) -> AsyncIterator[Page]:
    """A whole pass, or the rest of one, page after page; raises BeingRead, or the GatewayError that stops it."""
    while (page := await _turn(connected, workspace, owner, clock.now(), early=True)) is not None:
        yield page
        if page.position is None:
            return


async def find_progress(connection: UUID) -> Progress | None:
    """How far this connection was read."""
    return await sql.fetch_one(
        f"SELECT {_COLUMNS} FROM billing_sync WHERE connection_id = $1", connection, into=Progress
    )


async def _turn(
    connected: Connected, workspace: WorkspaceSettings, owner: str, now: datetime, *, early: bool = False
) -> Page | None:
    """The next page, read and recorded; None where nothing is due yet."""
    claimed = await db.transaction(lambda: _claim(connected, owner, now, early=early))
    if claimed is None:
        return None
    progress = passes.begun(claimed, connected.connected_at, now)
    try:
        page = await _read(connected, workspace, progress, now)
    except GatewayError as error:
        after = _after(error, progress, now)
        await db.transaction(lambda: _keep(connected, owner, after))
        raise

    async def unit() -> None:
        await subscriptions.record(workspace, connected.mode, connected.gateway, page)
        await _keep(connected, owner, passes.turned(progress, page.position, now))

    await db.transaction(unit)
    return page


async def _read(connected: Connected, workspace: WorkspaceSettings, progress: Progress, now: datetime) -> Page:
    source = sources.SOURCES[connected.gateway](await registry.connection(workspace, connected.mode))
    return await source.page(progress.since, progress.position, now)


def _after(error: GatewayError, progress: Progress, now: datetime) -> Progress:
    if isinstance(error, Rejected):
        return passes.refused(progress, _problem(error), now)
    return passes.failed(progress, _problem(error), now, error.retry_after if isinstance(error, NotSent) else None)


def _problem(error: GatewayError) -> str:
    return str(getattr(error, "code", None) or "not_reached")[:60]


_COLUMNS = ", ".join(Progress.__struct_fields__)


async def _claim(connected: Connected, owner: str, now: datetime, *, early: bool) -> Progress | None:
    """Take the connection for two minutes; None where it is not due. Raises BeingRead. Inside a unit."""
    taken = await sql.fetch_one(
        "INSERT INTO billing_sync (id, connection_id, connected_at, due_at, failures, lease_by, lease_until) "
        "VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (connection_id) DO UPDATE "
        "SET lease_by = excluded.lease_by, lease_until = excluded.lease_until "
        "WHERE (billing_sync.lease_until IS NULL OR billing_sync.lease_until < $4) "
        "AND ($7 = 1 OR billing_sync.due_at <= $4 OR billing_sync.connected_at <> $3) "
        f"RETURNING {_COLUMNS}",
        ids.new_id(),
        connected.id,
        connected.connected_at,
        now,
        owner,
        now + LEASE,
        int(early),
        into=Progress,
    )
    if taken is None and early:
        raise BeingRead
    return taken


async def _keep(connected: Connected, owner: str, progress: Progress) -> None:
    """Write how far it got and let go. Inside a unit; raises BeingRead once another process took over."""
    columns = asdict(progress)
    settings = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=3))
    kept = await sql.execute(
        f"UPDATE billing_sync SET {settings}, lease_by = NULL, lease_until = NULL "
        "WHERE connection_id = $1 AND lease_by = $2",
        connected.id,
        owner,
        *columns.values(),
    )
    if not kept:
        raise BeingRead
