"""The sandbox's clock: what happens by itself as the days go by. Pure."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox.calendar import following
from aurevoir.billing.adapters.sandbox.ledger import Bill, Charge, Ledger, reduced

Happening = tuple[date, Callable[[Ledger, date], Ledger]]


def advance(ledger: Ledger, days: int) -> Ledger:
    """So many days on: ends come, payments fall due, renewals charge, each on its day; twice 30 days are 60."""
    until = ledger.today + timedelta(days=days)
    while True:
        # Of those on one day the first: what ends is not renewed, and what is owed is collected before.
        due = min((one for one in _coming(ledger) if one[0] <= until), key=lambda one: one[0], default=None)
        if due is None:
            break
        on = max(due[0], ledger.today)
        ledger = due[1](replace(ledger, today=on), on)
    kept = tuple(one for one in ledger.features if one.until >= until)
    return replace(ledger, today=until, features=kept)


def ended(ledger: Ledger, on: date) -> Ledger:
    """The subscription is over: nothing renews, and what was to pay for a further term is not collected."""
    owed = tuple(bill for bill in ledger.bills if bill.reference not in ledger.covered_by)
    return replace(
        ledger,
        ends_on=on,
        has_ended=True,
        renews_on=None,
        trial_ends_on=None,
        bills=owed,
        covered_by=(),
        pause=None,
        change=None,
        features=(),
    )


def renew(ledger: Ledger, on: date) -> Ledger:
    """The next term begins: trials convert, changes take effect, declined payments are tried again and succeed."""
    ledger = replace(ledger, trial_ends_on=None)
    if ledger.pause and ledger.pause.until <= on:
        ledger = replace(ledger, pause=None)
    if ledger.change and ledger.change.starts_on <= on:
        ledger = replace(ledger, terms=ledger.change.terms, change=None)
    for bill in ledger.bills:
        if bill.was_declined:
            ledger = _collect(ledger, bill, on)
    interval = ledger.terms.interval
    ledger = replace(ledger, renews_on=following(on, interval, ledger.anchor) if interval else None)
    return replace(ledger, covered_by=ledger.covered_by[1:]) if ledger.covered_by else _charge_renewal(ledger, on)


def _coming(ledger: Ledger) -> Iterator[Happening]:
    if ledger.ends_on and not ledger.has_ended:
        yield ledger.ends_on, ended
    for bill in ledger.bills:
        if not bill.was_declined:
            yield bill.due_on, lambda ledger, on, bill=bill: _collect(ledger, bill, on)  # type: ignore[misc]
    if ledger.renews_on:
        yield ledger.renews_on, renew


def _collect(ledger: Ledger, bill: Bill, on: date) -> Ledger:
    charge = Charge(on=on, what=bill.what, amount=bill.amount, full=bill.amount, currency=ledger.terms.currency)
    left = tuple(one for one in ledger.bills if one is not bill)
    return replace(ledger, bills=left, charges=(*ledger.charges, charge))


def _charge_renewal(ledger: Ledger, on: date) -> Ledger:
    full = ledger.terms.amount or 0
    charge = Charge(
        on=on,
        what="renewal",
        amount=reduced(full, ledger.reductions),
        full=full,
        currency=ledger.terms.currency,
    )
    counted = (replace(one, left=one.left - 1) for one in ledger.reductions)
    left = tuple(one for one in counted if one.left)
    return replace(ledger, charges=(*ledger.charges, charge), reductions=left)
