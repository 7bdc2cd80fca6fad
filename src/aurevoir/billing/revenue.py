"""What a price comes to in a month: the one formula behind every recurring amount. Pure."""

from decimal import Decimal
from fractions import Fraction

from aurevoir.kit.calendar import Interval

_PER_YEAR: dict[Interval, int] = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}


def per_month(amount: int | Decimal, interval: Interval, count: int = 1) -> Fraction:
    """`amount`, charged every `count` intervals, by the month, exact: round only what was added up.

    year ÷ 12, quarter ÷ 3, week × 52 ÷ 12, day × 365 ÷ 12.
    """
    return Fraction(amount) * _PER_YEAR[interval] / 12 / count
