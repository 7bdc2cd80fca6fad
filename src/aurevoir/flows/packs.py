"""Jurisdictions: which fair-exit pack shapes a visit, and why. Pure."""

from typing import Literal

from msgspec import Struct

Order = Literal["survey_first", "exit_first"]
PackName = Literal["base", "us-ca", "us-mn", "de", "fr", "strict"]


class Pack(Struct, frozen=True):
    """What a jurisdiction decides about a visit; a template cannot change it."""

    name: PackName
    # Germany: nothing may stand between the customer and the confirmation (§ 312k BGB; OLG Köln 6 U 62/24).
    order: Order = "survey_first"
    # Minnesota: no incentive unless the customer asks to see one (Minn. Stat. § 325G.56 ff.).
    gated: bool = False


PACKS: dict[PackName, Pack] = {
    "base": Pack("base"),
    "us-ca": Pack("us-ca"),
    "us-mn": Pack("us-mn", gated=True),
    "de": Pack("de", order="exit_first"),
    "fr": Pack("fr"),
    "strict": Pack("strict", gated=True),
}
# States whose automatic-renewal laws follow California's on save offers.
_LIKE_CALIFORNIA = frozenset({"CA", "NY", "CO", "VA", "MA"})


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
    return Chosen(PACKS[_of_consumer(country, region)], f"{country}{f'-{region}' if region else ''} by {source}")


def _of_consumer(country: str, region: str | None) -> PackName:
    if country in ("DE", "FR"):
        return "de" if country == "DE" else "fr"
    if country != "US":
        return "base"
    state = (region or "").upper().removeprefix("US-")
    if not state:
        # Somewhere in the United States: the strictest of its states.
        return "strict"
    return "us-mn" if state == "MN" else "us-ca" if state in _LIKE_CALIFORNIA else "base"
