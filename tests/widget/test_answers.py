"""What is asked, what is sent, what is said back."""

import pytest
from playwright.async_api import Page

from tests.widget.driving import choose, focused, on_screen, open_flow, press, show
from tests.widget.screens import SCREENS
from tests.widget.stub import Stub

# With the slow tests: the journeys of a customer go the main ways in every run.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_ANSWER = {"path": "$.choices", "message": "Nothing is answered yet. You can also go on without an answer."}
TOO_LONG = {"path": "$.answers.comment", "message": "Use at most 1000 characters."}


def refusal(*problems: dict[str, str]) -> dict[str, object]:
    return {
        "status": 422,
        "code": "invalid",
        "message": "There is a problem with this answer.",
        "problems": list(problems),
    }


async def test_nothing_is_chosen_beforehand(host: Page, stub: Stub) -> None:
    """No option, no point, no offer, no text; and no button is out of use."""
    await host.goto(stub.page(stub.form()))
    frame = host.locator("aurevoir-flow [part=frame]")
    for name in SCREENS:
        await show(host, stub, name)

        assert await frame.locator(":checked").count() == 0, name
        assert "".join(await frame.locator("textarea").evaluate_all("all => all.map(({ value }) => value)")) == "", name
        assert await frame.locator(":disabled").count() == 0, name


async def test_the_answer_carries_all_that_was_given(host: Page, stub: Stub) -> None:
    """The reason, its follow-up and the question beside it."""
    await open_flow(host, stub)
    await choose(host, "It costs too much")
    await host.get_by_label("What price would be right?").fill("15 €")
    await host.get_by_label("Anything we should know?").fill("Thank you")
    await press(host, "Continue")
    await on_screen(host, "offer")

    assert stub.effects == [
        {
            "kind": "answer",
            "revision": 0,
            "step": "reason",
            "choices": ["too_expensive"],
            "text": "15 €",
            "answers": {"comment": "Thank you"},
        }
    ]


async def test_a_cancel_brings_along_what_is_ticked(host: Page, stub: Stub) -> None:
    """Going straight to the cancellation loses no reason; a text beyond all limits is cut, never refused."""
    await open_flow(host, stub)
    await choose(host, "It costs too much")
    await host.get_by_label("Anything we should know?").fill("x" * 9000)
    await press(host, "Cancel subscription")
    await on_screen(host, "confirm")

    [sent] = stub.effects
    assert (sent["kind"], sent["choices"]) == ("cancel", ["too_expensive"])
    assert sent["answers"] == {"comment": "x" * 5000}


async def test_a_follow_up_stands_beside_the_chosen_option_only(host: Page, stub: Stub) -> None:
    """What was written beside an option that is no longer chosen is not sent."""
    await open_flow(host, stub)
    await choose(host, "It costs too much")
    await host.get_by_label("What price would be right?").fill("15 €")
    await choose(host, "I don’t use it enough")

    assert not await host.get_by_label("What price would be right?").is_visible()

    await press(host, "Continue")
    await on_screen(host, "offer")

    assert "text" not in stub.effects[0]


async def test_with_several_answers_the_first_one_ticked_comes_first(host: Page, stub: Stub) -> None:
    """The order of ticking is the order sent, and the first one's follow-up is the one that is asked."""
    stub.at = "several"
    await open_flow(host, stub)
    for label in ("It costs too much", "Something I need is missing", "I don’t use it enough"):
        await choose(host, label)
    await host.get_by_label("It costs too much", exact=True).uncheck()
    await choose(host, "It costs too much")

    assert await host.get_by_label("What is missing?").is_visible()
    assert not await host.get_by_label("What price would be right?").is_visible()

    await host.get_by_role("group", name="How was our support?").get_by_label("4").check()
    await press(host, "Continue")
    await host.wait_for_function("() => window.told.some(([name]) => name === 'answer')")

    assert stub.effects[0]["choices"] == ["missing_feature", "not_using", "too_expensive"]
    assert stub.effects[0]["answers"] == {"support": 4}


async def test_a_tick_after_going_back_comes_after_those_before(host: Page, stub: Stub) -> None:
    """The order given is kept, whatever the order on the screen."""
    options = [{"code": code, "label": code.upper()} for code in ("a", "b", "c")]
    stub.screens["choice"] = {**SCREENS["choice"], "options": options, "several": True, "also": []}
    stub.given = {"choices": ["c", "b"]}
    await open_flow(host, stub)
    await choose(host, "A")
    await press(host, "Continue")
    await on_screen(host, "offer")

    assert stub.effects[0]["choices"] == ["c", "b", "a"]


async def test_a_scale_sends_its_number_and_zero_is_one(host: Page, stub: Stub) -> None:
    """From `low` to `high`, both ends named."""
    stub.at = "scale"
    frame = await open_flow(host, stub)
    points = frame.get_by_role("radio")

    assert await points.count() == 11

    await frame.get_by_label("0", exact=True).check()
    await press(host, "Continue")
    await host.wait_for_function("() => window.told.some(([name]) => name === 'answer')")

    assert stub.effects[0]["value"] == 0
    assert await frame.get_by_role("group").get_attribute("aria-describedby") is not None
    assert await frame.get_by_text("10: Very likely").is_visible()


async def test_a_text_is_sent_as_text(host: Page, stub: Stub) -> None:
    """The heading is the label of its field."""
    stub.at = "text"
    await open_flow(host, stub)
    await host.get_by_role("textbox", name="What would have made you stay?").fill("Fewer mails")
    await press(host, "Continue")
    await host.wait_for_function("() => window.told.some(([name]) => name === 'answer')")

    assert stub.effects[0]["text"] == "Fewer mails"


async def test_going_back_shows_what_was_given(host: Page, stub: Stub) -> None:
    """And an emptied field is sent empty, so that it does not stay saved."""
    stub.given = {"choices": ["too_expensive"], "text": "15 €", "answers": {"comment": "Hello"}}
    await open_flow(host, stub)
    price, comment = host.get_by_label("What price would be right?"), host.get_by_label("Anything we should know?")

    assert await host.get_by_label("It costs too much", exact=True).is_checked()
    assert (await price.input_value(), await comment.input_value()) == ("15 €", "Hello")

    await comment.fill("")
    await press(host, "Continue")
    await on_screen(host, "offer")

    assert stub.effects[0]["answers"] == {"comment": ""}
    assert stub.effects[0]["text"] == "15 €"


async def test_problems_are_announced_focused_and_said_beside_each_field(host: Page, stub: Stub) -> None:
    """A summary with a way to each field; what was typed is still there."""
    await open_flow(host, stub)
    await host.get_by_label("Anything we should know?").fill("Too much")
    stub.faults = [refusal(NO_ANSWER, TOO_LONG)]
    await press(host, "Continue")
    summary = host.get_by_role("alert")
    await summary.wait_for()

    assert await summary.get_by_role("heading", name="There is a problem").is_visible()
    assert await focused(host) == "problems"
    assert await host.get_by_role("radio").first.get_attribute("aria-invalid") == "true"
    assert await host.get_by_text(NO_ANSWER["message"]).count() == 2

    await summary.get_by_role("button", name=TOO_LONG["message"]).click()

    assert await focused(host) == "answers.comment"
    field = host.get_by_label("Anything we should know?")
    described = str(await field.get_attribute("aria-describedby")).split()
    assert await host.locator(f"#{described[0]}").inner_text() == TOO_LONG["message"]
    assert await field.input_value() == "Too much"


async def test_a_problem_mended_is_said_no_more(host: Page, stub: Stub) -> None:
    """A second refusal shows its own problems alone, and every reference leads somewhere."""
    await open_flow(host, stub)
    stub.faults = [refusal(NO_ANSWER, TOO_LONG), refusal({"path": "$.choices[1]", "message": "Choose one answer."})]
    await press(host, "Continue")
    await host.get_by_role("alert").wait_for()
    await press(host, "Continue")
    await host.get_by_role("alert").get_by_text("Choose one answer.").wait_for()

    assert await host.get_by_text(TOO_LONG["message"]).count() == 0
    assert await host.locator("aurevoir-flow [aria-invalid]").count() == 1


async def test_a_problem_without_a_field_is_said_all_the_same(host: Page, stub: Stub) -> None:
    """An unknown path must not silence its message."""
    await open_flow(host, stub)
    stub.faults = [refusal({"path": "$.elsewhere", "message": "Something is wrong."})]
    await press(host, "Continue")
    await host.get_by_role("alert").wait_for()

    assert await host.get_by_role("alert").get_by_text("Something is wrong.").is_visible()


async def test_the_receipt_can_be_read_and_saved(host: Page, stub: Stub) -> None:
    """Its number, its time and links that lead to the service, whatever page embeds it."""
    stub.at = "receipt"
    frame = await open_flow(host, stub)

    assert await frame.get_by_text("rcp_7Qm2wXk9TzLr4VbN8sYcHdPf3GjA6uEo").is_visible()
    assert await frame.get_by_text("21 November 2026 at 22:51 (UTC+1)").is_visible()
    links = await frame.get_by_role("link").evaluate_all("links => links.map(({ href }) => href)")
    assert links == [f"{stub.origin}/exit/receipt/7Qm2{kind}" for kind in (".html", ".txt", "")]


async def test_an_offer_shows_all_its_terms(host: Page, stub: Stub) -> None:
    """The price today, the price once accepted and every term, before anything can be accepted."""
    stub.at = "offer"
    frame = await open_flow(host, stub)
    offer = SCREENS["offer"]["offer"]

    for text in (offer["headline"], offer["price_now"], offer["price_after"], *offer["terms"]):
        assert await frame.get_by_text(text, exact=True).is_visible(), text
