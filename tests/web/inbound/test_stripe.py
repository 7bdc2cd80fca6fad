"""Stripe's webhooks: signed or refused, kept once, and believed only after reading again."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
import pytest
import stripe

from aurevoir.access import workspaces
from aurevoir.billing import provider_events, snapshots
from aurevoir.billing.adapters.stripe import inbound
from aurevoir.kit import clock, db, ids, sql
from aurevoir.offers import service as offers
from aurevoir.web.inbound.stripe import MOST_BYTES
from tests.billing.stripe_fake import webhooks
from tests.cast import DANA
from tests.house import House, count
from tests.visits import start

SECRET = "whsec_for_tests_only"
Post = Callable[..., Any]


def told(name: str = "evt_1", subscription: str = DANA.subscription, **changes: Any) -> dict[str, Any]:
    """An event of the SDK's version about a subscription."""
    about = {"id": subscription, "object": "subscription", "status": "a lie"}
    event = {"id": name, "type": "customer.subscription.updated", "api_version": stripe.api_version}
    return event | {"object": "event", "data": {"object": about}} | changes


@pytest.fixture
async def acme(house: House) -> House:
    """Acme, whose billing is at Stripe."""
    await house.connect("stripe", api_key="sk_test_1", webhook_secret=SECRET)
    return house


@pytest.fixture
def post(acme: House, client: httpx.AsyncClient) -> Post:
    """Stripe posts an event; the status of the answer."""

    async def posted(
        event: dict[str, Any] | None = None, *, secret: str = SECRET, at: datetime | None = None, connection: str = ""
    ) -> int:
        row = await sql.fetch_one("SELECT id FROM gateway_connection")
        assert row
        headers, body = webhooks.signed(event or told(), secret, int((at or clock.now()).timestamp()))
        where = connection or UUID(str(row["id"])).hex
        return (await client.post(f"/inbound/stripe/{where}", content=body, headers=headers)).status_code

    return posted


async def take_up(house: House) -> int:
    """What the worker does about them."""
    workspace_of = partial(workspaces.get, house.installation.keyring)
    return await provider_events.take_up(workspace_of, offers.wake, clock.now())


async def test_an_event_is_kept_once_before_it_is_answered(post: Post) -> None:
    """Sent twice, it stands there once, sealed; both times the answer is 200."""
    answers = [await post(), await post(), await post(told("evt_2"))]
    row = await sql.fetch_one("SELECT * FROM provider_event WHERE event_id = 'evt_1'")

    assert answers == [200, 200, 200]
    assert await count("provider_event") == 2
    assert row
    assert row["processed_at"] is None
    assert DANA.subscription.encode() not in bytes(row["sealed"])


@pytest.mark.parametrize("seconds", [-301, 302])
async def test_what_is_not_of_this_moment_is_refused(post: Post, seconds: int) -> None:
    """Too old, or from the future: somebody may be repeating it, or has the wrong clock."""
    assert await post(at=clock.now() + timedelta(seconds=seconds)) == 400
    assert await post(at=clock.now() + timedelta(seconds=seconds * 0.9)) == 200
    assert await count("provider_event") == 1


async def test_who_cannot_sign_is_refused(post: Post, acme: House, client: httpx.AsyncClient) -> None:
    """Another secret, no signature, a changed body, nonsense in the header."""
    address = await sql.fetch_one("SELECT id FROM gateway_connection")
    assert address
    headers, body = webhooks.signed(told(), SECRET, int(clock.now().timestamp()))
    path = f"/inbound/stripe/{address['id']}"
    signature = headers["Stripe-Signature"]
    tried = ["", "t=,v1=", "t=²,v1=ä", signature.replace("v1=", "v0="), signature[:-1], f"t={10**30}{signature[12:]}"]
    answers = [(await client.post(path, content=body, headers=_signed(one))) for one in tried]
    changed = await client.post(path, content=body + b" ", headers=headers)

    assert await post(secret="whsec_other") == 400
    assert {one.status_code for one in (*answers, changed)} == {400}
    assert changed.json()["error"]["code"] == "signature_invalid"
    assert await count("provider_event") == 0


def _signed(signature: str) -> list[tuple[bytes, bytes]]:
    return [(b"Stripe-Signature", signature.encode("latin-1", "replace"))]


async def test_only_a_stripe_connection_has_an_address(post: Post, acme: House) -> None:
    """Unknown, misspelt, or of another gateway: there is nothing here."""
    assert [await post(connection=one) for one in (ids.new_id().hex, "x", "0" * 33)] == [404, 404, 404]
    await acme.connect("manual")
    assert await post() == 404


async def test_a_body_may_be_only_so_large(post: Post) -> None:
    """Refused before it is looked at."""
    assert await post(told(note="x" * MOST_BYTES)) == 413
    assert await count("provider_event") == 0


async def test_what_is_signed_but_no_event_is_refused(post: Post) -> None:
    """Nothing is kept that could not be taken up later."""
    assert await post({"id": "evt_1"}) == 400
    assert await post(told("e" * 121)) == 400
    assert await post(told(data=[])) == 400
    assert await count("provider_event") == 0


async def test_an_event_of_another_version_is_put_aside(post: Post, acme: House) -> None:
    """Its shape may be another one: 200 so that it is not repeated, and a note for the operator."""
    assert await post(told(api_version="2025-09-30.clover")) == 200
    assert await take_up(acme) == 0
    assert await count("provider_event", "problem = 'api_version' AND processed_at IS NOT NULL") == 1


@pytest.mark.parametrize("parent", ["inv_1", [], {"subscription_details": "sub_9"}, None])
async def test_an_event_of_an_odd_shape_holds_up_nothing(post: Post, acme: House, parent: Any) -> None:
    """It is about nothing that we know; those after it are taken up."""
    about = {"object": "invoice", "parent": parent}
    await post(told("evt_odd", data={"object": about}))
    await post(told("evt_next"))

    assert await take_up(acme) == 2
    assert await count("provider_event", "processed_at IS NULL") == 0


async def test_an_event_that_cannot_be_opened_holds_up_nothing(post: Post, acme: House) -> None:
    """It is put aside with a note."""
    await post(told("evt_broken"))
    await db.transaction(lambda: sql.execute("UPDATE provider_event SET sealed = $1", b"x" * 40))
    await post(told("evt_next"))

    assert await take_up(acme) == 2
    assert await count("provider_event", "problem = 'unreadable' AND processed_at IS NOT NULL") == 1


async def test_an_event_wakes_what_waits_and_has_the_snapshot_read_again(
    post: Post, acme: House, client: httpx.AsyncClient
) -> None:
    """Late, twice or in the wrong order: what it says is not used, only whom it is about."""
    now = clock.now()
    visit = await (await start(client, acme)).leave()
    row = await sql.fetch_one("SELECT workspace_id, subscription FROM session")
    assert row
    later = now + timedelta(hours=1)
    await db.transaction(lambda: sql.execute("UPDATE redemption SET state = 'unknown', not_before = $1", later))
    for name in ("evt_2", "evt_1", "evt_2"):
        await post(told(name))
    await post(told("evt_3", "sub_of_nobody"))
    await post(told("evt_4", data={"object": {"object": "charge", "id": "ch_1"}}))
    taken = await take_up(acme)

    assert visit.state == "leaving"
    assert taken == 4
    assert await take_up(acme) == 0
    assert await count("redemption", "not_before < $1", later) == 1
    assert await count("billing_snapshot") == 0
    await db.transaction(lambda: snapshots.want(acme.id, "live", row["subscription"], now))
    await db.transaction(lambda: sql.execute("UPDATE billing_snapshot SET problem = NULL"))
    await post(told("evt_5"))
    await take_up(acme)
    assert await count("billing_snapshot", "problem = 'wanted'") == 1


async def test_old_events_are_let_go(post: Post, acme: House) -> None:
    """A month after they were taken up; never before."""
    await post()
    now = clock.now()
    assert await provider_events.forget_old(now + timedelta(days=90)) == 0
    await take_up(acme)
    assert await provider_events.forget_old(now + timedelta(days=29)) == 0
    assert await provider_events.forget_old(now + timedelta(days=31)) == 1


def test_signatures_are_those_of_stripes_own_library() -> None:
    """What its library accepts we accept, and what our fake signs its library accepts."""
    headers, body = webhooks.signed(told(), SECRET, int(clock.now().timestamp()))
    signature = headers["Stripe-Signature"]
    event = stripe.Webhook.construct_event(body, signature, SECRET)

    assert event.id == "evt_1"
    assert inbound.is_genuine(SECRET, signature, body, clock.now())
    assert not inbound.is_genuine("whsec_other", signature, body, clock.now())
    assert json.loads(body) == told()


@pytest.mark.parametrize(
    ("about", "subscription"),
    [
        ({"object": "subscription", "id": "sub_1"}, "sub_1"),
        ({"object": "invoice", "parent": {"subscription_details": {"subscription": "sub_1"}}}, "sub_1"),
        ({"object": "invoice", "parent": None}, None),
        ({"object": "subscription_schedule", "subscription": None, "released_subscription": "sub_1"}, "sub_1"),
        ({"object": "charge", "id": "ch_1"}, None),
        ({"object": "subscription", "id": 7}, None),
        (None, None),
    ],
)
def test_an_event_tells_whom_it_is_about(about: Any, subscription: str | None) -> None:
    """Of the objects that have to do with a subscription."""
    event = inbound.Told(id="evt_1", type="x", data={"object": about})

    assert inbound.subscription_of(event) == subscription
