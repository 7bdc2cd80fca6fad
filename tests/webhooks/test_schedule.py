"""When a message is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from aurevoir.webhooks import choice, schedule
from aurevoir.webhooks.schedule import DELAYS

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_schedule_lasts_three_days() -> None:
    """0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; a tenth later at most; then no more."""
    exact = [schedule.retry_at(attempts, NOW, chance=0) for attempts in range(11)]
    latest = [schedule.retry_at(attempts, NOW, chance=1) for attempts in range(10)]

    assert sum(DELAYS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert exact == [*(NOW + delay for delay in DELAYS), None]
    assert latest == [NOW + delay * 1.1 for delay in DELAYS]


@pytest.mark.parametrize(
    ("given", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("Thu, 15 Jan 2026 13:00:00 GMT", HOUR),
        ("Thu, 15 Jan 2026 11:00:00 GMT", timedelta()),
        ("Thu, 15 Jan 2026 13:00:00", None),
        ("-5", None),
        ("soon", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_what_a_receiver_asks_for(given: str, wait: timedelta | None) -> None:
    """Seconds or a date; nonsense is no wish."""
    assert schedule.asked_to_wait({"retry-after": given}, NOW) == wait


def test_a_wish_is_granted_up_to_a_day_and_never_hastens() -> None:
    """Whoever asks for a year waits for a day."""
    assert schedule.retry_at(1, NOW, chance=0, asked=HOUR) == NOW + HOUR
    assert schedule.retry_at(1, NOW, chance=0, asked=9000 * HOUR) == NOW + 24 * HOUR
    assert schedule.retry_at(5, NOW, chance=0, asked=HOUR) == NOW + 5 * HOUR
    assert schedule.retry_at(10, NOW, chance=0, asked=HOUR) is None


def test_only_2xx_has_arrived() -> None:
    """410 is a word for ever, everything else a failure of this attempt."""
    meanings = {status: schedule.meaning(status) for status in (None, 200, 204, 299, 301, 304, 400, 404, 410, 500)}

    assert [status for status, meaning in meanings.items() if meaning == "arrived"] == [200, 204, 299]
    assert [status for status, meaning in meanings.items() if meaning == "gone"] == [410]


@pytest.mark.parametrize(
    ("chosen", "kind", "wanted"),
    [
        ("*", "session.left", True),
        ("session.left", "session.left", True),
        ("session.*", "session.left", True),
        ("session.*", "sessions.left", False),
        ("session.left", "session.kept", False),
        ("redemption.*", "session.left", False),
    ],
)
def test_patterns_choose_events(chosen: str, kind: str, *, wanted: bool) -> None:
    """A kind, all that begin so, or everything."""
    assert choice.wants([chosen], kind) is wanted


def test_what_means_no_event_is_told_with_its_place() -> None:
    """Nobody waits for an event that does not exist."""
    assert [problem.path for problem in choice.problems_in(["session.left", "session.gone", "*", "x.*"])] == [
        "$.events[1]",
        "$.events[3]",
    ]
