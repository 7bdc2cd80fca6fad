"""The webhook gateway: orders handed to the operator's own server, signed, and what its answers mean."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from aurevoir.billing.adapters.webhook import Webhook
from aurevoir.billing.gateway import Connection, GatewayError, NeedsPerson, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Cancel, Discount, Order, SubscriptionRef
from aurevoir.kit import clock, http, signing
from aurevoir.kit.addresses import Address
from aurevoir.worker import Worker
from tests.cast import DANA
from tests.house import House, on_sqlite
from tests.visits import start
from tests.webhooks.receiver import Receiver, receiving

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
MARKER = "rdm_" + "0" * 31 + "1"
SECRET = signing.new_secret()
CANCEL = Cancel(ends_on=date(2026, 2, 1), declared_at=NOW, category="too_expensive")


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    """As AUREVOIR_ALLOW_PRIVATE_TARGETS."""
    http.configure(allow_private=True)
    yield
    http.configure(allow_private=False)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """The operator's server."""
    async with receiving() as one:
        yield one


def gateway(url: str, **changes: str) -> Webhook:
    """Connected to `url`."""
    settings = {"url": url, "secret": SECRET} | changes
    return Webhook(Connection(id=UUID(int=1), workspace=UUID(int=2), mode="live", gateway="webhook", settings=settings))


def order(action: Any = CANCEL, key: str = "exit:1:cancel:0") -> Order:
    """The one step of an action."""
    plan = gateway("").plan(SubscriptionRef(DANA.id, DANA.subscription), action, None, MARKER, NOW)
    return Order(plan=plan, number=0, idempotency_key=key)


async def test_an_order_says_it_all_in_neutral_words(receiver: Receiver) -> None:
    """Signed; whose subscription, what is to be done, and the key under which to do it once."""
    receiver.body = b'{"status": "applied", "references": {"change": "ch_1"}}'
    discount = Discount(percent_off=50, periods=3, ends_at=NOW)
    verdict = await gateway(receiver.url).send(order(discount))

    (got,) = receiver.got
    told = got.verified(SECRET)
    assert (verdict.state, verdict.references) == ("confirmed", {"change": "ch_1"})
    assert (told["type"], told["id"]) == ("order.placed", got.id)
    assert told["data"] == {
        "idempotency_key": got.id,
        "redemption": MARKER,
        "mode": "live",
        "customer": DANA.id,
        "subscription": DANA.subscription,
        "action": {
            "kind": "discount",
            "percent_off": 50,
            "amount_off": None,
            "periods": 3,
            "ends_at": "2026-01-15T12:00:00Z",
        },
        "effective_at": "2026-01-15T12:00:00Z",
        "ends_at": "2026-01-15T12:00:00Z",
        "apply_before": None,
    }


async def test_every_attempt_carries_the_same_id(receiver: Receiver) -> None:
    """Also after an answer that makes other providers want a new key: the receiver carries each id out once."""
    one = gateway(receiver.url)
    await one.send(order())
    assert (await one.verify(order())).state == "not_applied"
    await one.send(order(key="exit:1:cancel:1"))
    await one.send(replace(order(), plan=replace(order().plan, marker="rdm_other")))

    assert [got.id for got in receiver.got] == [f"{MARKER}_0", f"{MARKER}_0", "rdm_other_0"]


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b'{"status": "applied"}', "confirmed"),
        (200, b'{"status": "accepted"}', "handed_over"),
        (204, b"", "handed_over"),
        (202, b"<html>ok</html>", "handed_over"),
        (200, b"[" * 50_000, "handed_over"),
    ],
)
async def test_delivered_is_not_applied(receiver: Receiver, status: int, body: bytes, state: str) -> None:
    """Only the word of the receiver ends it."""
    receiver.status, receiver.body = status, body

    assert (await gateway(receiver.url).send(order())).state == state


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (422, {"code": "no_such_plan"}, Rejected("no_such_plan")),
        (409, {"code": "already_cancelled"}, Rejected("already_cancelled")),
        (422, {}, NeedsPerson("answered_422")),
        (429, {}, NotSent(7.0)),
        (503, {}, NotSent(7.0)),
        (500, {}, Unknown(answered=True)),
        (504, {}, Unknown(answered=True)),
        (302, {}, NeedsPerson("redirected")),
        (401, {}, NeedsPerson("answered_401")),
        (404, {}, NeedsPerson("answered_404")),
    ],
)
async def test_each_answer_calls_for_its_own_reaction(
    receiver: Receiver, status: int, body: dict[str, str], error: GatewayError
) -> None:
    """Refused for good, later, perhaps, or: somebody must look at it."""
    receiver.status, receiver.body, receiver.headers = status, json.dumps(body).encode(), {"retry-after": "7"}
    with pytest.raises(type(error)) as raised:
        await gateway(receiver.url).send(order())

    assert vars(raised.value) == vars(error)


async def test_a_silent_receiver_leaves_it_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been carried out; a closed door means that it was not."""
    monkeypatch.setattr(http, "DEADLINE", 0.1)
    async with receiving(hangs=True) as one:
        with pytest.raises(Unknown) as unknown:
            await gateway(one.url).send(order())
    monkeypatch.setattr(http, "_resolve", nobody_knows)
    for nowhere in (one.url, "https://no-such-host.example/"):
        with pytest.raises(NotSent):
            await gateway(nowhere).send(order())

    assert not unknown.value.answered


async def nobody_knows(_: str, __: int) -> list[Address]:
    """A name server that is away."""
    return []


@on_sqlite
async def test_the_product_says_what_became_of_an_order(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """The first answer is lost, the order comes again under its id; received is not done; then Acme says so."""
    await house.connect("webhook", url=receiver.url, secret=SECRET)
    visit = await (await start(client, house)).leave()
    receiver.status = 500
    await look(house, 0)
    receiver.status = 202
    await look(house, 60)
    before = (await visit.look()).state
    marker = receiver.got[-1].json["data"]["redemption"]
    replies = [
        await client.post(f"/api/v1/redemptions/{marker}/result", json={"status": "applied"}, headers=house.operator)
        for _ in range(2)
    ]
    await look(house, 61)

    assert [got.id for got in receiver.got] == [f"{marker}_0"] * 2
    assert (receiver.got[0].json["data"]["customer"], receiver.got[0].json["data"]["subscription"]) == (
        DANA.id,
        DANA.subscription,
    )
    assert (before, [reply.status_code for reply in replies]) == ("leaving", [204, 204])
    assert (await visit.look()).state == "left"


async def look(house: House, seconds: float) -> None:
    """What a worker does so much later, until there is nothing left to do."""
    worker, now = Worker(house.installation), clock.now() + timedelta(seconds=seconds)
    while await worker.look(now):
        pass


async def test_what_is_set_up_wrong_is_for_a_person(receiver: Receiver) -> None:
    """No secret, or an address that nothing is sent to."""
    for broken, code in [
        (gateway(receiver.url, secret="whsec_"), "webhook_secret_missing"),
        (gateway("http://169.254.169.254/latest"), "address_refused"),
        (gateway(""), "bad_address"),
    ]:
        with pytest.raises(NeedsPerson) as raised:
            await broken.send(order())
        assert raised.value.code == code
    assert receiver.got == []
