"""Hand-written SQL is the same SQL on both engines."""

import asyncio
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from aurevoir.kit import db, sql
from aurevoir.kit.engine import Dialect, OutsideUnit
from tests.kit.scratch.models import Part, Thing

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Colour(Enum):
    """One of the things a text column may hold."""

    RED = "red"


class Detail(Struct, frozen=True):
    """Part of a JSON column."""

    a: int | str


class Read(Struct, kw_only=True):
    """A row with every kind of column."""

    id: UUID
    name: str
    at: datetime | None
    on: date | None
    data: dict[str, Detail | None] | None
    secret: bytes | None
    flag: bool
    number: int
    note: str = "not asked for"


async def insert(**values: Any) -> UUID:
    """One thing."""
    thing = uuid4()
    await db.transaction(lambda: sql.insert("thing", id=thing, **values))
    return thing


@pytest.mark.usefixtures("scratch")
async def test_a_row_comes_back_as_it_was_given() -> None:
    """Whatever the engine has made of it in between."""
    paris = timezone(timedelta(hours=1))
    values: dict[str, Any] = {
        "name": "été",
        "at": datetime(2026, 3, 1, 13, 0, 0, 5, tzinfo=paris),
        "on": date(2026, 3, 1),
        "data": {"one": Detail(a="1"), "two": None},
        "secret": b"\x00\xff",
        "flag": True,
        "number": 2**53,
    }
    thing = await insert(**values)
    row = await sql.fetch_one("SELECT * FROM thing", into=Read)

    assert row == Read(id=thing, **values)
    assert row is not None
    assert row.at is not None
    assert row.at.utcoffset() == timedelta(0)


@pytest.mark.usefixtures("scratch")
async def test_nothing_comes_back_as_nothing() -> None:
    """NULL is None in every kind of column."""
    thing = await insert(name="bare")
    row = await sql.fetch_one("SELECT * FROM thing WHERE id = $1", thing, into=Read)

    assert row == Read(id=thing, name="bare", at=None, on=None, data=None, secret=None, flag=False, number=0)
    assert await sql.fetch_one("SELECT * FROM thing WHERE name = $1", "nobody", into=Read) is None
    assert await sql.fetch_all("SELECT * FROM part", into=Read) == []


async def test_it_writes_what_tortoise_writes(scratch: Dialect) -> None:
    """Text in SQLite compares and joins whoever wrote it."""
    values: dict[str, Any] = {"at": NOON, "on": NOON.date(), "data": {"a": [1, "2"]}, "flag": True, "secret": b"x"}
    both = [uuid4(), uuid4()]

    async def unit() -> None:
        await Thing.create(id=both[0], name="tortoise", **values)
        await sql.insert("thing", id=both[1], name="ourselves", **values)
        await sql.insert("part", id=uuid4(), thing_id=str(both[0]), place=1)

    await db.transaction(unit)
    rows = await sql.fetch_all('SELECT at, "on", data, flag, secret, number, size FROM thing')
    found = await Thing.filter(at=NOON, on=NOON.date(), flag=True)

    assert rows[0] == rows[1]
    assert {type(value) for value in rows[0].values()} >= {str, bytes, int}
    assert {thing.name for thing in found} == {"tortoise", "ourselves"}
    assert await Part.filter(thing__name="tortoise").exists()


@pytest.mark.usefixtures("scratch")
async def test_moments_sort_as_text_too() -> None:
    """With and without microseconds, from every zone."""
    moments = [
        NOON,
        NOON + timedelta(microseconds=1),
        NOON + timedelta(seconds=1),
        NOON.astimezone(timezone(timedelta(hours=9))),
    ]
    for number, moment in enumerate(moments):
        await insert(name=f"{number}", at=moment)
    later = await sql.fetch_all("SELECT name FROM thing WHERE at > $1 ORDER BY at", NOON)

    assert [row["name"] for row in later] == ["1", "2"]


@pytest.mark.usefixtures("scratch")
async def test_placeholders_may_repeat_and_change_places() -> None:
    """And what looks like one inside quotes is left alone."""
    await insert(name="$1", number=5)
    row = await sql.fetch_one(
        "SELECT name, '$2' AS quoted, number AS \"$3\" FROM thing WHERE number = $2 AND name = $1 AND number < $2 + 1",
        "$1",
        5,
    )

    assert row == {"name": "$1", "quoted": "$2", "$3": 5}


@pytest.mark.usefixtures("scratch")
async def test_execute_counts_the_rows_it_touched() -> None:
    """The count is how conditional updates are decided."""
    await asyncio.gather(*(insert(name=f"{n}", number=n) for n in range(5)))
    updated = await db.transaction(lambda: sql.execute("UPDATE thing SET flag = $1 WHERE number >= $2", True, 3))
    again = "INSERT INTO thing (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    inserted = [await db.transaction(partial(sql.execute, again, uuid4(), name)) for name in ("new", "new")]
    numbers = [1, 2, 9]
    deleted = await db.transaction(lambda: sql.execute(f"DELETE FROM thing WHERE number IN ({sql.marks(3)})", *numbers))

    assert (updated, inserted, deleted) == (2, [1, 0], 2)


@pytest.mark.usefixtures("scratch")
async def test_many_rows_are_written_or_none() -> None:
    """Also when there are more of them than the event loop is kept for."""
    rows = [{"id": uuid4(), "name": f"{n}", "number": n, "data": {"n": n}} for n in range(420)]
    await db.transaction(lambda: sql.insert_many("thing", rows))
    await db.transaction(lambda: sql.insert_many("thing", []))
    clash = [{"id": uuid4(), "name": f"more {n}"} for n in range(99)] + [{"id": uuid4(), "name": "7"}]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await db.transaction(lambda: sql.insert_many("thing", clash))

    assert await sql.fetch_one("SELECT count(*) AS n, sum(number) AS total FROM thing", into=Total) == Total(420, 87990)


class Total(Struct):
    """PostgreSQL's sum of bigints is a numeric."""

    n: int
    total: int


@pytest.mark.usefixtures("scratch")
async def test_a_stream_gives_one_snapshot_row_by_row() -> None:
    """Whatever is written meanwhile; and it may be left early."""
    await db.transaction(
        lambda: sql.insert_many("thing", [{"id": uuid4(), "name": f"{n}", "number": n} for n in range(25)])
    )
    seen = []
    async for row in sql.stream("SELECT number FROM thing WHERE number >= $1 ORDER BY number", 5, batch=4):
        seen.append(row["number"])
        if row["number"] == 6:
            await insert(name="late", number=99)
            assert await sql.fetch_one("SELECT count(*) AS n FROM thing") == {"n": 26}
    async with aclosing(sql.stream("SELECT * FROM thing", batch=2, into=Read)) as rows:
        first = await anext(rows)

    assert seen == list(range(5, 25))
    assert isinstance(first, Read)
    await insert(name="and the database is free")


@pytest.mark.usefixtures("scratch")
async def test_a_stream_is_refused_inside_a_unit() -> None:
    """It would not see what the unit wrote."""

    async def unit() -> list[Any]:
        return [row async for row in sql.stream("SELECT 1 AS one")]

    with pytest.raises(OutsideUnit):
        await db.transaction(unit)


@pytest.mark.usefixtures("scratch")
async def test_rows_written_with_returning_are_read_inside_a_unit() -> None:
    """One statement instead of two."""
    row = await db.transaction(
        lambda: sql.fetch_one("INSERT INTO thing (id, name, number) VALUES ($1, $2, 4) RETURNING number", uuid4(), "x")
    )

    assert row == {"number": 4}


@pytest.mark.usefixtures("scratch")
async def test_what_no_column_holds_is_refused() -> None:
    """Rather than stored as something else on one of the engines."""
    for wrong in (datetime(2026, 1, 1), object(), {1, 2}):  # noqa: DTZ001 - a naive one is the mistake
        with pytest.raises((TypeError, ValueError)):
            await insert(name="x", at=wrong)
    with pytest.raises(ValueError, match="not a table or column"):
        await db.transaction(lambda: sql.insert("thing; DROP TABLE part", id=uuid4()))
    await insert(name="y")
    with pytest.raises(TypeError, match="needs the column"):
        await sql.fetch_all("SELECT name FROM thing", into=Read)

    assert await sql.fetch_one("SELECT count(*) AS n FROM thing") == {"n": 1}


class Shown(Struct):
    """Columns that hold a value, and one that holds JSON."""

    colour: Colour
    kind: Literal["a", "b"]
    value: bool | int | str
    price: Decimal
    ratio: float
    tags: tuple[str, ...]


def test_a_struct_reads_text_as_text_and_json_as_json() -> None:
    """Enumerations and literals are stored bare; lists and objects as JSON, whose strings stay strings."""
    row = {"colour": "red", "kind": "b", "value": "plain", "price": "1.50", "ratio": 2, "tags": '["1", "2"]'}

    assert sql.read(row, Shown) == Shown(Colour.RED, "b", "plain", Decimal("1.50"), 2.0, ("1", "2"))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_every_order_of_placeholders_finds_its_arguments(order: list[int]) -> None:
    """SQLite gets question marks, and the arguments in their order."""
    statement = sql._prepare(" ".join(f"${number}" for number in order), "sqlite")

    given_nine = [f"a{number}" for number in range(1, 10)]

    assert statement.text == " ".join("?" * len(order))
    assert statement.arguments(given_nine)[: len(order)] == [f"a{number}" for number in order]
