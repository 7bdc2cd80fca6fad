"""The whole way with the keyboard: focus, order, Enter, Escape."""

import pytest
from playwright.async_api import Page

from tests.widget.driving import focused, moves, on_screen, open_flow, press, show, told, until_told
from tests.widget.screens import LEAVABLE
from tests.widget.stub import Stub

pytestmark = pytest.mark.browser


async def tab_to(page: Page, target: str, limit: int = 12) -> int:
    """Presses Tab until `target` has the focus; the number of times."""
    for stops in range(1, limit + 1):
        await page.keyboard.press("Tab")
        if await focused(page) == target:
            return stops
    raise AssertionError(f"{target} was not reached in {limit} stops")


async def test_dana_completes_the_flow_with_the_keyboard_alone(host: Page, stub: Stub) -> None:
    """From the button on the product's page to the receipt: no mouse."""
    await host.goto(stub.page(stub.form()))
    await host.keyboard.press("Tab")
    await host.keyboard.press("Enter")
    await on_screen(host, "choice")
    await tab_to(host, "choices")
    await host.keyboard.press("Space")
    await host.keyboard.press("ArrowDown")
    await host.keyboard.press("Enter")
    await on_screen(host, "offer")
    await tab_to(host, "action primary")
    await tab_to(host, "action primary", limit=1)
    await host.keyboard.press("Enter")
    await on_screen(host, "confirm")
    await tab_to(host, "action leave")
    await host.keyboard.press("Space")
    await on_screen(host, "receipt")

    assert moves(stub) == ["answer", "decline", "cancel"]
    assert stub.effects[0]["choices"] == ["not_using"]


async def test_cancel_is_at_most_eight_tab_stops_away(host: Page, stub: Stub) -> None:
    """From the heading of any screen, whatever it asks."""
    await host.goto(stub.page(stub.form()))
    stops = {}
    for name in LEAVABLE:
        await show(host, stub, name)
        stops[name] = await tab_to(host, "action leave")

    assert max(stops.values()) <= 8, stops


@pytest.mark.slow
async def test_tab_never_reaches_the_page_behind(host: Page, stub: Stub) -> None:
    """Twice round the dialog: the product's own button is never met."""
    await open_flow(host, stub)
    met = set()
    for _ in range(20):
        await host.keyboard.press("Tab")
        met.add(await focused(host))

    assert "Cancel plan" not in met
    assert {"close", "choices", "action primary", "action leave", "action quiet"} <= met


@pytest.mark.slow
async def test_the_heading_of_each_screen_gets_the_focus(host: Page, stub: Stub) -> None:
    """A new screen is read from its beginning."""
    await open_flow(host, stub)
    first = await focused(host)
    await press(host, "Skip this question")
    await on_screen(host, "confirm")
    second = await focused(host)

    assert (first, second) == ("title", "title")


@pytest.mark.slow
async def test_choosing_does_not_move_on(host: Page, stub: Stub) -> None:
    """Arrow keys change the choice: nothing is sent before Continue."""
    await open_flow(host, stub)
    await host.keyboard.press("Tab")
    await host.keyboard.press("Tab")
    await host.keyboard.press("ArrowDown")
    await host.keyboard.press("ArrowDown")
    await host.wait_for_timeout(100)

    assert [name for name, _ in stub.calls] == ["sessions"]


@pytest.mark.slow
async def test_enter_on_a_heading_decides_nothing(host: Page, stub: Stub) -> None:
    """Neither an offer nor a cancellation is anybody's default."""
    await host.goto(stub.page(stub.form()))
    for name in ("offer", "confirm", "receipt"):
        await show(host, stub, name)
        await host.keyboard.press("Enter")
        await host.wait_for_timeout(50)

    assert moves(stub) == []


async def test_escape_closes_and_records_nothing(host: Page, stub: Stub) -> None:
    """Leaving the window is not an answer; the focus goes back to what opened it."""
    for name in ("choice", "offer", "confirm"):
        stub.at = name
        await open_flow(host, stub)
        await host.keyboard.press("Escape")
        closed = await until_told(host, "close")

        assert closed == {"outcome": "closed", "session": "ses_1"}
        assert moves(stub) == []
        assert await focused(host) == "Cancel plan"
        assert await host.locator("aurevoir-flow dialog").count() == 0


@pytest.mark.slow
async def test_the_close_button_does_as_escape_does(host: Page, stub: Stub) -> None:
    """And before it is pressed, the screen says that it cancels nothing."""
    frame = await open_flow(host, stub)

    assert await frame.get_by_text("Closing this window cancels nothing.").count() == 1

    await press(host, "Close")

    assert (await until_told(host, "close"))["outcome"] == "closed"
    assert moves(stub) == []
    assert await focused(host) == "Cancel plan"


@pytest.mark.slow
async def test_enter_in_the_comment_writes_a_line(host: Page, stub: Stub) -> None:
    """A text area is for writing."""
    await open_flow(host, stub)
    comment = host.get_by_label("Anything we should know?")
    await comment.press_sequentially("a")
    await comment.press("Enter")

    assert await comment.input_value() == "a\n"
    assert await told(host, "answer") == []
