"""How many declarations people make: beyond that no mail leaves before somebody has looked. Pure.

Nothing is ever refused, and nobody solves a puzzle: whoever declares gets the receipt at once.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct

from aurevoir.kit import crypto

# What is counted, and for how long it is known where a declaration came from.
WINDOW = timedelta(days=1)
# A person may have several contracts, and correct themselves; a household, an office, a mobile network share addresses.
FROM_ADDRESS = 5
FROM_NETWORK = 30


class Counted(Struct, frozen=True):
    """Declarations of the last day with the same e-mail address, and from the same network."""

    address: int
    network: int


def is_suspect(before: Counted) -> bool:
    """Whether one more is more than people send."""
    return before.address >= FROM_ADDRESS or before.network >= FROM_NETWORK


def address(data_key: bytes, written: str) -> str:
    """The pseudonym of an e-mail address, or of a postal one."""
    return crypto.pseudonym(data_key, "address", written.casefold())


def network(data_key: bytes, host: str | None) -> str | None:
    """The pseudonym of a neighbourhood: the first 24 bits of an IPv4 address, 48 of an IPv6 address.

    None for what is no address of the public internet, such as a proxy's in front of everybody.
    """
    try:
        found = ip_address(host or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if not found.is_global:
        return None
    around = ip_network((found, 24 if found.version == 4 else 48), strict=False)
    return crypto.pseudonym(data_key, "network", str(around))
