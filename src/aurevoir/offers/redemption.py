"""The states of a redemption and the steps between them (design.md §5). Pure."""

from datetime import datetime, timedelta
from typing import Literal

from aurevoir.billing.plan import Verdict

RedemptionState = Literal[
    "accepted",
    "sending",
    "applied",
    "confirmed",
    "completed",
    "waiting",
    "unknown",
    "handed_over",
    "superseded",
    "failed",
    "attention",
    "reverted",
]
Kind = Literal["cancel", "undo_cancel"]

# A cancellation outranks everything else that waits.
PRIORITY: dict[Kind, int] = {"cancel": 0, "undo_cancel": 1}
LEASE = timedelta(seconds=60)
_BACK_OFF = (5, 30, 120, 600, 1800, 3600)
TRIES = 40


def must_verify_first(state: RedemptionState) -> bool:
    """Whether it may have been executed already: then reading comes before sending, always."""
    return state in ("sending", "unknown", "applied")


def after(verdict: Verdict) -> RedemptionState:
    """The state that a gateway's verdict leads to."""
    match verdict.state:
        case "confirmed":
            return "confirmed"
        case "applied":
            return "applied"
        case "handed_over":
            return "handed_over"
        case "not_applied":
            return "waiting"


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When to try again after so many attempts; None: it is time for a person."""
    if attempts >= TRIES:
        return None
    return now + timedelta(seconds=_BACK_OFF[min(attempts, len(_BACK_OFF)) - 1])
