"""Every request of the Stripe adapter, parameter by parameter, against the types of Stripe's own SDK."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
import stripe
from msgspec.structs import replace

from aurevoir.billing.adapters.stripe import inbound, leaving, reading, verifying
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.plan import Action, Cancel, ChangePlan, Discount, Holiday, Order, Relief, Revert, SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.flows.taxonomy import Category
from aurevoir.kit.calendar import later
from aurevoir.kit.money import Money
from tests.billing.agreed import KINDS, NEEDED, agreed, in_parts
from tests.billing.rigs import StripeRig, stripe_rig
from tests.billing.sdk_types import problems

NOW = datetime.now(UTC)
PRICES = {"price.team.month": "price_team_month", "price.pro.year": "price_pro_year"}
BROUGHT = {"schedule": "sub_sched_1", "discount": "di_1", "item": "si_1", "price": "price_1", "quantity": "2"}


@pytest.fixture
async def rig() -> AsyncIterator[StripeRig]:
    """The adapter, which knows the prices of two plans."""
    async with stripe_rig(**PRICES) as one:
        yield one


async def test_every_request_is_one_that_the_sdk_knows(rig: StripeRig) -> None:
    """Names, nesting, enumerations and numbers of ids, for all that can be planned."""
    found, operations = [], set()
    for number, (changes, action_of) in enumerate(_TRIED):
        subscription = await _subscribe(rig, f"sub_{number}", **changes)
        snapshot = await rig.gateway.snapshot(subscription)
        plan = rig.gateway.plan(subscription, action_of(snapshot), snapshot, "rdm_1", NOW)
        for at, step in enumerate(plan.steps):
            order = Order(plan=plan, number=at, idempotency_key="exit:1:0:0", references=BROUGHT)
            operations.add(step.operation)
            found += problems(step.operation, verifying.path_of(order), step.parameters["body"])

    assert found == []
    assert operations == set(verifying.LOOKS)


async def _subscribe(rig: StripeRig, name: str, *, is_paused: bool = False, **changes: Any) -> SubscriptionRef:
    subscription = await rig.subscribe(name, **changes)
    if is_paused:
        until = int(NOW.timestamp()) + 86_400
        rig.fake.account.get("subscription", name)["pause_collection"] = {"behavior": "void", "resumes_at": until}
    return subscription


def _kind(kind: Any) -> Callable[[Snapshot], Action]:
    return lambda snapshot: agreed(kind, snapshot, NOW)


def _renewal(snapshot: Snapshot) -> datetime:
    assert snapshot.renews_at
    return snapshot.renews_at


def _plan(**changes: Any) -> Callable[[Snapshot], Action]:
    common: dict[str, Any] = {"at": "now"} | changes
    return lambda snapshot: ChangePlan(effective_at=_renewal(snapshot), **common)


def _off(**changes: Any) -> Callable[[Snapshot], Action]:
    return lambda snapshot: Discount(periods=1, ends_at=_renewal(snapshot), **changes)


def _stopped(snapshot: Snapshot) -> Holiday:
    renewal = _renewal(snapshot)
    return Holiday(renewals=1, access="stop", starts_at=renewal, resumes_at=later(renewal, "month", 1))


def _moved(snapshot: Snapshot) -> Holiday:
    renewal = _renewal(snapshot)
    return Holiday(renewals=1, access="keep", starts_at=renewal, resumes_at=later(renewal, "month", 3))


def _invoice(relief: Any, **changes: Any) -> Callable[[Snapshot], Action]:
    return lambda snapshot: Relief(
        relief=relief,
        amount=None,
        invoice=snapshot.open_invoice.reference if snapshot.open_invoice else None,
        due_on=date(2027, 1, 4),
        **changes,
    )


def _leaving(days: int, category: str | None = None) -> Callable[[Snapshot], Action]:
    return lambda snapshot: Cancel(
        ends_on=(_renewal(snapshot) + timedelta(days=days)).date(), declared_at=NOW, category=category
    )


def _taking_back(kind: Any, **changes: Any) -> Callable[[Snapshot], Action]:
    def revert(snapshot: Snapshot) -> Action:
        action: Any = replace(agreed(kind, snapshot, NOW), **changes)
        return Revert(redemption="rdm_0", agreed=action, references=BROUGHT)

    return revert


def _split(parts: int) -> Callable[[Snapshot], Action]:
    return lambda snapshot: in_parts(30_003, parts, _renewal(snapshot))


_YEARLY = {"sort": "yearly"}
_TRIED: list[tuple[dict[str, Any], Callable[[Snapshot], Action]]] = [
    *(({"sort": NEEDED.get(kind, "monthly")}, _kind(kind)) for kind in KINDS if kind in Stripe.capabilities),
    *(({}, _leaving(0, category)) for category in leaving.FEEDBACK),
    ({}, _leaving(61)),
    ({}, _leaving(-400)),
    ({}, _off(amount_off=Money(500, "EUR"))),
    (_YEARLY, _off(percent_off=20)),
    ({}, _plan(plan="team", quantity=4)),
    ({}, _plan(plan="team", at="period_end")),
    ({"product": "pro"}, _plan(interval="year")),
    ({"billing_mode": "flexible"}, _stopped),
    (_YEARLY, _moved),
    *((_YEARLY | {"amount": 10_001, "quantity": 3}, _split(parts)) for parts in (2, 3, 4, 6, 12)),
    ({"invoice": "open", "status": "past_due"}, _invoice("waive")),
    ({"invoice": "draft"}, _invoice("defer")),
    ({"invoice": "draft", "collection_method": "send_invoice"}, _invoice("defer")),
    ({}, _taking_back("discount")),
    ({"is_paused": True}, _taking_back("payment_holiday")),
    (_YEARLY, _taking_back("split_payment")),
    ({}, _taking_back("plan_change")),
    ({}, _taking_back("plan_change", at="now")),
]


def test_every_read_is_one_that_the_sdk_knows() -> None:
    """What is read after a request, what a snapshot reads, and how deep it is expanded."""
    found = []
    for look in verifying.LOOKS.values():
        found += problems(look.read, ["id_1"], {"expand": list(look.expand)})
    found += problems("subscriptions.retrieve", ["sub_9"], {"expand": list(reading.EXPANDED)})
    found += problems("invoices.list", [], {"subscription": "sub_9", "limit": 20})

    assert found == []
    assert all(name.count(".") < 4 for look in verifying.LOOKS.values() for name in (*look.expand, *reading.EXPANDED))


@pytest.mark.parametrize(
    ("operation", "path", "body"),
    [
        ("subscriptions.update", ["sub_9"], {"coupon": "half"}),
        ("subscriptions.update", ["sub_9"], {"pause_collection": {"behavior": "voidd"}}),
        ("subscriptions.update", ["sub_9"], {"pause_collection": {"resumes_at": 1}}),
        ("subscriptions.update", ["sub_9"], {"cancellation_details": {"feedback": "too_pricey"}}),
        ("subscriptions.update", ["sub_9"], {"cancel_at_period_end": "yes"}),
        ("subscriptions.update", ["sub_9"], {"items": [{"id": "si_1", "prize": "price_1"}]}),
        ("subscriptions.update", [], {}),
        ("subscription_schedules.update", ["sub_sched_1"], {"phases": [{"items": [], "iterations": 1}]}),
        ("subscription_schedules.update", ["sub_sched_1"], {"phases": [{"duration": {"interval": "year"}}]}),
        ("coupons.create", [], {"duration": "twice"}),
    ],
)
def test_the_check_itself_refuses_what_is_wrong(operation: str, path: list[str], body: dict[str, Any]) -> None:
    """Removed parameters, words outside their enumeration, wrong types, missing ones: each is found."""
    assert problems(operation, path, body) != []


def test_the_version_of_the_events_is_that_of_the_sdk() -> None:
    """Told without importing the SDK, and checked here."""
    assert stripe._api_version._ApiVersion.CURRENT_MAJOR == inbound.API_MAJOR
    assert inbound.is_understood(inbound.Told(id="evt_1", type="x", api_version=stripe.api_version))
    assert not inbound.is_understood(inbound.Told(id="evt_1", type="x", api_version="2025-09-30.clover"))
    assert not inbound.is_understood(inbound.Told(id="evt_1", type="x"))


def test_every_category_has_a_word_of_stripes() -> None:
    """But the one that says that nothing should be said."""
    assert set(get_args(Category)) - set(leaving.FEEDBACK) == {"prefer_not_to_say"}
    assert set(leaving.FEEDBACK) < set(get_args(Category))
