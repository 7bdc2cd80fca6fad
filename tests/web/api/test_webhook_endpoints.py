"""Webhook endpoints and notification rules from the operator's side."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.kit import clock, db, http, signing
from tests.house import House, count, on_sqlite
from tests.visits import start
from tests.webhooks import acme
from tests.webhooks.receiver import receiving

pytestmark = on_sqlite
ENDPOINTS, RULES = "/api/v1/webhook-endpoints", "/api/v1/notification-rules"
HOOK = "https://hooks.acme.example/exit"


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """Whatever a test allows is over with it."""
    yield
    http.configure(allow_private=False)


async def made(client: httpx.AsyncClient, house: House, **body: Any) -> dict[str, Any]:
    """A new endpoint, as it is answered."""
    reply = await client.post(ENDPOINTS, json={"url": HOOK} | body, headers=house.operator)
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def test_a_secret_is_shown_once(client: httpx.AsyncClient, house: House) -> None:
    """When it is made and when it is replaced; nowhere else, and not in the database in clear."""
    new = await made(client, house, events=["redemption.*", "session.left"])
    address = f"{ENDPOINTS}/{new['endpoint']['id']}"
    listed = await client.get(ENDPOINTS, headers=house.operator)
    rotated = (await client.post(f"{address}/rotate", headers=house.operator)).json()
    shown = await client.get(address, headers=house.operator)

    assert signing.is_secret(new["secret"])
    assert signing.is_secret(rotated["secret"])
    assert new["secret"] != rotated["secret"]
    assert listed.json()["data"] == [new["endpoint"]]
    assert shown.json()["older_until"] == rotated["older_until"]
    assert "whsec_" not in listed.text + shown.text
    assert await count("webhook_endpoint", "CAST(secrets AS TEXT) LIKE '%whsec%'") == 0


async def test_the_same_key_makes_one_endpoint(client: httpx.AsyncClient, house: House) -> None:
    """And gets the same secret again: the reply may have been lost."""
    headers = house.operator | {"Idempotency-Key": "one"}
    first, again = [await client.post(ENDPOINTS, json={"url": HOOK}, headers=headers) for _ in range(2)]

    assert first.json() == again.json()
    assert await count("webhook_endpoint") == 1


BAD_ENDPOINTS: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://hooks.acme.example/"}, "$.url"),
    ({"url": "https://127.0.0.1/"}, "$.url"),
    ({"url": "https://[::ffff:10.0.0.1]/"}, "$.url"),
    ({"url": "https://user:secret@acme.example/"}, "$.url"),
    ({"url": "mailto:omar@acme.example"}, "$.url"),
    ({"url": "https://acme.example/" + "x" * 2000}, "$.url"),
    ({"url": HOOK, "events": ["session.left", "session.gone"]}, "$.events[1]"),
    ({"url": HOOK, "events": ["DROP TABLE"]}, "$.events[0]"),
    ({"url": HOOK, "events": []}, "$.events"),
    ({"url": HOOK, "mode": "both"}, "$.mode"),
    ({"url": HOOK, "secret": "whsec_own"}, "$"),
]


async def test_what_cannot_work_is_refused_with_its_place(client: httpx.AsyncClient, house: House) -> None:
    """Before anybody waits for a message that never comes."""
    for body, path in BAD_ENDPOINTS:
        reply = await client.post(ENDPOINTS, json=body, headers=house.operator)
        problems = [problem["path"] for problem in reply.json()["error"]["problems"]]
        assert (reply.status_code, problems) == (422, [path]), body
    assert await count("webhook_endpoint") == 0


async def test_a_test_message_a_list_of_attempts_and_a_replay(client: httpx.AsyncClient, house: House) -> None:
    """What Omar does when he sets it up."""
    http.configure(allow_private=True)
    async with receiving(status=500) as receiver:
        new = await made(client, house, url=receiver.url)
        address = f"{ENDPOINTS}/{new['endpoint']['id']}"
        queued = await client.post(f"{address}/test", headers=house.operator)
        await acme.deliver(house)
        failed = (await client.get(f"{address}/deliveries", headers=house.operator)).json()["data"]
        receiver.status = 200
        again = await client.post(f"{ENDPOINTS}/deliveries/{failed[0]['id']}/replay", headers=house.operator)
        await acme.deliver(house)
        query = {"state": "delivered"}
        (done,) = (await client.get(f"{address}/deliveries", params=query, headers=house.operator)).json()["data"]

        assert (queued.status_code, again.status_code) == (202, 202)
        assert queued.json() == again.json() == {"delivery": done["id"]}
        assert [(one["event"], one["state"]) for one in failed] == [("webhook.test", "waiting")]
        assert failed[0]["next_at"] > failed[0]["created_at"]
        assert [attempt["status"] for attempt in done["attempts"]] == [500, 200]
        assert all(attempt["milliseconds"] >= 0 for attempt in done["attempts"])
        assert {got.id for got in receiver.got} == {done["event_id"]}
        assert receiver.got[1].verified(new["secret"])["type"] == "webhook.test"


async def test_an_endpoint_is_disabled_enabled_and_deleted(client: httpx.AsyncClient, house: House) -> None:
    """And chooses other events on the way; what is not named stays."""
    address = f"{ENDPOINTS}/{(await made(client, house, events=['session.left']))['endpoint']['id']}"
    off = (await client.patch(address, json={"enabled": False}, headers=house.operator)).json()
    on = (await client.patch(address, json={"enabled": True, "events": ["*"]}, headers=house.operator)).json()
    wrong = await client.patch(address, json={"events": ["no.such"]}, headers=house.operator)
    gone = [await client.delete(address, headers=house.operator) for _ in range(2)]

    assert (off["disabled_because"], off["events"]) == ("operator", ["session.left"])
    assert (on["disabled_at"], on["disabled_because"], on["events"]) == (None, None, ["*"])
    assert wrong.status_code == 422
    assert [reply.status_code for reply in gone] == [204, 404]
    assert (await client.get(ENDPOINTS, headers=house.operator)).json() == {"data": [], "next": None}


async def test_lists_go_on_by_cursor_and_end_at_twenty(client: httpx.AsyncClient, house: House) -> None:
    """Twenty endpoints are allowed; pages neither repeat nor skip."""
    new = [(await made(client, house, url=f"{HOOK}/{number}"))["endpoint"]["id"] for number in range(20)]
    too_many = await client.post(ENDPOINTS, json={"url": HOOK}, headers=house.operator)
    seen, cursor = [], None
    for _ in range(3):
        query = {"limit": "8"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(ENDPOINTS, params=query, headers=house.operator)).json()
        seen += [one["id"] for one in page["data"]]
        cursor = page["next"]

    assert (too_many.status_code, too_many.json()["error"]["code"]) == (409, "too_many")
    assert (seen, cursor) == (new[::-1], None)


async def test_a_rule_is_made_paused_and_looked_at(client: httpx.AsyncClient, house: House) -> None:
    """Its target stands in the list, its notifications beside it."""
    http.configure(allow_private=True)
    async with receiving() as receiver:
        body = {
            "name": "Big customers",
            "target": {"kind": "slack", "url": receiver.url},
            "when": {
                "mrr_at_least": {"amount": 1000, "currency": "EUR"},
                "segment": {"attribute": "plan", "is": "pro"},
            },
        }
        new = (await client.post(RULES, json=body, headers=house.operator)).json()
        address = f"{RULES}/{new['rule']['id']}"
        visit = await (await start(client, house)).leave()
        await acme.dispatch(house)
        await acme.deliver(house)
        paused = (await client.patch(address, json={"paused": True}, headers=house.operator)).json()
        (told,) = (await client.get(f"{address}/notifications", headers=house.operator)).json()["data"]
        listed = (await client.get(RULES, headers=house.operator)).json()["data"]
        gone = [await client.delete(address, headers=house.operator) for _ in range(2)]

    assert new["rule"]["when"]["mrr_at_least"] == {"amount": 1000, "currency": "EUR"}
    assert (new["secret"], listed) == (None, [paused])
    assert paused["paused_at"] is not None
    assert (told["session_id"], told["state"], told["problem"]) == (visit.session["id"], "sent", None)
    assert [reply.status_code for reply in gone] == [204, 404]


BAD_RULES: list[tuple[dict[str, Any], str]] = [
    ({"target": {"kind": "mail"}}, "$.target"),
    ({"target": {"kind": "mail", "to": ["a@b", "no address@x"]}}, "$.target.to[1]"),
    ({"target": {"kind": "mail", "to": ["a@b\r\nBcc: c@d"]}}, "$.target.to[0]"),
    ({"target": {"kind": "slack", "url": "https://10.0.0.1/"}}, "$.target.url"),
    ({"target": {"kind": "sms"}}, "$.target.kind"),
    ({"when": {"outcomes": ["left"]}}, "$.when.outcomes[0]"),
    ({"when": {"categories": ["nonsense"]}}, "$.when.categories[0]"),
    ({"when": {"segment": {"attribute": "seats", "is": "x"}}}, "$.when.segment.is"),
    ({"when": {"mrr_at_least": {"amount": -1, "currency": "EUR"}}}, "$.when.mrr_at_least.amount"),
    ({"name": ""}, "$.name"),
]


async def test_a_rule_that_cannot_work_is_refused_with_its_place(client: httpx.AsyncClient, house: House) -> None:
    """All that can be known beforehand."""
    for body, path in BAD_RULES:
        sent = {"name": "x", "target": {"kind": "slack", "url": HOOK}} | body
        reply = await client.post(RULES, json=sent, headers=house.operator)
        problems = [problem["path"] for problem in reply.json()["error"]["problems"]]
        assert (reply.status_code, problems) == (422, [path]), body
    assert await count("notification_rule") == 0


async def test_another_workspace_sees_nothing_of_it(client: httpx.AsyncClient, house: House, globex: House) -> None:
    """Not found, for every address; a key without the scope is told so."""
    endpoint = (await made(client, house))["endpoint"]["id"]
    target = {"kind": "mail", "to": ["omar@acme.example"]}
    rule = (await client.post(RULES, json={"name": "x", "target": target}, headers=house.operator)).json()["rule"]["id"]
    await client.post(f"{ENDPOINTS}/{endpoint}/test", headers=house.operator)
    deliveries = await client.get(f"{ENDPOINTS}/{endpoint}/deliveries", headers=house.operator)
    delivery = deliveries.json()["data"][0]["id"]
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"{ENDPOINTS}/{endpoint}", None),
        ("PATCH", f"{ENDPOINTS}/{endpoint}", {"enabled": False}),
        ("DELETE", f"{ENDPOINTS}/{endpoint}", None),
        ("POST", f"{ENDPOINTS}/{endpoint}/rotate", None),
        ("POST", f"{ENDPOINTS}/{endpoint}/test", None),
        ("GET", f"{ENDPOINTS}/{endpoint}/deliveries", None),
        ("POST", f"{ENDPOINTS}/deliveries/{delivery}/replay", None),
        ("GET", f"{RULES}/{rule}", None),
        ("PATCH", f"{RULES}/{rule}", {"paused": True}),
        ("DELETE", f"{RULES}/{rule}", None),
        ("GET", f"{RULES}/{rule}/notifications", None),
    ]
    replies = [await client.request(method, path, json=body, headers=globex.operator) for method, path, body in calls]
    secret = await db.transaction(lambda: keys.create_api_key(house.id, "reads", ("sessions",), clock.now()))
    forbidden = await client.get(ENDPOINTS, headers={"Authorization": f"Bearer {secret}"})

    assert [reply.status_code for reply in replies] == [404] * len(calls)
    assert (await client.get(RULES, headers=globex.operator)).json()["data"] == []
    assert forbidden.status_code == 403
    assert await count("webhook_endpoint", "disabled_at IS NULL") == 1
