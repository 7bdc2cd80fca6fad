"""The demo's invented past: who thought of leaving in the last twelve months, why, and how it went. Pure and seeded.

The proportions follow what vendors of cancel flows publish: about 2 % leave at once, 87 % of the others give a reason,
17 % go away without deciding and half of those come back to cancel; price comes first, then too little use. One in
seven would take an offer that fits; where none does, they cancel.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from aurevoir.billing.adapters.sandbox.ledger import Bill, Ledger, Terms
from aurevoir.web.demo import remarks

Ending = Literal["bounce", "abandon", "keep", "accept", "cancel", "undo"]
DAYS = 365


class Visitor(Struct, frozen=True, kw_only=True):
    """One invented customer and what they do; `returns_at` is when someone who went away comes back to cancel."""

    facts: dict[str, Any]
    flow: str
    starts_at: datetime
    ending: Ending
    returns_at: datetime | None
    # None: they go straight to the confirmation.
    reason: str | None
    follow_up: str | None
    comment: str | None
    # Decides what is given to the other questions, and how long each screen takes.
    seed: int


def visitors(count: int, now: datetime, zone: str, seed: int = 20) -> list[Visitor]:
    """So many visitors, the earliest first; all of them are done by `now`."""
    random = Random(seed)  # noqa: S311 - an invented past, repeatable
    invented = [_visitor(number, now, ZoneInfo(zone), random) for number in range(count)]
    return sorted(invented, key=lambda visitor: visitor.starts_at)


def _visitor(number: int, now: datetime, zone: ZoneInfo, random: Random) -> Visitor:
    starts_at = _moment(now, zone, random)
    case = _pick(_CASES, random)
    language = _pick(_LANGUAGES, random)
    reason = _reason(case, starts_at, now, random) if random.random() < 0.87 else None
    ending = _pick(_ENDINGS, random)
    asked = remarks.FOLLOW_UPS.get(reason or "", {}).get(language)
    return Visitor(
        facts=_facts(number, case, language, starts_at, random),
        flow=_FLOWS.get(case, "saas_classic"),
        starts_at=starts_at,
        ending=ending,
        returns_at=_return(starts_at, now, random) if ending == "abandon" else None,
        reason=reason,
        follow_up=random.choice(asked) if asked and random.random() < 0.45 else None,
        comment=random.choice(remarks.COMMENTS[language]) if random.random() < 0.16 else None,
        seed=random.randrange(2**32),
    )


def subscription(visitor: Visitor) -> Ledger:
    """What this visitor has, as billing knew it on the day they came."""
    stated, today = visitor.facts["subscription"], visitor.starts_at.date()
    renews_on = date.fromisoformat(stated["renews_on"])
    names = ("plan", "amount", "currency", "interval", "quantity")
    owed = Bill(reference="in_1", what="invoice", amount=stated["amount"], due_on=today, was_declined=True)
    return Ledger(
        today=today,
        started_on=date.fromisoformat(stated["started_on"]),
        terms=Terms(**{name: stated[name] for name in names}),
        renews_on=renews_on,
        anchor=renews_on.day,
        trial_ends_on=renews_on if stated["status"] == "trialing" else None,
        bills=(owed,) if stated["status"] == "past_due" else (),
    )


def _return(left_at: datetime, now: datetime, random: Random) -> datetime | None:
    """Half of those who went away without deciding come back within the month."""
    returns_at = left_at + timedelta(days=random.uniform(1, 24))
    return returns_at if random.random() < 0.5 and returns_at < now - timedelta(hours=2) else None


Weights = Sequence[tuple[Any, float]]
_CASES: Weights = [("monthly", 52), ("annual", 17), ("trial", 12), ("team", 11), ("unpaid", 8)]
_FLOWS = {"team": "b2b_accounts", "unpaid": "crisis_relief"}
_LANGUAGES: Weights = [("fr", 36), ("en", 31), ("de", 19), ("es", 10), ("ar", 4)]
_ENDINGS: Weights = [("bounce", 2.5), ("abandon", 17), ("keep", 7), ("accept", 15), ("cancel", 55), ("undo", 3.5)]
_PLACES: dict[str, Weights] = {
    "fr": [(("FR", None), 85), (("BE", None), 15)],
    "en": [(("GB", None), 45), (("US", "CA"), 18), (("US", "NY"), 14), (("US", "MN"), 8), (("IE", None), 15)],
    "de": [(("DE", None), 80), (("AT", None), 20)],
    "es": [(("ES", None), 100)],
    "ar": [(("AE", None), 60), (("MA", None), 40)],
}
_CURRENCIES = {"GB": "GBP", "US": "USD"}
# January, when resolutions end, and September, when seasons begin.
_SEASON = {1: 1.8, 7: 0.7, 8: 0.7, 9: 1.35, 12: 0.8}

_USUAL: Weights = [
    ("too_expensive", 33),
    ("not_using", 23),
    ("missing_features", 12),
    ("switched_service", 10),
    ("temporary_need", 9),
    ("technical_issues", 5),
    ("too_complex", 3),
    ("customer_service", 2),
    ("other", 3),
]
_REASONS: dict[str, Weights] = {
    "trial": [("too_complex", 24), ("not_using", 26), ("missing_features", 22), ("too_expensive", 18), ("other", 10)],
    "team": [
        ("too_expensive", 24),
        ("payment_terms", 20),
        ("approvals", 17),
        ("self_service", 14),
        ("switched_service", 12),
        ("account_support", 8),
        ("stock", 5),
    ],
    "unpaid": [
        ("cannot_pay_now", 48),
        ("business_slow", 22),
        ("all_at_once", 12),
        ("need_more_for_now", 8),
        ("business_closed", 6),
        ("prefer_not_to_say", 4),
    ],
}
# Nine bad days ten weeks ago: what a look at the reasons by week should find.
_OUTAGE = (timedelta(days=63), timedelta(days=72))


def _reason(case: str, starts_at: datetime, now: datetime, random: Random) -> str:
    if case in ("monthly", "annual") and _OUTAGE[0] < now - starts_at < _OUTAGE[1] and random.random() < 0.6:
        return "technical_issues"
    return str(_pick(_REASONS.get(case, _USUAL), random))


def _moment(now: datetime, zone: ZoneInfo, random: Random) -> datetime:
    """More in some months, more lately than a year ago, between breakfast and midnight; never in the last hours."""
    while True:
        ago = random.uniform(0.25, DAYS)
        day = (now - timedelta(days=ago)).astimezone(zone).date()
        likely = _SEASON.get(day.month, 1.0) / 1.8 * (1 - 0.45 * ago / DAYS)
        at = datetime.combine(day, time(int(random.triangular(7, 24, 20)) % 24, random.randrange(60)), zone)
        if random.random() < likely and at < now - timedelta(hours=3):
            return at


def _facts(number: int, case: str, language: str, at: datetime, random: Random) -> dict[str, Any]:
    country, region = _pick(_PLACES[language], random)
    days = 5 if case == "trial" else int(random.lognormvariate(5.4, 0.8)) + 20
    renews_in = 365 if case == "annual" else 30
    stated: dict[str, Any] = {
        "id": f"sub_past_{number:05}",
        "plan": "team" if case == "team" else _pick([("pro", 62), ("basic", 38)], random),
        "interval": "year" if case == "annual" else "month",
        "currency": _CURRENCIES.get(country, "EUR"),
        "status": {"trial": "trialing", "unpaid": "past_due"}.get(case, "active"),
        "started_on": (at - timedelta(days=days)).date().isoformat(),
        "renews_on": (at + timedelta(days=random.randrange(1, renews_in))).date().isoformat(),
        "refund": "none",
    }
    quantity = random.randrange(4, 16) if case == "team" else 1
    price = 900 if stated["plan"] == "basic" else 2900
    stated |= {"quantity": quantity, "amount": price * quantity * (10 if case == "annual" else 1)}
    if case == "team":
        stated["notice_days"] = 30
    return {
        "sub": f"cus_past_{number:05}",
        "subscription": stated,
        "actor": {"email": f"customer{number}@example.com"},
        "locale": language,
        "country": country,
        "region": region,
        "consumer": case != "team",
        "attributes": {"orders_90d": random.randrange(6)} if case == "team" else {"sector": "culture"},
    }


def _pick(weights: Weights, random: Random) -> Any:
    values, chances = zip(*weights, strict=True)
    return random.choices(values, chances)[0]
