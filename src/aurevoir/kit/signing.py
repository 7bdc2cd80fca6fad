"""Signed messages as the Standard Webhooks specification has them: secrets, and the headers that they sign."""

import base64
import binascii
import secrets as random
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64


def new_secret() -> str:
    """256 random bits as `whsec_…`."""
    return _PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether it is `whsec_` and the base64 of 24 to 64 bytes."""
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(_PREFIX) and _SHORTEST <= len(raw) <= _LONGEST


def headers(message: str, at: datetime, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """What goes with a message: its id, the moment of this attempt, a signature by each of `secrets`."""
    # The library takes the clock's reading and calls it UTC, whatever zone it was in.
    moment, text = at.astimezone(UTC), body.decode()
    return {
        "content-type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(message, moment, text) for secret in secrets),
    }
