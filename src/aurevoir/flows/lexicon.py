"""A language's lists of phrases, and finding them in a sentence. Pure.

A sentence's places (before, between and after its words) are the bits of a whole number, so that a phrase is followed
from all places at once, and the time depends on the length of the text alone, whatever it says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from types import MappingProxyType

from msgspec import Struct

from aurevoir.flows.plain_words import Word, plain

_GAPS: Mapping[str, int] = MappingProxyType({".": 1, "..": 3, "...": 8})
_LONGEST_PREFIX = 30
_SHORTEST_RUN_TOGETHER = 6

Spelling = tuple[str, ...]  # words that follow each other; `spar*` and `*verlust` stand for all that begin or end so


class Gap(Struct, frozen=True):
    """Up to so many words between."""

    most: int


class Ref(Struct, frozen=True):
    """Any phrase of another list."""

    name: str


class Edge(Struct, frozen=True):
    """The sentence begins, or ends, here."""

    is_start: bool


class OneOf(Struct, frozen=True):
    """One of some spellings, the empty one among them where it may be left out."""

    spellings: tuple[Spelling, ...]


Part = OneOf | Gap | Ref | Edge
Phrase = tuple[Part, ...]


class Lexicon(Struct, frozen=True):
    """Which phrases of which lists a word of a text may lead to, those without words of their own, and all words."""

    by_word: Mapping[str, tuple[tuple[str, Phrase], ...]]
    wordless: tuple[tuple[str, Phrase], ...]
    vocabulary: frozenset[str]


def lexicon(lists: Mapping[str, str]) -> Lexicon:
    """The lexicon of lists as they are written (lexicons/README.md)."""
    by_word: dict[str, list[tuple[str, Phrase]]] = {}
    wordless: list[tuple[str, Phrase]] = []
    vocabulary: set[str] = set()
    for name, text in lists.items():
        for phrase in _phrases(text):
            assert {part.name for part in phrase if isinstance(part, Ref)} <= lists.keys(), phrase
            spelt = [part.spellings for part in phrase if isinstance(part, OneOf)]
            vocabulary.update(word for spellings in spelt for spelling in spellings for word in spelling)
            needed = next((spellings for spellings in spelt if () not in spellings), ())
            assert needed or any(isinstance(part, Ref) for part in phrase), (name, phrase)
            for word in {spelling[0] for spelling in needed}:
                by_word.setdefault(word, []).append((name, phrase))
            if not needed:
                wordless.append((name, phrase))
    return Lexicon({word: tuple(found) for word, found in by_word.items()}, tuple(wordless), frozenset(vocabulary))


class Sentence:
    """A sentence's words, and what a lexicon finds in it."""

    def __init__(self, words: Sequence[Word], lexicon: Lexicon) -> None:
        self._words = words
        self._everywhere = (1 << len(words) + 1) - 1
        self._standing = _standing(words, lexicon.vocabulary)
        self._phrases: dict[str, list[Phrase]] = {}
        for name, phrase in (
            *lexicon.wordless,
            *(one for word in self._standing for one in lexicon.by_word.get(word, ())),
        ):
            self._phrases.setdefault(name, []).append(phrase)
        self._ends: dict[str, int] = {}

    def holds(self, name: str) -> bool:
        """Whether a phrase of the list stands anywhere."""
        if name not in self._ends:
            self._ends[name] = self._after(self._everywhere, Ref(name))
        return self._ends[name] != 0

    def span(self, name: str) -> tuple[int, int]:
        """From which word to which the list's first phrase stands that is there."""
        ends = self._after(self._everywhere, Ref(name))
        end = (ends & -ends).bit_length() - 1
        return next(at for at in range(end, -1, -1) if self._after(1 << at, Ref(name)) >> end & 1), end

    def shown(self, start: int, end: int) -> str:
        """The words from one place to another, as they were written."""
        return " ".join(word.shown for word in self._words[start:end])

    def _after(self, places: int, part: Part) -> int:
        match part:
            case Gap(most):
                for _ in range(most):
                    places |= places << 1 & self._everywhere
                return places
            case Edge(is_start):
                return places & (1 if is_start else 1 << len(self._words))
            case Ref(name):
                return reduce(or_, (self._after_all(places, phrase) for phrase in self._phrases.get(name, ())), 0)
            case OneOf(spellings):
                return reduce(or_, (self._after_words(places, spelling) for spelling in spellings), 0)

    def _after_words(self, places: int, spelling: Spelling) -> int:
        for word in spelling:
            places = (places & self._standing.get(word, 0)) << 1
        return places

    def _after_all(self, places: int, phrase: Phrase) -> int:
        for part in phrase:
            if not places:
                return 0
            places = self._after(places, part)
        return places


def _phrases(text: str) -> Iterator[Phrase]:
    for written in text.split(","):
        words = written.split()
        if words:
            yield tuple(map(_part, words))
        together = "".join(plain(written))
        if len(words) > 1 and len(together) >= _SHORTEST_RUN_TOGETHER and all(map(str.isalpha, words)):
            yield (OneOf(((together,),)),)


def _part(word: str) -> Part:
    """`a/b` is one or the other, `a?` may be left out, `a_b` are two words."""
    if word in _GAPS:
        return Gap(_GAPS[word])
    if word in "^$":
        return Edge(word == "^")
    if word.startswith("{"):
        return Ref(word.strip("{}"))
    spellings = tuple(_spelling(one) for one in word.rstrip("?").split("/"))
    return OneOf((*spellings, ()) if word.endswith("?") else spellings)


def _spelling(written: str) -> Spelling:
    if written.startswith("#"):
        return (written,)
    words = list(plain(written.strip("*")))
    words[0] = "*" * written.startswith("*") + words[0]
    words[-1] += "*" * written.endswith("*")
    return tuple(words)


def _standing(words: Sequence[Word], vocabulary: frozenset[str]) -> dict[str, int]:
    """Where each word of the vocabulary stands."""
    standing: dict[str, int] = {}
    for at, word in enumerate(words):
        for spelling in vocabulary.intersection(one for form in word.forms for one in _lookups(form)):
            standing[spelling] = standing.get(spelling, 0) | 1 << at
    return standing


def _lookups(form: str) -> Iterable[str]:
    yield form
    for length in range(2, min(len(form), _LONGEST_PREFIX) + 1):
        yield f"{form[:length]}*"
        yield f"*{form[-length:]}"
