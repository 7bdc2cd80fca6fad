"""Money as every layer passes it on: minor units and a currency, never converted."""

from msgspec import Struct


class Money(Struct, frozen=True):
    """1200 EUR is twelve euros; 1200 JPY is twelve hundred yen."""

    amount: int
    currency: str
