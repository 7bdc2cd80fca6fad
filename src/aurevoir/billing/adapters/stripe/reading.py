"""A subscription of Stripe's as a snapshot. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from aurevoir.billing.adapters.stripe import amounts
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.moments import moment
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import DiscountHeld, Invoice, Snapshot, Status
from aurevoir.kit.calendar import Interval

# What `subscriptions.retrieve` must be asked to bring along.
EXPANDED = ("discounts.source.coupon", "schedule", "customer.discount.source.coupon")
MARKER = "exit_rdm"

Object = Mapping[str, Any]
_STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "active": "active",
        "trialing": "trialing",
        "past_due": "past_due",
        "unpaid": "past_due",
        "incomplete": "past_due",
        "paused": "paused",
        "canceled": "cancelled",
        "incomplete_expired": "cancelled",
    }
)
_INTERVALS: Mapping[tuple[str, int], Interval] = MappingProxyType(
    {
        ("day", 1): "day",
        ("week", 1): "week",
        ("month", 1): "month",
        ("month", 3): "quarter",
        ("month", 12): "year",
        ("year", 1): "year",
    }
)


class Item(Struct, frozen=True, kw_only=True):
    """One of the prices that a subscription pays."""

    id: str
    price: str
    product: str
    quantity: int = 1
    tax_rates: tuple[str, ...] = ()


class Details(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What only this adapter understands of a snapshot."""

    items: tuple[Item, ...]
    period_start: int
    flexible: bool = False
    collection: str = "charge_automatically"
    # The schedule that manages it, and whether we made it.
    schedule: str | None = None
    is_ours: bool = False
    cancels_at_period_end: bool = False
    # The renewal's invoice while it is a draft, about an hour.
    draft: str | None = None
    # Something was paid on the open invoice already.
    partly_paid: bool = False
    tax_rates: tuple[str, ...] = ()
    automatic_tax: bool = False
    payment_method: str | None = None

    @property
    def item(self) -> Item:
        """The only item; raises Impossible where there are several."""
        if len(self.items) != 1:
            raise Impossible("several_items")
        return self.items[0]


def details_of(snapshot: Snapshot | None) -> Details:
    """The details of a snapshot that this adapter took; raises Impossible for any other."""
    if snapshot is None or snapshot.source != "provider":
        raise Impossible("billing_not_reached")
    return msgspec.convert(snapshot.details, Details)


def snapshot_of(settings: Settings, found: Object, invoices: Sequence[Object], now: datetime) -> Snapshot:
    """The subscription as it is; `invoices` are those that are open or drafts, the newest first."""
    items = found["items"]["data"]
    item, pause = items[0], found.get("pause_collection")
    held = _status(found["status"], pause)
    renews_at = moment(min(one["current_period_end"] for one in items))
    due = [invoice for invoice in invoices if invoice["status"] == "open"]
    return Snapshot(
        source="provider",
        taken_at=now,
        status=held,
        plan=plan_of(settings, item["price"]),
        amount=_amount(items, found["currency"]),
        currency=found["currency"].upper(),
        interval=interval_of(item["price"]),
        quantity=item.get("quantity") if len(items) == 1 else None,
        renews_at=renews_at,
        anchor_day=moment(int(found["billing_cycle_anchor"])).day,
        trial_ends_at=moment(found.get("trial_end")) if held == "trialing" else None,
        ends_at=moment(found.get("cancel_at")) or (renews_at if found.get("cancel_at_period_end") else None),
        paused_until=moment(pause.get("resumes_at")) if pause else None,
        discounts=tuple(_discount(one, found["currency"]) for one in _discounts(found)),
        open_invoice=_invoice(due[-1]) if due else None,
        details=msgspec.to_builtins(_details(found, invoices)),
    )


def interval_of(price: Object) -> Interval | None:
    """How often a price is charged, where we have a word for it."""
    recurring = price.get("recurring") or {}
    return _INTERVALS.get((recurring.get("interval", ""), recurring.get("interval_count", 1)))


def plan_of(settings: Settings, price: Object) -> str:
    """The plan that a price belongs to: the operator's own name for it, else the price's key, else its product."""
    return settings.plan(price["id"]) or price.get("lookup_key") or _id(price["product"])


def _status(status: str, pause: Object | None) -> Status:
    # With collection paused Stripe goes on to say `active`.
    return "paused" if pause and status == "active" else _STATUSES[status]


def _amount(items: Sequence[Object], currency: str) -> int | None:
    """Of one renewal; None where only Stripe can tell, or where the items renew at different times."""
    renewals = {(interval_of(one["price"]), one["current_period_end"]) for one in items}
    if len(renewals) > 1 or not all(_is_fixed(one, currency) for one in items):
        return None
    total = sum(int(one["price"]["unit_amount"]) * int(one.get("quantity", 1)) for one in items)
    return amounts.read(total, currency)


def _is_fixed(item: Object, currency: str) -> bool:
    """Whether an item costs its price's amount times its quantity: no tiers, use, packages or discounts of its own."""
    price = item["price"]
    return (
        price.get("unit_amount") is not None
        and (price.get("recurring") or {}).get("usage_type") != "metered"
        and not price.get("transform_quantity")
        and not item.get("discounts")
        # A price may have amounts in several currencies; the one that it shows is its default.
        and price.get("currency", currency) == currency
    )


def _discounts(found: Object) -> Sequence[Object]:
    """The subscription's own; its customer's reaches it only where it has none."""
    own, customer = found.get("discounts") or (), found.get("customer")
    theirs = None if customer is None or isinstance(customer, str) else customer.get("discount")
    return own or ((theirs,) if theirs else ())


def _discount(found: Object, currency: str) -> DiscountHeld:
    coupon = found["source"].get("coupon") or {}
    percent = coupon.get("percent_off")
    return DiscountHeld(
        reference=found["id"],
        percent_off=None if percent is None else f"{percent:g}",
        amount_off=amounts.read(coupon["amount_off"], currency) if coupon.get("amount_off") else None,
        ends_at=moment(found.get("end")),
    )


def _invoice(found: Object) -> Invoice:
    return Invoice(
        reference=found["id"],
        amount_due=amounts.read(found["amount_remaining"], found["currency"]),
        currency=found["currency"].upper(),
        due_at=moment(found.get("due_date")),
    )


def _details(found: Object, invoices: Sequence[Object]) -> Details:
    schedule = found.get("schedule") or {}
    items = found["items"]["data"]
    drafts = [invoice["id"] for invoice in invoices if invoice["status"] == "draft"]
    return Details(
        items=tuple(_item(one) for one in items),
        period_start=items[0]["current_period_start"],
        flexible=(found.get("billing_mode") or {}).get("type") == "flexible",
        collection=found["collection_method"],
        schedule=schedule.get("id"),
        is_ours=MARKER in (schedule.get("metadata") or {}),
        cancels_at_period_end=bool(found.get("cancel_at_period_end")),
        draft=drafts[0] if drafts else None,
        partly_paid=any(invoice["status"] == "open" and invoice["amount_paid"] for invoice in invoices),
        tax_rates=tuple(_id(rate) for rate in found.get("default_tax_rates") or ()),
        automatic_tax=bool((found.get("automatic_tax") or {}).get("enabled")),
        payment_method=_id(found["default_payment_method"]) if found.get("default_payment_method") else None,
    )


def _item(found: Object) -> Item:
    return Item(
        id=found["id"],
        price=found["price"]["id"],
        product=_id(found["price"]["product"]),
        quantity=found.get("quantity", 1),
        tax_rates=tuple(_id(rate) for rate in found.get("tax_rates") or ()),
    )


def _id(found: Any) -> str:
    return str(found if isinstance(found, str) else found["id"])
