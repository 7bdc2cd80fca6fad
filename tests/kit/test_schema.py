"""Migrating tables that hold rows: what Tortoise gets wrong there is mended."""

from collections.abc import AsyncIterator

import pytest
from tortoise.exceptions import OperationalError

from aurevoir.kit import db, sql
from tests.kit import inspection
from tests.kit.conftest import MIGRATIONS, MODELS
from tests.kit.inspection import ROWS
from tests.kit.scratch.models import Part, Thing


@pytest.fixture
async def opened(scratch_url: str) -> AsyncIterator[str]:
    """An open, empty database."""
    await db.open_database(scratch_url, MODELS, migrations=MIGRATIONS)
    yield scratch_url
    await db.close_database()


@pytest.fixture
async def before(opened: str) -> inspection.Contents:
    """What stands in the scratch schema's first form, with rows in every table."""
    await db.migrate(to="0001_first")
    await inspection.populate()
    return await inspection.contents(await inspection.tables())


async def test_rows_children_and_indexes_outlive_a_migration(before: inspection.Contents) -> None:
    """Rebuilding a table on SQLite used to delete what cascades from it, and to forget its indexes."""
    known = await inspection.tables()
    applied = await db.migrate()
    after = await inspection.contents(known)

    assert applied == ["0002_second"]
    assert before.rows == {"thing": ROWS, "part": ROWS} == after.rows
    assert before.sums == after.sums
    assert before.indexes == after.indexes
    assert before.indexes["thing"] == {("unique", "id"), ("unique", "name"), ("plain", "flag", "number")}
    assert before.indexes["part"] == {("unique", "id"), ("unique", "thing_id", "place"), ("plain", "thing_id", "id")}


async def test_the_new_columns_are_there(before: inspection.Contents) -> None:
    """With their default in the old rows, and room for large numbers."""
    await db.migrate()
    thing = await Thing.first()
    assert thing is not None
    thing.number = 2**40
    await db.transaction(thing.save)

    assert await Thing.filter(size=7).count() == ROWS
    assert await Thing.filter(number=2**40).exists()
    assert await Part.filter(thing__size=7).count() == ROWS


async def test_children_still_go_with_their_parent(before: inspection.Contents) -> None:
    """Foreign keys hold again after the migration."""
    await db.migrate()
    await db.transaction(lambda: sql.execute("DELETE FROM thing"))

    assert await Part.all().count() == 0


async def test_what_is_applied_is_not_applied_again(opened: str) -> None:
    """`aurevoir migrate --check` asks the same question."""
    before = await db.pending_migrations()
    applied = await db.migrate()

    assert before == applied == ["0001_first", "0002_second"]
    assert await db.pending_migrations() == []
    assert await db.migrate() == []


async def test_a_migration_that_fails_leaves_everything_as_it_was(
    before: inspection.Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables and the note of what was applied change in one transaction."""
    known = await inspection.tables()
    from aurevoir.kit.schema import Executor  # noqa: PLC0415

    finish = Executor.migrate

    async def breaks(self: Executor, *arguments: object, **options: object) -> None:
        await finish(self, *arguments, **options)  # type: ignore[arg-type]
        raise OperationalError("at the last moment")

    monkeypatch.setattr(Executor, "migrate", breaks)
    with pytest.raises(OperationalError, match="last moment"):
        await db.migrate()
    monkeypatch.undo()

    assert await inspection.contents(known) == before
    assert await db.pending_migrations() == ["0002_second"]
    assert await db.migrate() == ["0002_second"]


async def test_a_migration_that_orphans_rows_is_undone(scratch_sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite does not look at foreign keys meanwhile, so somebody has to afterwards."""
    await db.open_database(scratch_sqlite, MODELS, migrations=MIGRATIONS)
    await db.migrate(to="0001_first")
    await inspection.populate()
    from aurevoir.kit.schema import Executor  # noqa: PLC0415

    async def orphans(self: Executor, *arguments: object, **options: object) -> None:
        await sql.execute("DELETE FROM thing WHERE name LIKE $1", "0%")

    monkeypatch.setattr(Executor, "migrate", orphans)
    with pytest.raises(db.DatabaseError, match="1 in part"):
        await db.migrate()

    assert await sql.fetch_one("SELECT count(*) AS n FROM thing") == {"n": ROWS}
    await db.close_database()
