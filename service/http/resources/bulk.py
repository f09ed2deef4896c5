"""Many lifters' events in one request: lines in, and as many lines out while both are still on their way."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from flask import Flask, Response, request

from service.domain.errors import IdempotencyKeyReused, InvalidInput, Problem, Unavailable
from service.http.auth import caller
from service.http.bodies import ndjson_chunks
from service.http.metrics import Metrics
from service.http.ndjson_lines import Judging
from service.http.preferences import minimal_applied, prefers_minimal
from service.http.schemas.queries import NO_QUERY, query
from service.store.idempotency_keys import LARGEST_ANSWER, Answers, Kept
from service.usecases.services import Services

_KEY: Final = re.compile(r"[!-~]{1,255}")


def register(app: Flask, services: Services, metrics: Metrics) -> None:
    """Add the operation to ``app``."""

    @app.post("/v1/events")
    def append_events() -> Response:
        """Append events of many lifters, each judged by itself: 200, with a line for each line."""
        query(NO_QUERY)
        minimal = prefers_minimal()
        key = _idempotency_key()
        body = ndjson_chunks()
        judging = Judging(services, metrics, minimal=minimal)
        once = None if key is None else _Once(services.answers, caller().gym, key)
        kept = None if once is None else once.begin()
        headers = {}
        if once is None:
            answer = judging.answer(body)
        elif kept is None:
            answer = once.remembered(judging, body)
        else:
            answer = once.replayed(kept, judging, body)
            headers["Idempotent-Replayed"] = "true"
        # What is wrong before the first line was judged is a problem of the whole request, with a status of its own.
        first = next(answer, b"")
        response = Response(judging.guarded(first, answer), headers=headers, content_type="application/x-ndjson")
        return minimal_applied(response) if minimal else response


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or _KEY.fullmatch(key):
        return key
    raise InvalidInput(Problem("/Idempotency-Key", "must be 1 to 255 visible ASCII characters without spaces"))


class _Once:
    """A request with an idempotency key of its gym's."""

    def __init__(self, answers: Answers, gym: str, key: str) -> None:
        self._answers = answers
        self._gym = gym
        self._key = key

    def begin(self) -> Kept | None:
        """The answer that was given under this key before; None where there was none."""
        return self._answers.begin(self._gym, self._key)

    def remembered(self, judging: Judging, body: Iterator[bytes]) -> Iterator[bytes]:
        """The answer to a body, to be kept when it is whole and final."""
        seen = _fingerprint(judging)
        compressing = zlib.compressobj()
        kept = bytearray()
        done = False
        try:
            for piece in judging.answer(_seen(body, seen)):
                with suppress(Unavailable):
                    self._answers.still_under_way(self._gym, self._key)
                if len(kept) <= LARGEST_ANSWER:
                    kept += compressing.compress(piece)
                yield piece
            kept += compressing.flush()
            done = judging.is_final
        finally:
            # Where the store is gone, the key is free by itself after a while.
            with suppress(Unavailable):
                if done:
                    self._answers.answered(self._gym, self._key, seen.digest(), bytes(kept))
                else:
                    self._answers.free(self._gym, self._key)

    def replayed(self, kept: Kept, judging: Judging, body: Iterator[bytes]) -> Iterator[bytes]:
        """The answer that was kept, once the body has proven to be the same."""
        seen = _fingerprint(judging)
        for _ in _seen(body, seen):
            pass
        if seen.digest() != kept.fingerprint:
            raise IdempotencyKeyReused(
                "this Idempotency-Key came with another body before: give each request a key of its own"
            )
        return kept.answer()


def _fingerprint(judging: Judging) -> Any:
    return hashlib.sha256(b"minimal\n" if judging.minimal else b"whole\n")


def _seen(chunks: Iterator[bytes], seen: Any) -> Iterator[bytes]:
    for chunk in chunks:
        seen.update(chunk)
        yield chunk
