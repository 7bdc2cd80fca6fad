"""A small HTTP/1.1 client that costs little: raw connections, one request after another on each, times in seconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from msgspec import Struct


class Timed(Struct, frozen=True):
    """What a run took."""

    requests_per_second: float
    p50_ms: float
    p99_ms: float


class Connection:
    """One kept-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, times: list[float]) -> None:
        self._reader, self._writer, self._times = reader, writer, times

    async def send(self, method: str, path: str, body: bytes = b"", bearer: str = "") -> bytes:
        """The answer's body; anything but a 2xx ends the run."""
        authorization = f"Authorization: Bearer {bearer}\r\n" if bearer else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{authorization}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        content = await self._reader.readexactly(length)
        self._times.append(time.perf_counter() - began)
        if not answer.startswith(b"HTTP/1.1 20"):
            raise RuntimeError(f"{method} {path}: {answer[:60]!r} {content[:300]!r}")
        return content


@asynccontextmanager
async def connected(port: int, times: list[float]) -> AsyncIterator[Connection]:
    """A connection to this machine's `port`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer, times)
    finally:
        writer.close()


async def run(port: int, connections: int, work: Callable[[Connection, int], Awaitable[None]], each: int) -> Timed:
    """Do `work` `each` times on every connection, after a short warm-up that does not count."""
    await _all(port, connections, work, max(each // 10, 1), [], offset=10_000_000)
    times: list[float] = []
    began = time.perf_counter()
    await _all(port, connections, work, each, times, offset=0)
    took = time.perf_counter() - began
    return Timed(len(times) / took, *(1000 * one for one in _percentiles(times, (50, 99))))


async def _all(
    port: int,
    connections: int,
    work: Callable[[Connection, int], Awaitable[None]],
    each: int,
    times: list[float],
    offset: int,
) -> None:
    async def one(number: int) -> None:
        async with connected(port, times) as connection:
            for turn in range(each):
                await work(connection, offset + number * each + turn)

    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(one(number))


def _percentiles(times: Sequence[float], wanted: Sequence[int]) -> list[float]:
    ordered = sorted(times)
    return [ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] for percent in wanted]
