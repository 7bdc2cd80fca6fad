"""One service for all tests of a file, and the windows of those that only use the keyboard."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.accessibility import site as sites
from tests.accessibility.element import Shop, window
from tests.accessibility.keys import Keys
from tests.accessibility.site import Site

PHONE: Any = {"width": 390, "height": 780}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The service on a database of its own."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("site") / "aurevoir.db")
    async with sites.serve(f"sqlite://{path}") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def shop(browser: Browser, site: Site) -> AsyncIterator[Shop]:
    """Dana's account page on a telephone; a script error or a touch of the mouse fails the test."""
    async with window(browser, site, viewport=PHONE) as shop:
        yield shop
        assert await Keys(shop.page).untouched()


@pytest_asyncio.fixture(loop_scope="session")
async def plain(browser: Browser) -> AsyncIterator[Page]:
    """A browser that runs no script."""
    context = await browser.new_context(java_script_enabled=False, viewport=PHONE)
    context.set_default_timeout(8000)
    yield await context.new_page()
    await context.close()
