"""PostgreSQL: a pool, and one transaction for every unit."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, ClassVar, TypeVar, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import ConnectionHandler
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from aurevoir.kit.engine import DatabaseClosed, DatabaseError, Dialect, OutsideUnit, Row, enter_unit

T = TypeVar("T")
logger = logging.getLogger(__name__)

POOL = {"minsize": 1, "maxsize": 10}


def credentials(url: str) -> dict[str, Any]:
    """A connection as Tortoise's configuration describes it."""
    found = cast(dict[str, Any], expand_db_url(url))
    return {**found, "credentials": POOL | found["credentials"]}


class PostgresUnit:
    """One unit on its own connection."""

    def __init__(self, client: TransactionWrapper) -> None:
        self.open = True
        self._client = client

    async def fetch(self, query: str, arguments: Sequence[Any]) -> list[Row]:
        return await _fetch(self._usable(), query, arguments)

    async def execute(self, query: str, arguments: Sequence[Any]) -> int:
        async with self._usable().acquire_connection() as connection:
            with _translated():
                status = await connection.execute(query, *arguments)
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def execute_many(self, query: str, rows: Sequence[Sequence[Any]]) -> None:
        async with self._usable().acquire_connection() as connection:
            with _translated():
                await connection.executemany(query, rows)

    def _usable(self) -> TransactionWrapper:
        if not self.open:
            raise OutsideUnit("this unit has ended; nothing can be written in it any more")
        return self._client


class PostgresEngine:
    """The open database; `read_only` refuses units."""

    dialect: ClassVar[Dialect] = "postgres"

    def __init__(self, connections: ConnectionHandler, *, read_only: bool) -> None:
        self._connections = connections
        self._root = cast(AsyncpgDBClient, connections.get("default"))
        self._read_only = read_only
        self._closing = False
        self._units: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Connect, or say plainly that it cannot be done."""
        try:
            await self._root.create_connection(with_db=True)
        except (OSError, asyncpg.PostgresError) as error:
            raise DatabaseError(f"PostgreSQL cannot be reached: {error}") from error

    async def transaction(self, unit: Callable[[], Awaitable[T]]) -> T:
        if self._read_only:
            raise DatabaseError("The database was opened for reading only.")
        if self._closing:
            raise DatabaseClosed
        task = asyncio.create_task(self._run(unit), context=copy_context())
        self._units.add(task)
        task.add_done_callback(self._units.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_log_failure)
            raise

    async def fetch(self, query: str, arguments: Sequence[Any]) -> list[Row]:
        return await _fetch(self._root, query, arguments)

    async def stream(self, query: str, arguments: Sequence[Any], batch: int) -> AsyncGenerator[list[Row], None]:
        async with (
            self._root.acquire_connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            with _translated():
                cursor = await connection.cursor(query, *arguments)
            while rows := await cursor.fetch(batch):
                yield [dict(row) for row in rows]

    async def close(self) -> None:
        """Finish the units under way. Tortoise closes the pool."""
        self._closing = True
        while self._units:
            await asyncio.wait(self._units)

    async def _run(self, unit: Callable[[], Awaitable[T]]) -> T:
        # A task that outlived another unit would carry that unit's connection, long since released.
        self._connections.set("default", self._root)
        with _translated():
            return await self._in_transaction(unit)

    async def _in_transaction(self, unit: Callable[[], Awaitable[T]]) -> T:
        async with in_transaction("default") as client:
            mark = PostgresUnit(cast(TransactionWrapper, client))
            enter_unit(mark)
            try:
                return await unit()
            finally:
                mark.open = False


def _log_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("a unit failed after its caller had gone", exc_info=error)


async def _fetch(client: AsyncpgDBClient, query: str, arguments: Sequence[Any]) -> list[Row]:
    async with client.acquire_connection() as connection:
        with _translated():
            return [dict(row) for row in await connection.fetch(query, *arguments)]


@contextmanager
def _translated() -> Iterator[None]:
    """Errors as Tortoise names them, so that callers know one set."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(error) from error
    except (asyncpg.SyntaxOrAccessError, asyncpg.exceptions.DataError) as error:
        raise OperationalError(error) from error
