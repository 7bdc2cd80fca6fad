"""What happens at the next renewal: another plan, or the same price in parts, by a subscription schedule. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from aurevoir.billing.adapters.stripe import amounts, moments, steps
from aurevoir.billing.adapters.stripe.connecting import Settings
from aurevoir.billing.adapters.stripe.moments import seconds
from aurevoir.billing.adapters.stripe.reading import Details, Item, details_of
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.plan import ChangePlan, Split, Step
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import Interval

_LENGTHS: dict[Interval, dict[str, Any]] = {
    "day": {"interval": "day", "interval_count": 1},
    "week": {"interval": "week", "interval_count": 1},
    "month": {"interval": "month", "interval_count": 1},
    "quarter": {"interval": "month", "interval_count": 3},
    "year": {"interval": "year", "interval_count": 1},
}
_YEAR = _LENGTHS["year"]


def split(_: Settings, subscription: str, action: Split, snapshot: Snapshot, marker: str, now: datetime) -> list[Step]:
    """The coming year in equal parts: a price of its own for a year, then the yearly one again."""
    if action.source != "next_renewal":
        raise Impossible("only_next_renewal")
    details = steps.unmanaged(details_of(snapshot))
    renews_at, interval = moments.renewal(snapshot)
    moments.deadline(snapshot, now)
    months, rest = divmod(12, len(action.parts))
    if interval != "year" or rest:
        raise Impossible("not_by_months")
    if snapshot.discounts:
        raise Impossible("already_discounted")
    phases = [
        _present(details, snapshot, renews_at),
        _parts(action, details.item, months),
        {"items": [_as_is(details.item)], "duration": _YEAR, **_fresh()},
    ]
    return _scheduled(subscription, marker, phases, snapshot, now)


def _parts(action: Split, item: Item, months: int) -> dict[str, Any]:
    first, part = (amounts.written(one.amount) for one in (action.parts[0], action.parts[-1]))
    money = {"currency": action.total.currency.lower(), "product": item.product}
    price = {**money, "recurring": {"interval": "month", "interval_count": months}, **_unit(part, item.quantity)}
    phase = {"items": [_taxed(item, {"price_data": price, "quantity": item.quantity})], "duration": _YEAR, **_fresh()}
    if first == part:
        return phase
    remainder = {"price_data": {**money, "unit_amount": first - part}}
    return {**phase, "add_invoice_items": [_taxed(item, remainder)]}


def _unit(amount: int, quantity: int) -> dict[str, Any]:
    """The price of one, so that `quantity` of them cost `amount`: Stripe rounds the product, from twelve decimals."""
    unit, rest = divmod(amount, quantity)
    return {"unit_amount": unit} if not rest else {"unit_amount_decimal": f"{Decimal(amount) / quantity:.12f}"}


def change_plan(
    settings: Settings, subscription: str, action: ChangePlan, snapshot: Snapshot, marker: str, now: datetime
) -> list[Step]:
    """Now, with what was paid already credited; or when the period ends."""
    details = steps.unmanaged(details_of(snapshot))
    item, (renews_at, present) = details.item, moments.renewal(snapshot)
    interval = action.interval or present
    price = _price(settings, action, snapshot, item, interval)
    quantity = action.quantity or item.quantity
    if action.at == "now":
        return [_at_once(subscription, item, price, quantity, marker)]
    moments.deadline(snapshot, now)
    following = {"items": [_taxed(item, {"price": price, "quantity": quantity})], "duration": _LENGTHS[interval]}
    phases = [_present(details, snapshot, renews_at), following | _fresh()]
    return _scheduled(subscription, marker, phases, snapshot, now)


def _at_once(subscription: str, item: Item, price: str, quantity: int, marker: str) -> Step:
    before = {"item": item.id, "price": item.price, "quantity": str(item.quantity)}
    return steps.change_items(subscription, marker, {"id": item.id, "price": price, "quantity": quantity}, before)


def _price(settings: Settings, action: ChangePlan, snapshot: Snapshot, item: Item, interval: Interval) -> str:
    if action.plan is None and action.interval is None:
        return item.price
    found = settings.price(action.plan or snapshot.plan or "", interval)
    if found is None:
        raise Impossible("price_not_known")
    return found


def _scheduled(
    subscription: str, marker: str, phases: list[dict[str, Any]], snapshot: Snapshot, now: datetime
) -> list[Step]:
    kept = [phase | _kept(snapshot) for phase in phases]
    return [
        steps.begin_schedule(subscription, now),
        steps.fill_schedule(marker, phases=kept, end_behavior="release", proration_behavior="none"),
    ]


def _present(details: Details, snapshot: Snapshot, until: datetime) -> dict[str, Any]:
    """The phase that runs already: it must be said again, as it is."""
    # A trial that is not said again ends at once, and is charged.
    trial = {"trial": True} if snapshot.status == "trialing" else {}
    return {
        **trial,
        "items": [_as_is(item) for item in details.items],
        "start_date": details.period_start,
        "end_date": seconds(until),
        "proration_behavior": "none",
    }


def _fresh() -> dict[str, str]:
    return {"billing_cycle_anchor": "phase_start", "proration_behavior": "none"}


def _as_is(item: Item) -> dict[str, Any]:
    return _taxed(item, {"price": item.price, "quantity": item.quantity})


def _taxed(item: Item, given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "tax_rates": list(item.tax_rates)} if item.tax_rates else given


def _kept(snapshot: Snapshot) -> dict[str, Any]:
    """What a phase loses when it is not said again."""
    details = details_of(snapshot)
    kept: dict[str, Any] = {"default_tax_rates": list(details.tax_rates)} if details.tax_rates else {}
    if details.automatic_tax:
        kept["automatic_tax"] = {"enabled": True}
    if details.payment_method:
        kept["default_payment_method"] = details.payment_method
    if snapshot.discounts:
        kept["discounts"] = [{"discount": one.reference} for one in snapshot.discounts]
    return kept
