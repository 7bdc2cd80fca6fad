"""Bad customer tokens at the two doors they come in by: the widget API and the hosted pages."""

from functools import partial
from typing import Any

import httpx
import pytest

from aurevoir.kit import sql
from tests.access.bad_tokens import BAD, CANARY, EXPIRED, Make
from tests.access.forging import Forge, forge_of
from tests.house import House, KeyName, on_sqlite
from tests.visits import START


def with_kid(kid: str, forge: Forge) -> str:
    """Signed by Acme's key, under another name."""
    return forge.token({"kid": kid})


KIDS: dict[str, Make] = {
    "unknown": partial(with_kid, "live_000000000000"),
    "empty": partial(with_kid, ""),
    "traversal": partial(with_kid, "../../../../etc/passwd"),
    "sql": partial(with_kid, "' OR '1'='1"),
    "sql_comment": partial(with_kid, "live_%' --"),
    "nul": partial(with_kid, "live_\x00"),
    "surrogate": partial(with_kid, "live_\ud800"),
    "long": partial(with_kid, "x" * 61),
    "upper_case": partial(with_kid, "LIVE_1"),
}


async def everything_sent(client: httpx.AsyncClient, forge: Forge) -> dict[str, httpx.Response]:
    """The whole table, through the widget API."""
    table = BAD | EXPIRED | KIDS
    return {name: await client.post(START, json={"token": make(forge)}) for name, make in table.items()}


@pytest.mark.parametrize("key", ["live", "eddsa"])
async def test_every_bad_token_gets_the_one_error(client: httpx.AsyncClient, house: House, key: KeyName) -> None:
    """401, the one shape, a code to program against; never a 500, and nothing begun."""
    replies = await everything_sent(client, forge_of(house, key))
    codes = {name: (reply.status_code, reply.json()["error"]["code"]) for name, reply in replies.items()}
    strange = {name: code for name, code in codes.items() if code != (401, "invalid_token") and name not in EXPIRED}

    assert strange == {}
    assert {codes[name] for name in EXPIRED} == {(401, "token_expired")}
    assert all(reply.json().keys() == {"error"} for reply in replies.values())
    assert {frozenset(reply.json()["error"]) for reply in replies.values()} == {
        frozenset({"code", "message", "problems", "request_id"})
    }
    assert {reply.headers["www-authenticate"] for reply in replies.values()} == {"Bearer"}
    assert await sql.fetch_all("SELECT id FROM session") == []
    assert await sql.fetch_all("SELECT id FROM event WHERE kind LIKE 'session%'") == []


@on_sqlite
async def test_the_token_is_never_echoed(client: httpx.AsyncClient, house: House) -> None:
    """Not whole, not in part: neither the answer's body nor its headers hold any of it."""
    forge = forge_of(house)
    for make in (BAD | KIDS).values():
        token = make(forge)
        for reply in (
            await client.post(START, json={"token": token}),
            await client.post("/exit/start", data={"token": token}),
        ):
            told = reply.text + str(reply.headers)

            assert not [part for part in token.split(".") if len(part) > 8 and part in told]
            assert CANARY not in told


@on_sqlite
async def test_the_hosted_door_refuses_with_a_page(client: httpx.AsyncClient, house: House) -> None:
    """A person with a browser gets a page that says what to do, with the same status and code."""
    forge = forge_of(house)
    for name, make in (BAD | KIDS | EXPIRED).items():
        reply = await client.post("/exit/start", data={"token": make(forge)})

        assert reply.status_code == 401, name
        assert reply.headers["content-type"].startswith("text/html")
        assert ("token_expired" if name in EXPIRED else "invalid_token") in reply.text
    assert await sql.fetch_all("SELECT id FROM session") == []


@on_sqlite
async def test_a_key_of_another_workspace_opens_nothing(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Charlie's key signs for Globex only, whatever its tokens say."""
    as_acme = globex.token(iss=house.iss)
    with_acmes_kid = forge_of(globex).token({"kid": house.signing["live"].kid}, iss=house.iss)

    for token in (as_acme, with_acmes_kid):
        assert (await client.post(START, json={"token": token})).json()["error"]["code"] == "invalid_token"


@on_sqlite
async def test_a_test_key_signs_no_live_token(client: httpx.AsyncClient, house: House) -> None:
    """The mode belongs to the key; a token can only repeat it."""
    reply = await client.post(START, json={"token": house.token("test", mode="live")})

    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_token")


@on_sqlite
@pytest.mark.parametrize("where", ["query", "cookie"])
async def test_a_token_counts_only_in_the_body(client: httpx.AsyncClient, house: House, where: str) -> None:
    """Addresses end up in logs and histories: a token in one is not even looked at."""
    token = house.token()
    sent: dict[str, Any] = (
        {"params": {"token": token}} if where == "query" else {"headers": {"Cookie": f"token={token}"}}
    )
    replies = [await client.post(START, json={}, **sent), await client.post("/exit/start", data={}, **sent)]

    assert [reply.status_code for reply in replies] == [422, 422]
    assert await sql.fetch_all("SELECT id FROM session") == []


@on_sqlite
async def test_good_tokens_of_every_kind_open_a_session(client: httpx.AsyncClient, house: House) -> None:
    """HS256 and EdDSA, live and test, with extra claims and a list of audiences."""
    tokens = [
        house.token("live", subscription={"id": "s1"}, aud=["aurevoir", "billing"]),
        house.token("eddsa", subscription={"id": "s2"}, unknown={"any": ["thing"]}),
        house.token("test", subscription={"id": "s3"}),
    ]
    replies = [await client.post(START, json={"token": token}) for token in tokens]

    assert [reply.status_code for reply in replies] == [201, 201, 201]
    assert [reply.json()["session"]["mode"] for reply in replies] == ["live", "live", "test"]
