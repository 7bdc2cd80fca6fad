"""The Stripe adapter when something goes wrong: what each failure means, and that it leaves one effect."""

import subprocess
import sys
from datetime import timedelta
from types import ModuleType
from uuid import UUID

import pytest

from aurevoir.billing.adapters import stripe as package
from aurevoir.billing.adapters.stripe import client
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.gateway import Busy, Conflicting, Connection, GatewayError, NeedsPerson, NotSent, Unknown
from aurevoir.billing.plan import Cancel, SubscriptionRef
from aurevoir.kit import clock
from tests.billing.rigs import StripeRig
from tests.billing.stripe_acts import DANA, order, planned
from tests.billing.stripe_fake.server import Fault

_ID = UUID(int=1)


def _said(error: GatewayError) -> object:
    """What the class leaves open."""
    return getattr(error, "code", None) or getattr(error, "answered", None) or getattr(error, "retry_after", None)


_FAULTS: list[tuple[str, type[GatewayError], object]] = [
    ("drop_before", Unknown, None),
    ("drop_after", Unknown, None),
    ("timeout_before", Unknown, None),
    ("timeout_after", Unknown, None),
    ("500_before", Unknown, True),
    ("500_after", Unknown, True),
    ("429", NotSent, 2.0),
    ("409", Busy, None),
    ("402", NeedsPerson, "card_declined"),
]


@pytest.mark.parametrize("is_key_alive", [True, False])
@pytest.mark.parametrize(("fault", "kind", "said"), _FAULTS)
async def test_a_fault_is_named_and_leaves_one_effect(
    rig: StripeRig,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    kind: type[GatewayError],
    said: object,
    *,
    is_key_alive: bool,
) -> None:
    """What may have happened is read; what did not is sent again, after an answer under a new key: once in the end."""
    monkeypatch.setattr(client, "PATIENCE", 0.15)
    plan = await planned(rig, "payment_holiday")
    rig.fake.faults.append(Fault(fault=fault, seconds=0.5))
    with pytest.raises(kind) as raised:
        await rig.gateway.send(order(plan))
    if not is_key_alive:
        rig.fake.api.forget_keys()
    found = await rig.gateway.verify(order(plan))
    if found.state == "not_applied":
        # A card that was declined is its owner's to mend, and the refusal is stored as a 500 is.
        is_stored = kind is NeedsPerson or getattr(raised.value, "answered", False)
        found = await rig.gateway.send(order(plan, generation=int(is_stored)))

    assert type(raised.value) is kind
    assert _said(raised.value) == said
    assert found.state == "confirmed"
    assert rig.effects("rdm_1") == ["pause"]


async def test_a_stored_error_comes_back_under_the_same_key(rig: StripeRig) -> None:
    """Why the generation rises after a 5xx: the same key would give the same 500 for a day."""
    plan = await planned(rig, "payment_holiday")
    rig.fake.faults.append(Fault(fault="500_before"))
    for _ in range(3):
        with pytest.raises(Unknown):
            await rig.gateway.send(order(plan))

    assert [one["replayed"] for one in rig.fake.requests if one["method"] == "POST"] == [False, True, True]
    assert rig.effects("rdm_1") == []


async def test_one_send_is_one_request(rig: StripeRig) -> None:
    """No hidden retry, whatever the answer."""
    plan = await planned(rig, "payment_holiday")
    for fault in ("409", "429", "500_before", "drop_before"):
        before = len(rig.fake.requests)
        rig.fake.faults.append(Fault(fault=fault))
        with pytest.raises(GatewayError):
            await rig.gateway.send(order(plan))

        assert len(rig.fake.requests) == before + 1


async def test_other_parameters_under_the_same_key_are_a_conflict(rig: StripeRig) -> None:
    """Two plans can never share a key without being found out."""
    await rig.gateway.send(order(await planned(rig, "payment_holiday")))
    await rig.subscribe("sub_10")
    other = await planned(rig, "payment_holiday", SubscriptionRef("cus_42", "sub_10"))

    with pytest.raises(Conflicting, match="idempotency_error"):
        await rig.gateway.send(order(other))


@pytest.mark.parametrize(
    ("settings", "kind", "code"),
    [
        ({"api_key": "sk_refused"}, NeedsPerson, "key_refused"),
        ({"api_key": ""}, NeedsPerson, "api_key_missing"),
        ({"api_base": "http://127.0.0.1:9"}, NotSent, None),
    ],
)
async def test_what_never_arrived_is_not_in_doubt(
    rig: StripeRig, settings: dict[str, str], kind: type[GatewayError], code: str | None
) -> None:
    """A key that was withdrawn, one that was never set, nobody at the address: certainly not executed."""
    plan = await planned(rig, "payment_holiday")
    given = {"api_key": "sk_test_1", "api_base": rig.fake.url} | settings
    other = Stripe(Connection(id=_ID, workspace=_ID, mode="test", gateway="stripe", settings=given))
    for call in (other.send(order(plan)), other.verify(order(plan)), other.snapshot(DANA)):
        with pytest.raises(kind) as raised:
            await call
        assert getattr(raised.value, "code", None) == code
    if settings.get("api_key") != "":
        await other.close()


async def test_a_read_without_an_answer_is_only_a_read(rig: StripeRig) -> None:
    """Lost or answered with a 500, it changed nothing: it can be tried again at once."""
    plan = await planned(rig, "payment_holiday")
    for fault in ("drop_before", "500_before", "429"):
        rig.fake.faults.append(Fault(fault=fault, method="GET"))
        with pytest.raises(NotSent):
            await rig.gateway.verify(order(plan))


async def test_ending_twice_ends_once(rig: StripeRig) -> None:
    """DELETE takes no key; the second one is refused, and a read shows why."""
    long_ago = Cancel(ends_on=clock.now().date() - timedelta(days=30), declared_at=clock.now())
    plan = await planned(rig, lambda _: long_ago)
    first = await rig.gateway.send(order(plan))
    with pytest.raises(Conflicting, match="resource_missing"):
        await rig.gateway.send(order(plan))

    assert first.state == (await rig.gateway.verify(order(plan))).state == "confirmed"
    assert [one["kind"] for one in rig.fake.account.effects] == ["cancel"]
    assert [one["key"] for one in rig.fake.requests if one["method"] == "DELETE"] == [None, None]


async def test_a_subscription_that_has_ended_is_a_conflict(rig: StripeRig) -> None:
    """The world moved: an offer for it is for a person, a cancellation has reached its goal."""
    holiday, cancel = await planned(rig, "payment_holiday"), await planned(rig, "cancel")
    rig.fake.account.get("subscription", "sub_9")["status"] = "canceled"
    for plan in (holiday, cancel):
        with pytest.raises(Conflicting, match="invalid_canceled_subscription_fields"):
            await rig.gateway.send(order(plan))

    assert (await rig.gateway.verify(order(holiday))).state == "not_applied"
    assert (await rig.gateway.verify(order(cancel))).state == "confirmed"


@pytest.mark.slow
def test_nobody_imports_the_sdk_who_does_not_use_it() -> None:
    """The whole service and its worker start without it."""
    code = "import sys, aurevoir.app, aurevoir.worker; sys.exit('stripe' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_without_the_extra_everything_but_reaching_stripe_works(
    rig: StripeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancellation can be declared; a person is told what is missing."""
    plan = await planned(rig, "cancel")
    with monkeypatch.context() as absent:
        absent.setitem(sys.modules, "stripe", None)
        absent.delitem(sys.modules, client.__name__)
        absent.delattr(package, "client")
        again = rig.gateway.plan(DANA, plan.action, None, "rdm_1", clock.now())
        with pytest.raises(NeedsPerson, match="stripe_not_installed"):
            await rig.gateway.send(order(again))

    assert isinstance(client, ModuleType)
