"""Billing: connected, and its records read."""

import os
import sys
from pathlib import Path
from typing import get_args

import click

from aurevoir import settings as reading
from aurevoir.access.facts import Mode
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import connecting, registry, sources, trying
from aurevoir.billing.connecting import SECRETS, SETTINGS
from aurevoir.billing.gateway import GatewayError
from aurevoir.billing.sources import Connected
from aurevoir.cli.opening import the_workspace, with_database, workspace_option
from aurevoir.flows import reach
from aurevoir.kit import clock, db
from aurevoir.subscriptions import syncing

_FILE = "_file"


@click.command()
@click.argument("gateway", type=click.Choice(list(SETTINGS)))
@click.option("--mode", required=True, type=click.Choice(get_args(Mode)))
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting. A secret as NAME=- (asked for, or a line of standard input) or NAME_file=PATH.",
)
@workspace_option
@with_database(writes=True)
async def connect(gateway: str, mode: Mode, settings: tuple[str, ...], workspace: str | None) -> None:
    """Connect a billing gateway, try it out, and name the offers that it cannot carry out."""
    into = await the_workspace(workspace)
    checked = connecting.checked(gateway, mode, dict(_setting(one) for one in settings), synthetic=into.synthetic)
    await db.transaction(lambda: registry.connect(into, mode, gateway, clock.now(), checked))
    click.echo(f"{gateway} is connected to {into.key} in {mode} mode.")
    reached = await registry.connected(into, mode)
    click.echo((await trying.tried(reached)).message)
    await reached.close()
    if address := await _webhook_address(into, mode):
        click.echo(f"It may send its webhooks to {address}")
    for one in await reach.out_of_reach(into.id, reached):
        click.echo(f"{one.flow}: {one.offer}: {one.message}")


async def _webhook_address(workspace: WorkspaceSettings, mode: Mode) -> str | None:
    made = await registry.connection(workspace, mode)
    return connecting.webhook_address(reading.read().base_url, made.gateway, made.id)


def _setting(given: str) -> tuple[str, str]:
    name, separator, value = given.partition("=")
    if not separator or not name:
        raise click.UsageError("--set takes NAME=VALUE.")
    if name.removesuffix(_FILE) in SECRETS and name.endswith(_FILE):
        return name.removesuffix(_FILE), _read(Path(value))
    if name not in SECRETS:
        return name, value
    if value != "-":
        raise click.UsageError(
            f"A secret does not belong on the command line: --set {name}=- or --set {name}{_FILE}=PATH."
        )
    return name, click.prompt(name, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().strip()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise click.ClickException(f"{path.name} cannot be read: {error.strerror}.") from error


@click.command()
@click.option("--mode", type=click.Choice(get_args(Mode)), help="Both without it.")
@workspace_option
@with_database(writes=True)
async def sync(mode: Mode | None, workspace: str | None) -> None:
    """Read the subscriptions, payments and past exits that billing knows: everything first, then what changed."""
    into = await the_workspace(workspace)
    found = [await sources.find_connected(into.id, one) for one in ((mode,) if mode else get_args(Mode))]
    readable = [one for one in found if one is not None and one.gateway in sources.SOURCES]
    if not readable:
        raise click.ClickException("No billing system that can be read is connected. Hint: aurevoir connect stripe")
    for connected in readable:
        await _read_pass(connected, into)


async def _read_pass(connected: Connected, workspace: WorkspaceSettings) -> None:
    counted = {"states": 0, "payments": 0, "exits": 0}
    try:
        async for page in syncing.read_pass(connected, workspace, f"sync-{os.getpid()}"):
            for name in counted:
                counted[name] += len(getattr(page, name))
            if sys.stderr.isatty():
                click.echo(f"\r{_told(counted)}", nl=page.position is None, err=True)
    except GatewayError as error:
        raise click.ClickException(
            f"{connected.gateway}, {connected.mode} mode: {trying.sentence(error)} What was read so far is kept."
        ) from error
    finally:
        await (await registry.connected(workspace, connected.mode)).close()
    click.echo(f"{connected.gateway}, {connected.mode} mode, read: {_told(counted)}")


def _told(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counted.items())
