"""What the figures are compared with: a bare Litestar route, and one validated insert through Tortoise."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from litestar import Litestar, get, post
from litestar.params import JSONBody
from msgspec import Meta, Struct
from tortoise import Tortoise

from tests.bench.rows import Note


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    """About 300 bytes, all of them checked."""

    session: Annotated[str, Meta(max_length=40)]
    step: Annotated[str, Meta(max_length=40)]
    choice: Annotated[str, Meta(max_length=40)]
    text: Annotated[str, Meta(max_length=500)]
    locale: Annotated[str, Meta(max_length=10)]
    country: Annotated[str, Meta(max_length=2)]
    plan: Annotated[str, Meta(max_length=40)]
    amount: Annotated[int, Meta(ge=0)]
    value: Annotated[int, Meta(ge=0, le=10)]


@get("/")
async def hello() -> dict[str, str]:
    """The least that a JSON route can do."""
    return {"hello": "world"}


@post("/notes")
async def insert(data: JSONBody[NewNote]) -> dict[str, int]:
    """One row."""
    note = await Note.create(**{name: getattr(data, name) for name in data.__struct_fields__})
    return {"id": note.id}


@asynccontextmanager
async def _database(_: Litestar) -> AsyncIterator[None]:
    url = f"sqlite://{os.environ['BENCH_DATA']}/baseline.db?journal_mode=WAL&synchronous=FULL"
    await Tortoise.init(db_url=url, modules={"bench": ["tests.bench.rows"]}, _enable_global_fallback=True)
    await Tortoise.generate_schemas()
    yield
    await Tortoise.close_connections()


def create_app() -> Litestar:
    """Both routes."""
    return Litestar([hello, insert], lifespan=[_database], openapi_config=None, logging_config=None)
