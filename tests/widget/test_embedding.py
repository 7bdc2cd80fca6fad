"""The element in somebody else's page: its API, its events, its manners."""

import re

import pytest
from playwright.async_api import Page

from tests.widget.driving import choose, on_screen, open_flow, press, told, until_told
from tests.widget.screens import SCREENS
from tests.widget.stub import Stub

# With the slow tests: the journeys go the main ways in every run.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

STRICT = (
    "default-src 'none'; script-src $origin; style-src 'none'; connect-src $origin; form-action $origin; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE = """<style>
  * { color: red !important; font: 40px serif !important; text-transform: uppercase; letter-spacing: 1em; }
  dialog, button, form, h2, [part] { display: none !important; }
  main aurevoir-flow > form, main aurevoir-flow > form > button { display: block !important; }
  .over { position: fixed; inset: 200px 0 0; z-index: 2147483647; background: red; }
</style>"""


async def test_every_event_is_told_with_its_detail(host: Page, stub: Stub) -> None:
    """All of them bubble and are composed; none carries what the customer wrote."""
    await open_flow(host, stub, 'flow="saas_classic"')
    await choose(host, "It costs too much")
    await host.get_by_label("What price would be right?").fill("my secret")
    await press(host, "Continue")
    await on_screen(host, "offer")
    await press(host, "No, thank you")
    await on_screen(host, "confirm")
    await press(host, "Cancel subscription")
    await on_screen(host, "receipt")
    await host.keyboard.press("Escape")
    await until_told(host, "close")
    events = await host.evaluate("window.told")

    assert [(name, detail) for name, detail, _ in events] == [
        ("open", {"flow": "saas_classic"}),
        ("screen", {"kind": "choice", "step": "reason"}),
        ("answer", {"session": "ses_1", "step": "reason", "choices": ["too_expensive"], "value": None}),
        ("screen", {"kind": "offer", "step": "save"}),
        ("screen", {"kind": "confirm", "step": "confirm"}),
        ("cancel", {"session": "ses_1"}),
        ("screen", {"kind": "receipt", "step": "receipt"}),
        ("close", {"outcome": "cancelled", "session": "ses_1"}),
    ]
    assert all(composed for _, _, composed in events)
    assert stub.calls[0] == ("sessions", {"token": "tok", "flow": "saas_classic", "locale": None})


async def test_a_prevented_opening_opens_nothing(host: Page, stub: Stub) -> None:
    """`aurevoir:open` can be cancelled; then neither the dialog nor the form comes."""
    await host.goto(stub.page(stub.form()))
    await host.evaluate("document.addEventListener('aurevoir:open', (event) => event.preventDefault())")
    await host.get_by_role("button", name="Cancel plan").click()
    outcome = await host.evaluate("document.querySelector('aurevoir-flow').open()")

    assert outcome == {"outcome": "closed", "session": None}
    assert await host.locator("aurevoir-flow dialog").count() == 0
    assert (stub.calls, stub.posted) == ([], [])


async def test_open_resolves_with_the_outcome(host: Page, stub: Stub) -> None:
    """`await element.open({token, flow, locale})`; a second call joins the first."""
    await host.goto(stub.page("<aurevoir-flow></aurevoir-flow>"))
    await host.evaluate("""() => {
      const element = document.querySelector("aurevoir-flow");
      window.both = Promise.all([element.open({ token: "t1", flow: "short", locale: "fr" }), element.open()]);
    }""")
    await on_screen(host, "choice")
    await host.evaluate("document.querySelector('aurevoir-flow').close()")
    outcomes = await host.evaluate("window.both")

    assert outcomes == [{"outcome": "closed", "session": "ses_1"}] * 2
    assert stub.calls == [("sessions", {"token": "t1", "flow": "short", "locale": "fr"})]


async def test_keeping_the_subscription_is_an_outcome_and_closing_is_not(host: Page, stub: Stub) -> None:
    """Only the server's state says `kept`."""
    stub.at = "confirm"
    await open_flow(host, stub)
    await press(host, "Keep subscription")
    await on_screen(host, "kept")
    await host.locator("[part=buttons]").get_by_role("button", name="Close").click()

    assert await until_told(host, "close") == {"outcome": "kept", "session": "ses_1"}


async def test_an_accepted_custom_offer_reaches_the_hosts_handler(host: Page, stub: Stub) -> None:
    """It is posted first; a handler that throws harms nothing but itself."""
    offer = {**SCREENS["offer"], "offer": {**SCREENS["offer"]["offer"], "kind": "custom"}}
    stub.screens["offer"], stub.at = offer, "offer"
    await host.goto(stub.page(stub.form()))
    await host.evaluate("""() => {
      document.querySelector("aurevoir-flow").handlers = { accept: (detail) => { window.accepted = detail; } };
    }""")
    await host.get_by_role("button", name="Cancel plan").click()
    await on_screen(host, "offer")
    await press(host, "Take half price")
    await on_screen(host, "working")

    assert await host.evaluate("window.accepted") == {"session": "ses_1", "offer": "half_price"}
    assert await told(host, "accept") == [{"session": "ses_1", "offer": "half_price"}]
    assert stub.effects[0] == {"kind": "accept", "revision": 0, "step": "save", "offer": "half_price"}

    await host.keyboard.press("Escape")

    assert (await until_told(host, "close"))["outcome"] == "saved"


async def test_opened_again_it_shows_where_it_stood(host: Page, stub: Stub) -> None:
    """The session is asked, not begun again."""
    await open_flow(host, stub)
    await press(host, "Skip this question")
    await on_screen(host, "confirm")
    await host.keyboard.press("Escape")
    await host.get_by_role("button", name="Cancel plan").click()
    await on_screen(host, "confirm")

    assert [name for name, _ in stub.calls] == ["sessions", "session/moves", "session"]


async def test_after_a_reload_it_shows_where_it_stood(host: Page, stub: Stub) -> None:
    """The same token gives the same session; the browser remembers nothing."""
    await open_flow(host, stub)
    await press(host, "Skip this question")
    await on_screen(host, "confirm")
    await host.reload()
    await host.get_by_role("button", name="Cancel plan").click()
    await on_screen(host, "confirm")

    assert [name for name, _ in stub.calls] == ["sessions", "session/moves", "sessions"]
    assert await host.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


async def test_a_fresh_token_is_asked_for_on_each_opening(host: Page, stub: Stub) -> None:
    """`token-url` wins over a token that has lain in the page."""
    stub.tokens = ["fresh-1", "fresh-2"]
    body = f'<aurevoir-flow token-url="/token" api="{stub.origin}"><button>Cancel plan</button></aurevoir-flow>'
    await host.goto(stub.page(body))
    for _ in range(2):
        await host.get_by_role("button", name="Cancel plan").click()
        await on_screen(host, "choice")
        await host.keyboard.press("Escape")

    assert [body["token"] for name, body in stub.calls if name == "sessions"] == ["fresh-1", "fresh-2"]


async def test_a_token_url_that_fails_leaves_the_form_to_the_host(host: Page, stub: Stub) -> None:
    """The slotted form posts by itself."""
    await host.goto(stub.page(stub.form('token-url="/token"')))
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(re.compile("/exit/start$"))

    assert stub.posted == [{"token": ["tok"]}]


async def test_a_slotted_link_without_a_token_is_a_link(host: Page, stub: Stub) -> None:
    """A hosted address needs no script at all."""
    await host.goto(stub.page(f'<aurevoir-flow><a href="{stub.origin}/exit/v/abc">Cancel plan</a></aurevoir-flow>'))
    await host.get_by_role("link", name="Cancel plan").click()
    await host.wait_for_url(re.compile("/exit/v/abc$"))

    assert stub.calls == []


async def test_a_slotted_link_with_a_token_opens_and_falls_back(host: Page, stub: Stub) -> None:
    """First the dialog; where the service refuses, the link."""
    link = f'<aurevoir-flow token="t"><a href="{stub.origin}/exit/v/abc">Cancel plan</a></aurevoir-flow>'
    await host.goto(stub.page(link))
    await host.get_by_role("link", name="Cancel plan").click()
    await on_screen(host, "choice")
    await host.reload()
    stub.faults = [{"status": 404, "code": "not_found", "message": "No."}]
    await host.get_by_role("link", name="Cancel plan").click()
    await host.wait_for_url(re.compile("/exit/v/abc$"))


async def test_in_place_it_opens_at_once_and_leaves_the_focus_alone(host: Page, stub: Stub) -> None:
    """No dialog, no close button; the fallback stands aside; after a move the focus follows."""
    await host.goto(stub.page(stub.form('mode="inline"')))
    await on_screen(host, "choice")

    assert await host.locator("dialog").count() == 0
    assert await host.get_by_role("button", name="Close").count() == 0
    assert not await host.get_by_role("button", name="Cancel plan").is_visible()
    assert await host.evaluate("document.activeElement === document.body")

    await press(host, "Skip this question")
    await on_screen(host, "confirm")

    assert await host.evaluate("document.activeElement.shadowRoot.activeElement.id") == "title"


@pytest.mark.parametrize("status", [500, 401])
async def test_in_place_a_failed_start_shows_the_form_and_goes_nowhere(status: int, host: Page, stub: Stub) -> None:
    """A page that nobody touched must neither navigate nor take the focus."""
    stub.faults = [{"status": status, "code": "any", "message": "No."}]
    await host.goto(stub.page(stub.form('mode="inline"')))
    await until_told(host, "close")

    assert await host.get_by_role("button", name="Cancel plan").is_visible()
    assert await host.evaluate("document.activeElement === document.body")
    assert stub.posted == []

    await host.get_by_role("button", name="Cancel plan").click()
    await on_screen(host, "choice")


async def test_a_strict_policy_finds_nothing_to_refuse(host: Page, stub: Stub) -> None:
    """`style-src 'none'`, Trusted Types and no nonce: a whole flow, with an error, and 0 violations."""
    frame = await open_flow(host, stub, csp=STRICT)
    stub.faults = [
        {"status": 422, "code": "invalid", "message": "", "problems": [{"path": "$.choices", "message": "Choose."}]}
    ]
    await press(host, "Continue")
    await host.get_by_role("alert").wait_for()
    await press(host, "Skip this question")
    await on_screen(host, "confirm")
    await press(host, "Cancel subscription")
    await on_screen(host, "receipt")

    assert await host.evaluate("window.violations") == []
    assert await frame.evaluate("frame => getComputedStyle(frame).display") == "flex"


async def test_the_hosts_styles_stay_outside(host: Page, stub: Stub) -> None:
    """Colours, fonts, `display: none` and a layer above everything: the dialog is none the wiser."""
    frame = await open_flow(host, stub, head=HOSTILE)
    heading = frame.get_by_role("heading").first
    style = await heading.evaluate("""(node) => {
      const { color, fontSize, textTransform, letterSpacing } = getComputedStyle(node);
      return [color, fontSize, textTransform, letterSpacing];
    }""")

    assert style == ["rgb(20, 33, 42)", "23px", "none", "normal"]

    await choose(host, "Something else")
    await press(host, "Continue")
    await on_screen(host, "offer")


async def test_loaded_twice_it_is_defined_once(host: Page, stub: Stub) -> None:
    """Another copy of the file on the page changes nothing and breaks nothing."""
    await host.goto(stub.page(stub.form()))
    await host.evaluate(f"import('{stub.origin}/widget/v1.0/aurevoir.js')")
    await host.get_by_role("button", name="Cancel plan").click()
    await on_screen(host, "choice")

    assert await host.locator("aurevoir-flow dialog").count() == 1


async def test_taken_off_the_page_it_resolves(host: Page, stub: Stub) -> None:
    """Single-page applications remove elements without asking."""
    await host.goto(stub.page("<aurevoir-flow token='t'></aurevoir-flow>"))
    await host.evaluate("() => { window.outcome = document.querySelector('aurevoir-flow').open(); }")
    await on_screen(host, "choice")
    await host.evaluate("document.querySelector('aurevoir-flow').remove()")

    assert await host.evaluate("window.outcome") == {"outcome": "closed", "session": "ses_1"}
