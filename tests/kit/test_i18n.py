"""The catalogues, and the forms that CLDR gives."""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from aurevoir.kit import i18n
from aurevoir.offers.sentences import PER_INTERVAL
from aurevoir.sessions.phrases import PHRASES
from aurevoir.sessions.screens import REFUNDS

SOURCE = Path(i18n.__file__).parent.parent
LOCALES = ("fr", "de", "es", "ar")


@cache
def _phrases() -> set[str]:
    keywords = {"say": None, "say_count": (1, 2)}
    found = extract_from_dir(str(SOURCE), method_map=[("**.py", "python")], keywords=keywords)
    said = {_singular(message) for _, _, message, _, _ in found}
    assert len(said) > 40, "the extraction finds what the code says"
    return said | set(PHRASES.values()) | set(REFUNDS.values()) | set(PER_INTERVAL.values())


def _singular(phrase: object) -> str:
    """A phrase that counts is known by its first form."""
    return str(phrase[0]) if isinstance(phrase, tuple | list) else str(phrase)


def _messages(locale: str) -> list[Message]:
    with (SOURCE / "locales" / f"{locale}.po").open("rb") as file:
        return [message for message in read_po(file, locale=locale) if message.id]


def _catalogue(locale: str) -> dict[str, str]:
    return {_singular(one.id): _singular(one.string) for one in _messages(locale)}


def _counting(locale: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Phrases that count: the two English forms, and all of the language's."""
    return [(tuple(one.id), tuple(one.string or ())) for one in _messages(locale) if not isinstance(one.id, str)]


def _names(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_phrase_is_translated_and_no_other(locale: str) -> None:
    """A phrase without its translation, or a translation of nothing, breaks the build."""
    catalogue = _catalogue(locale)

    assert {phrase for phrase, text in catalogue.items() if text} == _phrases()


@pytest.mark.parametrize("locale", LOCALES)
def test_translations_keep_their_placeholders(locale: str) -> None:
    """What a phrase fills in is filled in in every language."""
    counting = {forms[0] for forms, _ in _counting(locale)}
    told = {phrase: text for phrase, text in _catalogue(locale).items() if phrase not in counting}

    assert {phrase for phrase, text in told.items() if _names(phrase) != _names(text)} == set()


@pytest.mark.parametrize(("locale", "forms"), [("fr", 2), ("de", 2), ("es", 2), ("ar", 6)])
def test_what_counts_has_every_form(locale: str, forms: int) -> None:
    """As many as the language has, each with what one of the English ones fills in; the number itself may go."""
    for (one, many), translated in _counting(locale):
        allowed = [_names(one) - {"count"}, _names(many) - {"count"}]

        assert len(translated) == forms, one
        assert all(text and _names(text) - {"count"} in allowed for text in translated), one


def test_a_number_takes_its_form() -> None:
    """One and many in English, one, two, a few and many in Arabic, with the digits of the language."""
    one, many = "One payment of {price}", "{count} payments of {price}"
    english, arabic, german = i18n.language("en"), i18n.language("ar"), i18n.language("de")

    assert english.say_count(one, many, 1, price="€5") == "One payment of €5"
    assert german.say_count(one, many, 1200, price="5 €") == "1.200 Zahlungen zu je 5 €"
    assert len({arabic.say_count(one, many, count, price="5") for count in (1, 2, 3, 11)}) == 4


def test_french_puts_its_spaces_where_the_french_do() -> None:
    """Before ? and ! stands a narrow no-break space, before : a no-break space, and apostrophes are curved."""
    wrong = [text for text in _catalogue("fr").values() if " ?" in text or " :" in text or " !" in text or "'" in text]

    assert wrong == []


def test_money_and_dates_follow_the_reader() -> None:
    """An amount has as many decimals as its currency; the order of a date is the language's."""
    french, german, english = i18n.language("fr"), i18n.language("de"), i18n.language("en")

    assert french.money(123450, "EUR") == "1\u202f234,50\xa0€"
    assert english.money(500, "JPY") == "¥500"
    assert german.money(12345, "BHD") == "12,345\xa0BHD"
    # Counted in hundredths, though CLDR knows no decimals of it.
    assert german.money(29_50, "RSD") == "29,50\xa0RSD"
    assert english.money(9_007_199_254_740_991, "USD") == "$90,071,992,547,409.91"
    assert german.date(date(2026, 12, 1)) == "1. Dezember 2026"
    assert french.date(date(2026, 12, 1)) == "1er décembre 2026"
    assert french.date(date(2026, 12, 11)) == "11 décembre 2026"
    assert "2026" in english.moment(datetime(2026, 12, 1, 10, 0, tzinfo=UTC))


def test_direction_is_the_scripts() -> None:
    """Arabic runs from right to left."""
    assert i18n.language("ar").direction == "rtl"
    assert i18n.language("fr").direction == "ltr"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("fr", "fr"), ("fr-CA", "fr"), ("pt", "pt-BR"), ("nl", "en"), (None, "en"), ("zz-ZZ-ZZ", "en"), ("", "en")],
)
def test_the_nearest_locale_is_taken(wanted: str | None, expected: str) -> None:
    """The exact tag, then its language, then the first one there is."""
    assert i18n.negotiate(wanted, ("en", "fr", "pt-BR")) == expected


def test_an_unknown_language_gets_english_phrases() -> None:
    """Nobody is left without words."""
    assert i18n.language("xx-no-such").say("Continue") == "Continue"
