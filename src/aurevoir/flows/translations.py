"""Checks of a flow's words: every text in every language that the flow offers. Pure."""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

import msgspec
from msgspec import Struct

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.steps import Flow
from aurevoir.kit.i18n import has_phrases

# The fields of steps, options and offers that hold one text in several languages.
TEXT_FIELDS = frozenset(
    {
        *("ask", "label", "help", "body", "headline", "terms", "low_label", "high_label", "link_label"),
        *("accept_label", "decline_label", "cancel_label", "keep_label"),
    },
)
_FILLERS = frozenset("\u2800\u3164\u115f\u1160\uffa0")
# Shorter ones may well be the same: names, numbers, words that travelled.
_A_SENTENCE = 4


def locales_differ(flow: Flow) -> Iterator[Finding]:
    """A language is listed once."""
    for index, locale in enumerate(flow.locales):
        if locale in flow.locales[:index]:
            yield error(f"locales[{index}]", f"`{locale}` is listed twice")


def every_text_in_every_locale(flow: Flow) -> Iterator[Finding]:
    """Nobody meets a screen that is half in another language."""
    for path, text in texts(flow):
        for locale in dict.fromkeys(flow.locales):
            if is_blank(text.get(locale, "")):
                yield error(f"{path}.{locale}", "is missing", "FE-22")
        for locale in text:
            if locale not in flow.locales:
                yield warning(f"{path}.{locale}", "is never shown: `locales` does not list that language")


def no_text_twice(flow: Flow) -> Iterator[Finding]:
    """A sentence that two languages share was not translated: for one of them it is a silent fallback."""
    for path, text in texts(flow):
        first: dict[str, str] = {}
        for locale, words in text.items():
            if locale not in flow.locales or len(words.split()) < _A_SENTENCE:
                continue
            other = first.setdefault(" ".join(words.casefold().split()), locale)
            if other.partition("-")[0] != locale.partition("-")[0]:
                yield warning(f"{path}.{locale}", f"is the text of `{other}`: it was not translated", "FE-22")


def interface_speaks_it_too(flow: Flow) -> Iterator[Finding]:
    """Buttons and receipts have phrases of their own; without them they would be English around the flow's texts."""
    for index, locale in enumerate(flow.locales):
        if not has_phrases(locale):
            said = f"`{locale}` is a language that the interface has no phrases in: buttons would be English"
            yield warning(f"locales[{index}]", said, "FE-22")


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: spaces, invisible signs, empty cells of Braille, Hangul fillers."""
    return all(c in _FILLERS or unicodedata.category(c)[0] in "CZM" for c in text)


def texts(flow: Flow) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text that a customer reads, with its path."""
    for index, step in enumerate(flow.steps):
        yield from _texts_in(step, f"steps[{index}]")
    for key, offer in flow.offers.items():
        yield from _texts_in(offer, f"offers.{key}")


def _texts_in(part: Struct, path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, written in _fields(type(part)):
        value = getattr(part, name)
        if name in TEXT_FIELDS and value is not None:
            yield f"{path}.{written}", value
        elif isinstance(value, Struct):
            yield from _texts_in(value, f"{path}.{written}")
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Struct):
                    yield from _texts_in(item, f"{path}.{written}[{index}]")


@cache
def _fields(kind: type[Struct]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind))
