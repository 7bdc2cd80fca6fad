"""The hosted pages, the legal forms and the receipt by keyboard alone, with no script and no mouse."""

import pytest
from playwright.async_api import Page, expect

from tests.accessibility.keys import Keys
from tests.accessibility.scenes import reach
from tests.accessibility.site import Site
from tests.accessibility.visiting import begun

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_without_a_script_dana_cancels(plain: Page, site: Site) -> None:
    """The hosted pages are as good for the keyboard: reason, offer, confirmation, receipt."""
    keys = await begun(plain, site)
    await keys.choose("too_expensive")
    await keys.to("Continue")
    await plain.locator("main.offer").wait_for()
    await keys.to("No, thank you")
    await plain.locator("main.confirm").wait_for()
    await keys.to("Cancel my subscription")
    await plain.locator("main.receipt").wait_for()
    await keys.tab_to("Save as text")


async def test_without_a_script_dana_mends_what_is_wrong(plain: Page, site: Site) -> None:
    """The summary has the focus when the page comes, and leads to the field; the title says so first."""
    keys = await begun(plain, site)
    # A browser that does not count characters.
    await plain.evaluate("document.querySelectorAll('textarea').forEach((field) => { field.maxLength = 9999 })")
    await keys.tab_to("Would you like to tell us more? (optional)")
    await keys.type("far too long for this field " * 9)
    await keys.to("Continue")
    await expect(plain.locator(".problems")).to_be_focused()
    await expect(plain).to_have_title("Error: What is the most important reason why you are leaving today?")
    await keys.press("Tab", "Enter")
    await expect(plain.get_by_role("textbox", name="tell us more")).to_be_focused()


async def test_the_way_out_comes_before_many_boxes(plain: Page, site: Site) -> None:
    """The first press of Tab shows a link, and it leads to the button."""
    keys = await begun(plain, site, "many")
    await keys.to("Go straight to cancellation", most=1)
    await expect(plain.get_by_role("button", name="Go straight to cancellation")).to_be_focused()
    await keys.press("Enter")
    await plain.locator("main.confirm").wait_for()


async def label(page: Page, name: str) -> str:
    """What the field of this name is called."""
    return await page.locator(f"label[for={name}]").inner_text()


@pytest.mark.parametrize(("law", "screens"), [("de", 1), ("fr", 2), ("eu-withdrawal", 2)])
async def test_a_legal_form_is_filled_in_and_sent(law: str, screens: int, plain: Page, site: Site) -> None:
    """No login, no script, no mouse: the fields, the summary where there is one, and the receipt."""
    await plain.goto(f"{site.base}/exit/{law}")
    keys = Keys(plain)
    for name, words in (("name", "Dana Example"), ("contract", "Pro"), ("email", "dana@example.com")):
        await keys.tab_to(await label(plain, name))
        await keys.type(words)
    for _ in range(screens):
        await keys.to(await plain.locator("button.leave").inner_text())
        await plain.wait_for_load_state()
    await expect(plain.locator("main.receipt h1")).to_be_visible()
    await keys.press("Tab")
    assert (await keys.focused())["role"] == "a"


async def test_a_legal_form_says_what_is_missing(plain: Page, site: Site) -> None:
    """The summary has the focus, and leads to the first field that is wrong."""
    await plain.goto(f"{site.base}/exit/fr")
    keys = Keys(plain)
    await keys.to(await plain.locator("button.leave").inner_text())
    await expect(plain.locator(".problems")).to_be_focused()
    await keys.press("Tab", "Enter")
    await expect(plain.locator("#name")).to_be_focused()


async def test_behind_the_receipt_dana_takes_it_back(plain: Page, site: Site) -> None:
    """From the page behind the receipt's link, days later."""
    visit = await reach(site, "receipt", "en")
    await plain.goto(visit.screen["receipt"]["url"])
    await Keys(plain).to("Undo the cancellation")
    await expect(plain.get_by_role("heading", name="Your cancellation is undone")).to_be_visible()
