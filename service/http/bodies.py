"""Taking a request's body off the wire, never more of it than an event may have."""

from __future__ import annotations

from typing import Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

LARGEST_BODY: Final = 64 * 1024
"""Bytes in the body of a request for a single event."""

MOST_READ: Final = LARGEST_BODY + 1
"""What the framework may read. It cuts a chunked body off there without a word, so one byte more tells."""


def json_body() -> bytes:
    """The body of a request that says it is JSON."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send the event as Content-Type: application/json")
    if request.content_encoding:
        raise UnsupportedMediaType("send the body as it is, without a Content-Encoding")
    body = request.get_data(cache=False)
    if len(body) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return body
