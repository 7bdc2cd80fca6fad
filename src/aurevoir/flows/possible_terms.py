"""Checks that an offer's terms can come true, as far as a template can tell: prices, terms, currencies, dates. Pure."""

from collections.abc import Iterator
from datetime import date

from babel.numbers import is_currency

from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.paths import can_hold
from aurevoir.flows.steps import Flow
from aurevoir.kit.calendar import MONTHS, SHORT_TO_LONG
from aurevoir.kit.conditions import Condition
from aurevoir.offers.terms import (
    Amount,
    Discount,
    FeatureGrant,
    Floor,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
    floors_of,
)

_AT_LEAST_MONTHLY = ("day", "week", "month")


def discounts_reach_every_renewal(flow: Flow) -> Iterator[Finding]:
    """Several renewals are discounted only where they come at least once a month."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, Discount):
            continue
        if offer.amount_off is not None and offer.amount_off.amount == 0:
            yield error(f"offers.{key}.amount_off.amount", "takes nothing off")
        if offer.periods > 1 and _nobody(flow, offer, Condition(attribute="interval", in_=_AT_LEAST_MONTHLY)):
            said = (
                "is more than 1, and `when` leaves only quarterly or yearly renewals, of which just one can be reduced"
            )
            yield error(f"offers.{key}.periods", said)


def parts_fill_the_term(flow: Flow) -> Iterator[Finding]:
    """The parts of a renewal are whole months apart; what may be a credit for consumers is pointed out."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, SplitPayment):
            continue
        fitting = tuple(interval for interval, months in MONTHS.items() if months % offer.parts == 0)
        of_renewal = offer.source == "next_renewal"
        if of_renewal and _nobody(flow, offer, Condition(attribute="interval", in_=fitting)):
            said = (
                f"is {offer.parts}, which needs renewals by the {' or '.join(fitting)}, and `when` leaves none of these"
            )
            yield error(f"offers.{key}.parts", said)
        if offer.eu_consumers:
            said = "lets consumers in the EU pay in parts, which can count as credit (Directive (EU) 2023/2225)"
            yield warning(f"offers.{key}.eu_consumers", f"{said}: take advice first")


def holidays_are_short(flow: Flow) -> Iterator[Finding]:
    """Renewals may be months or years."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, PaymentHoliday) or offer.renewals == 1:
            continue
        if not _nobody(flow, offer, Condition(attribute="interval", is_="year")):
            said = f"would be {offer.renewals} years for yearly subscriptions: name the `interval` in `when`"
            yield warning(f"offers.{key}.renewals", said)


def changes_say_their_price(flow: Flow) -> Iterator[Finding]:
    """Another plan or interval has a stated price, and a shorter interval begins when the paid one ends."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, PlanChange):
            continue
        if (offer.plan or offer.interval) and offer.price is None:
            yield error(f"offers.{key}.price", "is missing: what will a renewal cost?", "FE-10")
        if offer.at == "now" and offer.interval is not None:
            not_longer = SHORT_TO_LONG[: SHORT_TO_LONG.index(offer.interval) + 1]
            if _nobody(flow, offer, Condition(attribute="interval", in_=not_longer)):
                yield error(f"offers.{key}.at", "must be `period_end`: a longer period is paid already")


def subscriptions_fit(flow: Flow) -> Iterator[Finding]:
    """Each kind is for subscriptions in some states: only a trial can be extended, say."""
    for key, offer in flow.offers.items():
        fitting = _statuses(offer)
        # A token that says nothing of it stands for an active subscription.
        unsaid = Condition(not_=Condition(attribute="status", exists=True))
        with_unsaid = (unsaid,) if "active" in fitting else ()
        if fitting and _nobody(flow, offer, Condition(any=(Condition(attribute="status", in_=fitting), *with_unsaid))):
            said = f"leaves nobody whose `status` is {' or '.join(fitting)}, and nobody else can be made this offer"
            yield error(f"offers.{key}.when", said)


def _statuses(offer: Offer) -> tuple[str, ...]:
    """Those in which the offer can be had, as tokens name them; none where it makes no difference."""
    match offer:
        case TrialExtension():
            return ("trialing",)
        case PlanChange():
            return ("active", "trialing")
        case SplitPayment(source="open_invoice") | PaymentRelief(invoice="open"):
            return ("active", "past_due", "unpaid")
        case Discount() | PaymentHoliday() | SplitPayment() | PaymentRelief():
            return ("active",)
        case _:
            return ()


def changes_differ(flow: Flow) -> Iterator[Finding]:
    """A change to what everybody has who could be made it is none."""
    for key, offer in flow.offers.items():
        if not isinstance(offer, PlanChange):
            continue
        wanted = {"plan": offer.plan, "quantity": offer.quantity, "interval": offer.interval}
        others = tuple(_differs(name, value) for name, value in wanted.items() if value is not None)
        if others and _nobody(flow, offer, Condition(any=others)):
            yield error(f"offers.{key}.when", "leaves only those who have what they would change to")


def _differs(attribute: str, value: str | int) -> Condition:
    """Something else, or nothing that is known."""
    exists = Condition(attribute=attribute, exists=True)
    same = Condition(attribute=attribute, is_=value)
    return Condition(any=(Condition(not_=exists), Condition(not_=same)))


def grants_lie_ahead(flow: Flow, today: date) -> Iterator[Finding]:
    """A feature until a day that has passed is given to nobody."""
    for key, offer in flow.offers.items():
        if isinstance(offer, FeatureGrant) and offer.until is not None and offer.until <= today:
            yield warning(f"offers.{key}.until", "has passed, so nobody is made this offer any more")


def floors_hold(flow: Flow) -> Iterator[Finding]:
    """A floor is complete, stands once for its plan, and leaves room for the offer."""
    for key, offer in flow.offers.items():
        seen: set[tuple[str, str]] = set()
        for path, floor in _floors(key, offer):
            if (floor.plan, floor.currency) in seen:
                yield error(path, f"is a second floor for `{floor.plan}` in {floor.currency}")
            seen.add((floor.plan, floor.currency))
            if (floor.amount is None) is (floor.cost is None):
                yield error(path, "needs exactly one of amount and cost")
            elif (floor.cost is None) is not (floor.margin_percent is None):
                yield error(path, "needs cost and margin_percent together")
            else:
                yield from _leaves_room(flow, key, offer, path, floor)


def _leaves_room(flow: Flow, key: str, offer: Offer, path: str, floor: Floor) -> Iterator[Finding]:
    if isinstance(offer, PlanChange):
        yield from _price_above(key, offer, path, floor)
    elif isinstance(offer, Discount) and offer.amount_off and offer.amount_off.currency != floor.currency:
        yield error(f"{path}.currency", f"is not {offer.amount_off.currency}, as amount_off is")
    elif isinstance(offer, Discount):
        plan = Condition(attribute="plan", is_=floor.plan)
        full_price = _least_full_price(offer, floor)
        if _nobody(flow, offer, plan):
            yield warning(path, f"has no effect: `when` leaves nobody on `{floor.plan}`")
        elif full_price is None:
            yield error(f"offers.{key}.percent_off", f"takes everything off, and {path} keeps a price")
        elif _nobody(flow, offer, plan, Condition(attribute="amount", at_least=full_price)):
            said = f"can never be kept: `when` leaves no one on `{floor.plan}` who pays {full_price} or more"
            yield error(path, said)


def _price_above(key: str, offer: PlanChange, path: str, floor: Floor) -> Iterator[Finding]:
    if offer.plan is not None and floor.plan != offer.plan:
        yield warning(path, f"has no effect: the offer leads to `{offer.plan}`")
    elif offer.price is not None and offer.price.currency != floor.currency:
        yield error(f"{path}.currency", f"is not {offer.price.currency}, as price is")
    elif offer.price is not None and offer.price.amount < floor.lowest:
        yield error(f"offers.{key}.price.amount", f"is {offer.price.amount}, below the floor of {floor.lowest}")


def _least_full_price(offer: Discount, floor: Floor) -> int | None:
    """The lowest full price from which the discount leads to no less than the floor; None: there is none."""
    if offer.amount_off is not None:
        return floor.lowest + offer.amount_off.amount if floor.lowest else 0
    percent = offer.percent_off or 0
    if percent == 100:
        return None if floor.lowest else 0
    # What is taken off is rounded half up, so that this much remains: ceil((floor * 100 - 49) / (100 - percent)).
    return max(0, -(-(floor.lowest * 100 - 49) // (100 - percent)))


def money_is_money(flow: Flow) -> Iterator[Finding]:
    """Currencies exist, an offer keeps to one, and a budget is more than nothing."""
    for key, offer in flow.offers.items():
        amounts = dict(_amounts(key, offer))
        for path, amount in amounts.items():
            if not is_currency(amount.currency):
                yield error(f"{path}.currency", f"`{amount.currency}` is no currency")
        budget = offer.limits.budget_per_month if offer.limits else None
        if budget is None:
            continue
        path = f"offers.{key}.limits.budget_per_month"
        if budget.amount == 0:
            yield error(f"{path}.amount", "is 0, so nobody could be made this offer")
        if isinstance(offer, Discount) and offer.amount_off and offer.amount_off.currency != budget.currency:
            yield error(f"{path}.currency", f"is not {offer.amount_off.currency}, as amount_off is")


def favours_differ(flow: Flow) -> Iterator[Finding]:
    """What is asked in return is asked once."""
    for key, offer in flow.offers.items():
        codes = [favour.code for favour in offer.in_return]
        for index, code in enumerate(codes):
            if code in codes[:index]:
                path = f"offers.{key}.in_return[{index}].code"
                yield error(path, f"`{code}` is already used by in_return[{codes.index(code)}]")


def _nobody(flow: Flow, offer: Offer, *more: Condition) -> bool:
    """Whether `when`, which holds for somebody, holds for nobody of whom `more` is true as well."""
    if offer.when is None or not can_hold(offer.when, flow):
        return False
    return not can_hold(Condition(all=(offer.when, *more)), flow)


def _floors(key: str, offer: Offer) -> Iterator[tuple[str, Floor]]:
    path = f"offers.{key}.floor"
    for index, floor in enumerate(floors_of(offer)):
        yield (path if isinstance(getattr(offer, "floor", None), Floor) else f"{path}[{index}]"), floor


def _amounts(key: str, offer: Offer) -> Iterator[tuple[str, Amount | Floor]]:
    yield from _floors(key, offer)
    if offer.limits is not None and offer.limits.budget_per_month is not None:
        yield f"offers.{key}.limits.budget_per_month", offer.limits.budget_per_month
    for name in ("amount_off", "price"):
        amount = getattr(offer, name, None)
        if isinstance(amount, Amount):
            yield f"offers.{key}.{name}", amount
