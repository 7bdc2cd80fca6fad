"""When a cancellation takes effect: the paid period, the notice and the commitment."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurevoir.access.facts import Interval, SubscriptionFacts
from aurevoir.kit.calendar import later
from aurevoir.sessions import ending as endings

TODAY = date(2026, 11, 21)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
intervals: st.SearchStrategy[Interval] = st.sampled_from(["day", "week", "month", "quarter", "year"])


@given(
    renews_on=days,
    interval=intervals,
    commitment=st.none() | days,
    notice=st.none() | st.integers(0, 730),
)
def test_it_ends_with_the_first_period_that_ends_late_enough(
    renews_on: date, interval: Interval, commitment: date | None, notice: int | None
) -> None:
    """Not before notice and commitment, and not a period later; the last charge is the renewal before it."""
    facts = SubscriptionFacts(
        id="-", renews_on=renews_on, interval=interval, commitment_ends_on=commitment, notice_days=notice
    )
    ends = endings.ending(facts, TODAY)
    earliest = max(TODAY + timedelta(days=notice or 0), commitment or TODAY)
    renewals = [renews_on]
    while renewals[-1] < earliest:
        renewals.append(later(renews_on, interval, len(renewals)))

    assert ends.effective_on == renewals[-1]
    assert ends.last_charge_on == (renewals[-2] if len(renewals) > 1 else None)
    assert ends.charged_again == (len(renewals) > 1)


def test_nothing_is_invented() -> None:
    """Without a date there is no end to tell, no charge and no access."""
    ends = endings.ending(SubscriptionFacts(id="-"), TODAY)

    assert (ends.effective_on, ends.charged_again, ends.access_until, ends.refund) == (None, None, None, None)


@pytest.mark.parametrize("status", ["past_due", "unpaid"])
def test_an_unpaid_invoice_may_still_be_collected(status: str) -> None:
    """No promise that nothing will be charged, and no word of a period that was paid."""
    facts = SubscriptionFacts(id="-", renews_on=TODAY, interval="month", refund="none", status=status)
    bound = SubscriptionFacts(id="-", renews_on=TODAY, interval="month", notice_days=30, status=status)

    assert (endings.ending(facts, TODAY).charged_again, endings.ending(facts, TODAY).refund) == (None, None)
    assert endings.ending(bound, TODAY).charged_again is True


@pytest.mark.parametrize(
    ("amount", "interval", "status", "monthly"),
    [
        (2900, "month", "active", 2900),
        (8700, "quarter", "active", 2900),
        (29_000, "year", "active", 2417),
        (1000, "week", "active", 4333),
        (100, "day", "active", 3042),
        (2900, "month", "trialing", 0),
        (None, "month", "active", None),
        (2900, None, "active", None),
    ],
)
def test_the_monthly_revenue(amount: int | None, interval: Interval | None, status: str, monthly: int | None) -> None:
    """In minor units; a trial pays nothing, and what is unknown stays so."""
    facts = SubscriptionFacts(id="-", amount=amount, currency="EUR", interval=interval, status=status)

    assert endings.monthly(facts) == monthly
