"""The chain of a session's exhibits: what a link is made of, and where a chain breaks. Pure.

docs/evidence.md promises the formula, so that anybody can check a chain without this program.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from aurevoir.kit import crypto

_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Link(Struct, frozen=True, kw_only=True):
    """An exhibit as the chain holds it; `at` is the moment as text."""

    number: int
    at: str
    kind: str
    # SHA-256 of the payload; it stays when the payload is erased.
    digest: str
    link: str


class Breach(Struct, frozen=True):
    """The first place at which a chain does not hold: the number of the exhibit, and what is wrong there."""

    exhibit: int
    what: str


def moment(at: datetime) -> str:
    """In UTC, with all six digits: 2026-11-03T10:15:00.123456Z."""
    return at.astimezone(UTC).strftime(_MOMENT)


def read_moment(text: str) -> datetime:
    """The moment that was written so; raises ValueError for any other way of writing it."""
    at = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    if moment(at) != text:
        raise ValueError("a moment is written otherwise")
    return at


def link(previous: str, number: int, at: str, kind: str, digest: str) -> str:
    """SHA-256, in hexadecimal, of these five as lines of UTF-8 text; the first one's `previous` is the session's id."""
    return crypto.sha256("\n".join((previous, str(number), at, kind, digest)))


def find_breach(session: str, links: Sequence[Link], exhibits: int, head: str | None) -> Breach | None:
    """Where the chain of `session` breaks; `exhibits` is how many there must be, `head` the link of the last one."""
    previous = session
    for expected, one in enumerate(links, start=1):
        if one.number != expected:
            return Breach(expected, "it is missing, or the order is another")
        if one.link != link(previous, one.number, one.at, one.kind, one.digest):
            return Breach(expected, "its number, moment, kind, digest or link was changed, or the link before it")
        previous = one.link
    if len(links) != exhibits:
        # The first that is missing, or the first too many.
        at = min(len(links), exhibits) + 1
        return Breach(at, f"the chain ends at {len(links)}, and the session counts {exhibits}")
    if (links or head is not None) and previous != head:
        return Breach(len(links), "its link is not the head that the session keeps")
    return None
