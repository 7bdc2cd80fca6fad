"""Charlie's key sees nothing of Acme's: every route of the operator API, with every foreign id."""

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar

from aurevoir.kit import clock
from aurevoir.worker import Worker
from tests.cast import DANA
from tests.house import House, count, facts, on_sqlite
from tests.visits import start
from tests.web.routes import handlers

pytestmark = on_sqlite
# Addresses that name what is somebody's.
FOREIGN = ("{session", "{redemption", "{receipt", "{key", "{subscription", "{customer")
# What a placeholder in an address may stand for, and a body where a call needs one.
BODIES: dict[str, dict[str, Any]] = {
    "/resolve": {"outcome": "done"},
    "/result": {"status": "applied"},
    "/rollback": {"version": 1},
    "/draft": {"source": "key: saas_short\n"},
}


@pytest.mark.usefixtures("globex")
async def test_charlies_key_sees_nothing_of_acmes(
    client: httpx.AsyncClient, house: House, globex: House, app: Litestar
) -> None:
    """Foreign ids are not found, lists are empty, and Acme's rows stay as they were."""
    visit = await (await start(client, house)).answer("other", answers={"comment": "Acme's secret"})
    await visit.leave()
    await Worker(house.installation).look(clock.now())
    (redemption,) = (await client.get("/api/v1/redemptions", headers=house.operator)).json()["data"]
    foreign = {
        "session": visit.session["id"],
        "redemption": redemption["id"],
        "receipt": visit.screen["receipt"]["id"],
        "subscription": DANA.subscription,
        "customer": DANA.id,
        "key": "acmes_own",
        "number": "1",
        "report": "reasons",
        "dataset": "sessions",
    }
    source = (await client.get("/api/v1/flows/saas_short/draft", headers=house.operator)).json()["source"]
    await client.post(
        "/api/v1/flows", json={"source": source.replace("key: saas_short", "key: acmes_own")}, headers=house.operator
    )
    before = await census()
    routes = [(method, path) for method, path, _ in handlers(app) if path.startswith("/api/v1")]
    leaks: list[tuple[str, str, Any]] = []
    for method, path in routes:
        address = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: foreign.get(found[1], "1"), path)
        body = next((body for end, body in BODIES.items() if path.endswith(end)), None)
        sent: dict[str, Any] = {"json": body} if body and method != "GET" else {}
        reply = await client.request(method, address, headers=globex.operator, **sent)
        named = any(name in path for name in FOREIGN)
        if named and method != "PUT" and reply.status_code != 404:
            leaks.append((method, path, reply.status_code))
        clear = (visit.session["id"], redemption["id"], "Acme's secret", DANA.id, house.iss)
        leaks += [(method, path, text) for text in clear if text in reply.text]

    assert len(routes) >= 12
    assert leaks == []
    assert await census() == before


async def census() -> dict[str, int]:
    """How many rows there are of whatever Charlie might have touched."""
    tables = ("session", "declaration", "receipt", "redemption", "flow", "flow_version")
    return {table: await count(table) for table in tables} | {
        "handed_over": await count("redemption", "state = 'handed_over'")
    }


async def test_the_same_ids_in_two_workspaces_are_two_customers(
    client: httpx.AsyncClient, house: House, globex: House
) -> None:
    """Charlie may have a customer of the same name: another pseudonym, another session."""
    mine = (await client.post("/api/v1/sessions", json=facts(), headers=house.operator)).json()
    theirs = (await client.post("/api/v1/sessions", json=facts(), headers=globex.operator)).json()
    listed = [(await client.get("/api/v1/sessions", headers=one.operator)).json()["data"] for one in (house, globex)]

    assert mine["id"] != theirs["id"]
    assert [len(one) for one in listed] == [1, 1]
    assert listed[0][0]["customer"] != listed[1][0]["customer"]


async def test_a_token_id_is_a_workspaces_own(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """The same `jti` in another workspace is another token."""
    first, second = await start(client, house, jti="one"), await start(client, globex, jti="one")

    assert (first.status, second.status) == (201, 201)
