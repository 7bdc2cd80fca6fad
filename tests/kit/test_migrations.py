"""The product's own history, migration by migration, over tables that hold rows."""

from collections.abc import AsyncIterator

import pytest
from tortoise.migrations import AlterModelOptions
from tortoise.migrations.autodetector import MigrationAutodetector

from aurevoir.kit import db
from tests.databases import MODELS
from tests.kit import inspection
from tests.kit.inspection import ROWS


@pytest.fixture
async def opened(scratch_url: str) -> AsyncIterator[None]:
    """An open, empty database."""
    await db.open_database(scratch_url, MODELS)
    yield
    await db.close_database()


@pytest.mark.usefixtures("opened")
async def test_every_migration_keeps_what_stood_there() -> None:
    """Rows, their contents and every index are the same before and after, in all tables that were there."""
    first, *later = await db.pending_migrations()
    await db.migrate(to=first)
    await inspection.populate()
    assert set((await inspection.contents(await inspection.tables())).rows.values()) == {ROWS}
    for name in later:
        known = await inspection.tables()
        before = await inspection.contents(known)
        assert await db.migrate(to=name) == [name]
        after = await inspection.contents(known)

        assert (name, after.rows, after.sums) == (name, before.rows, before.sums)
        assert {t: before.indexes[t] - after.indexes[t] for t in known} == {t: set() for t in known}

    assert await db.pending_migrations() == []


@pytest.mark.usefixtures("opened")
async def test_the_history_leads_to_the_models() -> None:
    """Nobody changed a model and forgot the migration."""
    opened = db._open
    assert opened is not None
    assert opened.context.apps is not None
    writers = await MigrationAutodetector(opened.context.apps, opened.apps).changes()
    changes = [operation for writer in writers for operation in writer.operations]

    # A model's docstring is one of its options, and changes nothing in the database.
    assert [change for change in changes if not isinstance(change, AlterModelOptions)] == []
