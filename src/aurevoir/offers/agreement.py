"""What an offer comes to for one subscription: days and amounts, worked out once and frozen when accepted. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from aurevoir.billing import plan
from aurevoir.billing.gateway import Impossible
from aurevoir.billing.snapshot import Snapshot
from aurevoir.offers.case import Agreement, Case, Charge
from aurevoir.offers.payment_offers import payment_relief, split_payment
from aurevoir.offers.renewal_offers import discount, holiday, plan_change, trial_extension
from aurevoir.offers.terms import (
    Contact,
    Custom,
    Discount,
    FeatureGrant,
    Guide,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
    kind_of,
)

__all__ = ["Agreement", "Charge", "work_out"]


def work_out(key: str, offer: Offer, snapshot: Snapshot | None, now: datetime, zone: ZoneInfo) -> Agreement:
    """What `offer` comes to; raises Impossible with the reason why it comes to nothing.

    Without a snapshot only what billing has no part in can be worked out. Days are those of `zone`, the operator's.
    """
    try:
        return _WORKED_OUT[type(offer)](offer, Case(key=key, snapshot=snapshot, now=now, zone=zone))
    except (OverflowError, ValueError):
        # Beyond the last day there is: billing systems write "never" as the end of the year 9999.
        raise Impossible("no_such_day") from None


def _feature_grant(offer: FeatureGrant, case: Case) -> Agreement:
    until = offer.until or case.today + timedelta(days=offer.days or 0)
    if until <= case.today:
        raise Impossible("already_over")
    action = plan.GrantFeature(feature=offer.feature, until=until)
    return Agreement(offer=case.key, kind=kind_of(offer), action=action, starts_on=case.today, ends_on=until)


def _custom(offer: Custom, case: Case) -> Agreement:
    return Agreement(offer=case.key, kind=kind_of(offer), action=plan.Custom(action=offer.action))


def _nothing_to_carry_out(offer: Guide | Contact, case: Case) -> Agreement:
    return Agreement(offer=case.key, kind=kind_of(offer))


_WORKED_OUT: Mapping[type[Offer], Callable[[Any, Case], Agreement]] = MappingProxyType(
    {
        Discount: discount,
        SplitPayment: split_payment,
        PaymentHoliday: holiday,
        PaymentRelief: payment_relief,
        PlanChange: plan_change,
        TrialExtension: trial_extension,
        FeatureGrant: _feature_grant,
        Custom: _custom,
        Guide: _nothing_to_carry_out,
        Contact: _nothing_to_carry_out,
    }
)
