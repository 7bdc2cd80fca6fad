"""The states of a redemption and the steps between them (design.md §5). Pure.

Three rules shape it. What may have been executed is read before it is sent again. What was answered with a server's
error is sent again under a new key, once a read has said "not done". What comes too late goes to a person.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from aurevoir.billing.gateway import Busy, Conflicting, GatewayError, NeedsPerson, NotSent, Rejected, Unknown
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
# Of one step: `unanswered` was sent and the line was lost, `faulted` was answered with an error of the server.
StepState = Literal["waiting", "sending", "unanswered", "faulted", "applied", "confirmed", "handed_over"]

LEASE = timedelta(seconds=60)
# Twice as long as any request may take (carrying_out.PATIENCE): after this nothing is on its way any more.
QUIET = timedelta(seconds=30)
# A reply said "done", and no read has shown it since.
EVIDENCE = timedelta(minutes=15)
TRIES = 40
_BACK_OFF = (5, 30, 120, 600, 1800, 3600)
_SHORTEST = timedelta(seconds=5)


class Stand(Struct, frozen=True, kw_only=True):
    """A redemption at one of its steps, as somebody finds it."""

    state: RedemptionState = "accepted"
    # How often it was taken up, this time included.
    attempts: int = 1
    # A cancellation was declared after it.
    outranked: bool = False
    # A cancellation has no terms, so it may be planned again where something is in its way.
    may_plan_anew: bool = False
    apply_before: datetime | None = None
    is_first: bool = True
    is_last: bool = True
    step: StepState = "waiting"
    generation: int = 0
    sent_at: datetime | None = None
    # What the provider called a conflict when it was sent just now.
    conflict: str | None = None
    # Between 0 and 1: so that a thousand orders do not come back at the same moment.
    chance: float = 0.5


class Course(Struct, frozen=True, kw_only=True):
    """What is done next, and what is written down before."""

    do: Literal["send", "verify", "onward", "plan_anew", "stop"] = "stop"
    state: RedemptionState
    step: StepState
    generation: int = 0
    again_at: datetime | None = None
    # Why it failed, or what a person is asked for.
    code: str | None = None
    conflict: str | None = None


def begin(stand: Stand, now: datetime) -> Course:
    """What to do with a redemption that was taken up: read, send, or neither."""
    if stand.attempts > TRIES:
        return _attention(stand, "tried_too_often")
    if stand.state in ("sending", "unknown", "applied"):
        return _go("verify", stand)
    return _hindered(stand, now) or _go("send", stand)


def sent(stand: Stand, outcome: Verdict | GatewayError, now: datetime) -> Course:
    """What follows from a provider's answer to a step that was sent."""
    match outcome:
        case Verdict():
            return _known(stand, outcome, now)
        case NotSent() | Busy():
            return _again(replace(stand, step="waiting"), "waiting", now, outcome)
        case Unknown():
            return _again(replace(stand, step="faulted" if outcome.answered else "unanswered"), "unknown", now)
        case Conflicting():
            return replace(_go("verify", stand), conflict=outcome.code)
        case Rejected() if stand.is_first:
            return Course(state="failed", step="waiting", generation=stand.generation, code=outcome.code)
        case Rejected():
            # Never a silent half: what was done before this step stands.
            return _attention(replace(stand, step="waiting"), "half_done")
    return _needs_person(replace(stand, step="waiting"), outcome)


def verified(stand: Stand, outcome: Verdict | GatewayError, now: datetime) -> Course:
    """What follows from reading what became of a step."""
    match outcome:
        case Verdict(state="not_applied"):
            return _not_applied(stand, now)
        case Verdict():
            return _known(stand, outcome, now, was_read=True)
        case NotSent() | Busy() | Unknown():
            state: RedemptionState = "applied" if stand.step == "applied" else "unknown"
            return _again(replace(stand, step=_unless_sending(stand.step)), state, now, outcome)
        case Conflicting() if stand.may_plan_anew:
            return _go("plan_anew", stand)
    return _needs_person(stand, outcome)


def broken(attempts: int, now: datetime) -> Course:
    """What follows from a mistake of ours: it is not known how far it came."""
    return _again(Stand(attempts=attempts, step="unanswered"), "unknown", now)


def retry_at(attempts: int, now: datetime, chance: float = 0.5) -> datetime:
    """When to try again after so many attempts; `chance` (0 to 1) spreads it by a quarter either way."""
    pause = _BACK_OFF[min(max(attempts, 1), len(_BACK_OFF)) - 1]
    return now + timedelta(seconds=pause * (0.75 + chance / 2))


def _known(stand: Stand, verdict: Verdict, now: datetime, *, was_read: bool = False) -> Course:
    match verdict.state:
        case "confirmed":
            done = replace(stand, step="confirmed")
            return _stop("confirmed", done) if stand.is_last else _go("onward", replace(done, state="sending"))
        case "handed_over":
            return _stop("handed_over", replace(stand, step="handed_over"))
        case "applied":
            applied = replace(stand, step="applied", state="applied")
            return _unconfirmed(applied, now) if was_read else _go("verify", applied)
        case "not_applied":
            return _again(replace(stand, step="waiting"), "waiting", now)


def _not_applied(stand: Stand, now: datetime) -> Course:
    if stand.conflict is not None:
        unsent = replace(stand, step="waiting")
        return _go("plan_anew", unsent) if stand.may_plan_anew else _attention(unsent, stand.conflict)
    if stand.step == "applied":
        return _unconfirmed(stand, now)
    # A read says nothing for certain while the request may still be on its way.
    if stand.sent_at is not None and now < stand.sent_at + QUIET:
        course = _again(replace(stand, step=_unless_sending(stand.step)), "unknown", now)
        return replace(course, again_at=stand.sent_at + QUIET) if course.again_at else course
    # The provider would give its stored error again under the old key.
    generation = stand.generation + (stand.step == "faulted")
    unsent = replace(stand, step="waiting", generation=generation)
    return _hindered(unsent, now) or _go("send", unsent)


def _unless_sending(step: StepState) -> StepState:
    return "unanswered" if step == "sending" else step


def _unconfirmed(stand: Stand, now: datetime) -> Course:
    """Done as far as the reply says: never sent again, only read."""
    if stand.sent_at is not None and now > stand.sent_at + EVIDENCE:
        return _attention(stand, "not_confirmed")
    return _again(stand, "applied", now)


def _hindered(stand: Stand, now: datetime) -> Course | None:
    """Why what is not sent yet must not be sent any more."""
    if stand.outranked:
        return _stop("superseded", stand) if stand.is_first else _attention(stand, "half_done")
    if stand.apply_before is not None and now >= stand.apply_before:
        return _attention(stand, "too_late")
    return None


def _again(stand: Stand, state: RedemptionState, now: datetime, outcome: GatewayError | None = None) -> Course:
    """Later, not before the provider said, and in time for the deadline."""
    if stand.attempts >= TRIES:
        return _attention(stand, "tried_too_often")
    earliest, deadline = _earliest(outcome, now), stand.apply_before
    at = max(retry_at(stand.attempts, now, stand.chance), earliest)
    if deadline is not None and state == "waiting" and earliest >= deadline:
        return _attention(stand, "too_late")
    if deadline is not None and now < deadline < at:
        # The nearer the deadline, the more often.
        at = max(now + max((deadline - now) / 2, _SHORTEST), earliest)
    return replace(_stop(state, stand), again_at=at)


def _earliest(outcome: GatewayError | None, now: datetime) -> datetime:
    match outcome:
        case NotSent() if outcome.retry_after is not None:
            return now + timedelta(seconds=outcome.retry_after)
        case Busy() if outcome.not_before is not None:
            return outcome.not_before
    return now


def _needs_person(stand: Stand, outcome: GatewayError) -> Course:
    code = outcome.code if isinstance(outcome, Conflicting | NeedsPerson | Rejected) else "not_understood"
    return _attention(replace(stand, step=_unless_sending(stand.step)), code)


def _attention(stand: Stand, code: str) -> Course:
    return replace(_stop("attention", stand), code=code)


def _stop(state: RedemptionState, stand: Stand) -> Course:
    return Course(state=state, step=stand.step, generation=stand.generation)


def _go(what: Literal["send", "verify", "onward", "plan_anew"], stand: Stand) -> Course:
    return Course(do=what, state=stand.state, step=stand.step, generation=stand.generation)
