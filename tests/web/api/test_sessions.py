"""Sessions from the operator's server: hosted links, cancellations by phone, surveys after the end."""

from typing import Any

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.access.keys import Scope
from aurevoir.kit import clock, db
from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME
from tests.house import House, count, facts, on_sqlite
from tests.visits import Visit, start

pytestmark = on_sqlite
SESSIONS = "/api/v1/sessions"


async def create(client: httpx.AsyncClient, house: House, **changes: Any) -> httpx.Response:
    """As Acme's server does."""
    return await client.post(SESSIONS, json=facts(**changes), headers=house.operator)


async def test_the_server_begins_a_session(client: httpx.AsyncClient, house: House) -> None:
    """201 with a token and a link; the same call again is 200 with the same ones."""
    first, second = await create(client, house), await create(client, house)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["url"].startswith("http://test/exit/v/")
    assert len(first.json()["url"].rsplit("/", 1)[1]) >= 43
    assert {key: first.json()[key] for key in ("id", "token", "url")} == {
        key: second.json()[key] for key in ("id", "token", "url")
    }


async def test_its_link_and_its_token_open_the_session(client: httpx.AsyncClient, house: House) -> None:
    """The hosted page and the widget API show the same visit."""
    made = (await create(client, house)).json()
    page = await client.get(made["url"])
    visit = await Visit(client, {"session": made, "screen": {}}).look()

    assert page.status_code == 200
    assert visit.screen["title"] in page.text


async def test_a_token_of_the_same_subscription_meets_that_session(client: httpx.AsyncClient, house: House) -> None:
    """There is one open session, whichever way it was begun."""
    made = (await create(client, house)).json()
    visit = await start(client, house)

    assert (visit.status, visit.session["id"]) == (200, made["id"])


async def test_an_agent_records_a_cancellation(client: httpx.AsyncClient, house: House) -> None:
    """Sam writes down who called and why: declared at once, with a receipt; again gives the same one."""
    recorded = await create(client, house, channel="agent", reason="too_expensive", comment="Called us")
    again = await create(client, house, channel="agent", reason="too_expensive", comment="Called us")
    listed = (await client.get(SESSIONS, headers=house.operator)).json()["data"]

    assert (recorded.status_code, again.status_code) == (201, 200)
    assert recorded.json()["state"] == "leaving"
    assert recorded.json()["receipt"]["id"] == again.json()["receipt"]["id"]
    assert (await client.get(recorded.json()["receipt"]["text_url"])).status_code == 200
    assert await count("declaration") == await count("redemption") == 1
    assert (listed[0]["channel"], listed[0]["state"]) == ("agent", "leaving")
    assert {answer["step"]: (answer.get("choices"), answer.get("text")) for answer in listed[0]["answers"]} == {
        "reason": (["too_expensive"], None),
        "comment": (None, "Called us"),
    }


async def test_an_agent_needs_no_reason(client: httpx.AsyncClient, house: House) -> None:
    """A cancellation without one is a cancellation."""
    recorded = await create(client, house, channel="agent")

    assert recorded.json()["receipt"]
    assert await count("answer") == 0


@pytest.mark.parametrize("reason", [{"reason": "too_expensive"}, {"comment": "Zu teuer"}])
async def test_an_agents_reason_counts_in_germany_too(
    client: httpx.AsyncClient, house: House, reason: dict[str, str]
) -> None:
    """Where the receipt comes first, the reason is saved after it."""
    recorded = await create(client, house, channel="agent", country="DE", **reason)

    assert recorded.json()["receipt"]
    assert await count("answer", "is_answered") == 1


async def test_an_agent_may_interrupt_a_visit(client: httpx.AsyncClient, house: House) -> None:
    """Dana stopped halfway and called: her own answer stays, the cancellation is recorded."""
    visit = await (await start(client, house)).answer("not_using")
    recorded = await create(client, house, channel="agent", reason="too_expensive")

    assert recorded.json()["id"] == visit.session["id"]
    assert recorded.json()["receipt"]
    assert await count("answer_choice", "rank = 1 AND code = 'not_using'") == 1


async def test_an_agent_may_interrupt_a_further_question(client: httpx.AsyncClient, settings: Settings) -> None:
    """Dana stands on the question that followed her reason: hers counts, and nothing holds the cancellation up."""
    house = await houses.build(settings.installation, ACME, flow="saas_classic")
    visit = await (await start(client, house)).answer("technical_issues")
    further = visit.screen["step"]
    recorded = await create(client, house, channel="agent", reason="too_expensive")

    assert further == "what_failed"
    assert recorded.json()["receipt"]
    assert await count("answer_choice", "rank = 1 AND code = 'technical_issues'") == 1


@pytest.mark.parametrize("country", ["ES", "DE"])
async def test_an_agents_reason_must_be_one_of_the_flows(client: httpx.AsyncClient, house: House, country: str) -> None:
    """A code nobody wrote is refused with its path, and nothing is declared."""
    reply = await create(client, house, channel="agent", reason="bad_weather", country=country)

    assert reply.status_code == 422
    assert reply.json()["error"]["problems"]
    assert await count("declaration") == 0


@pytest.mark.parametrize("channel", ["hosted", "after_exit"])
async def test_only_an_agent_brings_a_reason(client: httpx.AsyncClient, house: House, channel: str) -> None:
    """Elsewhere the customer gives it."""
    reply = await create(client, house, channel=channel, reason="too_expensive")

    assert reply.status_code == 422
    assert await count("session") == 0


async def test_a_survey_after_the_end_declares_nothing(client: httpx.AsyncClient, house: House) -> None:
    """`after_exit`: the questions, a thank-you, no way to cancel what has ended."""
    made = (await create(client, house, channel="after_exit")).json()
    visit = await Visit(client, {"session": made, "screen": {}}).look()
    moves = visit.moves
    await visit.answer("other", answers={"comment": "It was fine"})

    assert made["state"] == "left"
    assert "cancel" not in moves
    assert "keep" not in moves
    assert (visit.screen["kind"], visit.screen["receipt"], visit.moves) == ("receipt", None, [])
    assert await count("declaration") == await count("redemption") == 0
    assert await count("answer", "text = 'It was fine'") == 1


async def test_a_survey_after_the_end_is_beside_the_visit_that_ended_it(
    client: httpx.AsyncClient, house: House
) -> None:
    """Two sessions of one episode; asking twice gives the same survey."""
    visit = await (await start(client, house)).leave()
    first = await create(client, house, channel="after_exit")
    second = await create(client, house, channel="after_exit")

    assert [first.status_code, second.status_code] == [201, 200]
    assert first.json()["id"] == second.json()["id"] != visit.session["id"]
    assert await count("episode") == 1
    assert (await visit.look()).screen["receipt"]


async def test_the_list_pages_and_keeps_modes_apart(client: httpx.AsyncClient, house: House) -> None:
    """The newest first, each once, test mode only when asked for."""
    made = [(await start(client, house, subscription={"id": f"s{n}"})).session["id"] for n in range(5)]
    test = await start(client, house, "test")
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(SESSIONS, params=query, headers=house.operator)).json()
        seen += [one["id"] for one in page["data"]]
        if (cursor := page["next"]) is None:
            break
    in_test = (await client.get(SESSIONS, params={"mode": "test"}, headers=house.operator)).json()["data"]

    assert seen == made[::-1]
    assert [one["id"] for one in in_test] == [test.session["id"]]


async def test_a_session_shows_no_clear_id(client: httpx.AsyncClient, house: House) -> None:
    """Lists speak of pseudonyms: neither customer, subscription nor e-mail stands in them."""
    visit = await (await start(client, house)).leave()
    one = await client.get(f"{SESSIONS}/{visit.session['id']}", headers=house.operator)
    many = await client.get(SESSIONS, headers=house.operator)

    beside = {"presentations", "redemptions", "favours", "clicks_to_leave", "seconds_to_leave", "evidence"}
    assert {name: value for name, value in one.json().items() if name not in beside} == many.json()["data"][0]
    assert not [clear for clear in ("cus_42", "sub_9", "dana@example.com") if clear in one.text + many.text]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", SESSIONS, "flows"),
        ("POST", SESSIONS, "flows"),
        ("GET", f"{SESSIONS}/ses_{'0' * 32}", "receipts"),
        ("GET", "/api/v1/flows", "sessions"),
        ("POST", "/api/v1/flows/saas_short/publish", "sessions"),
        ("GET", "/api/v1/redemptions", "sessions"),
        ("POST", f"/api/v1/redemptions/rdm_{'0' * 32}/resolve", "sessions"),
        ("GET", f"/api/v1/receipts/rcp_{'0' * 32}", "sessions"),
    ],
)
async def test_a_key_opens_only_its_scopes(
    client: httpx.AsyncClient, house: House, method: str, path: str, scope: Scope
) -> None:
    """403 for another scope, 401 for no key or another one: told before anything is looked up."""
    secret = await db.transaction(lambda: keys.create_api_key(house.id, "narrow", (scope,), clock.now()))
    bodies: dict[str, Any] = {SESSIONS: facts(), f"/api/v1/redemptions/rdm_{'0' * 32}/resolve": {"outcome": "done"}}
    codes = []
    for bearer in (f"Bearer {secret}", "Bearer avk_wrong", "Basic x", None):
        headers = {"Authorization": bearer} if bearer else {}
        reply = await client.request(method, path, headers=headers, json=bodies.get(path, {}))
        codes.append((reply.status_code, reply.json()["error"]["code"]))

    assert codes == [(403, "forbidden"), *[(401, "unauthorised")] * 3]
