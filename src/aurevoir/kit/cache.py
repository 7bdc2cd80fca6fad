"""A small memory of what is read often and changed seldom."""

import time
from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Keeps a value for `seconds` (for ever without them), and the `size` most recently kept ones."""

    def __init__(self, *, seconds: float | None = None, size: int = 1000) -> None:
        self._seconds = seconds
        self._size = size
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, unless it is unknown or too old."""
        found = self._kept.get(key)
        if found is None or (self._seconds is not None and time.monotonic() - found[0] > self._seconds):
            return None
        return found[1]

    def put(self, key: K, value: V) -> V:
        """Keep `value`, and give it back."""
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
