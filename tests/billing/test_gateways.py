"""The contract of a gateway, held by every one of them: planned, sent, read, sent again, taken back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import get_args
from uuid import UUID

import msgspec
import pytest

from aurevoir.billing import registry
from aurevoir.billing.gateway import GatewayError, Impossible, NotSent, Rejected
from aurevoir.billing.plan import Action, ActionKind, Agreed, Order, Plan, Revert, SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock
from tests.billing.agreed import KINDS, NEEDED, agreed
from tests.billing.rigs import Rig, rig
from tests.house import House

GATEWAYS = ("manual", "sandbox", "webhook", "stripe")
CARRIED_OUT = [(name, kind) for name in GATEWAYS for kind in KINDS if kind not in ("feature_grant", "custom")]
CARRIED_OUT += [("sandbox", "feature_grant"), ("webhook", "custom")]
NOW = clock.now()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The sandbox keeps books; on both databases in its own tests."""
    return sqlite_url


@pytest.fixture
def workspace(gateway: str, request: pytest.FixtureRequest) -> UUID:
    """A real one for the sandbox; nobody else needs a database."""
    found: House | None = request.getfixturevalue("house") if gateway == "sandbox" else None
    return found.id if found else UUID(int=2)


@pytest.fixture
async def one(gateway: str, workspace: UUID) -> AsyncIterator[Rig]:
    """The gateway that the test is about, connected."""
    async with rig(gateway, workspace) as found:
        yield found


async def _look(one: Rig, subscription: SubscriptionRef) -> Snapshot:
    """What it says, or what a token would."""
    if one.gateway.reads:
        return await one.gateway.snapshot(subscription)
    return Snapshot(source="token", taken_at=NOW, status="active", renews_at=NOW + timedelta(days=20))


async def _plan(one: Rig, subscription: SubscriptionRef, action: Action, marker: str) -> Plan:
    return one.gateway.plan(subscription, action, await _look(one, subscription), marker, clock.now())


async def _carry_out(one: Rig, plan: Plan) -> dict[str, str]:
    """Every step once; what they brought back."""
    brought: dict[str, str] = {}
    for number in range(len(plan.steps)):
        brought |= (await one.gateway.send(_order(plan, number, brought))).references
    return brought


def _order(plan: Plan, number: int, references: dict[str, str]) -> Order:
    return Order(plan=plan, number=number, idempotency_key=f"exit:{plan.marker}:{number}:0", references=references)


def test_every_gateway_keeps_the_contract() -> None:
    """A new adapter is found here missing."""
    assert set(GATEWAYS) == set(registry.GATEWAYS)


@pytest.mark.parametrize(("gateway", "kind"), CARRIED_OUT)
async def test_what_was_agreed_takes_effect_once(one: Rig, kind: ActionKind) -> None:
    """Not before it is sent; then it can be read; and the same key again changes nothing at all."""
    subscription = await one.subscribe("sub_9", NEEDED.get(kind, "monthly"))
    if kind == "undo_cancel":
        await _carry_out(
            one, await _plan(one, subscription, agreed("cancel", await _look(one, subscription), NOW), "rdm_0")
        )
    plan = await _plan(one, subscription, agreed(kind, await _look(one, subscription), NOW), "rdm_1")
    untouched = await one.held(subscription)
    brought: dict[str, str] = {}
    for number in range(len(plan.steps)):
        order = _order(plan, number, brought)
        before = await one.gateway.verify(order)
        sent = await one.gateway.send(order)
        held = await one.held(subscription)
        again = await one.gateway.send(order)
        read = await one.gateway.verify(order)
        brought |= sent.references

        assert before.state in ("not_applied", "handed_over")
        assert sent == again
        assert sent.state in ("confirmed", "handed_over")
        assert read == sent or not one.gateway.reads
        assert await one.held(subscription) == held
        assert (held != untouched) == (sent.state == "confirmed")


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_plan_is_pure_and_survives_its_seal(one: Rig) -> None:
    """The same facts give the same plan, and what is read back is what was written: it will be sent as it stands."""
    for number, kind in enumerate(sorted(one.gateway.capabilities - {"revert"})):
        subscription = await one.subscribe(f"sub_{number}", NEEDED.get(kind, "monthly"))
        snapshot, now = await _look(one, subscription), clock.now()
        action = agreed(kind, snapshot, now)
        plans = [one.gateway.plan(subscription, action, snapshot, "rdm_1", now) for _ in range(2)]
        kept = msgspec.json.decode(msgspec.json.encode(plans[0]), type=Plan)

        assert plans[0] == plans[1]
        assert msgspec.json.encode(kept) == msgspec.json.encode(plans[0])
        assert kept.action == action
        assert plans[0].steps
        assert plans[0].apply_before is None or plans[0].apply_before > now


@pytest.mark.parametrize("kind", ["discount", "payment_holiday", "split_payment", "plan_change", "payment_relief"])
@pytest.mark.parametrize("gateway", ["sandbox", "stripe"])
async def test_what_was_given_can_be_taken_back(one: Rig, kind: ActionKind) -> None:
    """A revert leaves the subscription as it was before the offer."""
    subscription = await one.subscribe("sub_9", NEEDED.get(kind, "monthly"))
    before = await one.gateway.snapshot(subscription)
    action = agreed(kind, before, NOW)
    brought = await _carry_out(one, await _plan(one, subscription, action, "rdm_1"))
    changed = await one.gateway.snapshot(subscription)
    assert isinstance(action, get_args(Agreed))
    revert = Revert(redemption="rdm_1", agreed=action, references=brought)
    await _carry_out(one, await _plan(one, subscription, revert, "rdm_2"))

    assert changed.version != before.version
    assert (await one.gateway.snapshot(subscription)).version == before.version


@pytest.mark.parametrize("gateway", ["sandbox", "stripe"])
async def test_an_undo_leaves_nothing_of_a_cancellation(one: Rig) -> None:
    """Scheduled, seen, and taken back, with a look at billing or without one."""
    subscription = await one.subscribe("sub_9", "monthly")
    before = await one.gateway.snapshot(subscription)
    cancel, undo = agreed("cancel", before, NOW), agreed("undo_cancel", before, NOW)
    for number, looks in enumerate((True, False)):
        ends_at = (await _look(one, subscription)).ends_at
        await _carry_out(one, await _plan(one, subscription, cancel, f"rdm_{number}"))
        scheduled = await one.gateway.snapshot(subscription)
        snapshot = scheduled if looks else None
        await _carry_out(one, one.gateway.plan(subscription, undo, snapshot, f"rdm_{number}u", clock.now()))

        assert ends_at is None
        assert scheduled.ends_at is not None
        assert scheduled.status == "active"
        assert (await one.gateway.snapshot(subscription)).version == before.version


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_cancellation_needs_no_look_at_billing(one: Rig) -> None:
    """Whoever declares is never refused: neither without a snapshot, nor without a day."""
    for number, ends_on in enumerate((None, clock.now().date() + timedelta(days=9))):
        subscription = await one.subscribe(f"sub_{number}", "monthly")
        action = msgspec.structs.replace(agreed("cancel", await _look(one, subscription), NOW), ends_on=ends_on)
        plan = one.gateway.plan(subscription, action, None, f"rdm_{number}", clock.now())
        await _carry_out(one, plan)

        assert plan.snapshot_version is None
        assert plan.apply_before is None
        if one.gateway.reads:
            assert (await one.gateway.snapshot(subscription)).ends_at is not None


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_subscription_that_does_not_exist_is_said_so(one: Rig) -> None:
    """Or that nobody can be asked; never an answer that was made up."""
    nobody = SubscriptionRef("cus_1", "sub_nobody")

    with pytest.raises((Rejected, NotSent)) as refused:
        await one.gateway.snapshot(nobody)
    assert isinstance(refused.value, Rejected if one.gateway.reads else NotSent)


@pytest.mark.parametrize("gateway", ["sandbox", "stripe"])
async def test_an_order_for_nobody_is_refused_for_good(one: Rig) -> None:
    """It will never work, so it is not tried for ever."""
    existing = await one.subscribe("sub_9", "monthly")
    snapshot = await one.gateway.snapshot(existing)
    nobody = SubscriptionRef("cus_1", "sub_nobody")
    plan = one.gateway.plan(nobody, agreed("payment_holiday", snapshot, NOW), snapshot, "rdm_1", clock.now())

    with pytest.raises(GatewayError) as refused:
        await one.gateway.send(_order(plan, 0, {}))
    assert isinstance(refused.value, Rejected)


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_what_it_cannot_do_it_does_not_plan(one: Rig) -> None:
    """Declared capabilities and plans say the same."""
    subscription = await one.subscribe("sub_9", "monthly")
    snapshot = await _look(one, subscription)
    for kind in set(KINDS) - one.gateway.capabilities:
        with pytest.raises(Impossible):
            one.gateway.plan(subscription, agreed(kind, snapshot, NOW), snapshot, "rdm_1", clock.now())
