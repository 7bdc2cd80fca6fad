"""Subscriptions of the sandbox and what may be agreed with them, invented by Hypothesis."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox.calendar import following
from aurevoir.billing.adapters.sandbox.ledger import Bill, Ledger, Terms
from aurevoir.billing.plan import (
    Agreed,
    ChangePlan,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Part,
    Relief,
    Split,
)
from aurevoir.kit.money import Money

TODAY = date(2026, 11, 22)


def moment(day: date) -> datetime:
    """As snapshots and agreements give days."""
    return datetime.combine(day, time(12), UTC)


def renewal(ledger: Ledger, number: int) -> date:
    """The day of a coming renewal, 0 for the next one."""
    assert ledger.renews_on
    assert ledger.terms.interval
    day = ledger.renews_on
    for _ in range(number):
        day = following(day, ledger.terms.interval, ledger.anchor)
    return day


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Somebody who pays, is on trial, or owes an invoice."""
    today = TODAY + timedelta(days=draw(st.integers(0, 800)))
    renews_on = today + timedelta(days=draw(st.integers(1, 60)))
    amount = draw(st.integers(100, 100_000))
    paying = Ledger(
        today=today,
        terms=Terms(
            plan="pro",
            amount=amount,
            currency="EUR",
            interval=draw(st.sampled_from(["week", "month", "quarter", "year"])),
            quantity=draw(st.integers(1, 20)),
        ),
        renews_on=renews_on,
        anchor=renews_on.day,
    )
    owed = Bill(reference="in_1", what="invoice", amount=amount, due_on=today, was_declined=True)
    return draw(st.sampled_from([paying, replace(paying, trial_ends_on=renews_on), replace(paying, bills=(owed,))]))


def discounts(periods: int) -> st.SearchStrategy[Discount]:
    """Off the next renewals, by percent or amount."""
    percent = st.integers(1, 100).map(lambda off: Discount(percent_off=off, periods=periods, ends_at=moment(TODAY)))
    amount = st.integers(1, 200_000).map(
        lambda off: Discount(amount_off=Money(off, "EUR"), periods=periods, ends_at=moment(TODAY))
    )
    return percent | amount


def holiday(ledger: Ledger, renewals: int, access: str = "keep") -> Holiday:
    """The next renewals are skipped."""
    starts, resumes = renewal(ledger, 0), renewal(ledger, renewals)
    return Holiday(renewals=renewals, access=access, starts_at=moment(starts), resumes_at=moment(resumes))  # type: ignore[arg-type]


def split(ledger: Ledger, count: int) -> Split:
    """The next renewal in so many parts, ten days apart."""
    total, first = ledger.terms.amount or 0, renewal(ledger, 0)
    amounts = [total // count + (total % count if number == 0 else 0) for number in range(count)]
    parts = tuple(Part(Money(amount, "EUR"), first + timedelta(days=10 * n)) for n, amount in enumerate(amounts))
    return Split(source="next_renewal", total=Money(total, "EUR"), parts=parts, term_ends_on=renewal(ledger, 1))


@st.composite
def agreements(draw: st.DrawFn, ledger: Ledger) -> Agreed:
    """Anything that can be agreed with this subscription."""
    later = ledger.today + timedelta(days=draw(st.integers(1, 90)))
    amount = Money(ledger.terms.amount or 0, "EUR")
    possible: list[Agreed] = [
        draw(discounts(draw(st.integers(1, 6)))),
        holiday(ledger, draw(st.integers(1, 4)), draw(st.sampled_from(["keep", "stop"]))),
        split(ledger, draw(st.sampled_from([2, 3, 4, 6, 12]))),
        Relief(relief="defer", amount=amount, due_on=later),
        Relief(relief="waive", amount=amount),
        ChangePlan(plan="basic", price=Money(900, "EUR"), at="now", effective_at=moment(ledger.today)),
        ChangePlan(interval="year", price=amount, at="period_end", effective_at=moment(renewal(ledger, 0))),
        GrantFeature(feature="transcripts", until=later),
    ]
    if ledger.trial_ends_on:
        possible.append(ExtendTrial(until=moment(ledger.trial_ends_on + timedelta(days=14))))
    if ledger.invoice:
        possible.append(Relief(relief="defer", amount=amount, due_on=later, invoice=ledger.invoice.reference))
    return draw(st.sampled_from(possible))
