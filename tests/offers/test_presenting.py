"""Until when an offer holds that was shown."""

from datetime import UTC, date, datetime, timedelta

import pytest

from aurevoir.billing.plan import Agreed, Custom, Discount, GrantFeature, Part, Split
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.money import Money
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.presenting import MARGIN, Presented, honoured_until

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OVER = NOW + timedelta(hours=24)
RENEWS = NOW + timedelta(hours=10)
BILLING = Snapshot(source="provider", taken_at=NOW, status="active", amount=2900, currency="EUR", renews_at=RENEWS)

HALF = Discount(percent_off=50, periods=1, ends_at=RENEWS)
TOTAL = Money(2900, "EUR")
PARTS = (Part(TOTAL, date(2026, 12, 1)),)
RENEWAL_IN_PARTS = Split(source="next_renewal", total=TOTAL, parts=PARTS, term_ends_on=date(2027, 1, 1))
INVOICE_IN_PARTS = Split(source="open_invoice", total=TOTAL, parts=PARTS, term_ends_on=date(2027, 1, 1), invoice="in_1")


def agreed(action: Agreed | None) -> Agreement:
    """An agreement about this."""
    return Agreement(offer="any", kind="any", action=action)


@pytest.mark.parametrize(
    ("action", "until"),
    [
        (HALF, RENEWS - MARGIN),
        (RENEWAL_IN_PARTS, RENEWS - MARGIN),
        (INVOICE_IN_PARTS, OVER),
        (GrantFeature(feature="reports", until=date(2027, 1, 1)), OVER),
        (Custom(action="mug"), OVER),
        (None, OVER),
    ],
)
def test_an_offer_holds_until_the_renewal_that_it_changes(action: Agreed | None, until: datetime) -> None:
    """Or to the end of the visit, where no renewal is concerned."""
    assert honoured_until(agreed(action), BILLING, OVER) == until


def test_a_visit_that_ends_first_ends_it() -> None:
    """A far renewal keeps no offer alive."""
    assert honoured_until(agreed(HALF), BILLING, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("version", "now", "holds"),
    [
        (BILLING.version, NOW, True),
        (BILLING.version, RENEWS, False),
        ("another", NOW, False),
        (None, NOW, True),
        (None, OVER, False),
    ],
)
def test_it_holds_while_billing_says_the_same(version: str | None, now: datetime, holds: bool) -> None:
    """What billing has no part in holds whatever billing says."""
    presented = Presented(agreement=agreed(HALF), snapshot_version=version, honoured_until=RENEWS - MARGIN)

    assert presented.holds(BILLING, now) is holds
    assert presented.holds(None, now) is (holds and version is None)
