"""The worker with the real Stripe adapter: what only both of them together show."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest

from aurevoir.billing import registry
from aurevoir.billing.plan import ActionKind, Cancel, SubscriptionRef
from aurevoir.kit import clock, db
from aurevoir.kit.calendar import later
from aurevoir.offers import service as offers
from tests.billing.accounts import account
from tests.billing.agreed import agreed
from tests.billing.stripe_fake.seeds import Seed, plant
from tests.billing.stripe_fake.server import Fault, Server
from tests.house import House, on_sqlite
from tests.offers.conftest import Agree, Look, cancellation, go_on, row

pytestmark = on_sqlite
Accept = Callable[[ActionKind], Awaitable[UUID]]


@pytest.fixture
async def stripe(acme: House) -> AsyncIterator[Server]:
    """A yearly subscription at Stripe, connected."""
    async with account() as fake:
        plant(fake.account, Seed(subscription="sub_9", interval="year"))
        await acme.connect("stripe", api_key="sk_test_1", api_base=fake.url)
        yield fake


def effects(stripe: Server) -> dict[str, int]:
    """How often what took effect."""
    return dict(Counter(effect["kind"] for effect in stripe.account.effects))


@pytest.fixture
def accept(acme: House, agree: Agree) -> Accept:
    """An offer of this kind, worked out from what Stripe says."""

    async def accepted(kind: ActionKind) -> UUID:
        gateway = await registry.connected(await acme.settings(), "live")
        snapshot = await gateway.snapshot(SubscriptionRef("cus_42", "sub_9"))
        return await agree(agreed(kind, snapshot, clock.now()), snapshot=snapshot)

    return accepted


async def test_a_cancellation_releases_our_own_schedule_first(
    stripe: Server, accept: Accept, agree: Agree, look: Look
) -> None:
    """Stripe refuses to end what a schedule manages: planned by what it has, ended once, as declared."""
    split = await accept("split_payment")
    await look()
    cancel = await agree(cancellation())
    await look()
    await go_on(look)

    assert [(await row(one))["state"] for one in (split, cancel)] == ["confirmed", "confirmed"]
    assert effects(stripe) == {"schedule": 1, "phases": 1, "release": 1, "cancel": 1}


async def test_a_notice_moves_the_end_at_stripe_as_the_receipt_says(
    stripe: Server, acme: House, agree: Agree, look: Look
) -> None:
    """Two renewals later: not with the present period, which would end before the day that Dana was told."""
    plant(stripe.account, Seed(subscription="sub_b2b", interval="month"))
    gateway = await registry.connected(await acme.settings(), "live")
    renews_at = (await gateway.snapshot(SubscriptionRef("cus_42", "sub_b2b"))).renews_at
    assert renews_at
    ends_at = later(renews_at, "month", 2)
    await agree(Cancel(ends_on=ends_at.date(), declared_at=clock.now()), "sub_b2b")
    await look()
    found = stripe.account.get("subscription", "sub_b2b")

    assert (found["cancel_at"], found["cancel_at_period_end"]) == (int(ends_at.timestamp()), False)


async def test_an_overdue_subscription_ends_at_once_where_the_operator_wants_it(
    stripe: Server, acme: House, agree: Agree, look: Look
) -> None:
    """Stripe goes on collecting until it has ended."""
    plant(stripe.account, Seed(subscription="sub_due", status="past_due", invoice="open"))
    await acme.connect("stripe", api_key="sk_test_1", api_base=stripe.url, past_due_cancel="now")
    await agree(cancellation(), "sub_due")
    await look()

    assert stripe.account.get("subscription", "sub_due")["status"] == "canceled"


async def test_a_subscription_changed_at_stripe_stops_its_offer(stripe: Server, accept: Accept, look: Look) -> None:
    """Somebody changed its quantity there after Dana accepted."""
    discount = await accept("discount")
    stripe.account.get("subscription", "sub_9")["items"]["data"][0]["quantity"] = 7
    await look()

    assert (await row(discount))["attention"] == "terms_changed"
    assert effects(stripe) == {}


@pytest.mark.parametrize("fault", ["409", "429", "402", "500_before", "drop_after"])
async def test_stripes_errors_are_waited_out_or_told(stripe: Server, accept: Accept, look: Look, fault: str) -> None:
    """Busy, limited, broken or cut: done once in the end; a declined card is for a person."""
    stripe.faults = [Fault(fault=fault, path="subscriptions")]
    discount = await accept("discount")
    await go_on(look)
    stored = await row(discount)

    assert (stored["state"], stored["attention"]) == (
        ("attention", "card_declined") if fault == "402" else ("confirmed", None)
    )
    assert effects(stripe) == ({"coupon": 1} if fault == "402" else {"coupon": 1, "discount": 1})


async def test_a_declined_card_that_was_mended_is_charged_after_a_retry(
    stripe: Server, acme: House, accept: Accept, look: Look
) -> None:
    """Stripe gives a stored refusal again for a day: the person's retry goes under a new key."""
    stripe.faults = [Fault(fault="402", path="subscriptions")]
    discount = await accept("discount")
    await look()
    stuck = await row(discount)
    workspace = await acme.settings()
    await db.transaction(lambda: offers.retry(workspace, discount, clock.now()))
    await go_on(look)

    assert stuck["attention"] == "card_declined"
    assert (await row(discount))["state"] == "confirmed"
    assert effects(stripe) == {"coupon": 1, "discount": 1}
