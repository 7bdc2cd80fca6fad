"""The people of every story: Alice owns Acme, Charlie belongs to Globex, Dana is a customer of Acme."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Company:
    """Who owns a workspace."""

    key: str
    name: str
    owner: str


@dataclass(frozen=True)
class Customer:
    """Somebody who pays for a subscription."""

    id: str
    subscription: str
    email: str


ACME = Company("acme", "Acme Cloud", owner="alice@acme.example")
GLOBEX = Company("globex", "Globex", owner="charlie@globex.example")
# Who operates the service for Acme.
OMAR = "omar@acme.example"
DANA = Customer("cus_42", "sub_9", "dana@example.com")

# Where Acme embeds the element; nobody else is allowed to.
ACME_SHOP = "https://app.acme.example"
EVIL_SHOP = "https://evil.example"
