"""The commands: what they print, and with which status they end."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aurevoir import cli
from aurevoir.access import customer_tokens, keys
from aurevoir.flows import starters
from aurevoir.kit import clock, db
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings, read

SECRET = "for-tests-only-for-tests-only-for-tests"
Run = Callable[..., Result]


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`aurevoir …` on a migrated database."""
    monkeypatch.setenv("AUREVOIR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("AUREVOIR_SECRET_KEY", SECRET)
    return lambda *arguments: CliRunner().invoke(cli.cli, arguments)


@pytest.fixture
def acme(run: Run) -> str:
    """A workspace made on the command line; its id as tokens name it."""
    made = run("create-workspace", "acme", "--name", "Acme Cloud")
    assert made.exit_code == 0, made.output
    return made.output.splitlines()[0].rpartition(" ")[2]


async def accepted(settings: Settings, token: str) -> customer_tokens.Claims:
    """The claims, by the service's own verification."""
    await db.open_database(settings.database_url, MODELS, read_only=True)
    try:
        key = await keys.verification_key(settings.installation.keyring, customer_tokens.key_id(token))
    finally:
        await db.close_database()
    return customer_tokens.verify(token, key, clock.now())


def test_a_signed_token_is_accepted(run: Run, acme: str) -> None:
    """With the facts that were asked for, for as long as was asked, in test mode unless said otherwise."""
    told = {"country": "FR", "subscription": {"plan": "pro"}, "attributes": {"seats": 4}}
    command = ["sign-token", "--customer", "cus_42", "--subscription", "sub_9", "--minutes", "5"]
    signed = run(*command, "--facts", json.dumps(told))
    live = run(*command, "--mode", "live")
    claims = asyncio.run(accepted(read(), signed.output.strip()))

    assert signed.exit_code == live.exit_code == 0
    assert (claims.iss, claims.sub, claims.mode, claims.country) == (acme, "cus_42", "test", "FR")
    assert (claims.subscription.id, claims.subscription.plan, claims.attributes) == ("sub_9", "pro", {"seats": 4})
    assert claims.exp - claims.iat == timedelta(minutes=5).total_seconds()
    assert asyncio.run(accepted(read(), live.output.strip())).mode == "live"


@pytest.mark.parametrize("facts", ["{", "[]", '"x"', '{"subscription": 5}'])
def test_facts_that_are_none_are_refused(run: Run, acme: str, facts: str) -> None:
    """One clear line, and no traceback."""
    told = run("sign-token", "--customer", "c", "--subscription", "s", "--facts", facts)

    assert told.exit_code == 1
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert "--facts" in told.output


def test_a_token_needs_a_workspace(run: Run) -> None:
    """Where there is none, or several, it says what to do."""
    told = run("sign-token", "--customer", "c", "--subscription", "s")

    assert told.exit_code == 1
    assert "--workspace" in told.output


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


def test_the_schema_is_up_to_date(run: Run) -> None:
    """`migrate --check` says so with its exit status."""
    told = run("migrate", "--check")

    assert (told.exit_code, told.output) == (0, "The schema is up to date.\n")


def test_a_new_file_is_not_up_to_date(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is pending is named; `migrate` applies it."""
    monkeypatch.setenv("AUREVOIR_DATABASE_URL", f"sqlite://{tmp_path / 'new.db'}")
    before, applied, after = run("migrate", "--check"), run("migrate"), run("migrate", "--check")

    assert (before.exit_code, applied.exit_code, after.exit_code) == (1, 0, 0)
    assert "pending: 0001_first" in before.output
    assert "applied: 0001_first" in applied.output


def test_a_template_is_loaded_and_published(run: Run, acme: str, tmp_path: Path) -> None:
    """And one that would break a promise is refused with every problem."""
    sound, unfinished = tmp_path / "sound.yaml", tmp_path / "unfinished.yaml"
    sound.write_text(starters.starter("no_offers"))
    unfinished.write_text(starters.starter("saas_short").replace("  - {id: confirm, kind: confirm}\n", ""))
    loaded, refused = run("load", str(sound), "--publish"), run("load", str(unfinished), "--publish")

    assert (loaded.exit_code, refused.exit_code) == (0, 1)
    assert "no_offers is live in acme" in loaded.output
