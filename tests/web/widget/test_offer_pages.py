"""Offers on the hosted pages: taken, declined and outlived with plain forms."""

import httpx
import pytest

from aurevoir.sessions import service as sessions
from tests.house import House, count, on_sqlite
from tests.plain_browser import Browser
from tests.sessions.offered import accept, offered, publish

pytestmark = on_sqlite


@pytest.mark.parametrize("ticked", [(), ("refer", "story")])
async def test_an_offer_is_taken_with_plain_forms(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch, ticked: tuple[str, ...]
) -> None:
    """The complete terms, accept, what is asked in return, and the way out all the same."""
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)
    await publish(house)
    browser = await Browser(client).post("/exit/start", token=house.token(), flow="offered")
    browser.fill("choices", "price")
    await browser.press("answer")
    shown = browser.text
    await browser.press("accept")
    asked = browser.form.options["choices"], browser.form.values.get("choices")
    if ticked:
        browser.fill("choices", *ticked)
    await browser.press("answer")
    working = browser.text
    await browser.press("cancel")
    await browser.press("cancel")

    halved = "€14.50 a month until March 1, 2031, then €29.00 a month"
    assert {"Half price", "Today", "€29.00 a month", "With this offer", halved} <= set(shown.splitlines())
    assert asked == (["refer", "story"], None)
    assert "We are applying it" in working
    assert "Half price" in working
    assert any("/exit/receipts/rcp_" in link for link in browser.page.links)
    assert await count("favour") == len(ticked)
    assert await count("redemption") == 2


async def test_a_guide_leads_on_once_it_is_accepted(client: httpx.AsyncClient, house: House) -> None:
    """Not before, as in the element: its link stands on the page that says what was agreed."""
    await publish(house)
    browser = await Browser(client).post("/exit/start", token=house.token(), flow="offered")
    browser.fill("choices", "help")
    await browser.press("answer")
    shown = list(browser.page.links)
    await browser.press("accept")

    assert "https://example.com/tour" not in shown
    assert "https://example.com/tour" in browser.page.links
    assert "Take the tour" in browser.text


async def test_an_offer_that_is_gone_shows_the_confirmation(client: httpx.AsyncClient, house: House) -> None:
    """Accepted too late: back to the page, which shows how to leave and no offer."""
    await publish(house, "{per_month: 1}")
    late = await Browser(client).post("/exit/start", token=house.token(), flow="offered")
    late.fill("choices", "price")
    await late.press("answer")
    await accept(house, await offered(house, sub="erin", subscription={"id": "sub_erin"}))
    await late.press("accept")

    assert late.reply.status_code == 200
    assert "Half price" not in late.text
    assert {"cancel", "keep"} <= set(late.moves)
