"""Pipit, the invented product of the demo: what its own server knows and signs of a customer. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from aurevoir.web.demo.scene import Scene

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


def subscription(customer: str, today: date) -> dict[str, Any]:
    """What the customer has, as on `today`: the days are counted from it, so that the demo never grows old."""

    def day(distance: int) -> str:
        return (today + timedelta(days=distance)).isoformat()

    pro = {"plan": "pro", "amount": 2900, "currency": "EUR", "interval": "month", "status": "active"}
    paid = pro | {"started_on": day(-419), "renews_on": day(12), "refund": "none"}
    cases: dict[str, dict[str, Any]] = {
        "monthly": paid,
        "annual": paid | {"amount": 29000, "interval": "year", "started_on": day(-245), "renews_on": day(120)},
        "trial": pro | {"status": "trialing", "started_on": day(-8), "renews_on": day(6)},
        "business": paid
        | {"plan": "team", "amount": 34800, "quantity": 12, "started_on": day(-214), "renews_on": day(9)}
        | {"notice_days": 30, "commitment_ends_on": day(151)},
        "unpaid": paid | {"status": "past_due"},
    }
    return cases[customer]


def facts(scene: Scene, today: date) -> dict[str, Any]:
    """What Pipit's server says of the customer of this scene: the facts of a customer token."""
    country, region, zone = PLACES[scene.country]
    is_business = scene.customer == "business"
    return {
        "sub": f"cus_{scene.visitor}",
        "subscription": {"id": scene.subscription} | subscription(scene.customer, today),
        "actor": {"id": "usr_7", "email": "dana@example.com", "may_cancel": True},
        "locale": scene.lang,
        "country": country,
        "region": region,
        "consumer": not is_business,
        "zone": zone,
        "attributes": {"seats": 12, "orders_90d": 3} if is_business else {"active_days_30": 3, "sector": "culture"},
    }


def claims(scene: Scene, workspace: str, token: str, now: datetime, today: date) -> dict[str, Any]:
    """The claims to sign; `token` is this token's own id."""
    issued = int(now.timestamp())
    stated = {"iss": workspace, "aud": "aurevoir", "iat": issued, "exp": issued + TOKEN_SECONDS, "jti": token}
    return stated | {"mode": "live"} | facts(scene, today)


def readable(claims: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts of these claims in few lines; the token itself holds them all."""
    has, actor = claims["subscription"], claims["actor"]
    seats = f" × {has['quantity']}" if has.get("quantity") else ""
    place = "-".join(part for part in (claims["country"], claims["region"]) if part) or "country not known"
    rows = [
        ("Customer", actor["email"]),
        ("Subscription", has["id"]),
        ("Plan", f"{has['plan']}{seats}, {has['status']}"),
        ("Amount", f"{has['amount']} {has['currency']} a {has['interval']}"),
        ("Since", has["started_on"]),
        ("Renews on", has["renews_on"]),
        ("Notice", f"{has['notice_days']} days" if has.get("notice_days") else ""),
        ("Minimum term", f"to {has['commitment_ends_on']}" if has.get("commitment_ends_on") else ""),
        ("Place", f"{place}, {'consumer' if claims['consumer'] else 'business'}, {claims['locale']}"),
    ]
    return [(label, value) for label, value in rows if value]
