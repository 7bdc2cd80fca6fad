"""The adapter at a Stripe that is not ours: localstripe, behind our proxy of faults and idempotency keys."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import stripe

from aurevoir.billing.adapters.stripe import inbound, steps
from aurevoir.billing.adapters.stripe.gateway import Stripe
from aurevoir.billing.gateway import Conflicting, Connection, GatewayError
from aurevoir.billing.plan import Action, Cancel, Order, Plan, Step, SubscriptionRef, UndoCancel
from aurevoir.kit import clock
from tests.billing.stripe_fake.account import Account, ApiError, Object
from tests.billing.stripe_fake.api import Api, Request
from tests.billing.stripe_fake.server import Fault, Server, running
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.slow
_ID = UUID(int=1)
KEY = "sk_test_12345"
SECRET = "whsec_for_tests_only"
FAULTS = ("", "drop_before", "drop_after", "500_before", "500_after", "429")


class Forwarding(Api):
    """Answers as the fake does, but has localstripe execute."""

    def __init__(self, account: Account, url: str) -> None:
        super().__init__(account)
        self.client = httpx.Client(base_url=url, auth=(KEY, ""))
        self.executed = 0

    def execute(self, request: Request) -> Object:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = self.client.request(request.method, request.path, content=request.body, headers=headers)
        self.executed += request.method != "GET"
        body: Object = reply.json() if "json" in reply.headers["content-type"] else {"error": {"message": reply.text}}
        if reply.status_code >= 400:
            error = body["error"]
            raise ApiError(reply.status_code, error.get("message") or "", error.get("code"))
        return body


@pytest.fixture(scope="module")
def localstripe() -> Iterator[str]:
    """Its address; one process for all tests of this file."""
    command = [sys.executable, "-m", "tests.billing.localstripe_process"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@pytest.fixture
async def proxy(localstripe: str) -> AsyncIterator[Server]:
    """A proxy of its own for each test."""
    made: list[Forwarding] = []

    def make(account: Account) -> Forwarding:
        made.append(Forwarding(account, localstripe))
        return made[-1]

    async with running(make_api=make) as server:
        yield server
    for one in made:
        one.client.close()


@pytest.fixture
async def gateway(proxy: Server, connection: Connection) -> AsyncIterator[Stripe]:
    """The adapter, which thinks that this is Stripe."""
    one = Stripe(connection)
    yield one
    await one.close()


@pytest.fixture
def connection(proxy: Server) -> Connection:
    """No workspace is needed."""
    return Connection(
        id=_ID, workspace=_ID, mode="test", gateway="stripe", settings={"api_key": KEY, "api_base": proxy.url}
    )


@pytest.fixture
def dana(localstripe: str) -> SubscriptionRef:
    """A new customer with a subscription."""
    with httpx.Client(base_url=localstripe, auth=(KEY, "")) as client:

        def post(path: str, **form: Any) -> Any:
            reply = client.post(f"/v1/{path}", data=form)
            assert reply.status_code == 200, reply.text
            return reply.json()

        product = post("products", name="Pro", type="service")["id"]
        for plan, amount in (("pro", 2900), ("team", 9900)):
            name = f"{plan}_{product}"
            post("plans", id=name, product=product, amount=amount, currency="eur", interval="month", nickname=plan)
        customer = post("customers", email="dana@example.com")["id"]
        method = post(
            "payment_methods",
            type="card",
            **{"card[number]": "4242424242424242", "card[exp_month]": 12, "card[exp_year]": 2040, "card[cvc]": 123},
        )["id"]
        post(f"payment_methods/{method}/attach", customer=customer)
        post(f"customers/{customer}", **{"invoice_settings[default_payment_method]": method})
        made = post("subscriptions", customer=customer, **{"items[0][plan]": f"pro_{product}"})
    return SubscriptionRef(customer, made["id"])


async def _brought_about(gateway: Stripe, plan: Plan) -> None:
    """What the worker does until one step is confirmed: send, read in doubt, and a new key after a 5xx."""
    generation = 0
    for _ in range(4):
        order = Order(plan=plan, number=0, idempotency_key=f"exit:{plan.marker}:0:{generation}")
        try:
            assert (await gateway.send(order)).state == "confirmed"
        except Conflicting:
            assert (await gateway.verify(order)).state == "confirmed"
        except GatewayError as error:
            generation += bool(getattr(error, "answered", False))
            if (await gateway.verify(order)).state == "not_applied":
                continue
        return
    raise AssertionError("never confirmed")


def _plan(subscription: SubscriptionRef, action: Action, *planned: Step) -> Plan:
    return Plan(subscription=subscription, action=action, steps=planned, marker="rdm_1")


def _executed(proxy: Server) -> int:
    assert isinstance(proxy.api, Forwarding)
    return proxy.api.executed


def _held(proxy: Server, dana: SubscriptionRef) -> Object:
    assert isinstance(proxy.api, Forwarding)
    found: Object = proxy.api.client.get(f"/v1/subscriptions/{dana.subscription}").json()
    return found


@pytest.mark.parametrize("is_key_alive", [True, False])
@pytest.mark.parametrize("fault", FAULTS)
async def test_cancelled_and_taken_back_once_each(
    gateway: Stripe, proxy: Server, dana: SubscriptionRef, fault: str, *, is_key_alive: bool
) -> None:
    """Whatever the line does, and whether its keys are remembered: one request is executed for each."""
    now = clock.now()
    for action, is_ending in ((Cancel(ends_on=None, declared_at=now), True), (UndoCancel(), False)):
        planned = gateway.plan(dana, action, None, f"rdm_{is_ending}", now)
        proxy.faults = [Fault(fault=fault)] if fault else []
        before = _executed(proxy)
        if not is_key_alive:
            proxy.api.forget_keys()
        await _brought_about(gateway, planned)

        assert _held(proxy, dana)["cancel_at_period_end"] is is_ending
        assert _executed(proxy) == before + 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_ended_now_once(gateway: Stripe, proxy: Server, dana: SubscriptionRef, fault: str) -> None:
    """DELETE has no key: a second one is refused, and reading shows why."""
    planned = gateway.plan(dana, Cancel(ends_on=date(2020, 1, 1), declared_at=clock.now()), None, "rdm_1", clock.now())
    proxy.faults = [Fault(fault=fault)] if fault else []
    await _brought_about(gateway, planned)

    assert planned.steps[0].operation == "subscriptions.cancel"
    assert _held(proxy, dana)["status"] == "canceled"


@pytest.mark.parametrize("fault", FAULTS)
async def test_ended_on_a_later_day_once(gateway: Stripe, proxy: Server, dana: SubscriptionRef, fault: str) -> None:
    """A notice that must pass first: the moment that was planned is the one that stands there."""
    later = int((clock.now() + timedelta(days=60)).timestamp())
    step = steps.update(dana.subscription, "rdm_1", cancel_at=later)
    proxy.faults = [Fault(fault=fault)] if fault else []
    await _brought_about(gateway, _plan(dana, Cancel(ends_on=None, declared_at=clock.now()), step))

    assert _held(proxy, dana)["cancel_at"] == later
    assert _executed(proxy) == 1


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("what", ["items", "trial_end"])
async def test_changed_once(gateway: Stripe, proxy: Server, dana: SubscriptionRef, what: str, fault: str) -> None:
    """Another plan, a later trial. No metadata is kept here, so it is told by what is there, not by a mark."""
    item, later = _held(proxy, dana)["items"]["data"][0], int((clock.now() + timedelta(days=60)).timestamp())
    team = item["plan"]["id"].replace("pro_", "team_")
    body: dict[str, Any] = {"items": [{"id": item["id"], "plan": team}]} if what == "items" else {what: later}
    proxy.faults = [Fault(fault=fault)] if fault else []

    def is_there() -> bool:
        found = _held(proxy, dana)
        return bool(found["items"]["data"][0]["plan"]["id"] == team if what == "items" else found[what] == later)

    generation = 0
    while not is_there():
        try:
            key = f"exit:rdm_1:0:{generation}"
            await gateway._client().write("subscriptions.update", [dana.subscription], body, key)
        except GatewayError as error:
            generation += bool(getattr(error, "answered", False))

    assert _executed(proxy) == 1


async def test_an_invoice_item_is_added_once(gateway: Stripe, proxy: Server, dana: SubscriptionRef) -> None:
    """What adds up is protected by its key alone while that lives."""
    client = gateway._client()
    body = {"customer": dana.customer, "amount": -500, "currency": "eur", "metadata": {"exit_rdm": "rdm_1"}}
    proxy.faults = [Fault(fault="drop_after")]
    for _ in range(3):
        try:
            await client.write("invoice_items.create", [], body, "exit:rdm_1:0:0")
        except GatewayError:
            continue
    found = await client.read("invoice_items.list", customer=dana.customer)

    # Its list is everybody's.
    assert [one["amount"] for one in found["data"] if one["customer"] == dana.customer] == [-500]


async def test_its_webhooks_are_genuine(gateway: Stripe, proxy: Server, dana: SubscriptionRef) -> None:
    """Signed by somebody else's hand: ours and the official library agree, and it is about Dana's subscription."""
    assert isinstance(proxy.api, Forwarding)
    async with receiving() as receiver:
        told = {"url": receiver.url, "secret": SECRET, "events": ["customer.subscription.deleted"]}
        assert proxy.api.client.post("/_config/webhooks/ours", json=told).status_code == 200
        long_ago = Cancel(ends_on=date(2020, 1, 1), declared_at=clock.now())
        await _brought_about(gateway, gateway.plan(dana, long_ago, None, "rdm_1", clock.now()))
        async with asyncio.timeout(10):
            while not receiver.got:  # noqa: ASYNC110 - it comes from another process, a second later
                await asyncio.sleep(0.05)
        got = receiver.got[0]
    signature = got.headers["stripe-signature"]

    assert inbound.is_genuine(SECRET, signature, got.body, clock.now())
    assert stripe.Webhook.construct_event(got.body, signature, SECRET).type == "customer.subscription.deleted"
    assert inbound.subscription_of(inbound.read(got.body)) == dana.subscription
