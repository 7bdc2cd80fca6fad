"""The reason table beside the demo: insights' own report, laid out for a page."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil

from msgspec import Struct

from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows import service as flows
from aurevoir.insights import reports
from aurevoir.insights.reports import Coverage
from aurevoir.insights.selection import select
from aurevoir.kit.i18n import language
from aurevoir.sessions.texts import localised


class ReasonRow(Struct, frozen=True, kw_only=True):
    """One reason; `start`, `at` and `end` are where its interval and its share lie on a scale from 0 to 100."""

    code: str
    label: str
    count: int
    n: int
    share: str
    interval: str
    start: float
    at: float
    end: float
    mrr: str
    is_mine: bool


class Table(Struct, frozen=True, kw_only=True):
    """The reasons of one flow; the scale of all rows ends at `scale` per cent."""

    rows: Sequence[ReasonRow]
    scale: int
    coverage: Coverage


async def table(workspace: WorkspaceSettings, flow: str, mine: str | None, now: datetime) -> Table:
    """The workspace's report of the last twelve months, of it the reasons that `flow` asks for; `mine` is marked."""
    report = await reports.reasons(select(workspace, now))
    live = await flows.live_version(workspace.id, flow, None)
    labels = {option.code: localised(option.label, "en") for option in live.reason_step.options}
    found = [row for row in report.rows if row.code in labels]
    # Wide enough for all of them, in steps of ten per cent.
    scale = ceil(max((row.ci_high for row in found), default=1) * 10) * 10
    rows = [_row(row, labels[row.code], scale / 100, workspace.currency, is_mine=row.code == mine) for row in found]
    return Table(rows=rows, scale=scale, coverage=report.coverage)


def _row(row: reports.ReasonRow, label: str, scale: float, currency: str, *, is_mine: bool) -> ReasonRow:
    amount = next((money.amount for money in row.mrr_at_stake if money.currency == currency), None)
    return ReasonRow(
        code=row.code,
        label=label,
        count=row.count,
        n=row.n,
        share=f"{row.share:.0%}",
        interval=f"{row.ci_low * 100:.0f}–{row.ci_high * 100:.0f}",
        start=round(row.ci_low / scale * 100, 1),
        at=round(row.share / scale * 100, 1),
        end=round(row.ci_high / scale * 100, 1),
        mrr="–" if amount is None else language("en").money(amount, currency),
        is_mine=is_mine,
    )
