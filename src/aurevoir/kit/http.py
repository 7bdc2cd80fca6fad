"""Requests to addresses that people typed in: what is connected to is the very address that was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext

import httpx
from msgspec import Struct

from aurevoir.kit import addresses
from aurevoir.kit.addresses import Address

# For the whole exchange, in seconds: a peer that sends a byte now and then does not hold on to us either.
DEADLINE = 15.0
CONNECT = 10.0
# Of an answer we read so much, and let go of the rest.
LARGEST = 64 * 1024
AGENT = "Aurevoir"

Resolve = Callable[[str, int], Awaitable[list[Address]]]


class Refused(Exception):
    """Nothing was sent, because of the address; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reply(Struct, frozen=True):
    """An answer of any status; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Policy:
    """Decided once for the process, when it starts: no caller can forget it."""

    private = False


def configure(*, allow_private: bool) -> None:
    """Whether private networks, this machine itself, and plain http may be reached from here on."""
    _Policy.private = allow_private


def problem_with(url: str) -> str | None:
    """What is wrong with an address before anybody looks its name up; None: nothing."""
    try:
        _checked(_parsed(url))
    except Refused as refused:
        return _SENTENCES[refused.code]
    return None


_SENTENCES = {
    "bad_address": "This is not an address such as https://example.com/hook.",
    "not_https": "Only https is sent to; plain http needs AUREVOIR_ALLOW_PRIVATE_TARGETS.",
    "credentials_in_address": "Leave user name and password out of the address.",
    "address_refused": "This address is private or reserved; see AUREVOIR_ALLOW_PRIVATE_TARGETS.",
}


async def post(url: str, body: bytes, headers: Mapping[str, str], resolve: Resolve | None = None) -> Reply:
    """One POST, no redirect followed, no cookie kept, no proxy asked.

    Raises Refused, httpx.ConnectError or httpx.ConnectTimeout (certainly not sent), and other httpx.TransportErrors,
    after which nobody knows.
    """
    target = _checked(_parsed(url))
    own = {"user-agent": AGENT, "accept": "application/json", "accept-encoding": "identity"}
    async with _client(resolve or _resolve) as client:
        try:
            async with asyncio.timeout(DEADLINE):
                async with client.stream("POST", target, content=body, headers=own | dict(headers)) as answer:
                    return Reply(answer.status_code, dict(answer.headers), await _beginning(answer))
        except TimeoutError as error:
            raise httpx.ReadTimeout("the whole took too long") from error


async def _beginning(answer: httpx.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_raw():
        read += piece
        if len(read) >= LARGEST:
            break
    return read[:LARGEST]


def _client(resolve: Resolve) -> httpx.AsyncClient:
    # One for each request: a pooled connection would serve another name at the same address unchecked.
    transport = _Pinned(resolve)
    timeout = httpx.Timeout(DEADLINE, connect=CONNECT)
    return httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False, follow_redirects=False)


class _Pinned(httpx.AsyncBaseTransport):
    """Looks the name up once, refuses it if any of its addresses is refused, and connects to one of those addresses."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._within = httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False, retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        found = await self._resolve(host, port)
        if not found:
            raise Refused("name_not_found")
        # Names that have public and private addresses at once are how filters are passed.
        if not all(addresses.allowed(one, private=_Policy.private) for one in found):
            raise Refused("address_refused")
        request.extensions = {**request.extensions, "sni_hostname": host}
        failed: httpx.TransportError = httpx.ConnectError("no address")
        for address in found[:3]:
            # The Host header was written from the name and stays.
            request.url = request.url.copy_with(host=str(address))
            try:
                return await self._within.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise failed

    async def aclose(self) -> None:
        await self._within.aclose()


@cache
def _tls() -> SSLContext:
    # SSL_CERT_FILE is honoured: networks of one's own have authorities of their own.
    return httpx.create_ssl_context()


def _parsed(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused("bad_address") from error


def _checked(url: httpx.URL) -> httpx.URL:
    if url.scheme not in ("http", "https") or not url.host or "%" in url.host:
        raise Refused("bad_address")
    if url.userinfo:
        raise Refused("credentials_in_address")
    if url.scheme == "http" and not _Policy.private:
        raise Refused("not_https")
    written = addresses.literal(url.host)
    if written is not None and not addresses.allowed(written, private=_Policy.private):
        raise Refused("address_refused")
    return url


async def _resolve(host: str, port: int) -> list[Address]:
    """Every address of `host`, each once; also of the odd spellings of numbers that the system understands."""
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    # A scope (`fe80::1%eth0`) is an interface of this machine: link-local, and refused as such.
    return [ip_address(one) for one in dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows)]
