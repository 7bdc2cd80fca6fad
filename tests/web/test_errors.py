"""Errors: one shape with the right status on every route, for everything that can be wrong with a request."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from aurevoir.kit import db
from tests.house import House, count, on_sqlite, slowly_on_postgres
from tests.visits import Visit
from tests.web.routes import Operation, operations

DEEP = b"[" * 100_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def everything(app: Litestar, client: httpx.AsyncClient, house: House) -> tuple[list[Operation], Visit]:
    """Every operation, and the visit that must survive it all."""
    return await operations(app, client, house)


def complaint(reply: httpx.Response, operation: Operation | None = None) -> str | None:
    """What is wrong with an error, if anything."""
    if not 400 <= reply.status_code < 500:
        return f"{reply.status_code}"
    # `/exit/..` leads out of there.
    if operation is not None and operation.is_page and reply.url.path.startswith(("/exit", "/demo")):
        return None if reply.headers["content-type"].startswith("text/html") else reply.headers["content-type"]
    return _shape(reply)


def _shape(reply: httpx.Response) -> str | None:
    if reply.headers["content-type"] != "application/json":
        return reply.headers["content-type"]
    body = reply.json()
    if body.keys() != {"error"} or body["error"].keys() != {"code", "message", "problems", "request_id"}:
        return reply.text
    plain = all(problem.keys() == {"path", "message"} for problem in body["error"]["problems"])
    return None if plain and body["error"]["message"] and body["error"]["code"] else reply.text


async def test_an_unknown_address_is_not_found(client: httpx.AsyncClient) -> None:
    """JSON for programs, a page for people, whatever the method."""
    addresses = ["/nowhere", "/", "/widget/v1/nowhere", "/widget/x/y.js", "/api/v1/nowhere", "/api/v2/sessions"]
    replies = [await client.request(method, at) for at in addresses for method in ("GET", "POST", "DELETE")]
    pages = [await client.get(at) for at in ("/exit", "/exit/nowhere", "/exit/v/", "/exit/v/x/y", "/exit/receipts/x")]
    in_browser = await client.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml"})

    assert [_shape(reply) for reply in replies] == [None] * len(replies)
    assert {(reply.status_code, reply.json()["error"]["code"]) for reply in replies} == {(404, "not_found")}
    for page in [*pages, in_browser]:
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")


@slowly_on_postgres
async def test_a_wrong_method_is_told(client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]) -> None:
    """405 with the methods that there are."""
    found, _ = everything
    allowed: dict[str, set[str]] = {}
    for operation in found:
        allowed.setdefault(operation.address, set()).add(operation.method)
    for operation in found:
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - allowed[operation.address]:
            reply = await client.request(method, operation.address, headers=operation.headers)

            assert complaint(reply, operation) is None, (method, operation.address)
            assert reply.status_code == 405, (method, operation.address)
            assert operation.method in reply.headers["allow"]


def bodies() -> Iterator[tuple[str, bytes, dict[str, str], set[int]]]:
    """What may be wrong with any JSON body, and the statuses that say so."""
    yield "empty", b"", JSON, {400, 422}
    yield "malformed", b'{"token": ', JSON, {400}
    yield "trailing", b'{} {"a": 1}', JSON, {400}
    yield "list", b"[]", JSON, {422}
    yield "text", b'"x"', JSON, {422}
    yield "null", b"null", JSON, {422}
    yield "nothing_in_it", b"{}", JSON, {422}
    yield "unknown_field", b'{"no_such_field": 1}', JSON, {422}
    yield "bad_utf8", b'{"token": "\xff\xfe"}', JSON, {400}
    yield "surrogate", rb'{"token": "\ud800"}', JSON, {400, 401, 422}
    yield "nan", b'{"token": NaN}', JSON, {400}
    yield "utf16", '{"token": "x"}'.encode("utf-16"), JSON, {400}
    yield "deep", DEEP[:50_000], JSON, {400}
    yield "deep_closed", b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}", JSON, {400}
    yield "deep_too_large", DEEP * 6, JSON, {400, 413}
    yield "large", b'"' + b"x" * 600_000 + b'"', JSON, {413}
    yield "text_plain", b"{}", {"Content-Type": "text/plain"}, {415}
    yield "form", b"token=x", {"Content-Type": "application/x-www-form-urlencoded"}, {415}
    yield "no_type", b"{}", {}, {415}
    yield "latin1", b"{}", {"Content-Type": "application/json; charset=latin-1"}, {415}
    yield "msgpack", b"\x80", {"Content-Type": "application/x-msgpack"}, {415}
    yield "json_in_name", b"{}", {"Content-Type": "text/plain; x=application/json"}, {415}


# Where everything in the body may be left out.
NEED_NOTHING = {"/api/v1/flows/{key:str}/publish", "/api/v1/declarations/{declaration:str}/settle"}


@slowly_on_postgres
async def test_a_body_that_cannot_be_taken_is_told(
    client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]
) -> None:
    """On every operation that reads one: 400, 413, 415 or 422 in the one shape, and the visit goes on."""
    found, visit = everything
    reading = [operation for operation in found if operation.body is not None]
    wrong = []
    for operation in reading:
        for name, content, headers, expected in bodies():
            sent = operation.headers | headers
            reply = await client.request(operation.method, operation.address, content=content, headers=sent)
            if operation.template in NEED_NOTHING and content in (b"", b"{}", b"null"):
                continue
            if complaint(reply) or reply.status_code not in expected:
                wrong.append((operation.template, name, reply.status_code, complaint(reply)))

    # One that reads a body, and has none in tests/web/routes.py, is not looked at.
    assert len(reading) == sum(one.reads_body for one in found) >= 7
    assert wrong == []
    assert (await visit.answer("other")).screen["kind"] == "confirm"


async def test_more_than_it_takes_is_refused_before_it_is_read(
    client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]
) -> None:
    """64 kB for the widget, with and without a length told beforehand."""
    _, visit = everything
    body = b'{"kind": "cancel", "step": "' + b"x" * 65_536 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), 4096):
            yield body[at : at + 4096]

    told = await client.post("/widget/v1/session/moves", content=body, headers=visit.headers | JSON)
    untold = await client.post("/widget/v1/session/moves", content=pieces(), headers=visit.headers | JSON)
    form = await client.post("/exit/start", content=b"token=" + b"x" * 65_536, headers={"Content-Type": FORM})

    assert [reply.status_code for reply in (told, untold, form)] == [413, 413, 413]
    assert told.json()["error"]["code"] == untold.json()["error"]["code"] == "too_large"


FORM = "application/x-www-form-urlencoded"
# As JSON text, so that they arrive exactly so.
NASTY = [
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\udc00x"',
    r'"\ufffe\uffff\u202e\u001b[2J"',
    '"' + "x" * 30_000 + '"',
    '""',
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1" + "0" * 400,
    "1e400",
    "-1",
    "0.5",
    "true",
    "null",
    "[]",
    "{}",
    '[["x"]]',
    '{"id": {"id": 1}}',
    "[" * 30 + "]" * 30,
    "'",
    '"9999-99-99"',
]


def leaves(body: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where something could stand instead."""
    yield path
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inside:
        yield from leaves(value, (*path, name))


def spoilt(body: Any, path: tuple[str | int, ...], text: str) -> bytes:
    """`body` as JSON with `text` at `path`."""
    copy = json.loads(json.dumps({"": body}))
    at: Any = copy
    for step in ("", *path)[:-1]:
        at = at[step]
    at[("", *path)[-1]] = "@@here@@"
    return json.dumps(copy[""]).replace('"@@here@@"', text).encode()


@slowly_on_postgres
async def test_any_field_may_hold_anything(
    client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]
) -> None:
    """NUL, lone surrogates, numbers beyond 64 bit, other types: never a 5xx on either database, and nothing is lost."""
    found, visit = everything
    wrong, sent = [], 0
    await visit.answer("too_expensive", answers={"comment": "kept"})
    for operation in [operation for operation in found if operation.body is not None]:
        for path in leaves(operation.body):
            for text in NASTY:
                content = spoilt(operation.body, path, text)
                headers = operation.headers | JSON
                reply = await client.request(operation.method, operation.address, content=content, headers=headers)
                sent += 1
                if reply.status_code >= 500 or (reply.status_code >= 400 and complaint(reply)):
                    wrong.append((operation.template, path, text[:30], reply.status_code))

    assert wrong == []
    assert sent > 900
    assert await count("answer", "text = 'kept'") == 1
    assert (await (await visit.look()).leave()).screen["receipt"]


PARTS = [
    "%00",
    "%ff",
    "%ed%a0%80",
    "..",
    "%2e%2e%2fetc",
    "'",
    "x" * 5000,
    "%F0%9F%92%A9",
    "-1",
    "99999999999999999999",
    "-99999999999999999999",
    "9" * 5000,
]
QUERY = {
    "limit": ["0", "-1", "1e9", "99999999999999999999999", "x", "", "%00"],
    "cursor": ["", "x", "é", "%00", "A" * 22, "=" * 10, "x" * 5000],
    "mode": ["LIVE", "", "%00"],
    "state": ["lost", "", "%00"],
    "from": ["tomorrow", "%00", "99999-01-01", "-1"],
    "to": ["tomorrow", "%00"],
    "group_by": ["%00", "x"],
}


@slowly_on_postgres
async def test_any_address_may_be_called(client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]) -> None:
    """Whatever stands in the place of an id or a parameter: an answer or a refusal, never a 5xx."""
    found, _ = everything
    wrong = []
    for operation in found:
        segments = operation.template.split("/")
        places = [at for at, segment in enumerate(segments) if "{" in segment]
        actual = operation.address.split("/")
        addresses = ["/".join([*actual[:at], part, *actual[at + 1 :]]) for at in places for part in PARTS]
        if operation.method == "GET":
            addresses += [f"{operation.address}?{name}={value}" for name, values in QUERY.items() for value in values]
        for address in addresses:
            sent: dict[str, Any] = {"json": operation.body} if operation.body else {}
            reply = await client.request(operation.method, address, headers=operation.headers, **sent)
            if reply.status_code >= 500 or (reply.status_code >= 400 and complaint(reply, operation)):
                wrong.append((operation.method, address[:80], reply.status_code, reply.text[:80]))

    assert wrong == []


@pytest.mark.slow
@on_sqlite
async def test_any_header_may_hold_anything(
    client: httpx.AsyncClient, everything: tuple[list[Operation], Visit]
) -> None:
    """Credentials, origins, languages, content types of any bytes."""
    found, _ = everything
    values = [b"\xff\xfe", b"Bearer \xc3\xa9" + b"x" * 20_000, b"*/*;q=x,,;", b"\x7f", b""]
    wrong = []
    for operation in found:
        for name in (
            "Authorization",
            "Origin",
            "Accept",
            "Accept-Language",
            "Content-Type",
            "Cookie",
            "Idempotency-Key",
        ):
            for value in values:
                headers = {key.encode(): text.encode() for key, text in operation.headers.items() if key != name}
                reply = await client.request(
                    operation.method,
                    operation.address,
                    headers={**headers, name.encode(): value},
                    content=json.dumps(operation.body).encode() if operation.body else None,
                )
                if reply.status_code >= 500 or (reply.status_code >= 400 and complaint(reply, operation)):
                    wrong.append((operation.method, operation.template, name, value[:20], reply.status_code))

    assert wrong == []


async def test_an_error_says_nothing_of_the_inside(
    client: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours is a 500 in the one shape, with an id to find it in the log and nothing else."""
    from aurevoir.sessions import service  # noqa: PLC0415

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM vault")

    monkeypatch.setattr(service, "start", broken)
    reply = await client.post("/widget/v1/sessions", json={"token": house.token()})
    page = await client.post("/exit/start", data={"token": house.token()})

    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal")
    assert reply.json()["error"]["request_id"]
    assert _shape(reply) is None
    assert page.status_code == 500
    assert page.headers["content-type"].startswith("text/html")
    assert "vault" not in reply.text + page.text


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://never.seen.example"}])
async def test_a_database_that_is_away_is_told(client: httpx.AsyncClient, house: House, origin: dict[str, str]) -> None:
    """503, when to try again, and what was saved is safe; never a page of a traceback."""
    await db.close_database()
    reply = await client.post("/widget/v1/sessions", json={"token": house.token()}, headers=origin)
    page = await client.post("/exit/start", data={"token": house.token()}, headers=origin)
    alive, ready = await client.get("/health/live"), await client.get("/health/ready")

    assert (reply.status_code, page.status_code, alive.status_code, ready.status_code) == (503, 503, 200, 503)
    assert _shape(reply) is None
    assert reply.headers["retry-after"] == page.headers["retry-after"] == "2"
    assert page.headers["content-type"].startswith("text/html")
