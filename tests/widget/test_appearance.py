"""Seen, heard and touched: axe on every screen, equal prominence, sizes, directions, colour schemes."""

from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, Page

from aurevoir.sessions.phrases import PHRASES
from tests.widget.driving import LISTEN, on_screen, open_flow, press, show
from tests.widget.screens import LEAVABLE, SCREENS, in_arabic
from tests.widget.stub import Stub

pytestmark = pytest.mark.browser

AXE = """async () => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run("aurevoir-flow", { runOnly, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => [id, node.target.join(" "), node.failureSummary]));
}"""
DANGLING = """() => {
  const root = document.querySelector("aurevoir-flow").shadowRoot;
  const names = ["aria-labelledby", "aria-describedby", "for"];
  return names.flatMap((name) => [...root.querySelectorAll(`[${name}]`)].flatMap((node) =>
    node.getAttribute(name).split(" ").filter((id) => id && !root.getElementById(id))));
}"""
BOXES = """(selector) => {
  const found = document.querySelector("aurevoir-flow").shadowRoot.querySelectorAll(selector);
  return [...found].map((node) => {
    const { x, y, width, height, top, bottom, right } = node.getBoundingClientRect();
    const { fontSize, fontWeight, backgroundColor, color } = getComputedStyle(node);
    const look = [fontSize, fontWeight, backgroundColor, color];
    return { part: node.getAttribute("part"), x, y, width, height, top, bottom, right, look };
  });
}"""
PROBLEM = {
    "status": 422,
    "code": "invalid",
    "message": "No.",
    "problems": [{"path": "$.choices", "message": "Choose."}, {"path": "$.answers.comment", "message": "Too long."}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def window(browser: Browser, stub: Stub) -> AsyncIterator[Page]:
    """The hardest window: narrow, dark, from right to left. All the others are in tests/accessibility."""
    stub.screens, stub.phrases = in_arabic(dict(SCREENS)), in_arabic(PHRASES)
    size = {"width": 320, "height": 720}
    context = await browser.new_context(viewport=size, color_scheme="dark", reduced_motion="reduce")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.add_init_script(LISTEN)
    await page.goto(stub.page(stub.form()))
    await page.evaluate(AXE_SCRIPT)
    yield page
    await context.close()


async def boxes(page: Page, selector: str) -> list[dict[str, Any]]:
    return list(await page.evaluate(BOXES, selector))


async def test_axe_finds_nothing_on_any_screen(window: Page, stub: Stub) -> None:
    """WCAG 2.0 to 2.2, A and AA, target size included; and every reference leads to something in its own root."""
    found = []
    for name in [*SCREENS, "problems", "chosen", "trouble"]:
        await show(window, stub, name if name in SCREENS else "choice")
        if name == "chosen":
            await window.get_by_role("radio").first.check()
        elif name not in SCREENS:
            stub.faults = [
                PROBLEM if name == "problems" else {"status": 500, "code": "internal_error", "message": "No."}
            ]
            await window.locator("[part~=primary]").click()
            await window.get_by_role("alert").wait_for()
        found += [(name, *violation) for violation in await window.evaluate(AXE)]
        found += [(name, "dangling", reference) for reference in await window.evaluate(DANGLING)]

    assert found == []


async def test_leaving_staying_and_accepting_look_the_same(host: Page, stub: Stub) -> None:
    """Same size within 0.8 to 1.25, same letters, same colours, on a phone and on a desk."""
    await host.goto(stub.page(stub.form()))
    for width, name in product((1280, 390, 320), ("choice", "offer", "confirm")):
        await host.set_viewport_size({"width": width, "height": 720})
        await show(host, stub, name)
        equals = await boxes(host, "[part~=primary], [part~=leave], [part~=stay]")
        areas = [box["width"] * box["height"] for box in equals]

        assert len(equals) >= 2
        assert max(areas) / min(areas) <= 1.25, name
        assert len({tuple(box["look"]) for box in equals}) == 1, name


@pytest.mark.slow
async def test_long_labels_keep_their_neighbours_equal(host: Page, stub: Stub) -> None:
    """A label over two lines makes the other buttons as high."""
    actions = [
        {"move": "cancel", "label": "Abonnement zum Ende der Laufzeit verbindlich kündigen", "role": "leave"},
        {"move": "keep", "label": "Behalten", "role": "stay"},
    ]
    stub.screens["confirm"] = {**SCREENS["confirm"], "actions": actions}
    stub.at = "confirm"
    await host.set_viewport_size({"width": 320, "height": 640})
    await open_flow(host, stub)
    leave, stay = await boxes(host, "[part~=leave], [part~=stay]")

    assert leave["height"] > 48
    assert (leave["width"], leave["height"]) == (stay["width"], stay["height"])


@pytest.mark.slow
async def test_cancel_is_in_sight_without_scrolling(host: Page, stub: Stub) -> None:
    """On every screen that has it, before and after scrolling, on phones and at 200 %; and nothing is too wide."""
    await host.goto(stub.page(stub.form()))
    for (width, height), name in product([(360, 640), (320, 568), (640, 360)], LEAVABLE):
        await host.set_viewport_size({"width": width, "height": height})
        await show(host, stub, name)
        for scrolled in (0, 9999):
            await host.locator("[part=screen]").evaluate("(form, top) => form.scrollTo(0, top)", scrolled)
            [leave] = await boxes(host, "[part~=leave]")

            assert 0 <= leave["top"] < leave["bottom"] <= height, (name, width, scrolled)
        wide = [box for box in await boxes(host, "[part]") if box["right"] > width + 0.5 or box["x"] < -0.5]
        assert wide == [], (name, width)


@pytest.mark.slow
async def test_in_place_cancel_is_in_sight_and_covers_no_focus(host: Page, stub: Stub) -> None:
    """The bar stays at the bottom of the window; what has the focus stays above it."""
    await host.set_viewport_size({"width": 360, "height": 640})
    await host.goto(stub.page("<p>Your plan</p>" + stub.form('mode="inline"') + "<p style='height:60em'>"))
    await on_screen(host, "choice")
    [leave] = await boxes(host, "[part~=leave]")

    assert 0 <= leave["top"] < leave["bottom"] <= 640

    await host.get_by_label("Anything we should know?").focus()
    [bar], [field] = await boxes(host, "[part=buttons]"), await boxes(host, "[name='answers.comment']")

    assert field["bottom"] <= bar["top"]


@pytest.mark.slow
async def test_at_400_percent_everything_scrolls_and_nothing_is_lost(host: Page, stub: Stub) -> None:
    """320 by 256 pixels: one column, one scroll, and Cancel can be brought into sight."""
    await host.set_viewport_size({"width": 320, "height": 256})
    await open_flow(host, stub)
    await host.get_by_role("button", name="Cancel subscription").scroll_into_view_if_needed()
    [leave] = await boxes(host, "[part~=leave]")

    assert 0 <= leave["top"] < leave["bottom"] <= 256
    assert await host.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.slow
async def test_everything_that_is_pressed_is_large_enough(host: Page, stub: Stub) -> None:
    """44 pixels, at 320 wide too."""
    await host.goto(stub.page(stub.form()))
    for width, name in product((1280, 320), SCREENS):
        await host.set_viewport_size({"width": width, "height": 640})
        await show(host, stub, name)
        targets = await boxes(host, "button, a, [part=option] > label, [part=point]")

        assert targets
        assert [box for box in targets if box["width"] < 44 or box["height"] < 44] == [], name


@pytest.mark.slow
async def test_language_and_direction_stand_on_the_dialog(host: Page, stub: Stub) -> None:
    """The page is English and reads from the left; the flow says what it is."""
    stub.screens, stub.phrases = in_arabic(dict(SCREENS)), in_arabic(PHRASES)
    frame = await open_flow(host, stub)
    [progress], [close] = await boxes(host, "[part=progress]"), await boxes(host, "[part=close]")

    assert (await frame.get_attribute("lang"), await frame.get_attribute("dir")) == ("ar", "rtl")
    assert close["x"] < progress["x"]
    assert await host.get_by_role("button", name="إغلاق", exact=True).count() == 1


@pytest.mark.slow
async def test_colours_follow_the_page_and_then_the_customer(host: Page, stub: Stub) -> None:
    """A page that declares a `color-scheme` is believed; one that says nothing leaves it to the customer."""
    light, dark = "rgb(255, 255, 255)", "rgb(23, 30, 35)"
    await host.goto(stub.page(stub.form()))
    seen = {}
    for preferred in ("light", "dark"):
        await host.emulate_media(color_scheme=preferred)
        for declared in ("", "light", "dark", "light dark"):
            await host.evaluate("scheme => { document.documentElement.style.colorScheme = scheme; }", declared)
            await show(host, stub, "choice")
            background = "frame => getComputedStyle(frame).backgroundColor"
            seen[declared, preferred] = await host.locator("[part=frame]").evaluate(background)

    assert seen == {
        ("", "light"): light,
        ("", "dark"): dark,
        ("light", "light"): light,
        ("light", "dark"): light,
        ("dark", "light"): dark,
        ("dark", "dark"): dark,
        ("light dark", "light"): light,
        ("light dark", "dark"): dark,
    }


@pytest.mark.slow
async def test_in_forced_colours_buttons_and_choices_keep_their_edges(host: Page, stub: Stub) -> None:
    """Backgrounds are gone: a border, and the native radio, remain."""
    await host.emulate_media(forced_colors="active")
    frame = await open_flow(host, stub)
    await host.get_by_role("radio").first.check()
    edges = await frame.locator("[part~=action]").evaluate_all(
        "all => all.map((b) => getComputedStyle(b).borderTopWidth)"
    )

    assert set(edges) == {"1px"}
    assert await frame.get_by_role("radio").first.evaluate("box => getComputedStyle(box).appearance") == "auto"


@pytest.mark.slow
async def test_motion_is_for_those_who_did_not_ask_for_less(host: Page, stub: Stub) -> None:
    """The wheel turns only without `prefers-reduced-motion`; nothing else ever moves."""
    names, stub.at = [], "working"
    for motion in ("reduce", "no-preference"):
        await host.emulate_media(reduced_motion=motion)
        frame = await open_flow(host, stub)
        wheel = "title => getComputedStyle(title, '::before').animationName"
        names.append(await frame.locator("[part=title]").evaluate(wheel))

    assert names == ["none", "turn"]


@pytest.mark.slow
async def test_the_host_sets_the_tone(host: Page, stub: Stub) -> None:
    """Custom properties from anywhere above the element, and parts."""
    head = """<style>
      :root { --aurevoir-accent: rgb(1, 2, 3); --aurevoir-radius: 0px }
      aurevoir-flow::part(title) { color: rgb(4, 5, 6) }
      aurevoir-flow::part(leave) { text-transform: uppercase }
    </style>"""
    frame = await open_flow(host, stub, head=head)
    leave = frame.locator("[part~=leave]")
    style = """(node) => {
      const { backgroundColor, borderRadius, textTransform } = getComputedStyle(node);
      return [backgroundColor, borderRadius, textTransform];
    }"""

    assert await leave.evaluate(style) == ["rgb(1, 2, 3)", "0px", "uppercase"]
    assert await frame.get_by_role("heading").first.evaluate("node => getComputedStyle(node).color") == "rgb(4, 5, 6)"

    await press(host, "Close")
