"""What an offer comes to: days that are days, sums that add up, and a reason wherever it comes to nothing."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.billing import plan
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import DiscountHeld, Snapshot, stated
from aurevoir.kit.calendar import MONTHS, Interval
from aurevoir.kit.money import Money
from aurevoir.offers.agreement import Agreement, Charge, work_out
from aurevoir.offers.terms import (
    Amount,
    Custom,
    Discount,
    FeatureGrant,
    Guide,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
)
from tests.offers.subscriptions import (
    HELD,
    NOW,
    OVERDUE,
    WORDS,
    ZONE,
    amounts,
    currencies,
    intervals,
    moments,
    offers,
    snapshot,
    snapshots,
)


def eur(amount: int) -> Money:
    return Money(amount, "EUR")


def agreed(offer: Offer, of: Snapshot | None = None, **changes: Any) -> Agreement:
    return work_out("it", offer, of or snapshot(**changes), NOW, ZONE)


@given(renews_at=moments, interval=intervals, renewals=st.integers(1, 12))
def test_a_holiday_skips_exactly_what_it_says(renews_at: datetime, interval: Interval, renewals: int) -> None:
    """Whatever day of the month it is: so many renewals lie before the resumption, and it is on a renewal."""
    holiday = agreed(PaymentHoliday(**WORDS, renewals=renewals, access="stop"), renews_at=renews_at, interval=interval)
    assert isinstance(holiday.action, plan.Holiday)
    resumes_at = holiday.action.resumes_at
    skipped: list[datetime] = []
    while (at := _counted(renews_at, interval, len(skipped))) < resumes_at:
        skipped.append(at)

    assert len(skipped) == renewals
    assert at == resumes_at
    assert holiday.charges == (Charge(eur(2900), resumes_at.astimezone(ZONE).date()),)
    assert holiday.cost == eur(2900 * renewals)


def _counted(first: datetime, interval: Interval, number: int) -> datetime:
    """The renewal of that number, by going back from the first day of the month after it."""
    if interval not in MONTHS:
        return first + timedelta(days=number * (1 if interval == "day" else 7))
    year, month = divmod(first.month + MONTHS[interval] * number, 12)
    last = datetime(first.year + year, month + 1, 1, tzinfo=UTC) - timedelta(days=1)
    return first.replace(year=last.year, month=last.month, day=min(first.day, last.day))


@given(
    total=amounts,
    currency=currencies,
    parts=st.sampled_from([2, 3, 4, 6, 12]),
    renews_at=moments,
)
def test_parts_add_up_and_spread_over_the_term(total: int, currency: str, parts: Any, renews_at: datetime) -> None:
    """To the last yen and the last fils; all equal but the first, which takes the remainder."""
    year = snapshot(amount=total, currency=currency, interval="year", renews_at=renews_at)
    if total < parts:
        with pytest.raises(Impossible, match="amount_too_small"):
            agreed(SplitPayment(**WORDS, parts=parts), year)
        return
    split = agreed(SplitPayment(**WORDS, parts=parts), year).action
    assert isinstance(split, plan.Split)
    first, *others = (part.amount.amount for part in split.parts)
    days = [part.due_on for part in split.parts]

    assert first + sum(others) == total == split.total.amount
    assert len(set(others)) == 1
    assert 0 <= first - others[0] < parts
    assert days[0] == renews_at.astimezone(ZONE).date()
    assert all(26 * 12 / parts <= (b - a).days <= 32 * 12 / parts for a, b in pairwise([*days, split.term_ends_on]))


@given(amount=amounts, percent=st.integers(1, 100), periods=st.integers(1, 36), renews_at=moments)
def test_a_discount_takes_off_what_it_says(amount: int, percent: int, periods: int, renews_at: datetime) -> None:
    """Half a minor unit is rounded up, so never less comes off; each renewal is listed, and the first full one."""
    offer = Discount(**WORDS, percent_off=percent, periods=periods)
    discount = agreed(offer, amount=amount, renews_at=renews_at)
    assert discount.price_under_offer is not None
    off = amount - discount.price_under_offer.amount

    assert 0 <= off <= amount
    assert -50 <= amount * percent - off * 100 < 50
    assert [charge.amount for charge in discount.charges] == [discount.price_under_offer] * periods + [eur(amount)]
    assert all(a.due_on < b.due_on for a, b in pairwise(discount.charges))
    assert discount.cost == eur(off * periods)


@pytest.mark.parametrize(
    ("full", "percent", "now"),
    [(2999, 50, 1499), (2998, 50, 1499), (1, 50, 0), (1, 49, 1), (333, 33, 223), (7, 100, 0)],
)
def test_rounding_is_half_up_in_the_customers_favour(full: int, percent: int, now: int) -> None:
    """29.99 € at half price is 14.99 €, as 15.00 € is taken off."""
    assert agreed(Discount(**WORDS, percent_off=percent, periods=1), amount=full).price_under_offer == eur(now)


def test_a_discount_names_its_days() -> None:
    """The last renewal that is reduced, and the first that is not."""
    discount = agreed(Discount(**WORDS, percent_off=50, periods=3), renews_at=datetime(2027, 1, 31, 9, tzinfo=UTC))

    assert [charge.due_on for charge in discount.charges] == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
    ]
    assert discount.action == plan.Discount(percent_off=50, periods=3, ends_at=datetime(2027, 3, 31, 9, tzinfo=UTC))
    assert (discount.starts_on, discount.ends_on) == (date(2027, 1, 31), date(2027, 4, 30))


def test_renewals_return_to_their_day_of_the_month() -> None:
    """Where billing tells it: after 28 February comes 31 March."""
    offer = PaymentHoliday(**WORDS, renewals=1, access="stop")

    assert agreed(offer, renews_at=datetime(2027, 2, 28, 9, tzinfo=UTC), anchor_day=31).ends_on == date(2027, 3, 31)
    assert agreed(offer, renews_at=datetime(2027, 2, 28, 9, tzinfo=UTC)).ends_on == date(2027, 3, 28)


def test_days_of_a_token_stay_those_days() -> None:
    """A token says 1 December; west of Greenwich its midnight is still November."""
    west = ZoneInfo("America/Los_Angeles")
    of_token = snapshot(source="token", renews_at=datetime(2026, 12, 1, tzinfo=UTC))
    told = snapshot(renews_at=datetime(2026, 12, 1, tzinfo=UTC))
    offer = PaymentHoliday(**WORDS, renewals=1, access="keep")

    assert work_out("it", offer, of_token, NOW, west).starts_on == date(2026, 12, 1)
    assert work_out("it", offer, told, NOW, west).starts_on == date(2026, 11, 30)


def test_an_invoice_in_parts_is_paid_by_the_next_renewal() -> None:
    """From today where it is overdue; the next renewal follows as usual."""
    split = agreed(SplitPayment(**WORDS, parts=3, source="open_invoice"), status="past_due", open_invoice=OVERDUE)

    assert [(charge.amount, charge.due_on) for charge in split.charges] == [
        (eur(1668), date(2026, 11, 22)),
        (eur(1666), date(2026, 11, 25)),
        (eur(1666), date(2026, 11, 28)),
        (eur(2900), date(2026, 12, 1)),
    ]


@pytest.mark.parametrize(
    ("relief", "invoice", "due_on", "charges"),
    [
        ("defer", "open", date(2026, 12, 22), [(2900, date(2026, 12, 1)), (5000, date(2026, 12, 22))]),
        ("waive", "open", None, [(2900, date(2026, 12, 1))]),
        ("defer", "next", date(2026, 12, 31), [(2900, date(2026, 12, 31)), (2900, date(2027, 1, 1))]),
        ("waive", "next", None, [(2900, date(2027, 1, 1))]),
    ],
)
def test_relief_states_the_new_day(relief: Any, invoice: Any, due_on: date | None, charges: list[Any]) -> None:
    """Thirty days from the due day, or from today where that has passed; what follows is charged as usual."""
    overdue: dict[str, Any] = {"status": "past_due", "open_invoice": OVERDUE} if invoice == "open" else {}
    given_ = agreed(PaymentRelief(**WORDS, relief=relief, invoice=invoice, days=30), **overdue)
    assert isinstance(given_.action, plan.Relief)

    assert given_.action.due_on == due_on
    assert [(charge.amount.amount, charge.due_on) for charge in given_.charges] == charges
    assert given_.cost == (given_.price_today if relief == "waive" else None)


@pytest.mark.parametrize(
    ("offer", "changes", "price", "starts_on", "charge_on"),
    [
        (
            {"plan": "basic", "price": Amount(amount=900, currency="EUR")},
            {},
            900,
            date(2026, 12, 1),
            date(2026, 12, 1),
        ),
        (
            {"plan": "basic", "price": Amount(amount=900, currency="EUR"), "at": "now"},
            {},
            900,
            date(2026, 11, 22),
            date(2026, 12, 1),
        ),
        (
            {"interval": "year", "price": Amount(amount=29000, currency="EUR"), "at": "now"},
            {},
            29000,
            date(2026, 11, 22),
            date(2026, 11, 22),
        ),
        ({"quantity": 3}, {"quantity": 4}, 2175, date(2026, 12, 1), date(2026, 12, 1)),
        (
            {"plan": "basic", "price": Amount(amount=1000, currency="EUR")},
            {"discounts": (HELD,)},
            900,
            date(2026, 12, 1),
            date(2026, 12, 1),
        ),
    ],
)
def test_a_change_of_plan_says_what_will_be_paid(
    offer: dict[str, Any], changes: dict[str, Any], price: int, starts_on: date, charge_on: date
) -> None:
    """Now or at the end of the period; a discount that is held goes on; another quantity costs in proportion."""
    change = agreed(PlanChange(**WORDS, **offer), **changes)

    assert (change.price_under_offer, change.starts_on) == (eur(price), starts_on)
    assert change.charges == (Charge(eur(price), charge_on),)


def test_a_longer_trial_moves_the_first_payment() -> None:
    """By so many days, to the hour."""
    trial = agreed(TrialExtension(**WORDS, days=14), status="trialing", trial_ends_at=NOW + timedelta(days=2))

    assert trial.action == plan.ExtendTrial(until=NOW + timedelta(days=16))
    assert trial.charges == (Charge(eur(2900), date(2026, 12, 8)),)


def test_a_feature_ends_by_itself() -> None:
    """On a day, and without billing."""
    granted = work_out("it", FeatureGrant(**WORDS, feature="reports", days=30), None, NOW, ZONE)

    assert granted.action == plan.GrantFeature(feature="reports", until=date(2026, 12, 22))
    assert granted.charges == ()


def test_help_needs_no_billing() -> None:
    """A guide has nothing to carry out; the product's own offers know their name."""
    assert work_out("it", Guide(**WORDS), None, NOW, ZONE).action is None
    assert work_out("it", Custom(**WORDS, action="call", terms={"en": "x"}), None, NOW, ZONE).action == plan.Custom(
        action="call"
    )


DISCOUNT = Discount(**WORDS, percent_off=50, periods=3)
HOLIDAY = PaymentHoliday(**WORDS, renewals=2, access="stop")
SPLIT = SplitPayment(**WORDS, parts=4)
OPEN_SPLIT = SplitPayment(**WORDS, parts=4, source="open_invoice")
WAIVE = PaymentRelief(**WORDS, relief="waive", invoice="open")
BASIC = PlanChange(**WORDS, plan="basic", price=Amount(amount=900, currency="EUR"))
END_OF_TIME = datetime(9999, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offer", "changes", "code"),
    [
        (DISCOUNT, {"status": "past_due"}, "not_active"),
        (DISCOUNT, {"status": "cancelled"}, "ending"),
        (HOLIDAY, {"ends_at": NOW}, "ending"),
        (DISCOUNT, {"amount": None}, "no_amount"),
        (DISCOUNT, {"currency": None}, "no_amount"),
        (HOLIDAY, {"interval": None}, "no_renewal"),
        (HOLIDAY, {"renews_at": None}, "no_renewal"),
        (HOLIDAY, {"renews_at": NOW}, "renewal_passed"),
        (HOLIDAY, {"renews_at": END_OF_TIME}, "no_such_day"),
        (HOLIDAY, {"open_invoice": OVERDUE}, "invoice_overdue"),
        (HOLIDAY, {"is_changing": True}, "already_changing"),
        (HOLIDAY, {"discounts": (replace(HELD, ends_at=END_OF_TIME),)}, "already_discounted"),
        (HOLIDAY, {"paused_until": NOW + timedelta(days=40)}, "paused"),
        (DISCOUNT, {"interval": "quarter"}, "interval_too_long"),
        (DISCOUNT, {"interval": "year"}, "interval_too_long"),
        (DISCOUNT, {"discounts": (HELD,)}, "already_discounted"),
        (Discount(**WORDS, amount_off=Amount(amount=5, currency="USD"), periods=1), {}, "other_currency"),
        (SPLIT, {}, "term_too_short"),
        (SPLIT, {"interval": "quarter"}, "term_too_short"),
        (SPLIT, {"interval": "year", "amount": 3}, "amount_too_small"),
        (SPLIT, {"interval": "year", "discounts": (HELD,)}, "already_discounted"),
        (OPEN_SPLIT, {}, "nothing_due"),
        (OPEN_SPLIT, {"open_invoice": OVERDUE, "renews_at": NOW + timedelta(days=3)}, "term_too_short"),
        (OPEN_SPLIT, {"open_invoice": OVERDUE, "renews_at": None}, "no_renewal"),
        (WAIVE, {}, "nothing_due"),
        (WAIVE, {"open_invoice": OVERDUE, "status": "paused"}, "not_active"),
        (BASIC, {"plan": "basic"}, "nothing_to_change"),
        (BASIC, {"currency": "USD"}, "other_currency"),
        (BASIC, {"quantity": 4}, "price_unknown"),
        (PlanChange(**WORDS, plan="basic"), {}, "price_unknown"),
        (PlanChange(**WORDS, quantity=2), {"quantity": 3, "amount": 1000}, "price_unknown"),
        (
            PlanChange(**WORDS, interval="month", price=Amount(amount=900, currency="EUR"), at="now"),
            {"interval": "year"},
            "only_at_period_end",
        ),
        (TrialExtension(**WORDS, days=14), {}, "not_trialing"),
        (TrialExtension(**WORDS, days=14), {"status": "trialing", "amount": None}, "no_amount"),
        (TrialExtension(**WORDS, days=14), {"status": "trialing", "renews_at": NOW}, "no_renewal"),
        (FeatureGrant(**WORDS, feature="reports", until=date(2026, 11, 22)), {}, "already_over"),
    ],
)
def test_what_comes_to_nothing_says_why(offer: Offer, changes: dict[str, Any], code: str) -> None:
    """A code that the record of the visit keeps."""
    with pytest.raises(Impossible) as impossible:
        agreed(offer, **changes)
    assert impossible.value.code == code


def test_without_billing_nothing_is_invented() -> None:
    """What billing would have to tell is not guessed."""
    with pytest.raises(Impossible, match="billing_not_reached"):
        work_out("it", DISCOUNT, None, NOW, ZONE)


def test_a_discount_that_ran_out_is_none() -> None:
    """Only what reaches the next renewal counts."""
    over = DiscountHeld(reference="di", percent_off="50", ends_at=NOW)

    assert agreed(DISCOUNT, discounts=(over,)).price_under_offer == eur(1450)


@given(offers(), snapshots() | st.none())
def test_it_comes_to_something_or_says_why(offer: Offer, of: Snapshot | None) -> None:
    """Whatever billing tells: no other error, no negative sum, no charge in the past, no end before the beginning."""
    try:
        agreement = work_out("it", offer, of, NOW, ZONE)
    except Impossible:
        return
    assert all(charge.amount.amount >= 0 and charge.due_on >= NOW.date() for charge in agreement.charges)
    assert list(agreement.charges) == sorted(agreement.charges, key=lambda charge: charge.due_on)
    assert agreement.ends_on is None or agreement.starts_on is None or agreement.starts_on <= agreement.ends_on


@pytest.mark.parametrize(("said", "status"), [(None, "active"), ("unpaid", "past_due"), ("lapsed", "unknown")])
def test_nothing_is_offered_on_a_guess(said: str | None, status: str) -> None:
    """A token that names a status of the product's own may mean anything; one that names none means active."""
    found = stated(SubscriptionFacts(id="-", status=said, amount=2900, currency="EUR", interval="month"), NOW)

    assert found.status == status
