"""Settings: read once from the environment into one frozen Struct; what is wrong stops the start, with a hint."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from aurevoir.access.installation import Installation
from aurevoir.kit import mail
from aurevoir.kit.crypto import Keyring
from aurevoir.kit.mail import Server

PREFIX = "AUREVOIR_"


def described(text: str, **limits: Any) -> Meta:
    """What the README's table says of a setting."""
    return Meta(description=text, **limits)


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what would be right."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting. Each is read from AUREVOIR_NAME, or from the file that AUREVOIR_NAME_FILE names."""

    database_url: Annotated[
        str,
        described(
            "Where the data is: `sqlite:///absolute/path.db`, `sqlite://relative.db` or `postgres://user:password@host/name`"
        ),
    ] = "sqlite://aurevoir.db"
    secret_key: Annotated[
        str,
        described("At least 32 random characters; seals keys and signs session tokens", min_length=32),
    ]
    older_secret_keys: Annotated[
        str, described("Secrets used before, separated by spaces: what they sealed stays readable")
    ] = ""
    base_url: Annotated[
        str,
        described(
            "The address under which customers' browsers reach this service", pattern=r"\Ahttps?://[^\s]+[^/\s]\Z"
        ),
    ] = "http://127.0.0.1:8000"
    host: Annotated[str, described("The address to listen on")] = "127.0.0.1"
    port: Annotated[int, described("The port to listen on", ge=0, le=65535)] = 8000
    metrics_token: Annotated[
        str, described("Bearer token for `/metrics`; without one it answers on the loopback address only")
    ] = ""
    smtp_url: Annotated[
        str,
        described(
            "Where mail is handed in: `smtp://user:password@host:587` or `smtps://user:password@host:465`, "
            "`?starttls=no` for a relay without TLS; without it no mail is sent"
        ),
    ] = ""
    mail_from: Annotated[
        str, described("Whom mail comes from, such as `Acme <billing@acme.example>`; goes with `AUREVOIR_SMTP_URL`")
    ] = ""
    operator_email: Annotated[
        str, described("Who is told of redemptions and declarations that need a person; needs `AUREVOIR_SMTP_URL`")
    ] = ""
    log_format: Annotated[str, described("`json` or `console`", pattern=r"\A(json|console)\Z")] = "json"
    allow_private_targets: Annotated[
        bool,
        described(
            "Let webhooks and the webhook gateway reach private networks, this machine itself, and plain http addresses"
        ),
    ] = False
    demo: Annotated[bool, described("Serve the demo product under `/demo`; `aurevoir demo` sets it")] = False

    @property
    def installation(self) -> Installation:
        """What the packages below need to know of it."""
        keyring = Keyring(self.secret_key, *self.older_secret_keys.split())
        return Installation(keyring, self.base_url, self.mail_server, self.operator_email)

    @property
    def mail_server(self) -> Server | None:
        """None where no mail is to be sent; raises ValueError."""
        return mail.server(self.smtp_url, self.mail_from) if self.smtp_url else None


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this environment; raises SettingsError."""
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(Settings):
        name = PREFIX + field.name.upper()
        value = _value(name, environment)
        if value is not None:
            given[field.name] = value
    if "secret_key" not in given:
        raise SettingsError(
            f"{PREFIX}SECRET_KEY is not set. Hint: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    try:
        chosen = msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        raise SettingsError(
            f"{PREFIX}{path.strip('`').upper()}: {message}. Hint: see the README's settings table."
        ) from error
    _check_mail(chosen)
    return chosen


def _check_mail(chosen: Settings) -> None:
    """Raises SettingsError; it repeats nothing of the URL, which holds a password."""
    if not chosen.smtp_url and (chosen.mail_from or chosen.operator_email):
        raise SettingsError(f"{PREFIX}SMTP_URL is not set. Hint: without it no mail is sent, to nobody.")
    if chosen.smtp_url and not chosen.mail_from:
        raise SettingsError(f"{PREFIX}MAIL_FROM is not set. Hint: an address that the server lets you send from.")
    for name, written, read_it in (
        ("MAIL_FROM", chosen.mail_from, mail.person),
        ("OPERATOR_EMAIL", chosen.operator_email, mail.address),
    ):
        try:
            _ = written and read_it(written)
        except mail.BadAddress as error:
            raise SettingsError(f"{PREFIX}{name} is no mail address. Hint: billing@acme.example") from error
    try:
        _ = chosen.mail_server
    except ValueError as error:
        raise SettingsError(
            f"{PREFIX}SMTP_URL is no address of a mail server. Hint: smtp://user:password@host:587 or smtps://…:465, "
            "with %40 for an @ in the password."
        ) from error


def _value(name: str, environment: Mapping[str, str]) -> str | None:
    path = environment.get(f"{name}_FILE")
    if not path:
        return environment.get(name) or None
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from error


def table() -> str:
    """The README's settings table, in Markdown."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    schema = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]
    for field in msgspec.structs.fields(Settings):
        default = "required" if field.required else f"`{field.default}`" if field.default not in ("", None) else "–"
        rows.append(f"| `{PREFIX}{field.name.upper()}` | {default} | {schema[field.name]['description']} |")
    return "\n".join(rows) + "\n"
