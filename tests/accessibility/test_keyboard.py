"""The element with the keyboard alone, on the service itself: no mouse from the account page to the receipt."""

import pytest
from playwright.async_api import expect

from tests.accessibility.element import Shop
from tests.accessibility.keys import Keys
from tests.accessibility.scenes import reach
from tests.accessibility.visiting import arrived, customer, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def test_dana_answers_declines_and_cancels(shop: Shop) -> None:
    """A reason, its open question, a comment, no offer, and the receipt."""
    keys = await opened(shop)
    await keys.choose("too_expensive")
    await keys.tab_to("What price would be right for what you use? (optional)")
    await keys.type("15 €")
    await keys.tab_to("Would you like to tell us more? (optional)")
    await keys.type("Thank you")
    await keys.to("Continue")
    await arrived(shop.page, "Would this help?")
    await keys.to("No, thank you")
    await arrived(shop.page, "Confirm your cancellation")
    await keys.to("Cancel my subscription", "Space")
    await arrived(shop.page, "Your cancellation is received")
    await keys.tab_to("Save as web page")


async def test_dana_answers_nothing(shop: Shop) -> None:
    """Every question left out."""
    keys = await opened(shop, "many")
    await keys.to("Skip this question", most=20)
    await arrived(shop.page, "How likely")
    await keys.to("Go straight to cancellation")
    await arrived(shop.page, "Confirm")
    await keys.to("Cancel my subscription")
    await arrived(shop.page, "Your cancellation is received")


async def test_dana_accepts(shop: Shop) -> None:
    """The offer, what is asked in return, and the word that it is on its way."""
    keys = await opened(shop)
    await keys.choose("too_expensive")
    await keys.press("Enter")
    await arrived(shop.page, "Would this help?")
    await keys.to("Accept this offer")
    await arrived(shop.page, "in return")
    await keys.to("Tell a friend about us", "Space")
    await keys.to("Continue")
    await arrived(shop.page, "We are applying it")


async def test_dana_asks_for_another_way(shop: Shop) -> None:
    """Where no offer may come by itself: to the confirmation, to the offer, and out."""
    keys = await opened(shop, country="US", region="MN")
    await keys.choose("not_using")
    await keys.to("Continue")
    await arrived(shop.page, "Confirm")
    await keys.to("Is there another way?")
    await arrived(shop.page, "Would this help?")
    await keys.to("Go to cancellation")
    await arrived(shop.page, "Confirm")


async def test_dana_mends_what_is_wrong(shop: Shop) -> None:
    """The focus is on the summary, which is announced; its buttons lead to the fields, where the same words stand."""
    keys = await opened(shop)
    await keys.choose("too_expensive")
    await keys.press("Tab")
    await keys.type("far too long for this field " * 3)
    await keys.to("Continue")
    summary = shop.page.get_by_role("alert")
    await expect(summary).to_be_focused()
    await expect(summary).to_contain_text("There is a problem")
    await keys.press("Tab", "Enter")
    field = shop.page.get_by_role("textbox", name="What price would be right")
    await expect(field).to_be_focused()
    described = str(await field.get_attribute("aria-describedby")).split()
    await expect(shop.page.locator(f"#{described[0]}")).to_contain_text("at most 60")
    await keys.press("ControlOrMeta+a")
    await keys.type("15 €")
    await keys.to("Continue")
    await arrived(shop.page, "Would this help?")


async def test_dana_closes_and_comes_back(shop: Shop) -> None:
    """Escape gives the focus back to the button, records nothing, and the flow goes on where it stood."""
    keys = await opened(shop)
    await keys.choose("not_using")
    await keys.press("Enter")
    await arrived(shop.page, "Would this help?")
    await keys.press("Escape")
    await expect(shop.page.get_by_role("button", name="Cancel subscription")).to_be_focused()
    await keys.press("Enter")
    await arrived(shop.page, "Would this help?")
    await keys.to("Back")
    await arrived(shop.page)

    assert await shop.page.get_by_role("radio", name="I don’t use it enough").is_checked()


async def test_dana_closes_with_the_button(shop: Shop) -> None:
    """It is there for whoever does not know of Escape: the last thing before the heading."""
    keys = await opened(shop)
    await keys.press("Shift+Tab")
    assert (await keys.focused())["text"] == "Close"
    await keys.press("Enter")

    await expect(shop.page.get_by_role("button", name="Cancel subscription")).to_be_focused()


async def test_dana_reads_from_right_to_left(shop: Shop) -> None:
    """The arrows go through the reasons, and the way on is the same."""
    keys = await opened(shop, locale="ar")
    await keys.choose("other")
    await keys.to("متابعة")
    await arrived(shop.page)
    await keys.to("إلغاء اشتراكي")
    await expect(shop.page.locator("aurevoir-flow [data-kind=receipt] h2")).to_be_focused()


async def test_dana_rates(shop: Shop) -> None:
    """A scale is one stop; arrows move in it, from right to left as well."""
    for locale in ("en", "ar"):
        await shop.go(f'locale="{locale}"')
        await shop.show(await reach(shop.site, "scale", locale))
        keys = Keys(shop.page)
        await keys.choose("10")
        await keys.press("Enter")
        await shop.page.locator("aurevoir-flow [data-kind=confirm] h2").wait_for()


async def test_dana_takes_it_back(shop: Shop) -> None:
    """From the receipt, and out again."""
    keys = await opened(shop, country="DE")
    await keys.to("Cancel my subscription", most=4)
    await arrived(shop.page, "Your cancellation is received")
    await keys.to("Undo the cancellation")
    await arrived(shop.page, "Your cancellation is undone")
    await keys.to("Go to cancellation")
    await arrived(shop.page, "Confirm")


async def test_in_germany_the_survey_comes_after_the_receipt(shop: Shop) -> None:
    """Two presses to the receipt; then, only if Dana likes, the questions."""
    keys = await opened(shop, country="DE", locale="de")
    await keys.tab_to("Mein Abonnement behalten", most=4)
    await keys.press("Shift+Tab", "Enter")
    await arrived(shop.page, "Ihre Kündigung ist eingegangen")
    await keys.to("Ein paar Fragen beantworten")
    await arrived(shop.page, "Was ist der wichtigste Grund")
    await keys.choose("other")
    await keys.to("Weiter")
    await arrived(shop.page, "Ihre Kündigung ist eingegangen")


async def test_in_place_the_focus_comes_with_the_first_move(shop: Shop) -> None:
    """The page's own order until then; nothing is announced that nobody asked for."""
    await shop.go('flow="reasons" mode="inline"', customer(shop.site))
    await shop.page.locator("aurevoir-flow [data-kind=choice]").wait_for()
    keys = Keys(shop.page)
    await keys.choose("too_big")
    await keys.to("Continue")
    await arrived(shop.page, "Would this help?")


async def test_a_move_that_fails_is_announced_and_can_be_made_again(shop: Shop) -> None:
    """The message has the focus, the answer is still there, and the next press tries again."""
    keys = await opened(shop)
    await keys.choose("other")
    await shop.page.route("**/session/moves", lambda route: route.fulfill(status=500, json={}))
    await keys.to("Continue")
    await expect(shop.page.get_by_role("alert")).to_be_focused()
    await shop.page.unroute("**/session/moves")
    await keys.to("Try again", most=1)
    await arrived(shop.page, "Confirm")


async def test_the_way_out_comes_before_many_boxes(shop: Shop) -> None:
    """The first press of Tab shows it, and it leads where it says."""
    keys = await opened(shop, "many")
    assert await keys.tab_to("Go straight to cancellation", most=1) == 1
    assert (await keys.focused())["out"] is False
    await keys.press("Enter")
    await arrived(shop.page, "Confirm")
