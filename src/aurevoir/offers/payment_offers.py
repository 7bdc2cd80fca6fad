"""Working out offers about one payment: split into parts, deferred, or waived. Pure."""

from datetime import date, timedelta

from msgspec.structs import replace

from aurevoir.billing import plan
from aurevoir.billing.gateway import Impossible
from aurevoir.kit.calendar import MONTHS
from aurevoir.kit.money import Money
from aurevoir.offers import prices
from aurevoir.offers.case import Agreement, Case, Charge
from aurevoir.offers.terms import PaymentRelief, SplitPayment


def split_payment(offer: SplitPayment, case: Case) -> Agreement:
    """The next renewal, or an invoice that is due, in parts over the term that it pays for."""
    return _split_invoice(offer, case) if offer.source == "open_invoice" else _split_renewal(offer, case)


def _split_renewal(offer: SplitPayment, case: Case) -> Agreement:
    renewals = case.renewals("active")
    months, rest = divmod(MONTHS.get(renewals.interval, 0), offer.parts)
    if rest or not months:
        raise Impossible("term_too_short")
    if prices.held_at(renewals.snapshot, renewals.at(1)):
        # It would be taken off every part once more.
        raise Impossible("already_discounted")
    due = [case.day(renewals.months_on(months * number)) for number in range(offer.parts)]
    parts = _in_parts(offer, case, renewals.price(1), due, renewals.on(2))
    after = Charge(renewals.price(2), renewals.on(2))
    return replace(parts, price_afterwards=after.amount, interval=renewals.interval, charges=(*parts.charges, after))


def _split_invoice(offer: SplitPayment, case: Case) -> Agreement:
    invoice, due_on = case.open_invoice()
    first = case.from_today(due_on)
    snapshot = case.subscription()
    if snapshot.renews_at is None or snapshot.renews_at <= case.now:
        raise Impossible("no_renewal")
    term_ends_on = case.day(snapshot.renews_at)
    span = (term_ends_on - first).days
    if span < offer.parts:
        raise Impossible("term_too_short")
    due = [first + timedelta(days=span * number // offer.parts) for number in range(offer.parts)]
    parts = _in_parts(offer, case, Money(invoice.amount_due, invoice.currency), due, term_ends_on, invoice.reference)
    return replace(parts, usually_due_on=due_on, charges=(*parts.charges, *case.next_charge()))


def _in_parts(
    offer: SplitPayment, case: Case, total: Money, due: list[date], term_ends_on: date, invoice: str | None = None
) -> Agreement:
    if total.amount < offer.parts:
        raise Impossible("amount_too_small")
    amounts = prices.equal_parts(total.amount, offer.parts)
    parts = tuple(plan.Part(Money(amount, total.currency), on) for amount, on in zip(amounts, due, strict=True))
    return Agreement(
        offer=case.key,
        kind="split_payment",
        action=plan.Split(source=offer.source, total=total, parts=parts, term_ends_on=term_ends_on, invoice=invoice),
        price_today=total,
        price_under_offer=total,
        starts_on=due[0],
        ends_on=term_ends_on,
        charges=tuple(Charge(part.amount, part.due_on) for part in parts),
    )


def payment_relief(offer: PaymentRelief, case: Case) -> Agreement:
    """One invoice falls due later, or never; everything after it is as usual."""
    if offer.invoice == "open":
        invoice, due_on = case.open_invoice()
        return _relief(
            offer,
            case,
            Charge(Money(invoice.amount_due, invoice.currency), due_on),
            case.next_charge(),
            invoice.reference,
        )
    renewals = prices.undisturbed(case.renewals("active"))
    following = (Charge(renewals.price(2), renewals.on(2)),)
    return _relief(offer, case, Charge(renewals.price(1), renewals.on(1)), following)


def _relief(
    offer: PaymentRelief, case: Case, due: Charge, following: tuple[Charge, ...], invoice: str | None = None
) -> Agreement:
    waived = offer.relief == "waive"
    counted_from = case.from_today(due.due_on)
    due_on = None if waived else counted_from + timedelta(days=offer.days or 0)
    own = () if due_on is None else (Charge(due.amount, due_on),)
    return Agreement(
        offer=case.key,
        kind="payment_relief",
        action=plan.Relief(relief=offer.relief, amount=due.amount, due_on=due_on, invoice=invoice),
        price_today=due.amount,
        price_under_offer=Money(0, due.amount.currency) if waived else due.amount,
        usually_due_on=due.due_on,
        starts_on=counted_from,
        ends_on=due_on,
        charges=tuple(sorted((*own, *following), key=lambda charge: charge.due_on)),
        cost=due.amount if waived else None,
    )
