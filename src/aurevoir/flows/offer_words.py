"""Checks that an offer's words do not contradict its terms. Pure."""

import re
from collections.abc import Iterator
from datetime import date

from aurevoir.flows.claims import claims, days_named, months_named, says_for_ever, says_when_it_ends
from aurevoir.flows.findings import Finding, error, warning
from aurevoir.flows.said import Said, everything_said, plain
from aurevoir.flows.steps import Flow
from aurevoir.offers.terms import (
    Amount,
    Custom,
    Discount,
    FeatureGrant,
    Offer,
    PaymentHoliday,
    PlanChange,
    TrialExtension,
)

_A_MONTH = 28
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}) ?(?:%|per ?cent|percent|prozent|pour cent|por ciento)")
_MONEY = re.compile(r"(?:[$€£] ?(\d[\d.,]*)|(\d[\d.,]*) ?(?:[$€£]|(?:eur|usd|gbp|euros?|dollars?|pounds?)\b))")


def figures_are_those_of_the_terms(flow: Flow) -> Iterator[Finding]:
    """A percentage, an amount or a number of months in an offer's words is the one that is given."""
    for said in everything_said(flow):
        offer = flow.offers.get(said.offer or "")
        if offer is None or said.field not in ("headline", "body", "accept_label"):
            continue
        if isinstance(offer, Discount) and offer.percent_off is not None:
            yield from _percentages(said, offer.percent_off)
        if isinstance(offer, FeatureGrant) and offer.until is not None:
            yield from _days(said, offer.until)
        if said.field != "body":
            yield from _amounts(said, _stated(offer))
            yield from _months(said, _months_given(offer))
            yield from _without_end(said, offer)


def _percentages(said: Said, percent_off: int) -> Iterator[Finding]:
    # “Pay only 70 %” is 30 % off, and “100 % of your data stays” is no discount.
    meant = {percent_off, 100 - percent_off, 100}
    # A body may speak of other things.
    tell = warning if said.field == "body" else error
    for found in _PERCENT.findall(plain(said.text)):
        if int(found) not in meant:
            yield tell(said.path, f"says {found} %, and percent_off is {percent_off}", "FE-10")


def _amounts(said: Said, stated: Amount | None) -> Iterator[Finding]:
    for groups in _MONEY.findall(plain(said.text)) if stated else ():
        if stated and _in_hundredths(next(filter(None, groups))) not in (stated.amount, stated.amount * 100):
            message = f"states an amount other than the {stated.amount} {stated.currency} (minor units) of its terms"
            yield warning(said.path, message, "FE-10")


def _months(said: Said, given: range | None) -> Iterator[Finding]:
    for named in sorted(months_named(said.text, said.language)) if given else ():
        if given and named not in given:
            yield warning(said.path, f"speaks of {named} months, and the terms come to {given[0]}", "FE-10")


def _days(said: Said, until: date) -> Iterator[Finding]:
    for day in sorted(days_named(said.text, said.language)):
        if day != (until.month, until.day):
            yield error(said.path, f"names another day than `until`, which is {until.isoformat()}", "FE-09")


def custom_terms_are_terms(flow: Flow) -> Iterator[Finding]:
    """What a product carries out by itself says what it costs or when it ends, where its words hold out a price."""
    for said in everything_said(flow):
        offer = flow.offers.get(said.offer or "")
        if not isinstance(offer, Custom) or said.field not in ("headline", "body"):
            continue
        held_out = [claim for claim in claims(said.text, said.language) if claim.kind == "incentive"]
        if held_out and not says_when_it_ends(offer.terms.get(said.locale, ""), said.language):
            message = f"holds out “{held_out[0].words}”, and `terms` says neither what it costs nor when it ends"
            yield error(said.path, message, "FE-10")


def _without_end(said: Said, offer: Offer) -> Iterator[Finding]:
    ends = isinstance(offer, Discount | PaymentHoliday | FeatureGrant | TrialExtension)
    if ends and says_for_ever(said.text, said.language):
        yield error(said.path, "promises something without end, and the terms end", "FE-10")


def _months_given(offer: Offer) -> range | None:
    """The months that the terms come to; one renewal may be of any length."""
    renewals = (
        offer.periods if isinstance(offer, Discount) else offer.renewals if isinstance(offer, PaymentHoliday) else 0
    )
    if renewals > 1:
        return range(renewals, renewals + 1)
    days = getattr(offer, "days", None)
    return range(round(days / 31), round(days / 28) + 1) if days and days >= _A_MONTH else None


def _stated(offer: Offer) -> Amount | None:
    return offer.amount_off if isinstance(offer, Discount) else offer.price if isinstance(offer, PlanChange) else None


def _in_hundredths(written: str) -> int:
    whole, cents = re.fullmatch(r"([\d.,]*?)(?:[.,](\d{2}))?[.,]*", written).groups()  # type: ignore[union-attr]
    return int(re.sub(r"\D", "", whole) or "0") * 100 + int(cents or "0")
