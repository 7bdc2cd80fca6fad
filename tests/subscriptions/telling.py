"""What a billing system tells of Dana's subscription."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aurevoir.billing.plan import SubscriptionRef
from aurevoir.billing.source import ExitTold, PaymentTold, State, StateTold
from tests.cast import DANA

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DANAS = SubscriptionRef(DANA.id, DANA.subscription)
ACTIVE = State(status="active", mrr=2900, currency="EUR", plan="pro", interval="month", quantity=1)
LEFT = State(status="cancelled", mrr=0, currency="EUR", ended_by="unknown")


def day(number: float) -> datetime:
    """So many days after the beginning of 2026."""
    return BEGIN + timedelta(days=number)


def held(state: State, since: float | None, told: float | None = None, *, assumed: bool = False) -> StateTold:
    """That a state holds since a day; told on that day unless said otherwise."""
    told_at = day(told if told is not None else since or 0)
    return StateTold(
        subscription=DANAS, state=state, since=None if since is None else day(since), told_at=told_at, assumed=assumed
    )


def paid(reference: str = "in_1", **changes: Any) -> PaymentTold:
    """A payment of 29 €, on the tenth day."""
    usual: dict[str, Any] = {
        "reference": reference,
        "customer": DANA.id,
        "subscription": DANA.subscription,
        "amount": 2900,
        "currency": "EUR",
        "status": "paid",
        "paid_at": day(10),
        "told_at": day(10),
    }
    return PaymentTold(**(usual | changes))


def gone(**changes: Any) -> ExitTold:
    """That Dana left on the twentieth day, because it was too expensive."""
    usual: dict[str, Any] = {
        "subscription": DANAS,
        "ended_at": day(20),
        "ended_by": "customer",
        "category": "too_expensive",
        "feedback": "too_expensive",
        "comment": "It was nice.",
        "told_at": day(21),
    }
    return ExitTold(**(usual | changes))
