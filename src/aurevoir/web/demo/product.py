"""Pipit, the invented product of the demo: what its own server knows and signs of a customer. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import asdict, replace

from aurevoir.billing.adapters.sandbox.ledger import Bill, Charge, Ledger, Terms
from aurevoir.kit.calendar import later
from aurevoir.web.demo.scene import CustomerName, Scene

NAME = "Pipit"
DATA_AFTER_EXIT = {
    "en": "Your recordings stay ready to download for 90 days, then they are deleted.",
    "fr": "Vos enregistrements restent téléchargeables pendant 90 jours, puis ils sont supprimés.",
    "de": "Ihre Aufnahmen können Sie noch 90 Tage herunterladen, dann werden sie gelöscht.",
    "es": "Podrá descargar sus grabaciones durante 90 días; después se eliminarán.",
    "ar": "يمكنك تنزيل تسجيلاتك لمدة 90 يومًا، ثم تُحذف.",
}
PLACES: Mapping[str, tuple[str | None, str | None, str | None]] = {
    "fr": ("FR", None, "Europe/Paris"),
    "de": ("DE", None, "Europe/Berlin"),
    "es": ("ES", None, "Europe/Madrid"),
    "us-ca": ("US", "CA", "America/Los_Angeles"),
    "us-mn": ("US", "MN", "America/Chicago"),
    "unknown": (None, None, None),
}
TOKEN_SECONDS = 600
PRICE = 2900
_PRO = Terms(plan="pro", amount=PRICE, currency="EUR", interval="month")
_TERMS: Mapping[CustomerName, Terms] = {
    "monthly": _PRO,
    "annual": replace(_PRO, amount=PRICE * 10, interval="year"),
    "trial": _PRO,
    "business": replace(_PRO, plan="team", amount=PRICE * 12, quantity=12),
    "unpaid": _PRO,
}
# How long they have been here, and in how many days they renew (or their trial ends).
_DAYS: Mapping[CustomerName, tuple[int, int]] = {
    "monthly": (419, 12),
    "annual": (245, 120),
    "trial": (8, 6),
    "business": (214, 9),
    "unpaid": (419, 12),
}


def opening(customer: CustomerName, today: date) -> Ledger:
    """The subscription as the billing system has it when the customer first comes, on `today`."""
    age, renews_in = _DAYS[customer]
    renews_on = today + timedelta(days=renews_in)
    ledger = Ledger(
        today=today,
        started_on=today - timedelta(days=age),
        terms=_TERMS[customer],
        renews_on=renews_on,
        anchor=renews_on.day,
        trial_ends_on=renews_on if customer == "trial" else None,
    )
    if customer == "trial":
        return ledger
    if customer == "unpaid":
        declined_on = today - timedelta(days=6)
        invoice = Bill(reference="in_2041", what="invoice", amount=PRICE, due_on=declined_on, was_declined=True)
        return replace(ledger, bills=(invoice,), charges=_paid(ledger, (3, 2)))
    return replace(ledger, charges=_paid(ledger, (1,) if customer == "annual" else (2, 1)))


def _paid(ledger: Ledger, ago: Sequence[int]) -> tuple[Charge, ...]:
    """The renewals so many intervals before the next one."""
    assert ledger.renews_on, "only for those who renew"
    amount, currency = ledger.terms.amount or 0, ledger.terms.currency
    days = [later(ledger.renews_on, ledger.terms.interval, -count) for count in ago]
    return tuple(Charge(on=day, what="renewal", amount=amount, full=amount, currency=currency) for day in days)


def subscription(customer: CustomerName, ledger: Ledger) -> dict[str, Any]:
    """What Pipit's server reads in its billing system, as facts of a customer token."""
    stated = asdict(ledger.terms) | {
        "status": ledger.status,
        "started_on": _day(ledger.started_on),
        "renews_on": _day(ledger.renews_on),
    }
    if customer != "trial":
        stated["refund"] = "none"
    if customer == "business" and ledger.started_on:
        stated |= {"notice_days": 30, "commitment_ends_on": _day(ledger.started_on + timedelta(days=365))}
    return {name: value for name, value in stated.items() if value is not None}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def facts(scene: Scene, ledger: Ledger) -> dict[str, Any]:
    """What Pipit's server says of the customer of this scene: the facts of a customer token."""
    country, region, zone = PLACES[scene.country]
    is_business = scene.customer == "business"
    return {
        "sub": scene.customer_id,
        "subscription": {"id": scene.subscription} | subscription(scene.customer, ledger),
        "actor": {"id": "usr_7", "email": "dana@example.com", "may_cancel": True},
        "locale": scene.lang,
        "country": country,
        "region": region,
        "consumer": not is_business,
        "zone": zone,
        "attributes": {"seats": 12, "orders_90d": 3} if is_business else {"active_days_30": 3, "sector": "culture"},
    }


def claims(scene: Scene, workspace: str, token: str, now: datetime, ledger: Ledger) -> dict[str, Any]:
    """The claims to sign; `token` is this token's own id."""
    issued = int(now.timestamp())
    stated = {"iss": workspace, "aud": "aurevoir", "iat": issued, "exp": issued + TOKEN_SECONDS, "jti": token}
    return stated | {"mode": "live"} | facts(scene, ledger)


def readable(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts in few lines; the token itself holds them all."""
    has, actor = facts["subscription"], facts["actor"]
    seats = f" × {has['quantity']}" if has.get("quantity") else ""
    place = "-".join(part for part in (facts["country"], facts["region"]) if part) or "country not known"
    rows = [
        ("Customer", actor["email"]),
        ("Subscription", has["id"]),
        ("Plan", f"{has['plan']}{seats}, {has['status']}"),
        ("Amount", f"{has['amount']} {has['currency']} a {has['interval']}"),
        ("Since", has["started_on"]),
        ("Renews on", has.get("renews_on") or ""),
        ("Notice", f"{has['notice_days']} days" if has.get("notice_days") else ""),
        ("Minimum term", f"to {has['commitment_ends_on']}" if has.get("commitment_ends_on") else ""),
        ("Place", f"{place}, {'consumer' if facts['consumer'] else 'business'}, {facts['locale']}"),
    ]
    return [(label, value) for label, value in rows if value]
