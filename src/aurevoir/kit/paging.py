"""Keyset cursors: opaque to the caller, the last row's id to us."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

from aurevoir.kit.errors import Invalid, Problem

# Comes after every id there is: where a list that begins with the newest begins.
BEYOND = UUID(int=2**128 - 1)


def write(last: UUID | None) -> str | None:
    """The cursor that goes on after `last`."""
    return urlsafe_b64encode(last.bytes).decode().rstrip("=") if last else None


def read(cursor: str | None) -> UUID | None:
    """The id to go on after; raises Invalid for what is no cursor of ours."""
    if cursor is None:
        return None
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=="))
    except ValueError as error:
        raise Invalid(problems=[Problem("$.cursor", "This is not a cursor that was given before.")]) from error
