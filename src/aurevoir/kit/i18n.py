"""Phrases, money and dates in a reader's language: gettext catalogues and CLDR, both through Babel."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Literal

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision

SOURCE_LOCALE = "en"
# Written without decimals where they are used, which is all that CLDR says, and counted in hundredths (ISO 4217).
_IN_HUNDREDTHS = frozenset(("AFN", "ALL", "LAK", "LBP", "MMK", "RSD", "SOS", "YER"))


class Language:
    """One locale's words and forms; phrases are looked up by their English text."""

    def __init__(self, tag: str, phrases: NullTranslations) -> None:
        self.tag = tag
        self.locale = Locale.parse(tag, sep="-")
        self.direction: Literal["ltr", "rtl"] = "rtl" if self.locale.character_order == "right-to-left" else "ltr"
        self._phrases = phrases

    def say(self, phrase: str, **values: object) -> str:
        """`phrase` in this language, `{name}`s filled in."""
        said = self._phrases.gettext(phrase) if phrase else ""
        return said.format(**values) if values else said

    def say_count(self, one: str, many: str, count: int, **values: object) -> str:
        """A phrase in the form that goes with `count`: Arabic has six of them; `{count}` is filled in as well."""
        said = self._phrases.ngettext(one, many, count)
        return said.format(count=self.number(count), **values)

    def number(self, number: int) -> str:
        """A whole number with its groups: 1,000."""
        return format_decimal(number, locale=self.locale)

    def date(self, day: date) -> str:
        """A day in full: 1 December 2026."""
        said = format_date(day, format="long", locale=self.locale)
        # CLDR leaves out what French adds to the first of a month.
        return said.replace("1", "1er", 1) if self.locale.language == "fr" and day.day == 1 else said

    def moment(self, moment: datetime) -> str:
        """A moment with its zone, in the zone it carries."""
        return format_datetime(moment, format="long", tzinfo=moment.tzinfo, locale=self.locale)

    def money(self, minor_units: int, currency: str) -> str:
        """An amount, with as many decimals as the currency has."""
        is_usual = currency not in _IN_HUNDREDTHS
        amount = Decimal(minor_units).scaleb(-get_currency_precision(currency) if is_usual else -2)
        return str(format_currency(amount, currency, locale=self.locale, currency_digits=is_usual))


@lru_cache(maxsize=64)
def language(tag: str) -> Language:
    """The language of a locale tag; English phrases where there is no catalogue for it."""
    try:
        return Language(tag, _catalogue(tag.partition("-")[0]))
    except (UnknownLocaleError, ValueError):
        return Language(SOURCE_LOCALE, NullTranslations())


def accepted(header: str) -> Language:
    """The first language that an Accept-Language header asks for and that we have phrases in, else English."""
    asked = (one.partition(";")[0].strip().partition("-")[0].lower() for one in header.split(",")[:10])
    return language(next((tag for tag in asked if tag in (SOURCE_LOCALE, *_catalogues())), SOURCE_LOCALE))


def negotiate(wanted: str | None, available: tuple[str, ...]) -> str:
    """The available locale nearest to `wanted` (RFC 4647 lookup, then the same language), else the first one."""
    parts = (wanted or "").split("-")
    for length in range(len(parts), 0, -1):
        shorter = "-".join(parts[:length])
        if shorter in available:
            return shorter
    return next((tag for tag in available if tag.partition("-")[0] == parts[0]), available[0])


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
