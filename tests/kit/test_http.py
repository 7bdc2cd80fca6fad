"""Requests to addresses that somebody typed in: every way to lead them inside ends before a byte is sent."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aurevoir.kit import clock, http
from aurevoir.kit.addresses import Address
from aurevoir.kit.http import Refused

# Spellings of this machine and of metadata services; those that are no number are looked up by the system.
INSIDE = """http://127.0.0.1 http://127.1 http://2130706433 http://0x7f000001 http://0x7f.1 http://0177.0.0.1
    http://localhost http://localhost. http://LOCALHOST http://127.0.0.1. http://127。0。0。1 http://①②⑦.⓪.⓪.① http://0
    http://0.0.0.0 http://[::1] http://[::] http://[::ffff:127.0.0.1] http://[::ffff:7f00:1] http://[0:0:0:0:0:0:0:1]
    http://[64:ff9b::7f00:1] http://[2002:7f00:1::] http://[fe80::1] http://[fc00::1] http://169.254.169.254
    http://2852039166 http://0xa9fea9fe http://[::ffff:169.254.169.254] http://10.0.0.1 http://192.168.1.1 http://172.16.0.1
    http://100.64.0.1 http://100.100.100.200 http://224.0.0.1 http://255.255.255.255 http://[fd00:ec2::254]"""
NO_ADDRESS = """ftp://example.com file:///etc/passwd gopher://example.com example.com //example.com https:// https:///x
    javascript:alert(1) https://[::1%25eth0]/ data:text/plain,x https://[nonsense]/ unix:/run/x.sock"""


@pytest.fixture(autouse=True)
def strict() -> Iterator[None]:
    """As it is by default, again after each test."""
    yield
    http.configure(allow_private=False)


class Canary:
    """A server on this machine, which nobody should reach; its answers are as long and slow as wished."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[str] = []
        self.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        self.drip = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            pieces = [self.answer[at : at + 1] for at in range(len(self.answer))] if self.drip else [self.answer]
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(self.drip)
        except ConnectionError:
            pass
        finally:
            writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """Listens on the loopback address."""
    one = Canary()
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    yield one
    server.close()


def answering(*answers: str) -> http.Resolve:
    """A name server that gives each answer once, the last one for ever."""
    left = list(answers)

    async def resolve(_: str, __: int) -> list[Address]:
        given = left.pop(0) if len(left) > 1 else left[0]
        return [ip_address(one) for one in given.split()]

    return resolve


async def refusal(url: str, resolve: http.Resolve | None = None) -> str:
    """Why nothing was sent."""
    with pytest.raises(Refused) as refused:
        await http.post(url, b"{}", {}, resolve)
    return refused.value.code


async def test_no_spelling_of_an_inner_address_gets_through(canary: Canary) -> None:
    """Decimal, octal, hexadecimal, short, wide, mapped, with a dot at the end: all that the system understands."""
    http.configure(allow_private=False)
    reached = {}
    for url in INSIDE.split():
        secure = url.replace("http://", "https://") + f":{canary.port}/"
        reached[url] = (await refusal(f"{url}:{canary.port}/"), await refusal(secure))
    allowed = {("not_https", code) for code in ("address_refused", "name_not_found", "bad_address")}
    allowed.add(("bad_address", "bad_address"))

    assert {url: codes for url, codes in reached.items() if codes not in allowed} == {}
    assert canary.heads == []


async def test_some_are_refused_even_where_private_ones_are_allowed() -> None:
    """Metadata services, link-local and multicast are nobody's server."""
    http.configure(allow_private=True)
    for host in ("169.254.169.254", "0xa9fea9fe", "[fe80::1]", "224.0.0.1", "0", "[::ffff:169.254.169.254]"):
        assert await refusal(f"http://{host}/") == "address_refused"


async def test_what_is_no_web_address_is_refused() -> None:
    """Other schemes, no host, an interface, a password."""
    codes = {url: await refusal(url) for url in NO_ADDRESS.split()}

    assert set(codes.values()) == {"bad_address"}
    assert await refusal("https://user:secret@example.com/") == "credentials_in_address"
    assert await refusal("http://example.com/") == "not_https"


@pytest.mark.parametrize("answer", ["8.8.8.8 127.0.0.1", "10.0.0.1", "2606:4700::1 ::1", "::ffff:10.0.0.1", ""])
async def test_one_inner_address_spoils_the_name(answer: str) -> None:
    """A name that has public and private addresses at once is refused, whichever comes first."""
    code = await refusal("https://hooks.example.com/", answering(answer))

    assert code == ("address_refused" if answer else "name_not_found")


async def test_the_address_that_was_checked_is_the_one_connected_to(canary: Canary) -> None:
    """Rebinding: the second answer of the name server would be another one, and is never asked for."""
    http.configure(allow_private=True)
    asked: list[str] = []
    flipping = answering("127.0.0.1", "169.254.169.254")

    async def resolve(host: str, port: int) -> list[Address]:
        asked.append(host)
        return await flipping(host, port)

    reply = await http.post(f"http://hooks.example.com:{canary.port}/x?y=1", b"{}", {"x-own": "1"}, resolve)

    assert (reply.status, reply.body, asked) == (200, b"ok", ["hooks.example.com"])
    assert f"\r\nhost: hooks.example.com:{canary.port}\r\n" in canary.heads[0].lower()
    assert canary.heads[0].startswith("POST /x?y=1 HTTP/1.1\r\n")


async def test_the_next_address_is_tried_when_one_is_down(canary: Canary) -> None:
    """And if none takes the connection, nothing was sent for certain."""
    http.configure(allow_private=True)
    reply = await http.post(f"http://a.example:{canary.port}/", b"", {}, answering("::1 127.0.0.1"))
    with pytest.raises(httpx.ConnectError):
        await http.post("http://a.example:1/", b"", {}, answering("127.0.0.1"))

    assert reply.status == 200


@pytest.mark.parametrize("name", ["hooks.example.com", "other.example.com"])
async def test_the_certificate_must_be_of_the_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """We connect to a number, and still ask for the name, and believe nobody who cannot show it."""
    http.configure(allow_private=True)
    certificate = self_signed("hooks.example.com", tmp_path)
    asked: list[str | None] = []
    serving, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    serving.load_cert_chain(certificate)
    serving.sni_callback = lambda _, given, __: asked.append(given)
    trusting.load_verify_locations(certificate)
    monkeypatch.setattr(http, "_tls", lambda: trusting)
    server = await asyncio.start_server(Canary().serve, "127.0.0.1", 0, ssl=serving)
    url = f"https://{name}:{server.sockets[0].getsockname()[1]}/"
    if name == "hooks.example.com":
        assert (await http.post(url, b"{}", {}, answering("127.0.0.1"))).status == 200
    else:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await http.post(url, b"{}", {}, answering("127.0.0.1"))
    server.close()
    assert asked == [name]


def self_signed(name: str, folder: Path) -> Path:
    """A certificate for one name, with its key."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    day = timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, clock.now() - day, clock.now() + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


async def test_a_redirect_is_an_answer_like_any_other(canary: Canary) -> None:
    """It is not followed; proxies and credentials of the environment are not used; no cookie comes back."""
    http.configure(allow_private=True)
    canary.answer = b"HTTP/1.1 302 Found\r\nlocation: /next\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
    for _ in range(2):
        reply = await http.post(f"http://127.0.0.1:{canary.port}/", b"{}", {})
        assert reply.status == 302

    assert len(canary.heads) == 2
    assert "cookie" not in canary.heads[1].lower()


async def test_a_long_answer_is_cut(canary: Canary) -> None:
    """64 kB are enough for anything that we understand."""
    http.configure(allow_private=True)
    canary.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n" + b"x" * 300_000
    reply = await http.post(f"http://127.0.0.1:{canary.port}/", b"{}", {})

    assert len(reply.body) == http.LARGEST


async def test_a_dripping_answer_ends_in_time(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps every single read alive, and not the whole."""
    http.configure(allow_private=True)
    monkeypatch.setattr(http, "DEADLINE", 0.2)
    canary.drip = 0.05
    with pytest.raises(httpx.TimeoutException):
        await http.post(f"http://127.0.0.1:{canary.port}/", b"{}", {})


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://example.com/hook", False),
        ("https://[2606:4700::1]:8443/hook?a=b", False),
        ("http://example.com/", True),
        ("https://10.0.0.1/", True),
        ("https://[::ffff:127.0.0.1]/", True),
        ("https://a:b@example.com/", True),
        ("ftp://example.com/", True),
    ],
)
def test_what_can_be_seen_without_looking_up_is_said_at_once(url: str, *, wrong: bool) -> None:
    """So that whoever types it in can mend it."""
    http.configure(allow_private=False)

    assert (http.problem_with(url) is not None) is wrong
