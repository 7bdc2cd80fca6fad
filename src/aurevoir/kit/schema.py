"""Tortoise's migrations, with four of its defects mended (each has a test in tests/kit/test_schema.py)."""

from typing import Any, NamedTuple

from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.models import Model


class Executor(MigrationExecutor):
    """Applies migrations inside the transaction that `connection` is in."""

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:  # noqa: FBT001, FBT002
        editor = SqliteEditor if self.connection.capabilities.dialect == "sqlite" else PostgresEditor
        return editor(self.connection, atomic=atomic, collect_sql=collect_sql)


class _ColumnsInIndexes(BaseSchemaEditor):
    """Tortoise writes an index's field names where the columns belong: `workspace` for `workspace_id`."""

    def _get_index_sql(self, model: type[Model], field_names: Any, *arguments: Any, **options: Any) -> str:
        # The name comes from the fields all the same, or a later RemoveIndex would not find it.
        options["index_name"] = options.get("index_name") or self._generate_index_name("idx", model, list(field_names))
        columns = self._resolve_fields_to_columns(model, list(field_names))
        return super()._get_index_sql(model, columns, *arguments, **options)


class PostgresEditor(_ColumnsInIndexes, AsyncpgSchemaEditor):
    """PostgreSQL's."""


class _Index(NamedTuple):
    name: str
    columns: tuple[str, ...]
    statement: str | None  # None where it belongs to a UNIQUE constraint


class SqliteEditor(_ColumnsInIndexes, SqliteSchemaEditor):
    """SQLite's."""

    async def _run_sql(self, sql: str) -> None:
        # Tortoise splits at every semicolon, those in a table's description too.
        if self.collect_sql:
            await super()._run_sql(sql)
        else:
            await self.client.execute_script(sql)

    async def _remake_table(self, model: type[Model], *arguments: Any, **changes: Any) -> None:
        # Tortoise makes the table anew without its indexes and without its unique_together.
        table = model._meta.db_table
        before = await self._indexes(table)
        await super()._remake_table(model, *arguments, **changes)
        columns = {row["name"] for row in await self._pragma(f'table_info("{table}")')}
        kept = {(index.columns, index.statement is None) for index in await self._indexes(table)}
        for index in before:
            if columns.issuperset(index.columns) and (index.columns, index.statement is None) not in kept:
                await self._run_sql(index.statement or self._unique(model, index.columns))

    async def _indexes(self, table: str) -> list[_Index]:
        found = []
        for row in await self._pragma(f'index_list("{table}")'):
            if row["origin"] == "pk":
                continue
            columns = tuple(column["name"] for column in await self._pragma(f'index_info("{row["name"]}")'))
            master = await self.client.execute_query_dict("SELECT sql FROM sqlite_master WHERE name = ?", [row["name"]])
            found.append(_Index(row["name"], columns, master[0]["sql"]))
        return found

    def _unique(self, model: type[Model], columns: tuple[str, ...]) -> str:
        name = self._generate_index_name("uid", model, list(columns))
        quoted = ", ".join(self.quote(column) for column in columns)
        return f"CREATE UNIQUE INDEX {self.quote(name)} ON {self.quote(model._meta.db_table)} ({quoted})"

    async def _pragma(self, question: str) -> list[dict[str, Any]]:
        return await self.client.execute_query_dict(f"PRAGMA {question}")
