"""Replies: the one JSON encoder of the contract, replies under an ETag, and lists with a next page."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from service.domain.errors import InvalidInput, Problem
from service.domain.instants import Instant, render

encode: Final = msgspec.json.Encoder(decimal_format="number").encode
"""Write a document as the contract's JSON: decimals are numbers with the digits they have."""

OF_ANOTHER_LIST: Final = Problem("/after", "must be the cursor of this list's next page, as it was given")


def time_or_none(instant: Instant | None) -> str | None:
    """An instant as the contract writes it; None where there is none."""
    return None if instant is None else render(instant)


def reply(document: Any, status: int = 200) -> Response:
    """A document as JSON."""
    return Response(encode(document) + b"\n", status, content_type="application/json")  # a line, for terminals


def reply_tagged(document: Any, tag: str) -> Response:
    """A document under its entity tag; 304 without it for a client that has it already."""
    if request.if_none_match.contains_weak(tag):
        return not_modified(tag)
    response = reply(document)
    response.set_etag(tag)
    return response


def not_modified(tag: str) -> Response:
    """The reply to a client that has what the tag names."""
    response = Response(status=304)
    response.set_etag(tag)
    return response


def vary(response: Response, header: str) -> None:
    """Say that the reply depends on another header of the request, too.

    As ``response.vary.add`` does, which reads, sorts out and quotes all of them again each time.
    """
    others = response.headers.get("Vary")
    if others is None or header not in others.split(", "):  # an answer that was forwarded has it already
        response.headers["Vary"] = header if others is None else f"{others}, {header}"


def reply_page(name: str, items: list[Any], after: str | None) -> Response:
    """A page of a list; ``after`` is the place of its last item where more follow, None at the end."""
    if after is None:
        return reply({name: items, "next": None})
    path = this_path(after=cursor(after))
    response = reply({name: items, "next": path})
    response.headers["Link"] = f'<{path}>; rel="next"'
    return response


def this_path(**parameters: str) -> str:
    """Where this very request went, with some parameters otherwise."""
    return f"{request.path}?{urlencode({**request.args.to_dict(), **parameters})}"


def cursor(place: str) -> str:
    """An opaque mark for a place in a list."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(text: str) -> str:
    """The place that a cursor marks; raises `InvalidInput` for what is no cursor."""
    try:
        place = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        place = ""
    if not place or cursor(place) != text:
        raise InvalidInput(Problem("/after", "must be the cursor of a list's next page, as it was given"))
    return place


def rank_of(place: str) -> tuple[int, str]:
    """The rank and the id that a place in a list of the best first has; raises `InvalidInput` for another place."""
    rank, slash, name = place.partition("/")
    if not slash or len(rank) > 6 or not (rank.isascii() and rank.isdigit()):
        raise InvalidInput(OF_ANOTHER_LIST)
    return int(rank), name


def number_of(text: str) -> int:
    """The number that a cursor marks; raises `InvalidInput` for what is no cursor of a numbered list."""
    place = place_of(text)
    if not place.isdigit() or len(place) > 16:
        raise InvalidInput(OF_ANOTHER_LIST)
    return int(place)
