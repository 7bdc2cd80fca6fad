"""The sandbox's own billing: what was agreed happens exactly, however the days are counted."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox.clock import advance
from aurevoir.billing.adapters.sandbox.effects import apply
from aurevoir.billing.adapters.sandbox.ledger import Bill, Charge, Ledger, Refused, Terms, snapshot
from aurevoir.billing.plan import Agreed, Cancel, ExtendTrial, Relief, Revert, Split, UndoCancel
from aurevoir.kit.money import Money
from tests.billing.sandbox_agreements import (
    TODAY,
    agreements,
    discounts,
    holiday,
    ledgers,
    moment,
    renewal,
    split,
)


def until(ledger: Ledger, renewals: int) -> int:
    """The days to just past so many renewals."""
    return (renewal(ledger, renewals - 1) - ledger.today).days


def charges(ledger: Ledger, what: str = "renewal") -> list[Charge]:
    return [charge for charge in ledger.charges if charge.what == what]


@given(st.data(), ledgers(), st.integers(1, 12))
def test_a_discount_discounts_exactly_so_many_renewals(data: st.DataObject, ledger: Ledger, periods: int) -> None:
    """The first ones, all of them, and none after; then it is gone."""
    discounted = advance(apply(ledger, data.draw(discounts(periods)), "k"), until(ledger, periods + 3))
    reduced = [charge.amount < charge.full for charge in charges(discounted)]

    assert reduced == [True] * periods + [False] * 3
    assert discounted.reductions == ()


@given(ledgers(), st.integers(1, 12))
def test_a_holiday_skips_exactly_so_many_renewals(ledger: Ledger, renewals: int) -> None:
    """The others are charged on the days they would have been charged anyway."""
    days = until(ledger, renewals + 3)
    without = [charge.on for charge in charges(advance(ledger, days))]
    rested = advance(apply(ledger, holiday(ledger, renewals), "k"), days)

    assert [charge.on for charge in charges(rested)] == without[renewals:]
    assert rested.pause is None


@given(ledgers(), st.sampled_from([2, 3, 4, 6, 12]))
def test_the_parts_of_a_split_add_up_to_the_renewal_they_replace(ledger: Ledger, count: int) -> None:
    """Each on its day; one renewal is not charged, the next one is."""
    agreed = split(ledger, count)
    later = advance(apply(ledger, agreed, "k"), max(until(ledger, 2), 10 * count + 60))
    paid = charges(later, "part")

    assert [charge.on for charge in paid] == [part.due_on for part in agreed.parts]
    assert sum(charge.amount for charge in paid) == ledger.terms.amount
    assert charges(later)[0].on == renewal(ledger, 1)


@given(st.data(), ledgers(), st.integers(0, 200))
def test_the_same_key_takes_effect_once(data: st.DataObject, ledger: Ledger, days: int) -> None:
    """At once, and when it is sent again much later."""
    action = data.draw(agreements(ledger))
    once = advance(apply(ledger, action, "k"), days)

    assert apply(once, action, "k") == once


@given(st.data(), ledgers(), st.integers(0, 400), st.integers(0, 400))
def test_thirty_days_twice_are_sixty(data: st.DataObject, ledger: Ledger, first: int, second: int) -> None:
    """However the days are cut, the same things happen on the same days."""
    one = apply(ledger, data.draw(agreements(ledger)), "k")
    other = apply(one, data.draw(agreements(ledger)), "l") if one.pause is None else one

    assert advance(advance(other, first), second) == advance(other, first + second)


@given(st.data(), ledgers())
def test_what_is_taken_back_at_once_never_was(data: st.DataObject, ledger: Ledger) -> None:
    """The subscription stands as before; only the keys remember."""
    agreed: Agreed = data.draw(agreements(ledger))
    done = apply(ledger, agreed, "k")
    revert = Revert(redemption="rdm_1", agreed=agreed, references=done.executed["k"])
    back = apply(done, revert, "r")
    if isinstance(agreed, Relief) and agreed.invoice:
        # An invoice that was put off falls due again; that it had been declined is past.
        ledger = replace(ledger, bills=tuple(replace(bill, was_declined=False) for bill in ledger.bills))
    if isinstance(agreed, ExtendTrial):
        back = replace(back, anchor=ledger.anchor)

    assert replace(back, executed={}) == ledger


@given(ledgers(), st.integers(0, 100), st.integers(0, 400))
def test_nothing_renews_after_the_end(ledger: Ledger, distance: int, days: int) -> None:
    """Cancelled for a day: charged before it, never on it or after it."""
    ends_on = ledger.today + timedelta(days=distance)
    gone = advance(apply(ledger, Cancel(ends_on=ends_on, declared_at=moment(TODAY)), "k"), distance + days)

    assert gone.status == "cancelled"
    assert all(charge.on < ends_on for charge in charges(gone))


def test_a_cancellation_can_be_taken_back_until_the_end() -> None:
    """Before that day it goes on as if nothing had been; afterwards it is refused."""
    leaving = apply(Ledger(today=TODAY), Cancel(ends_on=date(2026, 12, 3), declared_at=moment(TODAY)), "k")

    assert apply(leaving, UndoCancel(), "l").ends_on is None
    with pytest.raises(Refused, match="subscription_ended"):
        apply(advance(leaving, 11), UndoCancel(), "l")


def test_a_declined_payment_is_collected_on_its_new_day() -> None:
    """Deferred or split, the subscription is in good standing again, and the money comes when it was agreed."""
    ledger = _owing()
    invoice, day = ledger.invoice, TODAY + timedelta(days=20)
    assert invoice is not None
    amount = Money(invoice.amount, "EUR")
    agreed = Relief(relief="defer", amount=amount, due_on=day, invoice=invoice.reference)
    deferred = apply(ledger, agreed, "k")
    parts = split(ledger, 2).parts
    in_parts = Split(source="open_invoice", total=amount, parts=parts, term_ends_on=day, invoice=invoice.reference)

    assert (ledger.status, deferred.status) == ("past_due", "active")
    assert [charge.on for charge in advance(deferred, 25).charges if charge.what == "invoice"] == [day]
    paid = advance(apply(ledger, in_parts, "k"), 60)
    assert sum(charge.amount for charge in charges(paid, "part")) == invoice.amount
    assert charges(paid, "invoice") == []


def test_renewals_keep_to_their_day_of_the_month() -> None:
    """Who renews on the 31st pays on the last day of shorter months, and on the 31st again."""
    ledger = replace(_owing(), bills=(), renews_on=date(2027, 1, 31), anchor=31)
    days = [charge.on for charge in charges(advance(ledger, 200))]

    assert days[:4] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


@given(st.data(), ledgers())
def test_everything_that_is_agreed_changes_the_snapshot(data: st.DataObject, ledger: Ledger) -> None:
    """So that an offer worked out before it is never carried out after it."""
    before, after = ledger, apply(ledger, data.draw(agreements(ledger)), "k")

    assert snapshot(before, moment(TODAY)).version != snapshot(after, moment(TODAY)).version


def _owing() -> Ledger:
    """29 € a month, the last payment declined."""
    owed = Bill(reference="in_1", what="invoice", amount=2900, due_on=TODAY, was_declined=True)
    terms = Terms(plan="pro", amount=2900, currency="EUR", interval="month", quantity=1)
    renews_on = TODAY + timedelta(days=12)
    return Ledger(today=TODAY, terms=terms, renews_on=renews_on, anchor=renews_on.day, bills=(owed,))
