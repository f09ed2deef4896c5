"""What a backup has beside logs and rule sets, read key by key and written into a store that is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from service.domain.backups import ErasedLifter, KeyCopy, KeyKind
from service.domain.gyms import SANDBOX, may_be_sandbox
from service.domain.identifiers import GYM_OR_LIFTER
from service.domain.instants import Instant
from service.store import key_names
from service.store.connections import Client, answering

_PARTS: Final = 500
"""Of a key, in a line: even."""

_READ: Final[Mapping[KeyKind, tuple[str, tuple[int, ...]]]] = {
    "hash": ("HGETALL", ()),
    "set": ("SMEMBERS", ()),
    "list": ("LRANGE", (0, -1)),
}
_COPIED: Final = re.compile(
    rf"gyms(:told|:sandboxes)?|keys(:used)?|rules:library|rules:published(:[a-z0-9-]+(:since)?)?"
    rf"|\{{gym:{GYM_OR_LIFTER.pattern}\}}:(webhooks|programmes|rule-sets|exercise-names)"
    rf"|\{{gym:(?={SANDBOX}){GYM_OR_LIFTER.pattern}\}}:changes:erased"
)

_WRITE: Final[Mapping[KeyKind, str]] = {"hash": "HSET", "set": "SADD", "list": "RPUSH"}


class Backups:
    """Reads and writes what is of no lifter, and keeps the mark of a restoring that is under way."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def copies(self, gyms: Iterable[str]) -> Iterator[KeyCopy]:
        """What is kept of gyms, keys, webhooks, names of exercises and the publishing of rules."""
        for key, kind in self._kept(gyms):
            command, more = _READ[kind]
            with answering():
                stored = self._client.execute_command(command, key, *more)
            parts = _flat(kind, stored)
            for start in range(0, len(parts), _PARTS):
                yield KeyCopy(key, kind, parts[start : start + _PARTS])

    def programmes(self) -> list[str]:
        """The programmes that were ever published."""
        with answering():
            return sorted(name.decode() for name in self._client.execute_command("HKEYS", key_names.PUBLISHED))

    def put(self, copies: Iterable[KeyCopy]) -> None:
        """Write keys whole, in place of what there is of them."""
        wanted: dict[tuple[str, KeyKind], list[bytes]] = {}
        for copy in copies:
            wanted.setdefault((copy.key, copy.kind), []).extend(copy.parts)
        for (key, kind), parts in wanted.items():
            with answering():
                self._client.execute_command("UNLINK", key)
                for start in range(0, len(parts), _PARTS):
                    self._client.execute_command(_WRITE[kind], key, *parts[start : start + _PARTS])

    def tombstones(self) -> Iterator[ErasedLifter]:
        """What remains of each lifter who was erased."""
        for partition in range(key_names.PARTITIONS):
            with answering():
                stored = self._client.execute_command("HGETALL", key_names.erased(partition))
            for pseudonym, tombstone in sorted(stored.items()):
                yield ErasedLifter(partition, pseudonym.decode(), msgspec.Raw(tombstone))

    def bury(self, erased: Sequence[ErasedLifter]) -> None:
        """Let lifters be erased of whom nothing is there; a tombstone that there is stays."""
        pipeline = self._client.pipeline(transaction=False)
        for each in erased:
            key = key_names.erased(each.partition)
            pipeline.execute_command("HSETNX", key, each.pseudonym, bytes(each.tombstone))
        with answering():
            pipeline.execute()

    def begin_feeds(self, gyms: Mapping[str, int], at: Instant) -> None:
        """Begin each gym's feed, and where its webhooks stand, at a number that it never came to.

        That is the millisecond of ``at``, or what follows the number given: so no place of before can be one of after.
        """
        for gym, newest in gyms.items():
            number = max(at // 1000, newest + 1)
            with answering():
                self._client.execute_command("HSET", key_names.feed_ends(gym), "newest", number, "trimmed", number)
                webhooks = self._client.execute_command("HKEYS", key_names.webhooks(gym))
                for webhook in webhooks:
                    self._client.execute_command(
                        "HSET", key_names.webhook_place(gym, webhook.decode()), "place", number
                    )

    def is_empty(self) -> bool:
        """Whether there is nothing but tombstones."""
        pipeline = self._client.pipeline(transaction=False)
        for key in (key_names.API_KEYS, key_names.GYMS, key_names.TOLD_GYMS, key_names.PUBLISHED):
            pipeline.execute_command("EXISTS", key)
        for partition in range(key_names.PARTITIONS):
            pipeline.execute_command("EXISTS", key_names.lifters(partition))
        with answering():
            return not any(pipeline.execute())

    def restoring(self) -> str | None:
        """The SHA-256 of the backup that is being restored here."""
        with answering():
            stored = self._client.execute_command("GET", key_names.RESTORING)
        return None if stored is None else stored.decode()

    def begin(self, sha256: str) -> None:
        """Mark the place as one where a backup is being restored."""
        with answering():
            self._client.execute_command("SET", key_names.RESTORING, sha256)

    def finish(self) -> None:
        """Take the mark away."""
        with answering():
            self._client.execute_command("UNLINK", key_names.RESTORING)

    def _kept(self, gyms: Iterable[str]) -> Iterator[tuple[str, KeyKind]]:
        """The keys that a backup has."""
        yield key_names.GYMS, "hash"
        yield key_names.SANDBOXES, "hash"
        yield key_names.API_KEYS, "hash"
        yield key_names.API_KEYS_USED, "hash"
        yield key_names.TOLD_GYMS, "set"
        for gym in gyms:
            yield key_names.webhooks(gym), "hash"
            yield key_names.programmes(gym), "hash"
            yield key_names.gym_rule_sets(gym), "set"
            if may_be_sandbox(gym):  # whose ids come back with a reset
                yield key_names.unfed(gym), "set"
            yield key_names.exercise_names(gym), "hash"
        yield key_names.LIBRARY, "hash"
        yield key_names.PUBLISHED, "hash"
        for programme in self.programmes():
            yield key_names.ever_published(programme), "set"
            yield key_names.publications(programme), "list"


def may_be_copied(key: str) -> bool:
    """Whether a key is one of those that a backup has, by its name."""
    return _COPIED.fullmatch(key) is not None


def _flat(kind: KeyKind, stored: Any) -> list[bytes]:
    match kind:
        case "hash":
            return [part for pair in stored.items() for part in pair]
        case "set":
            return sorted(stored)
        case "list":
            return list(stored)
