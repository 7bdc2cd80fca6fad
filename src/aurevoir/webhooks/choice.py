"""Which events an endpoint wants: kinds, `redemption.*` for all that begin so, `*` for everything. Pure."""

from collections.abc import Sequence
from typing import get_args

from aurevoir.events.catalogue import EventKind
from aurevoir.kit.errors import Problem

KINDS: tuple[EventKind, ...] = get_args(EventKind)


def wants(chosen: Sequence[str], kind: str) -> bool:
    """Whether one of `chosen` means `kind`."""
    return any(one in ("*", kind) or (one.endswith(".*") and kind.startswith(one[:-1])) for one in chosen)


def problems_in(chosen: Sequence[str]) -> list[Problem]:
    """What stands there and means no event that there is."""
    return [
        Problem(f"$.events[{index}]", "There is no such event; docs/webhooks.md lists them.")
        for index, one in enumerate(chosen)
        if not any(wants([one], kind) for kind in KINDS)
    ]
