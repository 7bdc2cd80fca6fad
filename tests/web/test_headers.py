"""Headers of every answer, and what never reaches a log."""

import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from litestar import Litestar

from aurevoir.kit import clock, logs
from aurevoir.worker import Worker
from tests.house import House, on_sqlite
from tests.visits import MOVES, SESSION, START, start
from tests.web.routes import operations

pytestmark = on_sqlite


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient, house: House, app: Litestar) -> None:
    """Of every operation, whether it went well or not: no sniffing, no referrer, no script, no cookie."""
    found, _ = await operations(app, client, house)
    replies = [
        await client.request(one.method, one.address, headers=headers, json=one.body)
        for one in found
        for headers in (one.headers, {})
    ]
    replies += [await client.get("/nowhere"), await client.get("/exit/nowhere"), await client.put("/exit/start")]

    assert len(replies) > 40
    for reply in replies:
        headers = reply.headers

        assert headers["x-content-type-options"] == "nosniff", reply.url
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "script-src" not in headers["content-security-policy"]
        assert "permissions-policy" in headers
        assert "cache-control" in headers
        assert "set-cookie" not in headers
        assert "server" not in headers


async def test_what_is_personal_is_not_stored_on_the_way(client: httpx.AsyncClient, house: House) -> None:
    """Screens, pages and lists are for this moment; only files are cached."""
    visit = await start(client, house)
    made = await client.post("/exit/start", data={"token": house.token()})
    replies = [
        await client.get(SESSION, headers=visit.headers),
        await client.get(made.headers["location"]),
        await client.get("/api/v1/sessions", headers=house.operator),
        made,
    ]

    assert {reply.headers["cache-control"] for reply in replies} == {"no-store"}
    assert (await client.get("/exit/pages.css")).headers["cache-control"] == "public, max-age=300"


async def test_pages_cannot_be_framed_and_run_nothing(client: httpx.AsyncClient, house: House) -> None:
    """No script, no inline style, forms only to ourselves."""
    made = await client.post("/exit/start", data={"token": house.token()})
    page = await client.get(made.headers["location"])
    policy = page.headers["content-security-policy"]

    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text


async def test_the_element_has_one_address_for_ever(client: httpx.AsyncClient) -> None:
    """The file under its version never changes, so it is kept for a year; another version is not found."""
    from aurevoir.web.widget import files  # noqa: PLC0415

    kept = await client.get(f"/widget/{files.version()}/aurevoir.js")
    latest = await client.get("/widget/v1/aurevoir.js")

    assert kept.content == latest.content
    assert "immutable" in kept.headers["cache-control"]
    assert "max-age=31536000" in kept.headers["cache-control"]
    assert (await client.get("/widget/1.0-000000000000/aurevoir.js")).status_code == 404


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Structured logs as `serve` writes them."""
    written: list[str] = []
    before = structlog.get_config()

    class Lines:
        def msg(self, message: str) -> None:
            written.append(message)

        info = warning = error = exception = critical = debug = log = msg

    logs.configure("json")
    structlog.configure(**structlog.get_config() | {"logger_factory": lambda *_: Lines()})
    yield written
    structlog.configure(**before)


async def test_no_secret_reaches_a_log(
    client: httpx.AsyncClient,
    house: House,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A whole journey, and a crash in its middle: no token, capability, key, address or word is written."""
    caplog.set_level(logging.DEBUG)
    customer = house.token()
    made = await client.post("/exit/start", data={"token": customer})
    capability = made.headers["location"]
    visit = await start(client, house)
    await visit.answer("other", answers={"comment": "canary words"})
    await break_down(client, monkeypatch, customer, capability, visit.headers, house)
    await visit.leave()
    await Worker(house.installation).look(clock.now())
    receipt = visit.screen["receipt"]["text_url"]
    await client.get(receipt)
    await break_down_behind(visit.screen["receipt"]["url"], client, monkeypatch)
    # The client under the test logs what it asks for; the service is what we listen to.
    written = "\n".join([*lines, *(record.getMessage() for record in caplog.records if record.name != "httpx")])
    secrets = {
        "customer token": customer.rpartition(".")[2],
        "capability": capability.rpartition("/")[2],
        "session token": visit.session["token"].partition(".")[2],
        "api key": house.api_key,
        "receipt": receipt.rpartition("/")[2].removesuffix(".txt"),
        "e-mail": "dana@example.com",
        "words": "canary words",
        "signing secret": house.signing["live"].secret,
    }

    assert "request_failed" in written
    assert [name for name, secret in secrets.items() if secret in written] == []


async def break_down(
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    customer: str,
    capability: str,
    session: dict[str, str],
    house: House,
) -> None:
    """Every door once, with the database gone astray."""
    from aurevoir.kit import sql  # noqa: PLC0415

    async def broken(query: str, *args: object, **_: object) -> None:
        raise RuntimeError(f"while running {query} with {args}")

    with monkeypatch.context() as patch:
        patch.setattr(sql, "fetch_one", broken)
        patch.setattr(sql, "fetch_all", broken)
        replies = [
            await client.post(START, json={"token": customer}),
            await client.post("/exit/start", data={"token": customer}),
            await client.get(capability),
            await client.post(capability, data={"move": "answer", "text.comment": "canary words"}),
            await client.get(SESSION, headers=session),
            await client.post(MOVES, headers=session, json={"kind": "cancel"}),
            await client.get("/api/v1/sessions", headers=house.operator),
        ]
    assert max(reply.status_code for reply in replies) == 500


async def break_down_behind(receipt: str, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that its page offers: well, then with the database gone astray, its address in the trace."""
    from aurevoir.kit import sql  # noqa: PLC0415

    calls = [("GET", ""), ("GET", "/everything.json"), ("POST", "/undo"), ("POST", "/delete-answers")]
    well = [await client.request(method, f"{receipt}{end}") for method, end in calls]

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"while serving {receipt}/undo")

    with monkeypatch.context() as patch:
        patch.setattr(sql, "fetch_one", broken)
        badly = [await client.request(method, f"{receipt}{end}") for method, end in calls]
    assert [reply.status_code for reply in well] == [200, 200, 303, 303]
    assert {reply.status_code for reply in badly} == {500}
