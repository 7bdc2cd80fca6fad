"""What can be exported: each dataset's columns with their meaning, and its rows a page at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.insights import queries, reason_stats, reports
from aurevoir.insights.fields import Field, Page, Row, Setting, as_uuid, day, label, own, zone
from aurevoir.insights.labels import VersionLabels
from aurevoir.insights.selection import Selection
from aurevoir.insights.views import ANSWER, EPISODE, SESSION, VIEWS, Column
from aurevoir.kit.errors import Invalid, Problem


class Table(Struct, frozen=True):
    """An opened dataset: the names of its columns and its rows."""

    columns: tuple[str, ...]
    pages: AsyncIterator[Page]


class Dataset(Struct, frozen=True, kw_only=True):
    """A named set of rows; `open` raises Invalid where the selection makes no sense for it."""

    meaning: str
    columns: tuple[Column, ...]
    open: Callable[[Selection], Awaitable[Table]]


class Source(Struct, frozen=True, kw_only=True):
    """The view behind a dataset, the unique key that its pages follow, and what is read from each row."""

    view: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(field.column for field in self.fields)


_SESSIONS = Source(
    view="cancel_session",
    key=("started_on", "session_id"),
    fields=(
        own(SESSION, "session_id", "ses"),
        own(SESSION, "episode_id", "epi"),
        own(SESSION, "mode"),
        own(SESSION, "channel"),
        own(SESSION, "customer"),
        own(SESSION, "subscription"),
        own(SESSION, "flow"),
        own(SESSION, "flow_version"),
        own(SESSION, "pack"),
        own(SESSION, "locale"),
        own(SESSION, "country"),
        own(SESSION, "plan"),
        own(SESSION, "billing_interval"),
        own(SESSION, "mrr"),
        own(SESSION, "currency"),
        own(SESSION, "state"),
        own(SESSION, "moves"),
        own(SESSION, "is_bounced"),
        own(SESSION, "reason"),
        label("reason_label", of="reason"),
        own(SESSION, "reason_category"),
        own(SESSION, "started_at"),
        own(SESSION, "started_on"),
        own(SESSION, "moved_at"),
        own(SESSION, "decided_at"),
        day("decided_on", of="decided_at"),
        own(SESSION, "declared_at"),
        day("declared_on", of="declared_at"),
        own(SESSION, "effective_on"),
        own(SESSION, "undone_at"),
        zone(),
    ),
)
_EPISODES = Source(
    view="cancel_episode",
    key=("started_on", "episode_id"),
    fields=(
        own(EPISODE, "episode_id", "epi"),
        own(EPISODE, "episode_no"),
        own(EPISODE, "customer"),
        own(EPISODE, "subscription"),
        own(EPISODE, "sessions"),
        own(EPISODE, "channel"),
        own(EPISODE, "flow"),
        own(EPISODE, "country"),
        own(EPISODE, "plan"),
        own(EPISODE, "billing_interval"),
        own(EPISODE, "mrr"),
        own(EPISODE, "currency"),
        own(EPISODE, "reason_session_id", "ses"),
        own(EPISODE, "is_answered"),
        own(EPISODE, "reason"),
        label("reason_label", of="reason"),
        own(EPISODE, "reason_category"),
        own(EPISODE, "is_cancelled"),
        own(EPISODE, "started_at"),
        own(EPISODE, "started_on"),
        zone(),
    ),
)
_ANSWERS = Source(
    view="answer",
    key=("started_on", "session_id", "step"),
    fields=(
        own(ANSWER, "session_id", "ses"),
        own(ANSWER, "episode_id", "epi"),
        own(ANSWER, "mode"),
        own(ANSWER, "flow"),
        own(ANSWER, "flow_version"),
        own(ANSWER, "step"),
        own(ANSWER, "kind"),
        own(ANSWER, "is_reason"),
        own(ANSWER, "is_answered"),
        own(ANSWER, "choice"),
        label("choice_label", of="choice", step="step"),
        own(ANSWER, "category"),
        own(ANSWER, "choices"),
        own(ANSWER, "value"),
        own(ANSWER, "locale"),
        own(ANSWER, "text"),
        own(ANSWER, "answered_at"),
        day("answered_on", of="answered_at"),
        own(ANSWER, "started_on"),
        zone(),
    ),
)


async def _open(source: Source, selection: Selection) -> Table:
    if selection.mode == "test" and f"test_{source.view}" not in VIEWS:
        raise Invalid(problems=[Problem("$.mode", "Test mode has sessions and answers, and no episodes.")])
    return Table(tuple(column.name for column in source.columns), _pages(source, selection))


async def _pages(source: Source, selection: Selection) -> AsyncIterator[Page]:
    view = VIEWS[queries.view(source.view, selection.mode)]
    names = [column.name for column in view.columns if column.name != "workspace_id"]
    setting = Setting(ZoneInfo(selection.zone), VersionLabels(selection.locale))
    async for rows in queries.pages(queries.view(source.view, selection.mode), names, source.key, selection):
        await setting.labels.meet({as_uuid(row["version_id"]) for row in rows if row["version_id"] is not None})
        # In a thread: a page keeps the processor longer than a customer at a screen should wait.
        yield await asyncio.to_thread(_read, source.fields, rows, setting)


def _read(fields: Sequence[Field], rows: Sequence[Row], setting: Setting) -> Page:
    return [[field.read(row, setting) for field in fields] for row in rows]


async def _open_reason_stats(selection: Selection) -> Table:
    columns, rows = reason_stats.flat(await reports.reasons(selection), selection.currency)
    return Table(columns, _once(rows))


async def _open_dictionary(_: Selection) -> Table:
    named = {name: dataset.columns for name, dataset in DATASETS.items()}
    viewed = {name: tuple(column.told for column in view.columns) for name, view in VIEWS.items()}
    rows: Page = [
        [name, column.name, column.kind, column.meaning]
        for name, columns in (named | viewed).items()
        for column in columns
    ]
    return Table(tuple(column.name for column in _DICTIONARY), _once(rows))


async def _once(rows: Page) -> AsyncIterator[Page]:
    yield rows


_DICTIONARY = (
    Column("dataset", "code", "The dataset or view."),
    Column("column", "code", "The column."),
    Column("type", "code", "id, code, text, integer, number, boolean, date or timestamp."),
    Column("meaning", "text", "What it holds."),
)

DATASETS = {
    "sessions": Dataset(meaning=SESSION.meaning, columns=_SESSIONS.columns, open=partial(_open, _SESSIONS)),
    "episodes": Dataset(meaning=EPISODE.meaning, columns=_EPISODES.columns, open=partial(_open, _EPISODES)),
    "answers": Dataset(meaning=ANSWER.meaning, columns=_ANSWERS.columns, open=partial(_open, _ANSWERS)),
    "reason_stats": Dataset(
        meaning="One row per period and reason: the reasons report as a table.",
        columns=(*reason_stats.COLUMNS, reason_stats.MRR_COLUMN),
        open=_open_reason_stats,
    ),
    "dictionary": Dataset(
        meaning="One row per column of each dataset and view.", columns=_DICTIONARY, open=_open_dictionary
    ),
}
