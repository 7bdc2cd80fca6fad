"""Whatever moment the process dies at, what it acknowledged is there, and nothing is half there."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from aurevoir.kit import db, sql
from tests.kit.conftest import MIGRATIONS, MODELS

KILLS = 25
CHILD = Path(__file__).with_name("crash_child.py")


async def killed_under_load(url: str, patience: float) -> set[UUID]:
    """What a child acknowledged before SIGKILL met it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(CHILD), url, stdout=asyncio.subprocess.PIPE, env=environment, limit=2**20
    )
    assert child.stdout is not None
    acknowledged = [await child.stdout.readline()]
    reading = asyncio.create_task(child.stdout.read())
    await asyncio.sleep(patience)
    child.send_signal(signal.SIGKILL)
    acknowledged += (await reading).splitlines(keepends=True)
    await child.wait()
    return {UUID(line.decode().strip()) for line in acknowledged if line.endswith(b"\n")}


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(scratch_url: str) -> None:
    """25 times, at random moments, over a database that keeps growing."""
    acknowledged: set[UUID] = set()
    stored: set[UUID] = set()
    await reopened(scratch_url)
    await db.migrate()
    await db.close_database()
    moments = random.Random(25)
    for _ in range(KILLS):
        acknowledged |= await killed_under_load(scratch_url, moments.uniform(0.01, 0.4))
        await reopened(scratch_url)
        try:
            stored = {UUID(str(row["id"])) for row in await sql.fetch_all("SELECT id FROM thing")}
            halves = await sql.fetch_all("SELECT thing_id FROM part GROUP BY thing_id HAVING count(*) <> 2")
            # One statement: PostgreSQL may still be committing what the killed process had sent.
            counted = await sql.fetch_one(
                "SELECT (SELECT count(*) FROM thing) AS things, (SELECT count(DISTINCT thing_id) FROM part) AS whole"
            )

            assert acknowledged - stored == set()
            assert halves == []
            assert counted is not None
            assert counted["things"] == counted["whole"]
            assert await sound()
        finally:
            await db.close_database()

    print(f"\n{db_name(scratch_url)}: {KILLS} kills, {len(acknowledged)} units acknowledged, 0 lost,", end=" ")
    print(f"{len(stored) - len(acknowledged)} stored without an acknowledgement")


async def reopened(url: str) -> None:
    """The owner is dead, so the file is free."""
    await db.open_database(url, MODELS, migrations=MIGRATIONS)


async def sound() -> bool:
    """SQLite's own opinion of its file; PostgreSQL recovers without us."""
    if db.dialect() == "postgres":
        return True
    return await sql.fetch_all("PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def db_name(url: str) -> str:
    """Which engine it was."""
    return url.partition(":")[0]
