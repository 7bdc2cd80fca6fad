"""When a declared cancellation takes effect, and what Dana must know about it. Pure."""

from datetime import date, timedelta

from msgspec import Struct

from aurevoir.access.facts import SubscriptionFacts
from aurevoir.kit.calendar import DAYS, MONTHS, Interval, later

_OWING = frozenset({"past_due", "unpaid"})


class Ending(Struct, frozen=True, kw_only=True):
    """The end of a subscription as far as the facts tell it; None is unknown and is left out, never invented."""

    effective_on: date | None
    # The last day a charge falls before the end; None when there is none, or when it cannot be known.
    last_charge_on: date | None = None
    charged_again: bool | None = None
    access_until: date | None = None
    refund: str | None = None


def ending(facts: SubscriptionFacts, today: date) -> Ending:
    """The end if it is declared `today`, the workspace's day: that of the paid period.

    Not before the commitment ends and the notice has passed: they move the effective date, never the receipt.
    """
    earliest = today + timedelta(days=facts.notice_days or 0)
    if facts.commitment_ends_on is not None:
        earliest = max(earliest, facts.commitment_ends_on)
    ends_on = _period_end(facts, earliest)
    return Ending(
        effective_on=ends_on,
        last_charge_on=_last_charge(facts, ends_on),
        charged_again=_charged_again(facts, ends_on),
        access_until=facts.access_until or ends_on,
        # Nothing is given back of a period that is not paid, and nothing need be said of it.
        refund=None if facts.refund == "none" and facts.status in _OWING else facts.refund,
    )


def _charged_again(facts: SubscriptionFacts, ends_on: date | None) -> bool | None:
    if ends_on is None or facts.renews_on is None:
        return None
    # Whoever owes an invoice may still be charged for it: nobody here can promise that they will not.
    return True if ends_on > facts.renews_on else None if facts.status in _OWING else False


def _period_end(facts: SubscriptionFacts, earliest: date) -> date | None:
    if facts.renews_on is None:
        return facts.access_until or (earliest if facts.notice_days or facts.commitment_ends_on else None)
    if facts.interval is None:
        return max(facts.renews_on, earliest)
    try:
        return later(facts.renews_on, facts.interval, _periods(facts.renews_on, facts.interval, earliest))
    except (OverflowError, ValueError):
        # Beyond the last day there is: billing systems write "never" as the end of the year 9999.
        return earliest


def _last_charge(facts: SubscriptionFacts, ends_on: date | None) -> date | None:
    if ends_on is None or facts.renews_on is None or facts.interval is None or ends_on <= facts.renews_on:
        return None
    return later(facts.renews_on, facts.interval, _periods(facts.renews_on, facts.interval, ends_on) - 1)


def _periods(renews_on: date, interval: Interval, until: date) -> int:
    """How many intervals after `renews_on` the first renewal falls that is not before `until`."""
    if interval in DAYS:
        return max(0, -((renews_on - until).days // DAYS[interval]))
    months = (until.year - renews_on.year) * 12 + until.month - renews_on.month
    periods = max(0, months // MONTHS[interval])
    return periods + (later(renews_on, interval, periods) < until)


def monthly(facts: SubscriptionFacts) -> int | None:
    """The monthly recurring revenue in minor units, rounded half to even; 0 on trial, None where it is unknown.

    month × 1, quarter ÷ 3, year ÷ 12, week × 52 ÷ 12, day × 365 ÷ 12.
    """
    if facts.amount is None or facts.currency is None or facts.interval is None:
        return None
    if facts.status == "trialing":
        return 0
    per_year = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}[facts.interval]
    return round(facts.amount * per_year / 12)
