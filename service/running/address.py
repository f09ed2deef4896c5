"""Where the web server listens, and how it is reached."""

import errno
import socket

from service.config import Settings
from service.domain.errors import SpotterError

# An address for every interface is none to connect to.
_REACHABLE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound


def resolve(host: str) -> str:
    """Give the IP address of `host`; raises `SpotterError` when there is none."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError as error:
        raise SpotterError(f"SPOTTER_HOST {host!r} is no address to listen on ({error.strerror}).") from error


def check_is_free(host: str, port: int) -> None:
    """Raise `SpotterError` if nothing can listen on `host` and `port`.

    Asked with a socket that shares the port with nobody: granian's would silently join another granian's.
    """
    address = resolve(host)
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SpotterError(
                f"Port {port} on {host} is already in use. Stop what uses it, or set SPOTTER_PORT to another."
            ) from error
        raise SpotterError(
            f"Cannot listen on port {port} of {host} ({error.strerror}). Check SPOTTER_PORT and SPOTTER_HOST."
        ) from error


def reachable(host: str) -> str:
    """Give the host name at which this machine reaches a server that listens on `host`."""
    return _REACHABLE.get(host, host)


def url(settings: Settings) -> str:
    """Give the base URL at which this machine reaches the API."""
    host = reachable(settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
