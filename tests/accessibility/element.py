"""The element on a page of the product, drawing what the service says of a session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route

from tests.accessibility.keys import NO_MOUSE
from tests.accessibility.site import Site
from tests.visits import Visit

ACCOUNT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Your account</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script type="module" src="{base}/widget/v1/aurevoir.js"></script>
<main><h1>Your account</h1><p>You are on the Pro plan.</p>
<aurevoir-flow api="{base}" {attributes}>{slot}</aurevoir-flow>{after}</main>"""
FORM = """<form method="post" action="{base}/exit/start"><input type="hidden" name="token" value="{token}">
<button>Cancel subscription</button></form>"""


@dataclass
class Shop:
    """A window of Dana's, on her account page; `visit` is what the element finds when it opens."""

    site: Site
    page: Page
    visit: Visit | None = None
    errors: list[str] = field(default_factory=list)
    refusing: str = ""

    async def go(self, attributes: str = "", token: str = "any", slot: str = FORM, after: str = "") -> None:
        """To the account page."""
        filled = slot.format(base=self.site.base, token=token)
        html = ACCOUNT.format(base=self.site.base, attributes=attributes, slot=filled, after=after)
        self.site.pages["/account"] = html
        await self.page.goto(f"{self.site.shop}/account")
        await self.page.evaluate("customElements.whenDefined('aurevoir-flow')")

    async def show(self, visit: Visit) -> None:
        """The element opened on this visit; what was open is closed."""
        self.visit = visit
        await self.page.evaluate("document.querySelector('aurevoir-flow').close()")
        await self.page.evaluate("void document.querySelector('aurevoir-flow').open()")
        await self.page.locator(f"aurevoir-flow [data-kind={visit.screen['kind']}]").wait_for()

    async def stumble(self, state: str) -> None:
        """The element opened on a service that keeps it waiting, or does not let anybody in."""
        self.refusing = state
        await self.page.evaluate("document.querySelector('aurevoir-flow').close()")
        await self.page.evaluate("void document.querySelector('aurevoir-flow').open()")
        kind = "loading" if state == "loading" else "trouble"
        await self.page.locator(f"aurevoir-flow [data-kind={kind}] h2").wait_for()

    async def answer(self, route: Route) -> None:
        """A session begins or, where a test has one, is taken up as it stands: the service's own words either way."""
        if self.refusing == "loading":
            pass
        elif self.refusing:
            await route.fulfill(status=403, json={"error": {"code": "forbidden", "message": ""}})
        elif self.visit is None:
            await route.fallback()
        else:
            told = await self.visit.client.get("/widget/v1/session", headers=self.visit.headers)
            headers = {"Access-Control-Allow-Origin": self.site.shop}
            await route.fulfill(body=told.text, content_type="application/json", headers=headers)


@asynccontextmanager
async def window(browser: Browser, site: Site, **options: Any) -> AsyncIterator[Shop]:
    """A fresh profile; a script error fails the test."""
    context: BrowserContext = await browser.new_context(reduced_motion="reduce", **options)
    await context.add_init_script(NO_MOUSE)
    context.set_default_timeout(8000)
    shop = Shop(site, await context.new_page())
    shop.page.on("pageerror", lambda error: shop.errors.append(str(error)))
    await shop.page.route("**/widget/v1/session*", shop.answer)
    try:
        yield shop
    finally:
        await context.close()
    assert shop.errors == []
