"""The database: opening and closing it, the one way to write, and its migrations."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationTarget

from aurevoir.kit import postgres, sqlite_connection
from aurevoir.kit.engine import (
    DatabaseClosed,
    DatabaseError,
    DatabaseInUse,
    Dialect,
    Engine,
    ReadingRouter,
    Router,
    Row,
    find_unit,
)
from aurevoir.kit.postgres import PostgresEngine
from aurevoir.kit.schema import Executor
from aurevoir.kit.sqlite import SqliteEngine

__all__ = [
    "DatabaseClosed",
    "DatabaseError",
    "DatabaseInUse",
    "close_database",
    "dialect",
    "engine",
    "in_unit",
    "migrate",
    "open_database",
    "pending_migrations",
    "transaction",
]

T = TypeVar("T")
APP = "aurevoir"
# Any number that is ours: two processes that start together migrate one after the other.
_MIGRATION_LOCK = 4_702_118_355


class _Open:
    """What is open in this process; there is one database at a time."""

    def __init__(self, context: TortoiseContext, engine: Engine, apps: dict[str, dict[str, Any]]) -> None:
        self.context = context
        self.engine = engine
        self.apps = apps


_open: _Open | None = None


async def open_database(
    url: str, modules: Sequence[str], *, read_only: bool = False, migrations: str = "aurevoir.migrations"
) -> None:
    """Open `sqlite:///absolute/path.db`, `sqlite://relative.db` or `postgres://user@host:port/name?host=/socket/dir`.

    `modules` hold the models. `read_only` needs no ownership of an SQLite file and refuses every unit.
    """
    global _open  # noqa: PLW0603 - Tortoise's own state is global too
    if _open is not None:
        raise DatabaseError("A database is open already.")
    # Tortoise keeps SQL by connection name; another engine may have been open under the same name.
    EXECUTOR_CACHE.clear()
    apps = {APP: {"models": list(modules), "default_connection": "default", "migrations": migrations}}
    if url.startswith("sqlite://"):
        _open = await _open_sqlite(sqlite_connection.locate(url, exists=read_only), apps, read_only=read_only)
    elif url.startswith(("postgres://", "postgresql://")):
        _open = await _open_postgres(url, apps, read_only=read_only)
    else:
        raise DatabaseError("The database URL must begin with sqlite:// or postgres://.")


async def close_database() -> None:
    """Let the units under way and waiting finish, then close. Without it the interpreter does not end."""
    global _open  # noqa: PLW0603
    if (closing := _open) is None:
        return
    await closing.engine.close()  # the units that still wait need the database open
    if _open is not closing:
        return
    _open = None
    await closing.context.close_connections()
    if isinstance(closing.engine, SqliteEngine):
        closing.engine.release()


async def transaction(unit: Callable[[], Awaitable[T]]) -> T:
    """Run `unit` in a transaction and return its result once that is committed. The only way to write.

    Cancelling the caller does not cancel the unit. Inside a unit, a further call is part of it: what it wrote stays
    if its error is caught. A unit must be brief, and must not wait for anything but the database.
    """
    if find_unit():
        return await unit()
    return await engine().transaction(unit)


def in_unit() -> bool:
    """Whether the caller runs inside `transaction`."""
    return find_unit() is not None


def engine() -> Engine:
    """The open engine, for `kit.sql`."""
    if _open is None:
        raise DatabaseClosed
    return _open.engine


def dialect() -> Dialect:
    """Which SQL the open database speaks."""
    return engine().dialect


def skip_locked() -> str:
    """The clause that lets PostgreSQL's workers pass each other; SQLite has one writer, and no such clause."""
    return "FOR UPDATE SKIP LOCKED" if dialect() == "postgres" else ""


async def migrate(*, to: str | None = None, before: Sequence[str] = (), after: Sequence[str] = ()) -> list[str]:
    """Apply what is pending (or as far as `to`), all of it or nothing, and return the names.

    `before` and `after` are further statements of the same transaction: what reads the tables has to make way for
    their rebuilding. Before serving: nothing else may write meanwhile.
    """
    opened = engine()
    if not isinstance(opened, SqliteEngine):
        return await transaction(lambda: _migrate(to, before, after))
    # Rebuilding a table drops the old one, and with it every row that cascades from it.
    await opened.pragma("foreign_keys", "OFF")
    try:
        return await transaction(lambda: _migrate(to, before, after))
    finally:
        await opened.pragma("foreign_keys", "ON")


async def pending_migrations() -> list[str]:
    """The names of the migrations that this database has not seen yet."""
    return await _pending(_executor("ro" if dialect() == "sqlite" else "default"), None)


async def _migrate(to: str | None, before: Sequence[str], after: Sequence[str]) -> list[str]:
    connection = get_connection("default")
    if dialect() == "postgres":
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [_MIGRATION_LOCK])
    executor = _executor("default")
    # First, because asking a missing table would spoil a PostgreSQL transaction.
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    pending = await _pending(executor, to)
    for statement in before:
        await connection.execute_query(statement)
    await executor.migrate(_targets(to), direction="forward")
    for statement in after:
        await connection.execute_query(statement)
    if dialect() == "sqlite" and (orphans := await connection.execute_query_dict("PRAGMA foreign_key_check")):
        raise DatabaseError(f"The migration would leave rows without their parents: {_counted(orphans)}.")
    return pending


async def _pending(executor: Executor, to: str | None) -> list[str]:
    return [step.migration.name for step in await executor.plan(_targets(to)) if not step.backward]


def _targets(to: str | None) -> list[MigrationTarget] | None:
    return [MigrationTarget(APP, to)] if to else None


def _executor(alias: str) -> Executor:
    if _open is None:
        raise DatabaseClosed
    return Executor(get_connection(alias), _open.apps)


def _counted(orphans: list[Row]) -> str:
    tables = [row["table"] for row in orphans]
    return ", ".join(f"{tables.count(table)} in {table}" for table in sorted(set(tables)))


async def _open_sqlite(path: Path, apps: dict[str, dict[str, Any]], *, read_only: bool) -> _Open:
    owned: IO[str] | None = None
    if not read_only:
        owned = sqlite_connection.lock(path)
        sqlite_connection.create(path)
    aliases = {
        "default": sqlite_connection.PRAGMAS if owned else sqlite_connection.READING,
        "ro": sqlite_connection.READING,
    }
    connections = {alias: sqlite_connection.credentials(path, pragmas) for alias, pragmas in aliases.items()}
    try:
        context = await _tortoise(connections, apps)
        opened = SqliteEngine(context.connections, path, owned)
        await _started(context, opened)
    except BaseException:
        if owned:
            owned.close()
        raise
    return _Open(context, opened, apps)


async def _open_postgres(url: str, apps: dict[str, dict[str, Any]], *, read_only: bool) -> _Open:
    context = await _tortoise({"default": postgres.credentials(url)}, apps)
    opened = PostgresEngine(context.connections, read_only=read_only)
    await _started(context, opened)
    return _Open(context, opened, apps)


async def _tortoise(connections: dict[str, Any], apps: dict[str, dict[str, Any]]) -> TortoiseContext:
    router = ReadingRouter if "ro" in connections else Router
    context = TortoiseContext()
    with context:
        await context.init(
            config={"connections": connections, "apps": apps, "routers": [router], "use_tz": True, "timezone": "UTC"},
            # Requests run in other tasks than the one that starts the service.
            _enable_global_fallback=True,
        )
    return context


async def _started(context: TortoiseContext, opened: SqliteEngine | PostgresEngine) -> None:
    try:
        await opened.start()
    except BaseException:
        await context.close_connections()
        raise
