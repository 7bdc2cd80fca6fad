"""What may be given to keep a customer: one Struct per kind, each with complete terms."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from aurevoir.kit.conditions import Condition
from aurevoir.kit.struct import (
    Currency,
    Key,
    LocalisedLabel,
    LocalisedLong,
    LocalisedShort,
    MinorUnits,
    ShortText,
    Strict,
    Url,
)

Periods = Annotated[int, Meta(ge=1, le=36)]


class Amount(Strict, frozen=True, kw_only=True):
    """Money in minor units: 1200 EUR is twelve euros."""

    amount: MinorUnits
    currency: Currency


class Floor(Strict, frozen=True, kw_only=True):
    """The price below which a renewal of this plan may not be brought: an `amount`, or what leaves a margin."""

    plan: ShortText
    currency: Currency
    # Exactly one of the two: the lowest price itself, or what the plan costs the operator with the share of the
    # price (in percent) that must remain.
    amount: MinorUnits | None = None
    cost: MinorUnits | None = None
    margin_percent: Annotated[int, Meta(ge=0, le=99)] | None = None

    @property
    def lowest(self) -> int:
        """The lowest price allowed, in minor units; a margin is rounded up, in its own favour."""
        if self.amount is not None:
            return self.amount
        return -(-(self.cost or 0) * 100 // (100 - (self.margin_percent or 0)))


# One, or one for each plan and currency.
Floors = Floor | Annotated[tuple[Floor, ...], Meta(min_length=1, max_length=50)]


class Favour(Strict, frozen=True, kw_only=True):
    """Something that a customer who stays may be willing to do; asked only after acceptance, never a condition."""

    code: Key
    label: LocalisedShort


class Limits(Strict, frozen=True, kw_only=True):
    """How often and how much may be given; months are the workspace's, money is counted against list prices."""

    once_every_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    per_month: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    budget_per_month: Amount | None = None


class OfferCommon(Strict, frozen=True, kw_only=True, tag_field="kind"):
    """What every kind of offer says: its words, whom it is for, how often, what is asked in return."""

    headline: LocalisedShort
    body: LocalisedLong | None = None
    accept_label: LocalisedLabel | None = None
    decline_label: LocalisedLabel | None = None
    when: Condition | None = None
    limits: Limits | None = None
    in_return: Annotated[tuple[Favour, ...], Meta(max_length=5)] = ()


class Discount(OfferCommon, frozen=True, kw_only=True, tag="discount"):
    """A percentage or an amount off the next `periods` renewals; exactly one of the two."""

    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    amount_off: Amount | None = None
    periods: Periods
    floor: Floors | None = None


class SplitPayment(OfferCommon, frozen=True, kw_only=True, tag="split_payment"):
    """One payment in equal parts over the same term."""

    parts: Literal[2, 3, 4, 6, 12]
    source: Literal["next_renewal", "open_invoice"] = "next_renewal"
    # Instalments for consumers can be credit in the EU (Directive (EU) 2023/2225): not theirs unless said so.
    eu_consumers: bool = False


class PaymentHoliday(OfferCommon, frozen=True, kw_only=True, tag="payment_holiday"):
    """Renewals that are skipped; it ends by itself on a stated date."""

    renewals: Annotated[int, Meta(ge=1, le=12)]
    access: Literal["keep", "stop"]


class PaymentRelief(OfferCommon, frozen=True, kw_only=True, tag="payment_relief"):
    """One invoice that falls due later (`days`), or not at all."""

    relief: Literal["defer", "waive"]
    invoice: Literal["open", "next"]
    days: Annotated[int, Meta(ge=1, le=180)] | None = None


class PlanChange(OfferCommon, frozen=True, kw_only=True, tag="plan_change"):
    """Another plan, quantity or interval; `price` is what one renewal will charge in total."""

    plan: ShortText | None = None
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    interval: Literal["month", "quarter", "year"] | None = None
    price: Amount | None = None
    at: Literal["now", "period_end"] = "period_end"
    floor: Floors | None = None


class TrialExtension(OfferCommon, frozen=True, kw_only=True, tag="trial_extension"):
    """More days to try."""

    days: Annotated[int, Meta(ge=1, le=180)]


class FeatureGrant(OfferCommon, frozen=True, kw_only=True, tag="feature_grant"):
    """A feature for some days or until a date; it ends by itself and never becomes a paid one."""

    feature: ShortText
    days: Annotated[int, Meta(ge=1, le=730)] | None = None
    until: date | None = None


class Guide(OfferCommon, frozen=True, kw_only=True, tag="guide"):
    """Help that fits the reason: text, a link, a training. Counts as the one offer, touches no billing."""

    link: Url | None = None
    link_label: LocalisedShort | None = None


class Contact(OfferCommon, frozen=True, kw_only=True, tag="contact"):
    """A person to talk to."""

    link: Url
    link_label: LocalisedShort | None = None


class Custom(OfferCommon, frozen=True, kw_only=True, tag="custom"):
    """Something that the product carries out itself; `terms` says everything the customer must know."""

    action: Key
    terms: LocalisedLong


Offer = (
    Discount
    | SplitPayment
    | PaymentHoliday
    | PaymentRelief
    | PlanChange
    | TrialExtension
    | FeatureGrant
    | Guide
    | Contact
    | Custom
)

# These need no billing: nothing is to be done, or the product does it.
WITHOUT_BILLING = frozenset({"feature_grant", "guide", "contact", "custom"})


def kind_of(offer: Offer) -> str:
    """The name of its kind, as templates write it."""
    return str(offer.__struct_config__.tag)


def floors_of(offer: Offer) -> tuple[Floor, ...]:
    """Its price floors; most kinds have none."""
    floor = offer.floor if isinstance(offer, Discount | PlanChange) else None
    return (floor,) if isinstance(floor, Floor) else floor or ()
