"""Taking a request's body off the wire, never more of it than an event may have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

LARGEST_BODY: Final = 64 * 1024
"""Bytes in the body of a request for a single event."""

MOST_READ: Final = LARGEST_BODY + 1
"""What the framework may read. It cuts a chunked body off there without a word, so one byte more tells."""


LARGEST_IMPORT: Final = 256 * 1024 * 1024
"""Bytes in an import: a lifter with half a million events."""

_CHUNK: Final = 64 * 1024


def json_body(largest: int = LARGEST_BODY) -> bytes:
    """The body, of at most ``largest`` bytes, of a request that says it is JSON."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send the body as Content-Type: application/json")
    if request.content_encoding:
        raise UnsupportedMediaType("send the body as it is, without a Content-Encoding")
    request.max_content_length = largest + 1
    if (request.content_length or 0) > largest or len(body := request.get_data(cache=False)) > largest:
        raise RequestEntityTooLarge(f"the body of this request has at most {largest} bytes")
    return body


def ndjson_lines(longest: int) -> Iterator[bytes]:
    """The lines of a body that says it is NDJSON, as they arrive; blank ones are left out.

    Memory holds no more than a line of at most ``longest`` bytes and a chunk.
    """
    if request.mimetype != "application/x-ndjson":
        raise UnsupportedMediaType("send the lines as Content-Type: application/x-ndjson")
    if request.content_encoding:
        raise UnsupportedMediaType("send the body as it is, without a Content-Encoding")
    if (request.content_length or 0) > LARGEST_IMPORT:
        raise _too_large(longest)
    request.max_content_length = LARGEST_IMPORT + 1
    return _lines(request.stream, longest)


def _lines(stream: IO[bytes], longest: int) -> Iterator[bytes]:
    taken, rest = 0, b""
    while chunk := stream.read(_CHUNK):
        taken += len(chunk)
        *lines, rest = (rest + chunk).split(b"\n")
        if taken > LARGEST_IMPORT or max(map(len, [*lines, rest])) > longest:
            raise _too_large(longest)
        yield from filter(None, lines)
    if rest:
        yield rest


def _too_large(longest: int) -> RequestEntityTooLarge:
    return RequestEntityTooLarge(f"an import has at most {LARGEST_IMPORT} bytes, and {longest} in a line")
