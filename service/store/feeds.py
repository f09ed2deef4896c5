"""Feeds: the changes of each gym, numbered 1, 2, 3, ... in the order in which they came out of the outboxes.

A commit puts changes into its partition's outbox. From there they are carried to the feed of their gym, which knows
what it has of each outbox: so a change stands there once, whoever carries it, how often, and wherever they are killed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from service.domain.errors import ChangesGone
from service.domain.feed import NumberedChange, Place, mark_of, whose
from service.domain.identifiers import LifterRef
from service.store import key_names
from service.store.cluster import Cluster
from service.store.connections import Client, answering
from service.store.scripts import Argument, Call, Script

_CARRIED_AT_ONCE: Final = 500
_PAGE: Final = 1000
_CARRIED: Final = (b"pseudonym", b"change")


class Feeds:
    """The feeds of all gyms, each of the newest ``kept`` changes."""

    def __init__(self, client: Client, kept: int) -> None:
        self._client = client
        self._kept = kept
        self._feed = Script(client, "feed")
        self._move_texts = Script(client, "feed_texts")

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

    def read(self, gym: str, after: int, limit: int, mark: str = "") -> list[NumberedChange]:
        """Up to ``limit`` changes of a gym that follow number ``after``; raises `ChangesGone`.

        That as well where another change than the one that ``mark`` tells of has the number now.
        """
        pipeline = self._client.pipeline(transaction=False)
        pipeline.execute_command("XRANGE", key_names.feed(gym), f"({after}-0", "+", "COUNT", limit)
        # Asked second: what was trimmed since the first command only costs the reader a 410, and is never a gap.
        pipeline.execute_command("HMGET", key_names.feed_ends(gym), "trimmed", "newest")
        pipeline.execute_command("HGET", key_names.feed_texts(gym), after)
        with answering():
            entries, (trimmed, newest), at_place = pipeline.execute()
        if after < int(trimmed or 0):
            raise ChangesGone(f"of the changes after that place the first are gone: a gym keeps {self._kept:,}")
        if after > int(newest or 0):
            raise ChangesGone("there is no such place: this Spotter stands where it stood before, or is another one")
        if mark and at_place is not None and mark_of(at_place) != mark:  # None: trimmed or erased
            raise ChangesGone("another change has that place by now: of this feed the newest changes were lost once")
        numbers = [_number(entry_id) for entry_id, _ in entries]
        texts = [fields.get(b"change") for _, fields in entries]  # where 0.1.0 had them
        if not all(texts):
            with answering():
                stored = self._client.execute_command("HMGET", key_names.feed_texts(gym), *numbers)
            texts = [text or kept for text, kept in zip(texts, stored, strict=True)]
        # Of what was trimmed or erased meanwhile there is nothing.
        return [NumberedChange(number, text) for number, text in zip(numbers, texts, strict=True) if text]

    def ends(self, gym: str) -> tuple[int, int]:
        """The numbers after which a gym's feed begins, and with which it ends."""
        with answering():
            trimmed, newest = self._client.execute_command("HMGET", key_names.feed_ends(gym), "trimmed", "newest")
        return int(trimmed or 0), int(newest or 0)

    def end(self, gym: str) -> Place:
        """The place behind a gym's newest change."""
        _, newest = self.ends(gym)
        with answering():
            change = self._client.execute_command("HGET", key_names.feed_texts(gym), newest)
        return Place(newest) if change is None else NumberedChange(newest, change).place

    def wait(self, gym: str, after: int, seconds: float) -> None:
        """Wait until a gym's feed has something after a number, or for so long."""
        with answering():
            self._client.execute_command(
                "XREAD", "COUNT", 1, "BLOCK", int(seconds * 1000), "STREAMS", key_names.feed(gym), f"{after}-0"
            )

    def keep_out(self, lifter: LifterRef) -> None:
        """Let no changes of a lifter who is erased into the feed any more."""
        with answering():
            self._client.execute_command("SADD", key_names.unfed(lifter.gym), lifter.pseudonym)

    def erased(self, gym: str) -> set[bytes]:
        """The pseudonyms of a gym's lifters whose changes are kept out."""
        with answering():
            return set(self._client.execute_command("SMEMBERS", key_names.unfed(gym)))

    def let_in(self, gym: str, pseudonyms: Collection[bytes | str]) -> None:
        """Keep the changes of those out no more."""
        if pseudonyms:
            with answering():
                self._client.execute_command("SREM", key_names.unfed(gym), *pseudonyms)

    def begin_anew(self, gym: str) -> None:
        """Have a feed hold nothing of what it held: whoever has not read that is told so, and its numbers go on."""
        ends = key_names.feed_ends(gym)
        with answering():
            newest = self._client.execute_command("HGET", ends, "newest")
            if newest is not None:
                self._client.execute_command("HSET", ends, "trimmed", newest)
            self._client.execute_command("UNLINK", key_names.feed(gym), key_names.feed_texts(gym))

    def forget(self, lifter: LifterRef) -> None:
        """Take an erased lifter's changes out of the feed, and let none in any more."""
        self.keep_out(lifter)
        self.forget_deleted(lifter.gym)
        feed, texts = key_names.feed(lifter.gym), key_names.feed_texts(lifter.gym)
        place = b"0"
        while True:
            with answering():
                place, page = self._client.execute_command("HSCAN", texts, place, "COUNT", _PAGE)
            found = page.items() if isinstance(page, dict) else zip(page[::2], page[1::2], strict=True)
            theirs = [number for number, text in found if whose(text) == lifter.lifter]
            if theirs:
                with answering():
                    self._client.execute_command("HDEL", texts, *theirs)
                    self._client.execute_command("XDEL", feed, *(number + b"-0" for number in theirs))
            if int(place) == 0:
                break

    def forget_deleted(self, gym: str) -> None:
        """Have nothing left of what was deleted from a feed as 0.1.0 wrote it."""
        feed = key_names.feed(gym)
        with answering():
            oldest = self._client.execute_command("XRANGE", feed, "-", "+", "COUNT", 1)
        if oldest and b"change" in oldest[0][1]:
            self._move_texts([feed, key_names.feed_texts(gym)])

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
                run = fields.get(b"run", b"")  # none of 0.1.0
                arguments += (f"p{number:02d}", run, entry_id, *(fields[name] for name in _CARRIED))
        if by_gym:
            if isinstance(self._client, Cluster):
                self._feed.each([Call(_keys_of(gym), arguments) for gym, arguments in by_gym.items()])
                self._forget_carried(outboxes)
            else:
                beside = [key_names.outbox(number) for number in outboxes]
                self._feed.each([Call([*_keys_of(gym), *beside], arguments) for gym, arguments in by_gym.items()])
        return set(by_gym)

    def _forget_carried(self, outboxes: dict[int, Any]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for number, entries in outboxes.items():
            if entries:
                # Not all up to the last of them: a server that has taken over may have added others before it.
                pipeline.execute_command("XDEL", key_names.outbox(number), *(entry_id for entry_id, _ in entries))
        with answering():
            pipeline.execute()


def _keys_of(gym: str) -> list[str]:
    return [key_names.feed(gym), key_names.feed_texts(gym), key_names.feed_ends(gym), key_names.unfed(gym)]


def _number(entry_id: bytes) -> int:
    """The number of the change of an entry."""
    return int(entry_id.partition(b"-")[0])
