"""Jurisdictions: which fair-exit pack shapes a visit, and why; and which of them a flow is checked for. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

Order = Literal["survey_first", "exit_first"]
PackName = Literal["base", "us-ca", "us-mn", "de", "fr", "eu-withdrawal", "strict", "uk-2027", "in"]


class Pack(Struct, frozen=True):
    """What a jurisdiction decides about a visit; a template cannot change it."""

    name: PackName
    # Germany: nothing may stand between the customer and the confirmation (§ 312k BGB; OLG Köln 6 U 62/24).
    order: Order = "survey_first"
    # Minnesota: no incentive unless the customer asks to see one (Minn. Stat. § 325G.56 ff.).
    gated: bool = False
    # What the button that cancels says where the law words it, by language; in any other language it says so in the
    # interface's own plain words. Empty: a template may word it.
    cancel_words: Mapping[str, str] = MappingProxyType({})


PACKS: dict[PackName, Pack] = {
    "base": Pack("base"),
    "us-ca": Pack("us-ca"),
    "us-mn": Pack("us-mn", gated=True),
    # § 312k(2) BGB.
    "de": Pack("de", order="exit_first", cancel_words={"de": "Jetzt kündigen"}),
    # Code de la consommation, D. 215-3.
    "fr": Pack("fr", cancel_words={"fr": "Notification de la résiliation"}),
    # A form beside every consumer's visit in the Union, never the pack of a session (Directive (EU) 2023/2673).
    "eu-withdrawal": Pack("eu-withdrawal"),
    "strict": Pack("strict", gated=True),
    # Not in force before 2027, so no session's pack either: templates are checked for it where somebody asks.
    "uk-2027": Pack("uk-2027"),
    # In force since 2023; the thirteen practices that it names are what `base` rules out, so visits look the same.
    "in": Pack("in"),
}
# What passes in all of these at once passes in every one. The others warn, where they are asked for.
ALWAYS: Final[frozenset[PackName]] = frozenset(PACKS) - {"uk-2027", "in"}
_ALSO_IN: dict[str, PackName] = {"GB": "uk-2027", "IN": "in"}
# States whose automatic-renewal laws follow California's on how to cancel online and on save offers. Connecticut's
# does since 1 October 2023 (H.B. 5314; zwillgen.com, "Subscription State Law Patchwork", 4 October 2023); others are
# not listed for want of a source, and lose nothing: what California asks is done in every pack.
_LIKE_CALIFORNIA = frozenset({"CA", "CO", "CT", "MA", "NY", "VA"})


class Chosen(Struct, frozen=True):
    """The pack of a session, and the reason in words for the session's record."""

    pack: Pack
    reason: str


def choose(
    country: str | None,
    region: str | None,
    *,
    consumer: bool | None,
    default_country: str | None = None,
    default_consumer: bool | None = None,
) -> Chosen:
    """The pack of signed facts, else of the workspace's defaults, else `strict`. Never from the browser.

    Someone of whom it is not known whether they are a consumer is treated as one.
    """
    source = "token" if country else "workspace default"
    country, region = (country, region) if country else (default_country, None)
    if country is None:
        return Chosen(PACKS["strict"], "no billing country is known")
    if (consumer if consumer is not None else default_consumer) is False:
        return Chosen(PACKS["base"], f"{country} by {source}, a business")
    # British law on subscriptions is made and not in force: until then the pack is `base`, and the record says so.
    pending = "; uk-2027 is not in force yet" if country == "GB" else ""
    reason = f"{country}{f'-{region}' if region else ''} by {source}{pending}"
    return Chosen(PACKS[_of_consumer(country, region)], reason)


def checked_for(default_country: str | None) -> frozenset[PackName]:
    """The packs for which a workspace's flows are checked."""
    also = _ALSO_IN.get(default_country or "")
    return ALWAYS | {also} if also else ALWAYS


def _of_consumer(country: str, region: str | None) -> PackName:
    if country != "US":
        return _ABROAD.get(country, "base")
    state = (region or "").upper().removeprefix("US-")
    if not state:
        # Somewhere in the United States: the strictest of its states.
        return "strict"
    return "us-mn" if state == "MN" else "us-ca" if state in _LIKE_CALIFORNIA else "base"


_ABROAD: dict[str, PackName] = {"DE": "de", "FR": "fr", "IN": "in"}
