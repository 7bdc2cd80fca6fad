"""The settings of a connection to Stripe, as they stand in `gateway_connection`."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from aurevoir.access.facts import Interval
from aurevoir.billing.gateway import Connection

PRICE = "price."


class Settings(Struct, frozen=True, kw_only=True):
    """`prices` are Stripe's price ids by plan and interval, as offers of another plan name them."""

    api_key: str
    webhook_secret: str | None = None
    # Another address than Stripe's own: tests, and proxies that operators are obliged to use.
    api_base: str | None = None
    prices: Mapping[tuple[str, str], str] = {}
    # Whether a subscription with an unpaid invoice ends at once, which stops its collection, or with its period.
    past_due_cancel: Literal["now", "period_end"] = "period_end"

    def price(self, plan: str, interval: Interval) -> str | None:
        """Stripe's price of a plan, or None where none is set."""
        return self.prices.get((plan, interval))

    def plan(self, price: str) -> str | None:
        """The plan that a price of Stripe's belongs to."""
        return next((plan for (plan, _), known in self.prices.items() if known == price), None)


def settings_of(connection: Connection) -> Settings:
    """The settings, read; without an `api_key` everything but planning fails."""
    given = connection.settings
    return Settings(
        api_key=given.get("api_key", ""),
        webhook_secret=given.get("webhook_secret"),
        api_base=given.get("api_base"),
        prices=dict(_prices(given)),
        past_due_cancel="now" if given.get("past_due_cancel") == "now" else "period_end",
    )


def _prices(given: Mapping[str, str]) -> list[tuple[tuple[str, str], str]]:
    # `price.pro.year = price_1Q…`; a plan's name may have dots of its own.
    named = [(name.removeprefix(PRICE), price) for name, price in given.items() if name.startswith(PRICE)]
    return [((plan, interval), price) for (plan, _, interval), price in ((n.rpartition("."), p) for n, p in named)]
