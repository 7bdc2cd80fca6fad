"""Setting the demo up, once and again."""

from typing import Any

import httpx
import pytest

from aurevoir.access import keys
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry
from aurevoir.flows import service as flows
from aurevoir.flows import starters
from aurevoir.kit import clock, sql
from aurevoir.settings import Settings
from aurevoir.web.demo import setting
from tests.web.demo.conftest import VISITS

# The demo runs on SQLite.
pytestmark = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)], indirect=True
)


async def _rows(query: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await sql.fetch_all(query)]


async def test_everything_that_the_demo_needs_is_there(settings: Settings, demo: WorkspaceSettings) -> None:
    """A workspace that says it is synthetic, keys and the sandbox in both modes, every starter live."""
    live = {row["key"]: row["live_version"] for row in await flows.list_flows(demo.id)}

    assert demo.synthetic
    assert {(await registry.connected(demo, mode)).name for mode in ("live", "test")} == {"sandbox"}
    assert None not in [
        await keys.secret_for_trying_out(settings.installation.keyring, demo.id, mode) for mode in ("live", "test")
    ]
    assert live == dict.fromkeys(starters.list_starters(), 1)


async def test_the_past_went_through_the_real_service(demo: WorkspaceSettings) -> None:
    """Every visit came to an end, with a receipt for each who left; what it says is told, and nothing waits."""
    states = {row["state"]: row["n"] for row in await _rows("SELECT state, COUNT(*) AS n FROM session GROUP BY state")}
    left = await _rows("SELECT d.id FROM declaration d JOIN receipt r ON r.declaration_id = d.id")
    waiting = await _rows("SELECT kind FROM event WHERE dispatched_at IS NULL")
    unsettled = await _rows("SELECT kind FROM redemption WHERE state <> 'confirmed'")

    assert set(states) <= {"left", "kept", "saved", "abandoned", "undone"}
    assert sum(states.values()) == VISITS
    assert len(left) == states["left"] + states.get("undone", 0)
    assert (waiting, unsettled) == ([], [])


async def test_events_are_dated_when_they_happened(demo: WorkspaceSettings) -> None:
    """A year of visits does not look like a minute of work."""
    [row] = await _rows("SELECT COUNT(DISTINCT started_on) AS days FROM session")
    late = await sql.fetch_all(
        "SELECT e.kind FROM event e JOIN session s ON s.id = e.session_id WHERE e.at < s.started_at"
    )

    assert row["days"] > VISITS / 2
    assert late == []


async def test_a_second_start_adds_nothing(settings: Settings, demo: WorkspaceSettings) -> None:
    """The data of the first start stays, and nothing is written twice."""
    before = await _rows("SELECT id, revision FROM session ORDER BY id")
    heard: list[int] = []
    await setting.prepare(
        settings.installation, sessions=VISITS, now=clock.now(), progress=lambda done, of: heard.append(done)
    )

    assert await _rows("SELECT id, revision FROM session ORDER BY id") == before
    assert heard == []


async def test_what_was_interrupted_is_completed(settings: Settings, demo: WorkspaceSettings) -> None:
    """Stopped halfway, the next start writes what is missing and says how far it is."""
    heard: list[tuple[int, int]] = []
    await setting.prepare(
        settings.installation, sessions=VISITS + 6, now=clock.now(), progress=lambda done, of: heard.append((done, of))
    )
    [row] = await _rows("SELECT COUNT(*) AS n FROM session")

    assert row["n"] == VISITS + 6
    assert heard == [(done, 6) for done in range(1, 7)]


async def test_a_database_without_the_demo_says_so(client: httpx.AsyncClient) -> None:
    """Before the setting up: an error page, not a crash."""
    reply = await client.get("/demo?visitor=dana")

    assert reply.status_code == 404
    assert "html" in reply.headers["content-type"]
