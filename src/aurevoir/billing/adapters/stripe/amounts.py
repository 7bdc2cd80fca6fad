"""Amounts as Stripe counts them, which is not always in a currency's own minor units. Pure.

https://docs.stripe.com/currencies#special-cases
"""

from fractions import Fraction

from aurevoir.billing.gateway import Impossible
from aurevoir.kit.money import Money

# Without decimals, and still told in hundredths.
_IN_HUNDREDTHS = frozenset(("ISK", "UGX"))
# With three decimals, the last of which Stripe wants to be 0.
_IN_TENS = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def read(amount: int, currency: str) -> int:
    """An amount of Stripe's in minor units."""
    return amount // _per_minor_unit(currency)


def read_exactly(amount: Fraction, currency: str) -> Fraction:
    """The same of an amount that is rounded later."""
    return amount / _per_minor_unit(currency)


def written(money: Money) -> int:
    """The same as Stripe wants it; raises Impossible for what it cannot charge."""
    if money.currency in _IN_TENS and money.amount % 10:
        raise Impossible("amount_not_chargeable")
    return money.amount * _per_minor_unit(money.currency)


def _per_minor_unit(currency: str) -> int:
    return 100 if currency.upper() in _IN_HUNDREDTHS else 1
