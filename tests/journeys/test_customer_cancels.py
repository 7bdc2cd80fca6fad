"""Dana cancels, in a real browser, on a real server; Ana sees the reason count and exports it."""

import csv
import io
import json
from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.running import Service, service

pytestmark = pytest.mark.browser
SUBSCRIPTION = {"plan": "pro", "amount": 2900, "currency": "EUR", "interval": "month", "renews_on": "2030-12-01"}
FACTS = json.dumps({"country": "ES", "consumer": True, "subscription": SUBSCRIPTION})
# The text of what has the focus, inside shadow roots as well.
FOCUSED = """() => {
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    return focused?.textContent?.trim();
}"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all journeys; each has a subscription of its own."""
    with service(tmp_path_factory.mktemp("service")) as started:
        yield started


def _account(running: Service, token: str, locale: str = "en") -> str:
    return f"{running.origin}/?token={token}&locale={locale}"


def _reasons(running: Service) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {running.environment['TEST_API_KEY']}"}
    report = httpx.get(f"{running.base}/api/v1/insights/reasons", headers=headers).raise_for_status().json()
    return {row["code"]: row["count"] for row in report["rows"]}


async def _tab_to(page: Page, name: str, most: int = 12) -> None:
    """Press Tab until the control called `name` has the focus; never more often than `most` times."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if name in (await page.evaluate(FOCUSED) or ""):
            return
    raise AssertionError(f"{name} is not reached by {most} presses of Tab")


async def test_by_keyboard_from_the_account_page_to_the_export(page: Page, running: Service) -> None:
    """Without a mouse: cancel, one reason, confirm, receipt; then the reason counts one more, and is in the CSV."""
    before = _reasons(running)
    await page.goto(_account(running, running.token("sub_keyboard", FACTS)))
    await _tab_to(page, "Cancel subscription")
    await page.keyboard.press("Enter")
    reason = page.get_by_role("radio", name="I don’t use it enough")
    await expect(page.get_by_role("heading", name="main reason")).to_be_focused()
    await page.keyboard.press("Tab")
    for _ in range(10):
        if await reason.is_checked():
            break
        await page.keyboard.press("ArrowDown")
    await _tab_to(page, "Continue")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Confirm your cancellation")).to_be_focused()
    await _tab_to(page, "Cancel my subscription", most=8)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your cancellation is received")).to_be_focused()
    await expect(page.get_by_text("rcp_")).to_be_visible()

    assert _reasons(running)["not_using"] == before.get("not_using", 0) + 1
    exported = list(csv.DictReader(io.StringIO(running.command("export", "sessions"))))
    assert any(row["state"] in ("leaving", "left") for row in exported)


@pytest.mark.slow
async def test_a_reload_comes_back_to_where_dana_was(page: Page, running: Service) -> None:
    """A reload in the middle loses nothing: the same token opens the same screen."""
    account = _account(running, running.token("sub_reload", FACTS))
    await page.goto(account)
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("radio", name="It costs too much").check()
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", name="Move to the Basic plan")).to_be_visible()
    await page.goto(account)
    await page.get_by_role("button", name="Cancel subscription").click()

    await expect(page.get_by_role("heading", name="Move to the Basic plan")).to_be_visible()


@pytest.mark.slow
async def test_with_the_script_blocked_the_form_leads_to_the_pages(page: Page, running: Service) -> None:
    """When the element never arrives, the button posts to the hosted pages, in Dana's language."""
    await page.route("**/aurevoir.js", lambda route: route.abort())
    await page.goto(_account(running, running.token("sub_blocked", FACTS), "fr"))
    await page.get_by_role("button", name="Cancel subscription").click()
    await page.get_by_role("button", name="Aller directement à la résiliation").click()
    await page.get_by_role("button", name="Résilier mon abonnement").click()

    await expect(page.get_by_role("heading", name="Votre résiliation est enregistrée")).to_be_visible()


@pytest.mark.slow
async def test_without_any_script_in_arabic_on_a_small_screen(browser: Browser, running: Service) -> None:
    """With JavaScript off, right to left, 320 px wide: every step fits and the receipt downloads."""
    context = await browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = await context.new_page()
    await page.goto(_account(running, running.token("sub_arabic", FACTS), "ar"))
    await page.get_by_role("button", name="Cancel subscription").click()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await page.locator("input[value=too_expensive]").check()
    await page.get_by_role("button", name="متابعة").click()
    await page.get_by_role("button", name="لا، شكرًا").click()
    await page.get_by_role("button", name="إلغاء اشتراكي").click()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="حفظ كنص").click()
    receipt = (await (await download.value).path()).read_text("utf-8")
    await context.close()

    assert "rcp_" in receipt


@pytest.mark.slow
async def test_escape_closes_and_cancels_nothing(page: Page, running: Service) -> None:
    """Escape gives the focus back to the button and records neither a cancellation nor a stay."""
    await page.goto(_account(running, running.token("sub_escape", FACTS)))
    await page.get_by_role("button", name="Cancel subscription").click()
    await expect(page.get_by_role("heading", name="main reason")).to_be_visible()
    await page.keyboard.press("Escape")

    await expect(page.get_by_role("button", name="Cancel subscription")).to_be_focused()
    exported = list(csv.DictReader(io.StringIO(running.command("export", "sessions"))))
    assert [row["state"] for row in exported if row["moves"] == "0"] == ["open"]
