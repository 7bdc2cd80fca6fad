"""`Idempotency-Key`: an unsafe call repeated gets the answer it was given before."""

from typing import Any

import httpx
import pytest

from tests.house import House, count, facts, on_sqlite

pytestmark = on_sqlite
SESSIONS = "/api/v1/sessions"


async def create(client: httpx.AsyncClient, house: House, key: str, **changes: Any) -> httpx.Response:
    """A session, under an idempotency key."""
    return await client.post(SESSIONS, json=facts(**changes), headers=house.operator | {"Idempotency-Key": key})


async def test_a_repeated_call_gets_the_first_answer(client: httpx.AsyncClient, house: House) -> None:
    """Status and body to the byte; without a key the same call would say 200."""
    first, again = await create(client, house, "one"), await create(client, house, "one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["content-type"] == again.headers["content-type"]
    assert await count("session") == 1


async def test_a_key_used_for_something_else_is_a_conflict(client: httpx.AsyncClient, house: House) -> None:
    """Another body or another address under the same key is a mistake, and is told."""
    await create(client, house, "one")
    reply = await create(client, house, "one", sub="erin")

    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "idempotency_mismatch")
    assert await count("session") == 1


async def test_a_refused_call_may_be_repeated(client: httpx.AsyncClient, house: House) -> None:
    """What was not carried out was not answered: the mended call goes through under the same key."""
    refused = await create(client, house, "one", channel="agent", reason="bad_weather")
    mended = await create(client, house, "one", channel="agent", reason="other")

    assert (refused.status_code, mended.status_code) == (422, 200)
    assert mended.json()["receipt"]


async def test_keys_belong_to_a_workspace(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Charlie using the same key gets his own answer."""
    mine, theirs = await create(client, house, "one"), await create(client, globex, "one")

    assert mine.json()["id"] != theirs.json()["id"]


async def test_the_kept_answer_is_sealed(client: httpx.AsyncClient, house: House) -> None:
    """It holds a token and a link."""
    made = (await create(client, house, "one")).json()

    assert await count("idempotency_key") == 1
    assert await count("idempotency_key", "instr(response, $1) > 0", made["token"]) == 0


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_a_length(client: httpx.AsyncClient, house: House, key: str) -> None:
    """1 to 255 characters."""
    assert (await create(client, house, key)).status_code == 422
