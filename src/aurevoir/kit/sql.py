"""Hand-written SQL for hot paths: `$1` placeholders and the same arguments on both engines."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, get_args, get_origin, overload
from uuid import UUID

import msgspec
from msgspec import NODEFAULT, Struct

from aurevoir.kit.db import dialect, engine
from aurevoir.kit.engine import Dialect, OutsideUnit, Row, find_unit

S = TypeVar("S", bound=Struct)

_READING = ("SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA")
_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\d+)")
_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")


@overload
async def fetch_all(query: str, *args: Any) -> list[Row]: ...
@overload
async def fetch_all(query: str, *args: Any, into: type[S]) -> list[S]: ...
async def fetch_all(query: str, *args: Any, into: type[S] | None = None) -> list[Row] | list[S]:
    """The rows: as dicts (SQLite gives text where PostgreSQL gives UUIDs and dates), or as Structs, alike on both.

    Inside a unit it sees what the unit wrote; outside, what is committed.
    """
    statement = _prepare(query, dialect())
    unit = find_unit()
    if unit is None and not statement.reading:
        raise OutsideUnit("this statement writes, and there is no unit")
    rows = await (unit or engine()).fetch(statement.text, statement.arguments(args))
    return rows if into is None else [read(row, into) for row in rows]


@overload
async def fetch_one(query: str, *args: Any) -> Row | None: ...
@overload
async def fetch_one(query: str, *args: Any, into: type[S]) -> S | None: ...
async def fetch_one(query: str, *args: Any, into: type[S] | None = None) -> Row | S | None:
    """The first row, or None."""
    rows = await fetch_all(query, *args)
    if not rows:
        return None
    return rows[0] if into is None else read(rows[0], into)


async def execute(query: str, *args: Any) -> int:
    """Write, inside a unit; the number of rows touched."""
    statement = _prepare(query, dialect())
    if (unit := find_unit()) is None:
        raise OutsideUnit("kit.sql.execute needs a unit")
    return await unit.execute(statement.text, statement.arguments(args))


async def execute_many(query: str, rows: Sequence[Sequence[Any]]) -> None:
    """The same statement with each of these arguments, inside a unit."""
    if (unit := find_unit()) is None:
        raise OutsideUnit("kit.sql.execute_many needs a unit")
    if not rows:
        return
    statement = _prepare(query, dialect())
    await unit.execute_many(statement.text, [statement.arguments(row) for row in rows])


async def insert(table: str, **values: Any) -> None:
    """One row, inside a unit."""
    await execute(_insertion(table, tuple(values)), *values.values())


async def insert_many(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the same columns, inside a unit."""
    if rows:
        columns = tuple(rows[0])
        await execute_many(_insertion(table, columns), [[row[name] for name in columns] for row in rows])


@overload
def stream(query: str, *args: Any, batch: int = 500) -> AsyncGenerator[Row, None]: ...
@overload
def stream(query: str, *args: Any, into: type[S], batch: int = 500) -> AsyncGenerator[S, None]: ...
async def stream(
    query: str, *args: Any, into: type[S] | None = None, batch: int = 500
) -> AsyncGenerator[Row | S, None]:
    """Row after row of one snapshot, outside units; `batch` rows are in memory at a time."""
    if find_unit():
        raise OutsideUnit("kit.sql.stream reads what is committed; inside a unit use fetch_all")
    statement = _prepare(query, dialect())
    async with aclosing(engine().stream(statement.text, statement.arguments(args), batch)) as batches:
        async for rows in batches:
            for row in rows:
                yield row if into is None else read(row, into)


def marks(count: int, first: int = 1) -> str:
    """Placeholders for a list: `marks(3, first=2)` is `$2, $3, $4`."""
    return ", ".join(f"${number}" for number in range(first, first + count))


def read(row: Row, into: type[S]) -> S:
    """`row` as a Struct. Columns are found by the fields' encoded names; a missing one takes the field's default."""
    try:
        return into(**{name: convert(row[column]) for name, column, convert in _fields(into, frozenset(row))})
    except KeyError as error:
        raise TypeError(f"{into.__name__} needs the column {error}, which the query does not give") from error


class _Statement(NamedTuple):
    text: str
    order: tuple[int, ...] | None
    reading: bool
    adapt: Callable[[Any], Any]

    def arguments(self, given: Sequence[Any]) -> list[Any]:
        adapt = self.adapt
        if self.order is None:
            return [adapt(value) for value in given]
        return [adapt(given[index]) for index in self.order]


@lru_cache(maxsize=2048)
def _prepare(query: str, spoken: Dialect) -> _Statement:
    reading = query.lstrip().upper().startswith(_READING)
    if spoken == "postgres":
        return _Statement(query, None, reading, _for_postgres)
    order: list[int] = []

    def question(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        order.append(int(found[1]) - 1)
        return "?"

    text = _PLACEHOLDER.sub(question, query)
    straight = order == list(range(len(order)))
    return _Statement(text, None if straight else tuple(order), reading, _for_sqlite)


@lru_cache(maxsize=512)
def _insertion(table: str, columns: tuple[str, ...]) -> str:
    for name in (table, *columns):
        if not _NAME.match(name):
            raise ValueError(f"not a table or column name: {name!r}")
    quoted = ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({quoted}) VALUES ({marks(len(columns))})'


_PLAIN = (str, int, float, bytes, NoneType)


def _for_sqlite(value: Any) -> Any:
    """As Tortoise writes it, so that text compares and joins whoever wrote it."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return str(_aware(value).astimezone(UTC))
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return _common(value)


def _for_postgres(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime):
        return _aware(value)
    if isinstance(value, UUID | Decimal | date):
        return value
    return _common(value)


def _common(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | str | int | float | bytes):
        return value
    if isinstance(value, dict | list | tuple | Struct):
        return msgspec.json.encode(value).decode()
    raise TypeError(f"no column holds a {type(value).__name__}")


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a datetime without a zone is not a moment")
    return value


Converter = Callable[[Any], Any]


@lru_cache(maxsize=512)
def _fields(into: type[Struct], columns: frozenset[str]) -> tuple[tuple[str, str, Converter], ...]:
    return tuple(
        (field.name, field.encode_name, _converter(field.type))
        for field in msgspec.structs.fields(into)
        if field.encode_name in columns or (field.default is NODEFAULT and field.default_factory is NODEFAULT)
    )


def _converter(kind: Any) -> Converter:
    plain = _plain(kind)
    if plain in _SCALARS:
        return _SCALARS[plain]
    if _is_text(plain):
        return lambda value: msgspec.convert(value, kind, strict=False)
    decoder = msgspec.json.Decoder(kind)
    return lambda value: decoder.decode(value) if isinstance(value, str | bytes) else msgspec.convert(value, kind)


def _plain(kind: Any) -> Any:
    """`kind` without its `| None` and its constraints."""
    if get_origin(kind) in (Union, UnionType):
        some = [member for member in get_args(kind) if member is not NoneType]
        return _plain(some[0]) if len(some) == 1 else kind
    if hasattr(kind, "__metadata__"):
        return _plain(get_args(kind)[0])
    return kind


def _is_text(plain: Any) -> bool:
    """Whether its column holds the value itself (enumerations, literals, unions with text) and not JSON."""
    if isinstance(plain, type) and issubclass(plain, Enum):
        return True
    members = get_args(plain)
    if get_origin(plain) in (Union, UnionType):
        return any(_plain(member) is str for member in members)
    return bool(members) and all(isinstance(member, str | int) for member in members)


def _unless_none(convert: Converter) -> Converter:
    return lambda value: None if value is None else convert(value)


_SCALARS: dict[Any, Converter] = {
    str: _unless_none(str),
    int: _unless_none(int),  # PostgreSQL sums bigints to a numeric
    float: _unless_none(float),
    bool: _unless_none(bool),
    bytes: _unless_none(bytes),
    Decimal: _unless_none(lambda value: Decimal(str(value))),
    UUID: _unless_none(lambda value: value if isinstance(value, UUID) else UUID(value)),
    datetime: _unless_none(lambda value: value if isinstance(value, datetime) else datetime.fromisoformat(value)),
    date: _unless_none(lambda value: value if isinstance(value, date) else date.fromisoformat(value)),
}
