"""Each part says which language it is in, also where a screen has parts of two (WCAG 3.1.1, 3.1.2)."""

import pytest
from playwright.async_api import Browser

from tests.accessibility import looking
from tests.accessibility.element import window
from tests.accessibility.scenes import begin, page_of
from tests.accessibility.site import Site
from tests.visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def at(site: Site, name: str) -> Visit:
    """A visit in a language that the interface has no phrases in."""
    visit = await begin(site, "fa", "persian")
    if name in ("offer", "kept"):
        await visit.answer("not_using")
    if name == "kept":
        await visit.move("accept", offer="tour")
    if name in ("confirm", "receipt"):
        await visit.move("cancel")
    if name == "receipt":
        await visit.move("cancel")
    assert (visit.screen["kind"], visit.screen["locale"]) == (name, "fa")
    return visit


async def test_phrases_in_another_language_are_marked_as_such(browser: Browser, site: Site) -> None:
    """A Persian flow: what stands in English is marked as English and read from left to right, in both clients."""
    found = []
    async with window(browser, site) as shop, window(browser, site) as hosted:
        await shop.go()
        for name in ("choice", "offer", "kept", "confirm", "receipt"):
            visit = await at(site, name)
            await shop.show(visit)
            await hosted.page.goto(await page_of(site, visit))
            for place, page in (("element", shop.page), ("hosted", hosted.page)):
                found += [f"{name}, {place}: {line}" for line in await looking.ours(page, "fa")]

    assert not found, "\n".join(found)
