"""Stripe's subscriptions and invoices in neutral words."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.records import CATEGORIES, changed, exit_of, looked_at, payment_of, state
from aurevoir.flows.taxonomy import Category

SETTINGS = Settings(api_key="sk_test_1", prices={("pro", "year"): "price_1"})
START, TRIAL_END, ENDED, NOW = 1_760_000_000, 1_761_000_000, 1_765_000_000, 1_770_000_000
AT = datetime.fromtimestamp(NOW, UTC)


def price(amount: int | None = 2900, interval: str = "month", count: int = 1, **more: Any) -> dict[str, Any]:
    """A price of the product `prod_pro`."""
    recurring = {"interval": interval, "interval_count": count, "usage_type": "licensed"} | more.pop("recurring", {})
    return {"id": "price_9", "product": "prod_pro", "unit_amount": amount, "recurring": recurring} | more


def subscription(*prices: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Dana's, as Stripe shows it."""
    items = [{"id": f"si_{number}", "quantity": 1, "price": one} for number, one in enumerate(prices or [price()])]
    usual = {
        "id": "sub_9",
        "customer": "cus_42",
        "status": "active",
        "currency": "eur",
        "created": START,
        "start_date": START,
        "items": {"data": items},
        "discounts": [],
        "pause_collection": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
    }
    return usual | changes


def coupon(**terms: Any) -> dict[str, Any]:
    """A discount that is held."""
    return {"id": "di_1", "source": {"coupon": {"duration": "forever"} | terms}}


@pytest.mark.parametrize(
    ("found", "mrr"),
    [
        (subscription(price(2900)), 2900),
        (subscription(price(12000, "year")), 1000),
        (subscription(price(500_000, currency="isk"), currency="isk"), 5000),
        (subscription(price(2900, currency="usd"), currency="eur"), None),
        (subscription(price(3000, "month", 3)), 1000),
        (subscription(price(700, "week")), 3033),
        (subscription(price(100, "day")), 3042),
        (subscription(price(None, unit_amount_decimal="0.5") | {"unit_amount_decimal": "1250.5"}), 1250),
        (subscription(price(1000), price(12000, "year")), 2000),
        (subscription(price(1000), price(99, recurring={"usage_type": "metered"})), 1000),
        (subscription(price(None)), None),
        (subscription(price(), discounts=[coupon(percent_off=25.0)]), 2175),
        (subscription(price(12000, "year"), discounts=[coupon(amount_off=1200)]), 900),
        (subscription(price(), discounts=[coupon(percent_off=50, duration="repeating")]), 2900),
        (subscription(price(), discounts=["di_unknown"]), 2900),
        (subscription(price(), status="trialing"), 0),
        (subscription(price(), status="canceled"), 0),
    ],
)
def test_revenue_is_counted_by_the_month(found: dict[str, Any], mrr: int | None) -> None:
    """Without what is metered, less what is lasting; unknown is not zero."""
    assert state(found, SETTINGS).mrr == mrr


def test_the_plan_has_the_operators_name() -> None:
    """Where one is set; else the price's own key, or its product."""
    ours = price() | {"id": "price_1"}

    assert state(subscription(ours), SETTINGS).plan == "pro"
    assert state(subscription(price() | {"lookup_key": "pro_monthly"}), SETTINGS).plan == "pro_monthly"
    assert state(subscription(), SETTINGS).plan == "prod_pro"


@pytest.mark.parametrize(
    ("status", "pause", "expected"),
    [
        ("active", None, "active"),
        ("active", {"behavior": "void"}, "paused"),
        ("unpaid", None, "past_due"),
        ("paused", None, "paused"),
        ("incomplete", None, "incomplete"),
    ],
)
def test_each_status_has_one_of_ours(status: str, pause: dict[str, str] | None, expected: str) -> None:
    """Collection that is paused is a pause, though Stripe goes on to say `active`."""
    assert state(subscription(status=status, pause_collection=pause), SETTINGS).status == expected


@pytest.mark.parametrize(
    ("reason", "feedback", "ended_by", "code"),
    [
        ("cancellation_requested", "unused", "customer", "unused"),
        ("cancellation_requested", None, "customer", None),
        ("payment_failed", None, "payment", "payment_failed"),
        ("payment_disputed", None, "payment", "payment_disputed"),
        ("canceled_by_retention_policy", None, "provider_policy", None),
        (None, None, "unknown", None),
        ("something_new", "something_new", "unknown", None),
    ],
)
def test_who_ended_it_and_why_are_two_answers(
    reason: str | None, feedback: str | None, ended_by: str, code: str | None
) -> None:
    """What is not known stays unknown."""
    details = {"reason": reason, "feedback": feedback, "comment": None}
    told = state(subscription(status="canceled", ended_at=ENDED, cancellation_details=details), SETTINGS)

    assert (told.ended_by, told.reason_code) == (ended_by, code)


def test_one_look_shows_the_present_and_lets_the_past_be_assumed() -> None:
    """Trial, paid time and end, each since its moment."""
    life = {"trial_start": START, "trial_end": TRIAL_END, "ended_at": ENDED, "status": "canceled"}
    told = looked_at(subscription(**life), AT, SETTINGS)

    assert [(one.state.status, one.state.mrr, one.assumed) for one in told] == [
        ("trialing", 0, True),
        ("active", 2900, True),
        ("cancelled", 0, False),
    ]
    assert [one.since and int(one.since.timestamp()) for one in told] == [START, TRIAL_END, ENDED]
    assert looked_at(subscription(status="incomplete_expired"), AT, SETTINGS) == []


def test_a_trial_under_way_is_not_paid_for_yet() -> None:
    """Its end lies ahead."""
    told = looked_at(subscription(status="trialing", trial_start=START, trial_end=NOW + 86_400), AT, SETTINGS)

    assert [one.state.status for one in told] == ["trialing", "trialing"]


def test_an_event_that_changes_nothing_we_count_is_no_fact() -> None:
    """A renewal moves the period; a plan change is one."""
    renewed = {"items": {"data": [{"id": "si_0", "quantity": 1, "price": price()}]}, "latest_invoice": "in_1"}
    dearer = {"items": {"data": [{"id": "si_0", "quantity": 1, "price": price(1900)}]}}

    assert changed(subscription(), renewed, AT, SETTINGS) == []
    assert changed(subscription(), {"metadata": {}}, AT, SETTINGS) == []
    assert [one.since for one in changed(subscription(), dearer, AT, SETTINGS)] == [AT]
    assert [one.state.mrr for one in changed(subscription(), {"items": {"data": [{}]}}, AT, SETTINGS)] == [2900]
    assert len(changed(subscription(), None, AT, SETTINGS)) == 1


def test_feedback_becomes_a_category_of_the_taxonomy() -> None:
    """Every code of Stripe's is one."""
    assert {"unused", "too_expensive"} < CATEGORIES < set(get_args(Category))


def test_an_exit_needs_an_end_and_something_said_of_it() -> None:
    """The comment comes along; a cancellation that is only scheduled is no exit yet."""
    said = {"reason": "cancellation_requested", "feedback": "too_complex", "comment": "Too many buttons"}
    told = exit_of(subscription(status="canceled", ended_at=ENDED, cancellation_details=said), AT)

    assert told is not None
    assert (told.category, told.feedback, told.comment) == ("too_complex", "too_complex", "Too many buttons")
    assert exit_of(subscription(cancel_at_period_end=True, cancellation_details=said), AT) is None
    assert exit_of(subscription(status="canceled", ended_at=ENDED), AT) is None


def invoice(**changes: Any) -> dict[str, Any]:
    """An invoice of Dana's, paid."""
    usual = {
        "id": "in_1",
        "status": "paid",
        "customer": "cus_42",
        "currency": "eur",
        "total": 2900,
        "amount_due": 2900,
        "amount_paid": 2900,
        "attempt_count": 1,
        "parent": {"subscription_details": {"subscription": "sub_9"}},
        "status_transitions": {"paid_at": ENDED},
    }
    return usual | changes


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "paid"),
        ({"status": "open", "attempt_count": 0}, "open"),
        ({"status": "open", "attempt_count": 2}, "failed"),
        ({"status": "void"}, "void"),
        ({"status": "uncollectible"}, "uncollectible"),
        ({"status": "draft"}, None),
        ({"total": 0}, None),
        ({"customer": None}, None),
    ],
)
def test_an_invoice_is_a_payment_in_some_state(changes: dict[str, Any], status: str | None) -> None:
    """Drafts, and those with nothing to pay, are none."""
    told = payment_of(invoice(**changes), AT)

    assert (told.status if told else None) == status
    assert told is None or (told.reference, told.subscription, told.amount) == ("in_1", "sub_9", 2900)


def test_a_payment_in_whole_kronas_is_told_in_them() -> None:
    """Stripe tells of ISK and UGX in hundredths that there are none of."""
    told = payment_of(invoice(currency="isk", amount_paid=500_000), AT)

    assert told is not None
    assert (told.amount, told.currency) == (5000, "ISK")


def test_older_api_versions_name_the_subscription_on_the_invoice() -> None:
    """An event keeps the version that its account had."""
    told = payment_of(invoice(parent=None, subscription="sub_9"), AT)

    assert told is not None
    assert told.subscription == "sub_9"
