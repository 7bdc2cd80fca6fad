"""Subscriptions as billing tells of them, for offers to be worked out from."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from aurevoir.billing.snapshot import DiscountHeld, Invoice, Snapshot
from aurevoir.kit.calendar import Interval
from aurevoir.offers.terms import (
    Amount,
    Contact,
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

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Paris")
LAST = datetime(9999, 12, 31, 23, tzinfo=UTC)
WORDS: dict[str, Any] = {"headline": {"en": "Stay", "fr": "Restez"}}
OVERDUE = Invoice(reference="in_1", amount_due=5000, currency="EUR", due_at=datetime(2026, 11, 20, tzinfo=UTC))
HELD = DiscountHeld(reference="di_1", percent_off="10")

intervals: st.SearchStrategy[Interval] = st.sampled_from(["day", "week", "month", "quarter", "year"])
moments = st.datetimes(datetime(2026, 11, 23), datetime(2040, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
amounts = st.integers(0, 9_007_199_254_740_991)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "USD"])


def snapshot(**changes: Any) -> Snapshot:
    """Dana's subscription, 29 € a month, renewing on 1 December 2026; but for `changes`."""
    told: dict[str, Any] = {
        "source": "provider",
        "taken_at": NOW,
        "status": "active",
        "plan": "pro",
        "amount": 2900,
        "currency": "EUR",
        "interval": "month",
        "quantity": 1,
        "renews_at": datetime(2026, 12, 1, 9, tzinfo=UTC),
    }
    return Snapshot(**(told | changes))


def snapshots() -> st.SearchStrategy[Snapshot]:
    """Any subscription: unpriced, overdue, on trial, ending, renewing at the end of time."""
    return st.integers(0, 2**32 - 1).map(lambda seed: _some_snapshot(Random(seed)))


def offers() -> st.SearchStrategy[Offer]:
    """Any offer that a template may hold."""
    return st.integers(0, 2**32 - 1).map(lambda seed: _some_offer(Random(seed)))


# Drawn by hand: strategies of this depth take ten times as long.
def _some_snapshot(source: Random) -> Snapshot:
    invoice = Invoice(reference="in", amount_due=_amount(source), currency=_currency(source), due_at=_moment(source))
    return snapshot(
        source=source.choice(["provider", "token"]),
        status=source.choice(["active", "active", "active", "trialing", "past_due", "paused", "cancelled"]),
        plan=source.choice([None, "pro", "pro", "basic"]),
        amount=source.choice([None, 0, 2900, _amount(source), _amount(source)]),
        currency=source.choice([None, "EUR", "EUR", _currency(source)]),
        interval=source.choice([None, "day", "week", "month", "month", "quarter", "year"]),
        quantity=source.choice([None, 0, 1, 1, 1, 4]),
        renews_at=_moment(source),
        anchor_day=source.choice([None, source.randint(1, 31)]),
        trial_ends_at=_moment(source),
        ends_at=source.choice([None, None, None, NOW]),
        discounts=tuple(_some_discount(source) for _ in range(source.choice([0, 0, 1, 2]))),
        open_invoice=source.choice([None, invoice]),
    )


def _some_discount(source: Random) -> DiscountHeld:
    percent, amount = source.choice([("12.5", None), ("100", None), (None, _amount(source)), (None, None)])
    return DiscountHeld(reference="di", percent_off=percent, amount_off=amount, ends_at=_moment(source))


def _some_offer(source: Random) -> Offer:
    days, periods = source.randint(1, 180), source.choice([1, 3, 36])
    amount = Amount(amount=_amount(source), currency=_currency(source))
    parts: Any = source.choice([2, 3, 4, 6, 12])
    plan, quantity = source.choice([None, "basic", "pro"]), source.choice([None, source.randint(1, 9)])
    interval: Any = source.choice([None, "month", "quarter", "year"])
    at: Any = source.choice(["now", "period_end"])
    relief: Any = source.choice(["defer", "waive"])
    price = source.choice([None, amount])
    return source.choice(
        (
            Discount(**WORDS, percent_off=source.randint(1, 100), periods=periods),
            Discount(**WORDS, amount_off=amount, periods=periods),
            SplitPayment(**WORDS, parts=parts, eu_consumers=source.random() < 0.5),
            SplitPayment(**WORDS, parts=parts, source="open_invoice"),
            PaymentHoliday(**WORDS, renewals=source.randint(1, 12), access="stop"),
            PaymentRelief(**WORDS, relief=relief, invoice="open", days=days),
            PaymentRelief(**WORDS, relief=relief, invoice="next", days=days),
            PlanChange(**WORDS, plan=plan, quantity=quantity, interval=interval, price=price, at=at),
            TrialExtension(**WORDS, days=days),
            FeatureGrant(**WORDS, feature="reports", days=days),
            Guide(**WORDS, link="https://example.com"),
            Contact(**WORDS, link="mailto:help@example.com"),
            Custom(**WORDS, action="call", terms={"en": "We call you."}),
        )
    )


def _amount(source: Random) -> int:
    return source.choice([source.randint(0, 20), source.randint(0, 10**6), 9_007_199_254_740_991])


def _currency(source: Random) -> str:
    return source.choice(["EUR", "JPY", "KWD", "USD"])


def _moment(source: Random) -> datetime | None:
    soon = NOW + timedelta(days=source.randint(1, 5000))
    return source.choice([None, soon, soon, soon, datetime(1, 1, 1, tzinfo=UTC), LAST, NOW])
