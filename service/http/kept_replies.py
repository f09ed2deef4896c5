"""Replies that stay the same for long: tagged and compressed, and those about what is published written only once."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Final

from flask import Response, request

MOST_KEPT: Final = 16 << 20
"""Bytes of replies that a process keeps: the whole catalogue is 0.6 MB, and there are as many searches as words."""

_OK: Final = 200
_WORTH_COMPRESSING: Final = 1024
"""Bytes from which on a reply gets smaller by more than it costs."""
_QUICKLY: Final = 5


class Written:
    """A reply's JSON, with what was worked out of it so far."""

    def __init__(self, response: Response) -> None:
        self._body = response.data
        self._link = response.headers.get("Link")

    def __len__(self) -> int:
        return len(self._body)

    @cached_property
    def _sha256(self) -> bytes:
        return hashlib.sha256(self._body).digest()

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._body, compresslevel=_QUICKLY, mtime=0)

    def reply(self, gym: str) -> Response:
        """It, under a tag made of its bytes, and compressed for whoever takes that.

        The tag is a weak one, for it stands for either form, and the gym's own, as every tag is. 304 without a body
        for a client that has it already.
        """
        response = Response(self._body, content_type="application/json")
        if self._link is not None:
            response.headers["Link"] = self._link
        response.set_etag(hashlib.sha256(b"\n".join((gym.encode(), self._sha256))).hexdigest(), weak=True)
        response.vary.add("Accept-Encoding")
        response.make_conditional(request)
        if response.status_code == _OK and request.accept_encodings["gzip"] and len(self) > _WORTH_COMPRESSING:
            response.data = self._compressed
            response.content_encoding = "gzip"
        return response


def worth_keeping(response: Response, gym: str) -> Response:
    """A reply that stays the same for long, under a tag and compressed; see `Written.reply`."""
    return Written(response).reply(gym)


class PublishedReplies:
    """Replies about what is published, by path and parameters, for as long as nothing else is published.

    Finding, writing and compressing the catalogue takes some 20 ms, during which every other request of the process
    waits; it is the same for everybody.
    """

    def __init__(self, published: Callable[[], Mapping[str, str]]) -> None:
        """``published`` gives the digest of the newest rule set of every programme."""
        self._published = published
        self._kept: tuple[Mapping[str, str], dict[str, Written]] = {}, {}

    def reply(self, gym: str, write: Callable[[], Response], own: str = "") -> Response:
        """What ``write`` gives: a function of the request's path and parameters, and of what is published.

        ``own`` names what it is a function of beside these.
        """
        published, asked = self._published(), f"{request.full_path}\n{own}"
        of, kept = self._kept
        if published != of:
            kept = {}
            self._kept = published, kept
        written = kept.get(asked)
        if written is None:
            written = Written(write())
            if sum(map(len, list(kept.values()))) + len(written) > MOST_KEPT:
                kept.clear()
            kept[asked] = written
        return written.reply(gym)
