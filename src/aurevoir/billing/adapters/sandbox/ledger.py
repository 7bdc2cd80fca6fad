"""One subscription of the sandbox: all that its billing system knows, and how it looks from outside. Pure.

Its days are its own: `today` stands still until somebody advances the clock (`clock.advance`).
"""

from datetime import UTC, date, datetime, time
from typing import Any, Literal

from msgspec import Struct

from aurevoir.access.facts import Interval
from aurevoir.billing.adapters.sandbox import calendar
from aurevoir.billing.snapshot import DiscountHeld, Invoice, Snapshot, Status

# Noon is on the same day for nearly everybody, summer and winter.
_NOON = time(12, tzinfo=UTC)


class Refused(Exception):
    """The sandbox does not do it, and never will; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Reduction(Struct, frozen=True, kw_only=True):
    """So much off each of the next `left` charged renewals."""

    reference: str
    percent_off: int | None = None
    amount_off: int | None = None
    left: int


class Bill(Struct, frozen=True, kw_only=True):
    """A payment beside the renewals: collected on its day, or, once declined, together with the next renewal."""

    reference: str
    what: Literal["invoice", "part"]
    amount: int
    due_on: date
    was_declined: bool = False


class Pause(Struct, frozen=True, kw_only=True):
    """Renewals are skipped from `starts_on` on; the one on `until` is charged again."""

    reference: str
    starts_on: date
    until: date
    access: Literal["keep", "stop"]


class Terms(Struct, frozen=True, kw_only=True):
    """What is paid for, and how much each time, in minor units before discounts."""

    plan: str | None = None
    amount: int | None = None
    currency: str | None = None
    interval: Interval | None = None
    quantity: int | None = None


class Change(Struct, frozen=True, kw_only=True):
    """Other terms, from the first renewal on or after a day."""

    reference: str
    starts_on: date
    terms: Terms


class Feature(Struct, frozen=True, kw_only=True):
    """Something more, until a day."""

    reference: str
    feature: str
    until: date


class Charge(Struct, frozen=True, kw_only=True):
    """Money taken; `full` is what it would have been without discounts."""

    on: date
    what: Literal["renewal", "invoice", "part"]
    amount: int
    full: int
    currency: str | None


class Ledger(Struct, frozen=True, kw_only=True):
    """A subscription, whole; one that is not known otherwise has no terms and never renews."""

    today: date
    started_on: date | None = None
    terms: Terms = Terms()
    renews_on: date | None = None
    # The day of the month that renewals keep to, where the month has it.
    anchor: int = 1
    trial_ends_on: date | None = None
    ends_on: date | None = None
    has_ended: bool = False
    reductions: tuple[Reduction, ...] = ()
    # Who pays for the coming renewals instead: the references of splits and reliefs, the next renewal first.
    covered_by: tuple[str, ...] = ()
    bills: tuple[Bill, ...] = ()
    pause: Pause | None = None
    change: Change | None = None
    features: tuple[Feature, ...] = ()
    charges: tuple[Charge, ...] = ()
    # By idempotency key: what each execution brought back.
    executed: dict[str, dict[str, str]] = {}

    @property
    def status(self) -> Status:
        """As providers would call it."""
        if self.has_ended:
            return "cancelled"
        if any(bill.was_declined for bill in self.bills):
            return "past_due"
        if self.pause and self.pause.access == "stop" and self.pause.starts_on <= self.today:
            return "paused"
        return "trialing" if self.trial_ends_on else "active"

    @property
    def invoice(self) -> Bill | None:
        """The open invoice, if there is one."""
        return next((bill for bill in self.bills if bill.what == "invoice"), None)

    @property
    def next_amount(self) -> int:
        """What the next renewal will charge, discounts taken off; 0 where somebody else pays for it."""
        return 0 if self.covered_by else reduced(self.terms.amount or 0, self.reductions)


def reduced(amount: int, reductions: tuple[Reduction, ...]) -> int:
    """`amount` with the discounts taken off one after another, half a minor unit in the customer's favour."""
    for one in reductions:
        off = one.amount_off or 0 if one.percent_off is None else (amount * one.percent_off + 50) // 100
        amount = max(amount - off, 0)
    return amount


def snapshot(ledger: Ledger, now: datetime) -> Snapshot:
    """The subscription as the sandbox tells it at `now`."""
    terms, invoice = ledger.terms, ledger.invoice
    return Snapshot(
        source="provider",
        taken_at=now,
        status=ledger.status,
        plan=terms.plan,
        amount=terms.amount,
        currency=terms.currency,
        interval=terms.interval,
        quantity=terms.quantity,
        renews_at=_moment(ledger.renews_on),
        anchor_day=ledger.anchor,
        trial_ends_at=_moment(ledger.trial_ends_on),
        ends_at=_moment(ledger.ends_on),
        paused_until=_moment(ledger.pause.until) if ledger.pause else None,
        is_changing=bool(ledger.covered_by or ledger.change),
        discounts=tuple(_held(one, ledger) for one in ledger.reductions),
        open_invoice=_invoice(invoice, terms.currency) if invoice else None,
        details=_details(ledger),
    )


def _held(one: Reduction, ledger: Ledger) -> DiscountHeld:
    # It ends with the first renewal that it does not reach.
    day, interval = ledger.renews_on, ledger.terms.interval
    for _ in range(one.left + len(ledger.covered_by)):
        day = calendar.following(day, interval, ledger.anchor) if day and interval else None
    percent = None if one.percent_off is None else str(one.percent_off)
    return DiscountHeld(reference=one.reference, percent_off=percent, amount_off=one.amount_off, ends_at=_moment(day))


def _invoice(bill: Bill, currency: str | None) -> Invoice:
    return Invoice(
        reference=bill.reference, amount_due=bill.amount, currency=currency or "", due_at=_moment(bill.due_on)
    )


def _details(ledger: Ledger) -> dict[str, Any]:
    """What has no place in a snapshot, and changes its version all the same."""
    told = {
        "covered_by": ledger.covered_by,
        "parts": [(bill.amount, bill.due_on.isoformat()) for bill in ledger.bills if bill.what == "part"],
        "change": ledger.change and ledger.change.starts_on.isoformat(),
        "features": [(one.feature, one.until.isoformat()) for one in ledger.features],
    }
    return {name: value for name, value in told.items() if value}


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, _NOON)
