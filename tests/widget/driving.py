"""What Dana does in these tests, and what is read off the page."""

from typing import Any

from playwright.async_api import Locator, Page

from tests.widget.stub import Stub

# Events of the element, and what the browser's policies refused, for later reading.
LISTEN = """
window.told = []; window.violations = [];
const names = ["open", "screen", "answer", "accept", "cancel", "close", "error"];
for (const name of names) document.addEventListener(`aurevoir:${name}`, (event) => {
  window.told.push([name, event.detail, event.composed]);
});
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""
# The deepest focused element, as its part, name or text.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return "page";
  return at.getAttribute("part") || at.name || at.textContent.trim();
}"""


async def open_flow(page: Page, stub: Stub, attributes: str = "", **page_options: str) -> Locator:
    """The product's page, its cancel button pressed, the first screen drawn; gives the frame of the flow."""
    await page.goto(stub.page(stub.form(attributes), **page_options))
    await page.get_by_role("button", name="Cancel plan").click()
    await on_screen(page, stub.at)
    return page.locator("aurevoir-flow [part=frame]")


async def show(page: Page, stub: Stub, name: str) -> None:
    """The flow closed and opened again, on this screen; the page is there already."""
    await page.evaluate("document.querySelector('aurevoir-flow').close()")
    stub.at = name
    await page.evaluate("void document.querySelector('aurevoir-flow').open()")
    await on_screen(page, name)


async def on_screen(page: Page, name: str) -> None:
    """Waits for a canned screen to be drawn."""
    kind = "choice" if name == "several" else name
    await page.locator(f"aurevoir-flow [data-kind={kind}]").wait_for()


async def press(page: Page, name: str) -> None:
    """Presses the button of this name inside the flow."""
    await page.locator("aurevoir-flow [part=frame]").get_by_role("button", name=name, exact=True).click()


async def choose(page: Page, label: str) -> None:
    """Ticks an option."""
    await page.get_by_label(label, exact=True).check()


async def focused(page: Page) -> str:
    """What has the focus."""
    return str(await page.evaluate(FOCUSED))


async def told(page: Page, name: str) -> list[Any]:
    """The details of every event of this name, in order."""
    return list(
        await page.evaluate("name => window.told.filter(([one]) => one === name).map(([, detail]) => detail)", name)
    )


async def until_told(page: Page, name: str) -> Any:
    """The detail of the first event of this name, once it has come."""
    await page.wait_for_function("name => window.told.some(([one]) => one === name)", arg=name)
    return (await told(page, name))[0]


def moves(stub: Stub) -> list[str]:
    """The moves that took effect."""
    return [str(body["kind"]) for body in stub.effects]
