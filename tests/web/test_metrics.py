"""`/metrics`: what it tells, and whom."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from aurevoir.app import create_app
from aurevoir.events import letters
from aurevoir.kit import clock, db
from aurevoir.kit.mail import Mail
from aurevoir.settings import Settings
from tests.house import House, on_sqlite
from tests.visits import start

Samples = dict[tuple[str, ...], float]


async def scraped(client: httpx.AsyncClient, **headers: str) -> dict[str, Samples]:
    """Every sample by the values of its labels, as Prometheus reads them."""
    reply = await client.get("/metrics", headers=headers)
    assert reply.status_code == 200, reply.text
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(reply.text)
    }


async def test_what_waits_and_what_is_stuck_is_counted(client: httpx.AsyncClient, house: House) -> None:
    """On both databases: redemptions, their age, sessions, mails, events."""
    await (await start(client, house)).leave()
    workspace, long_ago = await house.settings(), clock.now() - timedelta(days=1)
    hello = Mail(to="dana@example.com", subject="s", text="t", html="h")
    await db.transaction(lambda: letters.write(workspace, "waits", "test", hello, long_ago))
    found = await scraped(client)

    assert found["aurevoir_redemptions"] == {("cancel", "accepted"): 1}
    assert 0 <= found["aurevoir_redemption_oldest_seconds"]["accepted",] < 60
    assert found["aurevoir_sessions"] == {("leaving",): 1}
    assert found["aurevoir_letters"] == {("waiting",): 1}
    assert found["aurevoir_webhook_deliveries"] == {}
    assert found["aurevoir_events_undispatched"][()] >= 2


@on_sqlite
async def test_requests_are_timed_by_route(client: httpx.AsyncClient, house: House) -> None:
    """By template, never by address: those of hosted pages are secrets."""
    made = await client.post("/exit/start", data={"token": house.token()})
    await client.get(made.headers["location"])
    await client.request("BREW", "/health/live")
    await client.get("/no/such/address")
    reply = await client.get("/metrics")
    routes = (await scraped(client))["aurevoir_http_request_seconds"]

    assert any(labels[:3] == ("GET", "/exit/v/{secret}", "2xx") for labels in routes)
    assert made.headers["location"].rpartition("/")[2] not in reply.text
    assert not any(word in reply.text for word in ("BREW", "/no/such"))


@pytest.fixture
def guarded(settings: Settings) -> Any:
    """An application whose metrics need a token."""
    return create_app(replace(settings, database_url="", metrics_token="sesame"))


@on_sqlite
@pytest.mark.parametrize(("header", "status"), [("Bearer sesame", 200), ("Bearer Sesame", 401), ("", 401)])
async def test_a_token_keeps_others_out(database: object, guarded: Any, header: str, status: int) -> None:
    """From wherever they call."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://test") as client:
        reply = await client.get("/metrics", headers={"Authorization": header} if header else {})

    assert reply.status_code == status


@on_sqlite
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("203.0.113.9", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 404),
        ("127.0.0.1", {"X-Real-IP": "127.0.0.1"}, 404),
    ],
)
async def test_without_a_token_only_this_machine_is_told(
    database: object, app: Any, address: str, headers: dict[str, str], status: int
) -> None:
    """A proxy on this machine brings strangers."""
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        reply = await client.get("/metrics", headers=headers)

    assert reply.status_code == status
