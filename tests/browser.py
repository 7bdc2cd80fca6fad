"""The system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """AUREVOIR_CHROMIUM, else the first that the system has."""
    found = os.environ.get("AUREVOIR_CHROMIUM") or next(filter(None, map(shutil.which, CANDIDATES)), None)
    return found or None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One browser for the whole run; tests that use it are marked `browser`."""
    executable = find_chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine: install it, or name it in AUREVOIR_CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable,
            # Tests run as root in containers; nothing they open comes from elsewhere.
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page in a fresh profile; a script error on it fails the test."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Paris")
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    await context.close()

    assert errors == []
