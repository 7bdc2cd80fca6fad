"""From events to lines that a visitor of the demo can read. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from msgspec import Struct

from aurevoir.events.service import Event
from aurevoir.offers.visits import Considered

# The flows of the demo call their reason step so.
REASON = "reason"


class Line(Struct, frozen=True, kw_only=True):
    """One fact: its wire name, what it means here, and what was written with it in the customer's words."""

    at: str
    kind: str
    says: str
    detail: str = ""
    words: tuple[str, ...] = ()
    has_receipt: bool = False


class Weighed(Struct, frozen=True, kw_only=True):
    """An offer that was considered: shown, or why not."""

    offer: str
    kind: str
    is_shown: bool
    says: str


def weighed(one: Considered) -> Weighed:
    """What became of an offer, for a person."""
    code = one.why_not or "shown"
    return Weighed(
        offer=one.offer,
        kind=one.kind.replace("_", " "),
        is_shown=one.why_not is None,
        says=_WHY_NOT.get(code, code.replace("_", " ")),
    )


def lines(happened: Sequence[Event], texts: Mapping[str, str], zone: tzinfo) -> list[Line]:
    """A line for each event, in order; `texts` are the customer's own words by step, which events never carry."""
    latest = {step: event.id for event in happened for step in _steps(event)}
    proven = next((event.id for event in reversed(happened) if event.kind == "cancellation.declared"), None)
    told = []
    for event in happened:
        words = tuple(texts[step] for step in _steps(event) if step in texts and latest[step] == event.id)
        says, detail = _say(event)
        told.append(
            Line(
                at=event.at.astimezone(zone).strftime("%H:%M:%S"),
                kind=event.kind,
                says=says,
                detail=detail,
                words=words,
                has_receipt=event.id == proven,
            )
        )
    return told


def reason(happened: Sequence[Event]) -> str | None:
    """The code that the visitor last gave as the reason."""
    given = [
        answer["choices"][0] if answer.get("choices") else None
        for event in happened
        if event.kind == "session.answered"
        for answer in event.payload["answers"]
        if answer["step"] == REASON
    ]
    return given[-1] if given else None


def _steps(event: Event) -> list[str]:
    return [answer["step"] for answer in event.payload["answers"]] if event.kind == "session.answered" else []


def _say(event: Event) -> tuple[str, str]:
    told = event.payload
    match event.kind:
        case "session.started" if "resumed" in told:
            return "Dana is back", f"the session was {told['resumed']}"
        case "session.started":
            return "A session begins", f"flow {told['flow']}, version {told['version']}, {told['channel']}"
        case "session.answered":
            return "Answers saved", _answers(told["answers"])
        case "cancellation.declared":
            return "Cancellation declared", _ends(told.get("effective_on"))
        case "offer.accepted":
            return "Offer accepted", f"{told['offer']}, its terms frozen"
        case "redemption.confirmed":
            what = _ORDERS.get(told["kind"], str(told["kind"]).replace("_", " "))
            return "Billing confirms", f"{what}, gateway {told['gateway']}"
        case _:
            return _PLAIN.get(event.kind, event.kind), ""


def _answers(answers: Sequence[Mapping[str, Any]]) -> str:
    given = [answer for answer in answers if answer["answered"]]
    return ", ".join(map(_answer, given)) or f"{answers[0]['step']} left out"


def _answer(answer: Mapping[str, Any]) -> str:
    if choices := answer.get("choices"):
        return f"{answer['step']} = {' + '.join(choices)}"
    return f"{answer['step']} = {answer.get('value', 'text')}"


def _ends(day: object) -> str:
    return f"ends on {date.fromisoformat(str(day)):%-d %B %Y}" if day else "ends as soon as possible"


_WHY_NOT = {
    "shown": "shown",
    "another_was_first": "another one came first",
    "not_asked": "fits, and Dana has not asked",
    "condition": "its condition does not hold",
    "cap_customer": "had it not long ago",
    "cap_month": "this month’s number is reached",
    "cap_budget": "this month’s budget is spent",
    "floor": "below the floor price",
    "already_discounted": "has a discount already",
    "eu_consumer": "could be credit in the EU (try California)",
    "holdout": "held out, for comparison",
    "under_way": "another is being carried out",
    "billing_not_reached": "billing did not answer in time",
    "not_supported": "billing cannot do it",
    "not_active": "only for who is paying",
    "not_trialing": "only on trial",
    "nothing_due": "no invoice is open",
    "invoice_overdue": "an invoice is overdue",
    "ending": "the subscription is ending",
    "term_too_short": "the term is too short for it",
    "interval_too_long": "renews too seldom for it",
    "too_close_to_renewal": "the renewal is too near",
    "renewal_passed": "the renewal has passed",
    "other_currency": "another currency",
}
_ORDERS = {"cancel": "the end", "undo_cancel": "it goes on"}
_PLAIN = {
    "session.kept": "Dana keeps the subscription",
    "session.abandoned": "Nothing for 30 minutes: abandoned",
    "session.left": "Dana left",
    "session.saved": "Dana stays",
    "session.needs_help": "A person must act",
    "cancellation.undone": "Cancellation taken back",
    "redemption.superseded": "Withdrawn before it was sent",
    "redemption.failed": "Billing refuses",
    "redemption.attention": "A person must look at it",
    "redemption.completed": "Run out, as agreed",
    "redemption.reverted": "Taken back by the operator",
}
