"""Billing on the command line: connected without a secret in sight, and read."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.billing.stripe_fake.seeds import Seed, plant
from tests.billing.stripe_fake.server import Server, running
from tests.cli.conftest import Run

KEY = "sk_test_51Abcdefghijklmnop"


@pytest.fixture
def stripe() -> Iterator[Server]:
    """An account of Stripe's, in a thread: commands have a loop of their own."""
    ready, done = threading.Event(), asyncio.Event()
    held: list[tuple[Server, asyncio.AbstractEventLoop]] = []

    async def serve() -> None:
        async with running() as fake:
            held.append((fake, asyncio.get_running_loop()))
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    fake, loop = held[0]
    yield fake
    loop.call_soon_threadsafe(done.set)
    thread.join(5)


def test_billing_is_connected_and_read(run: Run, acme: str, stripe: Server, tmp_path: Path) -> None:
    """The key comes out of a file or a line of standard input, and is never printed; the second pass is short."""
    plant(stripe.account, Seed(subscription="sub_9", invoice="open"))
    (tmp_path / "key").write_text(f"{KEY}\n")
    base = ["--mode", "test", "--set", f"api_base={stripe.url}"]
    by_file = run("connect", "stripe", *base, "--set", f"api_key_file={tmp_path / 'key'}")
    by_line = run("connect", "stripe", *base, "--set", "api_key=-", input=f"{KEY}\n")
    first, second = run("sync", "--mode", "test"), run("sync")

    for told in (by_file, by_line, first, second):
        assert told.exit_code == 0, told.output
        assert KEY not in told.output
    assert "stripe is connected to acme in test mode.\nIt answers" in by_file.output
    assert "stripe, test mode, read: states 2, payments 1, exits 0" in first.output
    assert "stripe, test mode, read: states 1, payments 0, exits 0" in second.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["connect", "stripe", "--mode", "test", "--set", f"api_key={KEY}"], "does not belong on the command line"),
        (["connect", "stripe", "--mode", "test", "--set", "api_key_file=/nowhere"], "cannot be read"),
        (["connect", "stripe", "--mode", "test", "--set", "colour"], "NAME=VALUE"),
        (["connect", "strip", "--mode", "test"], "strip"),
        (["sync"], "connect stripe"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run: Run, acme: str, arguments: list[str], said: str) -> None:
    """And the status is not 0."""
    told = run(*arguments)

    assert told.exit_code != 0
    assert said in told.output
    assert KEY not in told.output


def test_a_provider_that_does_not_answer_is_named(run: Run, acme: str) -> None:
    """What was read so far is kept, and the next pass goes on there."""
    setting = ["--set", "api_base=http://127.0.0.1:9", "--set", "api_key=-"]
    connected = run("connect", "stripe", "--mode", "test", *setting, input=f"{KEY}\n")
    told = run("sync")

    assert connected.exit_code == 0
    assert "cannot be reached" in connected.output
    assert told.exit_code == 1
    assert "stripe, test mode: It cannot be reached at the moment." in told.output
