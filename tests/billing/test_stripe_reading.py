"""What a snapshot says of subscriptions that are not plain, and what schedules keep of them."""

from typing import Any

import pytest

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import Discount
from aurevoir.kit import clock
from aurevoir.kit.money import Money
from tests.billing.agreed import in_parts
from tests.billing.rigs import StripeRig
from tests.billing.stripe_acts import DANA, carried_out, carried_out_as, planned


def _item(rig: StripeRig) -> dict[str, Any]:
    found: dict[str, Any] = rig.fake.account.get("subscription", "sub_9")["items"]["data"][0]
    return found


@pytest.mark.parametrize(
    "price",
    [
        {"unit_amount": None},
        {"recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}},
        {"transform_quantity": {"divide_by": 10, "round": "up"}},
        {"currency": "usd"},
    ],
)
async def test_what_only_stripe_can_work_out_is_no_amount(rig: StripeRig, price: dict[str, Any]) -> None:
    """Tiers, use, packages, a default in another currency: unknown, and never a wrong number."""
    _item(rig)["price"] |= price

    assert (await rig.gateway.snapshot(DANA)).amount is None


async def test_an_item_with_a_discount_of_its_own_has_no_amount(rig: StripeRig) -> None:
    """The subscription's list does not name it."""
    _item(rig)["discounts"] = ["di_1"]

    assert (await rig.gateway.snapshot(DANA)).amount is None


async def test_a_customers_discount_is_seen_and_kept(rig: StripeRig) -> None:
    """A discount of the subscription's own would end it: Stripe applies one list or the other."""
    source = {"type": "coupon", "coupon": {"id": "friends", "percent_off": 20.0}}
    held = {"id": "di_friends", "object": "discount", "source": source, "end": None}
    rig.fake.account.get("subscription", "sub_9")["customer"] = {"id": "cus_42", "discount": held}
    snapshot = await rig.gateway.snapshot(DANA)
    plan = rig.gateway.plan(
        DANA, Discount(percent_off=10, periods=1, ends_at=snapshot.taken_at), snapshot, "rdm_1", clock.now()
    )

    assert [one.percent_off for one in snapshot.discounts] == ["20"]
    assert plan.steps[1].parameters["body"]["discounts"][0] == {"discount": "di_friends"}


async def test_a_plan_that_changes_later_keeps_the_discounts_until_then_and_after(rig: StripeRig) -> None:
    """A phase that does not name them is without them."""
    await carried_out(rig, "discount")
    snapshot = await rig.gateway.snapshot(DANA)
    found = await carried_out_as(rig, (await planned(rig, "plan_change")).action, snapshot)
    kept = [{"discount": snapshot.discounts[0].reference}]

    assert [phase["discounts"] for phase in found["schedule"]["phases"]] == [kept, kept]


async def test_a_trial_under_a_schedule_is_still_a_trial(rig: StripeRig) -> None:
    """A phase that does not say so ends it at once, and charges."""
    trial = await rig.subscribe("sub_t", "trial")
    now, after = (await carried_out(rig, "plan_change", trial))["schedule"]["phases"]

    assert now["trial"]
    assert "trial" not in after


async def test_kronur_are_told_in_hundredths_and_mean_whole_ones(rig: StripeRig) -> None:
    """Stripe counts two decimals that the currency does not have."""
    subscription = await rig.subscribe("sub_is", currency="isk", amount=500_000)
    snapshot = await rig.gateway.snapshot(subscription)
    assert snapshot.renews_at
    less = Discount(amount_off=Money(1000, "ISK"), periods=1, ends_at=snapshot.renews_at)
    plan = rig.gateway.plan(subscription, less, snapshot, "rdm_1", clock.now())

    assert (snapshot.amount, snapshot.currency) == (5000, "ISK")
    assert plan.steps[0].parameters["body"]["amount_off"] == 100_000


async def test_thousandths_that_stripe_cannot_charge_are_refused(rig: StripeRig) -> None:
    """The third decimal of a dinar must be 0: a part of 3.333 would be refused after it was agreed."""
    yearly = await rig.subscribe("sub_kw", "yearly", currency="kwd", amount=10_000)
    snapshot = await rig.gateway.snapshot(yearly)
    assert snapshot.renews_at
    less = Discount(amount_off=Money(1_005, "KWD"), periods=1, ends_at=snapshot.renews_at)
    parts = in_parts(10_000, 3, snapshot.renews_at, "KWD")
    for action in (less, parts):
        with pytest.raises(Impossible, match="amount_not_chargeable"):
            rig.gateway.plan(yearly, action, snapshot, "rdm_1", clock.now())
