"""Phrases, money, dates and lists in a reader's language: gettext catalogues and CLDR, both through Babel."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime, get_timezone_gmt
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision

SOURCE_LOCALE = "en"
# Written without decimals where they are used, which is all that CLDR says, and counted in hundredths (ISO 4217).
_IN_HUNDREDTHS = frozenset(("AFN", "ALL", "LAK", "LBP", "MMK", "RSD", "SOS", "YER"))
# CLDR leaves out that the first of a month is an ordinal.
_FIRST = {"fr": "1er", "it": "1º"}
# Italian elides its articles before the eighth and the eleventh.
_ELIDED = {"il": "l’", "Il": "L’", "al": "all’", "dal": "dall’", "del": "dell’"}
_ARTICLE = re.compile(rf"\b({'|'.join(_ELIDED)}) (?=(?:8|11) )")
# Spanish says e, not y, before the sound of an i.
_AND_I = re.compile(r" y (?=h?[ií][^eé])", re.IGNORECASE)


class Language:
    """One locale's words and forms; phrases are looked up by their English text."""

    def __init__(self, tag: str, phrases: NullTranslations) -> None:
        self.tag = tag
        self.direction = _direction(tag)
        # What the phrases are said in; days and amounts stand among their words, and follow them.
        self.spoken = tag if has_phrases(tag) else SOURCE_LOCALE
        self.locale = Locale.parse(self.spoken, sep="-")
        self._phrases = phrases

    @property
    def spoken_direction(self) -> Literal["ltr", "rtl"]:
        """In which documents run that hold nothing but phrases."""
        return _direction(self.spoken)

    def say(self, phrase: str, **values: object) -> str:
        """`phrase` in this language, `{name}`s filled in."""
        said = self._phrases.gettext(phrase) if phrase else ""
        return self._filled(said, values) if values else said

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """A phrase in the form that goes with `count`: Arabic has six of them; `{count}` is filled in as well."""
        said = self._phrases.ngettext(one, many, count)
        return self._filled(said, {"count": self.number(count), **values})

    def _filled(self, said: str, values: Mapping[str, object]) -> str:
        filled = said.format(**values)
        if self.locale.language != "it":
            return filled
        return _ARTICLE.sub(lambda article: _ELIDED[article[1]], filled)

    def listed(self, items: Sequence[str]) -> str:
        """Several things as a sentence names them: bread, butter, and salt."""
        said = format_list(items, locale=self.locale)
        return _AND_I.sub(" e ", said) if self.locale.language == "es" else said

    def name_of(self, tag: str) -> str | None:
        """What a language is called in this one, without its region; None for one that nobody has heard of."""
        return self.locale.languages.get(_parts(tag)[0])

    def line(self, label: str, value: str) -> str:
        """`label: value`, with the space that French wants before a colon."""
        return f"{label}\N{NO-BREAK SPACE}: {value}" if self.locale.language == "fr" else f"{label}: {value}"

    def number(self, number: int) -> str:
        """A whole number with its groups: 1,000."""
        return format_decimal(number, locale=self.locale)

    def date(self, day: date) -> str:
        """A day in full: 1 December 2026."""
        return _with_first(format_date(day, format="long", locale=self.locale), day, self.locale)

    def moment(self, moment: datetime) -> str:
        """A moment with its zone, in the zone it carries."""
        said = format_datetime(moment, format="long", tzinfo=moment.tzinfo, locale=self.locale)
        # Where a language has no name for the zone: UTC+01:00 rather than +0100.
        offset = f" {moment:%z}"
        if said.endswith(offset):
            said = f"{said.removesuffix(offset)} {get_timezone_gmt(moment, width='long', locale=self.locale)}"
        return _with_first(said, moment, self.locale)

    def money(self, minor_units: int, currency: str) -> str:
        """An amount, with as many decimals as the currency has."""
        is_usual = currency not in _IN_HUNDREDTHS
        amount = Decimal(minor_units).scaleb(-get_currency_precision(currency) if is_usual else -2)
        return str(format_currency(amount, currency, locale=self.locale, currency_digits=is_usual))


def _with_first(said: str, day: date, locale: Locale) -> str:
    first = _FIRST.get(locale.language) if day.day == 1 else None
    return said.replace("1", first, 1) if first else said


def _direction(tag: str) -> Literal["ltr", "rtl"]:
    try:
        return "rtl" if Locale.parse(tag, sep="-").character_order == "right-to-left" else "ltr"
    except UnknownLocaleError:
        # A language that CLDR has nothing of may still be a flow's.
        return "ltr"


@lru_cache(maxsize=64)
def language(tag: str) -> Language:
    """The language of a locale tag; English phrases where there is no catalogue for it."""
    try:
        return Language(tag, _catalogue(tag.partition("-")[0]))
    except ValueError:
        return Language(SOURCE_LOCALE, NullTranslations())


def has_phrases(tag: str) -> bool:
    """Whether the interface speaks the language of a locale tag; where not, its phrases are English."""
    return tag.partition("-")[0] in (SOURCE_LOCALE, *_catalogues())


def accepted(header: str) -> Language:
    """The first language that an Accept-Language header asks for and that we have phrases in, else English."""
    asked = (one.partition(";")[0].strip().partition("-")[0].lower() for one in header.split(",")[:10])
    return language(next((tag for tag in asked if tag in (SOURCE_LOCALE, *_catalogues())), SOURCE_LOCALE))


def negotiate(wanted: str | None, available: tuple[str, ...]) -> str:
    """The available locale nearest to `wanted` (RFC 4647 lookup, then the same language), else the first one."""
    # As pages write it, too: fr_FR, pt-br.
    parts, known = _parts(wanted), {tag.lower(): tag for tag in available}
    for length in range(len(parts), 0, -1):
        if (shorter := "-".join(parts[:length])) in known:
            return known[shorter]
    return next((tag for tag in available if tag.partition("-")[0] == parts[0]), available[0])


def _parts(wanted: str | None) -> list[str]:
    return (wanted or "").replace("_", "-").lower().split("-")


def missed(wanted: str | None, given: str) -> str | None:
    """The language that was asked for where `given` is in another; None as well for one that nobody has heard of."""
    asked = _parts(wanted)[0]
    is_given = asked == given.partition("-")[0]
    return asked if not is_given and language(SOURCE_LOCALE).name_of(asked) else None


@cache
def _catalogues() -> frozenset[str]:
    folder = files("aurevoir") / "locales"
    return frozenset(path.name.removesuffix(".po") for path in folder.iterdir() if path.name.endswith(".po"))


@cache
def _catalogue(name: str) -> NullTranslations:
    if name not in _catalogues():
        return NullTranslations()
    path = files("aurevoir") / "locales" / f"{name}.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(path.read_bytes()), locale=name))
    compiled.seek(0)
    return GNUTranslations(compiled)
