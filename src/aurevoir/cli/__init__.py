"""The commands of `aurevoir`, by what they are about."""

import sys

import click

from aurevoir import __version__
from aurevoir.cli import access, billing, datasets, evidence, processes, templates
from aurevoir.kit.errors import AurevoirError
from aurevoir.settings import SettingsError


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


for command in (
    processes.demo,
    processes.serve,
    processes.work,
    processes.migrate,
    processes.openapi,
    templates.check,
    templates.load,
    templates.template_schema,
    access.create_workspace,
    access.change_workspace,
    access.create_key,
    access.create_signing_key,
    access.sign_token,
    billing.connect,
    billing.sync,
    datasets.export,
    evidence.evidence,
):
    cli.add_command(command)
