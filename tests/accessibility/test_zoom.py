"""Larger, wider apart, narrower: nothing is cut off, nothing overlaps, nothing has to be scrolled to the side."""

from collections.abc import Mapping

import pytest
from playwright.async_api import Browser, Page

from tests.accessibility import looking
from tests.accessibility.element import Shop, window
from tests.accessibility.matrix import AUDIT
from tests.accessibility.scenes import SCENES, page_of, reach
from tests.accessibility.site import LOCALES, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# WCAG 1.4.12, word for word; in shadow roots as well.
SPACED = """p { margin-block-end: 2em !important }
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"""
LARGER = ":root, [part=frame] { font-size: 32px !important }"
STYLE = """(css) => {
  for (const root of [document, document.querySelector("aurevoir-flow")?.shadowRoot]) {
    if (!root) continue;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets.slice(0, root === document ? 0 : 1), sheet];
  }
}"""
# A window of 1280 by 720 (by 1024 at 400 %) as it is at this zoom, and what is laid over the styles.
VIEWS: Mapping[str, tuple[int, int, str]] = {
    "200 %": (640, 360, ""),
    "400 %": (320, 256, ""),
    "text at 200 %": (1280, 720, LARGER),
    "text at 200 % on a telephone": (390, 780, LARGER),
    "wide spacing": (1280, 720, SPACED),
    "wide spacing on a telephone": (320, 568, SPACED),
}
# In every run the longest words of all, and every other view of a state.
LANGUAGES, STRIDE = (LOCALES, 1) if AUDIT else (("de",), 2)


async def see(page: Page, width: int, height: int, css: str) -> None:
    """The window of this size, with these styles."""
    await page.set_viewport_size({"width": width, "height": height})
    await page.evaluate(STYLE, css)


async def lost(page: Page, locale: str) -> list[str]:
    """What is cut off or lies over another; and a way out that cannot be brought into sight."""
    found = [line for line in await looking.ours(page, locale) if line.startswith(("clipped", "overlaps"))]
    for leave in await page.locator("[part=actions] [part~=leave], button.leave").all():
        await leave.scroll_into_view_if_needed()
        box, size = await leave.bounding_box(), page.viewport_size
        assert box
        assert size
        if box["y"] < -1 or box["y"] + box["height"] > size["height"] + 1:
            found.append("the way out cannot be seen")
    return found


async def show(shop: Shop, hosted: Page, name: str, locale: str, turn: int) -> list[str]:
    """What is wrong with this state in its views."""
    visit = await reach(shop.site, name, locale)
    found = []
    await shop.show(visit)
    await hosted.goto(await page_of(shop.site, visit))
    for view, (width, height, css) in list(VIEWS.items())[turn % STRIDE :: STRIDE]:
        for place, page in (("element", shop.page), ("hosted", hosted)):
            await see(page, width, height, css)
            found += [f"{name}, {place}, {locale}, {view}: {line}" for line in await lost(page, locale)]
    return found


async def test_nothing_is_lost_when_it_is_larger(browser: Browser, site: Site) -> None:
    """200 % and 400 % zoom, text at 200 %, and the text spacing of WCAG 1.4.12: every state, both clients."""
    found = []
    async with window(browser, site) as shop, window(browser, site) as hosted:
        await shop.go()
        for turn, name in enumerate(SCENES):
            for locale in LANGUAGES:
                found += await show(shop, hosted.page, name, locale, turn)

    assert not found, "\n".join(found)
