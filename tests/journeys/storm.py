"""A storm: customers who leave, stay and change their minds, through real HTTP, while billing does everything wrong."""

import asyncio
import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from aurevoir.settings import Settings
from tests.bench.client import Connection, connected
from tests.house import House
from tests.journeys.running import free_port
from tests.visits import MOVES, START

ROOT = Path(__file__).parents[2]
READY_WITHIN = 30.0
CLIENTS = 12
# What billing does to a request of every third customer; those that answer nothing do so after a moment.
FAULTS = ("drop_before", "drop_after", "500_before", "500_after", "429", "409", "timeout_before", "timeout_after")


@dataclass
class Told:
    """What customers were told, and how long each kind of request took, in seconds."""

    receipts: dict[int, str] = field(default_factory=dict)
    accepted: set[int] = field(default_factory=set)
    undone: set[int] = field(default_factory=set)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def p95(self, *kinds: str) -> float:
        """In milliseconds; of all kinds, where none is named."""
        taken = sorted(one for kind in kinds or self.times for one in self.times[kind])
        return 1000 * taken[len(taken) * 95 // 100]


def name(number: int) -> str:
    """A subscription; none is the beginning of another."""
    return f"sub_{number:06}"


@asynccontextmanager
async def process(*arguments: str, log: Path, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process; told to stop at the end, and waited for."""
    path = os.pathsep.join(filter(None, [str(ROOT), *sys.path]))
    with log.open("wb") as errors:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=os.environ | {"PYTHONPATH": path} | environment,
            cwd=ROOT,
        )
        try:
            yield running
        finally:
            if running.returncode is None:
                running.send_signal(signal.SIGTERM)
            await running.wait()


@asynccontextmanager
async def stripe(log: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The fake in a process of its own, and a line to it."""
    async with process("-m", "tests.billing.stripe_fake", log=log) as running:
        assert running.stdout is not None
        address = (await running.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=address, timeout=60) as line:
            yield line


@asynccontextmanager
async def service(settings: Settings, log: Path) -> AsyncIterator[int]:
    """`aurevoir serve` with its worker, ready; its port."""
    port = free_port()
    environment = {"AUREVOIR_DATABASE_URL": settings.database_url, "AUREVOIR_SECRET_KEY": settings.secret_key}
    async with process("-m", "aurevoir", "serve", "--port", str(port), log=log, **environment):
        await _until_ready(port)
        yield port


async def _until_ready(port: int) -> None:
    until = time.monotonic() + READY_WITHIN
    while True:
        try:
            async with connected(port, []) as connection:
                await connection.send("GET", "/health/ready")
                return
        except (OSError, asyncio.IncompleteReadError):
            assert time.monotonic() < until, "the service does not start"
            await asyncio.sleep(0.1)


async def brew(billing: httpx.AsyncClient, operations: int, chance: random.Random) -> int:
    """Every subscription, and what will go wrong with a third of them; how many faults."""
    waiting = asyncio.Semaphore(CLIENTS)

    async def seed(number: int) -> None:
        async with waiting:
            await billing.post("/_seed", json={"subscription": name(number), "customer": f"cus_{number:06}"})

    await asyncio.gather(*(seed(number) for number in range(operations)))
    faults = [
        {"fault": chance.choice(FAULTS), "path": f"subscriptions/{name(number)}", "seconds": 0.3, **method}
        for number in range(operations)
        if number % 3 == 0
        for method in chance.choice([({},), ({}, {}), ({}, {"method": "GET"})])
    ]
    # These take longer than we wait: the request ends by our own clock.
    faults += [
        {"fault": "timeout_after", "path": f"subscriptions/{name(number)}", "seconds": 30}
        for number in range(601, operations, 600)
    ]
    faults += [{"fault": one, "path": "coupons", "seconds": 0.3} for one in FAULTS]
    await billing.post("/_faults", json=faults)
    return len(faults)


class Customers:
    """Dana, thousands of times, each with a subscription of her own."""

    def __init__(self, house: House, port: int, told: Told) -> None:
        self._house, self._port, self._told = house, port, told
        self._tokens: dict[int, str] = {}

    async def come(self, operations: int) -> float:
        """All of them, `CLIENTS` at a time; how many seconds it took.

        Those who will be offered something have looked in before, so that billing could be asked about them.
        """
        began = time.monotonic()
        await self._each(range(7, operations, 10), self._start)
        await self._each(range(8, operations, 10), self._start)
        await asyncio.sleep(1 + operations / 500)
        await self._each(range(operations), self._decide)
        await self._each(range(9, operations, 10), self._take_back)
        return time.monotonic() - began

    async def _each(self, numbers: range, do: Callable[[Connection, int], Awaitable[object]]) -> None:
        left = iter(numbers)

        async def one_after_another() -> None:
            async with connected(self._port, []) as connection:
                for number in left:
                    await do(connection, number)

        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(one_after_another())

    async def _decide(self, connection: Connection, number: int) -> None:
        shown = await self._start(connection, number)
        if number % 10 != 6:
            reason = "too_expensive" if number % 10 in (7, 8) else "other"
            shown = await self._move(connection, shown, "answer", step="reason", choices=[reason])
        if shown["screen"]["kind"] == "offer":
            shown = await self._move(connection, shown, "accept", offer=shown["screen"]["offer"]["key"])
            self._told.accepted.add(number)
            if number % 10 == 7:
                return
        for _ in range(2):
            if shown["screen"]["kind"] != "receipt":
                shown = await self._move(connection, shown, "cancel", step=shown["screen"]["step"])
        self._told.receipts[number] = shown["screen"]["receipt"]["id"]

    async def _take_back(self, connection: Connection, number: int) -> None:
        shown = await self._move(connection, await self._start(connection, number), "undo")
        assert shown["session"]["state"] == "undone", shown
        self._told.undone.add(number)

    async def _start(self, connection: Connection, number: int) -> dict[str, Any]:
        token = self._tokens.get(number)
        if token is None:
            token = self._house.token(sub=f"cus_{number:06}", subscription={"id": name(number)})
            self._tokens[number] = token
        return await self._send(connection, "start", START, {"token": token})

    async def _move(self, connection: Connection, shown: dict[str, Any], kind: str, **fields: Any) -> dict[str, Any]:
        session = shown["session"]
        move = {"kind": kind, "revision": session["revision"], **fields}
        return await self._send(connection, kind, MOVES, move, session["token"])

    async def _send(
        self, connection: Connection, kind: str, path: str, body: dict[str, Any], bearer: str = ""
    ) -> dict[str, Any]:
        began = time.perf_counter()
        answer = await connection.send("POST", path, msgspec.json.encode(body), bearer)
        self._told.times[kind].append(time.perf_counter() - began)
        read: dict[str, Any] = msgspec.json.decode(answer)
        return read


async def repeat_events(billing: httpx.AsyncClient, inbound: str, secret: str) -> None:
    """The latest events again and again, each twice and in the wrong order, until cancelled."""
    wanted = {"url": inbound, "secret": secret, "last": 6, "twice": True, "reversed": True}
    while True:
        reply = await billing.post("/_deliver", json=wanted)
        assert set(reply.json()["answers"]) <= {200}, reply.text
        await asyncio.sleep(0.3)
