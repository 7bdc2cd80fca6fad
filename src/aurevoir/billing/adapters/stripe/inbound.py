"""Webhooks of Stripe's: whether one is genuine, and which subscription it is about. Pure."""

import hmac
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

# A major version of the SDK is a version of the API; events of another one may have another shape.
API_MAJOR = "endive"
# Seconds that the two clocks may differ, either way; also how long an old request can be repeated by others.
TOLERANCE = 300


class Told(Struct, frozen=True, kw_only=True):
    """An event as Stripe tells it; `object` may have changed since."""

    id: Annotated[str, Meta(min_length=1, max_length=120)]
    type: Annotated[str, Meta(min_length=1, max_length=80)]
    api_version: str | None = None
    data: dict[str, Any] = {}


_decoder = msgspec.json.Decoder(Told)


def is_genuine(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Whether one of the header's `v1` signatures is the HMAC-SHA256 of "{t}.{body}", and `t` is about now."""
    given = [part.partition("=")[::2] for part in header.split(",")]
    stamp = next((value for name, value in given if name == "t"), "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now.timestamp() - int(stamp[:12])) > TOLERANCE:
        return False
    expected = hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
    return any(hmac.compare_digest(expected, value) for name, value in given if name == "v1" and value.isascii())


def read(body: bytes) -> Told:
    """The event; raises msgspec.DecodeError, UnicodeDecodeError or RecursionError for anything else."""
    return _decoder.decode(body)


def is_understood(told: Told) -> bool:
    """Whether it has the shape that the SDK knows: 2026-10-28.endive is of the major `endive`."""
    return (told.api_version or "").rpartition(".")[2] == API_MAJOR


def subscription_of(told: Told) -> str | None:
    """The subscription that an event is about; what it says of it is not used, the object is read again."""
    about = told.data.get("object")
    if not isinstance(about, dict):
        return None
    kind = about.get("object")
    if kind == "subscription":
        return _text(about.get("id"))
    if kind == "invoice":
        return _text(_within(_within(about, "parent"), "subscription_details").get("subscription"))
    if kind == "subscription_schedule":
        return _text(about.get("subscription") or about.get("released_subscription"))
    return None


def _within(about: dict[str, Any], name: str) -> dict[str, Any]:
    found = about.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
