"""Which addresses are refused: every form that has led a filter astray."""

from ipaddress import ip_address

import pytest

from aurevoir.kit import addresses

PUBLIC = """
    8.8.8.8 1.1.1.1 93.184.216.34 172.32.0.1 172.15.255.255 100.63.255.255 100.128.0.1 192.167.1.1 11.0.0.1
    126.255.255.255 128.0.0.1 169.253.1.1 198.17.255.255 198.20.0.1 223.255.255.254
    2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1"""
PRIVATE = """
    10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3 172.16.0.1 172.31.255.255 192.168.0.1
    198.18.0.1 ::1 fc00::1 fd12:3456::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 64:ff9b::7f00:1 64:ff9b::10.1.2.3
    2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101:: fe80::5efe:10.0.0.1 fd00::5efe:7f00:1 fd00::200:5efe:c0a8:1"""
NEVER = """
    0.0.0.0 0.1.2.3 169.254.169.254 169.254.0.1 168.63.129.16 100.100.100.200 192.0.0.192 192.0.0.1 192.88.99.1
    192.0.2.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: fe80::1 fec0::1 ff02::1 ff0e::1 fd00:ec2::254 fd20:ce::254 ::7f00:1 ::8.8.8.8 64:ff9b:1::1 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 100::1 3fff::1 5f00::1 4000::1 8000::1
    ::ffff:169.254.169.254 64:ff9b::169.254.169.254 2002:a9fe:a9fe::1 ::ffff:0.0.0.0
    2001::5efe:169.254.169.254"""


@pytest.mark.parametrize("text", PUBLIC.split())
def test_public_addresses_are_reached(text: str) -> None:
    """Whatever else is allowed."""
    assert addresses.allowed(ip_address(text), private=False)
    assert addresses.allowed(ip_address(text), private=True)


@pytest.mark.parametrize("text", PRIVATE.split())
def test_private_addresses_need_to_be_allowed(text: str) -> None:
    """In their own form, and inside every form of IPv6 that leads to one of IPv4."""
    assert not addresses.allowed(ip_address(text), private=False)
    assert addresses.allowed(ip_address(text), private=True)


@pytest.mark.parametrize("text", NEVER.split())
def test_some_addresses_are_never_reached(text: str) -> None:
    """Link-local with its metadata services, multicast, reserved, documentation: nobody's server is there."""
    assert not addresses.allowed(ip_address(text), private=False)
    assert not addresses.allowed(ip_address(text), private=True)
