"""Every write goes through one door, which nothing gets stuck in."""

import asyncio
import logging
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from aurevoir.kit import db, sql
from aurevoir.kit.engine import Dialect, OutsideUnit
from tests.kit.scratch.models import Part, Thing

pytestmark = pytest.mark.usefixtures("scratch")


async def put(name: str, *, parts: int = 2) -> UUID:
    """A thing with its parts, by hand-written SQL and by Tortoise alike."""
    thing = uuid4()
    await sql.insert("thing", id=thing, name=name, flag=False, number=1)
    await asyncio.sleep(0)
    for place in range(parts):
        await Part.create(thing_id=thing, place=place)
    await sql.execute("UPDATE thing SET number = number + 1 WHERE id = $1", thing)
    return thing


async def names() -> set[str]:
    """What is committed."""
    return {row["name"] for row in await sql.fetch_all("SELECT name FROM thing")}


async def whole() -> bool:
    """Whether no thing is half there."""
    rows = await sql.fetch_all(
        "SELECT t.number AS number, count(p.id) AS parts FROM thing t LEFT JOIN part p ON p.thing_id = t.id"
        " GROUP BY t.id, t.number"
    )
    return all((row["number"], row["parts"]) == (2, 2) for row in rows)


async def test_a_unit_returns_once_it_is_committed() -> None:
    """What a caller was told is what everyone sees."""
    thing = await db.transaction(lambda: put("one"))

    assert await Thing.filter(id=thing).exists()
    assert await names() == {"one"}
    assert await whole()


async def test_a_caller_cancelled_at_any_await_leaves_nothing_half_done() -> None:
    """The unit runs to its end, whatever moment its caller is cancelled at; and so do those after it."""
    started: set[str] = set()
    acknowledged: set[str] = set()

    async def caller(name: str) -> None:
        async def unit() -> UUID:
            started.add(name)
            return await put(name)

        await db.transaction(unit)
        acknowledged.add(name)

    moment = cancelled = 0
    while True:
        task = asyncio.create_task(caller(f"moment {moment}"))
        for _ in range(moment):
            await asyncio.sleep(0)
        if not task.cancel():
            break
        cancelled += isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)
        moment += 1
    await db.transaction(lambda: put("the last"))

    assert cancelled > 3
    assert acknowledged <= started
    # On PostgreSQL a unit whose caller went away may still be on its way, beside those after it.
    for _ in range(500):
        if await names() == started | {"the last"}:
            break
        await asyncio.sleep(0.01)
    assert await names() == started | {"the last"}
    assert await whole()


async def test_a_unit_cancelled_from_within_at_any_await_leaves_nothing() -> None:
    """A timeout inside a unit undoes that unit and no other."""
    kept: set[str] = set()
    for moment in range(200):
        name = f"moment {moment}"

        async def unit(name: str = name, moment: int = moment) -> None:
            work = asyncio.create_task(put(name))
            for _ in range(moment):
                await asyncio.sleep(0)
            if work.done():
                kept.add(name)
            work.cancel()
            await work

        results = await asyncio.gather(
            db.transaction(unit), db.transaction(partial(put, f"after {name}")), return_exceptions=True
        )
        kept.add(f"after {name}")
        if name in kept:
            break
        assert isinstance(results[0], asyncio.CancelledError)

    assert len(kept) > 3
    assert await names() == kept
    assert await whole()


async def test_a_failing_unit_takes_nobody_with_it() -> None:
    """Units that share a COMMIT succeed and fail each for itself."""

    async def fails(name: str) -> UUID:
        await put(name)
        raise LookupError(name)

    units = [db.transaction(partial(put if n % 5 else fails, f"{n}")) for n in range(40)]
    results = await asyncio.gather(*units, return_exceptions=True)

    assert [isinstance(result, LookupError) for result in results] == [n % 5 == 0 for n in range(40)]
    assert await names() == {f"{n}" for n in range(40) if n % 5}
    assert await whole()


async def test_a_call_inside_a_unit_is_part_of_it() -> None:
    """Services call each other without knowing who opened the transaction."""

    async def outer() -> None:
        await db.transaction(lambda: put("inner"))
        assert await names() == {"inner"}
        raise LookupError

    with pytest.raises(LookupError):
        await db.transaction(outer)

    assert await names() == set()


async def test_nobody_outside_sees_an_unfinished_unit() -> None:
    """Reading elsewhere is neither held up by a unit nor shown what may still be undone."""
    written, seen = asyncio.Event(), asyncio.Event()

    async def unit() -> None:
        await put("unfinished")
        written.set()
        await seen.wait()

    running = asyncio.create_task(db.transaction(unit))
    await written.wait()
    by_sql, by_tortoise = await names(), await Thing.all().count()
    seen.set()
    await running

    assert (by_sql, by_tortoise) == (set(), 0)
    assert await names() == {"unfinished"}


async def test_a_broken_constraint_is_the_same_error_on_both_engines() -> None:
    """Callers catch one IntegrityError, whoever wrote and whatever the engine."""
    thing = await db.transaction(lambda: put("one"))

    with pytest.raises(IntegrityError):
        await db.transaction(lambda: put("one"))
    with pytest.raises(IntegrityError):
        await db.transaction(lambda: Thing.create(name="one"))
    with pytest.raises(IntegrityError):
        await db.transaction(lambda: sql.insert("part", id=uuid4(), thing_id=uuid4(), place=1))
    with pytest.raises(OperationalError):
        await db.transaction(lambda: sql.execute("UPDATE nothing SET x = 1"))

    assert await names() == {"one"}
    assert await Part.filter(thing_id=thing).count() == 2


async def test_a_commit_that_fails_is_told_to_the_caller(scratch: Dialect) -> None:
    """A deferred constraint speaks only at COMMIT, and is heard."""
    statement = (
        """CREATE TABLE later (id INT PRIMARY KEY, other INT REFERENCES later (id) DEFERRABLE INITIALLY DEFERRED)"""
    )
    await db.transaction(lambda: sql.execute(statement))

    with pytest.raises(IntegrityError):
        await db.transaction(lambda: sql.insert("later", id=1, other=2))
    await db.transaction(lambda: sql.insert("later", id=3, other=3))

    assert await sql.fetch_all("SELECT id FROM later") == [{"id": 3}]


async def test_nothing_is_written_outside_a_unit() -> None:
    """Neither engine commits what no unit asked for."""
    with pytest.raises(OutsideUnit):
        await Thing.create(name="stray")
    with pytest.raises(OutsideUnit):
        await Thing.filter(name="stray").update(number=3)
    with pytest.raises(OutsideUnit):
        await sql.insert("thing", id=uuid4(), name="stray")
    with pytest.raises(OutsideUnit):
        await sql.fetch_all("INSERT INTO thing (id, name) VALUES ($1, $2) RETURNING id", uuid4(), "stray")

    assert await names() == set()


async def test_a_task_that_outlives_its_unit_cannot_write_into_another() -> None:
    """It may ask for a unit of its own, and gets one."""
    go = asyncio.Event()
    strays: list[asyncio.Task[object]] = []

    async def stray(name: str, *, own: bool) -> object:
        await go.wait()
        return await (db.transaction(lambda: put(name)) if own else put(name))

    async def unit() -> None:
        strays.extend(asyncio.create_task(stray(f"own {own}", own=own)) for own in (True, False))

    await db.transaction(unit)
    go.set()
    own, other = await asyncio.gather(*strays, return_exceptions=True)

    assert isinstance(own, UUID)
    assert isinstance(other, OutsideUnit)
    assert await names() == {"own True"}


async def test_units_at_once_lose_no_update() -> None:
    """Two hundred increments make two hundred."""
    thing = await db.transaction(lambda: put("counter"))
    await asyncio.gather(
        *(
            db.transaction(lambda: sql.execute("UPDATE thing SET number = number + 1 WHERE id = $1", thing))
            for _ in range(200)
        )
    )

    assert await sql.fetch_one("SELECT number FROM thing WHERE id = $1", thing) == {"number": 202}


async def test_tortoise_may_open_transactions_inside_a_unit() -> None:
    """What fails in one undoes that one, and the unit goes on."""

    async def clash() -> None:
        async with in_transaction("default"):
            await Thing.create(name="undone")
            await Thing.create(name="bulk 3")

    async def unit() -> None:
        await Thing.bulk_create([Thing(name=f"bulk {n}") for n in range(120)])
        with pytest.raises(IntegrityError):
            await clash()
        await Thing.get_or_create(name="bulk 5")
        await Thing.get_or_create(name="got")

    await db.transaction(unit)

    assert await names() == {f"bulk {n}" for n in range(120)} | {"got"}


async def test_the_callers_context_reaches_the_unit() -> None:
    """The request's id stands in what a unit logs."""
    request = ContextVar("request", default="none")

    async def unit() -> str:
        return request.get()

    async def caller(name: str) -> str:
        request.set(name)
        return await db.transaction(unit)

    assert await asyncio.gather(*(caller(f"r{n}") for n in range(5))) == [f"r{n}" for n in range(5)]


async def test_closing_waits_for_the_units_that_wait(scratch_url: str) -> None:
    """A shutdown loses nothing that was handed over, and takes nothing more."""
    waiting = [asyncio.create_task(db.transaction(partial(put, f"{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    closing = asyncio.create_task(db.close_database())
    await asyncio.sleep(0)
    with pytest.raises(db.DatabaseClosed):
        await db.transaction(lambda: put("too late"))
    await asyncio.gather(*waiting, closing)
    await db.open_database(scratch_url, ["tests.kit.scratch.models"])

    assert await names() == {f"{n}" for n in range(100)}
    assert await whole()


async def test_a_unit_that_fails_with_nobody_waiting_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """An error is never silent."""

    async def unit() -> None:
        await put("x")
        raise LookupError("nobody hears me")

    caller = asyncio.create_task(db.transaction(unit))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait({caller})
    await db.transaction(lambda: put("y"))
    await asyncio.sleep(0)

    assert [record.exc_text or str(record.exc_info) for record in caplog.records if record.levelno >= logging.ERROR]
    assert await names() == {"y"}


async def test_one_database_at_a_time(tmp_path: Path) -> None:
    """A second one would answer the first one's queries."""
    with pytest.raises(db.DatabaseError, match="open already"):
        await db.open_database(f"sqlite://{tmp_path / 'other.db'}", [])
