"""`aurevoir …`, and a workspace made with it."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from aurevoir import cli

SECRET = "for-tests-only-for-tests-only-for-tests"
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`aurevoir …` on a migrated database."""
    monkeypatch.setenv("AUREVOIR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("AUREVOIR_SECRET_KEY", SECRET)
    return lambda *arguments, **options: CliRunner().invoke(cli.cli, arguments, **options)


@pytest.fixture
def acme(run: Run) -> str:
    """A workspace made on the command line; its id as tokens name it."""
    made = run("create-workspace", "acme", "--name", "Acme Cloud")
    assert made.exit_code == 0, made.output
    return made.output.splitlines()[0].rpartition(" ")[2]
