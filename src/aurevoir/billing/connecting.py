"""What it takes to connect each gateway: checked before it is stored, shown without its secrets."""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from aurevoir.access.facts import Mode
from aurevoir.billing.adapters.stripe.connecting import PRICE
from aurevoir.kit import http
from aurevoir.kit.errors import Invalid, Problem
from aurevoir.kit.problems import did_you_mean, explain
from aurevoir.kit.struct import Strict

_Address = Annotated[
    str,
    Meta(max_length=2000, pattern=r"\Ahttps?://[^\s/?#@]+(/[^\s?#]*)?\Z", description="https://… without a password"),
]
_Price = Annotated[str, Meta(pattern=r"\Aprice_[A-Za-z0-9_]{1,190}\Z", description="an id of Stripe's, price_…")]


class NoSettings(Strict, frozen=True):
    """Nothing to be said."""


class StripeSettings(Strict, frozen=True):
    """A key that may read and write subscriptions, invoices and coupons; beside it `price.{plan}.{interval}` ids."""

    api_key: Annotated[
        str,
        Meta(
            pattern=r"\A(sk|rk)_(test|live)_[A-Za-z0-9_]{1,240}\Z",
            description="sk_test_…, rk_test_…, sk_live_… or rk_live_…",
        ),
    ]
    webhook_secret: Annotated[str, Meta(pattern=r"\Awhsec_[A-Za-z0-9+/=_-]{8,240}\Z", description="whsec_…")] | None = (
        None
    )
    api_base: _Address | None = None
    past_due_cancel: Literal["now", "period_end"] = "period_end"


class WebhookSettings(Strict, frozen=True):
    """Where orders are sent, and the secret that signs them, as Standard Webhooks have it."""

    url: _Address
    secret: Annotated[
        str, Meta(pattern=r"\Awhsec_[A-Za-z0-9+/]{32,88}={0,2}\Z", description="whsec_ and 24 to 64 bytes in Base64")
    ]


SETTINGS: Mapping[str, type[Strict]] = MappingProxyType(
    {"manual": NoSettings, "sandbox": NoSettings, "stripe": StripeSettings, "webhook": WebhookSettings}
)
SECRETS = frozenset({"api_key", "webhook_secret", "secret"})
# The packages that some adapters need, each with the extra that installs it.
_EXTRAS = {"stripe": "stripe"}
_KIND = re.compile(r"([sr]k_(test|live)|whsec)_")
# Those with a module in `web.inbound`.
_TELLING = frozenset({"stripe"})
MOST_PRICES = 200


def checked(gateway: str, mode: Mode, given: Mapping[str, str], *, synthetic: bool = False) -> dict[str, str]:
    """The settings as they are stored; raises Invalid with the path of everything that is wrong."""
    kind = SETTINGS.get(gateway)
    if kind is None:
        hint = did_you_mean(gateway[:60], list(SETTINGS))
        raise Invalid(problems=[Problem("$.gateway", f"must be one of {', '.join(SETTINGS)}{hint}")])
    if gateway in _EXTRAS and find_spec(gateway) is None:
        raise Invalid(problems=[Problem("$.gateway", f"needs: pip install 'aurevoir[{_EXTRAS[gateway]}]'")])
    prices = {name: value for name, value in given.items() if gateway == "stripe" and name.startswith(PRICE)}
    own = {name: value for name, value in given.items() if name not in prices}
    _, problems = explain(own, kind)
    found = [Problem(one.path.replace("$", "$.settings", 1), one.message) for one in problems]
    found += _wrong_prices(prices) + _wrong_mode(gateway, mode, own.get("api_key", ""), synthetic=synthetic)
    if gateway == "webhook" and not found and (sentence := http.problem_with(own["url"])):
        found = [Problem("$.settings.url", sentence)]
    if found:
        raise Invalid("The gateway cannot be connected like this.", problems=found)
    return dict(given)


def _wrong_mode(gateway: str, mode: Mode, key: str, *, synthetic: bool) -> list[Problem]:
    other = "test" if mode == "live" else "live"
    if f"k_{other}_" in key[:9]:
        said = f"is a key of {other} mode, and this is {mode} mode"
        return [Problem("$.settings.api_key", said)]
    if gateway == "sandbox" and mode == "live" and not synthetic:
        return [Problem("$.gateway", "the sandbox carries nothing out: it can be connected in test mode only")]
    return []


def _wrong_prices(prices: Mapping[str, str]) -> list[Problem]:
    if len(prices) > MOST_PRICES:
        return [Problem("$.settings", f"may name at most {MOST_PRICES} prices")]
    found = []
    for name, price in prices.items():
        plan, _, interval = name.removeprefix(PRICE).rpartition(".")
        path = f"$.settings.{name[:60]}"
        if not 1 <= len(plan) <= 200 or interval not in ("month", "quarter", "year"):
            found.append(Problem(path, f"must be {PRICE}, the plan, and .month, .quarter or .year"))
        if explain(price, _Price)[1]:
            found.append(Problem(path, "must be an id of Stripe's, price_…"))
    return found


def shown(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings as an operator may see them: of a secret only its kind and its end."""
    return {name: _hidden(value) if name in SECRETS else value for name, value in settings.items()}


def webhook_address(base_url: str, gateway: str, connection: UUID) -> str | None:
    """Where the provider tells us what happened there; None for those that tell nothing."""
    return f"{base_url}/inbound/{gateway}/{connection.hex}" if gateway in _TELLING else None


def _hidden(secret: str) -> str:
    kind = _KIND.match(secret)
    return f"{kind[0]}…{secret[-4:]}" if kind and len(secret) - len(kind[0]) >= 12 else "…"
