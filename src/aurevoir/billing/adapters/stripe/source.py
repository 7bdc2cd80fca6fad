"""Reading Stripe: everything by its lists, and what has changed since by its events."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from aurevoir.billing.adapters.stripe import client as clients
from aurevoir.billing.adapters.stripe import records
from aurevoir.billing.adapters.stripe.connecting import settings_of
from aurevoir.billing.adapters.stripe.moments import moment
from aurevoir.billing.adapters.stripe.records import Object
from aurevoir.billing.gateway import Connection, Rejected
from aurevoir.billing.source import Page, StateTold

T = TypeVar("T")

# The most that Stripe gives at once.
LIMIT = 100
# Without it only the discounts' ids come along.
COUPONS = "discounts.source.coupon"
SUBSCRIPTION_EVENTS = (
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
)
INVOICE_EVENTS = (
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.voided",
    "invoice.marked_uncollectible",
)


class _Listed(NamedTuple):
    """A page of one of Stripe's lists, and the id to go on after."""

    data: list[dict[str, Any]]
    last: str | None


class _Told(NamedTuple):
    """An event."""

    kind: str
    about: Object
    previous: Object | None
    at: datetime


class StripeSource:
    """One account's subscriptions, invoices and `cancellation_details`."""

    def __init__(self, connection: Connection) -> None:
        self._settings = settings_of(connection)
        self._client = clients.shared(self._settings)

    async def page(self, since: datetime | None, position: str | None, now: datetime) -> Page:
        """Everything: its subscriptions, then its invoices. What has changed: its events, which reach 30 days back.

        `position` is `{list}:{id}`: the id after which that list goes on.
        """
        if since is not None:
            return await self._changes(since, position)
        name, _, last = (position or "subscriptions:").partition(":")
        read = self._subscriptions if name == "subscriptions" else self._invoices
        return await read(last, now)

    async def _subscriptions(self, last: str, now: datetime) -> Page:
        # Without a status Stripe leaves out those that have ended.
        found = await self._list("subscriptions", last, status="all", expand=[f"data.{COUPONS}"])
        told = [one for subscription in found.data for one in records.looked_at(subscription, now, self._settings)]
        exits = _known(records.exit_of, [(one, now) for one in found.data])
        position = f"subscriptions:{found.last}" if found.last else "invoices:"
        return Page(states=tuple(told), exits=exits, position=position)

    async def _invoices(self, last: str, now: datetime) -> Page:
        found = await self._list("invoices", last)
        payments = _known(records.payment_of, [(one, now) for one in found.data])
        return Page(payments=payments, position=f"invoices:{found.last}" if found.last else None)

    async def _changes(self, since: datetime, position: str | None) -> Page:
        last = (position or "events:").partition(":")[2]
        asked = {"types": [*SUBSCRIPTION_EVENTS, *INVOICE_EVENTS], "created": {"gte": int(since.timestamp())}}
        found = await self._list("events", last, **asked)
        told = _in_order(found.data)
        subscriptions = [one for one in told if one.kind in SUBSCRIPTION_EVENTS]
        invoices = [(one.about, one.at) for one in told if one.kind in INVOICE_EVENTS]
        coupons = await self._coupons(one.about for one in subscriptions)
        states = [state for one in subscriptions for state in self._changed(one, coupons)]
        return Page(
            states=tuple(states),
            exits=_known(records.exit_of, [(one.about, one.at) for one in subscriptions]),
            payments=_known(records.payment_of, invoices),
            position=f"events:{found.last}" if found.last else None,
        )

    def _changed(self, told: _Told, coupons: Mapping[str, Object]) -> list[StateTold]:
        subscription = {**told.about, "discounts": [coupons.get(one, one) for one in told.about.get("discounts") or ()]}
        return records.changed(subscription, told.previous, told.at, self._settings)

    async def _coupons(self, subscriptions: Iterable[Object]) -> dict[str, Object]:
        """Events name discounts by id only: those that still hold, looked up at their subscriptions."""
        coupons: dict[str, Object] = {}
        for name in sorted({one["id"] for one in subscriptions if one.get("discounts")}):
            with suppress(Rejected):  # it is gone altogether
                present = await self._client.read("subscriptions.retrieve", name, expand=[COUPONS])
                coupons |= {one["id"]: one for one in present.get("discounts") or () if isinstance(one, dict)}
        return coupons

    async def _list(self, name: str, last: str, **wanted: Any) -> _Listed:
        after = {"starting_after": last} if last else {}
        answer = await self._client.read(f"{name}.list", limit=LIMIT, **wanted, **after)
        data = answer["data"]
        return _Listed(data, data[-1]["id"] if data and answer.get("has_more") else None)


def _in_order(events: Sequence[Object]) -> list[_Told]:
    """The oldest first, each with its moment; those of one second stay apart by microseconds."""
    seen: Counter[tuple[str, int]] = Counter()
    ordered = []
    for event in reversed(events):
        data, second = event["data"], event["created"]
        at = moment(second) + timedelta(microseconds=seen[data["object"]["id"], second])
        ordered.append(_Told(event["type"], data["object"], data.get("previous_attributes"), at))
        seen[data["object"]["id"], second] += 1
    return ordered


def _known(read: Callable[[Object, datetime], T | None], told: Sequence[tuple[Object, datetime]]) -> tuple[T, ...]:
    return tuple(one for each, at in told if (one := read(each, at)) is not None)
