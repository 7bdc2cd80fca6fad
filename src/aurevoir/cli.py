"""The commands of `aurevoir`."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID, uuid4

import click
import msgspec

from aurevoir import __version__, serving, settings
from aurevoir.access import customer_tokens, keys, workspaces
from aurevoir.access.keys import SCOPES, NewSigningKey, Scope
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.flows import checks, starters
from aurevoir.flows import service as flows
from aurevoir.insights import exports, views
from aurevoir.insights.datasets import DATASETS
from aurevoir.insights.periods import GRAINS
from aurevoir.insights.selection import select
from aurevoir.kit import clock, db, ids
from aurevoir.kit.errors import AurevoirError
from aurevoir.migrations import MODELS
from aurevoir.settings import SettingsError

T = TypeVar("T")
P = ParamSpec("P")


def main() -> None:
    """The console script: refusals are one clear line and exit status 1."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (AurevoirError, SettingsError) as error:
        click.echo(f"aurevoir: {error}", err=True)
        for problem in getattr(error, "problems", ()):
            click.echo(f"  {problem.path}: {problem.message}", err=True)
        sys.exit(1)
    except click.Abort:
        sys.exit(130)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="aurevoir")
def cli() -> None:
    """A fair way out: cancellation, exit survey, offers and the reasons behind them."""


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


@cli.command()
@click.option("--port", default=8000, show_default=True, help="The next free one is taken if it is not free.")
@click.option("--data", type=click.Path(path_type=Path), default=Path(".demo"), show_default=True)
@click.option("--sessions", default=300, show_default=True, help="Synthetic sessions of the last twelve months.")
def demo(port: int, data: Path, sessions: int) -> None:
    """Everything at once, on an SQLite file with synthetic data."""
    serving.demo(port, data, sessions)


@cli.command()
@click.option("--host", help="Instead of AUREVOIR_HOST.")
@click.option("--port", type=int, help="Instead of AUREVOIR_PORT.")
@click.option("--workers", default=1, show_default=True, help="Processes; more than one need PostgreSQL.")
@click.option("--no-work", is_flag=True, help="Without the worker inside: `aurevoir work` runs elsewhere.")
def serve(host: str | None, port: int | None, workers: int, no_work: bool) -> None:  # noqa: FBT001 - a flag is one
    """The web service, with the worker inside."""
    serving.serve(settings.read(), host, port, workers=workers, work=not no_work)


@cli.command()
def work() -> None:
    """A worker process beside `serve --no-work` (PostgreSQL)."""
    serving.work(settings.read())


@cli.command()
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


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check survey templates: every problem at once, with its path, rule and source; exit 1 on an error."""
    errors = 0
    for path in files:
        try:
            findings = checks.check_text(_template(path))
        except click.ClickException as error:
            click.echo(f"{path}: error: {error.message}")
            errors += 1
            continue
        for found in findings:
            line = f":{found.line}" if found.line else ""
            rule = f"  [{found.rule}: {found.source}]" if found.rule else ""
            click.echo(f"{path}{line}: {found.level}: {found.sentence}{rule}")
        errors += sum(found.level == "error" for found in findings)
        if not findings:
            click.echo(f"{path}: nothing to mend")
    sys.exit(1 if errors else 0)


def _template(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path.name} is not UTF-8 text, from byte {error.start} on") from error


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Make each of them live.")
@workspace_option
@with_database(writes=True)
async def load(files: tuple[Path, ...], publish: bool, workspace: str | None) -> None:  # noqa: FBT001
    """Load survey templates into a workspace, as drafts or live."""
    into = await the_workspace(workspace)
    for path in files:
        key = await flows.load(into.id, _template(path), "cli", clock.now(), publish_it=publish)
        click.echo(f"{path}: {key} is {'live' if publish else 'a draft'} in {into.key}")


@cli.command()
@click.argument("dataset", type=click.Choice(sorted(DATASETS)))
@click.option("--format", "form", default="csv", show_default=True, type=click.Choice(exports.FORMATS))
@click.option("--from", "since", metavar="DAY", help="The first day, in the workspace's zone: 2026-01-31.")
@click.option("--to", "until", metavar="DAY", help="The day after the last one.")
@click.option("--group-by", type=click.Choice(GRAINS), help="For reason_stats: one row per reason and period.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Standard output without it.")
@workspace_option
@with_database(writes=False)
async def export(
    dataset: str,
    form: str,
    since: str | None,
    until: str | None,
    group_by: str | None,
    output: Path | None,
    workspace: str | None,
) -> None:
    """Export a dataset, such as `sessions`, `answers` or `reason_stats`."""
    source = await the_workspace(workspace)
    selection = select(source, clock.now(), since=since, until=until, group_by=group_by)
    file = await exports.export(dataset, form, selection)
    stream = output.open("wb") if output else sys.stdout.buffer
    written = 0
    async for chunk in file.chunks:
        stream.write(chunk)
        written += len(chunk)
        if output and sys.stderr.isatty():
            click.echo(f"\r{written / 1024:,.0f} kB", nl=False, err=True)
    if output:
        stream.close()
        click.echo(f"\r{output}: {written:,} bytes", err=True)


@cli.command()
@click.argument("key")
@click.option("--name", required=True, help="The product's name, as customers know it.")
@click.option("--zone", default="UTC", show_default=True, help="IANA zone in which days are counted.")
@click.option("--currency", default="EUR", show_default=True)
@click.option("--locale", default="en", show_default=True)
@click.option("--allow-origin", "origins", multiple=True, help="A page's origin that may embed the element.")
@click.option("--starter", default="saas_classic", show_default=True, help="The flow to begin with.")
@with_database(writes=True)
async def create_workspace(
    key: str, name: str, zone: str, currency: str, locale: str, origins: tuple[str, ...], starter: str
) -> None:
    """A workspace with a published flow and signing keys for live and test mode, shown once."""
    keyring, now = settings.read().installation.keyring, clock.now()

    async def unit() -> tuple[UUID, list[NewSigningKey]]:
        workspace = await workspaces.create(
            keyring,
            key,
            name,
            now,
            zone=zone,
            currency=currency,
            locale=locale,
            allowed_origins=list(origins),
            default_flow=starter,
        )
        await flows.load(workspace, starters.starter(starter), "cli", now, publish_it=True)
        made = [await keys.create_signing_key(keyring, workspace, mode, now) for mode in ("live", "test")]
        return workspace, made

    workspace, made = await db.transaction(unit)
    click.echo(f"workspace (iss): {ids.shown('ws', workspace)}")
    for one in made:
        click.echo(f"{one.mode} signing key: kid {one.kid}, {one.algorithm} secret {one.secret}")


@cli.command()
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES))
@click.option("--name", default="created on the command line", show_default=True)
@workspace_option
@with_database(writes=True)
async def create_key(scopes: tuple[Scope, ...], name: str, workspace: str | None) -> None:
    """A key of the operator API; it is shown once."""
    owner = await the_workspace(workspace)
    click.echo(await db.transaction(lambda: keys.create_api_key(owner.id, name, scopes, clock.now())))


@cli.command()
@click.option("--customer", required=True, help="The customer's id in your product.")
@click.option("--subscription", required=True, help="The subscription's id in your billing.")
@click.option("--mode", default="test", show_default=True, type=click.Choice(["live", "test"]))
@click.option("--facts", default="{}", help='Further claims as JSON, e.g. \'{"country": "FR"}\'.')
@click.option("--minutes", default=10, show_default=True, type=click.IntRange(1, 60))
@workspace_option
@with_database(writes=False)
async def sign_token(
    customer: str, subscription: str, mode: str, facts: str, minutes: int, workspace: str | None
) -> None:
    """A customer token for trying things out."""
    owner = await the_workspace(workspace)
    key = await keys.secret_for_trying_out(
        settings.read().installation.keyring, owner.id, "live" if mode == "live" else "test"
    )
    if key is None:
        raise click.ClickException(f"The workspace has no HS256 signing key in {mode} mode.")
    try:
        further = msgspec.json.decode(facts, type=dict[str, Any])
        told = msgspec.convert(further.get("subscription", {}), dict[str, Any])
    except msgspec.DecodeError as error:
        raise click.ClickException(f"--facts is not a JSON object: {error}") from error
    now = clock.now()
    claims = {
        "iss": ids.shown("ws", owner.id),
        "aud": customer_tokens.AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=minutes)).timestamp()),
        "jti": str(uuid4()),
        "sub": customer,
        "mode": mode,
        **further,
        "subscription": {**told, "id": subscription},
    }
    click.echo(customer_tokens.sign(claims, kid=key.kid, algorithm=key.algorithm, material=key.material))


@cli.command()
def openapi() -> None:
    """The OpenAPI document of the operator and widget APIs."""
    click.echo(serving.openapi_document())


@cli.command()
def template_schema() -> None:
    """The JSON Schema of survey templates, as it ships in `survey_templates/schema.json`."""
    click.echo(starters.schema_json(), nl=False)
