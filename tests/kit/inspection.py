"""What stands in a database, whatever its schema: tables, indexes, checksums; and rows made up for any table."""

import hashlib
from datetime import date, datetime, timedelta, timezone
from typing import Any, NamedTuple
from uuid import UUID

from aurevoir.kit import db, sql

ROWS = 5


class Column(NamedTuple):
    """A column; `parent` is the table that it refers to."""

    name: str
    kind: str
    nullable: bool
    length: int | None
    parent: str | None


class Contents(NamedTuple):
    """What a migration must leave as it was."""

    rows: dict[str, int]
    sums: dict[str, str]
    indexes: dict[str, set[tuple[str, ...]]]


async def tables() -> dict[str, list[Column]]:
    """Every table of ours with its columns, parents first."""
    names = [row["name"] for row in await sql.fetch_all(_TABLES[db.dialect()])]
    found = {name: [_column(row) for row in await sql.fetch_all(_COLUMNS[db.dialect()], name)] for name in names}
    ordered: dict[str, list[Column]] = {}
    while len(ordered) < len(found):
        for name, columns in found.items():
            if all(c.parent in ordered or c.parent in (None, name) for c in columns):
                ordered.setdefault(name, columns)
    return ordered


async def contents(known: dict[str, list[Column]]) -> Contents:
    """Of the tables and columns in `known`: those that were there before the migration."""
    rows, sums, indexes = {}, {}, {}
    for table, columns in known.items():
        names = ", ".join(f'"{column.name}"' for column in columns)
        read = await sql.fetch_all(f'SELECT {names} FROM "{table}" ORDER BY id')
        rows[table] = len(read)
        sums[table] = hashlib.sha256(repr([list(row.items()) for row in read]).encode()).hexdigest()
        found = await sql.fetch_all(_INDEXES[db.dialect()], table)
        indexes[table] = {(("unique" if row["is_unique"] else "plain"), *row["columns"].split(",")) for row in found}
    return Contents(rows, sums, indexes)


async def populate() -> None:
    """Five rows in every table, each referring to a parent where it may."""
    for table, columns in (await tables()).items():
        rows = [{column.name: _value(table, column, number) for column in columns} for number in range(ROWS)]

        async def unit(table: str = table, rows: list[dict[str, Any]] = rows) -> None:
            await sql.insert_many(table, rows)

        await db.transaction(unit)


def _column(row: dict[str, Any]) -> Column:
    kind = row["kind"].lower()
    length = row["length"] or (int(kind.partition("(")[2].rstrip(")")) if "(" in kind else None)
    return Column(row["name"], kind, bool(row["nullable"]), length, row["parent"])


def _value(table: str, column: Column, number: int) -> Any:
    identifier = UUID(int=number + 1)
    if column.name == "id" or column.parent or column.kind in ("uuid", "char(36)"):
        return identifier
    for word, make in _VALUES.items():
        if word in column.kind:
            return make(table, column, number)
    raise LookupError(f"no value for {table}.{column.name}, which is {column.kind}")


def _text(table: str, column: Column, number: int) -> str:
    return f"{number} {column.name} of {table} – é"[: column.length or 200]


# In the order in which they are looked for.
_VALUES: dict[str, Any] = {
    "json": lambda table, column, number: {"n": number, "of": table, "deep": [1, {"é": None}]},
    "timestamp": lambda table, column, number: datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=number))),
    "date": lambda table, column, number: date(2026, 2, 1 + number),
    "bool": lambda table, column, number: number % 2 == 0,
    "blob": lambda table, column, number: bytes([0, number, 255]),
    "bytea": lambda table, column, number: bytes([0, number, 255]),
    "char": _text,
    "text": _text,
    "smallint": lambda table, column, number: number,
    "int": lambda table, column, number: 1_000_000 + number,
    "real": lambda table, column, number: number / 4,
    "double": lambda table, column, number: number / 4,
}

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    " AND name <> 'tortoise_migrations' ORDER BY name",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    " AND tablename <> 'tortoise_migrations' ORDER BY tablename",
}
_COLUMNS = {
    "sqlite": """
        SELECT c.name, c.type AS kind, NULL AS length, c."notnull" = 0 AND c.pk = 0 AS nullable, f."table" AS parent
        FROM pragma_table_info($1) c LEFT JOIN pragma_foreign_key_list($1) f ON f."from" = c.name ORDER BY c.cid""",
    "postgres": """
        SELECT c.column_name::text AS name, c.data_type::text AS kind, c.character_maximum_length AS length,
               c.is_nullable = 'YES' AS nullable,
               (SELECT confrelid::regclass::text FROM pg_constraint
                WHERE contype = 'f' AND conrelid = $1::regclass
                      AND conkey = ARRAY[c.ordinal_position::smallint]) AS parent
        FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name = $1::text
        ORDER BY c.ordinal_position""",
}
_INDEXES = {
    "sqlite": """
        SELECT i."unique" AS is_unique, (SELECT group_concat(name) FROM pragma_index_info(i.name)) AS columns
        FROM pragma_index_list($1) i""",
    "postgres": """
        SELECT i.indisunique AS is_unique,
               (SELECT string_agg(a.attname, ',' ORDER BY k.place)
                FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) AS columns
        FROM pg_index i WHERE i.indrelid = $1::text::regclass""",
}
