"""Pipit's account page as data: what billing says, and what a cancellation changed, in the customer's words. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from aurevoir.billing.adapters.sandbox.calendar import following
from aurevoir.billing.adapters.sandbox.ledger import Ledger, Terms, reduced
from aurevoir.kit.i18n import Language, language
from aurevoir.web.demo import product
from aurevoir.web.demo.scene import Scene
from aurevoir.web.demo.words import WORDS, Words

Row = tuple[str, Sequence[str]]


class Payment(Struct, frozen=True, kw_only=True):
    """A line of the payments; `instead_of` is what it would have been without a discount."""

    number: int
    day: str
    what: str
    amount: str
    instead_of: str | None


class Account(Struct, frozen=True, kw_only=True):
    """What the page shows; `tone` is `good`, `care` or `leaving`."""

    direction: str
    plan: str
    badge: str
    tone: str
    rows: Sequence[Row]
    says: str
    button: str
    today: str
    payments: Sequence[Payment]


# The newest payments only: older ones are on another page of any product.
_SHOWN = 5


def account(scene: Scene, ledger: Ledger, *, is_leaving: bool, ends_on: date | None) -> Account:
    """The account of this scene; `is_leaving` once a cancellation was declared, which takes effect on `ends_on`."""
    words, spoken = WORDS[scene.lang], language(scene.lang)
    ends_on = ends_on if is_leaving else None
    badge, tone = _badge(ledger, words, spoken, ends_on)
    return Account(
        direction=spoken.direction,
        plan=_plan(ledger.terms),
        badge=badge,
        tone=tone,
        rows=tuple(_rows(scene, ledger, words, spoken, is_leaving=ends_on is not None)),
        says=_says(ledger, words, spoken, ends_on),
        button=words.see if is_leaving else words.cancel,
        today=words.today.format(day=spoken.date(ledger.today)),
        payments=_payments(ledger, words, spoken),
    )


def _plan(terms: Terms) -> str:
    return f"{product.NAME} {(terms.plan or '').capitalize()}"


def _badge(ledger: Ledger, words: Words, spoken: Language, ends_on: date | None) -> tuple[str, str]:
    if ledger.has_ended and ledger.ends_on:
        return words.ended.format(day=spoken.date(ledger.ends_on)), "leaving"
    if ends_on:
        return words.ends.format(day=spoken.date(ends_on)), "leaving"
    if ledger.pause and ledger.pause.access == "stop":
        begun = ledger.status == "paused"
        said, day = (words.paused, ledger.pause.until) if begun else (words.pauses, ledger.pause.starts_on)
        return said.format(day=spoken.date(day)), "care"
    return {"trialing": (words.trial, "care"), "past_due": (words.unpaid, "care")}.get(
        ledger.status, (words.active, "good")
    )


def _says(ledger: Ledger, words: Words, spoken: Language, ends_on: date | None) -> str:
    if ledger.has_ended and ledger.ends_on:
        return words.has_ended.format(day=spoken.date(ledger.ends_on))
    return words.is_leaving.format(day=spoken.date(ends_on)) if ends_on else words.may_leave


def _rows(scene: Scene, ledger: Ledger, words: Words, spoken: Language, *, is_leaving: bool) -> Iterator[Row]:
    if not ledger.has_ended:
        yield words.price, (_price(ledger, words, spoken),)
    if ledger.renews_on and not is_leaving:
        yield _renewal(ledger, ledger.renews_on, words, spoken)
    yield from _owed(ledger, words, spoken)
    if ledger.change and not is_leaving:
        terms = ledger.change.terms
        told = f"{_plan(terms)}, {_per_interval(terms.amount or 0, terms, words, spoken)}"
        yield words.changes.format(day=spoken.date(ledger.change.starts_on)), (told,)
    if ledger.features:
        until = [(words.features.get(one.feature, one.feature), spoken.date(one.until)) for one in ledger.features]
        yield words.extra, [f"{name}, {words.until.format(day=day)}" for name, day in until]
    card = words.card_failed if ledger.status == "past_due" else words.card
    yield words.payment, (words.invoice if scene.customer == "business" else card,)
    if scene.customer == "business" and ledger.started_on:
        committed = spoken.date(ledger.started_on + timedelta(days=365))
        yield words.seats, (words.seats_held,)
        yield words.commitment, (words.until.format(day=committed),)
        yield words.notice, (words.notice_days,)


def _price(ledger: Ledger, words: Words, spoken: Language) -> str:
    terms = ledger.terms
    full = _per_interval(terms.amount or 0, terms, words, spoken)
    if ledger.trial_ends_on:
        return words.afterwards.format(price=_money(ledger.next_amount, ledger, spoken))
    if not ledger.reductions:
        return full
    now = _money(reduced(terms.amount or 0, ledger.reductions), ledger, spoken)
    return words.reduced.format(now=now, day=spoken.date(_full_again(ledger)), price=full)


def _full_again(ledger: Ledger) -> date:
    """The first renewal without any discount."""
    assert ledger.renews_on, "what renews no more has no discount"
    day = ledger.renews_on
    for _ in range(max(one.left for one in ledger.reductions) + len(ledger.covered_by)):
        day = following(day, ledger.terms.interval or "month", ledger.anchor)
    return day


def _renewal(ledger: Ledger, renews_on: date, words: Words, spoken: Language) -> Row:
    day = spoken.date(renews_on)
    in_parts = any(bill.reference in ledger.covered_by for bill in ledger.bills)
    if ledger.covered_by and not in_parts:
        day = words.nothing.format(day=day)
    return words.trial_ends if ledger.trial_ends_on else words.renews, (day,)


def _owed(ledger: Ledger, words: Words, spoken: Language) -> Iterator[Row]:
    if invoice := ledger.invoice:
        said = words.declined if invoice.was_declined else words.due
        price = _money(invoice.amount, ledger, spoken)
        yield words.open_invoice, (said.format(price=price, day=spoken.date(invoice.due_on)),)
    parts = [bill for bill in ledger.bills if bill.what == "part"]
    if parts:
        told = [words.part.format(price=_money(p.amount, ledger, spoken), day=spoken.date(p.due_on)) for p in parts]
        yield words.in_parts, told


def _payments(ledger: Ledger, words: Words, spoken: Language) -> Sequence[Payment]:
    names = {"renewal": words.for_renewal, "part": words.for_part, "invoice": words.for_invoice}
    told = [
        Payment(
            number=number,
            day=spoken.date(charge.on),
            what=names[charge.what],
            amount=_money(charge.amount, ledger, spoken),
            instead_of=_money(charge.full, ledger, spoken) if charge.full != charge.amount else None,
        )
        for number, charge in enumerate(ledger.charges)
    ]
    return told[: -_SHOWN - 1 : -1]


def _per_interval(amount: int, terms: Terms, words: Words, spoken: Language) -> str:
    said = words.yearly if terms.interval == "year" else words.monthly
    return said.format(price=spoken.money(amount, terms.currency or "EUR"))


def _money(amount: int, ledger: Ledger, spoken: Language) -> str:
    return spoken.money(amount, ledger.terms.currency or "EUR")
