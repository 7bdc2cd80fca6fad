"""When billing is read, and how much of it."""

from datetime import timedelta

import pytest

from aurevoir.subscriptions.passes import (
    FULL_EVERY,
    LONGEST_PAUSE,
    OVERLAP,
    REMEMBERED,
    Progress,
    begun,
    failed,
    refused,
    turned,
)
from tests.subscriptions.telling import day

CONNECTED = day(0)


def after_a_pass(began: float = 0) -> Progress:
    """Everything was read in two pages."""
    first = turned(begun(None, CONNECTED, day(began)), "invoices:", day(began))
    return turned(first, None, day(began) + timedelta(minutes=1))


def test_the_first_pass_reads_everything() -> None:
    """And the ones after it what has changed since it began, with an overlap."""
    first = begun(None, CONNECTED, day(0))
    second = begun(after_a_pass(), CONNECTED, day(1))

    assert (first.since, first.position) == (None, None)
    assert (second.since, second.began_at) == (day(0) - OVERLAP, day(1))
    assert after_a_pass().due_at == day(0) + timedelta(minutes=6)


def test_a_pass_goes_on_where_it_was_interrupted() -> None:
    """With what it had asked for."""
    page = turned(begun(None, CONNECTED, day(0)), "subscriptions:sub_9", day(0))

    assert begun(page, CONNECTED, day(3)) == page


@pytest.mark.parametrize("pause", [FULL_EVERY, timedelta(days=40)])
def test_everything_is_read_again_now_and_then(pause: timedelta) -> None:
    """Once a week, and after a silence longer than providers remember."""
    assert begun(after_a_pass(), CONNECTED, day(0) + pause).since is None


def test_another_account_is_read_from_the_beginning() -> None:
    """Connected anew, it may be one."""
    assert begun(after_a_pass(), day(2), day(2)) == Progress(connected_at=day(2), due_at=day(2), began_at=day(2))


def test_a_provider_that_fails_is_asked_less_and_less_often() -> None:
    """Doubling from a minute up to six hours, or as long as it said; the place is kept."""
    progress = turned(begun(None, CONNECTED, day(0)), "subscriptions:sub_9", day(0))
    pauses = []
    for _ in range(12):
        progress = failed(progress, "not_reached", day(1))
        pauses.append(progress.due_at - day(1))

    assert pauses[:3] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert pauses[-1] == LONGEST_PAUSE
    assert (progress.position, progress.problem) == ("subscriptions:sub_9", "not_reached")
    assert failed(progress, "not_reached", day(1), 7).due_at == day(1) + timedelta(seconds=7)
    assert (turned(progress, None, day(2)).failures, turned(progress, None, day(2)).problem) == (0, None)


def test_a_place_that_is_gone_does_not_hold_the_pass_up() -> None:
    """A refusal begins a new pass; so does an interruption longer than providers remember."""
    waiting = turned(begun(after_a_pass(), CONNECTED, day(1)), "events:evt_1", day(1))
    again = begun(refused(waiting, "resource_missing", day(1)), CONNECTED, day(1.1))
    much_later = begun(waiting, CONNECTED, day(1) + REMEMBERED)

    assert (again.position, again.since, again.began_at) == (None, day(0) - OVERLAP, day(1.1))
    assert (much_later.position, much_later.since) == (None, None)
