"""Each pack as a customer lives it, in a real browser on a real server: the element, and the pages with scripts off."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Response, expect

from aurevoir.kit import db, ids, sql
from tests.accessibility import site as sites
from tests.accessibility.element import ACCOUNT, FORM
from tests.accessibility.site import Site
from tests.house import ABSENT, count

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEMPLATE = Path(__file__).parent / "packs.yaml"
PHONE: Any = {"width": 360, "height": 640}
# Whose words of the offer must not be there unasked, in any language.
OFFER_WORDS = ("half_price", "Half price", "halben Preis", "Moitié prix", "demi-tarif", "14.50", "14,50", "Your team")


@dataclass(frozen=True)
class Lived:
    """A pack: who lives in it, in which language, what comes in which order, and what the buttons say."""

    facts: Mapping[str, Any]
    locale: str
    order: tuple[str, ...]
    cancel: str
    keep: str
    accept: str = "Take half price"
    decline: str = "No half price"
    leave: str = "Go to cancellation"


SURVEY_FIRST = ("choice", "offer", "confirm", "receipt")
ASKED_FOR = ("choice", "confirm", "offer", "confirm", "receipt")
PACKS = {
    "base": Lived({"country": "ES"}, "en", SURVEY_FIRST, "End my plan", "Keep my plan"),
    "us-ca": Lived({"country": "US", "region": "CA"}, "en", SURVEY_FIRST, "End my plan", "Keep my plan"),
    "us-mn": Lived({"country": "US", "region": "MN"}, "en", ASKED_FOR, "End my plan", "Keep my plan"),
    "strict": Lived({"country": ABSENT}, "en", ASKED_FOR, "End my plan", "Keep my plan"),
    "de": Lived({"country": "DE"}, "de", ("confirm", "receipt"), "Jetzt kündigen", "Mein Abonnement behalten"),
    "fr": Lived(
        {"country": "FR"},
        "fr",
        SURVEY_FIRST,
        "Notification de la résiliation",
        "Garder ma formule",
        "Prendre le demi-tarif",
        "Pas de demi-tarif",
        "Aller à la résiliation",
    ),
}
in_each = pytest.mark.parametrize("pack", PACKS)
# How a button is drawn, as the browser worked it out.
DRAWN = """(one) => {
  const style = getComputedStyle(one);
  const { x, y, width, height } = one.getBoundingClientRect();
  const names = ["fontSize", "fontWeight", "fontFamily", "color", "backgroundColor", "borderColor", "borderWidth",
    "textDecorationLine", "opacity", "textTransform"];
  return { box: { x, y, width, height }, look: names.map((name) => style[name]).join(" | ") };
}"""
SCROLL = """(one, top) => {
  for (let at = one; at; at = at.parentNode ?? at.host) at.scrollTo?.(0, top);
  scrollTo(0, top);
}"""
CHANGES = """(one) => {
  window.changes = 0;
  new MutationObserver((seen) => (window.changes += seen.length))
    .observe(one, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


@dataclass
class Window:
    """Dana's phone, and every body that the service sent to it."""

    page: Page
    hosted: bool
    bodies: list[asyncio.Task[str]] = field(default_factory=list)

    def listen(self, reply: Response) -> None:
        """To the service alone: the product's page is the product's."""
        told = "/exit/v/" in reply.url if self.hosted else "/widget/v1/session" in reply.url
        if told and reply.status not in (204, 303):
            # At once: with the next page it would be gone.
            self.bodies.append(asyncio.create_task(reply.text()))

    async def on(self, kind: str) -> Locator:
        """The screen of this kind, once it is there."""
        screen = self.page.locator(f"main.{kind}" if self.hosted else f"aurevoir-flow form[data-kind={kind}]")
        await expect(screen).to_be_visible()
        return screen

    def button(self, screen: Locator, name: str) -> Locator:
        """A button by the whole of its words."""
        return screen.get_by_role("button", name=name, exact=True)

    async def sent(self) -> str:
        """Everything so far."""
        return "\n".join(await asyncio.gather(*self.bodies))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The service, with the flow of these journeys."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("packs") / "aurevoir.db")
    async with sites.serve(f"sqlite://{path}", [TEMPLATE]) as running:
        yield running


@asynccontextmanager
async def arriving(browser: Browser, site: Site, lived: Lived, *, hosted: bool) -> AsyncIterator[Window]:
    """Dana on her account page, the button pressed."""
    context = await browser.new_context(viewport=PHONE, java_script_enabled=not hosted, reduced_motion="reduce")
    page = await context.new_page()
    window = Window(page, hosted)
    page.on("response", window.listen)
    name = str(ids.new_id())
    token = site.house.token(sub=name, subscription={"id": name}, locale=lived.locale, **lived.facts)
    slot = FORM.format(base=site.base, token=token).replace(
        "<button", '<input type="hidden" name="flow" value="lived"><button'
    )
    site.pages["/account"] = ACCOUNT.format(base=site.base, attributes='flow="lived"', slot=slot, after="")
    try:
        await page.goto(f"{site.shop}/account")
        await page.get_by_role("button", name="Cancel subscription").click()
        yield window
    finally:
        await context.close()


async def _nothing_is_chosen(screen: Locator) -> None:
    assert await screen.locator(":checked, [aria-selected=true], [aria-checked=true]").count() == 0
    for area in await screen.locator("textarea").all():
        assert await area.input_value() == ""


async def _the_three_weigh_the_same(window: Window, screen: Locator, lived: Lived) -> None:
    """FE-05, FE-06: accept, decline and cancel look alike, are as large as each other, and in view all the while."""
    await window.page.mouse.move(0, 0)
    three = [window.button(screen, name) for name in (lived.accept, lived.decline, lived.leave)]
    drawn = [await one.evaluate(DRAWN) for one in three]
    areas = [one["box"]["width"] * one["box"]["height"] for one in drawn]

    assert len({one["look"] for one in drawn}) == 1, drawn
    assert max(areas) / min(areas) <= 1.25, drawn
    assert all(min(one["box"]["width"], one["box"]["height"]) >= 44 for one in drawn)
    for width in (360, 320):
        await window.page.set_viewport_size({"width": width, "height": PHONE["height"]})
        for top in (0, 10_000, 0):
            await screen.evaluate(SCROLL, top)
            await expect(three[2]).to_be_in_viewport(ratio=1)


async def _press(window: Window, lived: Lived, kind: str, following: str) -> None:
    """What leads on from a screen of this kind to one of the other, on the way that this journey takes."""
    screen = await window.on(kind)
    await _nothing_is_chosen(screen)
    if kind == "choice":
        await screen.locator("[name=choices][value=too_expensive]").check()
        names = {"en": "Continue", "de": "Weiter", "fr": "Continuer"}
        await window.button(screen, names[lived.locale]).click()
    elif kind == "offer":
        await _the_three_weigh_the_same(window, screen, lived)
        await window.button(screen, lived.leave).click()
    elif following == "offer":
        await window.button(screen, "Is there another way?").click()
    else:
        await window.page.mouse.move(0, 0)
        two = [await window.button(screen, name).evaluate(DRAWN) for name in (lived.cancel, lived.keep)]
        assert two[0]["look"] == two[1]["look"], "to leave and to stay look alike"
        # Where it may be asked at all, it was asked once.
        assert await screen.get_by_role("button", name="Is there another way?").count() == 0
        await window.button(screen, lived.cancel).click()


@in_each
@pytest.mark.parametrize("hosted", [False, True], ids=["element", "pages"])
async def test_a_pack_is_lived_as_the_law_has_it(browser: Browser, site: Site, pack: str, *, hosted: bool) -> None:
    """The order of screens, the words of the buttons, nothing chosen, no offer unasked, and the receipt at the end."""
    lived = PACKS[pack]
    async with arriving(browser, site, lived, hosted=hosted) as window:
        seen: list[str] = []
        for kind, following in zip(lived.order, lived.order[1:], strict=False):
            seen.append(kind)
            if "offer" not in seen:
                await window.on(kind)
                sent = await window.sent()
                assert [words for words in OFFER_WORDS if words in sent] == []
            await _press(window, lived, kind, following)
        receipt = await window.on("receipt")

        await expect(receipt.get_by_text("rcp_")).to_be_visible()
        if pack == "de":
            assert [words for words in OFFER_WORDS if words in await window.sent()] == []


@pytest.mark.parametrize("hosted", [False, True], ids=["element", "pages"])
async def test_germany_shows_the_confirmation_alone(browser: Browser, site: Site, *, hosted: bool) -> None:
    """FE-15: in the first paint the button of the law; no question, no word of the template; the survey afterwards."""
    lived = PACKS["de"]
    async with arriving(browser, site, lived, hosted=hosted) as window:
        screen = await window.on("confirm")
        await expect(window.button(screen, "Jetzt kündigen")).to_be_in_viewport(ratio=1)
        assert await screen.locator("input:not([type=hidden]), textarea, select").count() == 0
        assert "Soll es enden" not in await window.page.content() + (await screen.inner_text())
        assert [await one.inner_text() for one in await screen.get_by_role("button").all()] == [
            lived.cancel,
            lived.keep,
        ]
        await window.button(screen, lived.cancel).click()
        receipt = await window.on("receipt")
        await window.button(receipt, "Ein paar Fragen beantworten").click()
        survey = await window.on("choice")
        await _nothing_is_chosen(survey)
        await survey.locator("[name=choices][value=too_expensive]").check()
        await window.button(survey, "Weiter").click()
        await window.on("receipt")


async def test_an_offer_stands_still(browser: Browser, site: Site) -> None:
    """FE-09: while Dana thinks about it nothing on the screen changes: no clock, no countdown, no second thought."""
    async with arriving(browser, site, PACKS["base"], hosted=False) as window:
        screen = await window.on("choice")
        await screen.locator("[name=choices][value=too_expensive]").check()
        await window.button(screen, "Continue").click()
        offer = await window.on("offer")
        await offer.evaluate(CHANGES)
        await window.page.wait_for_timeout(1500)

        assert await window.page.evaluate("window.changes") == 0


@pytest.mark.parametrize("hosted", [False, True], ids=["element", "pages"])
async def test_an_offer_that_ran_out_says_so(browser: Browser, site: Site, *, hosted: bool) -> None:
    """FE-09: its time was over when Dana pressed; she is told, and nothing but the confirmation is there."""
    lived = PACKS["base"]
    async with arriving(browser, site, lived, hosted=hosted) as window:
        screen = await window.on("choice")
        await screen.locator("[name=choices][value=too_expensive]").check()
        await window.button(screen, "Continue").click()
        offer = await window.on("offer")
        over = "UPDATE presentation SET honoured_until = at WHERE why_not IS NULL"
        await db.transaction(lambda: sql.execute(over))
        await window.button(offer, lived.accept).click()
        confirm = await window.on("confirm")

        await expect(confirm.get_by_text("The offer is no longer available. Nothing has changed.")).to_be_visible()
        await window.button(confirm, lived.cancel).click()
        await window.on("receipt")


@pytest.mark.parametrize("way", ["escape", "cross", "gone"])
async def test_closing_keeps_nothing_and_nobody(browser: Browser, site: Site, way: str) -> None:
    """FE-19: closed on the offer, by Escape, by its cross or with the page: nothing is kept, saved or cancelled."""
    async with arriving(browser, site, PACKS["base"], hosted=False) as window:
        screen = await window.on("choice")
        await expect(screen.get_by_text("Closing this window cancels nothing.")).to_be_visible()
        await screen.locator("[name=choices][value=too_expensive]").check()
        await window.button(screen, "Continue").click()
        await window.on("offer")
        if way == "escape":
            await window.page.keyboard.press("Escape")
        elif way == "cross":
            await window.page.get_by_role("button", name="Close").click()
        else:
            await window.page.goto("about:blank")
        if way != "gone":
            await expect(window.page.get_by_role("button", name="Cancel subscription")).to_be_focused()
            await window.page.get_by_role("button", name="Cancel subscription").click()
            await window.on("offer")

    assert await count("event", "kind IN ('session.kept', 'session.saved', 'offer.accepted')") == 0
