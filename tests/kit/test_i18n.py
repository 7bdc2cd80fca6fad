"""The catalogues, and the forms that CLDR gives."""

import re
from datetime import UTC, date, datetime
from functools import cache
from gettext import c2py
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from aurevoir.kit import i18n
from aurevoir.offers.sentences import PER_INTERVAL
from aurevoir.sessions.phrases import PHRASES
from aurevoir.sessions.screens import REFUNDS

SOURCE = Path(i18n.__file__).parent.parent
LOCALES = ("fr", "de", "es", "it", "nl", "pt", "pl", "ar")
# Words that happen to be the same; anything else that equals the English was forgotten.
SAME = {
    "de": {"optional"},
    "es": {"Error:", "Plan"},
    "nl": {"Product"},
    "pl": {"Plan"},
}


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


def test_there_is_a_catalogue_for_each_language() -> None:
    """English is in the code; the eight others are these files, and each says which one it is."""
    files = {path.stem: path.read_text("utf-8") for path in (SOURCE / "locales").glob("*.po")}

    assert set(files) == set(LOCALES)
    assert {name for name, text in files.items() if f'"Language: {name}\\n"' not in text} == set()
    assert all(i18n.has_phrases(locale) for locale in LOCALES)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_in_english(locale: str) -> None:
    """A translation equals its phrase only where the two languages share the word."""
    equal = {phrase for phrase, text in _catalogue(locale).items() if phrase == text}

    assert equal == SAME.get(locale, set())


@pytest.mark.parametrize("locale", LOCALES)
def test_texts_are_set_with_care(locale: str) -> None:
    """No straight quotes, no two spaces, none at either end; and a sentence ends as the English one does."""
    texts = [text for one in _messages(locale) for text in _all_forms(one.string)]

    assert [text for text in texts if "'" in text or '"' in text or "  " in text or text != text.strip()] == []
    assert [text for phrase, text in _catalogue(locale).items() if phrase[-1] in ".?:" and text[-1] not in ".?:؟"] == []


def _all_forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text),)


@pytest.mark.parametrize("locale", LOCALES)
def test_translations_keep_their_placeholders(locale: str) -> None:
    """What a phrase fills in is filled in in every language."""
    counting = {forms[0] for forms, _ in _counting(locale)}
    told = {phrase: text for phrase, text in _catalogue(locale).items() if phrase not in counting}

    assert {phrase for phrase, text in told.items() if _names(phrase) != _names(text)} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_what_counts_has_every_form(locale: str) -> None:
    """As many as CLDR knows, each with what one of the English ones fills in; the number itself may go."""
    wanted = {Locale(locale).plural_form(count) for count in range(1000)}

    for (one, many), translated in _counting(locale):
        allowed = [_names(one) - {"count"}, _names(many) - {"count"}]

        assert len(translated) == len(wanted), one
        assert all(text and _names(text) - {"count"} in allowed for text in translated), one


@pytest.mark.parametrize("locale", LOCALES)
def test_a_form_goes_with_the_numbers_that_cldr_gives_it(locale: str) -> None:
    """The catalogue's rule of plurals is the language's, number by number."""
    with (SOURCE / "locales" / f"{locale}.po").open("rb") as file:
        rule = read_po(file, locale=locale).plural_expr
    form = c2py(rule)
    pairs = {(Locale(locale).plural_form(count), form(count)) for count in range(1000)}

    assert len(pairs) == len({category for category, _ in pairs}) == len({index for _, index in pairs})


def test_a_number_takes_its_form() -> None:
    """One and many in English, one, two, a few and many in Arabic, with the digits of the language."""
    one, many = "One payment of {price}", "{count} payments of {price}"
    english, arabic, german = i18n.language("en"), i18n.language("ar"), i18n.language("de")

    assert english.say_count(one, many, 1, price="€5") == "One payment of €5"
    assert german.say_count(one, many, 1200, price="5 €") == "1.200 Zahlungen zu je 5 €"
    assert len({arabic.say_count(one, many, count, price="5") for count in (1, 2, 3, 11)}) == 4


def test_french_puts_its_spaces_where_the_french_do() -> None:
    """A narrow no-break space before ; ? and !, a no-break space before : and inside « »."""
    texts = [text for one in _messages("fr") for text in _all_forms(one.string)]
    marks = [re.compile(r"[^\u202f][;!?]"), re.compile("[^\xa0]:"), re.compile("«[^\xa0]"), re.compile("[^\xa0]»")]

    assert [text for text in texts if any(mark.search(text) for mark in marks)] == []


def test_italian_elides_its_articles_before_a_day() -> None:
    """The eighth and the eleventh begin with a vowel, and the first is an ordinal."""
    italian = i18n.language("it")
    said = [italian.say("Your subscription ends on {day}.", day=italian.date(date(2027, 3, day))) for day in (1, 8, 18)]

    assert said == [
        "Il suo abbonamento termina il 1º marzo 2027.",
        "Il suo abbonamento termina l’8 marzo 2027.",
        "Il suo abbonamento termina il 18 marzo 2027.",
    ]


def test_spanish_joins_what_begins_with_an_i_by_an_e() -> None:
    """Francés y alemán, but español e inglés."""
    spanish = i18n.language("es")

    assert spanish.listed(["francés", "alemán"]) == "francés y alemán"
    assert spanish.listed(["español", "inglés"]) == "español e inglés"
    assert spanish.listed(["agua", "hielo"]) == "agua y hielo"


def test_a_moment_says_its_zone_in_words_or_by_utc() -> None:
    """By its name where the language has one, else by how far it is from UTC; never as a bare +0100."""
    moment = datetime(2026, 12, 1, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))

    assert i18n.language("de").moment(moment) == "1. Dezember 2026, 10:00:00 MEZ"
    assert i18n.language("fr").moment(moment) == "1er décembre 2026, 10:00:00 UTC+01:00"


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
    """Arabic runs from right to left, and it alone."""
    assert {locale for locale in LOCALES if i18n.language(locale).direction == "rtl"} == {"ar"}


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
