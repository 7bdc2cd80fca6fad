"""Everything that a database holds, opened: what a thief with all the keys would read."""

import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from aurevoir.kit import crypto, db, sql
from tests.house import House

# Of the operator's own making: what is asked, and who may ask.
NOT_OF_CUSTOMERS = frozenset({"flow", "flow_draft", "flow_version", "workspace", "signing_key", "api_key"})
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
}


class Cell(NamedTuple):
    """One value, as text."""

    table: str
    column: str
    text: str


async def cells(house: House, without: Iterable[str] = NOT_OF_CUSTOMERS) -> list[Cell]:
    """Every value of every table, unsealed and unpacked."""
    workspace, found = await house.settings(), []
    for table in await sql.fetch_all(_TABLES[db.dialect()]):
        name = table["name"]
        if name in without or name == "tortoise_migrations":
            continue
        rows = await sql.fetch_all(f'SELECT * FROM "{name}"')
        found += [
            Cell(name, column, _opened(workspace.data_key, value))
            for row in rows
            for column, value in row.items()
            if value is not None
        ]
    return found


def _opened(key: bytes, value: Any) -> str:
    if not isinstance(value, bytes):
        return str(value)
    plain = value
    try:
        plain = crypto.unseal(key, value)
        plain = zlib.decompress(plain)
    except (ValueError, zlib.error):
        # Not sealed with this key, or not packed.
        pass
    return plain.decode("utf-8", "replace")


async def holding(house: House, text: str, without: Iterable[str] = NOT_OF_CUSTOMERS) -> set[str]:
    """The columns in which `text` can be read."""
    return {f"{cell.table}.{cell.column}" for cell in await cells(house, without) if text in cell.text}
