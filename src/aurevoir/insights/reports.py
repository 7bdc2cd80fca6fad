"""Reports: counted facts with their definitions, intervals and coverage."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from aurevoir.insights import labels, queries
from aurevoir.insights.labels import Label
from aurevoir.insights.measures import definitions, wilson
from aurevoir.insights.periods import Period, period_of, periods_between
from aurevoir.insights.queries import ReasonFact
from aurevoir.insights.selection import Selection
from aurevoir.kit.errors import Invalid, Problem

_DIGITS = 6


class Money(Struct, frozen=True):
    """Minor units of one currency."""

    currency: str
    amount: int


class Coverage(Struct, frozen=True, kw_only=True):
    """Reasons are known for `known` of `of` declared cancellations, and for `answered` of all `episodes`."""

    known: int
    of: int
    answered: int
    episodes: int


class PeriodCoverage(Period, frozen=True, kw_only=True):
    """One period of a grouped report; there is one for each, also where nothing happened."""

    coverage: Coverage


class ReasonRow(Struct, frozen=True, kw_only=True):
    """One reason (in one period): `count` of the `n` answered episodes in which it was shown."""

    period: Period | UnsetType = UNSET
    code: str
    category: str | None
    label: str
    count: int
    n: int
    share: float
    ci_low: float
    ci_high: float
    mrr_at_stake: tuple[Money, ...]
    mrr_unknown: int
    suppressed: bool = False


class ReasonsReport(Struct, frozen=True, kw_only=True):
    """The reasons of a period, the most frequent first; grouped: period by period."""

    definition: dict[str, str]
    as_of: datetime
    zone: str
    mode: str
    period: Period
    group_by: str | None
    coverage: Coverage
    periods: tuple[PeriodCoverage, ...]
    rows: tuple[ReasonRow, ...]


async def reasons(selection: Selection) -> ReasonsReport:
    """Why customers leave, counted by episode; raises Invalid for test mode, which is never counted."""
    if selection.mode != "live":
        raise Invalid(problems=[Problem("$.mode", "Only live mode is counted; test sessions can be exported.")])
    period = selection.period()
    facts = await queries.list_reason_facts(selection.workspace, period.start, period.end)
    known = await labels.of_reasons(selection.workspace, selection.locale, selection.default_flow)
    groups = _grouped(facts, selection)
    return ReasonsReport(
        definition=definitions(
            "episodes",
            "answered_episodes",
            "reason_count",
            "reason_shown",
            "reason_share_primary",
            "mrr_at_stake",
            "mrr_unknown",
            "coverage",
        ),
        as_of=selection.now,
        zone=selection.zone,
        mode=selection.mode,
        period=period,
        group_by=selection.grain,
        coverage=_coverage(facts),
        periods=tuple(
            PeriodCoverage(start=one.start, end=one.end, label=one.label, coverage=_coverage(within))
            for one, within in groups
            if selection.grain
        ),
        rows=tuple(row for one, within in groups for row in _rows(within, one if selection.grain else UNSET, known)),
    )


def _grouped(facts: Sequence[ReasonFact], selection: Selection) -> list[tuple[Period, list[ReasonFact]]]:
    period, grain = selection.period(), selection.grain
    if grain is None:
        return [(period, list(facts))]
    groups: dict[str, list[ReasonFact]] = defaultdict(list)
    for fact in facts:
        groups[period_of(fact.day, grain).label].append(fact)
    axis = periods_between(period.start, period.end, grain)
    return [(one.within(period), groups[one.label]) for one in axis]


def _coverage(facts: Iterable[ReasonFact]) -> Coverage:
    known = of = answered = episodes = 0
    for fact in facts:
        of += fact.declared
        episodes += fact.episodes
        if fact.code is not None:
            known += fact.declared
            answered += fact.episodes
    return Coverage(known=known, of=of, answered=answered, episodes=episodes)


def _rows(facts: Iterable[ReasonFact], period: Period | UnsetType, known: dict[str, Label]) -> list[ReasonRow]:
    by_code: dict[str, list[ReasonFact]] = defaultdict(list)
    for fact in facts:
        if fact.code is not None:
            by_code[fact.code].append(fact)
    rows = [_row(code, own, period, known.get(code)) for code, own in by_code.items()]
    return sorted(rows, key=lambda row: (-row.count, -row.n, row.code))


def _row(code: str, facts: Sequence[ReasonFact], period: Period | UnsetType, label: Label | None) -> ReasonRow:
    count, n = sum(fact.picked for fact in facts), sum(fact.shown for fact in facts)
    low, high = wilson(count, n)
    money: dict[str, int] = defaultdict(int)
    for fact in facts:
        if fact.currency is not None and fact.episodes > fact.mrr_unknown:
            money[fact.currency] += fact.mrr
    recorded = max((fact.category for fact in facts if fact.category is not None), default=None)
    return ReasonRow(
        period=period,
        code=code,
        category=label.category if label else recorded,
        label=label.text if label else code,
        count=count,
        n=n,
        share=round(count / n, _DIGITS),
        ci_low=round(low, _DIGITS),
        ci_high=round(high, _DIGITS),
        mrr_at_stake=tuple(Money(currency, amount) for currency, amount in sorted(money.items())),
        mrr_unknown=sum(fact.mrr_unknown for fact in facts),
    )
