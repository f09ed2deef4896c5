"""A request with an idempotency key: answered once, and told the same answer when it is sent again within a day.

Whether an event is new is not decided here: its own id keeps it from being appended twice, for ever (``append.lua``).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from service.domain.errors import IdempotencyKeyReused, Unavailable
from service.store.idempotency_keys import LARGEST_ANSWER, Answers, Begun
from service.usecases.services import Services


class Answered(NamedTuple):
    """An answer, in pieces; ``is_replayed``: it was given before, to the same request."""

    pieces: Iterator[bytes]
    is_replayed: bool


def answer_once(
    services: Services,
    gym: str,
    key: str,
    body: Iterator[bytes],
    answer: Callable[[Iterator[bytes]], Iterator[bytes]],
    *,
    asked_for: bytes,
    is_final: Callable[[], bool],
) -> Answered:
    """Answer a request of a gym by ``answer``, or as it was answered under this key before.

    ``asked_for`` is what beside the body the answer depends on. The answer is kept once it was given in full, if
    ``is_final`` then says that sending the request again would come to the same. Raises `RequestUnderWay`, and
    `IdempotencyKeyReused` when the first piece is taken.
    """
    kept = services.answers.begin(gym, key)
    fingerprint = hashlib.sha256(asked_for + b"\n")
    body = _hashed(body, fingerprint)
    if isinstance(kept, Begun):
        return Answered(_kept(services.answers, gym, key, kept, answer(body), fingerprint, is_final), is_replayed=False)

    def replayed() -> Iterator[bytes]:
        for _ in body:
            pass
        if fingerprint.digest() != kept.fingerprint:
            raise IdempotencyKeyReused(
                "this Idempotency-Key came with another body before: give each request a key of its own"
            )
        yield from kept.answer()

    return Answered(replayed(), is_replayed=True)


def _kept(
    answers: Answers,
    gym: str,
    key: str,
    begun: Begun,
    pieces: Iterator[bytes],
    fingerprint: Any,
    is_final: Callable[[], bool],
) -> Iterator[bytes]:
    """The pieces of an answer, which is kept when it is whole and final."""
    compressing = zlib.compressobj()
    kept = bytearray()
    done = False
    try:
        for piece in pieces:
            with suppress(Unavailable):
                answers.still_under_way(gym, key)
            if len(kept) <= LARGEST_ANSWER:
                kept += compressing.compress(piece)
            yield piece
        kept += compressing.flush()
        done = is_final()
    finally:
        # Where the store is gone, the key is free by itself after a while.
        with suppress(Unavailable):
            if done:
                answers.answered(gym, key, begun, fingerprint.digest(), bytes(kept))
            else:
                answers.free(gym, key)


def _hashed(chunks: Iterator[bytes], fingerprint: Any) -> Iterator[bytes]:
    for chunk in chunks:
        fingerprint.update(chunk)
        yield chunk
