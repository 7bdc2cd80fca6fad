"""Survey templates on the command line: what is printed, and with which status it ends."""

from pathlib import Path

import pytest

from aurevoir.flows import starters
from tests.cli.conftest import Run

BROKEN = """
key: broken
title: Broken
locales: [en, fr]
steps:
  - id: reason
    kind: choice
    role: reason
    required: true
    ask: {en: Why?}
    options:
      - {code: too_expensive, category: too_dear, label: {en: Price, fr: Prix}}
      - {code: too_expensive, category: other, label: {en: Again, fr: Encore}}
  - {id: later, kind: text, on: nowhere, ask: {en: What?, fr: Quoi ?}}
"""


def test_every_problem_of_a_template_is_printed_at_once(run: Run, tmp_path: Path) -> None:
    """With its path, for every file; exit 1. Names and line are those of the file that is meant."""
    broken, sound = tmp_path / "broken.yaml", tmp_path / "sound.yaml"
    broken.write_text(BROKEN)
    sound.write_text(starters.starter("saas_short"))
    told = run("check", str(broken), str(sound))
    errors = [line for line in told.output.splitlines() if line.startswith(f"{broken}:") and " error: " in line]

    assert told.exit_code == 1
    for where in ("ask.fr", "required", "options[0].category", "options[1].code", "steps[1].on", "confirm step"):
        assert any(where in line for line in errors), where
    assert any(line.startswith(f"{broken}:9: error: steps[0].required") and "FE-03" in line for line in errors)
    assert f"{sound}: nothing to mend" in told.output


def test_a_sound_template_is_said_to_be_sound(run: Run, tmp_path: Path) -> None:
    """Exit 0 for each starter that ships, whatever is only warned of."""
    for key in starters.list_starters():
        path = tmp_path / f"{key}.yaml"
        path.write_text(starters.starter(key))

        assert run("check", str(path)).exit_code == 0, key


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\x00", b"{", b"", b"- 1", b"&a [*a, *a]", b"a: " + b"[" * 5000])
def test_a_file_that_is_no_template_is_a_problem_like_any_other(run: Run, tmp_path: Path, content: bytes) -> None:
    """A line with the file's name, exit 1, and no traceback."""
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    told = run("check", str(path))

    assert told.exit_code == 1
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert told.output.startswith(f"{path}:")
    assert " error: " in told.output


def test_a_template_is_loaded_and_published(run: Run, acme: str, tmp_path: Path) -> None:
    """And one that would break a promise is refused with every problem."""
    sound, unfinished = tmp_path / "sound.yaml", tmp_path / "unfinished.yaml"
    sound.write_text(starters.starter("no_offers"))
    unfinished.write_text(starters.starter("saas_short").replace("  - {id: confirm, kind: confirm}\n", ""))
    loaded, refused = run("load", str(sound), "--publish"), run("load", str(unfinished), "--publish")

    assert (loaded.exit_code, refused.exit_code) == (0, 1)
    assert "no_offers is live in acme" in loaded.output
