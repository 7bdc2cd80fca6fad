"""The stub server, and a page of the product that listens to everything the element tells."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.widget.driving import LISTEN
from tests.widget.stub import Stub, serve


@pytest.fixture
def stub() -> Iterator[Stub]:
    """A server that begins on the reason screen."""
    stub = Stub()
    server = serve(stub)
    yield stub
    stub.over.set()
    server.shutdown()
    server.server_close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One for all these tests, since the element leaves nothing in it; reduced motion, so that no fade is measured."""
    context = await browser.new_context(locale="en-GB", reduced_motion="reduce")
    await context.add_init_script(LISTEN)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def host(profile: BrowserContext) -> AsyncIterator[Page]:
    """The page that embeds the element; a script error on it fails the test."""
    page = await profile.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await page.close()

    assert errors == []
