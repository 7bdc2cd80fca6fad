"""CORS: which pages may call the widget API, on every answer, errors included."""

import httpx
import pytest

from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME, ACME_SHOP, EVIL_SHOP, GLOBEX
from tests.house import House, count, on_sqlite
from tests.visits import MOVES, SESSION, START, start

pytestmark = on_sqlite
ORIGIN = "access-control-allow-origin"


@pytest.mark.parametrize("path", [START, SESSION, MOVES])
async def test_a_preflight_of_a_listed_page_is_answered(client: httpx.AsyncClient, house: House, path: str) -> None:
    """The origin reflected, the methods and headers of the API, kept for two hours; never credentials."""
    headers = {
        "Origin": ACME_SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    reply = await client.options(path, headers=headers)

    assert reply.status_code in (200, 204)
    assert reply.headers[ORIGIN] == ACME_SHOP
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert {"authorization", "content-type"} <= {
        name.strip().lower() for name in reply.headers["access-control-allow-headers"].split(",")
    }
    assert reply.headers["access-control-max-age"] == "7200"
    assert "origin" in reply.headers["vary"].lower()
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize(
    "origin",
    [
        EVIL_SHOP,
        "null",
        "*",
        f"{ACME_SHOP}.evil.example",
        f"https://evil.example/{ACME_SHOP}",
        ACME_SHOP.replace("https", "http"),
        f"{ACME_SHOP}:8443",
        ACME_SHOP.upper(),
        f"{ACME_SHOP}/",
    ],
)
async def test_a_stranger_gets_no_permission(client: httpx.AsyncClient, house: House, origin: str) -> None:
    """Neither on a preflight nor on the real call, whose token was good."""
    preflight = await client.options(START, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    called = await client.post(START, json={"token": house.token()}, headers={"Origin": origin})

    assert ORIGIN not in preflight.headers
    assert (called.status_code, called.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert ORIGIN not in called.headers
    assert await count("session") == 0


async def test_the_real_call_asks_the_tokens_workspace(client: httpx.AsyncClient, settings: Settings) -> None:
    """A page of Globex is known, so it may read the refusal; it may not speak for Acme's customers."""
    acme = await houses.build(settings.installation, ACME)
    globex = await houses.build(settings.installation, GLOBEX, allowed_origins=["https://globex.example"])
    headers = {"Origin": "https://globex.example"}
    refused = await client.post(START, json={"token": acme.token()}, headers=headers)
    allowed = await client.post(START, json={"token": globex.token()}, headers=headers)

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "origin_not_allowed")
    assert refused.headers[ORIGIN] == "https://globex.example"
    assert (allowed.status_code, allowed.headers[ORIGIN]) == (201, "https://globex.example")


async def test_every_later_call_is_checked_too(client: httpx.AsyncClient, house: House) -> None:
    """A session token taken to another page is of no use there, and changes nothing."""
    visit = await start(client, house)
    headers = visit.headers | {"Origin": EVIL_SHOP}
    replies = [
        await client.get(SESSION, headers=headers),
        await client.post(MOVES, headers=headers, json={"kind": "cancel"}),
        await client.post(MOVES, headers=headers, json={"kind": "cancel", "step": "confirm"}),
    ]

    assert {(reply.status_code, reply.json()["error"]["code"]) for reply in replies} == {(403, "origin_not_allowed")}
    assert (await visit.look()).session["revision"] == 0


async def test_errors_can_be_read_by_the_page(client: httpx.AsyncClient, house: House) -> None:
    """Without the header a browser would show the script nothing but "failed"."""
    headers = {"Origin": ACME_SHOP}
    replies = [
        await client.post(START, json={"token": "x"}, headers=headers),
        await client.post(START, content=b"{", headers=headers | {"Content-Type": "application/json"}),
        await client.post(START, content=b"{}", headers=headers),
        await client.post(START, content=b"x" * 70_000, headers=headers | {"Content-Type": "application/json"}),
        await client.get(SESSION, headers=headers),
        await client.get("/widget/v1/nowhere", headers=headers),
        await client.put(START, headers=headers),
    ]

    assert [reply.status_code for reply in replies] == [401, 400, 415, 413, 401, 404, 405]
    assert {reply.headers[ORIGIN] for reply in replies} == {ACME_SHOP}


async def test_our_own_pages_may_call(client: httpx.AsyncClient, house: House) -> None:
    """The demo lives under the service's own address."""
    reply = await client.post(START, json={"token": house.token()}, headers={"Origin": "http://test"})

    assert reply.status_code == 201


async def test_programs_send_no_origin(client: httpx.AsyncClient, house: House) -> None:
    """CORS is about browsers: a phone app or a test needs no entry in a list."""
    reply = await client.post(START, json={"token": house.token()})

    assert reply.status_code == 201
    assert ORIGIN not in reply.headers


async def test_the_element_is_for_every_page(client: httpx.AsyncClient) -> None:
    """A public file: `*`, cached, also where an integrity hash asks for CORS."""
    reply = await client.get("/widget/v1/aurevoir.js", headers={"Origin": EVIL_SHOP})

    assert reply.status_code == 200
    assert reply.headers[ORIGIN] == "*"
    assert reply.headers["content-type"].startswith("text/javascript")
    assert reply.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("path", ["/api/v1/sessions", "/exit/start", "/health/live"])
async def test_nothing_else_speaks_cors(client: httpx.AsyncClient, house: House, path: str) -> None:
    """The operator API is for servers, and the pages are for people."""
    headers = {"Origin": ACME_SHOP, "Access-Control-Request-Method": "POST"}
    replies = [await client.options(path, headers=headers), await client.get(path, headers=headers)]

    assert not [reply for reply in replies if ORIGIN in reply.headers]
