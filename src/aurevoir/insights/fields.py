"""From a row of a view to the cells of an export: text, numbers, booleans and None, the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.insights.labels import REASON_STEP, VersionLabels
from aurevoir.insights.views import Column, Kind, View
from aurevoir.kit import ids
from aurevoir.kit.ids import Prefix

Cell = str | int | float | bool | None
Page = list[list[Cell]]
Row = dict[str, Any]


class Setting(Struct, frozen=True):
    """What a cell may depend on beside its row."""

    zone: ZoneInfo
    labels: VersionLabels


class Field(Struct, frozen=True):
    """A column of an export and how its cells are read."""

    column: Column
    read: Callable[[Row, Setting], Cell]


def own(view: View, name: str, prefix: Prefix | None = None) -> Field:
    """A column of the view itself; ids of ours are shown with their prefix."""
    column = next(column.told for column in view.columns if column.name == name)
    convert = _identified(prefix) if prefix else _CONVERT.get(column.kind)
    if convert is None:
        return Field(column, lambda row, _: row[name])
    return Field(column, lambda row, _: None if row[name] is None else convert(row[name]))


def day(name: str, of: str) -> Field:
    """The local day of a timestamp of the view."""
    column = Column(name, "date", f"The day of `{of}`, in the workspace's zone.")
    return Field(
        column, lambda row, known: None if row[of] is None else str(_moment(row[of]).astimezone(known.zone).date())
    )


def label(name: str, of: str, step: str | None = None) -> Field:
    """The words of the code in column `of`, as the session's version shows them.

    The step is the one that column `step` names, or else the reason step.
    """
    column = Column(name, "text", f"`{of}` in words, in the workspace's language.")

    def read(row: Row, known: Setting) -> Cell:
        if row[of] is None:
            return None
        return known.labels.text(as_uuid(row["version_id"]), row[step] if step else REASON_STEP, row[of])

    return Field(column, read)


def zone() -> Field:
    """The zone, in every row: a file may be cut and joined."""
    column = Column("zone", "code", "The workspace's zone, in which the `_on` columns count their days.")
    return Field(column, lambda _, known: known.zone.key)


def as_uuid(value: UUID | str) -> UUID:
    """What SQLite gives as text."""
    return value if isinstance(value, UUID) else UUID(value)


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _identified(prefix: Prefix) -> Callable[[Any], Cell]:
    return lambda value: ids.shown(prefix, as_uuid(value))


_CONVERT: dict[Kind, Callable[[Any], Cell]] = {
    "timestamp": lambda value: _moment(value).astimezone(UTC).isoformat().replace("+00:00", "Z"),
    "date": str,
    "boolean": bool,
}
