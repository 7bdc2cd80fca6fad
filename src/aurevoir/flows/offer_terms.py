"""Checks of a flow's offers: where they stand, who can get them, and whether their terms are complete. Pure."""

from collections.abc import Iterator, Mapping

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.paths import can_hold
from aurevoir.flows.steps import ChoiceStep, Flow, OfferStep
from aurevoir.offers.terms import WITHOUT_BILLING, Discount, FeatureGrant, PaymentRelief, PlanChange, kind_of


def one_place_after_the_reason(flow: Flow) -> Iterator[Finding]:
    """Offers have one step, after the reason that they answer."""
    places = [index for index, step in enumerate(flow.steps) if isinstance(step, OfferStep)]
    for index in places[1:]:
        yield error(f"steps[{index}]", f"is a second offer step beside steps[{places[0]}]", "FE-04")
    if flow.offers and not places:
        yield error("offers", "have no place: there is no step of the kind `offer`")
    if places and not flow.offers:
        yield warning(f"steps[{places[0]}]", "never shows: no offer is defined under `offers`")
    reasons = [index for index, step in enumerate(flow.steps) if isinstance(step, ChoiceStep) and step.role == "reason"]
    if places and reasons and places[0] < reasons[0]:
        yield error(f"steps[{places[0]}]", "must come after the reason step, whose answer chooses the offer")


def known_where_named(flow: Flow) -> Iterator[Finding]:
    """A reason names offers that exist, each once."""
    for path, key, earlier in _named(flow):
        if key not in flow.offers:
            yield error(path, f"`{key}` is not defined under `offers`")
        if key in earlier:
            yield warning(path, f"`{key}` is listed twice")


def every_offer_can_show(flow: Flow) -> Iterator[Finding]:
    """An offer that nobody can get is a mistake in its reasons or in its `when`."""
    named = {key for _, key, _ in _named(flow)}
    for key, offer in flow.offers.items():
        if key not in named:
            yield warning(f"offers.{key}", "never shows: no reason lists it")
        elif offer.when is not None and not can_hold(offer.when, flow):
            yield warning(f"offers.{key}.when", "can never hold, so nobody is made this offer")


def discounts(flow: Flow) -> Iterator[Finding]:
    """A discount says how much, and for whom: there is none for everyone."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, Discount):
            continue
        if (offer.percent_off is None) is (offer.amount_off is None):
            yield error(f"offers.{key}", "needs exactly one of percent_off and amount_off", "FE-10")
        if offer.when is None:
            yield error(f"offers.{key}.when", "is missing: a discount is never for everyone")


def reliefs(flow: Flow) -> Iterator[Finding]:
    """A deferral says for how long; what is waived has no new date."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, PaymentRelief):
            continue
        if offer.relief == "defer" and offer.days is None:
            yield error(f"offers.{key}.days", "is missing: a deferred payment has a new date", "FE-10")
        if offer.relief == "waive" and offer.days is not None:
            yield error(f"offers.{key}.days", "has no meaning: what is waived never falls due", "FE-10")


def plan_changes(flow: Flow) -> Iterator[Finding]:
    """A change changes something."""
    for key, offer in flow.offers.items():
        if isinstance(offer, PlanChange) and not (offer.plan or offer.quantity or offer.interval):
            yield error(f"offers.{key}", "changes nothing: it needs a plan, a quantity or an interval", "FE-10")


def feature_grants(flow: Flow) -> Iterator[Finding]:
    """A grant ends by itself, on one date."""
    for key, offer in flow.offers.items():
        if isinstance(offer, FeatureGrant) and (offer.days is None) is (offer.until is None):
            yield error(f"offers.{key}", "needs exactly one of days and until", "FE-10")


def carried_out(flow: Flow, gateways: Mapping[str, tuple[str, frozenset[str]]]) -> Iterator[Finding]:
    """Billing can do what is offered; `gateways` are the connected ones by mode, each with its kinds of action."""
    for key, offer in flow.offers.items():
        kind = kind_of(offer)
        for mode, (gateway, capabilities) in gateways.items():
            if kind not in WITHOUT_BILLING | capabilities:
                said = f"is `{kind}`, which `{gateway}`, connected in {mode} mode, cannot carry out"
                yield error(f"offers.{key}.kind", said)


def _named(flow: Flow) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every place where an offer is named: path, key, the keys before it in that list."""
    for index, step in enumerate(flow.steps):
        for at, option in enumerate(step.options if isinstance(step, ChoiceStep) else ()):
            for rank, key in enumerate(option.offers):
                yield f"steps[{index}].options[{at}].offers[{rank}]", key, option.offers[:rank]
