"""Every event there is: its name and what it tells."""

from typing import Literal

EventKind = Literal[
    "flow.published",
    "session.started",
    "session.answered",
    "session.kept",
    "session.abandoned",
    "session.saved",
    "session.left",
    "session.needs_help",
    "offer.accepted",
    "cancellation.declared",
    "cancellation.undone",
    "redemption.handed_over",
    "redemption.confirmed",
    "redemption.completed",
    "redemption.failed",
    "redemption.attention",
    "redemption.superseded",
    "redemption.reverted",
]

MEANING: dict[EventKind, str] = {
    "flow.published": "A version of a flow went live.",
    "session.started": "A customer opened a flow; also after a return (`resumed`).",
    "session.answered": "A step was answered or skipped; for choices with the codes, never with text.",
    "session.kept": "The customer chose to keep the subscription.",
    "session.abandoned": "Nothing happened for 30 minutes.",
    "session.saved": "An accepted offer took effect.",
    "session.left": "Billing confirmed the end of the subscription.",
    "session.needs_help": "Billing refused for good; a person must act.",
    "offer.accepted": "The customer accepted the offer; its terms were frozen with it.",
    "cancellation.declared": "The customer declared the cancellation; the receipt was written with it.",
    "cancellation.undone": "The customer took the cancellation back.",
    "redemption.handed_over": "The gateway passed it on and cannot see the outcome itself.",
    "redemption.confirmed": "The gateway showed evidence that it took effect.",
    "redemption.completed": "What was agreed ran out by itself, on its stated date.",
    "redemption.failed": "The gateway refused it for good.",
    "redemption.attention": "It cannot go on without a person.",
    "redemption.superseded": "Something that outranks it came before it was sent.",
    "redemption.reverted": "The operator took back what was agreed.",
}
