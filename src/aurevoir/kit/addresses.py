"""Which internet addresses this service may be sent to by somebody who types one in. Pure."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address


def _nets(*written: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(net) for net in written)


# They hand out a cloud machine's credentials to whoever asks from it: all clouds, Azure, Alibaba, Amazon, Google.
_METADATA = _nets("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::/32")
_PRIVATE = _nets(
    "10.0.0.0/8",
    "100.64.0.0/10",  # behind a provider's NAT
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "::1/128",
    "fc00::/7",
)
# Never, whatever is allowed: they name no single host, or hide which.
_NOWHERE = _nets(
    "0.0.0.0/8",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/32",  # Teredo
    "3fff::/20",
)
_NAT64 = ip_network("64:ff9b::/96")
# All that was ever handed out; beyond it Python's own table calls some addresses global that are none.
_UNICAST6 = ip_network("2000::/3")


def allowed(address: Address, *, private: bool) -> bool:
    """Whether `address` may be connected to; `private`: also when it is one of a private network or this machine."""
    inner = _inner(address)
    if inner is not None:
        return allowed(inner, private=private)
    if _within(address, _METADATA):
        return False
    if _within(address, _PRIVATE):
        return private
    if _within(address, _NOWHERE) or not address.is_global:
        return False
    return address.version == 4 or address in _UNICAST6


def literal(host: str) -> Address | None:
    """`host` as an address, where it is written as one."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _inner(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to: mapped, NAT64, 6to4, ISATAP."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None or address.sixtofour is not None:
        return address.ipv4_mapped or address.sixtofour
    is_isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x5EFE
    if address in _NAT64 or is_isatap:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _within(address: Address, nets: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in net for net in nets)
