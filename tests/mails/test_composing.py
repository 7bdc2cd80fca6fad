"""Composing: the headers of a mail, in every language, and nothing that a value could add to them."""

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from aurevoir.kit import mail
from aurevoir.kit.mail import Mail
from tests.mails.postbox import SENDER, part

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
# Each would add a recipient, a header or a second message, if it could.
INJECTIONS = [
    "x\r\nBcc: eve@evil.example",
    "x\nBcc: eve@evil.example",
    "x\rBcc: eve@evil.example",
    "x\r\n\r\n<script>alert(1)</script>",
    "x\x0bBcc: eve@evil.example",
    "x\x85Bcc: eve@evil.example",
    "x\u2028Bcc: eve@evil.example",
    "x\x00\r\n.\r\nMAIL FROM:<eve@evil.example>",
    "=?utf-8?q?x=0D=0ABcc:_eve=40evil.example?=",
    "=?utf-8?q?x=0D=0ABcc=3A_eve=40evil.example?=",
    "=?utf-8?b?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "==??utf-8?b?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxl?==",
    "=\r\n?utf-8?b?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
    "=\x00?utf-8?b?eA0KQmNjOiBldmVAZXZpbC5leGFtcGxl?=",
]


def composed(**changes: str) -> EmailMessage:
    """The message as its receiver reads it, after the way over the wire."""
    content = {"to": "dana@example.com", "subject": "Hello", "text": "Hello.", "html": "<p>Hello.</p>"} | changes
    sender = content.pop("sender", SENDER)
    message = mail.compose(Mail(**content), sender, "0190", AT)
    read: EmailMessage = email.message_from_bytes(message.as_bytes(), policy=default)
    return read


def test_a_mail_says_what_it_is() -> None:
    """When, from whom, that a machine wrote it, in which language; both forms, the text first."""
    message = composed(language="fr")

    assert message["From"] == "Acme Cloud <billing@acme.example>"
    assert message["To"] == "dana@example.com"
    assert message["Date"] == "Sun, 22 Nov 2026 10:00:00 +0000"
    assert message["Message-ID"] == "<0190@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("subject", ["Ihre Kündigung", "تم تسجيل الإلغاء", "受付番号 🎫", "é" * 300])
def test_every_script_arrives(subject: str) -> None:
    """In the subject as in both bodies."""
    message = composed(subject=subject, text=f"{subject}\n", html=f"<p>{subject}</p>")

    assert message["Subject"] == subject
    assert part(message, "plain").strip() == subject
    assert subject in part(message, "html")


@pytest.mark.parametrize("value", INJECTIONS)
def test_no_subject_adds_a_header(value: str) -> None:
    """What looked like a line of its own is part of the subject."""
    message = composed(subject=value)

    assert "Bcc" not in message
    assert message.get_all("From") == ["Acme Cloud <billing@acme.example>"]
    assert message.is_multipart()
    assert sum(1 for _ in message.walk()) == 3


@pytest.mark.parametrize("value", [value for value in INJECTIONS if "<" not in value])
def test_no_sender_adds_a_header(value: str) -> None:
    """The name of a product may say what it likes."""
    message = composed(sender=f"{value} <billing@acme.example>")

    assert "Bcc" not in message
    assert [one.addr_spec for one in message["From"].addresses] == ["billing@acme.example"]


@pytest.mark.parametrize("value", INJECTIONS)
@pytest.mark.parametrize("form", ["{}", "{}@example.com", "dana@{}", "dana@example.com {}", "Dana <{}@example.com>"])
def test_no_address_adds_a_recipient(value: str, form: str) -> None:
    """It is refused, or stands for one mailbox that the server was told of."""
    try:
        message = composed(to=form.format(value))
    except mail.BadAddress:
        return
    assert "Bcc" not in message
    assert len(message["To"].addresses) == 1


@pytest.mark.parametrize(
    "value", ["a@b.example, eve@evil.example", "a@b.example; eve@evil.example", "<eve@evil.example>"]
)
def test_one_recipient_is_one(value: str) -> None:
    """Lists are refused."""
    with pytest.raises(mail.BadAddress):
        mail.address(value)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("dana@faß.example", "dana@xn--fa-hia.example"),
        ("dana@例え.テスト", "dana@xn--r8jz45g.xn--zckzah"),
        ("dana@Bücher.Example", "dana@xn--bcher-kva.example"),
        (" dana+x@example.com ", "dana+x@example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
    ],
)
def test_international_domains_are_sent_as_dns_knows_them(written: str, sent: str) -> None:
    """By IDNA 2008: ß stays a letter of its own."""
    assert mail.address(written) == sent


def test_the_senders_name_may_be_in_any_script() -> None:
    """The product's name, as its customers write it."""
    message = composed(sender='"Café, Ünlü" <billing@faß.example>')

    assert message["From"].addresses[0].display_name == "Café, Ünlü"
    assert message["From"].addresses[0].addr_spec == "billing@xn--fa-hia.example"
