"""Lost replies, refusals, stale screens: one effect each, and never a dead end."""

import re
from typing import Any

import pytest
from playwright.async_api import Page

from tests.widget.driving import choose, moves, on_screen, open_flow, press, told, until_told
from tests.widget.stub import Stub

# With the slow tests: the journeys go the main ways in every run.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTED = re.compile("/exit/start$")


def refused(status: int, code: str, message: str = "No.") -> dict[str, Any]:
    return {"status": status, "code": code, "message": message}


BUSY = refused(503, "unavailable", "Down for a moment.")


@pytest.mark.parametrize("fault", ["lost before", "lost after", BUSY], ids=["request lost", "reply lost", "503"])
async def test_a_cancellation_whose_reply_is_lost_is_made_once(fault: Any, host: Page, stub: Stub) -> None:
    """The same body again, the same receipt, one effect."""
    stub.at = "confirm"
    await open_flow(host, stub)
    stub.faults = [fault]
    await press(host, "Cancel subscription")
    await on_screen(host, "receipt")

    sent = [body for name, body in stub.calls if name == "session/moves"]
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert moves(stub) == ["cancel"]
    assert await told(host, "cancel") == [{"session": "ses_1"}]


async def test_an_answer_lost_twice_arrives_once(host: Page, stub: Stub) -> None:
    """Two pauses of 300 and 900 ms; meanwhile a status says so."""
    await open_flow(host, stub)
    await choose(host, "Something else")
    stub.faults = ["lost after", "lost after"]
    await press(host, "Continue")
    await host.get_by_role("status").get_by_text("No answer yet").wait_for()
    await on_screen(host, "offer")

    assert moves(stub) == ["answer"]


async def test_after_the_last_try_dana_can_try_again_with_what_she_typed(host: Page, stub: Stub) -> None:
    """The message is announced, the answer is still there, the hosted pages are one press away."""
    await open_flow(host, stub)
    await choose(host, "Something else")
    await host.get_by_label("What is it?").fill("My words")
    stub.faults = ["lost before"] * 3
    await press(host, "Continue")
    await host.get_by_role("alert").get_by_text("We could not reach the service").wait_for()

    assert await host.get_by_label("What is it?").input_value() == "My words"
    assert await host.get_by_role("button", name="Continue on a separate page").is_visible()
    assert await told(host, "error") == [{"code": "network", "message": "", "retryable": True}]

    await press(host, "Try again")
    await on_screen(host, "offer")

    assert [body["text"] for body in stub.effects] == ["My words"]


async def test_the_fallback_is_reachable_when_moves_fail(host: Page, stub: Stub) -> None:
    """It posts the token to the hosted pages, as the plain form does."""
    await open_flow(host, stub)
    stub.faults = [refused(500, "internal_error")]
    await press(host, "Skip this question")
    await press(host, "Continue on a separate page")
    await host.wait_for_url(HOSTED)

    assert stub.posted == [{"token": ["tok"]}]


async def test_a_stale_move_draws_the_current_screen(host: Page, stub: Stub) -> None:
    """Another tab has moved on: no error, no second effect."""
    await open_flow(host, stub)
    stub.revision, stub.at = 7, "confirm"
    await choose(host, "Something else")
    await press(host, "Continue")
    await on_screen(host, "confirm")

    assert moves(stub) == []
    assert await told(host, "error") == []


async def test_a_double_click_makes_one_move(host: Page, stub: Stub) -> None:
    """One call at a time; the form says that it is busy."""
    stub.at = "confirm"
    await open_flow(host, stub)
    busy = await host.evaluate("""() => {
      const form = document.querySelector("aurevoir-flow").shadowRoot.querySelector("form");
      const leave = form.querySelector("[part~=leave]");
      leave.click(); leave.click(); form.querySelector("[part~=stay]").click();
      return form.getAttribute("aria-busy");
    }""")
    await on_screen(host, "receipt")

    assert busy == "true"
    assert [name for name, _ in stub.calls] == ["sessions", "session/moves"]


@pytest.mark.parametrize(
    "fault",
    [
        refused(500, "internal_error"),
        refused(403, "origin_not_allowed"),
        refused(404, "not_found"),
        refused(429, "slow_down"),
    ],
    ids=lambda fault: fault["code"],
)
async def test_a_start_that_fails_lets_the_form_post(fault: Any, host: Page, stub: Stub) -> None:
    """What is not about the customer may well work on the hosted pages."""
    await host.goto(stub.page(stub.form()))
    stub.faults = [fault]
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(HOSTED)

    assert stub.posted == [{"token": ["tok"]}]


async def test_a_service_that_is_away_hands_over_within_three_seconds(host: Page, stub: Stub) -> None:
    """Three tries, then the plain form."""
    await host.goto(stub.page(stub.form()))
    stub.faults = ["lost before"] * 3
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(HOSTED, timeout=3000)

    assert [name for name, _ in stub.calls] == ["sessions"] * 3
    assert stub.posted == [{"token": ["tok"]}]


async def test_a_service_that_never_answers_hands_over_within_three_seconds(host: Page, stub: Stub) -> None:
    """Silence is no reason to wait."""
    await host.goto(stub.page(stub.form()))
    stub.faults = ["silence"]
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(HOSTED, timeout=3500)

    assert stub.posted == [{"token": ["tok"]}]


async def test_a_refused_token_is_explained_and_can_be_tried_again(host: Page, stub: Stub) -> None:
    """In the customer's words, not the API's; the hosted pages would refuse it as well, but they stay reachable."""
    await host.goto(stub.page(stub.form()))
    stub.faults = [refused(401, "token_expired", "The customer token has expired.")]
    await host.get_by_role("button", name="Cancel plan").click()
    await host.get_by_role("alert").get_by_text("This page was open for too long.").wait_for()

    assert await host.get_by_role("button", name="Continue on a separate page").is_visible()

    await press(host, "Try again")
    await on_screen(host, "choice")


async def test_without_the_script_the_form_posts(host: Page, stub: Stub) -> None:
    """The recommended snippet is a working form before it is anything else."""
    stub.element_blocked = True
    await host.goto(stub.page(stub.form()))
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(HOSTED)

    assert stub.posted == [{"token": ["tok"]}]


async def test_a_form_with_awkward_field_names_still_posts(host: Page, stub: Stub) -> None:
    """A button called `submit` hides the form's own method."""
    form = stub.form().replace("<button>", '<button name="submit">')
    await host.goto(stub.page(form))
    stub.faults = [refused(500, "internal_error")]
    await host.get_by_role("button", name="Cancel plan").click()
    await host.wait_for_url(HOSTED)

    assert stub.posted == [{"token": ["tok"]}]


@pytest.mark.parametrize("fault", [refused(401, "unauthorised"), refused(409, "move_not_possible")], ids=["401", "409"])
async def test_a_session_that_ran_out_is_taken_up_again(fault: Any, host: Page, stub: Stub) -> None:
    """The customer token gives the same session: its current screen is drawn."""
    await open_flow(host, stub)
    stub.faults = [fault]
    stub.at = "confirm"
    await press(host, "Skip this question")
    await on_screen(host, "confirm")

    assert await told(host, "error") == []


async def test_work_under_way_is_looked_at_until_it_is_done(host: Page, stub: Stub) -> None:
    """A screen that says so turns into what came of it, by itself."""
    stub.at = "working"
    await open_flow(host, stub)
    stub.at = "kept"
    await on_screen(host, "kept")

    assert [name for name, _ in stub.calls] == ["sessions", "session"]


async def test_closing_while_a_cancellation_travels_reports_what_came_of_it(host: Page, stub: Stub) -> None:
    """The window may close at once; the outcome waits for the reply."""
    stub.at = "confirm"
    await open_flow(host, stub)
    stub.faults = ["lost before"]
    await press(host, "Cancel subscription")
    await host.keyboard.press("Escape")

    assert await until_told(host, "close") == {"outcome": "cancelled", "session": "ses_1"}
    assert moves(stub) == ["cancel"]
