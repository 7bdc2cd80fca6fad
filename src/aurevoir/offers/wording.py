"""An agreement in a customer's language: complete terms, with prices, days and what happens by itself. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from aurevoir.billing import plan
from aurevoir.kit.calendar import Interval
from aurevoir.kit.i18n import Language, negotiate
from aurevoir.kit.money import Money
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.sentences import in_money, on_day, per_interval, sentences
from aurevoir.offers.terms import Contact, Custom, Guide, Offer


class OfferShown(Struct, frozen=True, kw_only=True):
    """The one offer, ready to show; with it accepted, this is frozen as what was agreed."""

    key: str
    kind: str
    headline: str
    body: str
    terms: tuple[str, ...]
    # Today, without the offer; and once it is accepted, with what comes next. Both, for every kind that moves a price.
    price_now: str | None = None
    price_after: str | None = None
    ends_on: date | None = None
    # Of a guide or a contact: where it leads.
    link: str | None = None
    link_label: str | None = None


def shown(agreement: Agreement, offer: Offer, language: Language) -> OfferShown:
    """Headline and body as the template has them; terms and prices as they were worked out."""
    own = [_localised(offer.terms, language)] if isinstance(offer, Custom) else []
    leads = offer if isinstance(offer, Guide | Contact) else None
    return OfferShown(
        key=agreement.offer,
        kind=agreement.kind,
        headline=_localised(offer.headline, language),
        body=_localised(offer.body, language),
        terms=(
            *own,
            *sentences(agreement, language),
            language.say("You can cancel at any time, in the same place as today."),
        ),
        price_now=_price_now(agreement, language),
        price_after=_price_after(agreement, language),
        ends_on=agreement.ends_on,
        link=leads.link if leads else None,
        link_label=_localised(leads.link_label, language) or None if leads else None,
    )


def _localised(texts: Mapping[str, str] | None, language: Language) -> str:
    return texts[negotiate(language.tag, tuple(texts))] if texts else ""


def _price_now(agreement: Agreement, language: Language) -> str | None:
    """What is paid without the offer, as things stand."""
    if agreement.price_today is None:
        return None
    price = _each(agreement.price_today, agreement.interval_today or agreement.interval, language)
    if agreement.usually_due_on is None:
        return price
    if isinstance(agreement.action, plan.ExtendTrial):
        return _until(in_money(agreement.price_under_offer, language), agreement.usually_due_on, price, language)
    return _due(price, agreement.usually_due_on, language)


def _price_after(agreement: Agreement, language: Language) -> str | None:
    """What is paid once the offer is accepted, for how long, and what comes next."""
    if agreement.price_under_offer is None:
        return None
    price = _each(agreement.price_under_offer, agreement.interval, language)
    match agreement.action:
        case plan.Split(parts=parts):
            return _in_parts(parts, agreement, language)
        case plan.Relief(due_on=date() as due_on):
            return _due(price, due_on, language)
        case plan.ChangePlan():
            first = agreement.charges[0].due_on
            return language.say("{price} from {day}", price=price, day=on_day(first, language))
    if agreement.price_afterwards is None:
        return price
    then = _each(agreement.price_afterwards, agreement.interval, language)
    return _until(price, agreement.ends_on, then, language)


def _due(price: str, day: date, language: Language) -> str:
    return language.say("{price} due on {day}", price=price, day=on_day(day, language))


def _until(price: str, day: date | None, then: str, language: Language) -> str:
    return language.say("{price} until {day}, then {then}", price=price, day=on_day(day, language), then=then)


def _in_parts(parts: Sequence[plan.Part], agreement: Agreement, language: Language) -> str:
    first, other, count = in_money(parts[0].amount, language), in_money(parts[-1].amount, language), len(parts)
    if first == other:
        said = language.say_count("One payment of {price}", "{count} payments of {price}", count, price=other)
    else:
        said = language.say_count(
            "{first}, then one payment of {price}",
            "{first}, then {count} payments of {price}",
            count - 1,
            first=first,
            price=other,
        )
    if agreement.price_afterwards is None:
        return said
    then = _each(agreement.price_afterwards, agreement.interval, language)
    return language.say("{price}; afterwards {then}", price=said, then=then)


def _each(price: Money, interval: Interval | None, language: Language) -> str:
    """Nothing is nothing, however often."""
    return per_interval(price, interval, language) if price.amount else in_money(price, language)
