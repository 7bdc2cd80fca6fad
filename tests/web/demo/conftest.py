"""A small demo: its workspace with a short past, served as `aurevoir demo` serves it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from aurevoir.access import workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import clock, db
from aurevoir.settings import Settings
from aurevoir.web.demo import setting
from tests.databases import MODELS, Database

VISITS = 16


def demo_settings(url: str) -> Settings:
    """The settings that `aurevoir demo` makes."""
    secret = "for-tests-only-for-tests-only-for-tests"
    return Settings(database_url=url, secret_key=secret, base_url="http://test", demo=True)


@pytest.fixture
def settings(database: Database) -> Settings:
    """Those of the open database."""
    return demo_settings(database.url)


@pytest.fixture
async def demo(settings: Settings) -> WorkspaceSettings:
    """The demo's workspace, set up unless it is there."""
    await setting.prepare(settings.installation, sessions=VISITS, now=clock.now())
    workspace = await workspaces.find_by_key(settings.installation.keyring, setting.KEY)
    assert workspace is not None
    return workspace


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demo in it, to copy: quicker than setting it up for every test."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("demo") / "demo.db"))
    asyncio.run(_prepare(demo_settings(f"sqlite://{path}")))
    return path


async def _prepare(settings: Settings) -> None:
    await db.open_database(settings.database_url, MODELS)
    try:
        await setting.prepare(settings.installation, sessions=VISITS, now=clock.now())
    finally:
        await db.close_database()
