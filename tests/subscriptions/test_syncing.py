"""Reading Stripe's records: everything first, then what has changed; on our fake of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from aurevoir.access import vault
from aurevoir.access.workspaces import WorkspaceSettings
from aurevoir.billing import sources
from aurevoir.billing.gateway import NeedsPerson
from aurevoir.kit import clock, db, sql
from aurevoir.subscriptions import queries, syncing
from aurevoir.subscriptions.queries import Period
from aurevoir.subscriptions.syncing import BeingRead
from tests.billing.accounts import account
from tests.billing.stripe_fake.seeds import Seed, plant
from tests.billing.stripe_fake.server import Server
from tests.house import House, count, slowly_on_postgres

pytestmark = slowly_on_postgres


@pytest.fixture
async def stripe() -> AsyncIterator[Server]:
    """An account of Stripe's, on the loopback address."""
    async with account() as fake:
        yield fake


@pytest.fixture
async def workspace(house: House, stripe: Server) -> WorkspaceSettings:
    """Acme, connected to it."""
    await house.connect("stripe", "test", api_key="sk_test_1", api_base=stripe.url)
    return await house.settings()


async def read(workspace: WorkspaceSettings, house: House, minutes: int = 1) -> int:
    """What the worker does at every look, until nothing is due; how many pages there were."""

    async def same(_: object) -> WorkspaceSettings:
        return workspace

    pages = 0
    while done := await syncing.read_due(same, "worker", clock.now() + timedelta(minutes=minutes)):
        pages += done
    return pages


async def history(workspace: WorkspaceSettings, subscription: str) -> list[Period]:
    """What is known of a subscription of Dana's."""
    name = vault.pseudonyms(workspace.data_key, "cus_42", subscription).subscription
    return await queries.list_periods(workspace.id, "test", name)


async def change(stripe: Server, method: str, path: str, **form: str) -> None:
    """Something happens at Stripe."""
    async with httpx.AsyncClient(base_url=stripe.url, headers={"Authorization": "Bearer sk_test_1"}) as client:
        reply = await client.request(method, f"/v1/{path}", data=form or None)
        assert reply.status_code == 200, reply.text


async def test_everything_is_read_and_read_again_changes_nothing(
    workspace: WorkspaceSettings, house: House, stripe: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a page of it; the revenue by the month, the beginning worked back."""
    monkeypatch.setattr("aurevoir.billing.adapters.stripe.source.LIMIT", 10)
    for number in range(13):
        plant(stripe.account, Seed(subscription=f"sub_{number}", interval="year", amount=12000, invoice="open"))
    pages = await read(workspace, house)
    (period,) = await history(workspace, "sub_7")
    tables = ("subscription", "subscription_state", "payment")
    before = [await count(table) for table in tables]
    again = await read(workspace, house, minutes=60 * 24 * 8)

    assert (pages, again) == (4, 4)
    assert (period.status, period.mrr, period.currency, period.interval) == ("active", 1000, "EUR", "year")
    assert (period.is_assumed, period.valid_to) == (True, None)
    assert datetime.now(UTC) - period.valid_from > timedelta(days=9)
    assert before == [13, 13, 13] == [await count(table) for table in tables]


async def test_what_changed_is_read_by_its_events(workspace: WorkspaceSettings, house: House, stripe: Server) -> None:
    """The end, who ended it and why; and the exit, labelled imported."""
    plant(stripe.account, Seed(subscription="sub_9"))
    await read(workspace, house)
    said = {"cancellation_details[feedback]": "unused", "cancellation_details[comment]": "No time"}
    await change(stripe, "DELETE", "subscriptions/sub_9", **said)
    pages = await read(workspace, house, minutes=7)
    first, last = await history(workspace, "sub_9")
    row = await sql.fetch_one("SELECT channel, ended_by, category FROM past_exit")

    assert pages == 1
    assert [one["path"] for one in stripe.requests[-1:]] == ["/v1/events"]
    assert (first.status, first.valid_to, last.valid_to) == ("active", last.valid_from, None)
    assert (last.status, last.mrr, last.ended_by, last.reason_code) == ("cancelled", 0, "customer", "unused")
    assert row is not None
    assert tuple(row.values()) == ("imported", "customer", "unused")


async def test_a_pass_that_was_interrupted_goes_on(workspace: WorkspaceSettings, house: House, stripe: Server) -> None:
    """At the page that failed; nobody is asked again before a pause."""
    plant(stripe.account, Seed(subscription="sub_9", invoice="open"))
    async with httpx.AsyncClient(base_url=stripe.url) as client:
        fault = {"fault": "drop_before", "path": "invoices", "method": "GET"}
        await client.post("/_faults", json=[fault])
    pages = await read(workspace, house)
    connected = await sources.find_connected(workspace.id, "test")
    assert connected is not None
    stopped = await syncing.find_progress(connected.id)
    at_once, later = await read(workspace, house), await read(workspace, house, minutes=3)
    after = await syncing.find_progress(connected.id)

    assert (pages, at_once, later) == (1, 0, 1)
    assert stopped is not None
    assert (stopped.position, stopped.problem) == ("invoices:", "not_reached")
    assert after is not None
    assert (after.problem, after.began_at) == (None, None)
    assert after.full_at is not None
    assert await count("payment") == 1


async def test_a_refused_key_is_said(house: House, stripe: Server) -> None:
    """To whoever asks for a pass, and kept for whoever looks at the connection."""
    await house.connect("stripe", "test", api_key="sk_refused", api_base=stripe.url)
    workspace, connected = await house.settings(), await sources.find_connected(house.id, "test")
    assert connected is not None
    with pytest.raises(NeedsPerson, match="key_refused"):
        _ = [page async for page in syncing.read_pass(connected, workspace, "cli")]
    progress = await syncing.find_progress(connected.id)

    assert progress is not None
    assert progress.problem == "key_refused"


async def test_whoever_connects_has_a_moment_to_correct_it(
    workspace: WorkspaceSettings, house: House, stripe: Server
) -> None:
    """Nothing is asked of the provider in the first minute."""
    assert await read(workspace, house, minutes=0) == 0
    assert stripe.requests == []


async def test_two_never_read_the_same_connection_at_once(
    workspace: WorkspaceSettings, house: House, stripe: Server
) -> None:
    """The second one is told, and the worker goes on to the next."""
    connected = await sources.find_connected(workspace.id, "test")
    assert connected is not None
    plant(stripe.account, Seed(subscription="sub_9"))
    pages = [page async for page in syncing.read_pass(connected, workspace, "cli")]
    until = clock.now() + timedelta(minutes=2)
    await db.transaction(lambda: sql.execute("UPDATE billing_sync SET lease_until = $1, lease_by = 'x'", until))

    assert len(pages) == 2
    with pytest.raises(BeingRead):
        _ = [page async for page in syncing.read_pass(connected, workspace, "cli")]
    assert await read(workspace, house, minutes=1) == 0


async def test_a_place_that_is_gone_begins_a_new_pass(
    workspace: WorkspaceSettings, house: House, stripe: Server
) -> None:
    """Nothing stays stuck at an id that the provider has forgotten."""
    plant(stripe.account, Seed(subscription="sub_9", invoice="open"))
    connected = await sources.find_connected(workspace.id, "test")
    assert connected is not None
    pages = syncing.read_pass(connected, workspace, "cli")
    await anext(pages)
    await db.transaction(lambda: sql.execute("UPDATE billing_sync SET position = 'invoices:in_gone'"))
    await read(workspace, house)
    stuck = await syncing.find_progress(connected.id)
    again = await read(workspace, house, minutes=3)
    after = await syncing.find_progress(connected.id)

    assert stuck is not None
    assert (stuck.position, stuck.problem) == (None, "resource_missing")
    assert again == 2
    assert after is not None
    assert after.problem is None
