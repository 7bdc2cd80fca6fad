"""What tests do at Stripe through the adapter: plan, send, and look at what it came to."""

from typing import Any

from aurevoir.billing.adapters.stripe import client
from aurevoir.billing.adapters.stripe.client import Client
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.plan import Action, Order, Plan, SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock
from tests.billing.agreed import agreed
from tests.billing.rigs import StripeRig

DANA = SubscriptionRef("cus_42", "sub_9")


async def planned(rig: StripeRig, action_of: Any = "discount", subscription: SubscriptionRef = DANA) -> Plan:
    """The plan of a kind of action, or of what a function of the snapshot gives."""
    snapshot = await rig.gateway.snapshot(subscription)
    action = action_of(snapshot) if callable(action_of) else agreed(action_of, snapshot, clock.now())
    return rig.gateway.plan(subscription, action, snapshot, "rdm_1", clock.now())


def order(plan: Plan, number: int = 0, generation: int = 0, references: dict[str, str] | None = None) -> Order:
    """One step, as the worker asks for it."""
    key = f"exit:{plan.marker}:{number}:{generation}"
    return Order(plan=plan, number=number, idempotency_key=key, references=references or {})


async def carried_out(rig: StripeRig, action_of: Any, subscription: SubscriptionRef = DANA) -> dict[str, Any]:
    """The subscription once all steps were sent, its discounts and schedule expanded."""
    return await _sent(rig, await planned(rig, action_of, subscription))


async def carried_out_as(rig: StripeRig, action: Action, snapshot: Snapshot) -> dict[str, Any]:
    """The same for another redemption of Dana's."""
    return await _sent(rig, rig.gateway.plan(DANA, action, snapshot, "rdm_2", clock.now()))


async def _sent(rig: StripeRig, plan: Plan) -> dict[str, Any]:
    brought: dict[str, str] = {}
    for number in range(len(plan.steps)):
        brought |= (await rig.gateway.send(order(plan, number, references=brought))).references
    found: dict[str, Any] = (await rig.held(plan.subscription))[0]
    return found


def at_stripe(rig: StripeRig) -> Client:
    """Somebody else with the same account."""
    return client.shared(Settings(api_key="sk_test_1", api_base=rig.fake.url))
