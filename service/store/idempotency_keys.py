"""Answers to requests with an idempotency key, kept for a day.

Events need none of this: their own ids keep them from being appended twice, for ever. So all that hangs on an answer
that is lost or forgotten is that the next one says ``already_appended`` where the first said ``appended``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from service.domain.errors import RequestUnderWay
from service.store import key_names
from service.store.connections import Client, answering

KEPT_SECONDS: Final = 24 * 3600
"""How long an answer is kept."""

LARGEST_ANSWER: Final = 1024 * 1024
"""Bytes of an answer, compressed, that are kept; of a longer one nothing is."""

_UNDER_WAY_SECONDS: Final = 60
_UNDER_WAY: Final = b"?"
_ANSWERED: Final = b"="
_SHA256_SIZE: Final = 32
_PIECE: Final = 256 * 1024


class Kept(NamedTuple):
    """An answer (zlib), and the SHA-256 of the request that it was to."""

    fingerprint: bytes
    compressed: bytes

    def answer(self) -> Iterator[bytes]:
        """The answer, in pieces of a bounded size."""
        expanding = zlib.decompressobj()
        while piece := expanding.decompress(expanding.unconsumed_tail or self.compressed, _PIECE):
            yield piece
            if expanding.eof:
                return


class Begun(NamedTuple):
    """A request under way: how many lifters of its gym had been erased when it began."""

    erased: int


class Answers:
    """The answers of all gyms. Gym and key are in every name, so a key is its gym's own."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def begin(self, gym: str, key: str) -> Kept | Begun:
        """What was answered under a key; where nothing was, the key is taken until it is answered.

        Raises `RequestUnderWay`. The key of a request that breaks off is free again after a minute.
        """
        name = key_names.idempotency(gym, key)
        erased = self._erased(gym)
        with answering():
            if self._client.execute_command("SET", name, _UNDER_WAY, "NX", "EX", _UNDER_WAY_SECONDS):
                return Begun(erased)
            stored = self._client.execute_command("GET", name)
        if stored is None or stored == _UNDER_WAY:
            raise RequestUnderWay("a request with this Idempotency-Key is under way")
        return Kept(stored[1 : 1 + _SHA256_SIZE], stored[1 + _SHA256_SIZE :])

    def still_under_way(self, gym: str, key: str) -> None:
        """Keep a key taken: the request is a long one."""
        with answering():
            self._client.execute_command("EXPIRE", key_names.idempotency(gym, key), _UNDER_WAY_SECONDS)

    def answered(self, gym: str, key: str, begun: Begun, fingerprint: bytes, compressed: bytes) -> None:
        """Keep an answer (zlib) under its key; one that is too long only frees the key.

        So does one during which a lifter of the gym was erased, for it may be about that lifter.
        """
        if len(compressed) > LARGEST_ANSWER:
            self.free(gym, key)
            return
        name, index, now = key_names.idempotency(gym, key), key_names.idempotency_index(gym), int(time.time())
        pipeline = self._client.pipeline(transaction=False)
        pipeline.execute_command("ZADD", index, now + KEPT_SECONDS, name)
        pipeline.execute_command("ZREMRANGEBYSCORE", index, "-inf", now)
        pipeline.execute_command("EXPIRE", index, KEPT_SECONDS)
        pipeline.execute_command("SET", name, _ANSWERED + fingerprint + compressed, "EX", KEPT_SECONDS)
        with answering():
            pipeline.execute()
        if self._erased(gym) != begun.erased:  # asked last: whoever erases from now on finds the answer
            self.free(gym, key)

    def forget(self, gym: str) -> None:
        """Forget every answer to a gym's requests: a lifter of it was erased, and they may be about that lifter."""
        index = key_names.idempotency_index(gym)
        with answering():
            names = self._client.execute_command("ZRANGE", index, 0, -1)
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.execute_command("UNLINK", name)
            pipeline.execute_command("ZREM", index, name)
        with answering():
            pipeline.execute()

    def _erased(self, gym: str) -> int:
        with answering():
            return int(self._client.execute_command("SCARD", key_names.unfed(gym)))

    def free(self, gym: str, key: str) -> None:
        """Forget a key: its request was not answered in full, and sending it again must try again."""
        with answering():
            self._client.execute_command("DEL", key_names.idempotency(gym, key))
