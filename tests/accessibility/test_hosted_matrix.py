"""The hosted pages in every state, window and language: axe finds nothing, and nor do we."""

from collections.abc import Awaitable, Callable, Mapping

import pytest
from playwright.async_api import Browser, Page

from aurevoir.kit import ids
from tests.accessibility import looking
from tests.accessibility.matrix import Table, combinations, dress
from tests.accessibility.scenes import SCENES, begin, expire, page_of, reach
from tests.accessibility.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# From a site and a language to an address, and what is done on the page that is there.
Address = Callable[[Site, str], Awaitable[str]]
Act = Callable[[Page], Awaitable[None]]


def scene(name: str) -> Address:
    """The page of a visit in this state."""

    async def address(site: Site, locale: str) -> str:
        return await page_of(site, await reach(site, name, locale))

    return address


def at(path: str) -> Address:
    """A fixed address."""

    async def address(site: Site, locale: str) -> str:
        return f"{site.base}{path}"

    return address


async def expired(site: Site, locale: str) -> str:
    """A page that was open for too long."""
    visit = await begin(site, locale)
    address = await page_of(site, visit)
    await expire(visit)
    return address


async def choose(page: Page) -> None:
    """An option is chosen, and its open question is there."""
    await page.locator("input:not([type=hidden])").first.check()
    await page.locator(".follow-up textarea").first.wait_for()


async def overflow(page: Page) -> None:
    """More is sent than may be, as a browser without `maxlength` would."""
    for option in (await page.locator("input:not([type=hidden])").all())[:1]:
        await option.check()
    await page.locator("textarea").evaluate_all("fields => fields.forEach((field) => { field.maxLength = 9999 })")
    for field in await page.locator("textarea:visible").all():
        await field.fill("too long " * 40)
    await page.locator(".primary").click()
    await page.locator(".problems a").first.wait_for()


async def nothing(page: Page) -> None:
    """As it comes."""


async def press(page: Page) -> None:
    """The form's one button, with nothing filled in."""
    await page.locator("button.leave").click()
    await page.locator(".problems a").first.wait_for()


async def fill_in(page: Page) -> None:
    """What the form must know, and on."""
    for field in await page.locator("input.line[required][type=text]").all():
        await field.fill("Dana Example")
    await page.locator("input[type=email]").fill("dana@example.com")
    await page.locator("button.leave").click()


async def declare(page: Page) -> None:
    """All the way to the receipt, over the summary where the law wants one."""
    await fill_in(page)
    if await page.locator("main.receipt").count() == 0:
        await page.locator("button.leave").click()


async def take_back(page: Page) -> None:
    """The cancellation undone behind the receipt's link."""
    await page.locator("form[action$=undo] button").click()
    await page.wait_for_load_state()


async def ask_to_delete(page: Page) -> None:
    """What stands behind the question is open."""
    await page.locator("summary").click()


async def behind_receipt(site: Site, locale: str) -> str:
    """The page behind the link of a receipt, of somebody who had answered something."""
    visit = await begin(site, locale)
    await visit.answer("other", answers={"comment": "Thank you"})
    await visit.leave()
    return str(visit.screen["receipt"]["url"])


LAWS = ("de", "fr", "eu-withdrawal")
STATES: Mapping[str, tuple[Address, Act, str]] = {
    **{name: (scene(name), nothing, f"main.{kind} h1") for name, (_, kind, _, _) in SCENES.items()},
    "reason chosen": (scene("reasons"), choose, "main.choice h1"),
    "problems": (scene("reasons"), overflow, "main.choice .problems"),
    "problems, text": (scene("text"), overflow, "main.text .problems"),
    "expired": (expired, nothing, "main.screen-error h1"),
    **{
        f"{law}{more}": (at(f"/exit/{law}"), act, reached)
        for law in LAWS
        for more, act, reached in (
            ("", nothing, "main.legal h1"),
            (", problems", press, "main.legal .problems"),
            (", receipt", declare, "main.legal.receipt h1"),
        )
    },
    "fr, summary": (at("/exit/fr"), fill_in, "main.legal dl.facts"),
    "receipt's page": (behind_receipt, ask_to_delete, "main.afterwards details[open]"),
    "receipt's page, undone": (behind_receipt, take_back, "main.afterwards h1"),
    "no such page": (at("/exit/nowhere/at/all"), nothing, "main.screen-error h1"),
    "no such visit": (at(f"/exit/v/{ids.new_secret()}"), nothing, "main.screen-error h1"),
}


async def test_nothing_is_found_in_any_state_of_the_hosted_pages(
    browser: Browser, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for the element; and the pages carry no script, so whatever is there was sent."""
    table, addresses = Table(), {}
    context = await browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(8000)
    page = await context.new_page()
    for combination in combinations(STATES):
        state, locale, scheme, width = combination
        address, act, reached = STATES[state]
        if (state, locale) not in addresses:
            addresses[state, locale] = await address(site, locale)
        await dress(page, scheme, width)
        await page.set_extra_http_headers({"Accept-Language": locale})
        await page.goto(addresses[state, locale])
        await act(page)
        await page.locator(reached).wait_for()
        await looking.prepare(page)
        report = await looking.axe(page)
        # A law's form speaks the languages that it is made for.
        spoken = await page.evaluate("document.documentElement.lang") if state.partition(",")[0] in LAWS else locale
        found = report["violations"] + await looking.ours(page, spoken)
        table.note(combination, found, report["unsure"])
    await context.close()
    with capsys.disabled():
        print(table)

    assert not table.found, "\n".join(table.found)
    assert set(table.scans) == set(STATES)
