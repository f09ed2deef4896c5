"""Which addresses a webhook may call: public ones only. A host's owner decides what it resolves to, anew each time."""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address
from threading import Thread
from typing import Final, NamedTuple

from service.domain.errors import SpotterError
from service.domain.webhooks import FOR_DEVELOPMENT

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")


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
    """Whether an address can be anybody's on the internet: not private, loopback, link-local, shared or reserved.

    An IPv6 address that stands for an IPv4 one is checked as that one.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # such as one with a zone
        return False
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in _meant(parsed))


def _meant(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, and those that it carries."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    carried = [address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or address in _COMPATIBLE:
        # The first is reserved as such and leads on all the same.
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *(each for each in carried if each is not None)]
