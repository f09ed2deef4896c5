"""Feeds: the changes of each gym, numbered 1, 2, 3, ... in the order in which they came out of the outboxes.

A commit puts changes into its partition's outbox. From there they are carried to the feed of their gym, which knows
what it has of each outbox: so a change stands there once, whoever carries it, how often, and wherever they are killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from service.domain.errors import ChangesGone
from service.domain.feed import NumberedChange
from service.domain.identifiers import LifterRef
from service.store import key_names
from service.store.connections import Client, answering
from service.store.scripts import Argument, Call, Script

_CARRIED_AT_ONCE: Final = 500
_PAGE: Final = 1000
_CARRIED: Final = (b"lifter", b"pseudonym", b"change")


class Feeds:
    """The feeds of all gyms, each of the newest ``kept`` changes."""

    def __init__(self, client: Client, kept: int) -> None:
        self._client = client
        self._kept = kept
        self._feed = Script(client, "feed")

    def carry(self, partitions: Iterable[int]) -> set[str]:
        """Carry what lies in the outboxes of partitions to its feeds; the gyms for whom there was something."""
        gyms: set[str] = set()
        numbers = list(partitions)
        while numbers:
            outboxes = dict(zip(numbers, self._outboxes(numbers), strict=True))
            numbers = [number for number, entries in outboxes.items() if len(entries) == _CARRIED_AT_ONCE]
            gyms |= self._carry(outboxes)
        return gyms

    def waiting(self) -> list[int]:
        """The partitions whose outbox is not empty."""
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS):
            pipeline.execute_command("XLEN", key_names.outbox(number))
        with answering():
            return [number for number, length in enumerate(pipeline.execute()) if length]

    def read(self, gym: str, after: int, limit: int) -> list[NumberedChange]:
        """Up to ``limit`` changes of a gym that follow number ``after``; raises `ChangesGone`."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.execute_command("XRANGE", key_names.feed(gym), f"({after}-0", "+", "COUNT", limit)
        # Asked second: what was trimmed since the first command only costs the reader a 410, and is never a gap.
        pipeline.execute_command("HMGET", key_names.feed_ends(gym), "trimmed", "newest")
        with answering():
            entries, (trimmed, newest) = pipeline.execute()
        if after < int(trimmed or 0):
            raise ChangesGone(f"of the changes after that place the first are gone: a gym keeps {self._kept:,}")
        if after > int(newest or 0):
            raise ChangesGone("there is no such place: this Spotter stands where it stood before, or is another one")
        return [NumberedChange(int(entry_id.partition(b"-")[0]), fields[b"change"]) for entry_id, fields in entries]

    def ends(self, gym: str) -> tuple[int, int]:
        """The numbers after which a gym's feed begins, and with which it ends."""
        with answering():
            trimmed, newest = self._client.execute_command("HMGET", key_names.feed_ends(gym), "trimmed", "newest")
        return int(trimmed or 0), int(newest or 0)

    def wait(self, gym: str, after: int, seconds: float) -> None:
        """Wait until a gym's feed has something after a number, or for so long."""
        with answering():
            self._client.execute_command(
                "XREAD", "COUNT", 1, "BLOCK", int(seconds * 1000), "STREAMS", key_names.feed(gym), f"{after}-0"
            )

    def forget(self, lifter: LifterRef) -> None:
        """Take an erased lifter's changes out of the feed, and let none in any more."""
        with answering():
            self._client.execute_command("SADD", key_names.unfed(lifter.gym), key_names.pseudonym(lifter))
        feed, name, place = key_names.feed(lifter.gym), lifter.lifter.encode(), b"-"
        while True:
            with answering():
                page = self._client.execute_command("XRANGE", feed, place, "+", "COUNT", _PAGE)
            theirs = [entry_id for entry_id, fields in page if fields[b"lifter"] == name]
            if theirs:
                with answering():
                    self._client.execute_command("XDEL", feed, *theirs)
            if len(page) < _PAGE:
                break
            place = b"(" + page[-1][0]
        with answering():
            self._client.execute_command(
                "SREM", key_names.unfeeding(key_names.partition(lifter)), key_names.member(lifter)
            )

    def unfeeding(self) -> list[LifterRef]:
        """The erased lifters of whom something may still stand in a feed."""
        pipeline = self._client.pipeline(transaction=False)
        for number in range(key_names.PARTITIONS):
            pipeline.execute_command("SMEMBERS", key_names.unfeeding(number))
        with answering():
            return [key_names.lifter_of(name) for names in pipeline.execute() for name in sorted(names)]

    def _outboxes(self, partitions: Sequence[int]) -> list[Any]:
        pipeline = self._client.pipeline(transaction=False)
        for number in partitions:
            pipeline.execute_command("XRANGE", key_names.outbox(number), "-", "+", "COUNT", _CARRIED_AT_ONCE)
        with answering():
            return pipeline.execute()

    def _carry(self, outboxes: dict[int, Any]) -> set[str]:
        by_gym: dict[str, list[Argument]] = {}
        for number, entries in outboxes.items():
            for entry_id, fields in entries:
                arguments = by_gym.setdefault(fields[b"gym"].decode(), [self._kept])
                arguments += (f"p{number:02d}", entry_id, *(fields[name] for name in _CARRIED))
        if by_gym:
            self._feed.each(
                [
                    Call([key_names.feed(gym), key_names.feed_ends(gym), key_names.unfed(gym)], arguments)
                    for gym, arguments in by_gym.items()
                ]
            )
            pipeline = self._client.pipeline(transaction=False)
            for number, entries in outboxes.items():
                if entries:
                    # Whatever came up to the last of them has been carried: by whom does not matter.
                    pipeline.execute_command("XTRIM", key_names.outbox(number), "MINID", _following(entries[-1][0]))
            with answering():
                pipeline.execute()
        return set(by_gym)


def _following(entry_id: bytes) -> str:
    """The smallest id of a stream after another."""
    milliseconds, _, sequence = entry_id.decode().partition("-")
    return f"{milliseconds}-{int(sequence) + 1}"
