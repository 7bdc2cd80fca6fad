"""The hosted pages: everything works with plain forms, no script and no cookie."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from aurevoir.flows import starters
from aurevoir.kit import clock, ids
from aurevoir.sessions import service as sessions
from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME
from tests.house import House, count, on_sqlite
from tests.plain_browser import Browser
from tests.visits import start

pytestmark = on_sqlite


async def arrive(client: httpx.AsyncClient, house: House, **changes: Any) -> Browser:
    """Dana pressed "Cancel subscription" on a page whose script never came."""
    return await Browser(client).post("/exit/start", token=house.token(**changes))


async def answer_everything(browser: Browser, choice: int) -> list[str]:
    """Fill in every field of every screen, take no offer, until nothing more is asked; the kinds of screens met."""
    met = []
    while "answer" in browser.moves or "decline" in browser.moves:
        form = browser.form
        for name, options in form.options.items():
            browser.fill(name, options[choice % len(options)])
        for name in form.areas:
            browser.fill(name, "Ünïcode & <b>markup</b>\nsecond line")
        met.append(browser.page.attributes["main"]["class"] or "")
        await browser.press("answer" if "answer" in browser.moves else "decline")
        assert len(met) < 6, "this flow does not end"
    return met


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("key", starters.list_starters())
async def test_every_starter_can_be_completed(
    client: httpx.AsyncClient, settings: Settings, key: str, locale: str
) -> None:
    """Each reason in turn, every field filled in: three screens at most, the confirmation, the receipt."""
    house = await houses.build(settings.installation, ACME, flow=key)
    first = await arrive(client, house, locale=locale)
    reasons = len(first.form.options["choices"])
    for choice in range(reasons):
        browser = await arrive(client, house, locale=locale, subscription={"id": f"sub_{choice}"})
        met = await answer_everything(browser, choice)

        assert browser.page.attributes["html"]["lang"] == locale
        assert len(met) <= 3
        assert browser.reply.status_code == 200
        assert "cancel" in browser.moves

        await browser.press("cancel")

        assert any("/exit/receipts/rcp_" in link for link in browser.page.links)
    assert await count("declaration") == reasons
    assert await count("answer_choice", "rank = 1") >= reasons
    assert await count("answer", "text LIKE '%<b>markup</b>%second line'") >= reasons


async def test_two_presses_lead_out(client: httpx.AsyncClient, house: House) -> None:
    """Without answering anything; the receipt can be downloaded from the page."""
    browser = await arrive(client, house)
    await browser.press("cancel")
    facts = browser.text
    await browser.press("cancel")
    receipts = [await client.get(link) for link in browser.page.links]

    assert "December 1, 2030" in facts
    assert [reply.status_code for reply in receipts] == [200, 200, 200]
    assert await count("answer") == 0


async def test_going_straight_to_the_confirmation_keeps_what_was_filled_in(
    client: httpx.AsyncClient, house: House
) -> None:
    """A reason that was ticked before the other button was pressed is an answer."""
    browser = await arrive(client, house)
    await browser.fill("choices", "other").fill("text.comment", "In short").press("cancel")

    assert browser.moves[0] == "cancel"
    assert await count("answer", "text = 'In short'") == 1
    assert await count("answer_choice", "rank = 1 AND code = 'other'") == 1


async def test_in_germany_the_receipt_comes_before_the_survey(client: httpx.AsyncClient, house: House) -> None:
    """One press declares; the questions are offered, and answering them leads back to the receipt."""
    browser = await arrive(client, house, country="DE", locale="de")
    await browser.press("cancel")
    receipt = browser.page.links
    await browser.press("skip")
    await answer_everything(browser, 0)

    assert browser.page.links == receipt
    assert await count("answer", "is_answered") == 2


async def test_back_keep_skip_and_undo_are_buttons(client: httpx.AsyncClient, settings: Settings) -> None:
    """Every move of the element is a button of the page."""
    house = await houses.build(settings.installation, ACME, flow="no_offers")
    browser = await arrive(client, house)
    await browser.press("skip")
    second = browser.moves
    await browser.press("back")
    await browser.press("keep")
    kept = browser.moves
    await (await browser.press("cancel")).press("cancel")
    await browser.press("undo")

    assert "back" in second
    assert kept == ["cancel"]
    assert browser.moves == ["cancel"]
    assert await count("session", "state = 'undone'") == 1


async def test_what_was_saved_stands_in_the_form_again(client: httpx.AsyncClient, house: House) -> None:
    """After `back`, and after opening the link anew."""
    browser = await arrive(client, house)
    browser.fill("choices", "too_expensive").fill("text.comment", "Line one\nline <two>")
    await browser.press("answer")
    await browser.press("back")
    await browser.open(str(browser.reply.url))

    assert browser.form.values["choices"] == ["too_expensive"]
    assert browser.form.values["text.comment"] == ["Line one\nline <two>"]


async def test_nothing_is_preselected(client: httpx.AsyncClient, house: House) -> None:
    """Neither a reason nor a number, and no field is required."""
    browser = await arrive(client, house)

    assert "choices" not in browser.form.values
    assert "required" not in browser.reply.text


async def test_an_answer_that_cannot_be_taken_keeps_what_was_typed(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """422, the problem said once at the top and once at the field, and every word still there."""
    house = await houses.build(settings.installation, ACME, flow="saas_classic")
    browser = await arrive(client, house)
    browser.fill("choices", "too_expensive").fill("text.comment", "My comment")
    browser.form.values["follow_up.too_expensive"] = ["x" * 301]
    browser.form.values["follow_up.other"] = ["Something else I typed"]
    await browser.press("answer")
    values = browser.form.values

    assert browser.reply.status_code == 422
    assert browser.page.headings[0].startswith("Error:")
    assert values["choices"] == ["too_expensive"]
    assert values["follow_up.too_expensive"] == ["x" * 301]
    assert values["follow_up.other"] == ["Something else I typed"]
    assert values["text.comment"] == ["My comment"]
    assert browser.text.count("300") >= 2
    assert [link.removeprefix("#") in browser.page.ids for link in browser.page.links] == [True]

    browser.form.values["follow_up.too_expensive"] = ["x" * 300]
    await browser.press("answer")

    assert browser.reply.status_code == 200
    assert await count("answer", "text = $1", "x" * 300) == 1


async def test_words_beside_an_option_that_was_not_chosen_are_kept(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """Dana wrote, and forgot to choose: she is asked to, and need not write again."""
    house = await houses.build(settings.installation, ACME, flow="saas_classic")
    browser = await arrive(client, house)
    await browser.fill("follow_up.other", "I wrote this").press("answer")

    assert browser.reply.status_code == 422
    assert browser.form.values["follow_up.other"] == ["I wrote this"]
    assert "choices" not in browser.form.values


async def test_an_empty_answer_asks_for_one_or_a_skip(client: httpx.AsyncClient, house: House) -> None:
    """And nothing is stored as an answer."""
    browser = await arrive(client, house)
    await browser.press("answer")

    assert browser.reply.status_code == 422
    assert await count("answer") == 0
    assert "cancel" in browser.moves


async def test_an_old_page_leads_to_the_present_one(client: httpx.AsyncClient, house: House) -> None:
    """A button on a page that was left behind changes nothing and is no error."""
    old = await arrive(client, house)
    present = await Browser(client).open(str(old.reply.url))
    await present.fill("choices", "other").press("answer")
    await old.fill("choices", "too_expensive").press("answer")
    await old.press("back")
    await present.press("cancel")
    await old.press("keep")

    assert old.reply.status_code == 200
    assert old.page.headings == present.page.headings
    assert await count("answer_choice", "rank = 1 AND code = 'other'") == 1
    assert await count("declaration") == 1


async def test_a_button_pressed_twice_counts_once(client: httpx.AsyncClient, house: House) -> None:
    """A double click on "go to cancellation" does not declare; on the confirmation it declares once."""
    browser = await arrive(client, house)
    address = str(browser.reply.url)
    for step, expected in (("reason", 0), ("confirm", 1)):
        for _ in range(2):
            reply = await client.post(address, data={"move": "cancel", "step": step, "revision": "0"})

            assert (reply.status_code, reply.headers["location"]) == (303, "/exit/v/" + address.rsplit("/", 1)[1])
        assert await count("declaration") == expected


async def test_post_redirect_get_without_a_cookie(client: httpx.AsyncClient, house: House) -> None:
    """Reloading sends nothing again; the address is a capability of 256 bits, stored only as a hash."""
    reply = await client.post("/exit/start", data={"token": house.token()})
    again = await client.post("/exit/start", data={"token": house.token()})
    secret = reply.headers["location"].removeprefix("/exit/v/")

    assert (reply.status_code, again.status_code) == (303, 303)
    assert reply.headers["location"] == again.headers["location"]
    assert "set-cookie" not in reply.headers
    assert len(secret) == 43
    assert await count("session", "capability_hash = $1 OR visit LIKE $2", secret, f"%{secret}%") == 0


async def test_a_link_that_was_never_given_looks_like_one_that_expired(client: httpx.AsyncClient, house: House) -> None:
    """The same page for both, so that guessing teaches nothing."""
    browser = await arrive(client, house)
    address = str(browser.reply.url)
    session = (await start(client, house)).session["id"]
    guessed = await client.get("/exit/v/" + "A" * 43)
    guessed_post = await client.post("/exit/v/" + "A" * 43, data={"move": "cancel"})
    await expire(session)
    expired = await client.get(address)
    expired_post = await client.post(address, data={"move": "cancel", "step": "confirm"})

    assert {reply.status_code for reply in (guessed, guessed_post, expired, expired_post)} == {401}
    assert len({reply.text for reply in (guessed, guessed_post, expired, expired_post)}) == 1
    assert await count("declaration") == 0


async def expire(session: str) -> None:
    """The visit is over: nobody came for a day."""
    from aurevoir.kit import db, sql  # noqa: PLC0415

    past = clock.now() - timedelta(seconds=1)
    found = ids.read("ses", session)
    await db.transaction(lambda: sql.execute("UPDATE session SET expires_at = $1 WHERE id = $2", past, found))


async def test_a_fresh_token_opens_an_expired_visit_again(client: httpx.AsyncClient, house: House) -> None:
    """With everything that was given."""
    browser = await arrive(client, house)
    await browser.fill("choices", "other").press("answer")
    await expire((await start(client, house)).session["id"])
    await arrive(client, house)
    await browser.open(str(browser.reply.url))

    assert browser.reply.status_code == 200
    assert "cancel" in browser.moves
    assert await count("session") == 1


async def test_who_may_not_cancel_learns_who_can(client: httpx.AsyncClient, house: House) -> None:
    """A page without buttons, and a refusal for those who post anyway."""
    browser = await arrive(client, house, actor={"may_cancel": False})
    reply = await client.post(str(browser.reply.url), data={"move": "cancel", "step": "confirm"})

    assert browser.form.buttons == []
    assert reply.status_code == 403
    assert reply.headers["content-type"].startswith("text/html")
    assert await count("declaration") == 0


async def test_an_abandoned_visit_goes_on(client: httpx.AsyncClient, house: House) -> None:
    """The page was left open over lunch: the form on it is still good."""
    browser = await arrive(client, house)
    await sessions.abandon_idle(house.installation, clock.now() + timedelta(minutes=31))
    await browser.fill("choices", "other").press("answer")

    assert browser.reply.status_code == 200
    assert await count("answer_choice", "rank = 1 AND code = 'other'") == 1


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"move": ""},
        {"move": "explode"},
        {"move": "answer"},
        {"move": "answer", "revision": "x", "step": "reason", "choices": "other"},
        {"move": "answer", "revision": "0", "step": "%00", "choices": "\x00"},
        {"move": "answer", "revision": "9" * 400, "step": "reason", "value": "-1"},
        {"move": "answer", "revision": "0", "step": "reason", "value": "٣", "choices": "other"},
        {"move": "answer", "revision": "0", "step": "reason", "text.": "x", "value.": "1"},
        {"move": "answer", "revision": "0", "step": "reason", "choices": ["other"] * 50},
        {"move": "answer", "revision": "0", "step": "reason", "choices": "other", "text.comment": "\x00\ud83d\x1b[2J"},
        {"move": "accept", "revision": "0", "offer": "../../etc"},
        {"move": "accept", "revision": "0", "offer": "everything_free"},
    ],
)
async def test_no_form_breaks_the_page(client: httpx.AsyncClient, house: House, fields: dict[str, object]) -> None:
    """Whatever is posted: a page, never a 5xx, and the visit goes on."""
    browser = await arrive(client, house)
    address = str(browser.reply.url)
    encoded = {name: value for name, value in fields.items() if "\ud83d" not in str(value)}
    reply = await client.post(address, data=encoded)
    raw = await client.post(
        address,
        content=b"move=answer&revision=0&step=%ff&choices=%ed%a0%80&text.comment=%00",
        headers={"Content-Type": FORM},
    )

    assert reply.status_code < 500
    assert raw.status_code < 500
    assert (await (await browser.open(address)).press("cancel")).reply.status_code == 200


FORM = "application/x-www-form-urlencoded"


async def test_other_kinds_of_bodies_break_nothing(client: httpx.AsyncClient, house: House) -> None:
    """JSON, multipart with a file, a broken boundary: 4xx and a page."""
    browser = await arrive(client, house)
    replies = [
        reply
        for address in ("/exit/start", str(browser.reply.url))
        for reply in (
            await client.post(address, json={"token": "x", "move": "cancel"}),
            await client.post(address, files={"token": b"x", "move": b"y"}),
            await client.post(address, content=b"--x", headers={"Content-Type": "multipart/form-data; boundary=x"}),
            await client.post(address, content=b"x", headers={"Content-Type": "multipart/form-data"}),
            await client.post(address, content=b"\xff\xfe", headers={"Content-Type": FORM}),
        )
    ]

    assert all(300 <= reply.status_code < 500 for reply in replies)
    assert await count("declaration") == 0
