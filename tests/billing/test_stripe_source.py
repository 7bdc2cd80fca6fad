"""Reading Stripe: what is asked of it, and what its events are taken for."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from aurevoir.billing.adapters.stripe.client import Client
from aurevoir.billing.adapters.stripe.source import StripeSource
from aurevoir.billing.gateway import Connection
from aurevoir.billing.source import Page
from tests.billing.rigs import StripeRig
from tests.billing.sdk_types import problems

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def source_of(rig: StripeRig) -> StripeSource:
    """The records of the rig's account."""
    settings = {"api_key": "sk_test_1", "api_base": rig.fake.url}
    return StripeSource(
        Connection(id=UUID(int=1), workspace=UUID(int=2), mode="test", gateway="stripe", settings=settings)
    )


async def read(rig: StripeRig, since: datetime | None) -> list[Page]:
    """Every page."""
    source, position = source_of(rig), None
    pages: list[Page] = []
    while not pages or position is not None:
        page = await source.page(since, position, datetime.now(UTC))
        pages.append(page)
        position = page.position
    return pages


async def discounted(rig: StripeRig, **terms: str) -> None:
    """A discount is given at Stripe."""
    http = Client(source_of(rig)._settings)
    await http.write("coupons.create", [], {"id": "half", "duration": "forever", "percent_off": 50, **terms}, "1")
    await http.write("subscriptions.update", ["sub_9"], {"discounts": [{"coupon": "half"}]}, "2")
    await http.close()


async def test_every_read_is_one_that_the_sdk_knows(rig: StripeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and nesting of the lists, their filters and what they are to bring along."""
    asked: list[tuple[str, tuple[str, ...], dict[str, Any]]] = []
    real = Client.read

    async def noted(self: Client, operation: str, *path: str, **parameters: Any) -> dict[str, Any]:
        asked.append((operation, path, parameters))
        return await real(self, operation, *path, **parameters)

    monkeypatch.setattr(Client, "read", noted)
    await discounted(rig)
    await read(rig, None)
    await read(rig, LONG_AGO)
    monkeypatch.setattr("aurevoir.billing.adapters.stripe.source.LIMIT", 1)
    await read(rig, LONG_AGO)

    assert {operation for operation, _, _ in asked} == {
        "subscriptions.list",
        "invoices.list",
        "events.list",
        "subscriptions.retrieve",
    }
    assert any("starting_after" in parameters for _, _, parameters in asked)
    assert [one for operation, path, parameters in asked for one in problems(operation, list(path), parameters)] == []


async def test_a_lasting_discount_counts_in_lists_and_events(rig: StripeRig) -> None:
    """Events name it by its id alone."""
    await discounted(rig)
    listed, told = await read(rig, None), await read(rig, LONG_AGO)

    assert [one.state.mrr for one in listed[0].states if one.since is None] == [1450]
    assert [one.state.mrr for page in told for one in page.states] == [2900, 1450]


async def test_events_of_one_second_are_told_in_their_order(rig: StripeRig) -> None:
    """Stripe counts in seconds: the last of them must win."""
    await discounted(rig)
    for event in rig.fake.account.objects["event"].values():
        event["created"] = 1_770_000_000
    (page,) = await read(rig, LONG_AGO)
    first, last = page.states

    second = datetime.fromtimestamp(1_770_000_000, UTC)

    assert first.since == last.since == second
    assert (first.told_at, last.told_at) == (second, second + timedelta(microseconds=1))
    assert last.state.mrr == 1450


async def test_a_subscription_that_is_gone_holds_nothing_up(rig: StripeRig) -> None:
    """Its discounts cannot be looked up; the rest is told."""
    await discounted(rig)
    del rig.fake.account.objects["subscription"]["sub_9"]
    told = await read(rig, LONG_AGO)

    assert [one.state.mrr for page in told for one in page.states] == [2900, 2900]
