"""What is to be counted or exported: read from text, every problem named at once."""

from datetime import date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from aurevoir.access.facts import Mode
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.insights.periods import GRAINS, Grain, Period, last_twelve_months, whole
from aurevoir.kit.errors import Invalid, Problem

EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)


class Selection(Struct, frozen=True, kw_only=True):
    """Days are those of `zone`, from `since` up to, and without, `until`; None is no limit."""

    workspace: UUID
    now: datetime
    zone: str = "UTC"
    locale: str = "en"
    currency: str = "EUR"
    # Where several flows give one reason different words, this one's are used.
    default_flow: str | None = None
    since: date | None = None
    until: date | None = None
    mode: Mode = "live"
    grain: Grain | None = None

    def period(self) -> Period:
        """The days of a report: twelve calendar months up to and with today, where nothing else is said."""
        until = self.until or self.now.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=1)
        return whole(self.since or last_twelve_months(until), until)


def select(
    workspace: WorkspaceSettings,
    now: datetime,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    mode: str | None = None,
    group_by: str | None = None,
) -> Selection:
    """The selection that these words mean; raises Invalid with the path of each that means nothing."""
    problems: list[Problem] = []
    selection = Selection(
        workspace=workspace.id,
        now=now,
        zone=workspace.zone,
        locale=workspace.locale,
        currency=workspace.currency,
        default_flow=workspace.default_flow,
        since=_day("from", since, problems),
        until=_day("to", until, problems),
        mode=_one_of("mode", mode, get_args(Mode), problems) or "live",
        grain=_one_of("group_by", group_by, GRAINS, problems),
    )
    period = selection.period()
    if not problems and (since or until) and period.start >= period.end:
        problems.append(Problem("$.from", "The first day must come before the day that ends the period."))
    if problems:
        raise Invalid(problems=problems)
    return selection


def _day(name: str, given: str | date | None, problems: list[Problem]) -> date | None:
    if given is None or given == "":
        return None
    try:
        day = msgspec.convert(given, date)
    except msgspec.ValidationError:
        problems.append(Problem(f"$.{name}", "Write a day as 2026-01-31."))
        return None
    if not EARLIEST <= day <= LATEST:
        problems.append(Problem(f"$.{name}", f"Choose a day from {EARLIEST} to {LATEST}."))
        return None
    return day


def _one_of(name: str, given: str | None, known: tuple[str, ...], problems: list[Problem]) -> Any:
    if given and given not in known:
        problems.append(Problem(f"$.{name}", f"Choose one of {', '.join(known)}."))
        return None
    return given or None
