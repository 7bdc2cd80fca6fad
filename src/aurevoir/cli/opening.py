"""What commands share: the database of the settings, and the workspace that is meant."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

from aurevoir import settings
from aurevoir.access import workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.kit import db
from aurevoir.migrations import MODELS

T = TypeVar("T")
P = ParamSpec("P")


def with_database(*, writes: bool) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, T]]:
    """Run an async command between opening and closing the database of the settings."""

    def decorate(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
        @wraps(command)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            async def opened() -> T:
                await db.open_database(settings.read().database_url, MODELS, read_only=not writes)
                try:
                    return await command(*args, **kwargs)
                finally:
                    await db.close_database()

            return asyncio.run(opened())

        return run

    return decorate


async def the_workspace(key: str | None) -> WorkspaceSettings:
    """The workspace of that key or the only one; a ClickException that says what to do otherwise."""
    found = await workspaces.find_by_key(settings.read().installation.keyring, key)
    if found is None:
        raise click.ClickException("There is no such workspace. Name one with --workspace, or create one first.")
    return found


workspace_option = click.option("--workspace", metavar="KEY", help="Needed only where there are several.")
