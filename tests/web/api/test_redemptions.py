"""Redemptions from the operator's server: with the manual gateway they are the work list."""

import httpx
import pytest

from aurevoir.kit import clock
from aurevoir.worker import Worker
from tests.house import House, count, on_sqlite
from tests.visits import Visit, start

pytestmark = on_sqlite
REDEMPTIONS = "/api/v1/redemptions"


async def work(house: House) -> None:
    """The worker, until it finds nothing more to do."""
    worker = Worker(house.installation)
    while await worker.look(clock.now()):
        pass


async def handed_over(client: httpx.AsyncClient, house: House) -> tuple[Visit, str]:
    """Dana declared, and the order waits for Alice."""
    visit = await (await start(client, house)).leave()
    await work(house)
    listed = await client.get(REDEMPTIONS, params={"state": "handed_over"}, headers=house.operator)
    (only,) = listed.json()["data"]
    assert (only["kind"], only["gateway"], only["session_id"]) == ("cancel", "manual", visit.session["id"])
    return visit, only["id"]


@pytest.mark.parametrize(("outcome", "state"), [("done", "left"), ("refused", "needs_help")])
async def test_the_operator_says_what_became_of_it(
    client: httpx.AsyncClient, house: House, outcome: str, state: str
) -> None:
    """Said once or three times, the session hears it once; Dana keeps her receipt."""
    visit, redemption = await handed_over(client, house)
    receipt = visit.screen["receipt"]
    replies = [
        await client.post(f"{REDEMPTIONS}/{redemption}/resolve", json={"outcome": outcome}, headers=house.operator)
        for _ in range(3)
    ]
    await work(house)
    await visit.look()

    assert [(reply.status_code, reply.content) for reply in replies] == [(204, b"")] * 3
    assert (visit.state, visit.screen["receipt"]) == (state, receipt)
    assert await count("event", "kind IN ('session.left', 'session.needs_help')") == 1


async def test_what_was_refused_can_still_be_done(client: httpx.AsyncClient, house: House) -> None:
    """A person thought again: `needs_help` ends in `left`. What is done stays done."""
    visit, redemption = await handed_over(client, house)
    for outcome in ("refused", "done", "refused"):
        await client.post(f"{REDEMPTIONS}/{redemption}/resolve", json={"outcome": outcome}, headers=house.operator)
        await work(house)

    assert (await visit.look()).state == "left"
    assert await count("redemption", "state = 'confirmed'") == 1


async def test_an_order_is_carried_out_once(client: httpx.AsyncClient, house: House) -> None:
    """However often the worker looks."""
    await handed_over(client, house)
    for _ in range(3):
        await work(house)

    assert await count("event", "kind = 'redemption.handed_over'") == 1
    assert await count("redemption", "attempts = 1") == 1


@pytest.mark.parametrize("name", ["rdm_" + "0" * 32, "rdm_short", "ses_" + "0" * 32, "%00", "'"])
async def test_an_unknown_redemption_is_not_found(client: httpx.AsyncClient, house: House, name: str) -> None:
    """And nothing happens."""
    reply = await client.post(f"{REDEMPTIONS}/{name}/resolve", json={"outcome": "done"}, headers=house.operator)

    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")


async def test_the_list_pages(client: httpx.AsyncClient, house: House) -> None:
    """The newest first, each once; a made-up cursor or state is refused."""
    for number in range(3):
        await (await start(client, house, subscription={"id": f"s{number}"})).leave()
    first = (await client.get(REDEMPTIONS, params={"limit": 2}, headers=house.operator)).json()
    query = {"limit": 2, "cursor": first["next"]}
    second = (await client.get(REDEMPTIONS, params=query, headers=house.operator)).json()
    seen = [one["id"] for one in first["data"] + second["data"]]
    wrong: list[dict[str, str | int]] = [
        {"cursor": "x"},
        {"cursor": "é"},
        {"state": "lost"},
        {"limit": 0},
        {"limit": 101},
        {"limit": "many"},
    ]
    codes = [(await client.get(REDEMPTIONS, params=one, headers=house.operator)).status_code for one in wrong]

    assert len(set(seen)) == 3
    assert seen == sorted(seen, reverse=True)
    assert second["next"] is None
    assert all(400 <= code < 500 for code in codes)
