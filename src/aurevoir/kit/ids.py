"""Identifiers: time-ordered UUIDs inside, prefixed text outside, and random secrets."""

import secrets
from typing import Literal
from uuid import UUID

from uuid_utils.compat import uuid7

Prefix = Literal[
    "ws", "key", "flo", "ver", "ses", "epi", "dec", "rcp", "rdm", "evt", "per", "whe", "dlv", "rul", "ntf", "dcl"
]


def new_id() -> UUID:
    """A UUIDv7: sorts by the moment it was made."""
    return uuid7()


def shown(prefix: Prefix, value: UUID) -> str:
    """`value` as the outside sees it: `ses_0190…` (32 hexadecimal digits)."""
    return f"{prefix}_{value.hex}"


def read(prefix: Prefix, text: str) -> UUID | None:
    """The UUID behind `text`, or None when it is not one of that prefix."""
    head, _, digits = text.partition("_")
    if head != prefix or len(digits) != 32:
        return None
    try:
        return UUID(hex=digits)
    except ValueError:
        return None


def new_secret() -> str:
    """256 random bits in URL-safe text (43 characters)."""
    return secrets.token_urlsafe(32)
