"""Experiments from the operator's server."""

from collections.abc import AsyncIterator

import httpx
import pytest

from aurevoir.flows import experiments, starters, variants
from aurevoir.flows import service as flows
from aurevoir.kit import clock, db, sql
from tests.house import House, count, on_sqlite
from tests.visits import START, Visit, start

pytestmark = on_sqlite
EXPERIMENTS = "/api/v1/experiments"
HOLDOUT = {
    "key": "first",
    "kind": "holdout",
    "arms": [{"name": "holdout", "share": 10}, {"name": "offers", "share": 90}],
}

HALVES = [{"name": "holdout", "share": 50}, {"name": "offers", "share": 50}]


@pytest.fixture(autouse=True)
async def _forgetful(database: object) -> AsyncIterator[None]:
    """Other tests ran other experiments."""
    yield
    experiments.forget_cached()


async def test_an_experiment_is_started_watched_and_stopped(client: httpx.AsyncClient, house: House) -> None:
    """What was started stands there as it was; stopped twice, it is stopped once."""
    key = {"Idempotency-Key": "one"}
    made = [await client.post(EXPERIMENTS, json=HOLDOUT, headers=house.operator | key) for _ in range(2)]
    await db.transaction(lambda: experiments.assigned(house.id, "d" * 32, clock.now()))
    shown = (await client.get(f"{EXPERIMENTS}/first", headers=house.operator)).json()
    stopped = [await client.post(f"{EXPERIMENTS}/first/stop", headers=house.operator) for _ in range(2)]
    (listed,) = (await client.get(EXPERIMENTS, headers=house.operator)).json()["data"]

    assert [reply.status_code for reply in made + stopped] == [201, 201, 204, 204]
    assert made[0].json() == made[1].json()
    assert sum(arm["subscriptions"] for arm in shown["counts"]) == 1
    assert [arm["arm"] for arm in shown["counts"]] == ["holdout", "offers"]
    assert listed["stopped_at"]
    assert listed["arms"] == made[0].json()["arms"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"arms": [{"name": "holdout", "share": 10}, {"name": "offers", "share": 80}]}, 422),
        ({"arms": [{"name": "holdout", "share": 0}, {"name": "offers", "share": 100}]}, 422),
        ({"arms": [{"name": "holdout", "share": 50.5}, {"name": "offers", "share": 49.5}]}, 422),
        ({"kind": "price"}, 422),
        ({"kind": "flow", "subject": "nobody_wrote_it"}, 422),
        ({"salt": "mine"}, 422),
        ({"key": "First!"}, 422),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    client: httpx.AsyncClient, house: House, changes: dict[str, object], status: int
) -> None:
    """With what is wrong and where; nothing is written."""
    reply = await client.post(EXPERIMENTS, json=HOLDOUT | changes, headers=house.operator)

    assert reply.status_code == status, reply.text
    assert reply.json()["error"]["problems"]
    assert await count("experiment") == 0


async def test_who_is_held_out_sees_no_offer_and_leaves_as_easily(client: httpx.AsyncClient, house: House) -> None:
    """The same survey, then the confirmation where others see an offer; never more presses to the receipt."""
    await flows.load(house.id, starters.starter("saas_classic"), "test", clock.now(), publish_it=True)
    await client.post(EXPERIMENTS, json=HOLDOUT | {"arms": HALVES}, headers=house.operator)
    seen: dict[str, set[tuple[str, ...]]] = {"holdout": set(), "offers": set()}
    for number in range(40):
        if all(seen.values()):
            break
        token = house.token(subscription={"id": f"sub_{number}"}, sub=f"cus_{number}", country="US", region="CA")
        began = await client.post(START, json={"token": token, "flow": "saas_classic"})
        visit = Visit(client, began.json())
        kinds = [visit.screen["kind"], (await visit.answer("too_expensive")).screen["kind"]]
        presses = 0
        while visit.screen["kind"] != "receipt":
            await visit.move("cancel")
            presses += 1
        arm = await sql.fetch_one("SELECT arm FROM assignment ORDER BY id DESC LIMIT 1")
        assert arm is not None
        seen[arm["arm"]].add((*kinds, str(presses)))

    assert seen == {"holdout": {("choice", "confirm", "1")}, "offers": {("choice", "offer", "2")}}


async def test_nobody_reads_or_stops_anothers(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Charlie neither sees Acme's experiment nor ends it."""
    await client.post(EXPERIMENTS, json=HOLDOUT, headers=house.operator)
    listed = (await client.get(EXPERIMENTS, headers=globex.operator)).json()
    replies = [
        await client.get(f"{EXPERIMENTS}/first", headers=globex.operator),
        await client.post(f"{EXPERIMENTS}/first/stop", headers=globex.operator),
    ]

    assert listed == {"data": [], "next": None, "suggestion": None}
    assert [reply.status_code for reply in replies] == [404, 404]
    assert await count("experiment", "stopped_at IS NULL") == 1


async def test_a_holdout_is_suggested_once_there_is_enough_to_learn(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From so many episodes a month on (four stand for two hundred), and not while one runs."""
    monkeypatch.setattr(variants, "ENOUGH_EPISODES", 4)
    suggestions = []
    for number in range(4):
        suggestions.append((await client.get(EXPERIMENTS, headers=house.operator)).json()["suggestion"])
        await (await start(client, house, subscription={"id": f"sub_{number}"})).answer("other")
    suggestions.append((await client.get(EXPERIMENTS, headers=house.operator)).json()["suggestion"])
    await client.post(EXPERIMENTS, json=HOLDOUT, headers=house.operator)
    suggestions.append((await client.get(EXPERIMENTS, headers=house.operator)).json()["suggestion"])

    assert [bool(one) for one in suggestions] == [False, False, False, False, True, False]
    assert (suggestions[4]["share"], suggestions[4]["episodes"]) == (5, 12)
