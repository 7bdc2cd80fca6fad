"""Working out offers about renewals, what they charge and when: discount, holiday, plan change, trial. Pure."""

from datetime import timedelta

from aurevoir.billing import plan
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import Snapshot
from aurevoir.kit.calendar import SHORT_TO_LONG
from aurevoir.kit.money import Money
from aurevoir.offers import prices
from aurevoir.offers.case import Agreement, Case, Charge
from aurevoir.offers.terms import Discount, PaymentHoliday, PlanChange, TrialExtension


def discount(offer: Discount, case: Case) -> Agreement:
    """So much off each of the next renewals, then the full price again."""
    renewals = case.renewals("active")
    if offer.periods > 1 and renewals.interval in ("quarter", "year"):
        # Providers count the months of a discount, not its renewals: some would be missed.
        raise Impossible("interval_too_long")
    if prices.held_at(renewals.snapshot, renewals.at(1)):
        raise Impossible("already_discounted")
    full, ends_on = Money(renewals.amount, renewals.currency), renewals.on(offer.periods + 1)
    reduced = Money(full.amount - taken_off(offer, full), full.currency)
    charges = [Charge(reduced, renewals.on(number)) for number in range(1, offer.periods + 1)]
    return Agreement(
        offer=case.key,
        kind="discount",
        action=plan.Discount(
            percent_off=offer.percent_off,
            amount_off=Money(offer.amount_off.amount, full.currency) if offer.amount_off else None,
            periods=offer.periods,
            ends_at=renewals.at(offer.periods),
        ),
        price_today=full,
        price_under_offer=reduced,
        price_afterwards=full,
        interval=renewals.interval,
        starts_on=renewals.on(1),
        ends_on=ends_on,
        charges=(*charges, Charge(full, ends_on)),
        cost=Money((full.amount - reduced.amount) * offer.periods, full.currency),
    )


def taken_off(offer: Discount, full: Money) -> int:
    """What one renewal is reduced by: never more than it costs."""
    if offer.amount_off is None:
        return prices.share(full.amount, offer.percent_off or 0)
    if offer.amount_off.currency != full.currency:
        raise Impossible("other_currency")
    return min(offer.amount_off.amount, full.amount)


def holiday(offer: PaymentHoliday, case: Case) -> Agreement:
    """The next renewals are skipped; the one after them charges as usual."""
    renewals, resumes = prices.undisturbed(case.renewals("active")), offer.renewals + 1
    forgone = sum(renewals.price(number).amount for number in range(1, resumes))
    return Agreement(
        offer=case.key,
        kind="payment_holiday",
        action=plan.Holiday(
            renewals=offer.renewals,
            access=offer.access,
            starts_at=renewals.at(1),
            resumes_at=renewals.at(resumes),
        ),
        price_today=renewals.price(1),
        price_under_offer=Money(0, renewals.currency),
        price_afterwards=renewals.price(resumes),
        interval=renewals.interval,
        starts_on=renewals.on(1),
        ends_on=renewals.on(resumes),
        charges=(Charge(renewals.price(resumes), renewals.on(resumes)),),
        cost=Money(forgone, renewals.currency),
    )


def plan_change(offer: PlanChange, case: Case) -> Agreement:
    """Another plan, quantity or interval, from today or from the next renewal on, until somebody changes it again."""
    renewals = case.renewals("active", "trialing")
    snapshot, now = renewals.snapshot, offer.at == "now"
    interval = offer.interval or renewals.interval
    if not _changes(offer, snapshot):
        raise Impossible("nothing_to_change")
    if now and SHORT_TO_LONG.index(interval) < SHORT_TO_LONG.index(renewals.interval):
        # It would be charged at once for a period that is paid already.
        raise Impossible("only_at_period_end")
    price = _new_price(offer, snapshot, renewals.currency)
    # A new interval begins with a payment; otherwise the next one is that of the next renewal.
    at_once = now and interval != renewals.interval
    charged = Money(prices.net(price.amount, snapshot, case.now if at_once else renewals.at(1)), price.currency)
    return Agreement(
        offer=case.key,
        kind="plan_change",
        action=plan.ChangePlan(
            plan=offer.plan,
            quantity=offer.quantity,
            interval=offer.interval,
            price=price,
            at=offer.at,
            effective_at=case.now if now else renewals.at(1),
        ),
        price_today=renewals.price(1),
        price_under_offer=charged,
        interval=interval,
        interval_today=renewals.interval,
        starts_on=case.today if now else renewals.on(1),
        charges=(Charge(charged, case.today if at_once else renewals.on(1)),),
    )


def _changes(offer: PlanChange, snapshot: Snapshot) -> bool:
    wanted = ((offer.plan, snapshot.plan), (offer.quantity, snapshot.quantity), (offer.interval, snapshot.interval))
    return any(new is not None and new != present for new, present in wanted)


def _new_price(offer: PlanChange, snapshot: Snapshot, currency: str) -> Money:
    """What a renewal will charge; for another quantity alone, in proportion. Raises Impossible if nobody can tell."""
    several = (snapshot.quantity or 1) > 1
    if offer.price is not None:
        if offer.price.currency != currency:
            raise Impossible("other_currency")
        if several and offer.quantity is None:
            # The price of one, or of them all? Whatever is said here must be what is charged.
            raise Impossible("price_unknown")
        return Money(offer.price.amount, currency)
    if offer.plan or offer.interval or offer.quantity is None or not snapshot.quantity or snapshot.amount is None:
        raise Impossible("price_unknown")
    amount, rest = divmod(snapshot.amount * offer.quantity, snapshot.quantity)
    if rest:
        raise Impossible("price_unknown")
    return Money(amount, currency)


def trial_extension(offer: TrialExtension, case: Case) -> Agreement:
    """The trial ends later, and with it the first payment falls due later."""
    snapshot = case.at_rest("trialing")
    trial_ends_at = snapshot.trial_ends_at or snapshot.renews_at
    if snapshot.amount is None or snapshot.currency is None:
        raise Impossible("no_amount")
    if trial_ends_at is None or trial_ends_at <= case.now:
        raise Impossible("no_renewal")
    until = trial_ends_at + timedelta(days=offer.days)
    usual, price = (prices.net(snapshot.amount, snapshot, at) for at in (trial_ends_at, until))
    first, ends_on = Money(price, snapshot.currency), case.day(until)
    return Agreement(
        offer=case.key,
        kind="trial_extension",
        action=plan.ExtendTrial(until=until),
        price_today=Money(usual, snapshot.currency),
        price_under_offer=Money(0, snapshot.currency),
        price_afterwards=first,
        interval=snapshot.interval,
        usually_due_on=case.day(trial_ends_at),
        starts_on=case.today,
        ends_on=ends_on,
        charges=(Charge(first, ends_on),),
    )
