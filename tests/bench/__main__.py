"""Requests per second and latencies at 32 connections, as ratios from one run."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import msgspec

from tests.bench.client import Connection, Timed, run
from tests.bench.journeys import Journey, prepare

CONNECTIONS = 32
ROUNDS = 3
PORT = 8390
NOTE = msgspec.json.encode(
    {
        "session": "0190f5b2c1d27a3e9f0011223344", "step": "reason", "choice": "too_expensive", "text": "x" * 120,
        "locale": "en", "country": "FR", "plan": "pro", "amount": 2900, "value": 3,
    }
)  # fmt: skip


@contextmanager
def served(app: str, port: int, environment: dict[str, str]) -> Iterator[int]:
    """A server process of this app factory; its process id. It ends with the block."""
    command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port), "--loop", "uvloop"]
    command += ["--http", "httptools", "--no-access-log", "--log-level", "error"]
    process = Popen(command, env=os.environ | environment)
    try:
        _wait_for(port)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    async def knock() -> None:
        for _ in range(200):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
        raise RuntimeError("the server did not start")

    asyncio.run(knock())


async def _hello(connection: Connection, _: int) -> None:
    await connection.send("GET", "/")


async def _insert(connection: Connection, _: int) -> None:
    await connection.send("POST", "/notes", NOTE)


def _resident_mb(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _measure(
    port: int, work: Callable[[Connection, int], Awaitable[None]], each: int, connections: int = CONNECTIONS
) -> Timed:
    return asyncio.run(run(port, connections, work, each))


def _median(runs: list[Timed]) -> Timed:
    return sorted(runs, key=lambda one: one.requests_per_second)[len(runs) // 2]


def main() -> None:
    """Interleave the three, so that a machine whose speed drifts treats them alike; print the medians."""
    with tempfile.TemporaryDirectory() as data:
        environment, tokens = prepare(Path(data))
        journey = Journey(tokens)
        hello, insert, journeys = [], [], []
        with (
            served("tests.bench.baselines:create_app", PORT, {"BENCH_DATA": data}),
            served("aurevoir.serving:app_with_worker", PORT + 1, environment) as service,
        ):
            for _ in range(ROUNDS):
                hello.append(_measure(PORT, _hello, 300))
                insert.append(_measure(PORT, _insert, 80))
                journeys.append(_measure(PORT + 1, journey.whole, 20))
            first = _measure(PORT + 1, journey.first_screen, 200, connections=1)
            time.sleep(1)
            memory = _resident_mb(service)
        _print(_median(hello), _median(insert), _median(journeys), first, memory)


def _print(hello: Timed, insert: Timed, journeys: Timed, first: Timed, memory: float) -> None:
    print(f"{CONNECTIONS} connections, one process, SQLite WAL FULL; medians of {ROUNDS} interleaved rounds\n")
    print(f"{'':44}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'ratio':>8}")
    rows = [
        ("a bare Litestar JSON route", hello),
        ("one validated insert through Tortoise", insert),
        ("journeys: start, answer, confirm", journeys),
    ]
    for name, timed in rows:
        ratio = timed.requests_per_second / insert.requests_per_second
        print(f"{name:44}{timed.requests_per_second:9.0f}{timed.p50_ms:9.2f}{timed.p99_ms:9.2f}{ratio:8.2f}")
    print(f"\nfirst screen, one connection: p50 {first.p50_ms:.2f} ms, p99 {first.p99_ms:.2f} ms")
    print(f"resident memory of the service after the run: {memory:.0f} MB")


if __name__ == "__main__":
    main()
