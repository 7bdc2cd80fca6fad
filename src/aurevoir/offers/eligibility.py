"""Which of a reason's offers a customer is made, and why not the others. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.conditions import Value, holds
from aurevoir.offers.agreement import Agreement, work_out
from aurevoir.offers.terms import WITHOUT_BILLING, Offer, SplitPayment, floors_of, kind_of

# The European Economic Area, where Directive (EU) 2023/2225 applies.
_EEA = frozenset(
    (
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
    )
)  # fmt: skip


class Usage(Struct, frozen=True):
    """What was given of an offer this month: how often, and for how much in its budget's currency."""

    taken: int = 0
    cost: int = 0


class Standing(Struct, frozen=True, kw_only=True):
    """What is known of a customer and of the offers so far."""

    # None: billing was not reached yet.
    snapshot: Snapshot | None
    # The kinds of action that the connected gateway can carry out.
    capabilities: frozenset[str]
    # By offer: from when on this customer may have it again.
    not_again_before: Mapping[str, datetime]
    # By offer, of this month.
    usage: Mapping[str, Usage]
    # Whether an offer of this subscription is being carried out.
    under_way: bool = False
    # Whether this customer is among those who see no offer, for comparison.
    holdout: bool = False


class Candidate(Struct, frozen=True, kw_only=True):
    """One offer that the reason names; `why_not` is None for the one that is shown."""

    offer: str
    # Where it stands among the offers of the reason, from 1.
    rank: int
    why_not: str | None
    # Of the one that is shown.
    agreement: Agreement | None = None


class _Customer(Struct, frozen=True, kw_only=True):
    standing: Standing
    values: Mapping[str, Value]
    possible: Callable[[Agreement], str | None]
    now: datetime
    zone: ZoneInfo
    # A consumer in the European Economic Area, as far as nothing says otherwise.
    protected: bool


def candidates(  # noqa: PLR0913 - each is a fact of its own
    keys: Sequence[str],
    offers: Mapping[str, Offer],
    standing: Standing,
    values: Mapping[str, Value],
    possible: Callable[[Agreement], str | None],
    *,
    now: datetime,
    zone: ZoneInfo,
    consumer: bool | None,
    country: str | None,
) -> tuple[Candidate, ...]:
    """What becomes of the offers `keys`, in this order; at most the first that fits is shown.

    `values` are the attributes and the answers that conditions ask for. `possible` asks the gateway whether it could
    carry an agreement out: None, or the reason why not. Who is not known to be a business is a consumer.
    """
    customer = _Customer(
        standing=standing,
        values=values,
        possible=possible,
        now=now,
        zone=zone,
        protected=consumer is not False and (country is None or country in _EEA),
    )
    found: list[Candidate] = []
    shown = False
    for rank, key in enumerate(dict.fromkeys(key for key in keys if key in offers), start=1):
        agreed = "another_was_first" if shown else _agreed(key, offers[key], customer)
        if isinstance(agreed, str):
            found.append(Candidate(offer=key, rank=rank, why_not=agreed))
        else:
            shown = True
            found.append(Candidate(offer=key, rank=rank, why_not=None, agreement=agreed))
    return tuple(found)


def no_longer(
    key: str,
    offer: Offer,
    agreement: Agreement,
    standing: Standing,
    possible: Callable[[Agreement], str | None],
    *,
    now: datetime,
) -> str | None:
    """Why what was shown cannot be had any more; None as long as it can.

    Whom the offer is for was asked before it was shown, and is not asked again: only limits and billing can end it.
    """
    if standing.under_way:
        return "under_way"
    if _beyond_budget(offer, agreement, standing.usage.get(key, Usage())):
        return "cap_budget"
    return _beyond_limits(key, offer, standing, now) or possible(agreement)


def _agreed(key: str, offer: Offer, customer: _Customer) -> Agreement | str:
    """What the offer comes to, or why it is not made."""
    if why_not := _not_for(key, offer, customer):
        return why_not
    try:
        agreement = work_out(key, offer, customer.standing.snapshot, customer.now, customer.zone)
    except Impossible as impossible:
        return impossible.code
    if _below_floor(offer, agreement, customer.standing.snapshot):
        return "floor"
    if _beyond_budget(offer, agreement, customer.standing.usage.get(key, Usage())):
        return "cap_budget"
    return customer.possible(agreement) or agreement


def _not_for(key: str, offer: Offer, customer: _Customer) -> str | None:
    """What speaks against it before any sum is done."""
    standing = customer.standing
    against = {
        "holdout": standing.holdout,
        "under_way": standing.under_way,
        "condition": offer.when is not None and not holds(offer.when, customer.values, customer.values),
        "eu_consumer": isinstance(offer, SplitPayment) and customer.protected and not offer.eu_consumers,
    }
    not_theirs = next((code for code, applies in against.items() if applies), None)
    return not_theirs or _beyond_limits(key, offer, standing, customer.now)


def _beyond_limits(key: str, offer: Offer, standing: Standing, now: datetime) -> str | None:
    per_month = offer.limits.per_month if offer.limits else None
    again_at = standing.not_again_before.get(key)
    against = {
        "not_supported": kind_of(offer) not in WITHOUT_BILLING | standing.capabilities,
        "cap_customer": again_at is not None and now < again_at,
        "cap_month": per_month is not None and standing.usage.get(key, Usage()).taken >= per_month,
    }
    return next((code for code, applies in against.items() if applies), None)


def _below_floor(offer: Offer, agreement: Agreement, snapshot: Snapshot | None) -> bool:
    """Whether the price would fall below that of its plan; so too where nobody can tell."""
    floors, price = floors_of(offer), agreement.price_under_offer
    if not floors or price is None or snapshot is None:
        return False
    plan = getattr(offer, "plan", None) or snapshot.plan
    of_plan = [floor for floor in floors if floor.plan == plan]
    lowest = [floor.lowest for floor in of_plan if floor.currency == price.currency]
    if plan is None or (of_plan and not lowest):
        return True
    return any(price.amount < amount for amount in lowest)


def _beyond_budget(offer: Offer, agreement: Agreement, usage: Usage) -> bool:
    """Whether it would cost more than what is left this month; money is never converted."""
    budget = offer.limits.budget_per_month if offer.limits else None
    if budget is None or agreement.cost is None:
        return False
    return agreement.cost.currency != budget.currency or usage.cost + agreement.cost.amount > budget.amount
