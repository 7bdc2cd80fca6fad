"""Billing snapshots: asked for by the worker when a visit begins, sealed, and never older than what was asked last."""

import asyncio
from datetime import timedelta
from functools import partial

import httpx
import pytest

from aurevoir.access import workspaces
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import registry, snapshots
from aurevoir.billing.gateway import NeedsPerson, NotSent, Rejected
from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit import clock, db, sql
from aurevoir.worker import Worker
from tests.cast import DANA
from tests.house import House, count
from tests.offers.ledger import Ledger
from tests.sessions.offered import publish
from tests.visits import START

REF = SubscriptionRef("cus_42", "sub_9")
NAME = "pseudonym"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Connected under the name `ledger`."""
    ledger = Ledger()
    monkeypatch.setattr(registry, "GATEWAYS", {**registry.GATEWAYS, "ledger": ledger})
    return ledger


@pytest.fixture
async def acme(house: House, provider: Ledger) -> WorkspaceSettings:
    """Acme, whose billing is connected."""
    await house.connect("ledger")
    return await house.settings()


async def refresh(acme: WorkspaceSettings) -> Snapshot | None:
    """What is known after billing was asked."""
    await snapshots.refresh(acme, "live", NAME, REF, clock.now())
    return await snapshots.find(acme, "live", NAME)


async def problem() -> str | None:
    """Why nothing is known."""
    found = await sql.fetch_one("SELECT problem FROM billing_snapshot")
    assert found is not None
    return None if found["problem"] is None else str(found["problem"])


async def test_what_billing_says_is_kept_sealed(acme: WorkspaceSettings) -> None:
    """Found as it was said; nothing of it stands in clear."""
    found = await refresh(acme)
    stored = await sql.fetch_one("SELECT sealed FROM billing_snapshot")

    assert found is not None
    assert (found.amount, found.source) == (2900, "provider")
    assert stored is not None
    assert b"2900" not in bytes(stored["sealed"])


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (NotSent(), "not_reached"),
        (Rejected("resource_missing"), "resource_missing"),
        (NeedsPerson("key_refused"), "key_refused"),
        (RuntimeError("a mistake of the adapter"), "not_reached"),
    ],
)
async def test_billing_that_does_not_answer_leaves_nothing_old_behind(
    acme: WorkspaceSettings, provider: Ledger, error: Exception, why: str
) -> None:
    """What it said the time before is void: no terms are worked out from it."""
    before = await refresh(acme)
    provider.unreadable = error  # type: ignore[assignment]
    after = await refresh(acme)

    assert before is not None
    assert after is None
    assert await problem() == why


async def test_wanted_again_it_is_void_at_once(acme: WorkspaceSettings) -> None:
    """Between the start of a visit and billing's answer nothing is known."""
    await refresh(acme)
    await db.transaction(lambda: snapshots.want(acme.id, "live", NAME, clock.now()))

    assert await snapshots.find(acme, "live", NAME) is None


async def test_a_snapshot_of_another_gateway_or_an_earlier_moment_does_not_count(
    house: House, acme: WorkspaceSettings
) -> None:
    """The one that is connected now said it, and not before the moment that is asked about."""
    await refresh(acme)
    recent = await snapshots.find(acme, "live", NAME, since=clock.now() - timedelta(minutes=1))
    later = await snapshots.find(acme, "live", NAME, since=clock.now() + timedelta(minutes=1))
    in_test = await snapshots.find(acme, "test", NAME)
    await house.connect("manual")

    assert recent is not None
    assert (later, in_test, await snapshots.find(acme, "live", NAME)) == (None, None, None)


async def test_two_workers_ask_once(house: House, acme: WorkspaceSettings, provider: Ledger) -> None:
    """Whoever takes the question asks it."""
    await db.transaction(lambda: snapshots.want(acme.id, "live", NAME, clock.now()))
    wanted = await snapshots.list_wanted()
    workspace_of = partial(workspaces.get, house.installation.keyring)
    asked = await asyncio.gather(*(snapshots.refresh_wanted(wanted[0], workspace_of, clock.now()) for _ in range(4)))

    assert sorted(asked) == [False, False, False, True]


@pytest.mark.parametrize(
    ("gateway", "flow", "asked"), [("ledger", "offered", 1), ("ledger", None, 0), ("manual", "offered", 0)]
)
async def test_a_visit_has_billing_asked(
    client: httpx.AsyncClient, house: House, provider: Ledger, gateway: str, flow: str | None, asked: int
) -> None:
    """Only where there is an offer to work out and somebody to ask; by the worker, never by the request."""
    if flow:
        await publish(house)
    await house.connect(gateway)
    await client.post(START, json={"token": house.token(), "flow": flow})
    at_start = provider.asked
    worker = Worker(house.installation)
    while await worker.look(clock.now()):
        pass

    assert (at_start, provider.asked) == (0, asked)
    assert await count("billing_snapshot", "sealed IS NOT NULL") == asked
    assert DANA.subscription not in str(await sql.fetch_all("SELECT subscription FROM billing_snapshot"))
