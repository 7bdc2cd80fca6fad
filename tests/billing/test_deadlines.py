"""When an order comes too late, and when what was agreed is over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox.ledger import Ledger, Terms, snapshot
from aurevoir.billing.deadlines import apply_before, ends_at
from aurevoir.billing.plan import (
    Action,
    Cancel,
    ChangePlan,
    Custom,
    Discount,
    ExtendTrial,
    GrantFeature,
    Relief,
    UndoCancel,
)
from tests.billing.sandbox_agreements import holiday, moment, split

TODAY, RENEWAL = date(2026, 11, 22), date(2026, 12, 4)
LEDGER = Ledger(
    today=TODAY, terms=Terms(amount=2900, currency="EUR", interval="month"), renews_on=RENEWAL, anchor=RENEWAL.day
)
LATER = date(2027, 1, 20)
MIDNIGHT_AFTER = datetime(2027, 1, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("action", "latest", "over"),
    [
        (Cancel(ends_on=RENEWAL, declared_at=moment(TODAY)), None, None),
        (UndoCancel(), None, None),
        (
            Discount(percent_off=50, periods=2, ends_at=moment(date(2027, 1, 4))),
            moment(RENEWAL),
            moment(date(2027, 1, 4)),
        ),
        (holiday(LEDGER, 2), moment(RENEWAL), moment(date(2027, 2, 4))),
        (split(LEDGER, 3), moment(RENEWAL), datetime(2026, 12, 25, tzinfo=UTC)),
        (Relief(relief="defer", amount=None, due_on=LATER), moment(RENEWAL), MIDNIGHT_AFTER),
        (Relief(relief="waive", amount=None, invoice="in_1"), None, None),
        (ChangePlan(plan="basic", at="period_end", effective_at=moment(RENEWAL)), moment(RENEWAL), None),
        (ChangePlan(plan="basic", at="now", effective_at=moment(TODAY)), None, None),
        (ExtendTrial(until=moment(LATER)), moment(RENEWAL), moment(LATER)),
        (GrantFeature(feature="alerts", until=LATER), MIDNIGHT_AFTER, MIDNIGHT_AFTER),
        (Custom(action="call"), None, None),
    ],
)
def test_an_order_has_the_deadline_of_what_it_changes(
    action: Action, latest: datetime | None, over: datetime | None
) -> None:
    """What is about a renewal comes too late after it; leaving never comes too late."""
    known = snapshot(replace(LEDGER, trial_ends_on=RENEWAL), moment(TODAY) + timedelta(hours=1))

    assert (apply_before(action, known), ends_at(action)) == (latest, over)


def test_without_a_snapshot_nobody_knows_the_renewal() -> None:
    """Then there is no deadline that could be named."""
    assert apply_before(Discount(percent_off=50, periods=2, ends_at=moment(LATER)), None) is None
