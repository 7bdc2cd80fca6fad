"""The account page says what billing says, in every language."""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

import msgspec
import pytest

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.billing.adapters.sandbox.clock import advance
from aurevoir.billing.adapters.sandbox.effects import apply
from aurevoir.billing.adapters.sandbox.ledger import Ledger
from aurevoir.billing.plan import (
    Agreed,
    Cancel,
    ChangePlan,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Part,
    Relief,
    Split,
)
from aurevoir.kit.money import Money
from aurevoir.web.demo import product
from aurevoir.web.demo.account import Account, account
from aurevoir.web.demo.scene import CustomerName, LanguageTag, Scene

TODAY = date(2026, 11, 22)
RENEWAL, RESUMES = date(2026, 12, 4), date(2027, 2, 4)


def moment(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


PARTS = tuple(Part(Money(7250, "EUR"), date(2027, month, 22)) for month in (3, 6, 9, 12))
AGREED: dict[str, tuple[CustomerName, Agreed]] = {
    "discount": ("monthly", Discount(percent_off=50, periods=3, ends_at=moment(RESUMES))),
    "holiday": (
        "monthly",
        Holiday(renewals=2, access="stop", starts_at=moment(RENEWAL), resumes_at=moment(RESUMES)),
    ),
    "split": (
        "annual",
        Split(source="next_renewal", total=Money(29000, "EUR"), parts=PARTS, term_ends_on=date(2028, 3, 22)),
    ),
    "deferred": ("unpaid", Relief(relief="defer", amount=None, due_on=date(2027, 1, 21), invoice="in_2041")),
    "waived": ("monthly", Relief(relief="waive", amount=None)),
    "smaller_plan": (
        "monthly",
        ChangePlan(plan="basic", price=Money(900, "EUR"), at="period_end", effective_at=moment(RENEWAL)),
    ),
    "trial": ("trial", ExtendTrial(until=moment(date(2026, 12, 12)))),
    "feature": ("business", GrantFeature(feature="stock_alerts", until=date(2027, 2, 20))),
}


def shown(ledger: Ledger, customer: CustomerName = "monthly", lang: LanguageTag = "en") -> Account:
    return account(Scene(visitor="dana", customer=customer, lang=lang), ledger, is_leaving=False, ends_on=None)


def rows(ledger: Ledger, customer: CustomerName = "monthly") -> dict[str, list[str]]:
    return {label: list(values) for label, values in shown(ledger, customer).rows}


def agreed(name: str) -> Ledger:
    customer, action = AGREED[name]
    return apply(product.opening(customer, TODAY), action, "k")


def test_a_discount_moves_the_price() -> None:
    """With the day from which it is the full one again; the payments show what it took off."""
    after = shown(advance(agreed("discount"), 30))

    assert rows(agreed("discount"))["Price"] == ["€14.50 until March 4, 2027, then €29.00 a month"]
    assert (after.payments[0].amount, after.payments[0].instead_of) == ("€14.50", "€29.00")
    assert rows(advance(agreed("discount"), 120))["Price"] == ["€29.00 a month"]


def test_a_holiday_moves_the_renewal_and_ends_by_itself() -> None:
    """Announced, then begun, then over; nothing is charged meanwhile."""
    badges = [shown(advance(agreed("holiday"), days)).badge for days in (0, 30, 90)]

    assert rows(agreed("holiday"))["Next renewal"] == ["February 4, 2027"]
    assert badges == ["Pauses on December 4, 2026", "Paused until February 4, 2027", "Active"]


def test_a_split_shows_its_parts_until_they_are_paid() -> None:
    """One line for each that is still to come."""
    ledger = agreed("split")

    assert rows(ledger, "annual")["Paid in parts"][0] == "€72.50 on March 22, 2027"
    assert [len(rows(advance(ledger, days), "annual").get("Paid in parts", [])) for days in (0, 130, 500)] == [4, 3, 0]


def test_a_relief_moves_the_invoice() -> None:
    """Declined before; then due on its new day, or gone, or the next renewal costs nothing."""
    assert rows(product.opening("unpaid", TODAY), "unpaid")["Open invoice"] == ["€29.00, payment declined"]
    assert rows(agreed("deferred"), "unpaid")["Open invoice"] == ["€29.00, due on January 21, 2027"]
    assert rows(agreed("waived"))["Next renewal"] == ["December 4, 2026, nothing to pay"]


def test_other_terms_are_announced() -> None:
    """A smaller plan from its day on, a longer trial, a feature and its end."""
    assert rows(agreed("smaller_plan"))["From December 4, 2026"] == ["Pipit Basic, €9.00 a month"]
    assert shown(advance(agreed("smaller_plan"), 30)).plan == "Pipit Basic"
    assert rows(agreed("trial"), "trial")["Trial ends"] == ["December 12, 2026"]
    assert rows(agreed("feature"), "business")["Included for now"] == [
        "Stock levels and alerts, until February 20, 2027"
    ]


def test_what_has_ended_says_so() -> None:
    """After the last day there is no price and no renewal any more."""
    left = apply(product.opening("monthly", TODAY), Cancel(ends_on=RENEWAL, declared_at=moment(TODAY)), "k")
    gone = shown(advance(left, 30))

    assert gone.badge == "Ended on December 4, 2026"
    assert "Next renewal" not in dict(gone.rows)


@pytest.mark.parametrize("lang", get_args(LanguageTag))
@pytest.mark.parametrize("name", AGREED)
def test_every_language_says_all_of_it(lang: LanguageTag, name: str) -> None:
    """Nothing is left to fill in, nothing is empty."""
    customer, _ = AGREED[name]
    for days in (0, 30, 400):
        page = shown(advance(agreed(name), days), customer, lang)
        told = [page.plan, page.badge, page.says, page.button, page.today]
        told += [text for label, values in page.rows for text in (label, *values)]
        told += [text for one in page.payments for text in (one.day, one.what, one.amount)]

        assert all(text and "{" not in text for text in told), told


@pytest.mark.parametrize("customer", get_args(CustomerName))
def test_the_token_says_what_billing_says(customer: CustomerName) -> None:
    """Whatever day it is, the facts can be signed."""
    for days in (0, 30, 400):
        ledger = advance(product.opening(customer, TODAY), days)
        stated = msgspec.convert({"id": "sub_1"} | product.subscription(customer, ledger), SubscriptionFacts)

        assert (stated.renews_on, stated.amount) == (ledger.renews_on, ledger.terms.amount)
        assert stated.renews_on is not None
        assert stated.renews_on > TODAY + timedelta(days=days)
