"""The demo as somebody meets it: `aurevoir demo`, a browser, and the five things to try."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Download, Page, expect

from tests.journeys.running import free_port

# With the slow tests: the journeys of a customer go the main ways in every run.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
VISITS = 40
INNERMOST = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.textContent ?? "";
}"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running demo, stopped by its process id."""
    data, port = tmp_path_factory.mktemp("demo"), free_port()
    command = [sys.executable, "-m", "aurevoir", "demo", "--port", str(port), "--data", str(data)]
    log = (data / "log").open("w")
    process = subprocess.Popen([*command, "--sessions", str(VISITS)], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", data / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def _wait_until_ready(base: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{base}/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(log.read_text())


async def _focused(page: Page) -> str:
    """The words of what has the focus, also inside the element."""
    return " ".join(str(await page.evaluate(INNERMOST)).split())


async def _text(download: Download) -> str:
    path = await download.path()
    return path.read_text("utf-8")


async def _tab_to(page: Page, words: str) -> None:
    for _ in range(25):
        await page.keyboard.press("Tab")
        if words in await _focused(page):
            return
    raise AssertionError(f"{words!r} cannot be reached with Tab")


async def test_leaving_ticks_the_first_four_things(page: Page, base: str) -> None:
    """With the keyboard alone: cancel, see the reason move, save the receipt, download the CSV."""
    await page.goto(f"{base}/demo")
    count = page.locator("tr[data-code=not_using] .count b")
    before = int(await count.inner_text())
    await _tab_to(page, "Cancel subscription")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="main reason")).to_be_focused()
    await expect(page.locator(".session .state")).to_have_text("open")
    await page.keyboard.press("Tab")
    for _ in range(9):
        if await page.get_by_role("radio", name="use it enough").is_checked():
            break
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(count).to_have_text(str(before + 1))
    await expect(page.locator("tr.moved [data-by='+1']")).to_be_visible()
    for button in ("No, thank you", "Cancel my subscription"):
        await _tab_to(page, button)
        await page.keyboard.press("Enter")
    await expect(page.locator(".session .state")).to_have_text("left")
    async with page.expect_download() as receipt:
        await _tab_to(page, "Save as text")
        await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="See your cancellation")).to_be_focused()
    async with page.expect_download() as table:
        await _tab_to(page, "Download the CSV")
        await page.keyboard.press("Enter")

    await expect(page.locator(".todo .done")).to_have_count(4)
    await expect(page.locator(".badge")).to_contain_text("Ends on")
    assert "rcp_" in await _text(await receipt.value)
    assert "not_using" in await _text(await table.value)


async def test_an_offer_taken_runs_out_before_ones_eyes(page: Page, base: str) -> None:
    """The fifth thing: the price falls, the days go by, each payment comes, and the full price is back by itself."""
    await page.goto(f"{base}/demo?visitor=offer")
    price = page.locator(".plan dl > div").filter(has_text="Price")
    newest = page.locator(".payments li").first
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("radio", name="costs too much").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Accept this offer").click()
    await expect(page.locator(".session .state")).to_have_text("saved")
    await expect(page.locator(".considered .shown")).to_contain_text("half_price")
    await expect(page.locator(".ordered .state")).to_have_text("confirmed")
    await expect(price).to_contain_text("€14.50 until")
    await page.keyboard.press("Escape")
    clock = page.get_by_role("button", name="+30 days")
    await clock.click()
    await expect(newest).to_contain_text("€14.50")
    await clock.focus()
    for count in (4, 5):
        await page.keyboard.press("Enter")
        await expect(page.locator(".payments li")).to_have_count(count)
    await expect(price).to_have_text(re.compile("Price\\s*€29.00 a month"))
    await page.keyboard.press("Enter")
    await expect(newest.locator("s")).to_have_count(0)

    await expect(newest).to_contain_text("€29.00")
    await expect(page.locator(".todo li").last).to_contain_text("(done)")


async def test_without_scripts_the_days_go_by_as_well(browser: Browser, base: str) -> None:
    """The button is a plain form: back on the account, a payment later."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{base}/demo?visitor=patient")
    before = await page.locator(".payments li").count()
    await page.get_by_role("button", name="+30 days").click()

    await expect(page.locator(".payments li")).to_have_count(before + 1)
    await context.close()


async def test_undo_brings_the_account_back(page: Page, base: str) -> None:
    """One press, also when billing confirmed the end meanwhile; the page follows without a reload."""
    await page.goto(f"{base}/demo?visitor=undo")
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("button", name="Go straight to cancellation").click()
    await page.get_by_role("button", name="Cancel my subscription").click()
    await expect(page.locator(".session .state")).to_have_text("left")
    await page.get_by_role("button", name="Undo the cancellation").click()

    await expect(page.locator(".session .state")).to_have_text("undone")
    await expect(page.locator(".badge")).to_have_text("Active")


async def test_a_reload_in_the_middle_comes_back_to_the_same_place(page: Page, base: str) -> None:
    """The visitor stands in the address: the same session, the same screen, also in another language."""
    await page.goto(f"{base}/demo")
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("button", name="Go straight to cancellation").click()
    await expect(page.get_by_role("heading", name="Confirm your cancellation")).to_be_visible()
    await page.reload()
    await page.locator(".switch.lang summary").click()
    await page.get_by_role("link", name="Français").click()
    await page.get_by_role("button", name="Résilier l’abonnement").click()

    await expect(page.get_by_role("heading", name="Confirmez votre résiliation")).to_be_visible()


async def test_with_javascript_off_everything_is_there(browser: Browser, base: str) -> None:
    """The switches are links, the button leads to the hosted pages, and going back shows what is stored."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{base}/demo?visitor=plain")
    await page.locator(".switch.country summary").click()
    await page.get_by_role("link", name="Germany").click()
    account = page.url
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("button", name="Cancel my subscription").click()
    await expect(page.get_by_role("heading", name="Your cancellation is received")).to_be_visible()
    await page.goto(account)

    await expect(page.locator(".badge")).to_contain_text("Ends on")
    await expect(page.locator(".lines")).to_contain_text("cancellation.declared")
    await context.close()


@pytest.mark.parametrize(
    ("width", "lang"),
    [(390, "ar"), (1440, "en")]
    + [pytest.param(width, lang, marks=pytest.mark.slow) for width in (320, 768, 1024) for lang in ("fr", "ar")],
)
async def test_it_fits_and_is_accessible(browser: Browser, base: str, width: int, lang: str) -> None:
    """No sideways scrolling, nothing that axe objects to: light and left to right, dark and right to left."""
    scheme = "dark" if lang == "ar" else "light"
    size = {"width": width, "height": 800}
    context = await browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{base}/demo?visitor=fits{width}{lang}&lang={lang}&mode=inline")
    await expect(page.locator("aurevoir-flow [part=screen][data-kind=choice]")).to_be_visible()
    await page.locator("aurevoir-flow [part~=leave]").click()
    await expect(page.locator("aurevoir-flow [data-kind=confirm]")).to_be_visible()
    overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = await Axe().run(page)
    await context.close()

    assert overflow == 0
    assert found.violations_count == 0, found.generate_report()


async def test_the_page_keeps_to_its_own_policy(page: Page, base: str) -> None:
    """Through a whole visit the browser refuses nothing: no inline style, no sink for text, no other address."""
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    await page.goto(f"{base}/demo?visitor=policy&customer=business")
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.locator("aurevoir-flow input[value=approvals]").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="No, thank you").click()
    await page.get_by_role("button", name="Cancel my subscription").click()
    await expect(page.locator(".session .state")).to_have_text("left")

    assert refused == []


async def test_a_service_that_stops_answering_is_told(page: Page, base: str) -> None:
    """The page says so, and is quiet again once the service is back."""
    await page.goto(f"{base}/demo?visitor=away")
    await page.route("**/demo/feed*", lambda route: route.abort())
    await expect(page.locator(".trouble")).to_be_visible()
    await page.unroute("**/demo/feed*")

    await expect(page.locator(".trouble")).to_be_hidden(timeout=15_000)


async def test_nobody_is_asked_while_nobody_looks(page: Page, base: str) -> None:
    """In a hidden tab the page asks for nothing; shown again, it asks at once."""
    asked: list[str] = []
    await page.goto(f"{base}/demo?visitor=hidden")
    await page.evaluate(
        "Object.defineProperty(document, 'hidden', {get: () => window.away ?? true, configurable: true})"
    )
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_timeout(1000)
    page.on("request", lambda request: asked.append(request.url))
    await page.wait_for_timeout(1600)
    quiet = list(asked)
    async with page.expect_request("**/demo/feed*", timeout=1000):
        await page.evaluate("window.away = false; dispatchEvent(new Event('visibilitychange'))")

    assert quiet == []
