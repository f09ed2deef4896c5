"""Erasing lifters, and the tombstones that remain of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.store import key_names
from service.store.connections import Client, answering
from service.store.log import PAGE
from service.store.scripts import Argument, Script

_NO_HASH: Final = bytes(32)


class Tombstone(msgspec.Struct, frozen=True):
    """What remains of an erased lifter: when, by which key, and of how many events with which chain head."""

    erased_at: Instant
    erased_by: str
    events: int
    log_head: str


class Erased(NamedTuple):
    """How many lifters were erased; of how many feeds may still tell, and servers' files may hold something."""

    lifters: int
    unsettled: int
    unwritten: int


_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(Tombstone).decode


class Erasures:
    """The erasures of all lifters."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        """``replicas``: how many must confirm an erasure before it counts as done."""
        self._client = client
        self._replicas = replicas
        self._erase = Script(client, "erase")
        self._settle = Script(client, "settle")

    def find(self, lifter: LifterRef) -> Tombstone | None:
        """What remains of a lifter; None of one who was not erased."""
        with answering():
            stored = self._client.execute_command(
                "HGET", key_names.erased(key_names.partition(lifter)), lifter.pseudonym
            )
        return None if stored is None else _decode(stored)

    def unreadable(self, partition: int) -> list[str]:
        """The pseudonyms of a partition under which something else than a tombstone stands."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.erased(partition))
        return [name.decode(errors="replace") for name, each in stored.items() if not _is_tombstone(each)]

    def erase(self, lifter: LifterRef, *, at: Instant, by: str) -> Tombstone:
        """Erase everything of a lifter, once for ever; an earlier erasure's tombstone stays as it is.

        The tombstone speaks of exactly what was erased: when the log grows meanwhile, the rest of it is read too.
        Raises `Unavailable` when it is not certain that it is done; doing it again is safe.
        """
        partition = key_names.partition(lifter)
        names = [
            key_names.erased(partition),
            key_names.lifters(partition),
            key_names.dirty(partition),
            key_names.parked(partition),
        ]
        names += [key_names.due_of(lifter), key_names.outbox(partition), key_names.unfeeding(partition)]
        names += key_names.of_lifter(lifter)
        head, events, last = GENESIS, 0, b"0-0"
        while True:
            while page := self._page(lifter, last):
                head = extend_chain(head, (fields.get(b"sha256", _NO_HASH) for _, fields in page))
                events, last = events + len(page), page[-1][0]
            tombstone = _encode(Tombstone(at, by, events, head.hex()))
            arguments: list[Argument] = [key_names.member(lifter), lifter.pseudonym, events, tombstone]
            status, *kept = self._erase.confirmed(names, arguments, self._replicas)
            if status == b"done":
                return _decode(kept[0])

    def settle(self, lifter: LifterRef) -> None:
        """Note that no key holds anything of an erased lifter any more; the servers' files may."""
        partition = key_names.partition(lifter)
        names = [key_names.unfeeding(partition), key_names.unwritten(partition)]
        self._settle(names, [key_names.member(lifter), lifter.pseudonym])

    def unsettled(self) -> list[LifterRef]:
        """The erased lifters of whom keys beside their own may still hold something."""
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS):
            pipeline.execute_command("SMEMBERS", key_names.unfeeding(number))
        with answering():
            return [key_names.lifter_of(name) for names in pipeline.execute() for name in sorted(names)]

    def lift(self, gym: str, pseudonyms: Collection[bytes]) -> None:
        """Let ids of a sandbox be used again: forget that anybody was erased under them."""
        unsettled = [lifter for lifter in self.unsettled() if lifter.gym == gym]
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS) if pseudonyms else ():
            pipeline.execute_command("HDEL", key_names.erased(number), *pseudonyms)
        for lifter in unsettled:
            unfeeding = key_names.unfeeding(key_names.partition(lifter))
            pipeline.execute_command("SREM", unfeeding, key_names.member(lifter))
        with answering():
            pipeline.execute()

    def is_settled(self, lifter: LifterRef) -> bool:
        """Whether no key holds anything of an erased lifter any more."""
        unfeeding = key_names.unfeeding(key_names.partition(lifter))
        with answering():
            return not self._client.execute_command("SISMEMBER", unfeeding, key_names.member(lifter))

    def is_written(self, lifter: LifterRef) -> bool:
        """Whether the servers' files, too, were written without an erased lifter who is settled."""
        unwritten = key_names.unwritten(key_names.partition(lifter))
        with answering():
            may_be_held = self._client.execute_command("SISMEMBER", unwritten, lifter.pseudonym)
        return not may_be_held and self.are_followed_up()

    def are_followed_up(self) -> bool:
        """Whether it is noted of every erased lifter what may still hold them; of those of 0.1.0 it was not."""
        with answering():
            return bool(self._client.execute_command("EXISTS", key_names.ERASURES_FOLLOWED_UP))

    def follow_up(self) -> int:
        """Note of everybody erased so far that the servers' files may hold them; how many."""
        count = 0
        for number in range(key_names.PARTITIONS):
            with answering():
                names = self._client.execute_command("HKEYS", key_names.erased(number))
                if names:
                    self._client.execute_command("SADD", key_names.unwritten(number), *names)
            count += len(names)
        with answering():
            self._client.execute_command("SET", key_names.ERASURES_FOLLOWED_UP, 1)
        return count

    def count(self) -> Erased:
        """How many lifters were erased, and how far what follows has come."""
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS):
            pipeline.execute_command("HLEN", key_names.erased(number))
            pipeline.execute_command("SCARD", key_names.unfeeding(number))
            pipeline.execute_command("SCARD", key_names.unwritten(number))
        with answering():
            counts = pipeline.execute()
        return Erased(sum(counts[::3]), sum(counts[1::3]), sum(counts[2::3]))

    def unwritten(self) -> dict[int, set[bytes]]:
        """The pseudonyms of erased lifters whom the servers' files may still hold, by partition."""
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS):
            pipeline.execute_command("SMEMBERS", key_names.unwritten(number))
        with answering():
            return {number: set(names) for number, names in enumerate(pipeline.execute()) if names}

    def written(self, pseudonyms: Mapping[int, Collection[bytes]]) -> None:
        """Note that the servers' files hold these, by partition, no more."""
        pipeline = self._client.pipeline(transaction=False)
        for number, names in pseudonyms.items():
            pipeline.execute_command("SREM", key_names.unwritten(number), *names)
        with answering():
            pipeline.execute()

    def _page(self, lifter: LifterRef, after: bytes) -> list[Any]:
        """Entries as they are, in order: also a log that no replay could read can be erased."""
        with answering():
            entries: list[Any] = self._client.execute_command(
                "XRANGE", key_names.log(lifter), b"(" + after, "+", "COUNT", PAGE
            )
        return entries


def _is_tombstone(stored: bytes) -> bool:
    try:
        _decode(stored)
    except msgspec.MsgspecError:
        return False
    return True
