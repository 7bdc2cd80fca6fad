"""Survey templates: checked, loaded, described."""

import sys
from pathlib import Path

import click

from aurevoir.cli.opening import the_workspace, with_database, workspace_option
from aurevoir.flows import checks, starters
from aurevoir.flows import service as flows
from aurevoir.kit import clock


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Check survey templates: every problem at once, with its path, rule and source; exit 1 on an error."""
    errors = 0
    for path in files:
        try:
            findings = checks.check_text(_template(path), today=clock.now().date())
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


@click.command()
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


@click.command()
def template_schema() -> None:
    """The JSON Schema of survey templates, as it ships in `survey_templates/schema.json`."""
    click.echo(starters.schema_json(), nl=False)
