"""Which offer is made, and why the others are not: every reason, and nothing that could stand in the way out."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.conditions import Condition, Value
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.eligibility import Candidate, Standing, Usage, candidates
from aurevoir.offers.terms import (
    Amount,
    Contact,
    Custom,
    Discount,
    FeatureGrant,
    Floor,
    Limits,
    Offer,
    PaymentHoliday,
    SplitPayment,
    TrialExtension,
)
from tests.offers.subscriptions import HELD, NOW, WORDS, ZONE, offers, snapshot, snapshots

EVERYTHING = frozenset({"discount", "payment_holiday", "split_payment", "trial_extension", "payment_relief"})
HALF = Discount(**WORDS, percent_off=50, periods=3, when=Condition(attribute="plan", is_="pro"))
YEARLY = SplitPayment(**WORDS, parts=4)
BUSINESS: dict[str, Any] = {"consumer": False, "country": "DE"}


def weighed(
    offer: Offer,
    *,
    values: Mapping[str, Value] | None = None,
    possible: Callable[[Agreement], str | None] = lambda _: None,
    consumer: bool | None = True,
    country: str | None = "DE",
    **standing: Any,
) -> Candidate:
    """What becomes of one offer for Dana."""
    known: dict[str, Any] = {
        "snapshot": snapshot(),
        "capabilities": EVERYTHING,
        "not_again_before": {},
        "usage": {},
    } | standing
    [found] = candidates(
        ("it",),
        {"it": offer},
        Standing(**known),
        values or {"plan": "pro"},
        possible,
        now=NOW,
        zone=ZONE,
        consumer=consumer,
        country=country,
    )
    return found


def limited(**limits: Any) -> Discount:
    return replace(HALF, limits=Limits(**limits))


def floored(*floors: Floor) -> Discount:
    return replace(HALF, floor=floors)


def eur(amount: int) -> Amount:
    return Amount(amount=amount, currency="EUR")


def floor(amount: int, plan: str = "pro", currency: str = "EUR") -> Floor:
    return Floor(plan=plan, amount=amount, currency=currency)


def test_what_fits_is_made_and_worked_out() -> None:
    """With everything that acceptance will freeze."""
    made = weighed(HALF)

    assert (made.rank, made.why_not) == (1, None)
    assert made.agreement is not None
    assert made.agreement.offer == "it"


SOON, EARLIER = NOW + timedelta(days=1), NOW - timedelta(seconds=1)
# The offer; what is known; why it is not made, or None.
REASONS: list[tuple[Offer, dict[str, Any], str | None]] = [
    (HALF, {"holdout": True}, "holdout"),
    (HALF, {"under_way": True}, "under_way"),
    (HALF, {"values": {"plan": "team"}}, "condition"),
    (HALF, {"values": {"seats": 3}}, "condition"),
    (HALF, {"capabilities": frozenset({"payment_holiday"})}, "not_supported"),
    (HALF, {"not_again_before": {"it": SOON}}, "cap_customer"),
    (HALF, {"not_again_before": {"it": EARLIER, "other": SOON}}, None),
    (limited(per_month=2), {"usage": {"it": Usage(taken=2)}}, "cap_month"),
    (limited(per_month=2), {"usage": {"it": Usage(taken=1), "other": Usage(taken=9)}}, None),
    (limited(budget_per_month=eur(10_000)), {"usage": {"it": Usage(cost=5_651)}}, "cap_budget"),
    (limited(budget_per_month=eur(10_000)), {"usage": {"it": Usage(cost=5_650)}}, None),
    (limited(budget_per_month=Amount(amount=10**9, currency="USD")), {}, "cap_budget"),
    (HALF, {"snapshot": None}, "billing_not_reached"),
    (HALF, {"snapshot": snapshot(discounts=(HELD,))}, "already_discounted"),
    (HALF, {"snapshot": snapshot(status="past_due")}, "not_active"),
    (HALF, {"possible": lambda _: "foreign_schedule"}, "foreign_schedule"),
    # prices
    (floored(floor(1450)), {}, None),
    (floored(floor(1451)), {}, "floor"),
    (floored(floor(9999, plan="team")), {}, None),
    (floored(floor(100, currency="USD")), {}, "floor"),
    (floored(floor(100)), {"snapshot": snapshot(plan=None)}, "floor"),
    (floored(Floor(plan="pro", cost=870, margin_percent=40, currency="EUR")), {}, None),
    (floored(Floor(plan="pro", cost=871, margin_percent=40, currency="EUR")), {}, "floor"),
    # consumers in the European Economic Area
    (YEARLY, {"snapshot": snapshot(interval="year")}, "eu_consumer"),
    (YEARLY, {"snapshot": snapshot(interval="year"), "country": None, "consumer": None}, "eu_consumer"),
    (YEARLY, {"snapshot": snapshot(interval="year"), "country": "CA"}, None),
    (YEARLY, {"snapshot": snapshot(interval="year"), **BUSINESS}, None),
    (replace(YEARLY, eu_consumers=True), {"snapshot": snapshot(interval="year")}, None),
    (TrialExtension(**WORDS, days=3), {}, "not_trialing"),
    # what billing has no part in needs neither a snapshot nor a capability
    (FeatureGrant(**WORDS, feature="x", days=3), {"snapshot": None, "capabilities": frozenset()}, None),
    (Contact(**WORDS, link="mailto:a@example.com"), {"snapshot": None, "capabilities": frozenset()}, None),
    (Custom(**WORDS, action="x", terms={"en": "x"}), {"snapshot": None, "capabilities": frozenset()}, None),
]


@pytest.mark.parametrize(("offer", "known", "why_not"), REASONS)
def test_what_is_not_made_says_why(offer: Offer, known: dict[str, Any], why_not: str | None) -> None:
    """The one reason that is recorded; what is not made has nothing to accept."""
    found = weighed(offer, **known)

    assert found.why_not == why_not
    assert (found.agreement is None) is (why_not is not None)


def test_the_first_that_fits_is_the_one() -> None:
    """In the order of the reason, each key once; what a flow does not know is left out."""
    there: dict[str, Offer] = {
        "trial": TrialExtension(**WORDS, days=3),
        "pause": PaymentHoliday(**WORDS, renewals=1, access="keep"),
        "half": HALF,
    }
    standing = Standing(snapshot=snapshot(), capabilities=EVERYTHING, not_again_before={}, usage={})
    found = candidates(
        ("trial", "nowhere", "pause", "half", "pause"),
        there,
        standing,
        {"plan": "pro"},
        lambda _: None,
        now=NOW,
        zone=ZONE,
        consumer=None,
        country=None,
    )

    assert [(one.offer, one.rank, one.why_not) for one in found] == [
        ("trial", 1, "not_trialing"),
        ("pause", 2, None),
        ("half", 3, "another_was_first"),
    ]


@given(snapshots(), st.integers(0, 10**6), st.sampled_from([1, 10, 50, 99, 100]))
def test_no_price_falls_below_its_floor(of: Snapshot, lowest: int, percent: int) -> None:
    """Whatever the price, the plan and the discount; where nobody can tell, the offer is not made."""
    offer = Discount(**WORDS, percent_off=percent, periods=1, floor=floor(lowest))
    made = weighed(offer, snapshot=of).agreement

    if made is not None and (price := made.price_under_offer) is not None:
        assert of.plan == "basic" or (price.currency == "EUR" and price.amount >= lowest)


@given(offers(), snapshots() | st.none(), st.none() | st.booleans(), st.sampled_from([None, "FR", "US"]))
def test_weighing_never_stands_in_the_way(
    offer: Offer, of: Snapshot | None, consumer: bool | None, country: str | None
) -> None:
    """Every offer for every subscription: made, or a code that fits its column."""
    found = weighed(offer, snapshot=of, consumer=consumer, country=country)

    assert (found.agreement is None) is (found.why_not is not None)
    assert found.why_not is None or (found.why_not.islower() and len(found.why_not) <= 40)
