"""What the operator says of a customer: the same facts in a customer token and in a server-to-server call."""

from datetime import date
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from msgspec import Meta, Struct
from msgspec.structs import replace

from aurevoir.kit import calendar
from aurevoir.kit.struct import Country, Currency, ForeignId, LocaleTag, MinorUnits

Mode = Literal["live", "test"]
Interval = calendar.Interval
AttributeName = Annotated[str, Meta(min_length=1, max_length=60)]
Attribute = bool | Annotated[int, Meta(ge=-(2**53), le=2**53)] | float | Annotated[str, Meta(max_length=200)] | None


class SubscriptionFacts(Struct, frozen=True, kw_only=True):
    """The subscription as the operator knows it; what is absent is unknown, never zero."""

    id: ForeignId
    plan: Annotated[str, Meta(max_length=200)] | None = None
    # What one renewal charges in total, in minor units.
    amount: MinorUnits | None = None
    currency: Currency | None = None
    interval: Interval | None = None
    quantity: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    status: Annotated[str, Meta(max_length=40)] | None = None
    started_on: date | None = None
    renews_on: date | None = None
    commitment_ends_on: date | None = None
    notice_days: Annotated[int, Meta(ge=0, le=730)] | None = None
    access_until: date | None = None
    refund: Annotated[str, Meta(max_length=40)] | None = None


class ActorFacts(Struct, frozen=True, kw_only=True):
    """Who is in front of the screen."""

    id: ForeignId | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    may_cancel: bool = True


class Facts(Struct, frozen=True, kw_only=True):
    """This customer, this subscription. Unknown members are dropped."""

    sub: ForeignId
    subscription: SubscriptionFacts
    actor: ActorFacts = ActorFacts()
    locale: LocaleTag | None = None
    country: Country | None = None
    region: Annotated[str, Meta(max_length=10)] | None = None
    consumer: bool | None = None
    # The customer's IANA zone, for the receipt; the workspace's where it is absent.
    zone: Annotated[str, Meta(max_length=60)] | None = None
    attributes: Annotated[dict[AttributeName, Attribute], Meta(max_length=50)] = {}


class StoredFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a session keeps of them: no customer id, no subscription id, no e-mail."""

    subscription: SubscriptionFacts
    may_cancel: bool = True
    country: str | None = None
    region: str | None = None
    consumer: bool | None = None
    zone: str | None = None
    # The language that was asked for, where the flow is not in it.
    wanted: str | None = None
    attributes: dict[str, Attribute] = {}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def to_store(facts: Facts, wanted: str | None = None) -> StoredFacts:
    """`facts` without what would name the customer; `wanted` is a language that the flow is not in."""
    return StoredFacts(
        subscription=replace(facts.subscription, id="-"),
        may_cancel=facts.actor.may_cancel,
        country=facts.country,
        region=facts.region,
        consumer=facts.consumer,
        zone=facts.zone if facts.zone in _zones() else None,
        wanted=wanted,
        attributes=facts.attributes,
    )
