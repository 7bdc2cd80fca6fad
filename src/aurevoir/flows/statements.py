"""Checks of what a flow claims, offers and demands in its words, outside the fields that are made for it. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from aurevoir.flows.claims import Claim, Kind, claims, is_of_the_customer, says_when_it_ends
from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.packs import PACKS, PackName
from aurevoir.flows.rules import RuleId
from aurevoir.flows.said import WELL_KNOWN, Said, everything_said
from aurevoir.flows.steps import Flow
from aurevoir.offers.terms import Contact, Custom, FeatureGrant, Guide, Offer


class Verdict(Struct, frozen=True):
    """What is wrong with a claim, and how bad it is."""

    rule: RuleId
    message: str
    warns: bool = False


_ANYWHERE: dict[Kind, Verdict] = {
    "loss": Verdict("FE-20", "threatens with a figure that is the same for everyone"),
    "crowd": Verdict("FE-20", "gives a figure that nothing here can prove", warns=True),
    "placeholder": Verdict("FE-20", "is shown as it is written: texts have no placeholders"),
    "countdown": Verdict("FE-09", "counts down"),
    "detour": Verdict("FE-01", "sends people elsewhere to cancel, and they can do it here"),
    "refusal": Verdict("FE-01", "says that cancelling is not possible or must be examined, and it is neither"),
    "applied": Verdict("FE-11", "says that something was accepted without the customer's own move"),
}
_IN_STEPS: dict[Kind, Verdict] = {
    **_ANYWHERE,
    "usage": Verdict("FE-20", "tells every customer the same figure about themselves", warns=True),
    "duty": Verdict("FE-03", "says that an answer is required, and none is"),
}
_IN_OFFERS: dict[Kind, Verdict] = {
    **_ANYWHERE,
    "second_offer": Verdict("FE-04", "holds out a second thing beside the offer"),
    "condition": Verdict("FE-11", "makes a favour the condition; ask for it under `in_return`", warns=True),
}
_DEADLINE = Verdict("FE-09", "names a deadline that no field holds; only a `feature_grant` with `until` ends on a date")
_HIDDEN_OFFER = Verdict("FE-10", "offers something without its terms: that is an offer of its own, of another kind")


def true_statements(flow: Flow) -> Iterator[Finding]:
    """Texts claim what is so, and ask for what may be asked."""
    for said in everything_said(flow):
        offer = flow.offers.get(said.offer or "")
        verdicts = _of_offer(offer) if offer else _IN_STEPS
        for claim in claims(said.text, said.language):
            if claim.kind in verdicts:
                yield _finding(said, claim, verdicts[claim.kind])


def incentives_in_their_place(flow: Flow, packs: frozenset[PackName]) -> Iterator[Finding]:
    """What is held out in a question or on the confirmation was not asked for, and has no terms."""
    gated: tuple[PackName, ...] = tuple(name for name, pack in PACKS.items() if pack.gated and name in packs)
    early = Verdict("FE-14", "holds out an incentive before the customer asked to see one: it belongs under `offers`")
    bare = Verdict("FE-10", "holds out an incentive without its terms: it belongs under `offers`")
    for said in everything_said(flow):
        if said.offer or (said.place == "reason" and is_of_the_customer(said.text, said.language)):
            continue
        for claim in claims(said.text, said.language):
            if claim.kind == "incentive":
                yield _finding(said, claim, early if gated else bare, gated)


def pauses_end(flow: Flow) -> Iterator[Finding]:
    """Where words alone promise a pause or a smaller plan, they say when it ends and what it costs then."""
    for said in everything_said(flow):
        offer = flow.offers.get(said.offer or "")
        if not isinstance(offer, Guide | Custom) or said.field not in ("headline", "terms", "body"):
            continue
        if any(claim.kind == "pause" for claim in claims(said.text, said.language)):
            everything = " ".join(text.get(said.locale, "") for text in _texts(offer))
            if not says_when_it_ends(everything, said.language):
                message = "speaks of a pause or a smaller plan, and nothing says when it ends or what it costs then"
                yield warning(said.path, f"{message}; see `payment_holiday` and `plan_change`", "FE-21")


def _of_offer(offer: Offer) -> dict[Kind, Verdict]:
    verdicts = _IN_OFFERS
    if not (isinstance(offer, FeatureGrant) and offer.until):
        verdicts = verdicts | {"deadline": _DEADLINE}
    return verdicts | {"incentive": _HIDDEN_OFFER} if isinstance(offer, Guide | Contact) else verdicts


def _finding(said: Said, claim: Claim, verdict: Verdict, packs: tuple[PackName, ...] = ()) -> Finding:
    message = f"{verdict.message}: “{claim.words[:80]}”"
    is_sure = said.language in WELL_KNOWN and not verdict.warns
    return (error if is_sure else warning)(said.path, message, verdict.rule, packs=packs)


def _texts(offer: Guide | Custom) -> Iterator[dict[str, str]]:
    yield from (text for text in (offer.headline, offer.body, getattr(offer, "terms", None)) if text)
