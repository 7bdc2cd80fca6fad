"""The receipt's page as Dana uses it: in a real browser, by keyboard, without a script; and looked over by axe."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.accessibility import looking
from tests.house import facts
from tests.journeys.running import Service, service

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service; each test has a subscription of its own."""
    with service(tmp_path_factory.mktemp("service")) as started:
        yield started


def cancelled(running: Service, subscription: str, locale: str = "en") -> str:
    """A cancellation recorded with its reason: the address of its receipt's page."""
    said = facts(channel="agent", reason="other", comment="On the phone", locale=locale, country="ES")
    headers = {"Authorization": f"Bearer {running.environment['TEST_API_KEY']}"}
    said |= {"subscription": said["subscription"] | {"id": subscription}}
    made = httpx.post(f"{running.base}/api/v1/sessions", json=said, headers=headers).raise_for_status().json()
    return str(made["receipt"]["url"])


async def reach(page: Page, name: str) -> None:
    """Tab until what is called `name` has the focus."""
    for _ in range(10):
        await page.keyboard.press("Tab")
        if await page.locator(":focus").inner_text() == name:
            return
    raise AssertionError(f"{name} is not reached")


async def test_everything_is_done_by_keyboard_without_a_script(browser: Browser, running: Service) -> None:
    """Download, delete, undo; each ends on the same page, which says what came of it. A reload repeats nothing."""
    address = cancelled(running, "sub_keyboard")
    context = await browser.new_context(java_script_enabled=False, accept_downloads=True)
    page = await context.new_page()
    await page.goto(address)
    await reach(page, "Download everything held about me")
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    saved = Path(await (await download.value).path())
    held = json.loads(await asyncio.to_thread(saved.read_bytes))
    await reach(page, "Delete my answers")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your answers were deleted on")).to_be_visible()
    await reach(page, "Undo the cancellation")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cancellation is undone")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cancellation is undone")
    ended_at = page.url
    await context.close()

    assert [answer["text"] for answer in held["answers"] if answer["text"]] == ["On the phone"]
    assert ended_at == address


@pytest.mark.parametrize(
    ("locale", "scheme", "width"), [("en", "light", 1280), ("de", "dark", 320), ("fr", "light", 320)]
)
async def test_axe_finds_nothing(browser: Browser, running: Service, locale: str, scheme: str, width: int) -> None:
    """Nor do our own checks; nothing is wider than the screen."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,
    )
    page = await context.new_page()
    await page.goto(cancelled(running, f"sub_{locale}_{scheme}", locale))
    await page.locator("summary").click()
    await looking.prepare(page)
    report, ours = await looking.axe(page), await looking.ours(page, locale)
    width_needed = await page.evaluate("document.documentElement.scrollWidth")
    await context.close()

    assert (report["violations"], report["unsure"], ours) == ([], [], [])
    assert width_needed <= width
