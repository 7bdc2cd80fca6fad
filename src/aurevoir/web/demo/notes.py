"""What a visitor of the demo has tried so far, beyond what the database tells; forgotten when the process ends."""

from typing import Literal

from aurevoir.kit.cache import Cache

Tried = Literal["receipt", "csv", "days"]
_tried: Cache[str, frozenset[str]] = Cache(size=5000)


def note(visitor: str, what: Tried) -> None:
    """This visitor did that."""
    _tried.put(visitor, tried(visitor) | {what})


def tried(visitor: str) -> frozenset[str]:
    """All that this visitor did."""
    return _tried.get(visitor) or frozenset()
