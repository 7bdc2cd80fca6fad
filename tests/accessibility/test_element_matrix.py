"""The element in every state, window and language: axe finds nothing, and nor do we."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, Route

from tests.accessibility import looking
from tests.accessibility.element import Shop, window
from tests.accessibility.matrix import Combination, Table, combinations, dress
from tests.accessibility.scenes import SCENES, reach
from tests.accessibility.site import Site
from tests.visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Act = Callable[[Page], Awaitable[None]]
MOVES = "**/widget/v1/session/moves"


async def unfold(page: Page) -> None:
    """An option is chosen, and its open question is there."""
    await page.locator("aurevoir-flow [part=frame] input").first.check()
    await page.locator("aurevoir-flow [part=option] textarea").first.wait_for()


async def overflow(page: Page) -> None:
    """More is written than may be, and the service says so."""
    for option in (await page.locator("aurevoir-flow [part=frame] input").all())[:1]:
        await option.check()
    for area in await page.locator("aurevoir-flow textarea:visible").all():
        await area.fill("too long " * 40)
    await page.locator("aurevoir-flow [part~=primary]").click()
    await page.locator("aurevoir-flow [part=problems] [part=jump]").first.wait_for()


async def pass_over(page: Page) -> None:
    """Nothing is answered, and the service asks whether that was meant."""
    await page.locator("aurevoir-flow [part~=primary]").click()
    await page.locator("aurevoir-flow [part=problems] [part=jump]").wait_for()


async def fail(page: Page) -> None:
    """The service cannot take the move."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=500, json={"error": {"code": "internal", "message": ""}})

    await page.route(MOVES, refuse)
    await page.locator("aurevoir-flow [part~=primary]").first.click()
    await page.locator("aurevoir-flow [part=problems]").wait_for()
    await page.unroute(MOVES)


async def wait(page: Page) -> None:
    """A reply was lost, and the next one does not come."""
    calls: list[Route] = []

    async def lose(route: Route) -> None:
        calls.append(route)
        if len(calls) == 1:
            await route.abort()

    await page.route(MOVES, lose)
    await page.locator("aurevoir-flow [part~=primary]").first.click()
    await page.locator("aurevoir-flow [part=status]:not(:empty)").wait_for()
    while len(calls) < 2:
        await page.wait_for_timeout(20)
    await page.unroute(MOVES)


# Beside the scenes themselves: what the element does by itself.
ACTS: Mapping[str, tuple[str, Act]] = {
    "reason chosen": ("reasons", unfold),
    "box ticked": ("many boxes", unfold),
    "problems": ("reasons", overflow),
    "problems, text": ("text", overflow),
    "problems, scale": ("scale", pass_over),
    "problems, boxes": ("many boxes", pass_over),
    "move failed": ("reasons", fail),
    "offer failed": ("offer: discount", fail),
    "trying again": ("scale", wait),
}
# The focus stays where it was put.
STAYING = ("reason chosen", "box ticked", "trying again")
IN_PLACE = ("reasons", "offer: discount", "confirm", "receipt", "working")
STUMBLES = ("loading", "no way in")
STATES = [*SCENES, *ACTS, *STUMBLES, *(f"in place: {name}" for name in IN_PLACE)]


@dataclass
class Walk:
    """Through the states: in a dialog, in place, and where there is nothing to fall back on."""

    site: Site
    dialog: Shop
    in_place: Shop
    alone: Shop
    # One visit for each state and language.
    visits: dict[tuple[str, str], Visit] = field(default_factory=dict)

    async def visit(self, name: str, locale: str) -> Visit:
        if (name, locale) not in self.visits:
            self.visits[name, locale] = await reach(self.site, name, locale)
        return self.visits[name, locale]

    async def go(self, combination: Combination) -> tuple[Page, str]:
        """The state on the screen, and the language it is in; fails where it is not."""
        state, locale, scheme, width = combination
        if state in STUMBLES:
            await dress(self.alone.page, scheme, width)
            await self.alone.stumble(state)
            # Nobody has told the element which language it is.
            return self.alone.page, "en"
        shop = self.in_place if state.startswith("in place") else self.dialog
        await dress(shop.page, scheme, width)
        name, act = ACTS.get(state, (state.removeprefix("in place: "), None))
        await shop.show(await self.visit(name, locale))
        if act:
            await act(shop.page)
        return shop.page, locale


@asynccontextmanager
async def walking(browser: Browser, site: Site) -> AsyncIterator[Walk]:
    """The windows, with axe in each."""
    async with window(browser, site) as dialog, window(browser, site) as in_place, window(browser, site) as alone:
        await dialog.go()
        await in_place.go('mode="inline"', after="<p>Yours, Acme</p>")
        await alone.go('token="any"', slot="")
        for shop in (dialog, in_place, alone):
            await looking.prepare(shop.page)
        yield Walk(site, dialog, in_place, alone)


async def test_nothing_is_found_in_any_state_of_the_element(
    browser: Browser, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """WCAG 2.0 to 2.2, A and AA, with axe's best practices; languages, references, overlaps and what is cut off."""
    table = Table()
    async with walking(browser, site) as walk:
        for combination in combinations(STATES):
            page, locale = await walk.go(combination)
            report = await looking.axe(page, "aurevoir-flow")
            found = await looking.ours(page, locale)
            if combination[0] in STAYING:
                found = [line for line in found if not line.startswith("focus")]
            table.note(combination, report["violations"] + found, report["unsure"])
    with capsys.disabled():
        print(table)

    assert not table.found, "\n".join(table.found)
    assert set(table.scans) == set(STATES)
