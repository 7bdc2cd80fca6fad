"""Tab through every state: the way out is near, what has the focus is seen, and nothing is a trap."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.accessibility.element import window
from tests.accessibility.keys import Keys
from tests.accessibility.looking import CHECKS
from tests.accessibility.matrix import AUDIT
from tests.accessibility.scenes import SCENES, page_of, reach
from tests.accessibility.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NEAR = 8
SMALL = {"width": 320, "height": 568}
SIZES = [SMALL, {"width": 390, "height": 780}, {"width": 1280, "height": 720}] if AUDIT else [SMALL]
MOST = 40


async def walk(page: Page) -> list[dict[str, Any]]:
    """Everything that the Tab key meets, from where the focus is, until it leaves or begins anew."""
    await page.evaluate(CHECKS)
    met: list[dict[str, Any]] = []
    for _ in range(MOST):
        await page.keyboard.press("Tab")
        here = await page.evaluate("checks.focused()")
        if here is None or here["text"] == "Close" or here in met[:1]:
            return met
        met.append(here)
    raise AssertionError(f"Tab does not come out of {met[-3:]}")


def ways_out(screen: dict[str, Any]) -> set[str]:
    """What the buttons that cancel are called."""
    return {action["label"] for action in screen["actions"] if action["move"] == "cancel"}


def wrong(name: str, met: list[dict[str, Any]], out: set[str]) -> tuple[int, list[str]]:
    """How far the way out is, and what is not as it should be on the way round."""
    stops = next((at for at, here in enumerate(met, 1) if here["text"] in out), MOST) if out else 0
    found = [f"{name}: the way out is {stops} stops away"] if stops > NEAR else []
    found += [f"{name}: no focus ring on {here['name']}" for here in met if not here["rings"]]
    found += [f"{name}: behind the bar: {here['name']}" for here in met if here["covered"]]
    found += [f"{name}: out of sight: {here['name']}" for here in met if here["out"]]
    return stops, found


async def test_the_way_out_is_near_and_the_focus_is_seen(browser: Browser, site: Site) -> None:
    """In a dialog, in place and on the hosted pages: at most eight presses of Tab; nothing under the bar (2.4.11)."""
    found, stops = [], {}
    async with window(browser, site) as dialog, window(browser, site) as in_place, window(browser, site) as hosted:
        await dialog.go()
        await in_place.go('mode="inline"', after="<p>Yours, Acme</p>")
        for name in SCENES:
            visit = await reach(site, name, "en")
            out = ways_out(visit.screen)
            for size in SIZES:
                for place, shop in (("dialog", dialog), ("in place", in_place), ("hosted", hosted)):
                    await shop.page.set_viewport_size(size)  # type: ignore[arg-type]
                    if shop is hosted:
                        await shop.page.goto(await page_of(site, visit))
                    else:
                        await shop.show(visit)
                    state = f"{name}, {place}, {size['width']} px"
                    stops[state], problems = wrong(state, await walk(shop.page), out)
                    found += problems
    print(f"\n{len(stops)} walks; at most {max(stops.values())} stops:", max(stops, key=lambda state: stops[state]))

    assert not found, "\n".join(found)


async def test_tab_never_reaches_the_page_behind(browser: Browser, site: Site) -> None:
    """Twice round the dialog, forwards and backwards: the product's own button is never met."""
    async with window(browser, site, viewport=SMALL) as shop:
        await shop.go()
        await shop.show(await reach(site, "offer: discount", "en"))
        keys, met = Keys(shop.page), set()
        for key in ["Tab"] * 20 + ["Shift+Tab"] * 20:
            await keys.press(key)
            met.add((await keys.focused()).get("text"))

    assert {"Close", "Accept this offer", "No, thank you", "Go to cancellation", "Back"} <= met
    assert "Cancel subscription" not in met
