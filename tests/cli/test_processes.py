"""The schema on the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_schema_is_up_to_date(run: Run) -> None:
    """`migrate --check` says so with its exit status."""
    told = run("migrate", "--check")

    assert (told.exit_code, told.output) == (0, "The schema is up to date.\n")


@pytest.mark.slow
def test_a_new_file_is_not_up_to_date(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is pending is named; `migrate` applies it."""
    monkeypatch.setenv("AUREVOIR_DATABASE_URL", f"sqlite://{tmp_path / 'new.db'}")
    before, applied, after = run("migrate", "--check"), run("migrate"), run("migrate", "--check")

    assert (before.exit_code, applied.exit_code, after.exit_code) == (1, 0, 0)
    assert "pending: 0001_first" in before.output
    assert "applied: 0001_first" in applied.output
