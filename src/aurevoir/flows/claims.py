"""What a text claims: an offer, a loss, a deadline, a duty, a detour; found by the patterns of its language. Pure."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct

from aurevoir.flows.said import plain
from aurevoir.kit import yaml12

Kind = Literal[
    "incentive",  # something of value is held out
    "second_offer",  # and another thing beside it
    "loss",  # a figure stands beside a loss
    "usage",  # a figure says what the customer has or did
    "crowd",  # a figure says what others do
    "deadline",
    "countdown",
    "duty",  # a question is said to be required
    "detour",  # cancelling is said to happen elsewhere
    "refusal",  # cancelling is said not to be possible, or to be examined
    "applied",  # something is said to have been accepted already
    "condition",  # a favour is said to be the price
    "pause",
    "placeholder",
]
# Nothing is claimed where it is asked.
_STATED: tuple[Kind, ...] = ("duty", "detour", "refusal", "applied")
_SAID: tuple[Kind, ...] = ("deadline", "condition", "pause")
_SENTENCE_END = re.compile(r"(?<=[!?…])\s+|(?<=[^\d\s]\.)\s+|\n+")
_MINUS = re.compile(r"(?<![\w.,])[-−–] ?\d+ ?%")
_PLACEHOLDER = re.compile(r"\{\{?\s*[\w.|]+\s*\}?\}|\[\[\w+\]\]|%\(\w+\)s|<%|\$\{|(?<![\w%])%[sd]\b")
_COUNTDOWN = re.compile(
    r"\b(?:ends?|expires?|left|remaining|only|hurry|reserved|held|noch|nur|lauft|reste\w*|expire|queda\w*|solo|caduca)\b"
    r"[^.!?]{0,30}\d{1,2}:\d\d\b"
    r"|\b\d{1,2}:\d\d(?::\d\d)? ?(?:minutes?|mins?|left|remaining|minuten|ubrig|restant\w*|minutos|restantes)\b"
    r"|\b\d{1,2}:\d\d:\d\d\b"
)
_PEOPLE = (
    r"customers?|users?|members?|people|subscribers?|teams|companies|clients?|utilisateurs|abonnes|personnes|equipes|"
    r"kunden|kundinnen|nutzer\w*|menschen|unternehmen|clientes|usuarios|personas|suscriptores|equipos"
)
_CROWD = re.compile(
    r"(?:\d+(?:[.,]\d+)? ?(?:%|per ?cent|prozent|por ciento|pour cent)|\d+ (?:out of|in|von|sur|de cada) \d+"
    r"|\d{1,3}(?:[.,' ]\d{3})+|\d{4,}|\d+ ?(?:k|millions?|millionen|millones)\b)\+?"
    rf"[^.!?]{{0,25}}\b(?:{_PEOPLE})\b"
)
_DAY = r"(?:\d{1,2}(?:st|nd|rd|th|er|\.)? ?(?:of |de )?(?:<months>)|(?:<months>)[a-z]* \d|\d{1,2}[./]\d{1,2})"
# Durations, days and times of day: figures that are no claim about the customer.
_TIMES = r"\d+(?:[.,]\d+)?[ -]?(?:<units>)\b|<day>[a-z]*(?: \d{4})?|\b(?:19|20)\d\d\b|\d{1,2}:\d\d|24/7"
_ARTICLES = r"(?:the |this |next |le |la |ce |cette |den |diesen |el |este )*"
_WHEN = rf"{_ARTICLES}(?:<soon>|<end>|<weekdays>|<day>[a-z]*)\b"


class Claim(Struct, frozen=True):
    """A claim, and the words in which it lies."""

    kind: Kind
    words: str


@lru_cache(maxsize=4096)
def claims(text: str, language: str) -> tuple[Claim, ...]:
    """What `text` claims, at most one of each kind; hardly anything in a language without patterns."""
    found: dict[Kind, Claim] = {}
    for sentence in _SENTENCE_END.split(text):
        for claim in _claims(plain(sentence), language):
            found.setdefault(claim.kind, claim)
    return tuple(found.values())


def says_when_it_ends(text: str, language: str) -> bool:
    """Whether a text about a pause or a smaller plan names an end, a date or a price."""
    return _found("ends", plain(text), language) is not None


def says_for_ever(text: str, language: str) -> bool:
    """Whether something is said never to end."""
    return _found("for_ever", plain(text), language) is not None


def months_named(text: str, language: str) -> set[int]:
    """The numbers of months that a text speaks of, in figures or words."""
    pattern = _months(language)
    found = pattern.finditer(plain(text)) if pattern else ()
    return {int(match[1]) if match[1] else (match.lastindex or 2) - 1 for match in found}


def days_named(text: str, language: str) -> set[tuple[int, int]]:
    """The days that a text speaks of, as month and day."""
    found = set()
    for number, month in enumerate(_month_names(language), start=1):
        for before, after in re.findall(
            rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th|er|\.)? ?(?:of |de )?{month}|{month}[a-z]* (\d{{1,2}})\b)", plain(text)
        ):
            found.add((number, int(before or after)))
    return found


def is_of_the_customer(text: str, language: str) -> bool:
    """Whether it is said in the customer's name, as the label of a reason is."""
    return _found("first_person", plain(text), language) is not None


def _claims(sentence: str, language: str) -> Iterator[Claim]:
    yield from _incentive(sentence, language)
    yield from _figures(sentence, language)
    kinds = _SAID if sentence.endswith("?") else (*_SAID, *_STATED)
    for kind in kinds:
        if words := _found(kind, sentence, language):
            yield Claim(kind, words)
    for kind, pattern in _IN_ANY_LANGUAGE.items():
        if match := pattern.search(sentence):
            yield Claim(kind, match[0])


_IN_ANY_LANGUAGE: Mapping[Kind, re.Pattern[str]] = {
    "crowd": _CROWD,
    "countdown": _COUNTDOWN,
    "placeholder": _PLACEHOLDER,
}


def _incentive(sentence: str, language: str) -> Iterator[Claim]:
    minus = _MINUS.search(sentence)
    words = minus[0] if minus else _found("value", sentence, language)
    if words is None and not _found("looking_back", sentence, language):
        perk = _found("perk", sentence, language)
        words = perk if perk and _found("proposal", sentence, language) else None
    if words:
        yield Claim("incentive", words)
        if _found("another", sentence, language):
            yield Claim("second_offer", words)


def _figures(sentence: str, language: str) -> Iterator[Claim]:
    """Durations and dates aside, a figure beside a loss or a possession is one about the customer."""
    times = _patterns(language).get("times")
    if times is None or not re.search(r"\d", rest := times.sub("…", sentence)):
        return
    if _found("loss", rest, language) and not _found("not_lost", rest, language):
        yield Claim("loss", sentence)
    if words := _found("usage", rest, language):
        yield Claim("usage", words)


def _found(kind: str, sentence: str, language: str) -> str | None:
    pattern = _patterns(language).get(kind)
    match = pattern.search(sentence) if pattern else None
    return match[0].strip() if match else None


@lru_cache(maxsize=64)
def _months(language: str) -> re.Pattern[str] | None:
    """A figure, or the words for one, two, …, each a group of its own, before the word for months."""
    words = _written(language)
    numbers = "|".join(f"({number})" for number in words.get("numbers", ()))
    return re.compile(rf"\b(?:(\d{{1,2}})|{numbers})[ -]{words['month'][0]}\b") if numbers else None


def _month_names(language: str) -> list[str]:
    return [name for line in _written(language).get("months", ()) for name in line.split("|")]


@lru_cache(maxsize=64)
def _patterns(language: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns of a language by what they find."""
    written = {name: "|".join(lines) for name, lines in _written(language).items()}
    if "months" in written:
        written |= {"day": _DAY, "when": _WHEN, "times": _TIMES}
    return {name: re.compile(_filled_in(pattern, written)) for name, pattern in written.items()}


@lru_cache(maxsize=64)
def _written(language: str) -> dict[str, list[str]]:
    """The file of a language; nothing where there is none."""
    file = files("aurevoir") / "flows" / "claim_words" / f"{language}.yaml"
    # A template that is being written may call anything a language.
    is_there = language.isalpha() and file.is_file()
    read: dict[str, list[str]] = yaml12.load(file.read_text("utf-8")).value if is_there else {}
    return read


def _filled_in(pattern: str, written: Mapping[str, str]) -> str:
    while found := re.search(r"<(\w+)>", pattern):
        pattern = pattern.replace(found[0], f"(?:{written[found[1]]})")
    return pattern
