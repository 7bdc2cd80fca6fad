"""The legal forms in a real browser with scripts off, on a real server: by keyboard, on every width, light and dark."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page, expect

from tests.journeys.running import Service, service

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOOKS = [(1280, 800, "light"), (320, 640, "dark"), (390, 844, "light"), (1280, 800, "dark"), (320, 640, "light")]
# Two of them each, so that every one is seen with some form; all of them for the audit.
SEEN = {"de": LOOKS[:2], "fr": LOOKS[2:4], "eu-withdrawal?lang=ar": LOOKS[3:]}
AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const found = await axe.run("html", { runOnly: tags, rules: { "target-size": { enabled: true } } });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" | ")}`);
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all of them, with an address where people are reached."""
    with service(tmp_path_factory.mktemp("service")) as started:
        headers = {"Authorization": f"Bearer {started.environment['TEST_API_KEY']}"}
        change = {"contact_email": "help@acme.example"}
        httpx.patch(f"{started.base}/api/v1/workspace", json=change, headers=headers).raise_for_status()
        yield started


@asynccontextmanager
async def window(
    browser: Browser, width: int = 1280, height: int = 800, scheme: Any = "light", *, scripts: bool = False
) -> AsyncIterator[Page]:
    """A page of this size; the pages have no scripts, only axe needs them."""
    context = await browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": height}, color_scheme=scheme
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def by_keyboard(page: Page, *texts: str) -> None:
    """From the top of the page: Tab to each field and type, then press the first button with Enter."""
    fields = page.locator("input.line:visible")
    for number, text in enumerate(texts):
        for _ in range(12):
            await page.keyboard.press("Tab")
            if await fields.nth(number).evaluate("one => one === document.activeElement"):
                break
        await page.keyboard.type(text)
    await to_the_button(page)


async def to_the_button(page: Page) -> None:
    """Tab until the first button has the focus, and press it."""
    button = page.locator("button.leave")
    for _ in range(25):
        if await button.evaluate("one => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")


async def test_germany_by_keyboard(browser: Browser, running: Service) -> None:
    """One page: the button is in view from the first paint on, and the saved receipt says what was declared."""
    async with window(browser) as page:
        await page.goto(f"{running.base}/exit/acme/de")
        await expect(page.get_by_role("button", name="Jetzt kündigen", exact=True)).to_be_in_viewport()
        await expect(page.locator("#reason")).to_be_hidden()
        assert await page.locator(":checked").count() == 0
        await page.get_by_role("radio", name="Außerordentliche Kündigung").check()
        await page.locator("#reason").fill("Der Dienst fiel aus.")
        await page.locator("body").click(position={"x": 1, "y": 1})
        await by_keyboard(page, "Dana Muster", "K-1", "", "dana@example.com")
        await expect(page.get_by_role("heading", name="Ihre Kündigung ist eingegangen")).to_be_visible()
        async with page.expect_download() as download:
            await page.locator("a[download]").last.click()
        receipt = (await (await download.value).path()).read_text("utf-8")

    assert "Hiermit kündige ich den unten bezeichneten Vertrag außerordentlich." in receipt
    assert "Der Dienst fiel aus." in receipt
    assert "„Jetzt kündigen“" in receipt


async def test_france_by_keyboard(browser: Browser, running: Service) -> None:
    """Fields, summary, change, summary, notification."""
    async with window(browser) as page:
        await page.goto(f"{running.base}/exit/acme/fr")
        await by_keyboard(page, "Dana Moreau", "C-7", "", "dana@example.com")
        await page.get_by_role("button", name="Modifier").press("Enter")
        await expect(page.locator("#contract")).to_have_value("C-7")
        await page.locator("#contract").fill("C-77")
        await to_the_button(page)
        await expect(page.get_by_text("C-77")).to_be_visible()
        await page.get_by_role("button", name="Notification de la résiliation", exact=True).press("Enter")
        await expect(page.get_by_role("heading", name="Votre résiliation est notifiée")).to_be_visible()


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(browser: Browser, running: Service) -> None:
    """The summary first, then each field by its link; the title says it as well."""
    async with window(browser) as page:
        await page.goto(f"{running.base}/exit/acme/eu-withdrawal?lang=en")
        await page.locator("#name").fill("Dana")
        await to_the_button(page)
        await expect(page).to_have_title("Error: Withdraw from a contract · Acme")
        await expect(page.get_by_role("alert")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#contract")).to_be_focused()
        await page.keyboard.type("ORD-1")
        await expect(page.locator("#name")).to_have_value("Dana")
        await page.locator("#email").fill("dana@example.com")
        await to_the_button(page)
        await page.get_by_role("button", name="Confirm withdrawal", exact=True).press("Enter")
        await expect(page.get_by_role("heading", name="Your withdrawal is received")).to_be_visible()


@pytest.mark.parametrize("form", SEEN)
async def test_every_page_fits_and_axe_finds_nothing(browser: Browser, running: Service, form: str) -> None:
    """Fields, what is wrong with them, summary and receipt: at 1280, 390 and 320 px, light and dark."""
    for width, height, scheme in LOOKS if "AUREVOIR_AUDIT" in os.environ else SEEN[form]:
        async with window(browser, width, height, scheme, scripts=True) as page:
            await page.goto(f"{running.base}/exit/acme/{form}")
            await sound(page)
            await page.locator("button.leave").click()
            await expect(page.get_by_role("alert")).to_be_visible()
            await sound(page)
            for name, text in (("name", "Dana"), ("contract", f"K-{width}{scheme}"), ("email", "dana@example.com")):
                await page.locator(f"#{name}").fill(text)
            await page.locator("button.leave").click()
            if form != "de":
                await sound(page)
                await page.locator("button.leave").click()
            await expect(page.locator("main.receipt")).to_be_visible()
            await sound(page)


async def sound(page: Page) -> None:
    """Nothing sticks out to the side, the button is in view, and axe is content."""
    await page.evaluate(AXE_SCRIPT)
    sides = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    needed, there = await page.evaluate(sides)

    assert needed <= there
    assert await page.evaluate(AXE) == []
    if await page.locator("button.leave").count():
        await expect(page.locator("button.leave")).to_be_in_viewport(ratio=1)
