"""Mail: composed so that no field can add another, and handed to an SMTP server."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import aiosmtplib
import idna
from msgspec import Struct

from aurevoir.kit.struct import safe_text

# For each command of a conversation, in seconds.
PATIENCE = 10.0
_LOCAL_PART = re.compile(r"[^\s\x00-\x1f\x7f@<>()\[\],;:\\\"]{1,64}\Z")
# `email` takes a value apart that begins like an encoded word, and an encoded line break becomes a real one.
_ENCODED = "=?"
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Mail(Struct, frozen=True, kw_only=True):
    """A mail to one person, in both forms; `language` is a locale tag."""

    to: str
    subject: str
    text: str
    html: str
    language: str = "en"


class Server(Struct, frozen=True, kw_only=True):
    """Where mail is handed in, and from whom it comes: an address, or `Name <address>`."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    user: str | None = None
    password: str | None = None
    sender: str


class BadAddress(ValueError):
    """Nothing that mail can be sent to."""


class NotTaken(Exception):
    """A mail was not taken: `code` says why without repeating what the server said; `for_good`: it never will be."""

    def __init__(self, code: str, *, for_good: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.for_good = for_good


def server(url: str, sender: str) -> Server:
    """The server behind `smtp://user:password@host:587`, `smtps://…` or `smtp://…?starttls=no`; raises ValueError.

    `smtp` upgrades to TLS, or does not send; on this machine itself, or where the URL says so, it stays plain.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    wanted = options.pop("starttls", "no" if parts.hostname in _LOOPBACK else "yes")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("it looks like smtp://user:password@host:587 or smtps://user:password@host:465")
    if options or wanted not in ("yes", "no"):
        raise ValueError("the only option is starttls=yes or starttls=no")
    person(sender)
    implicit = parts.scheme == "smtps"
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if implicit else 587),
        security="tls" if implicit else "starttls" if wanted == "yes" else "none",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        sender=sender,
    )


def address(text: str) -> str:
    """A mailbox with its domain in ASCII; raises BadAddress."""
    local, _, domain = text.strip().rpartition("@")
    if not _LOCAL_PART.match(local) or _ENCODED in local:
        raise BadAddress
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except UnicodeError as error:
        raise BadAddress from error


def is_address(text: str) -> bool:
    """Whether mail can be sent there."""
    try:
        return bool(address(text))
    except BadAddress:
        return False


def person(text: str) -> Address:
    """`Name <address>`, or the address alone; raises BadAddress."""
    named = _NAMED.match(text.strip())
    mailbox = address(named["address"] if named else text)
    local, _, domain = mailbox.rpartition("@")
    return Address(_one_line(named["name"]).strip('" ') if named else "", local, domain)


def compose(mail: Mail, sender: str, name: str, written_at: datetime) -> EmailMessage:
    """The message; the same `name` gives the same Message-ID, by which receivers know a repetition.

    Raises BadAddress.
    """
    message, origin = EmailMessage(policy=SMTP_POLICY), person(sender)
    message["From"] = origin
    message["To"] = person(address(mail.to))
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = written_at
    message["Message-ID"] = f"<{name}@{origin.domain}>"
    # RFC 3834: no out-of-office note answers it.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = mail.language
    return message


@asynccontextmanager
async def connected(to: Server) -> AsyncIterator[aiosmtplib.SMTP]:
    """A conversation with the server, signed in; raises NotTaken when there is none to be had."""
    client = aiosmtplib.SMTP(
        hostname=to.host,
        port=to.port,
        username=to.user,
        password=to.password,
        # Its default asks the resolver, and waits.
        local_hostname=person(to.sender).domain,
        timeout=PATIENCE,
        use_tls=to.security == "tls",
        start_tls=to.security == "starttls",
    )
    try:
        await client.connect()
    except aiosmtplib.SMTPResponseException as error:
        raise NotTaken(f"refused_{error.code}") from error
    except OSError as error:
        raise NotTaken("not_reached") from error
    except aiosmtplib.SMTPException as error:
        raise NotTaken("no_starttls_or_login") from error
    try:
        yield client
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()


async def deliver(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    """Hand one message over; raises NotTaken."""
    try:
        await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused as error:
        code = error.recipients[0].code
        raise NotTaken(f"refused_{code}", for_good=code >= 500) from error
    except aiosmtplib.SMTPDataError as error:
        raise NotTaken(f"refused_{error.code}", for_good=error.code >= 500) from error
    except aiosmtplib.SMTPNotSupported as error:
        raise NotTaken("address_not_supported", for_good=True) from error
    except aiosmtplib.SMTPResponseException as error:
        # It does not take mail from us at all: the operator can mend that while the mail waits.
        raise NotTaken(f"refused_{error.code}") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise NotTaken("not_reached") from error


def _one_line(text: str) -> str:
    return " ".join(safe_text(text).replace(_ENCODED, "= ?").split())
