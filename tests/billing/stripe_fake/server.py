"""HTTP on the loopback address, written by hand: it must be able to cut the line at the right moment."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from tests.billing.stripe_fake import forms, webhooks
from tests.billing.stripe_fake.account import Account
from tests.billing.stripe_fake.api import Api, Reply, Request
from tests.billing.stripe_fake.seeds import Seed, plant

WRITES = ("POST", "DELETE")
_ANSWERING = ("500_after", "500_before", "429", "409", "402")


class Fault(Struct, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong with the next requests that fit."""

    fault: str
    path: str = ""
    method: str | None = None
    times: int = 1
    seconds: float = 30

    def fits(self, method: str, path: str) -> bool:
        """Whether it is meant."""
        return self.times > 0 and self.path in path and method in ((self.method,) if self.method else WRITES)


class Cut(Exception):
    """The line is cut; no answer."""


class Server:
    """The account behind a port."""

    def __init__(self, make_api: Callable[[Account], Api]) -> None:
        self.url = ""
        self._make_api = make_api
        self.reset()
        self._open: set[asyncio.StreamWriter] = set()

    def reset(self) -> None:
        """As new."""
        self.account = Account()
        self.api = self._make_api(self.account)
        self.faults: list[Fault] = []
        self.requests: list[dict[str, Any]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        self._open.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError, Cut):
            while True:
                reply = await self._one(*await _read(reader))
                writer.write(_written(reply))
                await writer.drain()
        self._open.discard(writer)
        # An abort, not a farewell: whoever waits for an answer sees the line cut.
        writer.transport.abort()

    def cut_all(self) -> None:
        """Every line at once."""
        for writer in list(self._open):
            writer.transport.abort()

    async def _one(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        if parts.path.startswith("/_"):
            return Reply(200, await self._control(method, parts.path, body))
        request = Request(
            method=method,
            path=parts.path,
            params=forms.parse(body.decode() or parts.query),
            body=body.decode(),
            key=headers.get("idempotency-key"),
            api_key=headers.get("authorization", "").removeprefix("Bearer "),
        )
        return await self._answer(request)

    async def _answer(self, request: Request) -> Reply:
        fault = next((one for one in self.faults if one.fits(request.method, request.path)), None)
        name = fault.fault if fault else None
        noted = {**msgspec.to_builtins(request), "fault": name, "status": None, "replayed": False}
        self.requests.append(noted)
        if fault:
            fault.times -= 1
        if name in ("drop_before", "timeout_before"):
            await self._lose(fault)
        reply = self.api.answer(request, name if name in _ANSWERING else None)
        noted |= {"status": reply.status, "replayed": "Idempotent-Replayed" in reply.headers}
        if name in ("drop_after", "timeout_after"):
            await self._lose(fault)
        return reply

    async def _lose(self, fault: Fault | None) -> None:
        if fault and fault.fault.startswith("timeout"):
            await asyncio.sleep(fault.seconds)
        raise Cut

    async def _control(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        match path:
            case "/_seed":
                return plant(self.account, msgspec.json.decode(body, type=Seed))
            case "/_faults":
                self.faults = [] if method == "DELETE" else self.faults + msgspec.json.decode(body, type=list[Fault])
            case "/_forget_keys":
                self.api.forget_keys()
            case "/_effects":
                return {"effects": self.account.effects, "counts": self.account.counts()}
            case "/_requests":
                return {"requests": self.requests}
            case "/_deliver":
                return {"answers": await webhooks.deliver(self.account, msgspec.json.decode(body))}
            case "/_reset":
                self.reset()
        return {}


async def _read(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    return method, target, headers, await reader.readexactly(int(headers.get("content-length", 0)))


def _written(reply: Reply) -> bytes:
    body = json.dumps(reply.body).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Said\r\n{lines}\r\n".encode() + body


@asynccontextmanager
async def running(port: int = 0, make_api: Callable[[Account], Api] = Api) -> AsyncIterator[Server]:
    """A fake on a port of the loopback address, in this loop; `make_api` may be another one that executes."""
    fake = Server(make_api)
    listening = await asyncio.start_server(fake.serve, "127.0.0.1", port)
    fake.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        listening.close()
        fake.cut_all()
        # Those that held a line on purpose are let go.
        await asyncio.sleep(0)
