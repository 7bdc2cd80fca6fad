"""When a message is tried again, and what an answer means. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

# The schedule that Standard Webhooks recommends: the wait before each attempt, about 75 hours in all.
DELAYS = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
# A message for a person is stale after a quarter of an hour.
BRIEF = (timedelta(), timedelta(seconds=5), timedelta(seconds=20), timedelta(minutes=2), timedelta(minutes=10))
# So much later at most, that messages which failed together do not come back together.
JITTER = 0.1
LONGEST_ASKED = timedelta(hours=24)

Meaning = Literal["arrived", "gone", "again"]


def meaning(status: int | None) -> Meaning:
    """What to make of a status, or of none. A redirect is not followed, and so did not arrive."""
    if status is not None and 200 <= status < 300:
        return "arrived"
    return "gone" if status == 410 else "again"


def retry_at(
    attempts: int,
    now: datetime,
    *,
    chance: float,
    asked: timedelta | None = None,
    delays: tuple[timedelta, ...] = DELAYS,
) -> datetime | None:
    """When to try again after so many attempts; None: no more.

    `chance` is a random number between 0 and 1; `asked` is what the receiver wants us to wait.
    """
    if attempts >= len(delays):
        return None
    wait = delays[attempts] * (1 + JITTER * chance)
    return now + max(wait, min(asked or timedelta(), LONGEST_ASKED))


def asked_to_wait(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """What `Retry-After` says, in seconds or as a date; None when it says nothing that can be read."""
    given = headers.get("retry-after", "").strip()
    if given.isdecimal() and len(given) < 10:
        return timedelta(seconds=int(given))
    try:
        moment = parsedate_to_datetime(given)
        return max(timedelta(), moment - now)
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
