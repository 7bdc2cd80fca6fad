"""SQLite as Aurevoir uses it: one owner, one writer, and nothing acknowledged before it is on the disk."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from tortoise.exceptions import OperationalError

from aurevoir.kit import db, sql, sqlite_connection
from aurevoir.kit.sqlite import GROUP, SqliteEngine
from tests.kit.conftest import MIGRATIONS, MODELS

OPEN = """
import asyncio, sys
from aurevoir.kit import db, sql

async def main():
    await db.open_database(sys.argv[1], ["tests.kit.scratch.models"], read_only=sys.argv[2] == "read")
    print(await sql.fetch_one("SELECT count(*) AS n FROM thing"))
    await db.close_database()

asyncio.run(main())
"""


@pytest.fixture
async def engine(scratch_sqlite: str) -> AsyncIterator[SqliteEngine]:
    """The engine of an open scratch database."""
    await db.open_database(scratch_sqlite, MODELS, migrations=MIGRATIONS)
    await db.migrate()
    found = db.engine()
    assert isinstance(found, SqliteEngine)
    yield found
    await db.close_database()


def raw(engine: SqliteEngine) -> sqlite3.Connection:
    """The connection that writes."""
    assert engine._root is not None
    assert engine._root._connection is not None
    return engine._root._connection._conn


def in_another_process(url: str, how: str) -> subprocess.CompletedProcess[str]:
    """Another Aurevoir opens the file."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", OPEN, url, how]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


async def test_waiting_units_share_a_commit(engine: SqliteEngine) -> None:
    """A hundred callers wait for two COMMITs, not for a hundred."""
    statements: list[str] = []
    raw(engine).set_trace_callback(statements.append)
    await asyncio.gather(*(db.transaction(partial(sql.insert, "thing", id=uuid4(), name=f"{n}")) for n in range(100)))
    raw(engine).set_trace_callback(None)

    assert statements.count("COMMIT") == -(-100 // GROUP)
    assert sum(statement.startswith("INSERT") for statement in statements) == 100


async def test_nothing_is_acknowledged_before_the_commit(engine: SqliteEngine) -> None:
    """The order on the connection and in the callers is the same."""
    order: list[str] = []
    raw(engine).set_trace_callback(lambda statement: order.append(statement.split()[0]))

    async def caller(name: str) -> None:
        await db.transaction(lambda: sql.insert("thing", id=uuid4(), name=name))
        order.append("acknowledged")

    await asyncio.gather(*(caller(f"{n}") for n in range(3)))
    raw(engine).set_trace_callback(None)

    assert order == ["BEGIN", *["SAVEPOINT", "INSERT", "RELEASE"] * 3, "COMMIT", *["acknowledged"] * 3]


async def test_a_full_disk_is_told_to_everyone_it_concerns(engine: SqliteEngine) -> None:
    """SQLite may drop the whole transaction; then no unit of the group is acknowledged."""
    [pages] = raw(engine).execute("PRAGMA page_count").fetchone()
    raw(engine).execute(f"PRAGMA max_page_count = {pages + 8}")
    sizes = [10, 10, 400_000, 10, 10]
    results = await asyncio.gather(
        *(
            db.transaction(partial(sql.insert, "thing", id=uuid4(), name=f"{n}", secret=b"x" * size))
            for n, size in enumerate(sizes)
        ),
        return_exceptions=True,
    )
    raw(engine).execute("PRAGMA max_page_count = 1000000")
    await db.transaction(lambda: sql.insert("thing", id=uuid4(), name="afterwards"))
    stored = {row["name"] for row in await sql.fetch_all("SELECT name FROM thing")}

    assert isinstance(results[2], OperationalError)
    assert stored == {f"{n}" for n, result in enumerate(results) if result is None} | {"afterwards"}


async def test_a_second_process_is_refused_and_may_read(engine: SqliteEngine, scratch_sqlite: str) -> None:
    """SQLite has one owner; it says who."""
    writing = await asyncio.to_thread(in_another_process, scratch_sqlite, "write")
    reading = await asyncio.to_thread(in_another_process, scratch_sqlite, "read")

    assert writing.returncode == 1
    assert f"in use by another Aurevoir (process {os.getpid()})" in writing.stderr
    assert (reading.returncode, reading.stdout) == (0, "{'n': 0}\n")


async def test_the_file_is_free_again_after_closing(engine: SqliteEngine, scratch_sqlite: str) -> None:
    """And the interpreter ends, which an unclosed connection would prevent."""
    await db.close_database()

    assert (await asyncio.to_thread(in_another_process, scratch_sqlite, "write")).stdout == "{'n': 0}\n"


async def test_only_its_owner_may_read_the_file(engine: SqliteEngine, scratch_sqlite: str) -> None:
    """It holds what customers said."""
    path = Path(scratch_sqlite.removeprefix("sqlite://"))

    assert {file.stat().st_mode & 0o777 for file in path.parent.glob("scratch.db*") if file.suffix != ".lock"} == {
        0o600
    }


async def test_the_settings_are_what_they_must_be(engine: SqliteEngine) -> None:
    """Read back from both connections, not from the configuration."""

    async def ask(name: str) -> tuple[object, object]:
        writing = raw(engine).execute(f"PRAGMA {name}").fetchone()[0]
        [reading] = (await sql.fetch_all(f"PRAGMA {name}"))[0].values()
        return writing, reading

    assert await ask("journal_mode") == ("wal", "wal")
    assert await ask("synchronous") == (2, 2)
    assert await ask("foreign_keys") == (1, 1)
    assert await ask("secure_delete") == (1, 1)
    assert await ask("query_only") == (0, 1)
    assert await ask("wal_autocheckpoint") == (1000, 0)
    assert await ask("mmap_size") == (0, 0)


@pytest.mark.parametrize(("name", "weaker"), [("synchronous", "NORMAL"), ("journal_mode", "DELETE")])
async def test_a_file_that_may_forget_is_refused(
    scratch_sqlite: str, monkeypatch: pytest.MonkeyPatch, name: str, weaker: str
) -> None:
    """It is not enough to have asked for FULL: a network disk answers otherwise."""
    monkeypatch.setattr(sqlite_connection, "PRAGMAS", {**sqlite_connection.PRAGMAS, name: weaker})
    with pytest.raises(db.DatabaseError, match=name):
        await db.open_database(scratch_sqlite, MODELS)
    monkeypatch.undo()
    await db.open_database(scratch_sqlite, MODELS)
    await db.close_database()


async def test_read_only_neither_writes_nor_locks(engine: SqliteEngine, scratch_sqlite: str) -> None:
    """What `aurevoir export` uses beside a running server."""
    await db.close_database()
    await db.open_database(scratch_sqlite, MODELS, read_only=True)

    assert await sql.fetch_all("SELECT * FROM thing") == []
    with pytest.raises(db.DatabaseError, match="reading only"):
        await db.transaction(lambda: sql.execute("DELETE FROM thing"))


async def test_what_is_wrong_with_the_address_is_said(tmp_path: Path) -> None:
    """A missing folder, a missing file and an unknown scheme are mistakes people make."""
    with pytest.raises(db.DatabaseError, match=r"folder .* does not exist"):
        await db.open_database(f"sqlite://{tmp_path}/nowhere/x.db", [])
    with pytest.raises(db.DatabaseError, match="no database at"):
        await db.open_database(f"sqlite://{tmp_path}/x.db", [], read_only=True)
    with pytest.raises(db.DatabaseError, match="must begin with"):
        await db.open_database("mysql://x", [])
    with pytest.raises(db.DatabaseError, match="cannot be reached"):
        await db.open_database("postgres://nobody@127.0.0.1:1/nothing", MODELS)
    with pytest.raises(db.DatabaseClosed):
        await db.transaction(lambda: sql.execute("SELECT 1"))
