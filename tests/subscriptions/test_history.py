"""Histories: the same facts give the same intervals, in whatever order and portions they come."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from aurevoir.billing.source import State, StateTold
from aurevoir.subscriptions.history import Declared, Interval, by_own_word, rewritten
from tests.subscriptions.telling import ACTIVE, LEFT, day, held

PAST_DUE = State(status="past_due", mrr=2900, currency="EUR")
CHEAPER = State(status="active", mrr=1900, currency="EUR", plan="basic", interval="month", quantity=1)

STATES = st.sampled_from([ACTIVE, CHEAPER, PAST_DUE, LEFT])
FACTS = st.builds(
    lambda state, since, lag, assumed: held(state, since, since + lag, assumed=assumed),
    STATES,
    st.integers(0, 6),
    st.integers(0, 3),
    st.booleans(),
)


def told(*portions: Sequence[StateTold]) -> tuple[Interval, ...]:
    """The history after each portion was told."""
    history: tuple[Interval, ...] = ()
    for portion in portions:
        history = rewritten([one.fact for one in history], portion, "stripe")
    return history


def shape(history: Sequence[Interval]) -> list[tuple[float, str, int | None]]:
    """Day, status and revenue of each beginning."""
    return [
        ((one.fact.since - day(0)).total_seconds() / 86400, one.fact.state.status, one.fact.state.mrr)
        for one in history
    ]


@given(st.lists(FACTS, max_size=12), st.data())
def test_any_order_and_any_portions_give_the_same_intervals(facts: list[StateTold], data: st.DataObject) -> None:
    """Late, out of order, twice: what holds when is decided by what was told, not by when it arrived."""
    shuffled = data.draw(st.permutations(facts + facts[:3]))
    cut = data.draw(st.integers(0, len(shuffled)))

    assert told(shuffled[:cut], shuffled[cut:]) == told(facts)


@given(st.lists(FACTS, min_size=1, max_size=12))
def test_intervals_touch_and_never_overlap(facts: list[StateTold]) -> None:
    """Each ends where the next begins, and the last one is open."""
    history = told(facts)

    assert [one.until for one in history] == [*(one.fact.since for one in history[1:]), None]
    assert all(one.until is None or one.fact.since < one.until for one in history)


@given(st.lists(FACTS, max_size=8), STATES)
def test_a_look_that_shows_nothing_new_changes_nothing(facts: list[StateTold], state: State) -> None:
    """Seen every day, a state begins once."""
    once = told(facts, [held(state, None, 20)])

    assert told(facts, [held(state, None, 20)], [held(state, None, 21)], [held(state, None, 22)]) == once
    assert once[-1].fact.state == state


def test_a_late_fact_splits_what_was_known() -> None:
    """A plan change of the fifth day, told on the ninth, after the end."""
    history = told([held(ACTIVE, 0), held(LEFT, 8)], [held(CHEAPER, 5, 9)])

    assert shape(history) == [(0, "active", 2900), (5, "active", 1900), (8, "cancelled", 0)]


def test_a_later_look_does_not_rewrite_the_past() -> None:
    """That today's price held since the start is worth less than what was seen nearer to it."""
    first = [held(ACTIVE, 0, 10, assumed=True), held(ACTIVE, None, 10)]
    later = [held(CHEAPER, 0, 30, assumed=True), held(CHEAPER, None, 30)]

    assert shape(told(first, later)) == [(0, "active", 2900), (30, "active", 1900)]


def test_what_is_stated_outweighs_what_is_assumed() -> None:
    """And a correction outweighs what was stated before."""
    assumed, stated, corrected = (
        held(ACTIVE, 0, 1, assumed=True),
        held(CHEAPER, 0, 2),
        held(PAST_DUE, 0, 3),
    )

    assert shape(told([assumed], [stated])) == [(0, "active", 1900)]
    assert shape(told([corrected], [stated], [assumed])) == [(0, "past_due", 2900)]


def test_the_customers_own_word_outranks_the_providers() -> None:
    """An end after the declaration is hers; one before it, or another state, stays what it was."""
    declared = Declared(day(4), "too_expensive")
    hers = by_own_word(held(LEFT, 5), declared).state

    assert (hers.ended_by, hers.reason_code) == ("customer", "too_expensive")
    assert by_own_word(held(LEFT, 3), declared) == held(LEFT, 3)
    assert by_own_word(held(ACTIVE, 5), declared) == held(ACTIVE, 5)
    assert by_own_word(held(LEFT, 5), None) == held(LEFT, 5)
