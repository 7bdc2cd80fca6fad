"""An agreement in a customer's language: complete terms, with prices, days and what happens by itself. Pure."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from aurevoir.billing import plan
from aurevoir.kit.i18n import Language, negotiate
from aurevoir.offers.agreement import Agreement
from aurevoir.offers.sentences import in_money, on_day, per_interval, sentences
from aurevoir.offers.terms import Contact, Custom, Guide, Offer


class Wording(Struct, frozen=True, kw_only=True):
    """An offer, ready to show; with it accepted, this is frozen as what was agreed."""

    key: str
    kind: str
    headline: str
    body: str
    terms: tuple[str, ...]
    # With the offer, and once it has run out.
    price_now: str | None = None
    price_after: str | None = None
    ends_on: date | None = None
    # Of a guide or a contact: where it leads.
    link: str | None = None
    link_label: str | None = None


def shown(agreement: Agreement, offer: Offer, language: Language) -> Wording:
    """Headline and body as the template has them; terms and prices as they were worked out."""
    own = [_localised(offer.terms, language)] if isinstance(offer, Custom) else []
    leads = offer if isinstance(offer, Guide | Contact) else None
    return Wording(
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
    if agreement.price_now is None:
        return None
    price = in_money(agreement.price_now, language)
    each = per_interval(agreement.price_now, agreement.interval, language)
    match agreement.action:
        case plan.Holiday() | plan.ExtendTrial():
            return language.say("{price} until {day}", price=price, day=on_day(agreement.ends_on, language))
        case plan.Split(parts=parts):
            count = len(parts)
            return language.say_count(
                "One payment of {total}", "{count} payments, {total} in total", count, total=price
            )
        case plan.Relief(due_on=date() as due_on):
            return language.say("{price} on {day}", price=price, day=on_day(due_on, language))
        case plan.ChangePlan(at="period_end"):
            return language.say("{price} from {day}", price=each, day=on_day(agreement.starts_on, language))
    return each


def _price_after(agreement: Agreement, language: Language) -> str | None:
    if agreement.price_after is None or agreement.ends_on is None:
        return None
    each = per_interval(agreement.price_after, agreement.interval, language)
    return language.say("{price} from {day}", price=each, day=on_day(agreement.ends_on, language))
