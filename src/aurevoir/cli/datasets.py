"""Datasets: out as files."""

import sys
from pathlib import Path

import click

from aurevoir.cli.opening import the_workspace, with_database, workspace_option
from aurevoir.insights import exports
from aurevoir.insights.datasets import DATASETS
from aurevoir.insights.periods import GRAINS
from aurevoir.insights.selection import select
from aurevoir.kit import clock


@click.command()
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
