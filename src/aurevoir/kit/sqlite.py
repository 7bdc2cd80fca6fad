"""SQLite: one connection whose waiting units share a COMMIT, and one that only reads."""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple, TypeVar, cast

import aiosqlite
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.connection import ConnectionHandler
from tortoise.exceptions import OperationalError

from aurevoir.kit import sqlite_connection as on_thread
from aurevoir.kit.engine import DatabaseClosed, DatabaseError, Dialect, Row, enter_unit
from aurevoir.kit.sqlite_connection import READING, SqliteUnit, run

T = TypeVar("T")
logger = logging.getLogger(__name__)

GROUP = 64  # units under one COMMIT: the first of them waits for the last
_REQUIRED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


class _Job(NamedTuple):
    unit: Callable[[], Awaitable[Any]]
    future: asyncio.Future[Any]
    context: Context


class SqliteEngine:
    """The open file. `root` writes and is None where the file is only read."""

    dialect: ClassVar[Dialect] = "sqlite"

    def __init__(self, connections: ConnectionHandler, path: Path, owned: IO[str] | None) -> None:
        self._connections = connections
        self._path = path
        self._owned = owned
        self._root = cast(SqliteClient, connections.get("default")) if owned else None
        self._reader = cast(SqliteClient, connections.get("ro"))
        self._jobs: deque[_Job] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._writer: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, and refuse a file that does not keep what it is given."""
        if sqlite3.threadsafety < 3:
            raise DatabaseError("This Python's SQLite is not built for threads; use another build, or PostgreSQL.")
        for client in filter(None, (self._root, self._reader)):
            await client.create_connection(with_db=True)
            await _check(client)
        if self._root:
            self._writer = asyncio.create_task(self._write(), context=Context(), name="aurevoir-writer")

    async def transaction(self, unit: Callable[[], Awaitable[T]]) -> T:
        if self._root is None:
            raise DatabaseError("The database was opened for reading only.")
        if self._closing:
            raise DatabaseClosed
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append(_Job(unit, future, copy_context()))
        self._wake.set()
        # A cancelled caller cancels this future and nothing else: the unit runs in a task of its own.
        return await future

    async def fetch(self, query: str, arguments: Sequence[Any]) -> list[Row]:
        return cast(list[Row], await run(self._reader._connection, on_thread.fetch, query, arguments))

    async def stream(self, query: str, arguments: Sequence[Any], batch: int) -> AsyncGenerator[list[Row], None]:
        # A connection of its own: an open cursor would hold every other read at its snapshot.
        async with aiosqlite.connect(self._path, isolation_level=None) as connection:
            for name, value in READING.items():
                await connection.execute(f"PRAGMA {name}={value}")
            cursor = await run(connection, on_thread.open_cursor, query, arguments)
            while rows := await run(connection, on_thread.next_rows, cursor, batch):
                yield rows

    async def pragma(self, name: str, value: str) -> None:
        """Set a pragma on the writing connection, between groups."""
        if self._root is None:
            raise DatabaseError("The database was opened for reading only.")
        async with self._root.acquire_connection() as connection:
            await run(connection, on_thread.execute, f"PRAGMA {name}={value}", ())

    async def close(self) -> None:
        """Finish the units that wait, then let go of the file. Tortoise closes the connections."""
        self._closing = True
        self._wake.set()
        if self._writer:
            await asyncio.wait({self._writer})

    def release(self) -> None:
        """Let another process own the file."""
        if self._owned:
            self._owned.close()

    async def _write(self) -> None:
        group: list[_Job] = []
        try:
            while True:
                while not self._jobs:
                    if self._closing:
                        return
                    self._wake.clear()
                    await self._wake.wait()
                group = [self._jobs.popleft() for _ in range(min(GROUP, len(self._jobs)))]
                await self._run_group(group)
                group = []
        finally:
            self._closing = True
            for job in (*group, *self._jobs):
                _settle(job, error=DatabaseClosed())

    async def _run_group(self, group: list[_Job]) -> None:
        assert self._root  # only an owner has a writer
        async with self._root.acquire_connection() as connection:
            try:
                await run(connection, on_thread.execute, "BEGIN IMMEDIATE", ())
                done = await self._run_units(connection._conn, group)
                await run(connection, on_thread.execute, "COMMIT", ())
            except BaseException as error:
                with suppress(sqlite3.Error):
                    connection._conn.rollback()
                if not isinstance(error, Exception):
                    raise
                for job in group:
                    _settle(job, error=error)
                return
        for job, result in done:
            _settle(job, result=result)

    async def _run_units(self, raw: sqlite3.Connection, group: list[_Job]) -> list[tuple[_Job, Any]]:
        done: list[tuple[_Job, Any]] = []
        for job in group:
            raw.execute("SAVEPOINT unit")
            try:
                result = await self._run_unit(job)
                raw.execute("RELEASE unit")
                done.append((job, result))
            except (Exception, asyncio.CancelledError) as error:
                if cast(asyncio.Task[None], asyncio.current_task()).cancelling():
                    raise
                # After a full disk or an I/O error SQLite has rolled everything back by itself.
                if not raw.in_transaction:
                    raise OperationalError("the database gave up the whole transaction") from error
                raw.execute("ROLLBACK TO unit")
                raw.execute("RELEASE unit")
                _settle(job, error=error)
        return done

    async def _run_unit(self, job: _Job) -> Any:
        unit = SqliteUnit(cast(SqliteClient, self._root))
        job.context.run(self._enter, unit)
        try:
            return await asyncio.create_task(_awaited(job.unit), context=job.context)
        finally:
            unit.open = False

    def _enter(self, unit: SqliteUnit) -> None:
        enter_unit(unit)
        self._connections.set("default", unit)


async def _awaited(unit: Callable[[], Awaitable[T]]) -> T:
    return await unit()


def _settle(job: _Job, *, result: Any = None, error: BaseException | None = None) -> None:
    if not job.future.done():
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)
    elif error is not None and job.future.cancelled():
        logger.error("a unit failed after its caller had gone", exc_info=error)


async def _check(client: SqliteClient) -> None:
    for name, wanted in _REQUIRED.items():
        [row] = await client.execute_query_dict(f"PRAGMA {name}")
        found = next(iter(row.values()))
        weak = found < wanted if isinstance(wanted, int) else found != wanted
        if weak:
            raise DatabaseError(
                f"SQLite answers {name} = {found} for {client.filename}, and Aurevoir needs {wanted}: "
                "what it acknowledges would not be safe. Is the file on a network disk?"
            )
