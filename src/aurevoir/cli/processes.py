"""What runs: the service, a worker, the demo; and what they need before."""

import sys
from pathlib import Path

import click

from aurevoir import serving, settings
from aurevoir.cli.opening import with_database
from aurevoir.insights import views
from aurevoir.kit import db


@click.command()
@click.option("--port", default=8000, show_default=True, help="The next free one is taken if it is not free.")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--sessions", default=300, show_default=True, help="Synthetic sessions of the last twelve months.")
def demo(port: int, data: Path, sessions: int) -> None:
    """Everything at once, on an SQLite file with synthetic data."""
    serving.demo(port, data, sessions)


@click.command()
@click.option("--host", help="Instead of AUREVOIR_HOST.")
@click.option("--port", type=int, help="Instead of AUREVOIR_PORT.")
@click.option("--workers", default=1, show_default=True, help="Processes; more than one need PostgreSQL.")
@click.option("--no-work", is_flag=True, help="Without the worker inside: `aurevoir work` runs elsewhere.")
def serve(host: str | None, port: int | None, workers: int, no_work: bool) -> None:  # noqa: FBT001 - a flag is one
    """The web service, with the worker inside."""
    serving.serve(settings.read(), host, port, workers=workers, work=not no_work)


@click.command()
def work() -> None:
    """A worker process beside `serve --no-work` (PostgreSQL)."""
    serving.work(settings.read())


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Only say what is pending; exit 1 if anything is.")
@with_database(writes=True)
async def migrate(only_check: bool) -> None:  # noqa: FBT001
    """Bring the schema up to date."""
    pending = await db.pending_migrations() if only_check else await views.migrate()
    for name in pending:
        click.echo(f"{'pending' if only_check else 'applied'}: {name}")
    if not pending:
        click.echo("The schema is up to date.")
    if only_check and pending:
        sys.exit(1)


@click.command()
def openapi() -> None:
    """The OpenAPI document of the operator and widget APIs."""
    click.echo(serving.openapi_document())
