"""One attempt to hand a message over, and what became of it."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
from msgspec import Struct

from aurevoir.kit import http, signing
from aurevoir.kit.http import Refused, Reply
from aurevoir.webhooks import schedule


class Attempt(Struct, frozen=True, kw_only=True):
    """What became of it: a status, or the reason why there was none."""

    at: datetime
    status: int | None
    problem: str | None
    milliseconds: int


class Outcome(Struct, frozen=True):
    """An attempt, and how long the receiver asked us to wait."""

    attempt: Attempt
    asked: timedelta | None = None


async def make(url: str, message: str, body: bytes, secrets: Sequence[str], now: datetime) -> Outcome:
    """Send it once, signed with all of `secrets` (none: unsigned, for services that have no such thing)."""
    began = time.monotonic()
    headers = signing.headers(message, now, body, secrets) if secrets else {"content-type": "application/json"}
    result = await _post(url, body, headers)
    took = round((time.monotonic() - began) * 1000)
    if isinstance(result, str):
        return failed(result, now, took)
    problem = "redirect" if 300 <= result.status < 400 else None
    attempt = Attempt(at=now, status=result.status, problem=problem, milliseconds=took)
    return Outcome(attempt, schedule.asked_to_wait(result.headers, now))


def failed(problem: str, now: datetime, milliseconds: int = 0) -> Outcome:
    """There was no answer, because of `problem`."""
    return Outcome(Attempt(at=now, status=None, problem=problem, milliseconds=milliseconds))


async def _post(url: str, body: bytes, headers: dict[str, str]) -> Reply | str:
    try:
        return await http.post(url, body, headers)
    except Refused as refused:
        return refused.code
    except httpx.TimeoutException:
        return "timeout"
    except httpx.ConnectError:
        return "connection_failed"
    except httpx.TransportError:
        return "connection_lost"
