"""Nobody loses what they wrote because it took them long (WCAG 2.2.1): the service's clock is put forward."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from aurevoir.kit import clock, ids
from tests.accessibility.element import Shop, window
from tests.accessibility.site import Site
from tests.house import count

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = "I wrote this for a long time"


class Watch:
    """The service's clock, and tokens that the product signs by it."""

    def __init__(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        self.site, self.ahead = site, timedelta()
        self.name = str(ids.new_id())
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: self.moved(real()))

    def moved(self, now: datetime) -> datetime:
        """Later, by as much as has passed."""
        return now + self.ahead

    def token(self) -> str:
        """Fresh at this moment, always for the same customer."""
        now = int(clock.now().timestamp())
        changes: dict[str, Any] = {"sub": f"cus_{self.name}", "subscription": {"id": f"sub_{self.name}"}}
        return self.site.house.token(iat=now, exp=now + 600, **changes)


@pytest.fixture
def watch(site: Site, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """A clock that can be put forward."""
    return Watch(site, monkeypatch)


@pytest_asyncio.fixture(loop_scope="session")
async def shop(browser: Browser, site: Site) -> AsyncIterator[Shop]:
    """Dana's account page, which notes what the element says went wrong."""
    async with window(browser, site) as shop:
        yield shop


async def begin(shop: Shop, watch: Watch, attributes: str = "") -> Page:
    """The first question, with an answer begun."""
    await shop.go(f'flow="reasons" {attributes}', watch.token())
    await shop.page.evaluate(
        "document.addEventListener('aurevoir:error', (event) => { window.wrong = event.detail.code })"
    )
    await shop.page.get_by_role("button", name="Cancel subscription").click()
    await shop.page.get_by_label("It costs too much").check()
    await shop.page.get_by_label("tell us more").fill(WORDS)
    return shop.page


async def saved() -> int:
    """How often what Dana wrote is in the database."""
    return await count("answer", "text = $1", WORDS)


async def test_forty_minutes_are_no_reason_to_begin_anew(shop: Shop, watch: Watch) -> None:
    """The customer token has long expired; the visit has not."""
    page = await begin(shop, watch)
    before = await saved()
    watch.ahead = timedelta(minutes=40)
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", name="Would this help?")).to_be_focused()

    assert await saved() == before + 1


async def test_with_a_token_url_dana_notices_nothing(shop: Shop, watch: Watch) -> None:
    """After two days the element asks the product for a fresh token, and sends what was written."""
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    page = await begin(shop, watch, 'token-url="/token"')
    before = await saved()
    watch.ahead = timedelta(days=2)
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", name="Would this help?")).to_be_focused()

    assert await saved() == before + 1
    assert await page.evaluate("window.wrong") is None


async def test_without_one_it_says_how_to_go_on_and_keeps_what_was_written(shop: Shop, watch: Watch) -> None:
    """The words stay in the field; the product is told, brings a fresh token, and "Try again" sends them."""
    page = await begin(shop, watch)
    before = await saved()
    watch.ahead = timedelta(days=2)
    await page.get_by_role("button", name="Continue").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("This page was open for too long.")
    await expect(alert).to_be_focused()
    await expect(page.get_by_label("tell us more")).to_have_value(WORDS)
    assert await page.evaluate("window.wrong") == "token_expired"

    await page.evaluate("(token) => void document.querySelector('aurevoir-flow').open({ token })", watch.token())
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Would this help?")).to_be_focused()
    assert await saved() == before + 1


async def test_what_is_written_after_the_message_counts(shop: Shop, watch: Watch) -> None:
    """What is sent then is what stands in the fields then."""
    page = await begin(shop, watch)
    watch.ahead = timedelta(days=2)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("alert").wait_for()
    await page.get_by_label("tell us more").fill(f"{WORDS}, and longer")
    await page.evaluate("(token) => void document.querySelector('aurevoir-flow').open({ token })", watch.token())
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("heading", name="Would this help?").wait_for()

    assert await count("answer", "text = $1", f"{WORDS}, and longer") == 1


async def test_a_cancellation_arrives_though_the_visit_was_over(shop: Shop, watch: Watch) -> None:
    """She pressed it: it is declared, once."""
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    page = await begin(shop, watch, 'token-url="/token"')
    await page.get_by_role("button", name="Go straight to cancellation").click()
    before = await count("declaration")
    watch.ahead = timedelta(days=2)
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    await page.get_by_role("button", name="Cancel my subscription").click()
    await expect(page.get_by_role("heading", name="Your cancellation is received")).to_be_focused()

    assert await count("declaration") == before + 1


async def test_an_offer_is_not_accepted_behind_the_customers_back(shop: Shop, watch: Watch) -> None:
    """Days later its terms may be others, or it is gone: nothing is accepted unseen."""
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    page = await begin(shop, watch, 'token-url="/token"')
    await page.get_by_role("button", name="Continue").click()
    before = await count("redemption")
    watch.ahead = timedelta(days=2)
    watch.site.pages["/token"] = json.dumps({"token": watch.token()})
    await page.get_by_role("button", name="Accept this offer").click()
    await expect(page.get_by_text("The offer is no longer available. Nothing has changed.")).to_be_visible()

    assert await count("redemption") == before


async def test_an_expired_page_says_so_and_what_was_saved_is_there(shop: Shop, watch: Watch) -> None:
    """Without the element: the page explains itself, and from the account page the visit goes on where it stood."""
    page = shop.page
    await page.route("**/aurevoir.js", lambda route: route.abort())
    html = '<form method="post" action="{base}/exit/start"><input type="hidden" name="token" value="{token}">'
    html += '<input type="hidden" name="flow" value="reasons"><button>Cancel subscription</button></form>'
    for days in (0, 2):
        watch.ahead = timedelta(days=days)
        watch.site.pages["/plain"] = html.format(base=watch.site.base, token=watch.token())
        await page.goto(f"{watch.site.shop}/plain")
        await page.get_by_role("button", name="Cancel subscription").click()
        if days == 0:
            await page.get_by_label("It costs too much").check()
            await page.get_by_label("tell us more").fill(WORDS)
            await page.get_by_role("button", name="Continue").click()
            await page.get_by_role("heading", name="Would this help?").wait_for()
            watch.ahead = timedelta(days=2)
            await page.get_by_role("button", name="Back").click()
            await expect(page.get_by_role("heading", name="no longer valid")).to_be_visible()
            await expect(page.get_by_text("Whatever you answered is kept.")).to_be_visible()
    # Where the offer stood there is the confirmation: it has to be worked out anew.
    for heading in ("Confirm your cancellation", "Would this help?"):
        await page.get_by_role("heading", name=heading).wait_for()
        await page.get_by_role("button", name="Back").click()

    await expect(page.get_by_label("tell us more")).to_have_value(WORDS)
