"""How Dana comes to the flow with the keyboard: by the element on the account page, and by its form alone."""

from typing import Any

from playwright.async_api import Page, expect

from aurevoir.kit import ids
from tests.accessibility.element import Shop
from tests.accessibility.keys import Keys
from tests.accessibility.site import Site


def customer(site: Site, **changes: Any) -> str:
    """A token for somebody new."""
    name = str(ids.new_id())
    changes["subscription"] = {"id": f"sub_{name}"} | changes.get("subscription", {})
    return site.house.token(sub=f"cus_{name}", **changes)


async def opened(shop: Shop, flow: str = "reasons", locale: str = "en", **changes: Any) -> Keys:
    """The flow, opened with the keyboard from the account page."""
    await shop.go(f'flow="{flow}" locale="{locale}"', customer(shop.site, **changes))
    keys = Keys(shop.page)
    await keys.press("Tab", "Enter")
    await arrived(shop.page)
    return keys


async def arrived(page: Page, words: str = "") -> None:
    """A heading has the focus: this one, if it is said which."""
    title = page.locator("aurevoir-flow [part=screen]:not([data-kind=loading]) [part=title]")
    await expect(title).to_contain_text(words)
    await expect(title).to_be_focused()


async def begun(page: Page, site: Site, flow: str = "reasons", locale: str = "en", **changes: Any) -> Keys:
    """The first hosted page, as the account page's form leads there."""
    given = {"token": customer(site, **changes), "flow": flow, "locale": locale}
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in given.items())
    form = f'<form method="post" action="{site.base}/exit/start">{fields}<button>Cancel subscription</button></form>'
    site.pages["/plain"] = f'<!doctype html><html lang="en"><title>Your account</title>{form}'
    await page.goto(f"{site.shop}/plain")
    keys = Keys(page)
    await keys.press("Tab", "Enter")
    await page.locator("main.choice, main.confirm").wait_for()
    return keys
