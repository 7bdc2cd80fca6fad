"""What each offer comes to at Stripe, and what is not offered because it could not be kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.discounts import discount
from aurevoir.billing.adapters.stripe.moments import MARGIN
from aurevoir.billing.gateway import Conflicting, Impossible, Unknown
from aurevoir.billing.plan import Cancel, Discount, Holiday, Order, SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock
from aurevoir.kit.calendar import later
from tests.billing.agreed import in_parts
from tests.billing.rigs import StripeRig, stripe_rig
from tests.billing.stripe_acts import DANA, at_stripe, carried_out, carried_out_as, order, planned
from tests.billing.stripe_fake.server import Fault


async def test_the_same_terms_share_a_coupon(rig: StripeRig) -> None:
    """Two customers, one coupon, two discounts; each keeps the one that it had."""
    await rig.subscribe("sub_10")
    for number, name in enumerate(("sub_9", "sub_10")):
        subscription = SubscriptionRef("cus_42", name)
        plan = await planned(rig, "discount", subscription)
        for at in range(2):
            key = f"exit:{number}:{at}:0"
            sent = await rig.gateway.send(Order(plan=plan, number=at, idempotency_key=key))
            assert sent.state == "confirmed"

    assert rig.fake.account.counts() == {"coupon": 1, "rdm_1 discount": 2}


async def test_a_coupon_of_other_terms_is_not_taken(rig: StripeRig) -> None:
    """Somebody made one by that name that gives more: nobody gets it by mistake."""
    plan = await planned(rig)
    body = plan.steps[0].parameters["body"]
    made = at_stripe(rig)
    await made.write("coupons.create", [], {**body, "percent_off": 90}, "by hand")

    with pytest.raises(Conflicting, match="coupon_differs"):
        await rig.gateway.send(order(plan))


async def test_a_discount_that_is_there_already_stays(rig: StripeRig) -> None:
    """Stripe replaces the whole list: what is not said again is lost."""
    await carried_out(rig, "discount")
    snapshot = await rig.gateway.snapshot(DANA)
    assert snapshot.renews_at
    another = Discount(percent_off=10, periods=1, ends_at=snapshot.renews_at)
    found = await carried_out_as(rig, another, snapshot)

    assert [one["source"]["coupon"] for one in found["discounts"]] == ["exit-30pc-3m", "exit-10pc-once"]
    assert [one.percent_off for one in (await rig.gateway.snapshot(DANA)).discounts] == ["30", "10"]


async def test_a_holiday_ends_between_two_renewals(rig: StripeRig) -> None:
    """Twelve hours before the renewal that is charged again: after the last skipped one, whatever the month."""
    snapshot = await rig.gateway.snapshot(DANA)
    assert snapshot.renews_at
    found = await carried_out(rig, "payment_holiday")
    resumes = datetime.fromtimestamp(found["pause_collection"]["resumes_at"], UTC)

    assert found["pause_collection"]["behavior"] == "void"
    assert (
        later(snapshot.renews_at, "month", 1) < resumes == later(snapshot.renews_at, "month", 2) - timedelta(hours=12)
    )
    assert (await rig.gateway.snapshot(DANA)).status == "paused"


async def test_a_year_is_paid_in_equal_parts_and_then_as_before(rig: StripeRig) -> None:
    """Three phases: as it is, a year in parts with the remainder in the first one, and the yearly price again."""
    yearly = await rig.subscribe("sub_y", "yearly", amount=10_001, quantity=3)
    snapshot = await rig.gateway.snapshot(yearly)
    assert snapshot.renews_at
    found = await carried_out(rig, lambda _: in_parts(30_003, 4, snapshot.renews_at), yearly)
    schedule = found["schedule"]
    now, parts, after = schedule["phases"]
    price = parts["items"][0]["price_data"]

    assert schedule["end_behavior"] == "release"
    assert parts["start_date"] == now["end_date"] == int(snapshot.renews_at.timestamp())
    assert parts["end_date"] == int(later(snapshot.renews_at, "year", 1).timestamp())
    assert (price["unit_amount"], parts["items"][0]["quantity"]) == ("2500", "3")
    assert price["recurring"] == {"interval": "month", "interval_count": "3"}
    assert parts["add_invoice_items"][0]["price_data"]["unit_amount"] == "3"
    assert 4 * 3 * 2500 + 3 == 30_003
    assert after["items"] == [{"price": now["items"][0]["price"], "quantity": "3"}]


@pytest.mark.parametrize("kind", ["discount", "payment_holiday", "plan_change"])
async def test_a_schedule_of_somebody_else_is_left_alone(rig: StripeRig, kind: Any) -> None:
    """What it says next would undo ours, and ours would undo what it was made for."""
    made = at_stripe(rig)
    await made.write("subscription_schedules.create", [], {"from_subscription": "sub_9"}, "by hand")

    with pytest.raises(Impossible, match="foreign_schedule"):
        await planned(rig, kind)
    with pytest.raises(Impossible, match="foreign_schedule"):
        await planned(rig, "cancel")


async def test_a_cancellation_under_a_schedule_is_planned_again(rig: StripeRig) -> None:
    """Declared without a look, refused because of our own schedule; with a look the schedule is released first."""
    await carried_out(rig, "plan_change")
    action = Cancel(ends_on=None, declared_at=clock.now())
    blind = rig.gateway.plan(DANA, action, None, "rdm_2", clock.now())
    with pytest.raises(Conflicting, match="under_schedule"):
        await rig.gateway.send(Order(plan=blind, number=0, idempotency_key="exit:rdm_2:0:0"))
    found = await carried_out_as(rig, action, await rig.gateway.snapshot(DANA))

    assert found["schedule"] is None
    assert found["cancel_at_period_end"] is True


async def test_a_schedule_that_was_made_before_a_crash_is_found(rig: StripeRig) -> None:
    """The reply was lost and the key has expired: the blank schedule on the subscription is the one that we made."""
    plan = await planned(rig, "plan_change")
    rig.fake.faults.append(Fault(fault="drop_after"))
    with pytest.raises(Unknown):
        await rig.gateway.send(order(plan))
    rig.fake.api.forget_keys()
    found = await rig.gateway.verify(order(plan))
    await rig.gateway.send(order(plan, 1, references=found.references))

    assert found.state == "confirmed"
    assert rig.effects("rdm_1") == ["phases"]
    with pytest.raises(Conflicting, match="step_missing"):
        await rig.gateway.verify(order(plan, 1))


@pytest.mark.parametrize(("policy", "status"), [("now", "canceled"), ("period_end", "past_due")])
async def test_what_is_overdue_ends_as_the_operator_chose(policy: str, status: str) -> None:
    """At once, which stops its collection, or with its period."""
    async with stripe_rig(past_due_cancel=policy) as rig:
        await rig.subscribe("sub_9", status="past_due", invoice="open")
        found = await carried_out(rig, "cancel")

        assert found["status"] == status
        assert found["cancellation_details"]["feedback"] == "unused"


@pytest.mark.parametrize(
    ("changes", "action_of", "code"),
    [
        ({"days_in": 31}, "discount", "too_close_to_renewal"),
        ({}, "split_payment", "not_by_months"),
        ({}, "trial_extension", "not_on_trial"),
        ({"interval": "week", "days_in": 2}, "discount", "interval_not_in_months"),
        ({}, lambda one: _stop(one), "needs_flexible_billing"),
    ],
)
async def test_what_cannot_be_done_honestly_is_not_planned(
    rig: StripeRig, changes: dict[str, Any], action_of: Any, code: str
) -> None:
    """Each with the reason that the operator reads."""
    subscription = await rig.subscribe("sub_other", **changes)
    with pytest.raises(Impossible, match=code):
        await planned(rig, action_of, subscription)


def _stop(snapshot: Snapshot) -> Holiday:
    assert snapshot.renews_at
    resumes_at = later(snapshot.renews_at, "month", 1)
    return Holiday(renewals=1, access="stop", starts_at=snapshot.renews_at, resumes_at=resumes_at)


_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - it gets one


@example(datetime(2026, 5, 1, 1, tzinfo=UTC), timedelta(days=28), 0.96875, 9)
@given(_MOMENTS, st.timedeltas(timedelta(minutes=61), timedelta(days=45)), st.floats(0, 1), st.integers(2, 12))
def test_a_coupon_meets_exactly_the_renewals_that_were_agreed(
    now: datetime, until_renewal: timedelta, delay: float, periods: int
) -> None:
    """Stripe counts months from when it is applied; whenever that is, month ends and long trials included."""
    first = now + until_renewal
    renewals = [later(first, "month", number) for number in range(periods + 1)]
    action = Discount(percent_off=50, periods=periods, ends_at=renewals[periods - 1])
    details = {"items": [], "period_start": 0}
    snapshot = Snapshot(
        source="provider", taken_at=now, status="active", interval="month", renews_at=first, details=details
    )
    try:
        coupon = discount(Settings(api_key=""), "sub_9", action, snapshot, "rdm_1", now)[0].parameters["body"]
    except Impossible as impossible:
        # At the end of a month a whole number of them may fit nowhere: then it is not offered.
        if impossible.code == "interval_not_in_months":
            return
        raise
    applied = now + (first - MARGIN - now) * delay
    ends = later(applied, "month", coupon["duration_in_months"])

    assert [moment for moment in renewals if moment < ends] == renewals[:periods]
