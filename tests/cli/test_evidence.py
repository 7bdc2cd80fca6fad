"""A visit's evidence on the command line."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from aurevoir.access import workspaces
from aurevoir.access.facts import Facts
from aurevoir.kit import clock, db, ids
from aurevoir.migrations import MODELS
from aurevoir.sessions import service as sessions
from aurevoir.sessions.moves import Cancel
from aurevoir.sessions.schemas import Visitor
from aurevoir.settings import read
from tests.cli.conftest import Run
from tests.house import facts


async def _left() -> str:
    chosen = read()
    await db.open_database(chosen.database_url, MODELS)
    try:
        workspace = await workspaces.find_by_key(chosen.installation.keyring, None)
        assert workspace is not None
        told = msgspec.convert(facts(), Facts)
        dana = Visitor(workspace=workspace.id, facts=told, mode="live", channel="hosted", actor="customer")
        shown, _ = await sessions.start(chosen.installation, dana, clock.now())
        session = ids.read("ses", shown.session.id)
        assert session is not None
        for step in (shown.screen.step, "confirm"):
            await sessions.move(chosen.installation, session, Cancel(step=step), clock.now())
        return shown.session.id
    finally:
        await db.close_database()


@pytest.fixture
def session(acme: str) -> str:
    """Dana has left; her session's id."""
    return asyncio.run(_left())


def test_a_pack_is_written_and_checked(run: Run, session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a good name or where it was asked for; `--verify` needs neither settings nor database."""
    monkeypatch.chdir(tmp_path)
    asked, unasked = run("evidence", session, "-o", "here.zip"), run("evidence", session)
    for name in ("AUREVOIR_DATABASE_URL", "AUREVOIR_SECRET_KEY"):
        monkeypatch.delenv(name)
    checked = run("evidence", "--verify", "here.zip")

    assert [one.exit_code for one in (asked, unasked, checked)] == [0, 0, 0], asked.output + checked.output
    assert Path(f"evidence-{session}.zip").read_bytes() == Path("here.zip").read_bytes()
    assert f"{session} holds: 3 exhibits; head " in checked.output


def test_a_pack_that_was_changed_fails_the_check(run: Run, session: str, tmp_path: Path) -> None:
    """Exit status 1, and the place."""
    pack = tmp_path / "pack.zip"
    run("evidence", session, "-o", str(pack))
    content = pack.read_bytes()
    # Both in the payload and in evidence.json, of the same length: the archive's own checksums are all that is left.
    pack.write_bytes(content.replace(b'"confirm"', b'"confirn"'))
    damaged = run("evidence", "--verify", str(pack))

    assert damaged.exit_code == 1
    assert "pack.zip: " in damaged.output


@pytest.mark.parametrize(
    ("arguments", "status"), [((), 2), (("ses_1", "--verify", __file__), 2), ((f"ses_{'0' * 32}",), 1), (("x",), 1)]
)
def test_what_makes_no_sense_is_refused(run: Run, acme: str, arguments: tuple[str, ...], status: int) -> None:
    """With one clear line, and nothing written."""
    refused = run("evidence", *arguments)

    assert refused.exit_code == status
    assert isinstance(refused.exception, SystemExit | None)


def test_what_is_no_pack_is_none(run: Run) -> None:
    """Any other file."""
    told = run("evidence", "--verify", __file__)

    assert told.exit_code == 1
    assert "cannot be read as an evidence pack" in told.output
