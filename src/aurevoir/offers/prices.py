"""What the coming renewals of a subscription charge, and when; sums in minor units. Pure."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import DiscountHeld, Snapshot
from aurevoir.kit.calendar import Interval, later
from aurevoir.kit.money import Money


class Renewals(Struct, frozen=True, kw_only=True):
    """The coming renewals of a subscription, numbered from 1."""

    snapshot: Snapshot
    zone: ZoneInfo
    first: datetime
    interval: Interval
    amount: int
    currency: str

    def at(self, number: int) -> datetime:
        """The moment of a renewal; billing systems count months in UTC."""
        return self.first if number == 1 else later(self.first, self.interval, number - 1, self.snapshot.anchor_day)

    def months_on(self, months: int) -> datetime:
        """So many months after the first one."""
        return later(self.first, "month", months, self.snapshot.anchor_day) if months else self.first

    def on(self, number: int) -> date:
        """Its day, where the operator is."""
        return day(self.at(number), self.snapshot, self.zone)

    def price(self, number: int) -> Money:
        """What it charges as things stand, with the discounts that are held by then."""
        return Money(net(self.amount, self.snapshot, self.at(number)), self.currency)


def renewals(snapshot: Snapshot, now: datetime, zone: ZoneInfo) -> Renewals:
    """The renewals after `now`; raises Impossible where the price, the interval or the next one is unknown."""
    if snapshot.amount is None or snapshot.currency is None:
        raise Impossible("no_amount")
    if snapshot.interval is None or snapshot.renews_at is None:
        raise Impossible("no_renewal")
    if snapshot.renews_at <= now:
        raise Impossible("renewal_passed")
    return Renewals(
        snapshot=snapshot,
        zone=zone,
        first=snapshot.renews_at.astimezone(UTC),
        interval=snapshot.interval,
        amount=snapshot.amount,
        currency=snapshot.currency,
    )


def day(moment: datetime, snapshot: Snapshot, zone: ZoneInfo) -> date:
    """The day of a moment in `zone`; a token states days and no moments, so they stay the days that they are."""
    return moment.astimezone(UTC if snapshot.source == "token" else zone).date()


def net(amount: int, snapshot: Snapshot, at: datetime) -> int:
    """`amount` less the discounts that are held at that moment, one after another."""
    for held in held_at(snapshot, at):
        if held.percent_off is not None:
            amount -= share(amount, held.percent_off)
        amount = max(0, amount - (held.amount_off or 0))
    return amount


def held_at(snapshot: Snapshot, at: datetime) -> tuple[DiscountHeld, ...]:
    """The discounts that reach a renewal at that moment."""
    return tuple(held for held in snapshot.discounts if held.ends_at is None or held.ends_at > at)


def undisturbed(renewals: Renewals) -> Renewals:
    """The same, unless a discount is running out: its clock goes on while renewals stand still. Raises Impossible."""
    if any(held.ends_at is not None for held in held_at(renewals.snapshot, renewals.at(1))):
        raise Impossible("already_discounted")
    return renewals


def share(amount: int, percent: int | str) -> int:
    """So many percent of `amount`, half a minor unit rounded up: what is taken off is never less than was said."""
    return int((Decimal(percent) * amount / 100).to_integral_value(ROUND_HALF_UP))


def equal_parts(total: int, count: int) -> tuple[int, ...]:
    """`total` in equal parts that add up to it exactly; the first takes the remainder."""
    part = total // count
    return (total - part * (count - 1), *[part] * (count - 1))
