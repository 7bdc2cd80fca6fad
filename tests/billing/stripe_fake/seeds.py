"""What a test begins with: a customer with a subscription, in one call."""

from typing import Literal

from msgspec import Struct

from tests.billing.stripe_fake import ledger, subscriptions
from tests.billing.stripe_fake.account import Account, Object
from tests.billing.stripe_fake.calendar import later


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A subscription as it should be; `prices` are further ones of its product: id → (amount, interval)."""

    subscription: str
    customer: str = "cus_42"
    product: str = "prod_pro"
    price: str | None = None
    amount: int = 2900
    currency: str = "eur"
    interval: Literal["day", "week", "month", "year"] = "month"
    interval_count: int = 1
    quantity: int = 1
    status: Literal["active", "trialing", "past_due", "paused", "canceled"] = "active"
    # So many days of the present period have passed.
    days_in: int = 10
    billing_mode: Literal["classic", "flexible"] = "classic"
    collection_method: Literal["charge_automatically", "send_invoice"] = "charge_automatically"
    # An invoice in this status, due in full.
    invoice: Literal["open", "draft"] | None = None
    prices: dict[str, tuple[int, str]] = {}


def plant(account: Account, seed: Seed) -> Object:
    """Make it, with what it needs; without effects, events or requests."""
    if seed.customer not in account.objects.get("customer", {}):
        ledger.create_customer(account, {"id": seed.customer})
    if seed.product not in account.objects.get("product", {}):
        ledger.create_product(account, {"id": seed.product})
    price = seed.price or f"price_{seed.product}_{seed.interval}_{seed.interval_count}_{seed.amount}"
    count = seed.interval_count
    for name, (amount, interval) in ({price: (seed.amount, seed.interval)} | seed.prices).items():
        _price(account, seed, name, amount, interval, count if name == price else 1)
    made = subscriptions.create(
        account,
        {
            "id": seed.subscription,
            "customer": seed.customer,
            "items": [{"price": price, "quantity": seed.quantity}],
            "billing_mode": {"type": seed.billing_mode},
            "collection_method": seed.collection_method,
        },
    )
    _set_back(account, made, seed)
    if seed.invoice:
        _invoice(account, made, seed)
    return made


def _price(account: Account, seed: Seed, name: str, amount: int, interval: str, count: int) -> None:
    if name not in account.objects.get("price", {}):
        recurring = {"interval": interval, "interval_count": count}
        given = {"id": name, "product": seed.product, "currency": seed.currency, "unit_amount": amount}
        ledger.create_price(account, given | {"recurring": recurring})


def _set_back(account: Account, made: Object, seed: Seed) -> None:
    start = account.now() - seed.days_in * 86_400
    made |= {"status": seed.status, "start_date": start, "billing_cycle_anchor": start}
    for item in made["items"]["data"]:
        item["current_period_start"] = start
        item["current_period_end"] = later(start, seed.interval, seed.interval_count)
        if seed.status == "trialing":
            made["trial_start"], made["trial_end"] = start, item["current_period_end"]


def _invoice(account: Account, made: Object, seed: Seed) -> None:
    total = seed.amount * seed.quantity
    new = {
        "id": account.new_id("in"),
        "status": seed.invoice,
        "subscription": made["id"],
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": made["id"]}},
        "customer": made["customer"],
        "collection_method": made["collection_method"],
        "currency": seed.currency,
        "total": total,
        "amount_due": total,
        "amount_paid": 0,
        "amount_remaining": total,
        "auto_advance": True,
        "due_date": None,
        "automatically_finalizes_at": None,
        "metadata": {},
    }
    made["latest_invoice"] = account.add("invoice", new)["id"]
