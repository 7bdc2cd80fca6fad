"""What may be given to keep a customer: one Struct per kind, each with complete terms."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from aurevoir.kit.conditions import Condition
from aurevoir.kit.struct import Currency, Key, LocalisedLong, LocalisedShort, MinorUnits, ShortText, Strict, Url

Periods = Annotated[int, Meta(ge=1, le=36)]


class Amount(Strict, frozen=True, kw_only=True):
    """Money in minor units: 1200 EUR is twelve euros."""

    amount: MinorUnits
    currency: Currency


class Floor(Strict, frozen=True, kw_only=True):
    """The price below which no discount may bring this plan."""

    plan: ShortText
    amount: MinorUnits
    currency: Currency


class Limits(Strict, frozen=True, kw_only=True):
    """How often and how much may be given."""

    once_every_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    per_month: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    budget_per_month: Amount | None = None


class OfferCommon(Strict, frozen=True, kw_only=True, tag_field="kind"):
    """What every kind of offer says: its words, whom it is for, how often."""

    headline: LocalisedShort
    body: LocalisedLong | None = None
    when: Condition | None = None
    limits: Limits | None = None


class Discount(OfferCommon, frozen=True, kw_only=True, tag="discount"):
    """A percentage or an amount off the next `periods` renewals; exactly one of the two."""

    percent_off: Annotated[int, Meta(ge=1, le=100)] | None = None
    amount_off: Amount | None = None
    periods: Periods
    floor: Floor | None = None


class SplitPayment(OfferCommon, frozen=True, kw_only=True, tag="split_payment"):
    """One payment in equal parts over the same term."""

    parts: Literal[2, 3, 4, 6, 12]
    source: Literal["next_renewal", "open_invoice"] = "next_renewal"


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
    """Another plan, quantity or interval."""

    plan: ShortText | None = None
    quantity: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    interval: Literal["month", "quarter", "year"] | None = None
    price: Amount | None = None
    at: Literal["now", "period_end"] = "period_end"


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
