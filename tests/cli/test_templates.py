"""Survey templates on the command line: what is printed, and with which status it ends."""

from pathlib import Path

import pytest

from aurevoir.flows import starters
from aurevoir.flows.checks import check_text
from aurevoir.flows.findings import as_problem
from aurevoir.kit.errors import Invalid
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


WARNED = starters.starter("saas_short").replace("en: Why are you leaving?", f"en: {'Why ' * 25}")


def test_a_template_is_checked_for_one_pack(run: Run, tmp_path: Path) -> None:
    """British law, which is not in force, only where it is asked for; with its own source."""
    path = tmp_path / "three.yaml"
    path.write_text(starters.starter("b2b_accounts"))
    everywhere, british, unknown = (
        run("check", str(path)),
        run("check", str(path), "--pack", "uk-2027"),
        run("check", str(path), "--pack", "moon"),
    )

    assert (everywhere.exit_code, british.exit_code, unknown.exit_code) == (0, 0, 2)
    assert "nothing to mend" in everywhere.output
    assert "[FE-02 (uk-2027): Digital Markets, Competition and Consumers Act 2024" in british.output


def test_a_warning_is_overridden_by_name(run: Run, acme: str, tmp_path: Path) -> None:
    """Without a name and a reason it stands."""
    path = tmp_path / "warned.yaml"
    path.write_text(WARNED)
    by_name = ("--override", "FE-18", "--person", "Erin Example", "--reason", "Legal asked for it.")
    refused, nameless, drafted, loaded = (
        run("load", str(path), "--publish"),
        run("load", str(path), "--publish", "--override", "FE-18"),
        run("load", str(path), *by_name),
        run("load", str(path), "--publish", *by_name),
    )

    assert isinstance(refused.exception, Invalid)
    assert refused.exception.code == "warnings_stand"
    assert (nameless.exit_code, drafted.exit_code, loaded.exit_code) == (2, 2, 0)
    assert "somebody answers for it" in nameless.output
    assert "saas_short is live in acme" in loaded.output


def test_check_and_publishing_find_the_same(run: Run, acme: str, tmp_path: Path) -> None:
    """One list: what the command prints is what publishing refuses, word for word."""
    path = tmp_path / "faulty.yaml"
    faulty = WARNED.replace("kind: text", "kind: text\n    required: true")
    path.write_text(faulty)
    printed, refused = run("check", str(path)).output, run("load", str(path), "--publish").exception
    found = check_text(faulty)

    assert isinstance(refused, Invalid)
    assert {one.level for one in found} == {"error", "warning"}
    assert all(one.sentence in printed for one in found)
    assert list(refused.problems) == [as_problem(one) for one in found if one.level == "error"]
