"""How SQLite is connected to: settings, ownership of the file, and what Tortoise sees inside a unit."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, cast

import aiosqlite
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper
from tortoise.exceptions import IntegrityError, OperationalError

from aurevoir.kit.engine import DatabaseError, DatabaseInUse, OutsideUnit, Row

MANY = 50  # rows written before the event loop gets its turn
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # an acknowledged row survives a power cut
    "busy_timeout": 5000,
    "foreign_keys": "ON",
    "secure_delete": "ON",  # erased people leave no bytes behind
    "journal_size_limit": 64 * 1024 * 1024,
    "cache_size": -16_000,  # KiB
    "mmap_size": 0,
}
# Exactly one connection checkpoints: two at once can corrupt the file in every SQLite before 3.51.3.
READING = PRAGMAS | {"query_only": "ON", "wal_autocheckpoint": 0}


def credentials(path: Path, pragmas: dict[str, Any]) -> dict[str, Any]:
    """A connection as Tortoise's configuration describes it."""
    return {"engine": __name__, "credentials": {"file_path": str(path), **pragmas}}


def locate(url: str, *, exists: bool) -> Path:
    """The file that `url` names; the folder must be there, and the file too where it `exists`."""
    path = Path(url.removeprefix("sqlite://")).resolve()
    if not path.parent.is_dir():
        raise DatabaseError(f"The folder {path.parent} does not exist; create it or change AUREVOIR_DATABASE_URL.")
    if exists and not path.exists():
        raise DatabaseError(f"There is no database at {path}.")
    return path


def lock(path: Path) -> IO[str]:
    """Own the file at `path` until the returned handle is closed."""
    handle = path.with_name(f"{path.name}.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        owner = handle.read().strip() or "unknown"
        handle.close()
        raise DatabaseInUse(
            f"{path} is in use by another Aurevoir (process {owner}). Stop that one first; SQLite has one owner."
        ) from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def create(path: Path) -> None:
    """An empty file that only its owner may read; SQLite gives its companions the same mode."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


class SqliteFile(SqliteClient):
    """Tortoise's connection, whose statements the event loop may run itself while a unit holds it.

    A trip to the connection's thread and back costs fifty times what a hot statement does. Only what may wait for the
    disk (BEGIN IMMEDIATE, COMMIT) and everything outside units takes the trip.
    """

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise's signature
        self._connection = await aiosqlite.connect(self.filename, isolation_level=None, check_same_thread=False)
        self._connection._conn.row_factory = sqlite3.Row
        for name, value in self.pragmas.items():
            await run(self._connection, execute, f"PRAGMA {name}={value}", ())
        await self._post_connect()


client_class = SqliteFile  # where Tortoise looks for it


class SqliteUnit(SqliteTransactionWrapper):
    """One unit inside a group, and the connection that Tortoise sees meanwhile."""

    def __init__(self, root: SqliteClient) -> None:
        super().__init__(root)
        self.open = True
        self._raw = self._connection._conn

    async def fetch(self, query: str, arguments: Sequence[Any]) -> list[Row]:
        return cast(list[Row], self._now(fetch, query, arguments))

    async def execute(self, query: str, arguments: Sequence[Any]) -> int:
        return cast(int, self._now(execute, query, arguments))

    async def execute_many(self, query: str, values: Sequence[Sequence[Any]]) -> None:
        for start in range(0, len(values), MANY):
            if start:
                await asyncio.sleep(0)
            self._now(execute_many, query, values[start : start + MANY])

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return cast(int, self._now(_insert, query, values))

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        return cast(tuple[int, Sequence[Any]], self._now(_query, query.replace("\x00", "'||CHAR(0)||'"), values or ()))

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[Row]:
        return await self.fetch(query.replace("\x00", "'||CHAR(0)||'"), values or ())

    async def execute_script(self, query: str) -> None:
        # sqlite3's own executescript commits first, which would end the group under everyone's feet.
        for statement in _statements(query):
            self._now(execute, statement, ())

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_Nested(self))

    def _usable(self) -> sqlite3.Connection:
        if not self.open:
            raise OutsideUnit("this unit has ended; nothing can be written in it any more")
        return self._raw

    def _now(self, work: Callable[..., Any], *arguments: Any) -> Any:
        raw = self._usable()
        try:
            return work(raw, *arguments)
        except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
            raise _named(error) from error


class _Nested(SqliteUnit):
    """A transaction that Tortoise opens inside a unit: a savepoint."""

    def __init__(self, unit: SqliteUnit) -> None:
        super().__init__(unit)
        self._outer = unit
        self._name = f"nested_{id(self)}"

    async def savepoint(self) -> None:
        await self.execute(f"SAVEPOINT {self._name}", ())

    async def release_savepoint(self) -> None:
        await self.execute(f"RELEASE {self._name}", ())

    async def savepoint_rollback(self) -> None:
        await self.execute(f"ROLLBACK TO {self._name}", ())

    def _usable(self) -> sqlite3.Connection:
        return self._outer._usable()


async def run(connection: Any, work: Callable[..., Any], *arguments: Any) -> Any:
    """`work(sqlite3 connection, *arguments)` on the connection's thread, in one trip."""
    try:
        # Private, and the only way to do it in one trip; tests/kit/test_db.py keeps watch over it.
        return await connection._execute(work, connection._conn, *arguments)
    except (sqlite3.IntegrityError, sqlite3.OperationalError) as error:
        raise _named(error) from error


def _named(error: sqlite3.Error) -> Exception:
    """`error` as Tortoise calls it, so that callers know one set."""
    return IntegrityError(error) if isinstance(error, sqlite3.IntegrityError) else OperationalError(error)


def fetch(raw: sqlite3.Connection, query: str, arguments: Sequence[Any]) -> list[Row]:
    return next_rows(raw, open_cursor(raw, query, arguments), None)


def open_cursor(raw: sqlite3.Connection, query: str, arguments: Sequence[Any]) -> sqlite3.Cursor:
    cursor = raw.cursor()
    cursor.row_factory = None
    return cursor.execute(query, arguments)


def next_rows(_raw: sqlite3.Connection, cursor: sqlite3.Cursor, batch: int | None) -> list[Row]:
    rows = cursor.fetchall() if batch is None else cursor.fetchmany(batch)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def execute(raw: sqlite3.Connection, query: str, arguments: Sequence[Any]) -> int:
    return raw.execute(query, arguments).rowcount


def _insert(raw: sqlite3.Connection, query: str, arguments: Sequence[Any]) -> int:
    return raw.execute(query, arguments).lastrowid or 0


def _query(raw: sqlite3.Connection, query: str, arguments: Sequence[Any]) -> tuple[int, list[Any]]:
    before = raw.total_changes
    rows = raw.execute(query, arguments).fetchall()
    return (raw.total_changes - before) or len(rows), rows


def execute_many(raw: sqlite3.Connection, query: str, rows: Sequence[Sequence[Any]]) -> None:
    raw.executemany(query, rows)


def _statements(script: str) -> list[str]:
    found, rest = [], ""
    for piece in script.split(";"):
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            found.append(rest)
            rest = ""
    return [statement for statement in found if statement.strip(" \n\t;")]
