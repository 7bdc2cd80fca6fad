"""Events reach the operator's own systems: signed, complete, at least once, and nobody waits for anybody else."""

import asyncio
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from standardwebhooks import WebhookVerificationError

from aurevoir.events import service as events
from aurevoir.kit import clock, db, sql
from aurevoir.webhooks import attempts, courier, deliveries, endpoints, schedule
from tests.cast import DANA
from tests.house import House, count, on_sqlite
from tests.visits import start
from tests.webhooks import acme
from tests.webhooks.receiver import Receiver, receiving

SECOND = timedelta(seconds=1)


async def test_a_cancellation_arrives_with_all_that_a_crm_needs(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Who, which subscription, why, how much, until when: no second call, and none of the customer's words."""
    _, secret = await acme.endpoint(house, receiver.url, "cancellation.*")
    visit = await start(client, house, attributes={"seats": 4})
    await visit.answer("too_expensive", answers={"comment": "Far too much"})
    await visit.leave()
    await acme.dispatch(house)
    await acme.deliver(house)

    (got,) = receiver.got
    told = got.verified(secret)
    data, session = told["data"], told["data"]["session"]
    assert (told["type"], told["id"]) == ("cancellation.declared", got.id)
    assert (data["customer"]["id"], data["subscription"]["id"]) == (DANA.id, DANA.subscription)
    assert (session["id"], session["outcome"]) == (visit.session["id"], "cancelled")
    assert session["reason"] == {"code": "too_expensive", "label": "It costs too much", "category": "too_expensive"}
    assert session["choices"] == {"reason": ["too_expensive"]}
    assert (session["mrr"], session["currency"], data["subscription"]["plan"]) == (2900, "EUR", "pro")
    assert session["receipt"] == visit.screen["receipt"]["id"]
    assert session["effective_on"] == "2030-12-01"
    assert (data["redemption"]["kind"], data["redemption"]["gateway"]) == ("cancel", "manual")
    assert data["attributes"] == {"seats": 4}
    assert b"Far too much" not in got.body
    with pytest.raises(WebhookVerificationError):
        got.verified("whsec_" + "A" * 43 + "=")


@on_sqlite
async def test_comments_go_where_they_were_asked_for(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """And nowhere else; in the database no payload is kept at all."""
    await acme.endpoint(house, receiver.url, "session.kept", include_comments=True)
    visit = await (await start(client, house)).answer("other", answers={"comment": "Ça va ✓"})
    await visit.move("keep")
    await acme.dispatch(house)
    await acme.deliver(house)

    assert list(receiver.got[0].json["data"]["session"]["comments"].values()) == ["Ça va ✓"]
    rows = await sql.fetch_all("SELECT * FROM webhook_delivery")
    assert not any(DANA.id in str(value) or "va ✓" in str(value) for row in rows for value in row.values())


async def test_an_endpoint_gets_what_it_chose_and_each_once(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Patterns choose; an event that is told twice is one delivery; test mode has endpoints of its own."""
    await acme.endpoint(house, receiver.url, "session.started", "redemption.*")
    await acme.endpoint(house, receiver.url + "/test", mode="test")
    await (await start(client, house)).leave()
    await acme.dispatch(house)
    await db.transaction(lambda: sql.execute("UPDATE event SET dispatched_at = NULL"))
    await acme.dispatch(house)
    await acme.deliver(house)

    assert sorted(got.json["type"] for got in receiver.got) == ["redemption.handed_over", "session.started"]
    assert {got.path for got in receiver.got} == {"/hook"}


@on_sqlite
async def test_what_is_erased_is_told_as_null(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """The payload is filled when it is sent: what the vault no longer knows, nobody hears."""
    await acme.endpoint(house, receiver.url, "session.started")
    await start(client, house)
    await acme.dispatch(house)
    await db.transaction(lambda: sql.execute("DELETE FROM customer_vault"))
    await acme.deliver(house)

    data = receiver.got[0].json["data"]
    assert (data["customer"]["id"], data["subscription"]["id"]) == (None, None)
    assert data["customer"]["reference"]


async def waiting(client: httpx.AsyncClient, house: House, *urls: str) -> list[UUID]:
    """Endpoints, each with one delivery that is due."""
    made = [(await acme.endpoint(house, url, "session.started"))[0] for url in urls]
    await start(client, house)
    await acme.dispatch(house)
    return made


async def test_a_failing_endpoint_is_tried_for_three_days(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Ten attempts on the published schedule under one id; then the endpoint is marked failing, and nothing is lost."""
    (endpoint,) = await waiting(client, house, receiver.url)
    receiver.status, now, began, waits = 500, clock.now(), clock.now(), []
    (one,) = await acme.listed(house, endpoint)
    while one.state == "waiting":
        await acme.deliver(house, now)
        await acme.deliver(house, now)  # nothing is due yet
        (one,) = await acme.listed(house, endpoint)
        waits.append(one.not_before - now)
        now = max(now, one.not_before)

    assert (one.state, len(one.log), len(receiver.got)) == ("failed", 10, 10)
    assert {attempt.status for attempt in one.log} == {500}
    assert all(d <= wait <= d * 1.1 for d, wait in zip(schedule.DELAYS[1:], waits, strict=False))
    assert timedelta(hours=75) <= now - began <= timedelta(hours=84)
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 10
    assert await acme.disabled_because(endpoint) == "failing"


@on_sqlite
async def test_one_bad_message_does_not_condemn_an_endpoint(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """It is failing only if nothing arrived in all that time."""
    (endpoint,) = await waiting(client, house, receiver.url)
    receiver.status = 500
    await acme.deliver(house)
    await db.transaction(lambda: sql.execute("UPDATE webhook_delivery SET attempts = 9"))
    receiver.status = 200
    await db.transaction(lambda: courier.test(house.id, endpoint, clock.now()))
    await acme.deliver(house)
    receiver.status = 500
    await acme.deliver(house, clock.now() + timedelta(days=3))

    assert [(one.state, one.event_kind) for one in await acme.listed(house, endpoint)] == [
        ("failed", "session.started"),
        ("delivered", "webhook.test"),
    ]
    assert await acme.disabled_because(endpoint) is None


@on_sqlite
async def test_gone_disables_and_a_redirect_is_a_failure(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """410 means never again; 302 is not followed, not even to an address that would be allowed."""
    async with receiving(status=410) as gone, receiving(status=302, headers={"location": receiver.url}) as moved:
        first, second = await waiting(client, house, gone.url, moved.url)
        await acme.deliver(house)
        (refused,), (redirected,) = await acme.listed(house, first), await acme.listed(house, second)
        await start(client, house, subscription={"id": "sub_10"})
        await acme.dispatch(house)

        assert (refused.state, redirected.state) == ("failed", "waiting")
        assert (redirected.log[0].status, redirected.log[0].problem) == (302, "redirect")
        assert (await acme.disabled_because(first), await acme.disabled_because(second)) == ("gone", None)
        assert receiver.got == []
        assert len(await acme.listed(house, first)) == 1


@on_sqlite
async def test_a_receiver_may_ask_for_more_time(client: httpx.AsyncClient, house: House, receiver: Receiver) -> None:
    """`Retry-After` moves the next attempt, never forward."""
    (endpoint,) = await waiting(client, house, receiver.url)
    receiver.status, receiver.headers, now = 503, {"retry-after": "120"}, clock.now()
    await acme.deliver(house, now)
    (one,) = await acme.listed(house, endpoint)
    receiver.status, receiver.headers = 200, {}
    await acme.deliver(house, now + 119 * SECOND)
    early = len(receiver.got)
    await acme.deliver(house, now + 120 * SECOND)

    assert one.not_before - now == 120 * SECOND
    assert (early, len(receiver.got)) == (1, 2)


async def test_a_dead_endpoint_keeps_nobody_waiting(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """One takes the connection and never answers; the other has its ten events while the first still holds on."""
    async with receiving(hangs=True) as dead:
        await acme.endpoint(house, dead.url, "session.started")
        await acme.endpoint(house, receiver.url, "session.started")
        lanes = courier.lanes(house.installation)
        for number in range(10):
            await start(client, house, subscription={"id": f"sub_{number}"})
        await acme.dispatch(house)
        await lanes.look()
        async with asyncio.timeout(5):
            while len(receiver.got) < 10:
                await lanes.look()
                await asyncio.sleep(0.01)
        held = len(dead.got)
        dead.release.set()
        await lanes.idle()

        assert held == deliveries.AT_ONCE
        assert len(dead.got) == 10
        assert await count("webhook_delivery", "state = 'delivered'") == 20


@on_sqlite
async def test_a_replay_is_the_same_message_at_another_time(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """The receiver knows it by its id; the signature is of the new attempt."""
    endpoint, secret = await acme.endpoint(house, receiver.url, "session.started")
    await start(client, house)
    await acme.dispatch(house)
    await acme.deliver(house)
    (one,) = await acme.listed(house, endpoint)
    await db.transaction(lambda: deliveries.replay(house.id, one.id, clock.now()))
    await acme.deliver(house, clock.now() + 2 * SECOND)

    first, again = receiver.got
    assert first.id == again.id
    assert first.headers["webhook-timestamp"] < again.headers["webhook-timestamp"]
    assert first.verified(secret)["data"] == again.verified(secret)["data"]
    assert len((await acme.listed(house, endpoint))[0].log) == 2


@on_sqlite
async def test_both_secrets_sign_while_one_is_replaced(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """For a day a receiver may verify with either; afterwards only with the new one."""
    endpoint, old = await acme.endpoint(house, receiver.url, "session.started")
    workspace, now = await house.settings(), clock.now()
    await start(client, house)
    await acme.dispatch(house)
    new, until = await db.transaction(lambda: endpoints.rotate(workspace, endpoint, now))
    await acme.deliver(house)
    during = receiver.got[0]

    assert until - now == timedelta(days=1)
    assert len(during.headers["webhook-signature"].split()) == 2
    assert during.verified(old) == during.verified(new)
    assert await endpoints.find_secrets(workspace, endpoint, until) == [new]
    assert old != new


async def test_what_was_lost_with_its_sender_is_sent_again(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """After the lease; whoever lost it has no say any more."""
    (endpoint,) = await waiting(client, house, receiver.url)
    now = clock.now()
    (claimed,) = await db.transaction(lambda: deliveries.claim(endpoint, now))
    await acme.deliver(house, now + deliveries.LEASE - SECOND)
    during_lease = len(receiver.got)
    await acme.deliver(house, now + deliveries.LEASE)
    late = attempts.failed("timeout", now)
    await db.transaction(lambda: deliveries.settle(claimed, late, now + deliveries.LEASE))

    assert (during_lease, len(receiver.got)) == (0, 1)
    assert [one.state for one in await acme.listed(house, endpoint)] == ["delivered"]


async def test_two_couriers_carry_each_delivery_once(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Several processes on PostgreSQL, several turns on SQLite: claims keep them apart."""
    (endpoint,) = await waiting(client, house, receiver.url)
    for number in range(20, 28):
        await start(client, house, subscription={"id": f"sub_{number}"})
    await acme.dispatch(house)
    await asyncio.gather(*(courier.send_due(house.installation, endpoint, clock.now) for _ in range(3)))

    assert len(receiver.got) == 9
    assert len({got.id for got in receiver.got}) == 9


@on_sqlite
async def test_a_disabled_endpoint_goes_on_where_it_stopped(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """What waits stays, and leaves once it is enabled; what happens meanwhile is not for it."""
    (endpoint,) = await waiting(client, house, receiver.url)
    await db.transaction(lambda: endpoints.change(house.id, endpoint, clock.now(), enabled=False))
    await start(client, house, subscription={"id": "sub_10"})
    await acme.dispatch(house)
    await acme.deliver(house)
    meanwhile = len(receiver.got)
    await db.transaction(lambda: endpoints.change(house.id, endpoint, clock.now(), enabled=True))
    await acme.deliver(house)

    assert (meanwhile, len(receiver.got)) == (0, 1)
    assert await acme.disabled_because(endpoint) is None


async def test_deliveries_are_forgotten_after_thirty_days(
    client: httpx.AsyncClient, house: House, receiver: Receiver
) -> None:
    """Those that were settled; what still waits is kept."""
    await waiting(client, house, receiver.url)
    later = clock.now() + timedelta(days=31)
    kept = await deliveries.forget_old(later)
    await acme.deliver(house)

    assert kept == 0
    assert (await deliveries.forget_old(clock.now()), await deliveries.forget_old(later)) == (0, 1)
    assert await events.find_latest() is not None
