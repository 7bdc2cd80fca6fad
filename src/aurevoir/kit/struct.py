"""Bounded text types and the strict Structs that stand at every edge."""

import unicodedata
from typing import Annotated

from msgspec import Meta, Struct

# Lower-case words joined by underscores: what people type into templates and URLs.
Key = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,59}\Z", description="lower_case_words, at most 60")]
# A BCP 47 tag in the forms that occur: `en`, `pt-BR`, `zh-Hant`, `es-419`.
LocaleTag = Annotated[
    str,
    Meta(pattern=r"\A[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z", description="a locale such as en or pt-BR"),
]
Country = Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z", description="ISO 3166-1 alpha-2")]
Currency = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z", description="ISO 4217")]
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
LongText = Annotated[str, Meta(min_length=1, max_length=2000)]
ForeignId = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f]+\Z")]
Url = Annotated[
    str,
    Meta(
        max_length=2000, pattern=r"\A(https?://|mailto:)[^\x00-\x20]+\Z", description="https://…, http://… or mailto:…"
    ),
]
# 2^53 - 1: every JSON reader and both databases hold it exactly.
MinorUnits = Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)]

LocalisedShort = Annotated[dict[LocaleTag, ShortText], Meta(min_length=1, max_length=60)]
# What stands on a button.
LocalisedLabel = Annotated[
    dict[LocaleTag, Annotated[str, Meta(min_length=1, max_length=60)]], Meta(min_length=1, max_length=60)
]
LocalisedLong = Annotated[dict[LocaleTag, LongText], Meta(min_length=1, max_length=60)]


class Strict(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An input: what it does not know is refused, never dropped."""


def safe_text(text: str) -> str:
    """`text` as both databases can hold it: NFC, no lone surrogates, no control characters but newline and tab."""
    if text.isascii() and text.isprintable():
        return text.strip()
    whole = text.encode("utf-8", "ignore").decode("utf-8").replace("\r\n", "\n")
    kept = "".join(c for c in whole if c in "\n\t" or unicodedata.category(c) != "Cc")
    return unicodedata.normalize("NFC", kept).strip()
