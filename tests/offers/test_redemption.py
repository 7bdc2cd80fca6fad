"""The rules of a redemption: every step from every state, and a simulation of everything that goes wrong at once."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import aurevoir
from aurevoir.billing.gateway import Busy, Conflicting, GatewayError, NeedsPerson, NotSent, Rejected, Unknown
from aurevoir.billing.plan import Verdict
from aurevoir.offers import redemption as rules
from aurevoir.offers.advice import ADVICE, advice
from aurevoir.offers.redemption import QUIET, TRIES, Course, Stand

PACKAGE = Path(aurevoir.__file__).parent
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LONG_AGO, JUST_NOW = NOW - HOUR, NOW - SECOND
CONFIRMED, APPLIED, HANDED_OVER, NOT_APPLIED = (
    Verdict(state="confirmed"),
    Verdict(state="applied"),
    Verdict(state="handed_over"),
    Verdict(state="not_applied"),
)


@pytest.mark.parametrize(
    ("stand", "do", "state", "code"),
    [
        (Stand(), "send", "accepted", None),
        (Stand(state="waiting"), "send", "waiting", None),
        (Stand(state="sending", step="sending"), "verify", "sending", None),
        (Stand(state="unknown", step="faulted"), "verify", "unknown", None),
        (Stand(state="applied", step="applied"), "verify", "applied", None),
        (Stand(apply_before=NOW + SECOND), "send", "accepted", None),
        (Stand(apply_before=NOW), "stop", "attention", "too_late"),
        (Stand(state="waiting", apply_before=LONG_AGO), "stop", "attention", "too_late"),
        # Past its moment it may have been executed in time: that is found out first.
        (Stand(state="unknown", step="unanswered", apply_before=LONG_AGO), "verify", "unknown", None),
        (Stand(outranked=True), "stop", "superseded", None),
        (Stand(state="waiting", is_first=False, outranked=True), "stop", "attention", "half_done"),
        (Stand(attempts=TRIES), "send", "accepted", None),
        (Stand(attempts=TRIES + 1), "stop", "attention", "tried_too_often"),
    ],
)
def test_where_it_begins(stand: Stand, do: str, state: str, code: str | None) -> None:
    """What may have been executed is read first; what came too late or was outranked is not sent."""
    course = rules.begin(stand, NOW)

    assert (course.do, course.state, course.code) == (do, state, code)


@pytest.mark.parametrize(
    ("stand", "outcome", "course"),
    [
        ({}, CONFIRMED, {"state": "confirmed", "step": "confirmed"}),
        ({"is_last": False}, CONFIRMED, {"do": "onward", "state": "sending", "step": "confirmed"}),
        ({}, APPLIED, {"do": "verify", "state": "applied", "step": "applied"}),
        ({}, HANDED_OVER, {"state": "handed_over", "step": "handed_over"}),
        ({}, NotSent(), {"state": "waiting", "step": "waiting", "again_at": NOW + 5 * SECOND}),
        ({"attempts": 3}, NotSent(), {"state": "waiting", "step": "waiting", "again_at": NOW + 2 * MINUTE}),
        ({}, NotSent(90), {"state": "waiting", "step": "waiting", "again_at": NOW + 90 * SECOND}),
        ({}, Busy(NOW + HOUR), {"state": "waiting", "step": "waiting", "again_at": NOW + HOUR}),
        ({}, Unknown(), {"state": "unknown", "step": "unanswered", "again_at": NOW + 5 * SECOND}),
        ({}, Unknown(answered=True), {"state": "unknown", "step": "faulted", "again_at": NOW + 5 * SECOND}),
        ({}, Rejected("gone"), {"state": "failed", "step": "waiting", "code": "gone"}),
        ({"is_first": False}, Rejected("gone"), {"state": "attention", "step": "waiting", "code": "half_done"}),
        ({}, NeedsPerson("key_refused"), {"state": "attention", "step": "waiting", "code": "key_refused"}),
        ({}, Conflicting("moved"), {"do": "verify", "state": "sending", "step": "sending", "conflict": "moved"}),
        ({"attempts": TRIES}, Unknown(), {"state": "attention", "step": "unanswered", "code": "tried_too_often"}),
        # The deadline comes nearer: tried more often, and given to a person once it cannot be met.
        (
            {"attempts": 6, "apply_before": NOW + 10 * MINUTE},
            NotSent(),
            {"state": "waiting", "step": "waiting", "again_at": NOW + 5 * MINUTE},
        ),
        (
            {"apply_before": NOW + HOUR},
            Busy(NOW + HOUR),
            {"state": "attention", "step": "waiting", "code": "too_late"},
        ),
    ],
)
def test_what_follows_from_sending(
    stand: dict[str, Any], outcome: Verdict | GatewayError, course: dict[str, Any]
) -> None:
    """Each answer of a provider leads to one state, one state of the step, and one moment."""
    standing = Stand(state="sending", step="sending", sent_at=NOW, **stand)

    assert rules.sent(standing, outcome, NOW) == Course(**course)


@pytest.mark.parametrize(
    ("stand", "outcome", "course"),
    [
        ({"step": "unanswered"}, CONFIRMED, {"state": "confirmed", "step": "confirmed"}),
        ({"step": "sending", "is_last": False}, CONFIRMED, {"do": "onward", "state": "sending", "step": "confirmed"}),
        ({"step": "unanswered"}, HANDED_OVER, {"state": "handed_over", "step": "handed_over"}),
        # Not done for certain: the same key after a lost line, the next one after a server's error.
        ({"step": "unanswered"}, NOT_APPLIED, {"do": "send", "state": "unknown", "step": "waiting"}),
        ({"step": "sending"}, NOT_APPLIED, {"do": "send", "state": "unknown", "step": "waiting"}),
        ({"step": "faulted"}, NOT_APPLIED, {"do": "send", "state": "unknown", "step": "waiting", "generation": 1}),
        # It may still be on its way.
        (
            {"step": "faulted", "sent_at": JUST_NOW},
            NOT_APPLIED,
            {"state": "unknown", "step": "faulted", "again_at": JUST_NOW + QUIET},
        ),
        ({"step": "unanswered", "outranked": True}, NOT_APPLIED, {"state": "superseded", "step": "waiting"}),
        (
            {"step": "unanswered", "apply_before": NOW},
            NOT_APPLIED,
            {"state": "attention", "step": "waiting", "code": "too_late"},
        ),
        # Never sent again from here.
        (
            {"step": "applied", "sent_at": JUST_NOW},
            NOT_APPLIED,
            {"state": "applied", "step": "applied", "again_at": NOW + 5 * SECOND},
        ),
        ({"step": "applied"}, NOT_APPLIED, {"state": "attention", "step": "applied", "code": "not_confirmed"}),
        (
            {"step": "applied", "sent_at": JUST_NOW},
            APPLIED,
            {"state": "applied", "step": "applied", "again_at": NOW + 5 * SECOND},
        ),
        ({"step": "sending"}, NotSent(), {"state": "unknown", "step": "unanswered", "again_at": NOW + 5 * SECOND}),
        ({"step": "faulted"}, Unknown(), {"state": "unknown", "step": "faulted", "again_at": NOW + 5 * SECOND}),
        ({"step": "applied"}, NotSent(), {"state": "applied", "step": "applied", "again_at": NOW + 5 * SECOND}),
        ({"step": "sending"}, NeedsPerson("key"), {"state": "attention", "step": "unanswered", "code": "key"}),
        ({"step": "sending"}, Rejected("gone"), {"state": "attention", "step": "unanswered", "code": "gone"}),
        # The world moved: the goal may be met all the same; else a person, and only a cancellation is planned anew.
        ({"step": "sending", "conflict": "moved"}, CONFIRMED, {"state": "confirmed", "step": "confirmed"}),
        (
            {"step": "sending", "conflict": "moved"},
            NOT_APPLIED,
            {"state": "attention", "step": "waiting", "code": "moved"},
        ),
        (
            {"step": "sending", "conflict": "moved", "may_plan_anew": True},
            NOT_APPLIED,
            {"do": "plan_anew", "state": "unknown", "step": "waiting"},
        ),
        (
            {"step": "unanswered", "may_plan_anew": True},
            Conflicting("moved"),
            {"do": "plan_anew", "state": "unknown", "step": "unanswered"},
        ),
    ],
)
def test_what_follows_from_reading(
    stand: dict[str, Any], outcome: Verdict | GatewayError, course: dict[str, Any]
) -> None:
    """A read that says "not done" is believed only once nothing can be on its way any more."""
    facts: dict[str, Any] = {"state": "unknown", "sent_at": LONG_AGO} | stand

    assert rules.verified(Stand(**facts), outcome, NOW) == Course(**course)


@given(st.integers(1, 100), st.floats(0, 1))
def test_retries_are_spread_and_never_stop_growing_up_to_an_hour(attempts: int, chance: float) -> None:
    """By a quarter either way, so that a thousand orders do not come back together."""
    middle = rules.retry_at(attempts, NOW) - NOW
    spread = rules.retry_at(attempts, NOW, chance) - NOW

    assert middle * 0.75 <= spread <= middle * 1.25
    assert middle <= rules.retry_at(attempts + 1, NOW) - NOW <= HOUR


def test_every_code_of_ours_has_its_advice() -> None:
    """Those of the rules and those that adapters raise; a provider's own code is named, for a person to look up."""
    source = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    raised = set(re.findall(r'(?:NeedsPerson|Conflicting|Rejected)\("(\w+)"', source))
    given = set(re.findall(r'_attention\(\w+, "(\w+)"', source))

    assert len(raised) > 8
    assert len(given) > 3
    assert (raised | given | {"no_answer"}) - ADVICE.keys() == set()
    assert all(sentence.endswith(".") and len(sentence) > 40 for sentence in ADVICE.values())
    assert "`lock_timeout`" in str(advice("lock_timeout"))
    assert advice(None) is None


@dataclass
class World:
    """A provider with idempotency keys that it may forget, and a worker that may die at any moment."""

    faults: list[str]
    stand: Stand = field(default_factory=Stand)
    now: datetime = NOW
    effects: Counter[int] = field(default_factory=Counter)
    stored: dict[tuple[int, int], Verdict | GatewayError] = field(default_factory=dict)
    number: int = 0
    steps: int = 2

    def run(self) -> None:
        """Look again and again, as workers do; each takes it up where the one before it stopped or died."""
        while self.stand.state not in ("confirmed", "attention"):
            try:
                self.carry(rules.begin(self.stand, self.now))
            except InterruptedError:
                self.now += rules.LEASE
            self.stand = replace(self.stand, attempts=self.stand.attempts + 1)

    def carry(self, course: Course) -> None:
        """One worker's turn; `sending` stands in the journal before the request leaves."""
        while course.do != "stop":
            if course.do == "onward":
                self.number += 1
                self.stand = self._stand(Course(state="sending", step="waiting"))
                course = replace(course, do="send", step="waiting", generation=0)
            elif course.do == "verify":
                course = rules.verified(self._stand(course), self._read(), self.now)
            else:
                sending = Course(state="sending", step="sending", generation=course.generation)
                self.stand = replace(self._stand(sending), sent_at=self.now)
                course = rules.sent(self.stand, self._send(), self.now)
        self.stand = self._stand(course)
        self.now = max(self.now, course.again_at or self.now)

    def _stand(self, course: Course) -> Stand:
        return replace(
            self.stand,
            state=course.state,
            step=course.step,
            generation=course.generation,
            is_first=self.number == 0,
            is_last=self.number == self.steps - 1,
        )

    def _read(self) -> Verdict:
        return CONFIRMED if self.effects[self.number] else NOT_APPLIED

    def _send(self) -> Verdict | GatewayError:
        fault = self.faults.pop(0) if self.faults else "pass"
        key = (self.number, self.stand.generation)
        if fault == "died_before":
            raise InterruptedError
        if fault in ("lost_before", "limited"):
            return Unknown() if fault == "lost_before" else NotSent()
        answer = self.stored.get(key) or self._execute(key, fault)
        if fault == "died_after":
            raise InterruptedError
        if fault == "forgets":
            self.stored.clear()
        return Unknown() if fault in ("lost_after", "forgets") else answer

    def _execute(self, key: tuple[int, int], fault: str) -> Verdict | GatewayError:
        self.effects[self.number] += fault != "error_before"
        self.stored[key] = Unknown(answered=True) if fault.startswith("error") else CONFIRMED
        return self.stored[key]


FAULTS = (
    "died_before",
    "died_after",
    "lost_before",
    "lost_after",
    "limited",
    "error_before",
    "error_after",
    "forgets",
)


@given(st.lists(st.sampled_from(FAULTS), max_size=12))
def test_whatever_goes_wrong_each_step_takes_effect_exactly_once(faults: list[str]) -> None:
    """Dying workers, lost lines, stored errors and forgotten keys in any order: done, once, and known to be done."""
    world = World(list(faults))
    world.run()

    assert world.stand.state == "confirmed"
    assert world.effects == {0: 1, 1: 1}
