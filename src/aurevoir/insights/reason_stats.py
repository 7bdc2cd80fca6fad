"""The reasons report as a table: what analysts join, pivot and add up."""

from aurevoir.insights.fields import Cell, Page
from aurevoir.insights.reports import Coverage, ReasonRow, ReasonsReport
from aurevoir.insights.views import Column

COLUMNS = (
    Column("period", "code", "2026-W05, 2026-01, 2026-Q1 or 2026; ungrouped: first day / day after the last."),
    Column("from", "date", "The period's first day."),
    Column("to", "date", "The day after its last one."),
    Column("code", "code", "The reason."),
    Column("category", "code", "Its category in the common taxonomy."),
    Column("label", "text", "The reason in words, from the live flow."),
    Column("count", "integer", "reason_count: episodes with this primary reason."),
    Column("n", "integer", "reason_shown: answered episodes in which it was shown."),
    Column("share", "number", "reason_share_primary: count ÷ n."),
    Column("ci_low", "number", "Lower end of the share's Wilson 95 % interval."),
    Column("ci_high", "number", "Upper end."),
    Column("suppressed", "boolean", "Whether the row is hidden because it tells of too few customers."),
    Column("mrr_unknown", "integer", "mrr_unknown: episodes with this reason and no known MRR."),
    Column("reasons_known", "integer", "coverage, n: the period's cancelled episodes with a known reason."),
    Column("cancellations", "integer", "coverage, N: the period's cancelled episodes."),
    Column("answered_episodes", "integer", "answered_episodes of the period."),
    Column("episodes", "integer", "episodes of the period."),
    Column("zone", "code", "The workspace's zone, in which days are counted."),
)
MRR_COLUMN = Column(
    "mrr_at_stake_minor_<currency>",
    "integer",
    "mrr_at_stake in minor units, a column for each currency: a second row would count the episodes twice.",
)


def flat(report: ReasonsReport, currency: str) -> tuple[tuple[str, ...], Page]:
    """A report as columns and rows: one row per period and reason; `currency` has its column in any case."""
    currencies = sorted({currency} | {money.currency for row in report.rows for money in row.mrr_at_stake})
    columns = (*(column.name for column in COLUMNS), *(f"mrr_at_stake_minor_{one.lower()}" for one in currencies))
    coverages = {one.label: one.coverage for one in report.periods}
    rows = []
    for row in report.rows:
        period = row.period or report.period
        amounts = {money.currency: money.amount for money in row.mrr_at_stake}
        stated = _stated(row, coverages.get(period.label, report.coverage))
        rows.append(
            [period.label, str(period.start), str(period.end), *stated, report.zone, *map(amounts.get, currencies)]
        )
    return columns, rows


def _stated(row: ReasonRow, coverage: Coverage) -> list[Cell]:
    figures = [row.code, row.category, row.label, row.count, row.n, row.share, row.ci_low, row.ci_high, row.suppressed]
    return [*figures, row.mrr_unknown, coverage.known, coverage.of, coverage.answered, coverage.episodes]
