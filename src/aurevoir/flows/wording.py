"""Words that shame, push or trick somebody out of a decision, in the languages that there is a lexicon of. Pure."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, get_args

from msgspec import Struct, convert

from aurevoir.flows.lexicon import Lexicon, Sentence, lexicon
from aurevoir.flows.plain_words import sentences
from aurevoir.kit import yaml12

Place = Literal["accept", "decline", "cancel", "keep", "reason", "heading", "body"]
Fault = Literal["shaming", "guilt", "fear", "urgency", "trick"]

PLACES: tuple[Place, ...] = get_args(Place)
# What several places are called together in lexicons/rules.yaml.
_TOGETHER: Mapping[str, frozenset[Place]] = MappingProxyType(
    {
        "anywhere": frozenset(PLACES),
        "customer": frozenset({"decline", "cancel", "keep", "reason"}),
        "buttons": frozenset({"accept", "decline", "cancel", "keep"}),
        "leaving": frozenset({"decline", "cancel"}),
        "texts": frozenset({"heading", "body"}),
    }
)
_LEXICONS = files("aurevoir") / "flows" / "lexicons"
_RULES, _SHARED = "rules", "shared"


class Slip(Struct, frozen=True):
    """A fault, and the words in which it lies."""

    fault: Fault
    words: str


class Rule(Struct, frozen=True):
    """A sentence that holds all of some lists, and none of others, has the fault."""

    fault: Fault
    all_of: tuple[str, ...]
    none_of: tuple[str, ...]

    def holds(self, sentence: Sentence) -> bool:
        return all(map(sentence.holds, self.all_of)) and not any(map(sentence.holds, self.none_of))


@cache
def languages() -> tuple[str, ...]:
    """The languages that there is a lexicon of."""
    names = {path.name.removesuffix(".yaml") for path in _LEXICONS.iterdir() if path.name.endswith(".yaml")}
    return tuple(sorted(names - {_RULES, _SHARED}))


def slips(text: str, locale: str, place: Place) -> tuple[Slip, ...]:
    """What is wrong with `text` in its place, at most one slip of each kind; nothing where there is no lexicon."""
    language = locale.partition("-")[0].lower()
    if language not in languages():
        return ()
    found: dict[Fault, Slip] = {}
    for words in sentences(text):
        for slip in _in_sentence(Sentence(words, _lexicon(language)), rules(place)):
            found.setdefault(slip.fault, slip)
    return tuple(found.values())


@cache
def rules(place: Place) -> tuple[Rule, ...]:
    """What to look for in a place, in every language."""
    written = convert(_read(_RULES), dict[Fault, dict[str, list[str]]])
    return tuple(
        _rule(fault, line)
        for fault, by_place in written.items()
        for where, lines in by_place.items()
        if place == where or place in _TOGETHER.get(where, ())
        for line in lines
    )


def _rule(fault: Fault, written: str) -> Rule:
    wanted, *unwanted = (part.strip() for part in written.split("-"))
    return Rule(fault, tuple(name.strip() for name in wanted.split("+")), tuple(unwanted))


def _in_sentence(sentence: Sentence, rules: tuple[Rule, ...]) -> Iterator[Slip]:
    seen: set[Fault] = set()
    for rule in rules:
        if rule.fault not in seen and rule.holds(sentence):
            seen.add(rule.fault)
            spans = sorted({sentence.span(name) for name in rule.all_of})
            yield Slip(rule.fault, " … ".join(sentence.shown(*span) for span in spans))


@cache
def _lexicon(language: str) -> Lexicon:
    return lexicon(convert(_read(_SHARED), dict[str, str]) | convert(_read(language), dict[str, str]))


def _read(name: str) -> Any:
    document = yaml12.load((_LEXICONS / f"{name}.yaml").read_text("utf-8"))
    assert not document.problems, (name, document.problems)
    return document.value
