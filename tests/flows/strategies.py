"""Arbitrary valid flows, and the facts of arbitrary customers, for tests that must hold for all of them."""

from copy import deepcopy
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec.structs import replace

from aurevoir.flows.checks import check
from aurevoir.flows.steps import ChoiceStep, ConfirmStep, Flow, FollowUp, OfferStep, Option, ScaleStep, Step, TextStep
from aurevoir.flows.taxonomy import Category
from aurevoir.kit.conditions import Condition, Value
from aurevoir.offers.terms import (
    Amount,
    Contact,
    Custom,
    Discount,
    Favour,
    FeatureGrant,
    Floor,
    Guide,
    Limits,
    Offer,
    PaymentHoliday,
    PaymentRelief,
    PlanChange,
    SplitPayment,
    TrialExtension,
)

LOCALES = ("en", "fr", "de", "es", "ar")
WORDS = ("Why", "What now", "Pourquoi\u202f?", "Grüße", "¿Qué?", "لماذا", "<b>&amp;", "日本語", "= 1 + 1")
# Clear in every language: the wording lint has a corpus of its own.
BUTTONS = {
    "accept": ("Take the offer", "Prendre cette offre", "Das Angebot annehmen", "Aceptar la oferta", "قبول العرض"),
    "decline": ("Leave the offer", "Laisser cette offre", "Das Angebot ablehnen", "Rechazar la oferta", "رفض العرض"),
    "cancel": ("Cancel the plan", "Résilier la formule", "Das Abo kündigen", "Cancelar el plan", "إلغاء الخطة"),
    "keep": ("Keep the plan", "Garder la formule", "Das Abo behalten", "Conservar el plan", "الاحتفاظ بالخطة"),
}
CODES = ("price", "unused", "bugs", "support", "switched", "seasonal")
CATEGORIES = tuple(category for category in get_args(Category) if category not in ("other", "prefer_not_to_say"))
JUNK: tuple[object, ...] = (
    None,
    "",
    "x",
    "X Y",
    0,
    -1,
    99,
    1.5,
    True,
    [],
    ["x"],
    {},
    {"x": "y"},
    "2026-02-30",
    "a" * 3000,
)
CONDITIONS = (
    Condition(attribute="plan", in_=("pro", "team")),
    Condition(attribute="tenure_days", at_least=60),
    Condition(attribute="renews_on", at_most="2026-12-31"),
    Condition(attribute="consumer", is_=True),
    Condition(attribute="seats", exists=True),
    Condition(not_=Condition(attribute="plan", is_="pro")),
    Condition(any=(Condition(attribute="consumer", is_=False), Condition(attribute="seats", at_most=3))),
)


def flows() -> SearchStrategy[Flow]:
    """Flows that pass every check: any number of reasons, questions beside others, conditional screens, offers."""
    return st.integers(0, 2**32 - 1).map(lambda seed: some_flow(Random(seed)))


def facts() -> SearchStrategy[dict[str, Value]]:
    """What a token says about a customer, some of it missing."""
    return st.integers(0, 2**32 - 1).map(lambda seed: some_facts(Random(seed)))


def unruly_flows() -> SearchStrategy[Flow]:
    """Flows that no check would let pass: too many screens, second offers and confirmations, or none, all required."""
    return st.integers(0, 2**32 - 1).map(lambda seed: unruly(some_flow(Random(seed)), Random(seed)))


def unruly(flow: Flow, source: Random) -> Flow:
    """`flow` with its steps spoilt, as if it had been written into the database by hand."""
    steps: list[Step] = [step for step in flow.steps if not isinstance(step, ConfirmStep) or source.random() < 0.8]
    for number in range(source.randint(0, 4)):
        more = _screen(source, f"more_{number}", _condition(source), flow.locales)
        more += [OfferStep(id=f"offer_{number}")] if source.random() < 0.3 else []
        more += [ConfirmStep(id=f"confirm_{number}", ask=_text(source, flow.locales))] if source.random() < 0.3 else []
        at = source.randint(0, len(steps))
        steps[at:at] = more
    demanding = (
        replace(step, required=True) if isinstance(step, ChoiceStep | TextStep | ScaleStep) else step for step in steps
    )
    return replace(flow, steps=tuple(demanding))


def some_flow(source: Random) -> Flow:
    """The flow of that seed, checked; drawn by hand because a strategy of this depth is ten times as slow."""
    tries = (_flow(source) for _ in count())
    return next(flow for flow in tries if all(finding.level != "error" for finding in check(flow)))


def some_facts(source: Random) -> dict[str, Value]:
    """As `facts`, of one seed."""
    everything: dict[str, Value] = {
        "plan": source.choice(("pro", "team", "basic")),
        "amount": source.randint(0, 100_000),
        "currency": source.choice(("EUR", "USD", "JPY")),
        "interval": source.choice(("month", "year")),
        "status": source.choice(("active", "trialing", "past_due")),
        "renews_on": date(2026, 1, 1) + timedelta(days=source.randint(0, 700)),
        "tenure_days": source.randint(0, 4000),
        "country": source.choice(("DE", "FR", "US", "ES")),
        "consumer": source.random() < 0.5,
        "seats": source.randint(1, 50),
    }
    return {name: value for name, value in everything.items() if source.random() < 0.8}


def spoilt(raw: Any, source: Random) -> Any:
    """`raw` (a flow as plain data) with one part replaced, dropped or added, anywhere."""
    at = raw
    while True:
        names = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not names:
            return raw
        name = source.choice(names)
        if isinstance(at[name], dict | list) and source.random() < 0.7:
            at = at[name]
            continue
        if source.random() < 0.2:
            del at[name]
        elif source.random() < 0.2 and isinstance(at, dict):
            at["surprise"] = deepcopy(source.choice(JUNK))
        else:
            at[name] = deepcopy(source.choice(JUNK))
        return raw


def _flow(source: Random) -> Flow:
    locales = tuple(source.sample(LOCALES, source.randint(1, 3)))
    named = source.sample(("gift", "pause", "help"), source.choice((0, 0, 1, 2, 3)))
    offers = {key: _offer(source, locales) for key in named}
    reason = _reason(source, locales, named)
    steps: list[Step] = [reason, *_beside(source, "reason", locales)]
    # A reason with offers leaves no room for another screen; one without leaves room for one.
    room = [option.code for option in reason.options if not option.offers]
    if room and not reason.several:
        codes = source.sample(room, min(len(room), source.randint(0, 3)))
        for code in codes:
            steps += _screen(source, f"about_{code}", Condition(answer="reason", is_=code), locales)
    elif not offers and source.random() < 0.5:
        extra = _screen(source, "extra", _condition(source), locales)
        steps = [*extra, *steps] if source.random() < 0.5 else [*steps, *extra]
    if offers:
        steps.append(OfferStep(id="save", when=_condition(source)))
    cancel, keep = _label(source, "cancel", locales), _label(source, "keep", locales)
    ask, body = _maybe_text(source, locales), _maybe_text(source, locales)
    steps.append(ConfirmStep(id="confirm", ask=ask, body=body, cancel_label=cancel, keep_label=keep))
    return Flow(key="generated", title="Generated", locales=locales, steps=tuple(steps), offers=offers)


def _label(source: Random, button: str, locales: tuple[str, ...]) -> dict[str, str] | None:
    words = dict(zip(LOCALES, BUTTONS[button], strict=True))
    return {locale: words[locale] for locale in locales} if source.random() < 0.5 else None


def _text(source: Random, locales: tuple[str, ...]) -> dict[str, str]:
    return {locale: source.choice(WORDS) for locale in locales}


def _maybe_text(source: Random, locales: tuple[str, ...]) -> dict[str, str] | None:
    return _text(source, locales) if source.random() < 0.5 else None


def _condition(source: Random) -> Condition | None:
    return source.choice((None, None, None, *CONDITIONS))


def _reason(source: Random, locales: tuple[str, ...], offers: list[str]) -> ChoiceStep:
    codes = source.sample(CODES, source.randint(0, len(CODES)))
    options = [_option(source, code, source.choice(CATEGORIES), locales, offers) for code in codes]
    for last in ("prefer_not_to_say", "other"):
        if source.random() < 0.5 or not options:
            options.append(_option(source, last, last, locales, []))
    return ChoiceStep(
        id="reason",
        role="reason",
        ask=_text(source, locales),
        help=_maybe_text(source, locales),
        options=tuple(options),
        several=source.random() < 0.3,
        shuffle=source.random() < 0.5,
    )


def _option(source: Random, code: str, category: Any, locales: tuple[str, ...], offers: list[str]) -> Option:
    more = FollowUp(ask=_text(source, locales), max_length=source.randint(1, 500))
    return Option(
        code=code,
        category=category,
        label=_text(source, locales),
        follow_up=more if source.random() < 0.4 else None,
        offers=tuple(source.sample(offers, source.randint(0, len(offers)))),
    )


def _screen(source: Random, name: str, when: Condition | None, locales: tuple[str, ...]) -> list[Step]:
    ask = _text(source, locales)
    options = tuple(Option(code=code, label=_text(source, locales)) for code in ("yes", "no", "other"))
    several, shuffle = source.random() < 0.5, source.random() < 0.5
    main = source.choice(
        (
            ChoiceStep(id=name, ask=ask, when=when, several=several, shuffle=shuffle, options=options),
            TextStep(id=name, ask=ask, when=when, max_length=40),
            ScaleStep(id=name, ask=ask, when=when, low=0, high=10),
        )
    )
    return [main, *_beside(source, name, locales)]


def _beside(source: Random, host: str, locales: tuple[str, ...]) -> list[Step]:
    more = TextStep(id=f"{host}_more", on=host, ask=_text(source, locales), when=_condition(source))
    rating = ScaleStep(id=f"{host}_rating", on=host, ask=_text(source, locales), low_label=_maybe_text(source, locales))
    return [step for step in (more, rating) if source.random() < 0.4]


def _offer(source: Random, locales: tuple[str, ...]) -> Offer:
    limits = Limits(once_every_days=source.randint(1, 365)) if source.random() < 0.5 else None
    common: dict[str, Any] = {"headline": _text(source, locales), "body": _maybe_text(source, locales)}
    favours = (Favour(code="success_story", label=_text(source, locales)),) if source.random() < 0.3 else ()
    common |= {"limits": limits, "when": _condition(source), "in_return": favours}
    common |= {f"{one}_label": _label(source, one, locales) for one in ("accept", "decline")}
    chosen = common | {"when": source.choice(CONDITIONS)}
    margins = (Floor(plan="pro", cost=300, margin_percent=40, currency="EUR"),)
    offers: tuple[Offer, ...] = (
        Discount(**chosen, percent_off=50, periods=3, floor=Floor(plan="pro", amount=900, currency="EUR")),
        Discount(**chosen, amount_off=Amount(amount=500, currency="EUR"), periods=1, floor=margins),
        SplitPayment(**common, parts=4),
        PaymentHoliday(**common, renewals=2, access="stop"),
        PaymentRelief(**common, relief="defer", invoice="open", days=30),
        PaymentRelief(**common, relief="waive", invoice="next"),
        PlanChange(**common, plan="basic", price=Amount(amount=900, currency="EUR")),
        TrialExtension(**common, days=14),
        FeatureGrant(**common, feature="reports", days=30),
        Guide(**common, link="https://example.com/guide"),
        Contact(**common, link="mailto:help@example.com"),
        Custom(**common, action="call_back", terms=_text(source, locales)),
    )
    return source.choice(offers)
