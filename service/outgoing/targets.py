"""Which addresses a webhook may call: public ones only. A host's owner decides what it resolves to, anew each time."""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from threading import Thread
from typing import Final, NamedTuple

from service.domain.errors import SpotterError
from service.domain.webhooks import FOR_DEVELOPMENT

_SPECIAL: Final = [
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and where clouds keep credentials
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols of the IETF; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels (AMT)
        "192.88.99.0/24",  # relays of 6to4, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
"""The blocks of IANA's IPv4 Special-Purpose Address Registry, and multicast. Nobody's server has one of them, so the
few that can be reached from anywhere are refused too. https://www.iana.org/assignments/iana-ipv4-special-registry"""

_UNICAST: Final = IPv6Network("2000::/3")
"""All that IANA gives out as IPv6 addresses of the internet; private, local and multicast ones lie elsewhere."""

_SPECIAL_UNICAST: Final = [
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocols of the IETF, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, deprecated: leads through anybody's relay to an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
"""What of them stands in IANA's IPv6 registry. https://www.iana.org/assignments/iana-ipv6-special-registry"""

_NAT64: Final = IPv6Network("64:ff9b::/96")
"""Where a network without IPv4 reaches it; the last 32 bits are the address that is meant."""


LOOK_UP_S: Final = 5.0
"""Seconds in which a host's name must lead to addresses."""


class TargetRefused(SpotterError):
    """A host that is not called: it does not resolve, or leads to an address that is not public."""


class Target(NamedTuple):
    """An address to connect to, as `socket.create_connection` takes it."""

    address: str
    port: int


def resolve(host: str, port: int, *, private: bool) -> Target:
    """Where to connect for a host, resolved once; `TargetRefused` unless each of its addresses is public.

    ``private`` lets any address pass, for development.
    """
    addresses = _look_up(host.strip("[]"), port)
    for address in addresses:
        if not private and not is_public(address):
            raise TargetRefused(f"the host {host!r} leads to {address}, which is not a public address{FOR_DEVELOPMENT}")
    return Target(addresses[0], port)


def _look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, in bounded time: name servers are others' machines, and the call knows no limit."""
    found: Future[list[str]] = Future()

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result([str(address[0]) for _, _, _, _, address in infos])
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    # One that takes longer ends by itself when the resolver gives up, and keeps no process from ending.
    Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        return found.result(LOOK_UP_S)
    except TimeoutError:
        raise TargetRefused(f"the host {host!r} did not resolve within {LOOK_UP_S:.0f} seconds") from None
    except (OSError, UnicodeError) as error:
        raise TargetRefused(f"the host {host!r} does not resolve: {error}") from None


def is_public(address: str) -> bool:
    """Whether an address can be anybody's server on the internet: not private, local, multicast, of special purpose.

    An IPv6 address that stands for an IPv4 one is checked as that one.
    """
    try:
        parsed = _meant(ipaddress.ip_address(address))
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in block for block in _SPECIAL)
    if parsed.scope_id is not None:
        return False
    return parsed in _UNICAST and not any(parsed in block for block in _SPECIAL_UNICAST)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
