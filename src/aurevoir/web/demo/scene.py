"""What the demo shows: who comes, from where, in which language, by which way; read from the address. Pure."""

from collections.abc import Mapping
from typing import Literal, get_args
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import asdict

CustomerName = Literal["monthly", "annual", "trial", "business", "unpaid"]
CountryName = Literal["fr", "de", "es", "us-ca", "us-mn", "unknown"]
LanguageTag = Literal["en", "fr", "de", "es", "ar"]
ModeName = Literal["modal", "inline", "plain"]

SWITCHES: Mapping[str, tuple[str, ...]] = {
    "customer": get_args(CustomerName),
    "country": get_args(CountryName),
    "lang": get_args(LanguageTag),
    "mode": get_args(ModeName),
}


class Scene(Struct, frozen=True, kw_only=True):
    """One setting of the switches, for one visitor; all of it stands in the address, so a reload changes nothing."""

    visitor: str
    customer: CustomerName = "monthly"
    country: CountryName = "fr"
    lang: LanguageTag = "en"
    mode: ModeName = "modal"

    @property
    def customer_id(self) -> str:
        """Who they are to Pipit."""
        return f"cus_{self.visitor}"

    @property
    def subscription(self) -> str:
        """The id of the subscription: another customer or country is another subscription, another language is not."""
        return f"sub_{self.visitor}_{self.customer}_{self.country}"

    @property
    def flow(self) -> str:
        """The survey that fits this customer. Only the first of them speaks Arabic."""
        own = {"business": "b2b_accounts", "unpaid": "crisis_relief"}.get(self.customer, "saas_classic")
        return "saas_classic" if self.lang == "ar" else own

    def query(self, **changes: str) -> str:
        """The query string of this scene, with some switches set otherwise."""
        return urlencode(asdict(self) | changes)


def read(query: Mapping[str, str]) -> Scene | None:
    """The scene of an address; a switch it does not know stands as at first. None when it names no visitor."""
    visitor = query.get("visitor", "")
    if not (visitor.isascii() and visitor.isalnum() and len(visitor) <= 24):
        return None
    known = {name: query[name] for name, values in SWITCHES.items() if query.get(name) in values}
    return Scene(visitor=visitor, **known)  # type: ignore[arg-type]
