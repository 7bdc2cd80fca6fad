"""Killed at any moment, under load: what a customer was told is done, once, after every restart."""

import asyncio
import os
import random
import secrets
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from aurevoir.kit import db, ids, sql
from aurevoir.migrations import MODELS
from aurevoir.settings import Settings
from tests import house as houses
from tests.bench.client import Connection, connected
from tests.cast import ACME
from tests.house import House, count
from tests.journeys.running import free_port
from tests.visits import MOVES, START

KILLS = 25
CLIENTS = 16
READY_WITHIN = 20.0
# Not a Python error each: the connection ends, the answer stops in the middle, nobody listens yet.
CUT = (ConnectionError, asyncio.IncompleteReadError, OSError)


@dataclass
class Told:
    """What customers were told; whatever is in here was acknowledged."""

    answers: dict[str, str] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    # Journeys that a kill cut short: customer and token.
    cut: list[tuple[str, str]] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How much was acknowledged so far."""
        return len(self.answers) + len(self.receipts) + len(self.undone)


async def journey(connection: Connection, customer: str, token: str, told: Told) -> None:
    """Start, answer, confirm; every fifth one takes it back. Each step may be the repetition of one that was cut."""
    shown = await _sent(connection, START, {"token": token})
    session, words = shown["session"]["token"], f"words of {customer}"
    if shown["screen"]["kind"] == "choice":
        reason = {"kind": "answer", "step": "reason", "choices": ["other"], "answers": {"comment": words}}
        shown = await _sent(connection, MOVES, reason | {"revision": shown["session"]["revision"]}, session)
        told.answers[customer] = words
    if shown["session"]["state"] != "undone":
        shown = await _sent(connection, MOVES, {"kind": "cancel", "step": "confirm"}, session)
        told.receipts[shown["screen"]["receipt"]["id"]] = customer
        if int(customer.rpartition("_")[2], 16) % 5 == 0:
            undo = {"kind": "undo", "revision": shown["session"]["revision"]}
            shown = await _sent(connection, MOVES, undo, session)
    if shown["session"]["state"] == "undone":
        told.undone.add(customer)


async def _sent(connection: Connection, path: str, body: dict[str, Any], bearer: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.json.decode(await connection.send("POST", path, msgspec.json.encode(body), bearer))
    return answer


async def load(port: int, house: House, told: Told) -> None:
    """One client: whole journeys, those that were cut before first, until the server is gone."""
    try:
        async with connected(port, []) as connection:
            while True:
                customer = f"cus_{secrets.token_hex(6)}"
                again = told.cut.pop() if told.cut else None
                customer, token = again or (customer, house.token(sub=customer, subscription={"id": customer}))
                try:
                    await journey(connection, customer, token, told)
                except CUT:
                    told.cut.append((customer, token))
                    raise
    except CUT:
        return


async def busy(told: Told, steps: int) -> None:
    """Until so much more was acknowledged; three seconds at most."""
    enough, until = told.steps + steps, time.monotonic() + 3
    while told.steps < enough and time.monotonic() < until:  # noqa: ASYNC110 - what is awaited is other tasks' progress
        await asyncio.sleep(0.001)


class Server:
    """`aurevoir serve`, started and killed again and again."""

    def __init__(self, port: int, stem: asyncio.subprocess.Process) -> None:
        self.port = port
        self._stem = stem
        self._pid = 0

    async def start(self) -> None:
        """Up and answering; a restart after a kill has to be quick."""
        assert self._stem.stdin is not None
        assert self._stem.stdout is not None
        self._stem.stdin.write(f"serve --port {self.port}\n".encode())
        self._pid = int(await self._stem.stdout.readline())
        until = time.monotonic() + READY_WITHIN
        while True:
            try:
                async with connected(self.port, []) as connection:
                    await connection.send("GET", "/health/ready")
                    return
            except CUT:
                assert time.monotonic() < until, "the server does not come back"
                await asyncio.sleep(0.01)

    async def end(self, how: signal.Signals) -> None:
        """Kill it, or let it stop by itself; wait until it is gone."""
        assert self._stem.stdout is not None
        os.kill(self._pid, how)
        assert await self._stem.stdout.readline() == b"gone\n"


@asynccontextmanager
async def server(url: str, settings: Settings, log: Path) -> AsyncIterator[Server]:
    """The stem of all servers of this test, in the service's environment."""
    environment = os.environ | {
        "AUREVOIR_DATABASE_URL": url,
        "AUREVOIR_SECRET_KEY": settings.secret_key,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    with log.open("wb") as errors:
        stem = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.journeys.stem",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd=Path(__file__).parents[2],
        )
        try:
            yield Server(free_port(), stem)
        finally:
            stem.kill()
            await stem.wait()


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost(database_url: str, tmp_path: Path) -> None:
    """25 kills at random moments under 16 clients: every acknowledged answer and declaration is there, exactly once."""
    settings = Settings(database_url=database_url, secret_key=secrets.token_urlsafe(32), base_url="http://127.0.0.1")
    told, chance = Told(), random.Random()
    await db.open_database(database_url, MODELS)
    try:
        house = await houses.build(settings.installation, ACME)
    finally:
        await db.close_database()
    async with server(database_url, settings, tmp_path / "server.log") as running:
        for _ in range(KILLS):
            await running.start()
            async with asyncio.TaskGroup() as clients:
                for _ in range(CLIENTS):
                    clients.create_task(load(running.port, house, told))
                await busy(told, chance.randrange(120))
                await asyncio.sleep(chance.uniform(0, 0.02))
                await running.end(signal.SIGKILL)
        await running.start()
        async with connected(running.port, []) as connection:
            for customer, token in told.cut:
                await journey(connection, customer, token, told)
        await running.end(signal.SIGTERM)
    await db.open_database(database_url, MODELS)
    try:
        figures = await _judged(told)
    finally:
        await db.close_database()
    if database_url.startswith("sqlite://"):
        _integrity(database_url.removeprefix("sqlite://"))
    print(f"{KILLS} kills; acknowledged: {figures}")


async def _judged(told: Told) -> str:
    """Nothing lost, nothing done twice, nothing half done."""
    receipts = {ids.shown("rcp", row.id) for row in await sql.fetch_all("SELECT id FROM receipt", into=_Receipt)}
    answers = {row["text"] for row in await sql.fetch_all("SELECT text FROM answer WHERE text IS NOT NULL")}

    assert len(told.receipts) > 10 * KILLS
    assert set(told.receipts) - receipts == set()
    assert set(told.answers.values()) - answers == set()
    # Every journey was taken to its end in the end, so each customer has exactly one of everything.
    assert len(set(told.receipts.values())) == len(told.receipts)
    for nothing in _CONTRADICTIONS:
        assert await count(f"({nothing}) AS found") == 0, nothing
    assert await count("declaration", "undone_at IS NOT NULL") == len(told.undone)
    return f"{len(told.answers)} answers, {len(told.receipts)} declarations, {len(told.undone)} of them undone"


class _Receipt(msgspec.Struct):
    id: UUID


# Each finds what must not be.
_CONTRADICTIONS = [
    # A declaration without exactly one receipt, order to billing, or event.
    """SELECT d.id FROM declaration d LEFT JOIN receipt r ON r.declaration_id = d.id
    GROUP BY d.id HAVING count(r.id) <> 1""",
    """SELECT d.id FROM declaration d LEFT JOIN redemption o ON o.session_id = d.session_id AND o.kind = 'cancel'
    GROUP BY d.id HAVING count(o.id) <> 1""",
    """SELECT d.id FROM declaration d LEFT JOIN event e ON e.session_id = d.session_id
    AND e.kind = 'cancellation.declared' GROUP BY d.id HAVING count(e.id) <> 1""",
    """SELECT d.id FROM declaration d LEFT JOIN event e ON e.session_id = d.session_id
    AND e.kind = 'cancellation.undone' GROUP BY d.id, d.undone_at
    HAVING count(e.id) <> CASE WHEN d.undone_at IS NULL THEN 0 ELSE 1 END""",
    # An event or an order that tells of something that is not there.
    """SELECT e.id FROM event e LEFT JOIN declaration d ON d.session_id = e.session_id
    WHERE e.kind = 'cancellation.declared' AND d.id IS NULL""",
    "SELECT o.id FROM redemption o LEFT JOIN declaration d ON d.session_id = o.session_id WHERE d.id IS NULL",
    # Two visits or two declarations of one customer.
    "SELECT subscription FROM session GROUP BY subscription HAVING count(*) > 1",
    "SELECT session_id FROM declaration GROUP BY session_id HAVING count(*) > 1",
    """SELECT s.id FROM session s LEFT JOIN event e ON e.session_id = s.id AND e.kind = 'session.started'
    GROUP BY s.id HAVING count(e.id) <> 1""",
    # An answer stored or told twice.
    "SELECT session_id FROM answer WHERE step = 'reason' GROUP BY session_id HAVING count(*) > 1",
    "SELECT session_id FROM event WHERE kind = 'session.answered' GROUP BY session_id HAVING count(*) > 1",
    # A state that the declaration contradicts.
    """SELECT s.id FROM session s JOIN declaration d ON d.session_id = s.id
    WHERE (d.undone_at IS NULL) <> (s.state IN ('leaving', 'left', 'needs_help'))""",
]


def _integrity(path: str) -> None:
    """SQLite's own opinion of the file."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()
