"""The receipt on paper, and the documents that are saved: as readable as the pages."""

import pytest
from playwright.async_api import Browser, Page

from tests.accessibility import looking
from tests.accessibility.matrix import SCHEMES, WIDTHS, dress
from tests.accessibility.scenes import page_of, reach
from tests.accessibility.site import LOCALES, Site

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A sheet of A4 between its margins, in CSS pixels.
SHEET = {"width": 718, "height": 1047}


async def lookup(page: Page, locale: str) -> list[str]:
    """What is found on a page that is a document of its own."""
    await looking.prepare(page)
    report = await looking.axe(page)
    return [*report["violations"], *(await looking.ours(page, locale))]


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_receipt_can_be_printed(locale: str, browser: Browser, site: Site) -> None:
    """Black on white whatever the screen was, complete, on one sheet, without buttons that paper cannot press."""
    visit = await reach(site, "receipt", locale)
    page = await browser.new_page(viewport=SHEET, color_scheme="dark")  # type: ignore[arg-type]
    await page.goto(await page_of(site, visit))
    await page.emulate_media(media="print", color_scheme="dark")
    found = await looking.ours(page, locale)
    background = await page.locator("main").evaluate("main => getComputedStyle(main).backgroundColor")
    facts = await page.locator(".facts > div:visible").count()
    height = await page.evaluate("document.documentElement.scrollHeight")
    await page.close()

    assert found == []
    assert background == "rgb(255, 255, 255)"
    assert facts == len(visit.screen["facts"]) + 2
    assert height <= SHEET["height"]


async def test_a_saved_receipt_is_as_readable(browser: Browser, site: Site) -> None:
    """The file that is downloaded, opened in a browser: in every language, width and scheme."""
    found = []
    page = await browser.new_page()
    for locale in LOCALES:
        visit = await reach(site, "receipt", locale)
        saved = await site.client.get(visit.screen["receipt"]["html_url"])
        for scheme, width in zip(SCHEMES, WIDTHS, strict=True):
            await dress(page, scheme, width)
            await page.set_content(saved.text)
            found += [f"{locale}, {scheme}, {width}: {line}" for line in await lookup(page, locale)]
    await page.close()

    assert not found, "\n".join(found)
