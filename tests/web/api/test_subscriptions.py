"""Subscriptions from the operator's server: who is there now, and the history of one."""

import httpx

from aurevoir.access import keys
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.source import Page, StateTold
from aurevoir.kit import clock, db
from aurevoir.subscriptions import service as subscriptions
from aurevoir.worker import Worker
from tests.cast import DANA
from tests.house import House, on_sqlite
from tests.subscriptions.telling import ACTIVE, LEFT, day, gone, held, paid
from tests.visits import start

pytestmark = on_sqlite
SUBSCRIPTIONS = "/api/v1/subscriptions"


async def told(house: House, page: Page) -> None:
    """Billing tells of it."""
    workspace = await house.settings()
    await db.transaction(lambda: subscriptions.record(workspace, "live", "stripe", page))


def of(number: int) -> StateTold:
    """Somebody else's subscription."""
    return StateTold(
        subscription=SubscriptionRef(f"cus_{number}", f"sub_x{number}"), state=ACTIVE, since=day(0), told_at=day(0)
    )


async def test_the_present_states_come_in_pages(client: httpx.AsyncClient, house: House) -> None:
    """Each subscription once, under its pseudonym; a status may be asked for."""
    await told(house, Page(states=(*(of(number) for number in range(5)), held(ACTIVE, 0), held(LEFT, 20))))
    pages, cursor = [], None
    while True:
        asked = {"limit": "4"} | ({"cursor": cursor} if cursor else {})
        body = (await client.get(SUBSCRIPTIONS, params=asked, headers=house.operator)).json()
        pages.append(body["data"])
        if (cursor := body["next"]) is None:
            break
    gone = (await client.get(SUBSCRIPTIONS, params={"status": "cancelled"}, headers=house.operator)).json()["data"]
    every = [one for page in pages for one in page]

    assert [len(page) for page in pages] == [4, 2]
    assert len({one["subscription"] for one in every}) == 6
    assert [(one["status"], one["mrr"]) for one in gone] == [("cancelled", 0)]
    assert "sub_x" not in str(every)


async def test_one_is_found_by_the_operators_own_id(client: httpx.AsyncClient, house: House) -> None:
    """With its states from the beginning, its payments, and an exit that was imported."""
    await told(
        house, Page(states=(held(ACTIVE, 0), held(ACTIVE, 5), held(LEFT, 20)), payments=(paid(),), exits=(gone(),))
    )
    reply = await client.get(f"{SUBSCRIPTIONS}/{DANA.subscription}", headers=house.operator)
    body = reply.json()

    assert reply.status_code == 200
    # Told again on the fifth day, it is one period.
    assert [(one["status"], one["valid_from"]) for one in body["states"]] == [
        ("active", "2026-01-01T00:00:00Z"),
        ("cancelled", "2026-01-21T00:00:00Z"),
    ]
    assert [(one["reference"], one["status"], one["amount"]) for one in body["payments"]] == [("in_1", "paid", 2900)]
    assert [(one["channel"], one["category"], one["comment"]) for one in body["exits"]] == [
        ("imported", "too_expensive", "It was nice.")
    ]
    assert body["subscription"]["declared_at"] is None


async def test_an_unknown_one_is_not_found(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Nor is another workspace's, nor one of the other mode."""
    await told(house, Page(states=(held(ACTIVE, 0),)))
    replies = [
        await client.get(f"{SUBSCRIPTIONS}/nobody", headers=house.operator),
        await client.get(f"{SUBSCRIPTIONS}/{DANA.subscription}", headers=globex.operator),
        await client.get(f"{SUBSCRIPTIONS}/{DANA.subscription}", params={"mode": "test"}, headers=house.operator),
    ]

    assert [reply.status_code for reply in replies] == [404, 404, 404]


async def test_it_needs_its_scope(client: httpx.AsyncClient, house: House) -> None:
    """A key for sessions sees no subscriptions."""
    key = await db.transaction(lambda: keys.create_api_key(house.id, "x", ("sessions",), clock.now()))
    reply = await client.get(SUBSCRIPTIONS, headers={"Authorization": f"Bearer {key}"})

    assert reply.status_code == 403


async def test_what_a_customer_declares_here_is_noted_with_her_subscription(
    client: httpx.AsyncClient, house: House
) -> None:
    """With the category of her reason; taken back, it is as if never said. An end that billing tells of is hers."""
    visit = await (await start(client, house)).answer("too_expensive")
    await visit.leave()
    await Worker(house.installation).look(clock.now())
    first = (await client.get(f"{SUBSCRIPTIONS}/{DANA.subscription}", headers=house.operator)).json()
    ended = StateTold(subscription=held(LEFT, 0).subscription, state=LEFT, since=clock.now(), told_at=clock.now())
    await told(house, Page(states=(ended,)))
    second = (await client.get(f"{SUBSCRIPTIONS}/{DANA.subscription}", headers=house.operator)).json()

    assert (first["subscription"]["declared_reason"], first["states"]) == ("too_expensive", [])
    assert first["subscription"]["declared_at"] is not None
    assert [(one["ended_by"], one["reason_code"]) for one in second["states"]] == [("customer", "too_expensive")]
