"""The work list: what was declared on legal forms, matched to a subscription or seen to by hand."""

from datetime import date, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.access.installation import Installation
from aurevoir.kit import clock, db, ids, sql
from aurevoir.legal_forms import fields, laws
from aurevoir.legal_forms import service as legal_forms
from aurevoir.sessions.ending import ending
from aurevoir.worker import Worker
from tests.house import House, count, on_sqlite

LIST = "/api/v1/declarations"
SUBSCRIPTION = {"id": "sub_9", "plan": "pro", "interval": "month", "renews_on": "2030-12-01", "notice_days": 14}
MATCH = {"customer": "cus_42", "subscription": SUBSCRIPTION}


async def declare(house: House, form: str = "de", days_ago: int = 0, **changes: str) -> str:
    """Somebody's declaration; its id."""
    law, workspace = laws.find(form, "en"), await house.settings()
    assert law is not None
    posted = {"name": "Dana", "contract": "K-1", "email": "dana@example.com"} | changes
    written = fields.written(fields.clean(law.fields, posted))
    now = clock.now() - timedelta(days=days_ago)
    made = await legal_forms.declare(workspace, law, written, ids.new_secret(), None, now)
    return ids.shown("dcl", made.id)


async def post(client: httpx.AsyncClient, house: House, path: str, body: Any, **headers: str) -> httpx.Response:
    """With the operator's key."""
    return await client.post(f"{LIST}/{path}", json=body, headers=house.operator | headers)


async def listed(client: httpx.AsyncClient, house: House, **query: Any) -> list[dict[str, Any]]:
    """A page of the list."""
    reply = await client.get(LIST, params=query, headers=house.operator)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["data"]
    return found


async def test_what_waits_is_listed_the_oldest_first_and_suspects_last(client: httpx.AsyncClient, house: House) -> None:
    """Page by page, in clear, each once."""
    names = [await declare(house, contract=f"K-{number}", email=f"d{number}@example.com") for number in range(5)]
    await db.transaction(
        lambda: sql.execute("UPDATE form_declaration SET is_suspect = true WHERE id = $1", ids.read("dcl", names[0]))
    )
    seen, cursor = [], None
    for _ in range(4):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(LIST, params=query, headers=house.operator)).json()
        seen += page["data"]
        cursor = page["next"]
        if cursor is None:
            break

    assert [one["id"] for one in seen] == [*names[1:], names[0]]
    assert [one["is_suspect"] for one in seen] == [False] * 4 + [True]
    assert seen[0] | {"received_at": "", "id": ""} == {
        "id": "",
        "form": "de",
        "state": "waiting",
        "is_suspect": False,
        "received_at": "",
        "locale": "de",
        "kind": "ordinary",
        "wished_on": None,
        "name": "Dana",
        "contract": "K-1",
        "reason": None,
        "email": "d1@example.com",
        "postal": None,
        "session_id": None,
        "settled_at": None,
        "settled_by": None,
        "note": None,
    }
    assert await listed(client, house, state="matched") == []


async def test_matching_ends_the_subscription_as_of_the_day_it_was_declared(
    client: httpx.AsyncClient, house: House
) -> None:
    """Notice counts from that day; the session has its own receipt, and the order goes to billing."""
    declaration = await declare(house, days_ago=10)
    received = (await listed(client, house))[0]["received_at"]
    # Fourteen days of notice are over in four: the next renewal is the end. Counted from today it would not be.
    renewal = clock.now().date() + timedelta(days=5)
    soon = SUBSCRIPTION | {"renews_on": str(renewal)}
    reply = await post(client, house, f"{declaration}/match", MATCH | {"subscription": soon})
    told = reply.json()
    session = (await client.get(f"/api/v1/sessions/{told['session_id']}", headers=house.operator)).json()
    row = (await sql.fetch_all("SELECT declared_at, effective_on FROM declaration"))[0]
    from_today = ending(msgspec.convert(soon, SubscriptionFacts), clock.now().date())

    assert reply.status_code == 200, reply.text
    assert told["state"] == "matched"
    assert told["receipt"]["effective_on"] == str(renewal) == str(row["effective_on"])
    assert from_today.effective_on != renewal
    assert f"{row['declared_at']}"[:19] == received[:19].replace("T", " ")
    assert (session["channel"], session["pack"], session["state"]) == ("agent", "de", "leaving")
    assert await count("redemption", "kind = 'cancel'") == 1
    assert [one["id"] for one in await listed(client, house, state="matched")] == [declaration]
    assert (await listed(client, house, state="matched"))[0]["session_id"] == told["session_id"]
    assert await count("event", "kind = 'declaration.matched' AND session_id IS NOT NULL") == 1


@on_sqlite
@pytest.mark.parametrize(
    ("wished", "ends"),
    [(None, date(2030, 12, 1)), ("2031-02-10", date(2031, 3, 1)), ("2020-01-01", date(2030, 12, 1))],
)
async def test_a_later_end_is_the_customers_to_choose(
    client: httpx.AsyncClient, house: House, wished: str | None, ends: date
) -> None:
    """The first renewal not before the day they wished; never before the earliest there is."""
    declaration = await declare(house, "fr", ends_on=wished or "")
    told = (await post(client, house, f"{declaration}/match", MATCH)).json()

    assert told["receipt"]["effective_on"] == str(ends)


async def test_of_two_who_match_one_is_first(client: httpx.AsyncClient, house: House) -> None:
    """The other is told, and nothing is done twice; a repeated call with its key gets the same answer."""
    declaration = await declare(house)
    key = {"Idempotency-Key": "once"}
    first = await post(client, house, f"{declaration}/match", MATCH, **key)
    again = await post(client, house, f"{declaration}/match", MATCH, **key)
    second = await post(client, house, f"{declaration}/match", MATCH)
    settled = await post(client, house, f"{declaration}/settle", {})

    assert first.json() == again.json()
    assert (first.status_code, again.status_code) == (200, 200)
    for late in (second, settled):
        assert (late.status_code, late.json()["error"]["code"]) == (409, "already_seen_to")
    assert await count("session") == await count("declaration") == await count("redemption") == 1


async def test_a_subscription_declared_twice_is_one_cancellation(client: httpx.AsyncClient, house: House) -> None:
    """Two forms of the same customer: each is matched, and the receipt is the same; its links are told only once.

    Whoever filled in the second form may be another person, to whom the operator would send them on.
    """
    names = [await declare(house), await declare(house, contract="K-01")]
    told = [(await post(client, house, f"{name}/match", MATCH)).json() for name in names]
    links = [[one["receipt"][link] != "" for link in ("url", "html_url", "text_url")] for one in told]

    assert told[0]["receipt"]["id"] == told[1]["receipt"]["id"]
    assert [one["already_declared"] for one in told] == [False, True]
    assert links == [[True] * 3, [False] * 3]
    assert await count("declaration") == await count("redemption") == 1


async def test_a_withdrawal_is_seen_to_by_hand(client: httpx.AsyncClient, house: House) -> None:
    """It undoes the contract from its beginning: it is settled with a note, which no event carries."""
    declaration = await declare(house, "eu-withdrawal")
    refused = await post(client, house, f"{declaration}/match", MATCH)
    reply = await post(client, house, f"{declaration}/settle", {"note": "refunded\0 29 EUR"})
    events = await sql.fetch_all("SELECT payload FROM event WHERE kind = 'declaration.settled'")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_a_cancellation")
    assert reply.status_code == 200
    assert reply.json()["state"] == "settled"
    assert reply.json()["note"] == "refunded 29 EUR"
    assert reply.json()["settled_by"].startswith("key_")
    assert "refunded" not in str(events)
    assert await count("session") == 0


@on_sqlite
@pytest.mark.parametrize("outcome", ["settled", "withdrawn", "not_genuine"])
async def test_how_it_ended_is_its_state(client: httpx.AsyncClient, house: House, outcome: str) -> None:
    """Each has a list of its own."""
    declaration = await declare(house)
    await post(client, house, f"{declaration}/settle", {"outcome": outcome})

    assert [one["id"] for one in await listed(client, house, state=outcome)] == [declaration]
    assert await listed(client, house) == []


@on_sqlite
async def test_one_declaration_shows_the_customers_own_receipt(client: httpx.AsyncClient, house: House) -> None:
    """Byte for byte."""
    fields_of = {"name": "Dana", "contract": "K-1", "email": "dana@example.com"}
    page = await client.post("/exit/acme/de", data=fields_of)
    declaration = page.headers["location"].split("/")[3]
    shown = (await client.get(f"{LIST}/{declaration}", headers=house.operator)).json()

    assert shown["receipt"]["text"] == (await client.get(f"{page.headers['location']}.txt")).text
    assert shown["receipt"]["html"] == (await client.get(f"{page.headers['location']}.html")).text
    assert shown["name"] == "Dana"


@on_sqlite
async def test_a_match_that_cannot_be_leaves_it_waiting(client: httpx.AsyncClient, house: House) -> None:
    """An unknown flow, a body that says too little: nothing was done."""
    declaration = await declare(house)
    replies = [
        await post(client, house, f"{declaration}/match", MATCH | {"flow": "nowhere"}),
        await post(client, house, f"{declaration}/match", {"customer": "x"}),
        await post(client, house, f"{declaration}/match", MATCH | {"colour": "blue"}),
        await post(client, house, f"{declaration}/match", MATCH | {"email": "a@example.com\r\nBcc: b@example.com"}),
        await post(client, house, f"{declaration}/settle", {"outcome": "lost"}),
        await post(client, house, f"{declaration}/settle", {"note": "x" * 501}),
    ]

    assert [reply.status_code for reply in replies] == [404, 422, 422, 422, 422, 422]
    assert [one["state"] for one in await listed(client, house)] == ["waiting"]
    assert await count("session") == 0


@on_sqlite
async def test_what_is_held_about_a_customer_includes_it(client: httpx.AsyncClient, house: House) -> None:
    """Once it is matched: what was written, and the receipt."""
    waiting, declaration = await declare(house, contract="K-2"), await declare(house, "fr", reason="Déménagement")
    await post(client, house, f"{declaration}/match", MATCH)
    held = (await client.get("/api/v1/customers/cus_42", headers=house.operator)).json()

    assert [(one["id"], one["form"], one["reason"]) for one in held["forms"]] == [(declaration, "fr", "Déménagement")]
    assert "Je résilie le contrat désigné ci-dessous." in held["forms"][0]["text"]
    assert waiting not in str(held)


@on_sqlite
async def test_another_workspace_has_its_own_list(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Charlie's key sees and touches nothing of Acme's."""
    declaration = await declare(house)
    replies = [
        await client.get(f"{LIST}/{declaration}", headers=globex.operator),
        await post(client, globex, f"{declaration}/match", MATCH),
        await post(client, globex, f"{declaration}/settle", {}),
        await client.get(f"{LIST}/{declaration}x", headers=house.operator),
    ]

    assert {reply.status_code for reply in replies} == {404}
    assert await listed(client, globex) == []
    assert (await client.get(LIST)).status_code == 401
    assert [one["state"] for one in await listed(client, house)] == ["waiting"]


@on_sqlite
async def test_events_suffice_and_carry_no_word_of_the_customers(
    client: httpx.AsyncClient, house: House, settings: Any
) -> None:
    """What a receiver needs to act on, by id: form, kind, day, and once matched the session."""
    installation: Installation = settings.installation
    declaration = await declare(house, kind="extraordinary", reason="canary words", ends_on="2030-01-01")
    await post(client, house, f"{declaration}/match", MATCH)
    await Worker(installation).look(clock.now())
    rows = await sql.fetch_all("SELECT kind, payload FROM event WHERE kind LIKE 'declaration.%' ORDER BY id")

    assert await count("event", "dispatched_at IS NULL AND kind LIKE 'declaration.%'") == 0
    for word in ("canary", "Dana", "K-1", "example.com"):
        assert word not in str(rows)
    for told in ("extraordinary", "2030-01-01", declaration, '"form"'):
        assert told in str(rows[0]["payload"])
    assert "rcp_" in str(rows[1]["payload"])
