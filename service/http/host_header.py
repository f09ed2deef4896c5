"""The Host header: a request that names no host, or several, is refused (RFC 9112, section 3.2).

A proxy in front may take one of two hosts and Spotter's logs the other, so neither is guessed.
"""

from __future__ import annotations

import re
from typing import Final

from flask import request
from werkzeug.exceptions import BadRequest

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+;=-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
"""A name or an address, and perhaps a port. Several headers arrive as one, with commas, which no host's name has."""


def check() -> None:
    """Raise `BadRequest` unless the request names one host; HTTP/1.0 may leave it out."""
    host = request.environ.get("HTTP_HOST", "")  # the web server makes one that is missing an empty one
    if not host and request.environ["SERVER_PROTOCOL"] != "HTTP/1.1":
        return
    if not _HOST.fullmatch(host):
        raise BadRequest("a request has one Host header, with a host and perhaps a port")
