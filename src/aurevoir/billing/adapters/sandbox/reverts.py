"""How what was agreed is taken back, as far as it has not run out; what was paid meanwhile stays paid. Pure."""

from datetime import date
from functools import singledispatch
from typing import Any

import msgspec
from msgspec.structs import replace

from aurevoir.billing.adapters.sandbox.calendar import following
from aurevoir.billing.adapters.sandbox.ledger import Bill, Ledger, Refused, Terms
from aurevoir.billing.plan import (
    ChangePlan,
    Custom,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Relief,
    Split,
)


@singledispatch
def taken_back(_agreed: Any, _ledger: Ledger, _done: dict[str, str]) -> Ledger:
    """The subscription without it; the last argument is what its execution brought back. Raises Refused."""
    raise Refused("not_supported")


@taken_back.register
def _(_: Discount, ledger: Ledger, done: dict[str, str]) -> Ledger:
    left = tuple(one for one in ledger.reductions if one.reference != done["key"])
    return replace(ledger, reductions=left)


@taken_back.register
def _(_: Holiday, ledger: Ledger, done: dict[str, str]) -> Ledger:
    if ledger.pause is None or ledger.pause.reference != done["key"]:
        return ledger
    # The first renewal that has not been skipped already.
    day = ledger.pause.starts_on
    while day <= ledger.today and ledger.terms.interval:
        day = following(day, ledger.terms.interval, ledger.anchor)
    return replace(ledger, pause=None, renews_on=day)


@taken_back.register
def _(_: Split, ledger: Ledger, done: dict[str, str]) -> Ledger:
    key = done["key"]
    others = tuple(bill for bill in ledger.bills if bill.reference != key)
    if key in ledger.covered_by:
        return replace(ledger, bills=others, covered_by=_without(ledger.covered_by, key))
    owed = sum(bill.amount for bill in ledger.bills if bill.reference == key)
    rest = (Bill(reference=key, what="invoice", amount=owed, due_on=ledger.today),) if owed else ()
    return replace(ledger, bills=(*others, *rest))


@taken_back.register
def _(agreed: Relief, ledger: Ledger, done: dict[str, str]) -> Ledger:
    key = done["key"]
    if key in ledger.covered_by:
        others = tuple(bill for bill in ledger.bills if bill.reference != key)
        return replace(ledger, bills=others, covered_by=_without(ledger.covered_by, key))
    if agreed.relief == "waive":
        # An invoice that was waived is gone.
        raise Refused("cannot_be_taken_back")
    wanted = agreed.invoice or key
    now_due = (replace(bill, due_on=ledger.today) if bill.reference == wanted else bill for bill in ledger.bills)
    return replace(ledger, bills=tuple(now_due))


@taken_back.register
def _(agreed: ChangePlan, ledger: Ledger, done: dict[str, str]) -> Ledger:
    if agreed.at == "period_end" and ledger.change and ledger.change.reference == done["key"]:
        return replace(ledger, change=None)
    stood = {name: value for name, value in done.items() if name != "key"}
    return replace(ledger, terms=msgspec.convert(stood, Terms, strict=False))


@taken_back.register
def _(_: ExtendTrial, ledger: Ledger, done: dict[str, str]) -> Ledger:
    if ledger.trial_ends_on is None:
        return ledger
    until = max(date.fromisoformat(done["trial_ends_on"]), ledger.today)
    return replace(ledger, trial_ends_on=until, renews_on=until, anchor=until.day)


@taken_back.register
def _(_: GrantFeature, ledger: Ledger, done: dict[str, str]) -> Ledger:
    return replace(ledger, features=tuple(one for one in ledger.features if one.reference != done["key"]))


@taken_back.register
def _(_: Custom, ledger: Ledger, __: dict[str, str]) -> Ledger:
    return ledger


def _without(references: tuple[str, ...], reference: str) -> tuple[str, ...]:
    place = references.index(reference)
    return references[:place] + references[place + 1 :]
