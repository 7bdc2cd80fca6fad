"""What each action does to a subscription of the sandbox. Pure."""

from functools import singledispatch
from typing import Any

from msgspec.structs import asdict, replace

from aurevoir.billing.adapters.sandbox import clock, reverts
from aurevoir.billing.adapters.sandbox.ledger import (
    Bill,
    Change,
    Feature,
    Ledger,
    Pause,
    Reduction,
    Refused,
    Terms,
)
from aurevoir.billing.plan import (
    Action,
    Cancel,
    ChangePlan,
    Custom,
    Discount,
    ExtendTrial,
    GrantFeature,
    Holiday,
    Relief,
    Revert,
    Split,
    UndoCancel,
)


def apply(ledger: Ledger, action: Action, key: str) -> Ledger:
    """The subscription after `action`; a key that was executed before changes nothing. Raises Refused."""
    if key in ledger.executed:
        return ledger
    if ledger.has_ended and not isinstance(action, Cancel):
        raise Refused("subscription_ended")
    changed = _effect(action, ledger, key)
    return replace(changed, executed=ledger.executed | {key: _references(action, ledger, key)})


def _references(action: Action, before: Ledger, key: str) -> dict[str, str]:
    """What taking it back will need: the key, and what stood there before."""
    stood: dict[str, Any] = {}
    if isinstance(action, ChangePlan):
        stood = asdict(before.terms)
    elif isinstance(action, ExtendTrial):
        stood = {"trial_ends_on": before.trial_ends_on}
    return {"key": key} | {name: str(value) for name, value in stood.items() if value is not None}


@singledispatch
def _effect(_action: Any, _ledger: Ledger, _key: str) -> Ledger:
    raise Refused("not_supported")


@_effect.register
def _(action: Cancel, ledger: Ledger, _: str) -> Ledger:
    if ledger.has_ended:
        return ledger
    ends_on = max(action.ends_on or ledger.today, ledger.today)
    return replace(ledger, ends_on=ends_on) if ends_on > ledger.today else clock.ended(ledger, ends_on)


@_effect.register
def _(_: UndoCancel, ledger: Ledger, __: str) -> Ledger:
    return replace(ledger, ends_on=None)


@_effect.register
def _(action: Discount, ledger: Ledger, key: str) -> Ledger:
    amount = action.amount_off.amount if action.amount_off else None
    given = Reduction(reference=key, percent_off=action.percent_off, amount_off=amount, left=action.periods)
    return replace(ledger, reductions=(*ledger.reductions, given))


@_effect.register
def _(action: Holiday, ledger: Ledger, key: str) -> Ledger:
    if ledger.pause:
        raise Refused("already_paused")
    until = action.resumes_at.date()
    pause = Pause(reference=key, starts_on=action.starts_at.date(), until=until, access=action.access)
    return replace(ledger, pause=pause, renews_on=until)


@_effect.register
def _(action: Split, ledger: Ledger, key: str) -> Ledger:
    parts = tuple(Bill(reference=key, what="part", amount=p.amount.amount, due_on=p.due_on) for p in action.parts)
    if action.source == "next_renewal":
        return replace(ledger, bills=(*ledger.bills, *parts), covered_by=(*ledger.covered_by, key))
    invoice = _find_invoice(ledger, action.invoice)
    return replace(ledger, bills=tuple(bill for bill in ledger.bills if bill is not invoice) + parts)


@_effect.register
def _(action: Relief, ledger: Ledger, key: str) -> Ledger:
    if action.invoice is None:
        deferred = () if action.due_on is None else (_deferred(action, ledger, key),)
        return replace(ledger, bills=(*ledger.bills, *deferred), covered_by=(*ledger.covered_by, key))
    invoice = _find_invoice(ledger, action.invoice)
    others = tuple(bill for bill in ledger.bills if bill is not invoice)
    if action.due_on is None:
        return replace(ledger, bills=others)
    return replace(ledger, bills=(*others, replace(invoice, due_on=action.due_on, was_declined=False)))


@_effect.register
def _(action: ChangePlan, ledger: Ledger, key: str) -> Ledger:
    terms = _changed(action, ledger.terms)
    if action.at == "period_end":
        return replace(ledger, change=Change(reference=key, starts_on=action.effective_at.date(), terms=terms))
    if terms.interval == ledger.terms.interval:
        return replace(ledger, terms=terms)
    # Another interval begins, and is charged, today.
    return clock.renew(replace(ledger, terms=terms, anchor=ledger.today.day), ledger.today)


@_effect.register
def _(action: ExtendTrial, ledger: Ledger, _: str) -> Ledger:
    if ledger.trial_ends_on is None:
        raise Refused("no_trial")
    until = action.until.date()
    return replace(ledger, trial_ends_on=until, renews_on=until, anchor=until.day)


@_effect.register
def _(action: GrantFeature, ledger: Ledger, key: str) -> Ledger:
    given = Feature(reference=key, feature=action.feature, until=action.until)
    return replace(ledger, features=(*ledger.features, given))


@_effect.register
def _(_: Custom, ledger: Ledger, __: str) -> Ledger:
    # The product does it; that it was asked for is what the sandbox remembers.
    return ledger


@_effect.register
def _(action: Revert, ledger: Ledger, _: str) -> Ledger:
    return reverts.taken_back(action.agreed, ledger, action.references)


def _find_invoice(ledger: Ledger, reference: str | None) -> Bill:
    invoices = [bill for bill in ledger.bills if bill.what == "invoice" and reference in (None, bill.reference)]
    if not invoices:
        raise Refused("no_such_invoice")
    return invoices[0]


def _deferred(action: Relief, ledger: Ledger, key: str) -> Bill:
    assert action.due_on is not None, "what is deferred falls due some day"
    amount = action.amount.amount if action.amount else ledger.terms.amount or 0
    return Bill(reference=key, what="invoice", amount=amount, due_on=action.due_on)


def _changed(action: ChangePlan, terms: Terms) -> Terms:
    given = {"plan": action.plan, "quantity": action.quantity, "interval": action.interval}
    amount = terms.amount
    if action.price:
        amount = action.price.amount
    elif action.quantity and terms.quantity and amount is not None:
        amount = amount * action.quantity // terms.quantity
    return replace(terms, amount=amount, **{name: value for name, value in given.items() if value is not None})
