"""A real mail server on the loopback address, in the test's own loop."""

import asyncio
import email
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec.structs import replace

from aurevoir.kit import mail
from aurevoir.kit.mail import Server

SENDER = "Acme Cloud <billing@acme.example>"
OK = "250 OK"


@dataclass
class Postbox:
    """What arrived, and how the server answers: an address that it refuses, or a reply to every message."""

    received: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    conversations: int = 0
    port: int = 0

    def server(self, **changes: Any) -> Server:
        """As the settings would name it."""
        return replace(mail.server(f"smtp://127.0.0.1:{self.port}", SENDER), **changes)

    # aiosmtpd's names, from here on.
    async def handle_EHLO(  # noqa: N802
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.conversations += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else OK
        if answer == OK:
            assert isinstance(envelope.content, bytes)
            self.received.append(email.message_from_bytes(envelope.content, policy=default))
            self.recipients += envelope.rcpt_tos
        return answer


@asynccontextmanager
async def listening(postbox: Postbox, tls: ssl.SSLContext | None = None) -> AsyncIterator[Postbox]:
    """Take mail until the end; with `tls` only after STARTTLS."""
    loop = asyncio.get_running_loop()

    def conversation() -> SMTP:
        return SMTP(
            postbox,
            hostname="127.0.0.1",
            enable_SMTPUTF8=True,
            tls_context=tls,
            require_starttls=tls is not None,
            loop=loop,
        )

    server = await loop.create_server(conversation, "127.0.0.1", 0)
    postbox.port = server.sockets[0].getsockname()[1]
    try:
        yield postbox
    finally:
        server.close()


def part(message: EmailMessage, kind: str) -> str:
    """The text or HTML of a message."""
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")
