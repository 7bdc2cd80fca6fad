"""Survey templates: checked, loaded, described."""

import sys
from pathlib import Path

import click
import msgspec

from aurevoir.cli.opening import the_workspace, with_database, workspace_option
from aurevoir.flows import checks, starters
from aurevoir.flows import service as flows
from aurevoir.flows.findings import Finding
from aurevoir.flows.overrides import Override
from aurevoir.flows.packs import ALWAYS, PACKS, PackName, checked_for
from aurevoir.flows.rules import RULES, RuleId
from aurevoir.kit import clock


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pack", type=click.Choice(list(PACKS)), help="For one jurisdiction; else for all that are in force.")
def check(files: tuple[Path, ...], pack: PackName | None) -> None:
    """Check survey templates: every problem at once, with its path, rule and source; exit 1 on an error."""
    errors, packs = 0, frozenset({pack}) if pack else ALWAYS
    for path in files:
        try:
            findings = checks.check_text(_template(path), packs, clock.now().date())
        except click.ClickException as error:
            click.echo(f"{path}: error: {error.message}")
            errors += 1
            continue
        for found in findings:
            line = f":{found.line}" if found.line else ""
            click.echo(f"{path}{line}: {found.level}: {found.sentence}{_authority(found)}")
        errors += sum(found.level == "error" for found in findings)
        if not findings:
            click.echo(f"{path}: nothing to mend")
    sys.exit(1 if errors else 0)


def _authority(found: Finding) -> str:
    if found.rule is None:
        return ""
    packs = f" ({', '.join(found.packs)})" if found.packs else ""
    return f"  [{found.rule}{packs}: {found.source}]"


def _template(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path.name} is not UTF-8 text, from byte {error.start} on") from error


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Make each of them live.")
@click.option(
    "--override",
    "rules",
    multiple=True,
    type=click.Choice(list(RULES)),
    metavar="RULE",
    help="Publish in spite of the warnings of this rule; may be given several times.",
)
@click.option("--person", metavar="NAME", help="Who answers for what is overridden.")
@click.option("--reason", metavar="TEXT", help="Why it is meant as it is.")
@workspace_option
@with_database(writes=True)
async def load(
    files: tuple[Path, ...],
    publish: bool,  # noqa: FBT001
    rules: tuple[RuleId, ...],
    person: str | None,
    reason: str | None,
    workspace: str | None,
) -> None:
    """Load survey templates into a workspace, as drafts or live."""
    overrides = _overrides(rules, person, reason)
    if overrides and not publish:
        raise click.UsageError("--override goes with --publish: a draft is held to nothing yet.")
    into = await the_workspace(workspace)
    packs = checked_for(into.default_country)
    for path in files:
        source, now = _template(path), clock.now()
        key = await flows.load(into.id, source, "cli", now, publish_it=publish, packs=packs, overrides=overrides)
        click.echo(f"{path}: {key} is {'live' if publish else 'a draft'} in {into.key}")


def _overrides(rules: tuple[RuleId, ...], person: str | None, reason: str | None) -> tuple[Override, ...]:
    if rules and not (person and reason):
        raise click.UsageError("--override needs --person NAME and --reason TEXT: somebody answers for it.")
    raw = [{"rule": rule, "person": person, "reason": reason} for rule in rules]
    try:
        return msgspec.convert(raw, tuple[Override, ...])
    except msgspec.ValidationError as error:
        raise click.UsageError(
            "--person is a name of at most 120 characters, --reason a line of at most 500."
        ) from error


@click.command()
def template_schema() -> None:
    """The JSON Schema of survey templates, as it ships in `survey_templates/schema.json`."""
    click.echo(starters.schema_json(), nl=False)
