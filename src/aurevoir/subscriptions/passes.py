"""When billing is read, and how much of it: everything once a week, what changed every few minutes. Pure."""

from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

EVERY = timedelta(minutes=5)
# Whoever connects may think better of a setting.
GRACE = timedelta(minutes=1)
FULL_EVERY = timedelta(days=7)
# A pass asks again for what changed shortly before the last one: clocks differ, and lists fill late.
OVERLAP = timedelta(minutes=5)
# Providers remember what changed for a month at most; after a longer silence everything is read.
REMEMBERED = timedelta(days=25)
LONGEST_PAUSE = timedelta(hours=6)


class Progress(Struct, frozen=True, kw_only=True):
    """How far a connection was read; see `BillingSync`."""

    connected_at: datetime
    due_at: datetime
    began_at: datetime | None = None
    since: datetime | None = None
    position: str | None = None
    covered_at: datetime | None = None
    full_at: datetime | None = None
    failures: int = 0
    problem: str | None = None


def begun(progress: Progress | None, connected_at: datetime, now: datetime) -> Progress:
    """The pass that is under way, or the next one, begun now."""
    if progress is None or progress.connected_at != connected_at:
        # Another account, perhaps: what was read before says nothing of it.
        return Progress(connected_at=connected_at, due_at=now, began_at=now)
    if progress.began_at is not None and not _forgotten(progress.since, now):
        return progress
    return replace(progress, began_at=now, since=_since(progress, now), position=None)


def turned(progress: Progress, position: str | None, now: datetime) -> Progress:
    """After a page: on to `position` at once, or the pass is over."""
    sound = replace(progress, failures=0, problem=None)
    if position is not None:
        return replace(sound, position=position, due_at=now)
    full_at = progress.began_at if progress.since is None else progress.full_at
    return replace(
        sound, position=None, began_at=None, covered_at=progress.began_at, full_at=full_at, due_at=now + EVERY
    )


def refused(progress: Progress, problem: str, now: datetime) -> Progress:
    """A new pass later: the place where this one stood may be gone."""
    return replace(failed(progress, problem, now), began_at=None, position=None)


def failed(progress: Progress, problem: str, now: datetime, retry_after: float | None = None) -> Progress:
    """The same page again later: after a minute, then two, four, … up to six hours."""
    pause = timedelta(seconds=retry_after) if retry_after else timedelta(minutes=1) * 2 ** min(progress.failures, 20)
    return replace(progress, failures=progress.failures + 1, problem=problem, due_at=now + min(pause, LONGEST_PAUSE))


def _since(progress: Progress, now: datetime) -> datetime | None:
    covered, full = progress.covered_at, progress.full_at
    if covered is None or full is None or now - full >= FULL_EVERY or _forgotten(covered, now):
        return None
    return covered - OVERLAP


def _forgotten(since: datetime | None, now: datetime) -> bool:
    return since is not None and now - since >= REMEMBERED
