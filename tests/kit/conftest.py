"""The kit's own database: the scratch schema, on each engine."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from aurevoir.kit import db
from aurevoir.kit.engine import Dialect

MODELS = ["tests.kit.scratch.models"]
MIGRATIONS = "tests.kit.scratch.migrations"


@pytest.fixture
def scratch_sqlite(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite://{tmp_path / 'scratch.db'}"


@pytest.fixture
def scratch_postgres(postgres_empty: str) -> Iterator[str]:
    """A database with nothing in it, and nothing left in it."""
    yield postgres_empty
    asyncio.run(_cleared(postgres_empty))


@pytest.fixture(params=["sqlite", "postgres"])
def scratch_url(request: pytest.FixtureRequest) -> str:
    """An empty database: the test runs once on each engine."""
    return str(request.getfixturevalue(f"scratch_{request.param}"))


@pytest.fixture
async def scratch(scratch_url: str) -> AsyncIterator[Dialect]:
    """The same, open, with the scratch schema in it."""
    await db.open_database(scratch_url, MODELS, migrations=MIGRATIONS)
    try:
        await db.migrate()
        yield db.dialect()
    finally:
        await db.close_database()


async def _cleared(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await connection.close()
