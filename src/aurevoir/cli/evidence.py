"""The evidence of a visit: out as one file, and checked."""

import sys
from pathlib import Path

import click

from aurevoir import settings
from aurevoir.access import workspaces
from aurevoir.cli.opening import with_database
from aurevoir.kit import ids
from aurevoir.sessions import case_file, pack_check, queries
from aurevoir.sessions.pack_check import Verdict
from aurevoir.web import evidence_pages


@click.command()
@click.argument("session", required=False)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="evidence-ses_….zip without it.")
@click.option(
    "--verify",
    "pack",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Check a pack that was downloaded; needs no database. Exit status 1 where it does not hold.",
)
def evidence(session: str | None, output: Path | None, pack: Path | None) -> None:
    """Write a visit's evidence (SESSION is its id, ses_…) into a ZIP, or check one."""
    if (session is None) == (pack is None):
        raise click.UsageError("Give the id of a session, or --verify FILE.")
    if pack is not None:
        _judge(pack_check.check(pack.read_bytes()), pack)
    if session is not None:
        content = _pack(session)
        file = output or Path(f"evidence-{session}.zip")
        file.write_bytes(content)
        _judge(pack_check.check(content), file)


@with_database(writes=False)
async def _pack(session: str) -> bytes:
    wanted = ids.read("ses", session)
    row = await queries.find_session(wanted) if wanted else None
    if row is None:
        raise click.ClickException("There is no such session.")
    workspace = await workspaces.get(settings.read().installation.keyring, row.workspace_id)
    case = await case_file.find(workspace, row.id)
    assert case is not None, "it was there a moment ago"
    return evidence_pages.pack_of(case)


def _judge(verdict: Verdict, file: Path) -> None:
    for problem in verdict.problems:
        click.echo(f"{file}: {problem}", err=True)
    if verdict.problems:
        sys.exit(1)
    erased = f", {verdict.erased} of them erased" if verdict.erased else ""
    click.echo(f"{file}: {verdict.session} holds: {verdict.exhibits} exhibits{erased}; head {verdict.head}")
