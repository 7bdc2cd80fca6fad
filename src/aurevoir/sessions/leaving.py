"""How much leaving took: clicks, screens and seconds, counted from a session's exhibits. Pure."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

# A session begins, or opens again after it was left, kept or saved.
OPENINGS = frozenset({"started", "reopened"})
# What a customer does that leads on; `declare` is the press on the confirmation.
CLICKS = frozenset({"answer", "skip", "back", "see_offer", "accept", "decline", "cancel", "keep", "undo", "declare"})


class Step(Struct, frozen=True, kw_only=True):
    """An exhibit as far as counting needs it."""

    kind: str
    at: datetime


class Leaving(Struct, frozen=True, kw_only=True):
    """From the opening that led to the last declaration up to that declaration; None where there is none.

    Opening the page is no click, and neither is ticking an answer: no answer is needed to leave.
    """

    clicks: int | None = None
    # Shown before the receipt.
    screens: int | None = None
    seconds: int | None = None
    # How often the visit was opened until then, and the clicks of all these times together.
    openings: int | None = None
    clicks_in_all: int | None = None


def leaving(steps: Sequence[Step]) -> Leaving:
    """What it took; nothing is said where somebody else declared for them, or the beginning is not on record."""
    declared = next((at for at in reversed(range(len(steps))) if steps[at].kind in ("declare", "recorded")), None)
    if declared is None or steps[declared].kind == "recorded" or steps[0].kind != "started":
        return Leaving()
    opened = next(at for at in reversed(range(declared)) if steps[at].kind in OPENINGS)
    way = steps[opened + 1 : declared + 1]
    clicks = sum(step.kind in CLICKS for step in way)
    return Leaving(
        clicks=clicks,
        # Each click but the last one led to a further screen.
        screens=clicks,
        seconds=round((steps[declared].at - steps[opened].at).total_seconds()),
        openings=sum(step.kind in OPENINGS for step in steps[: declared + 1]),
        clicks_in_all=sum(step.kind in CLICKS for step in steps[: declared + 1]),
    )
