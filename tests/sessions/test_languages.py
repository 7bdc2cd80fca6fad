"""In the customer's language: what is said in another one says so, and what cannot be had is told, once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.kit import clock, db, i18n, sql
from aurevoir.sessions.moves import Back, Cancel, Keep
from aurevoir.sessions.schemas import Shown
from tests.house import House, on_sqlite
from tests.sessions.offered import answer, begin, look, make, publish
from tests.visits import START

SWEDISH = {
    "locales: [en, fr]": "locales: [sv, he]",
    "{en: ": "{sv: Svenska, he: עברית, en: ",
}
MISSED, THERE = "This page is not available in this language yet", "It is available in English and French."
KEPT_IN_ENGLISH = "It is kept for ninety days."


async def _publish_swedish(house: House, **changes: str) -> None:
    await publish(house, "", ("FE-08", "FE-22"), **SWEDISH, **changes)


async def _keeps_data(house: House, **texts: str) -> None:
    kept = "UPDATE workspace SET data_after_exit = $1 WHERE id = $2"
    await db.transaction(lambda: sql.execute(kept, texts, house.id))
    workspaces.forget_cached()


def _facts(shown: Shown) -> dict[str, str | None]:
    return {fact.label: fact.lang for fact in shown.screen.facts}


@on_sqlite
async def test_what_the_operator_says_in_one_language_says_which(house: House) -> None:
    """Her page is French; what happens to her data is known in English only, and is marked as English."""
    await publish(house)
    await _keeps_data(house, en=KEPT_IN_ENGLISH)
    french = await make(house, await begin(house, locale="fr"), Cancel())
    english = await make(house, await begin(house, locale="en"), Cancel())
    receipt = await make(house, english, Cancel(step="confirm"))

    assert _facts(french)["Vos données"] == "en"
    assert set(_facts(english).values()) == {None}
    assert [fact.value for fact in receipt.screen.facts][-1] == KEPT_IN_ENGLISH


@on_sqlite
@pytest.mark.parametrize(("locale", "direction", "own"), [("sv", "ltr", "Svenska"), ("he", "rtl", "עברית")])
async def test_a_language_that_the_interface_does_not_speak_has_its_parts_marked(
    house: House, locale: str, direction: str, own: str
) -> None:
    """The flow is Swedish, or Hebrew; the buttons and the facts are English, and say that they are."""
    await _publish_swedish(house)
    await _keeps_data(house, sv="Sparas i nittio dagar.", en=KEPT_IN_ENGLISH)
    question = await begin(house, locale=locale)
    offer = await answer(house, question, "price")
    confirm = await make(house, offer, Cancel())

    assert (question.screen.locale, question.screen.direction, question.screen.title) == (locale, direction, own)
    assert (question.screen.title_lang, question.screen.phrases_lang) == (None, "en")
    assert (offer.screen.title_lang, offer.screen.body_lang) == ("en", "en")
    assert offer.screen.offer is not None
    assert offer.screen.offer.headline == own
    assert (confirm.screen.title_lang, confirm.screen.title) == ("en", "Confirm your cancellation")
    assert {action.lang for one in (question, offer, confirm) for action in one.screen.actions} == {"en"}
    assert _facts(confirm) == dict.fromkeys(_facts(confirm)) | {"Your data": "sv"}
    assert next(fact.value for fact in confirm.screen.facts if fact.label == "Ends on") == "December 1, 2030"


@on_sqlite
async def test_a_template_marks_its_own_words_apart_from_ours(house: House) -> None:
    """On one bar of buttons: its own label in its language, the phrase beside it in English."""
    await _publish_swedish(house, **{"kind: confirm}": "kind: confirm, cancel_label: {sv: Säg upp, he: לבטל}}"})
    confirm = await make(house, await begin(house, locale="sv"), Cancel())
    said = {action.move: (action.label, action.lang) for action in confirm.screen.actions}

    assert said["cancel"] == ("Säg upp", None)
    assert said["keep"] == ("Keep my subscription", "en")


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "notice"),
    [
        ("pl", f"{MISSED}: Polish. {THERE}"),
        ("pt_br", f"{MISSED}: Portuguese. {THERE}"),
        ("fr-CA", ""),
        ("FR_fr", ""),
        ("en-GB", ""),
        (None, ""),
        ("undefined", ""),
        ("xx", ""),
        ("<b>pl", ""),
    ],
)
async def test_a_language_that_is_not_there_is_told(
    client: httpx.AsyncClient, house: House, wanted: str | None, notice: str
) -> None:
    """By its name, with those that there are; what nobody has heard of is no language, and is not repeated."""
    await publish(house)
    body = {"token": house.token(locale="xx"), "flow": "offered", "locale": wanted}
    reply = await client.post(START, json={name: value for name, value in body.items() if value})

    assert reply.json()["screen"]["notice"] == notice
    assert reply.json()["screen"]["locale"] == ("fr" if wanted and wanted.lower().startswith("fr") else "en")


async def _start(house: House, **facts: Any) -> Shown:
    await publish(house)
    return await begin(house, **facts)


@on_sqlite
async def test_it_is_told_once_and_not_lost_on_a_reload(house: House) -> None:
    """On the first screen, reloaded or come back to; not on those after it."""
    first = await _start(house, locale="pl")
    second = await answer(house, await look(house, first), "other")
    back = await make(house, second, Back(revision=second.session.revision))
    left = await make(house, back, Cancel(step="confirm"))

    assert "Polish" in first.screen.notice
    assert (await look(house, left)).screen.notice == second.screen.notice == ""
    assert back.screen.notice == first.screen.notice, "where it was said, it stands"


@on_sqlite
async def test_it_is_told_where_the_confirmation_comes_first(house: House) -> None:
    """In Germany the first screen is the confirmation: nobody decides there in a language that they did not ask for."""
    first = await _start(house, locale="pl", country="DE")
    receipt = await make(house, first, Cancel(step="confirm"))

    assert first.screen.kind == "confirm"
    assert "Polish" in first.screen.notice
    assert receipt.screen.notice == ""


@on_sqlite
async def test_it_is_told_on_another_return(house: House) -> None:
    """Kept, and back on the next day with a page in another language."""
    first = await _start(house)
    await make(house, first, Keep(revision=first.session.revision))
    later = await begin(house, clock.now() + timedelta(days=1), locale="nl")

    assert first.screen.notice == ""
    assert "Dutch" in later.screen.notice


@on_sqlite
async def test_the_hosted_page_marks_every_part(client: httpx.AsyncClient, house: House) -> None:
    """In the markup: the page is Hebrew from right to left, and what is English on it is marked as English."""
    await _publish_swedish(house)
    form = {"token": house.token(), "flow": "offered", "locale": "he"}
    page = (await client.post("/exit/start", data=form, follow_redirects=True)).text

    assert '<html lang="he" dir="rtl">' in page
    assert "<h1>עברית</h1>" in page
    buttons = [line for line in page.splitlines() if "<button" in line]
    assert buttons
    assert all('lang="en" dir="auto"' in line for line in buttons)


@on_sqlite
async def test_the_receipt_is_in_the_language_of_its_words(client: httpx.AsyncClient, house: House) -> None:
    """A document of phrases is English where they are, whatever the flow spoke; the operator's part is marked."""
    await _publish_swedish(house)
    await _keeps_data(house, sv="Sparas i nittio dagar.")
    confirm = await make(house, await begin(house, locale="he"), Cancel())
    receipt = (await make(house, confirm, Cancel(step="confirm"))).screen.receipt
    assert receipt is not None
    document = (await client.get(receipt.html_url)).text

    assert '<html lang="en" dir="ltr">' in document
    assert '<dd lang="sv" dir="auto">Sparas i nittio dagar.</dd>' in document


def test_lists_and_languages_are_named_as_a_reader_names_them() -> None:
    """By CLDR: the comma before *and*, the word itself, and what a language is called."""
    english, german, arabic = i18n.language("en"), i18n.language("de"), i18n.language("ar")

    assert english.listed(("English", "French", "German")) == "English, French, and German"
    assert german.listed(("Englisch", "Französisch")) == "Englisch und Französisch"
    assert arabic.listed(("أ", "ب")) == "أ وب"
    assert [one.name_of("pl") for one in (english, german)] == ["Polish", "Polnisch"]
    assert english.name_of("pt-BR") == "Portuguese"
    assert i18n.missed("pl", "en") == "pl"
    assert [i18n.missed(wanted, "en") for wanted in (None, "", "en-GB", "klingon", "../etc")] == [None] * 5
