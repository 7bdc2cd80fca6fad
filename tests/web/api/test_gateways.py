"""Connecting billing: what is accepted, what is shown of it, and what a trial says."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.billing.adapters.sandbox.gateway import Sandbox
from aurevoir.flows import service as flows
from aurevoir.kit import clock, db
from tests.billing.accounts import account
from tests.billing.stripe_fake.server import Server
from tests.house import House, count, on_sqlite

pytestmark = on_sqlite
GATEWAYS = "/api/v1/gateways"
TEST_KEY = "sk_test_51Abcdefg_hijklmnop"
STRIPE = {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "price.pro.year": "price_1"}}
SECRET = "whsec_" + "A" * 44
OFFERING = """
key: saas_short
title: Short
locales: [en]
steps:
  - id: reason
    kind: choice
    role: reason
    ask: {en: Why?}
    options:
      - {code: too_expensive, category: too_expensive, label: {en: Price}, offers: [half_price, call]}
      - {code: other, category: other, label: {en: Something else}}
  - {id: save, kind: offer}
  - {id: confirm, kind: confirm}
offers:
  half_price:
    kind: discount
    percent_off: 50
    periods: 3
    floor: {plan: pro, amount: 1200, currency: EUR}
    when: {attribute: plan, is: pro}
    headline: {en: Half price}
  call: {kind: contact, link: "https://acme.example/call", headline: {en: Talk to us}}
"""


@pytest.fixture
async def stripe() -> AsyncIterator[Server]:
    """An account of Stripe's, on the loopback address."""
    async with account() as fake:
        yield fake


async def put(client: httpx.AsyncClient, house: House, body: Any, mode: str = "test") -> httpx.Response:
    """Connect."""
    return await client.put(f"{GATEWAYS}/{mode}", json=body, headers=house.operator)


async def test_until_something_is_connected_a_person_does_it_all(client: httpx.AsyncClient, house: House) -> None:
    """Both modes, each kind of action with a sentence."""
    shown = (await client.get(GATEWAYS, headers=house.operator)).json()["data"]

    assert [(one["mode"], one["gateway"], one["connected_at"]) for one in shown] == [
        ("live", "manual", None),
        ("test", "manual", None),
    ]
    assert all(one["supported"] and one["sentence"].endswith(".") for one in shown[0]["capabilities"])
    assert len(shown[0]["capabilities"]) == 11


async def test_what_is_connected_is_shown_without_its_secrets(client: httpx.AsyncClient, house: House) -> None:
    """Enough of a key to know it again; in the other mode nothing changes; said twice it is said once."""
    replies = [await put(client, house, STRIPE) for _ in range(2)]
    live, test = (await client.get(GATEWAYS, headers=house.operator)).json()["data"]
    kinds = {one["kind"]: one["supported"] for one in test["capabilities"]}

    assert [reply.status_code for reply in replies] == [200, 200]
    assert (live["gateway"], live["webhook_address"]) == ("manual", None)
    assert test["webhook_address"].startswith("http://test/inbound/stripe/")
    assert (test["gateway"], test["reads"]) == ("stripe", True)
    assert test["settings"] == {"api_key": "sk_test_…mnop", "price.pro.year": "price_1"}
    assert kinds["cancel"] is kinds["discount"] is True
    assert TEST_KEY not in str(replies[0].json())
    assert await count("gateway_connection") == 1


@pytest.mark.parametrize(
    ("mode", "body", "path"),
    [
        ("test", {"gateway": "strip"}, "$.gateway"),
        ("test", {"gateway": "stripe"}, "$.settings.api_key"),
        ("test", {"gateway": "stripe", "settings": {"api_key": "nonsense"}}, "$.settings.api_key"),
        ("test", {"gateway": "stripe", "settings": {"api_key": "sk_live_51Abcdefghijklmnop"}}, "$.settings.api_key"),
        ("live", {"gateway": "stripe", "settings": {"api_key": TEST_KEY}}, "$.settings.api_key"),
        ("live", {"gateway": "stripe", "settings": {"api_key": "rk_test_51Abcdefgh"}}, "$.settings.api_key"),
        ("test", {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "colour": "red"}}, "$.settings.colour"),
        (
            "test",
            {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "price.pro.week": "price_1"}},
            "$.settings.price.pro.week",
        ),
        (
            "test",
            {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "price.pro.year": "x"}},
            "$.settings.price.pro.year",
        ),
        (
            "test",
            {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "api_base": "ftp://x"}},
            "$.settings.api_base",
        ),
        (
            "test",
            {"gateway": "stripe", "settings": {"api_key": TEST_KEY, "past_due_cancel": "x"}},
            "$.settings.past_due_cancel",
        ),
        ("test", {"gateway": "webhook", "settings": {"url": "https://x.example/hook"}}, "$.settings.secret"),
        (
            "test",
            {"gateway": "webhook", "settings": {"url": "https://u:p@x.example", "secret": SECRET}},
            "$.settings.url",
        ),
        ("test", {"gateway": "manual", "settings": {"api_key": TEST_KEY}}, "$.settings.api_key"),
        ("live", {"gateway": "sandbox"}, "$.gateway"),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_its_path(
    client: httpx.AsyncClient, house: House, mode: str, body: dict[str, Any], path: str
) -> None:
    """A key of the other mode, an unknown gateway or setting: 422, and nothing of it is repeated or stored."""
    reply = await put(client, house, body, mode)

    assert reply.status_code == 422, reply.text
    assert [problem["path"] for problem in reply.json()["error"]["problems"]] == [path]
    assert not any(value in reply.text for value in body.get("settings", {}).values() if len(value) > 12)
    assert await count("gateway_connection") == 0


async def test_there_are_two_modes(client: httpx.AsyncClient, house: House) -> None:
    """Another one is not found."""
    assert (await put(client, house, {"gateway": "manual"}, "staging")).status_code == 404


async def test_it_needs_its_scope(client: httpx.AsyncClient, house: House) -> None:
    """A key for sessions does not connect billing."""
    key = await db.transaction(lambda: keys.create_api_key(house.id, "x", ("sessions",), clock.now()))
    headers = {"Authorization": f"Bearer {key}"}
    replies = [
        await client.get(GATEWAYS, headers=headers),
        await client.put(f"{GATEWAYS}/test", json=STRIPE, headers=headers),
        await client.post(f"{GATEWAYS}/test/test", headers=headers),
    ]

    assert [reply.status_code for reply in replies] == [403, 403, 403]


async def test_a_trial_says_in_a_sentence_what_came_of_it(
    client: httpx.AsyncClient, house: House, stripe: Server
) -> None:
    """It answers; the key is refused; it cannot be reached. Nothing is changed there."""
    told = []
    for settings in (
        {"api_key": TEST_KEY, "api_base": stripe.url},
        {"api_key": "sk_refused", "api_base": stripe.url},
        {"api_key": TEST_KEY, "api_base": "http://127.0.0.1:9"},
    ):
        await house.connect("stripe", "test", **settings)
        told.append((await client.post(f"{GATEWAYS}/test/test", headers=house.operator)).json())

    assert [one["ok"] for one in told] == [True, False, False]
    assert "answers" in told[0]["message"]
    assert "not accepted" in told[1]["message"]
    assert "cannot be reached" in told[2]["message"]
    assert {request["method"] for request in stripe.requests} == {"GET"}


async def test_offers_that_it_cannot_do_are_named(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With their flow and key: they are live, and nobody will be shown them."""
    monkeypatch.setattr(Sandbox, "capabilities", frozenset({"cancel", "undo_cancel"}))
    await db.transaction(lambda: flows.load(house.id, OFFERING, "test", clock.now(), publish_it=True))
    flows.forget_cached()
    before = (await client.get(GATEWAYS, headers=house.operator)).json()["data"][1]["out_of_reach"]
    connected = (await put(client, house, {"gateway": "sandbox"})).json()

    assert before == []
    assert [(one["flow"], one["offer"], one["kind"]) for one in connected["out_of_reach"]] == [
        ("saas_short", "half_price", "discount")
    ]
    assert {one["kind"]: one["supported"] for one in connected["capabilities"]}["discount"] is False
