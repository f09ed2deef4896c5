"""Posting to a target that somebody else chose: one attempt, bounded in time and in what is read of the answer."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from service.domain.errors import SpotterError
from service.outgoing.targets import Target, TargetRefused, resolve

CONNECT_S: Final = 5.0
WHOLE_S: Final = 15.0
"""Seconds for all of it, however slowly the other side sends what it sends."""

_READ: Final = 4096
"""Bytes of the answer's body that are read, and thrown away."""


class NotDelivered(SpotterError):
    """An attempt that failed; the message says how. ``gone``: the other side wants no more of it (410)."""

    def __init__(self, message: str, *, gone: bool = False) -> None:
        super().__init__(message)
        self.gone = gone


def port_of(url: str) -> tuple[str, int, bool]:
    """The host and the port that a URL names, and whether it is to be spoken to through TLS."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return parts.hostname or "", parts.port or (443 if secure else 80), secure


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> int:
    """POST once and give the status, which is 2xx; everything else raises `NotDelivered`.

    The host is resolved once, and the address that was found good is the one connected to; TLS proves its name.
    Redirects are not followed. ``private`` lets any address pass, for development.
    """
    parts = urlsplit(url)
    host, port, secure = port_of(url)
    ends = time.monotonic() + WHOLE_S
    try:
        target = resolve(host, port, private=private)
    except TargetRefused as error:
        raise NotDelivered(str(error)) from None
    connection = _Connection(host, port, target, secure=secure)
    watch = threading.Timer(ends - time.monotonic(), connection.cut)
    watch.daemon = True
    watch.start()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, {"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        answer.read(_READ)
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        took_too_long = connection.was_cut or isinstance(error, TimeoutError)
        why = "it took too long" if took_too_long else f"{type(error).__name__}: {error}"
        raise NotDelivered(f"no answer: {why}") from None
    finally:
        watch.cancel()
        connection.close()
    if 300 <= status < 400:
        raise NotDelivered(f"answered {status}: redirects are not followed, name the new address as the webhook's URL")
    if not 200 <= status < 300:
        raise NotDelivered(f"answered {status}", gone=status == http.client.GONE)
    return status


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was looked at before, in the name of the host that it was found for."""

    def __init__(self, host: str, port: int, target: Target, *, secure: bool) -> None:
        super().__init__(host, port, timeout=CONNECT_S)
        self._target = target
        self._secure = secure
        self.was_cut = False

    def connect(self) -> None:
        """Connect, and shake hands where that is asked for."""
        self.sock = socket.create_connection(self._target, CONNECT_S)
        if self._secure:
            # In two steps, so that a handshake that drips can be cut as well.
            self.sock = secured = _context().wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            secured.do_handshake()
        if self.was_cut:
            raise TimeoutError
        self.sock.settimeout(WHOLE_S)

    def cut(self) -> None:
        """End it, whatever it is doing."""
        self.was_cut = True
        connected: socket.socket | None = self.sock
        if connected is not None:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                connected.close()


@cache
def _context() -> ssl.SSLContext:
    """What is asked of the other side: a certificate for its name, by an authority that this system knows."""
    return ssl.create_default_context()
