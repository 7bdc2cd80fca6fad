"""Mail servers: the URL that names one, encryption, signing in."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aurevoir import serving, settings
from aurevoir.kit import mail
from aurevoir.kit.mail import Mail, NotTaken, Server
from aurevoir.settings import SettingsError
from tests.mails.postbox import SENDER, Postbox, listening

HELLO = Mail(to="dana@example.com", subject="Hello", text="Hello.", html="<p>Hello.</p>")


async def hand_over(server: Server, content: Mail = HELLO) -> None:
    """One mail, in a conversation of its own."""
    message = mail.compose(content, server.sender, "0190", datetime(2026, 11, 22, tzinfo=UTC))
    async with mail.connected(server) as client:
        await mail.deliver(client, message)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 587, "starttls", None, None)),
        ("smtp://u:p%40%3A@mail.example:2525/", ("mail.example", 2525, "starttls", "u", "p@:")),
        ("smtp://mail.example?starttls=no", ("mail.example", 587, "none", None, None)),
        ("smtps://u:p@mail.example", ("mail.example", 465, "tls", "u", "p")),
        ("smtp://localhost:25", ("localhost", 25, "none", None, None)),
        ("smtp://[::1]:25?starttls=yes", ("::1", 25, "starttls", None, None)),
    ],
)
def test_a_url_names_a_server(url: str, expected: tuple[Any, ...]) -> None:
    """Encrypted unless it is this machine, or the URL says otherwise."""
    found = mail.server(url, SENDER)

    assert (found.host, found.port, found.security, found.user, found.password) == expected


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"SMTP_URL": "smtp://mail.example"}, "AUREVOIR_MAIL_FROM"),
        ({"MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
        ({"OPERATOR_EMAIL": "omar@acme.example"}, "AUREVOIR_SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example", "MAIL_FROM": "nobody"}, "AUREVOIR_MAIL_FROM"),
        ({"SMTP_URL": "smtp://mail.example", "MAIL_FROM": SENDER, "OPERATOR_EMAIL": "a b"}, "AUREVOIR_OPERATOR_EMAIL"),
        ({"SMTP_URL": "http://mail.example", "MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
        ({"SMTP_URL": "smtp://", "MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
        ({"SMTP_URL": "smtp://mail.example?tls=1", "MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
        ({"SMTP_URL": "smtp://u:geheim#1@mail.example", "MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
        ({"SMTP_URL": "smtp://u:p@mail.example:geheim", "MAIL_FROM": SENDER}, "AUREVOIR_SMTP_URL"),
    ],
)
def test_a_wrong_setting_stops_the_start(given: dict[str, str], named: str) -> None:
    """With its name and a hint, and without a word of the password."""
    environment = {f"AUREVOIR_{name}": value for name, value in given.items()}
    with pytest.raises(SettingsError, match=named) as refused:
        settings.read(environment | {"AUREVOIR_SECRET_KEY": "x" * 32})

    assert "Hint: " in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, ["no_mail_is_sent"]),
        ({"smtp_url": "smtp://mail.example", "mail_from": SENDER}, ["no_alerts_are_sent"]),
        ({"smtp_url": "smtp://mail.example", "mail_from": SENDER, "operator_email": "omar@acme.example"}, []),
    ],
)
def test_the_start_says_what_is_off(given: dict[str, str], said: list[str]) -> None:
    """Nobody finds out by a receipt that never came."""
    with structlog.testing.capture_logs() as lines:
        serving._say_what_is_off(settings.Settings(secret_key="x" * 32, **given))  # type: ignore[arg-type]

    assert [line["event"] for line in lines] == said


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Signed by itself, for the loopback address."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "server.pem"
    path.write_bytes(encoded + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_a_server_that_cannot_encrypt_gets_nothing(postbox: Postbox) -> None:
    """Where TLS is wanted, plain text is no second choice."""
    with pytest.raises(NotTaken) as refused:
        await hand_over(postbox.server(security="starttls"))

    assert not refused.value.for_good
    assert postbox.received == []


async def test_a_certificate_that_nobody_vouches_for_gets_nothing(certificate: Path) -> None:
    """Whoever stands in the middle could have made it."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    async with listening(Postbox(), tls) as postbox:
        with pytest.raises(NotTaken, match="not_reached"):
            await hand_over(postbox.server(security="starttls"))

    assert postbox.received == []


async def test_a_server_that_never_speaks_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the call and says nothing: after a while that counts as not reached."""
    hung_up = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung_up.wait()
        writer.close()

    monkeypatch.setattr(mail, "PATIENCE", 0.1)
    listening_in_vain = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = listening_in_vain.sockets[0].getsockname()[1]
    with pytest.raises(NotTaken, match="not_reached"):
        await hand_over(mail.server(f"smtp://127.0.0.1:{port}", SENDER))
    hung_up.set()
    listening_in_vain.close()


async def test_signing_in_where_that_is_not_possible_is_for_the_operator(postbox: Postbox) -> None:
    """Not the mail's fault: it waits."""
    with pytest.raises(NotTaken) as refused:
        await hand_over(postbox.server(user="u", password="p"))

    assert (refused.value.code, refused.value.for_good) == ("no_starttls_or_login", False)


async def test_an_international_mailbox_needs_a_server_that_knows_it(postbox: Postbox) -> None:
    """Ours does (SMTPUTF8), and the address arrives as it was written."""
    await hand_over(postbox.server(), Mail(to="dána@example.com", subject="s", text="t", html="h"))

    assert postbox.recipients == ["dána@example.com"]
