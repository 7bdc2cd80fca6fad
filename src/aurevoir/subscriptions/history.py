"""The history of a subscription out of what was told of it, in whatever order and however often. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from aurevoir.billing.source import State, StateTold

# The provider's clock and ours.
SKEW = timedelta(minutes=5)


class Fact(Struct, frozen=True, kw_only=True):
    """That a state holds since a moment, and who said so when."""

    since: datetime
    state: State
    told_at: datetime
    assumed: bool
    source: str


class Interval(Struct, frozen=True):
    """A fact, until the next one; None: it still holds."""

    fact: Fact
    until: datetime | None


class Declared(Struct, frozen=True):
    """The customer's own word, given to us: when, and the category of the reason, if any was given."""

    at: datetime
    reason: str | None


def rewritten(known: Iterable[Fact], told: Sequence[StateTold], source: str) -> tuple[Interval, ...]:
    """The history with what was told now; the same dated facts give the same intervals in any order and any portions.

    A look (no date) becomes a fact only where it differs from what is known to hold at its moment.
    """
    dated = [_fact(one, one.since, source) for one in told if one.since is not None]
    history = _intervals([*known, *dated])
    for one in sorted((one for one in told if one.since is None), key=lambda one: one.told_at):
        if _holding(history, one.told_at) != one.state:
            history = _intervals([*(interval.fact for interval in history), _fact(one, one.told_at, source)])
    return history


def by_own_word(told: StateTold, declared: Declared | None) -> StateTold:
    """`told`, but that an end after the customer's declaration is the customer's, whatever the provider calls it."""
    state, since = told.state, told.since or told.told_at
    if declared is None or state.status != "cancelled" or since < declared.at - SKEW:
        return told
    return replace(told, state=replace(state, ended_by="customer", reason_code=declared.reason or state.reason_code))


def _intervals(facts: Iterable[Fact]) -> tuple[Interval, ...]:
    best: dict[datetime, Fact] = {}
    for fact in facts:
        rival = best.get(fact.since)
        best[fact.since] = fact if rival is None else max(fact, rival, key=_weight)
    ordered = [best[since] for since in sorted(best)]
    ends = [fact.since for fact in ordered[1:]]
    return tuple(Interval(fact, until) for fact, until in zip_longest(ordered, ends))


def _weight(fact: Fact) -> tuple[bool, float, bytes]:
    """Stated before assumed; the latest statement, the earliest assumption; among equals any, but always the same."""
    told_at = fact.told_at.timestamp()
    return not fact.assumed, -told_at if fact.assumed else told_at, msgspec.json.encode(fact)


def _holding(history: Sequence[Interval], at: datetime) -> State | None:
    return next((one.fact.state for one in reversed(history) if one.fact.since <= at), None)


def _fact(told: StateTold, since: datetime, source: str) -> Fact:
    return Fact(since=since, state=told.state, told_at=told.told_at, assumed=told.assumed, source=source)
