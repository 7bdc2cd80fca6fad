"""What a template or an operator says in several languages, as one customer reads it. Pure."""

from collections.abc import Mapping

from msgspec import Struct

Texts = Mapping[str, str] | None


class Words(Struct, frozen=True):
    """A text, and its language where that is not the customer's."""

    text: str = ""
    lang: str | None = None


def localised(texts: Texts, tag: str) -> str:
    """The text in this locale, in its language, or in the first there is; "" where there is none at all."""
    return in_words(texts, tag).text


def in_words(texts: Texts, tag: str) -> Words:
    """The same, with the language that it is in where that is another."""
    if not texts:
        return Words()
    own = in_own_words(texts, tag)
    lang, text = next(iter(texts.items()))
    return Words(own) if own else Words(text, lang)


def in_own_words(texts: Texts, tag: str) -> str:
    """The text in this locale or in its language; "" where there is none, since another language is no answer."""
    return (texts or {}).get(tag) or (texts or {}).get(tag.partition("-")[0]) or ""
