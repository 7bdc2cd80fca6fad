"""Everything that a flow says, each text in each language with its place. Pure."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from msgspec import Struct

from aurevoir.flows.steps import Flow
from aurevoir.flows.translations import texts
from aurevoir.flows.wording import Place

# In these languages the lint was held against a labelled corpus, and what it finds stops the publishing.
WELL_KNOWN: Final = frozenset({"en", "fr", "de", "es"})
BUTTONS: Final[dict[str, Place]] = {
    "accept_label": "accept",
    "decline_label": "decline",
    "cancel_label": "cancel",
    "keep_label": "keep",
    # A link that an offer leads to is taken as an acceptance is.
    "link_label": "accept",
}
_PLACES: Final[dict[str, Place]] = {
    **BUTTONS,
    **dict.fromkeys(("ask", "headline"), "heading"),
    **dict.fromkeys(("help", "body", "terms"), "body"),
    **dict.fromkeys(("label", "low_label", "high_label"), "reason"),
}


class Said(Struct, frozen=True, kw_only=True):
    """One text in one language; `field` is the last part of its path without the language."""

    path: str
    field: str
    locale: str
    text: str

    @property
    def place(self) -> Place:
        """What a customer takes it for."""
        return _PLACES[self.field]

    @property
    def language(self) -> str:
        """The language without its region."""
        return self.locale.partition("-")[0]

    @property
    def offer(self) -> str | None:
        """The key of the offer with which alone it is shown."""
        return self.path.split(".")[1] if self.path.startswith("offers.") else None


def everything_said(flow: Flow) -> Iterator[Said]:
    """Each text in each language, in the order of the flow."""
    for path, text in texts(flow):
        field = path.rpartition(".")[2]
        for locale, words in text.items():
            yield Said(path=f"{path}.{locale}", field=field, locale=locale, text=words)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """`text` as patterns compare it: no accents, no capitals, no invisible signs, plain spaces and apostrophes."""
    whole = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold().replace("ł", "l")
    kept = "".join(c for c in whole if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join(kept.split())
