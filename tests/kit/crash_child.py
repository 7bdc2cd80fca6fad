"""Writes for as long as it lives, and says what was acknowledged; test_crash.py kills it."""

import asyncio
import sys
from uuid import uuid4

from aurevoir.kit import db, sql
from tests.kit.conftest import MIGRATIONS, MODELS
from tests.kit.scratch.models import Part

WRITERS = 16


async def write() -> None:
    """One thing with two parts, again and again: by hand-written SQL, and by Tortoise."""
    while True:
        thing = uuid4()

        async def unit() -> None:
            await sql.insert("thing", id=thing, name=str(thing), data={"n": 1})  # noqa: B023 - runs before the next
            await Part.create(thing_id=thing, place=1)  # noqa: B023
            await sql.insert("part", id=uuid4(), thing_id=thing, place=2)  # noqa: B023

        await db.transaction(unit)
        sys.stdout.write(f"{thing}\n")
        sys.stdout.flush()


async def main(url: str) -> None:
    """Never returns."""
    await db.open_database(url, MODELS, migrations=MIGRATIONS)
    await asyncio.gather(*(write() for _ in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
