"""What every test may ask for: a database on each engine, a client of the application, a browser."""

import gc
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import hypothesis
import pytest
import structlog
from msgspec.structs import replace

from aurevoir.kit import logs
from aurevoir.settings import Settings
from tests import house as houses
from tests.cast import ACME, GLOBEX

if TYPE_CHECKING:
    from tests.databases import Database  # at run time pytest loads it, as a plugin

# As `serve` logs, to where pytest shows it; structlog's own tracebacks draw every local variable, for a second each.
structlog.configure(
    processors=[structlog.processors.format_exc_info, logs.redact, structlog.processors.JSONRenderer()],
    cache_logger_on_first_use=False,
)
# SQLite waits for the disk at each commit; where pytest's folders are in memory there is nothing to wait for.
if os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 1 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")
# What thousands of tests leave behind is collected less often: a tenth of the time went there.
gc.set_threshold(100_000, 20, 100)
# No test is timed: machines differ, and their speed drifts.
hypothesis.settings.register_profile("aurevoir", deadline=None)
hypothesis.settings.load_profile("aurevoir")

pytest_plugins = ["tests.databases", "tests.browser"]

NO_SKIPS = "AUREVOIR_NO_SKIPS" in os.environ


@pytest.fixture
def settings(database: "Database") -> Settings:
    """The settings of an installation on `database`."""
    return Settings(
        database_url=database.url, secret_key="for-tests-only-for-tests-only-for-tests", base_url="http://test"
    )


@pytest.fixture
def app(settings: Settings) -> Any:
    """The application; without its lifespan it works on whatever database is open."""
    return _application(replace(settings, database_url=""))


@pytest.fixture
async def client(app: Any, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the application in the test's own loop; `database` is what it works on."""
    # A request that breaks gets its 500, as it would from the server.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        yield client


@cache
def _application(settings: Settings) -> Any:
    """One for all tests of these settings: making it takes longer than most of them."""
    from aurevoir.app import create_app  # noqa: PLC0415 - most tests need no application

    return create_app(settings)


@pytest.fixture
async def house(settings: Settings) -> houses.House:
    """Acme's workspace, with a two-screen flow."""
    return await houses.build(settings.installation, ACME)


@pytest.fixture
async def globex(settings: Settings) -> houses.House:
    """Charlie's workspace, beside Acme's."""
    return await houses.build(settings.installation, GLOBEX)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share one browser, and so one loop."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where AUREVOIR_NO_SKIPS is set, a skipped test is a failed run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if NO_SKIPS and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason to skip, however many tests it concerns."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in reasons.items():
        verdict = "which counts as failed here (AUREVOIR_NO_SKIPS)" if NO_SKIPS else "the others ran"
        terminalreporter.write_line(f"{count} tests skipped ({verdict}). {reason}", yellow=True)
