"""What may be agreed with a subscription, one action of each kind, worked out from what its gateway says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from aurevoir.billing.plan import (
    Action,
    ActionKind,
    Cancel,
    ChangePlan,
    Custom,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Part,
    Relief,
    Split,
    UndoCancel,
)
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import later
from aurevoir.kit.money import Money

# What kind of subscription an action needs.
Sort = Literal["monthly", "yearly", "trial"]
NEEDED: dict[ActionKind, Sort] = {"split_payment": "yearly", "trial_extension": "trial"}


def agreed(kind: ActionKind, snapshot: Snapshot, now: datetime) -> Action:
    """An action of this kind that fits the subscription."""
    assert snapshot.renews_at
    return _MADE[kind](snapshot.renews_at, now)


def in_parts(total: int, count: int, first: datetime, currency: str = "EUR") -> Split:
    """The renewal at `first` in parts over its year; the first one takes the remainder."""
    part = total // count
    amounts = (total - part * (count - 1), *[part] * (count - 1))
    days = [later(first, "month", 12 // count * number).date() for number in range(count)]
    parts = tuple(Part(Money(amount, currency), day) for amount, day in zip(amounts, days, strict=True))
    term_ends_on = later(first, "year", 1).date()
    return Split(source="next_renewal", total=Money(total, currency), parts=parts, term_ends_on=term_ends_on)


_MADE: dict[ActionKind, Callable[[datetime, datetime], Action]] = {
    "cancel": lambda renewal, now: Cancel(ends_on=renewal.date(), declared_at=now, category="unused"),
    "undo_cancel": lambda _, __: UndoCancel(),
    "discount": lambda renewal, _: Discount(percent_off=30, periods=3, ends_at=later(renewal, "month", 2)),
    "payment_holiday": lambda renewal, _: Holiday(
        renewals=2, access="keep", starts_at=renewal, resumes_at=later(renewal, "month", 2)
    ),
    "split_payment": lambda renewal, _: in_parts(2900, 3, renewal),
    "payment_relief": lambda _, __: Relief(relief="waive", amount=Money(2900, "EUR")),
    "plan_change": lambda renewal, _: ChangePlan(
        quantity=3, price=Money(8700, "EUR"), at="period_end", effective_at=renewal
    ),
    "trial_extension": lambda renewal, _: ExtendTrial(until=renewal + timedelta(days=14)),
    "feature_grant": lambda renewal, _: GrantFeature(feature="reports", until=renewal.date()),
    "custom": lambda _, __: Custom(action="send_chocolate"),
}
KINDS: tuple[ActionKind, ...] = tuple(_MADE)
