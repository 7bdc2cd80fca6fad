"""Settings: read once from the environment into one frozen Struct; what is wrong stops the start, with a hint."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from aurevoir.access.installation import Installation
from aurevoir.kit.crypto import Keyring

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
    log_format: Annotated[str, described("`json` or `console`", pattern=r"\A(json|console)\Z")] = "json"
    demo: Annotated[bool, described("Serve the demo product under `/demo`; `aurevoir demo` sets it")] = False

    @property
    def installation(self) -> Installation:
        """What the packages below need to know of it."""
        return Installation(Keyring(self.secret_key, *self.older_secret_keys.split()), self.base_url)


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
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        raise SettingsError(
            f"{PREFIX}{path.strip('`').upper()}: {message}. Hint: see the README's settings table."
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
