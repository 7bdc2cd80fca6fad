"""A text as plain words: what is left of it without spelling tricks, accents, case and punctuation. Pure."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

# What comes after so many is looked at as one more.
_MOST_SENTENCES = 60
NUMBER, DATE = "#", "#/#"

# Letters of other scripts that look like Latin ones, and Latin letters that no decomposition reaches.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝαεορτυικνłøđı",
    "aeopcyxijsdqwaeoptuiknlodi",
)
_LIGATURES = {"æ": "ae", "œ": "oe", "þ": "th"}
_LEET = str.maketrans("0134578@$", "oieastbas")
_EMOTICON = re.compile(r":'-?\(|:-?\((?!\w)|;-?\((?!\w)")
# "L a s t", "l-a-s-t", "l.a.s.t": letters one by one, at least four of them.
_ONE_BY_ONE = re.compile(r"(?<![^\W_])[^\W\d_](?:[ ._*-][^\W\d_]){3,}(?![^\W_])")
_BETWEEN_LETTERS = re.compile(r"[ ._*-]")
# A full stop after a number may belong to a date, as in "30. November".
_SENTENCE_END = re.compile(r"[!?;\n\r¡¿]+|(?<!\d)[.…]+(?=[\s\"»”)]|$)")
_WORD = re.compile(
    r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)|(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})"
    r"|(?P<number>\d+(?:[.,\u202f\u00a0]\d+)*)(?=(?:h|m|s|k|x|d|e|er|o|min|mins|sec|st|nd|rd|th|ste|go|de)?(?![^\W_]))"
    r"|(?P<word>[^\W_]+(?:[@$][^\W_]+)*)|(?P<sign>[^\w\s])",
)
_KEPT_SIGNS = frozenset("%€$£")
_FIGURES = re.compile(r"\d+")
_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}")


class Word(Struct, frozen=True):
    """One word: `shown` as it was written, `forms` as it may be looked up."""

    shown: str
    forms: tuple[str, ...]


def sentences(text: str) -> Iterator[tuple[Word, ...]]:
    """The words of each sentence of `text`."""
    for sentence in _SENTENCE_END.split(_composed(text), _MOST_SENTENCES):
        if words := tuple(_words(sentence)):
            yield words


def plain(text: str) -> tuple[str, ...]:
    """The words of `text`, each in its first form: how a lexicon spells what it looks for."""
    return tuple(word.forms[0] for words in sentences(text) for word in words)


def _composed(text: str) -> str:
    """Compatibility forms resolved, invisible characters gone, emoticons as what they draw, drawn-out words joined."""
    whole = unicodedata.normalize("NFKC", text)
    seen = "".join(c for c in whole if c in "\n\r\t" or unicodedata.category(c) not in ("Cf", "Cc", "Mn"))
    return _ONE_BY_ONE.sub(lambda run: _BETWEEN_LETTERS.sub("", run[0]), _EMOTICON.sub(" 😢 ", seen))


def _words(sentence: str) -> Iterator[Word]:
    for found in _WORD.finditer(sentence):
        shown = found[0]
        match found.lastgroup:
            case "clock":
                yield Word(shown, (_FIGURES.sub("#", shown).replace(":#", ":##"),))
            case "date":
                yield Word(shown, (DATE,))
            case "number":
                yield Word(shown, (shown, NUMBER))
            case "word":
                yield Word(shown, _forms(shown))
            case _ if shown in _KEPT_SIGNS or unicodedata.category(shown) == "So":
                yield Word(shown, (shown,))


def _forms(word: str) -> tuple[str, ...]:
    """The word without case and accents; also with letters for look-alike digits, and not drawn out ("sooo")."""
    bare = _bare(word)
    forms = [bare]
    if any(c.isdigit() or c in "@$" for c in bare) and any(c.isalpha() for c in bare):
        forms += [bare.translate(_LEET), bare.replace("1", "l").translate(_LEET)]
    if _LONG_DRAWN.search(bare):
        forms += [_LONG_DRAWN.sub(r"\1", bare), _LONG_DRAWN.sub(r"\1\1", bare)]
    return tuple(dict.fromkeys(forms))


def _bare(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c) != "Mn").translate(_LOOKALIKES)
    for ligature, letters in _LIGATURES.items():
        bare = bare.replace(ligature, letters)
    return bare
