"""Projections: what a replay of each lifter's log led to, and which of them are behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.projection_fields import CHECKPOINT, VERSION
from service.engine.changes.change import TOLD
from service.engine.replay.projection import Run
from service.engine.replay.snapshots import Rung, rungs_of
from service.engine.replay.state import SHARED
from service.store import key_names
from service.store.connections import Client, answering
from service.store.log import PAGE, run_of
from service.store.scripts import Argument, Call, Script


class Loaded(NamedTuple):
    """A projection (no fields: there is none) and the first `PAGE` entries of the log that are not yet in it.

    ``told`` is the stored record of the changes that the feed has of the lifter.
    """

    lifter: LifterRef
    fields: Mapping[bytes, bytes]
    tail: Run
    told: Mapping[bytes, bytes] = MappingProxyType({})

    @property
    def checkpoint(self) -> bytes:
        """What the projection stands on; empty when there is none."""
        return self.fields.get(CHECKPOINT, b"")


class Glance(NamedTuple):
    """The one field of a projection that is of no single track (None: there is no projection), and the log's head."""

    shared: bytes | None
    head: int


class Telling(NamedTuple):
    """What a commit has to tell: only over what had been told ``before`` (empty: nothing).

    ``now`` is what has been told after it, ``look_at`` when to look again though nothing was logged (None: never).
    ``forgotten`` and ``remembered`` are slots; ``changes`` are for the gym's feed, as JSON, in order.
    """

    before: bytes
    now: bytes
    look_at: Instant | None
    forgotten: Sequence[str]
    remembered: Mapping[str, bytes]
    changes: Sequence[bytes]


class Commit(NamedTuple):
    """What a replay wants to change: only over the checkpoint ``expected`` (empty: no projection).

    ``version`` is what the projection is of after it; ``read`` up to where the log was looked at, which is further
    when the lifter is parked at an event in between. ``removed`` are fields that shall be no more. ``rungs`` go to the
    ladder's slots; an empty one drops what is there. ``settles``: whether nothing is left to tell of what was read.
    ``event`` is the last that was read, as it is stored, where it is at hand: another one there refuses the commit.
    """

    lifter: LifterRef
    expected: bytes
    checkpoint: bytes
    version: int
    read: int
    changed: Mapping[bytes, bytes]
    removed: Sequence[bytes]
    parked: bool
    rungs: Mapping[bytes, bytes] = MappingProxyType({})
    telling: Telling | None = None
    settles: bool = True
    event: bytes = b""


class Dirty(NamedTuple):
    """How many lifters are behind, since how long the one marked first (ms), and the first few, oldest mark first.

    ``due`` are a few of those who are not behind, but for whom time alone may have changed something.
    """

    lifters_behind: int
    oldest_ms: int
    oldest: list[LifterRef]
    due: list[LifterRef]


class Projections:
    """The projections of all lifters."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read = Script(client, "read")
        self._commit = Script(client, "commit")
        self._dirty = Script(client, "dirty")
        self._forget = Script(client, "forget")
        self._come_due = Script(client, "come_due")

    def load(self, lifter: LifterRef) -> dict[bytes, bytes]:
        """The fields of a projection; empty when there is none."""
        with answering():
            fields: dict[bytes, bytes] = self._client.execute_command("HGETALL", key_names.state(lifter))
        return fields

    def checkpoints(self, lifters: Sequence[LifterRef]) -> list[bytes]:
        """What the projections of lifters stand on, in one round trip; empty for those that have none."""
        pipeline = self._client.pipeline(transaction=False)
        for lifter in lifters:
            pipeline.execute_command("HGET", key_names.state(lifter), CHECKPOINT)
        with answering():
            return [checkpoint or b"" for checkpoint in pipeline.execute()]

    def shared(self, lifters: Sequence[LifterRef]) -> list[Glance]:
        """Of each lifter what no single track owns, and how long the log is, in one round trip."""
        pipeline = self._client.pipeline(transaction=False)
        for lifter in lifters:
            pipeline.execute_command("HGET", key_names.state(lifter), SHARED)
            pipeline.execute_command("XLEN", key_names.log(lifter))
        with answering():
            replies = pipeline.execute()
        return [Glance(*each) for each in zip(replies[::2], replies[1::2], strict=True)]

    def ladder(self, lifter: LifterRef) -> list[Rung]:
        """The older checkpoints of a lifter, the newest first."""
        with answering():
            return rungs_of(self._client.execute_command("HGETALL", key_names.ladder(lifter)))

    def load_with_tail(self, lifters: Sequence[LifterRef]) -> list[Loaded]:
        """The projections of lifters, each with what of the log follows it, in one round trip."""
        replies = self._read.each(
            [Call([key_names.log(lifter), key_names.state(lifter)], [0, "+", PAGE]) for lifter in lifters]
        )
        return [
            Loaded(lifter, _fields(reply[0]), run_of(reply)) for lifter, reply in zip(lifters, replies, strict=True)
        ]

    def load_to_tell(self, lifters: Sequence[LifterRef]) -> list[Loaded]:
        """The same, with the record of the changes that the feed has of them."""
        names = [[key_names.log(lifter), key_names.state(lifter), key_names.told(lifter)] for lifter in lifters]
        replies = self._read.each([Call(each, [0, "+", PAGE]) for each in names])
        return [
            Loaded(lifter, _fields(reply[0]), run_of(reply), _fields(reply[7]))
            for lifter, reply in zip(lifters, replies, strict=True)
        ]

    def told(self, lifter: LifterRef) -> dict[bytes, bytes]:
        """The stored record of the changes that the feed has of a lifter."""
        with answering():
            stored: dict[bytes, bytes] = self._client.execute_command("HGETALL", key_names.told(lifter))
        return stored

    def put_told(self, lifter: LifterRef, told: bytes) -> None:
        """Write up to where everything of a lifter was told."""
        with answering():
            self._client.execute_command("HSET", key_names.told(lifter), TOLD, told)

    def commit(self, commits: Sequence[Commit]) -> list[bool]:
        """Commit each, in one round trip; false for one that another commit came before: nothing of it was written.

        A lifter whose log was read to its head is dirty no more.
        """
        return [bool(reply) for reply in self._commit.each([_call(commit) for commit in commits])]

    def delete(self, lifter: LifterRef) -> None:
        """Forget a projection and mark its lifter dirty: it is made again from the log."""
        self._forget(_keys_of_commit(lifter)[:5], [key_names.member(lifter)])

    def dirty(self, partitions: Iterable[int], limit: int, now: Instant) -> list[Dirty]:
        """What is behind in each of the partitions, and due now, naming up to ``limit`` (1 or more) lifters of each."""
        calls = [Call([key_names.dirty(number), key_names.due(number)], [limit, now]) for number in partitions]
        return [
            Dirty(
                count,
                oldest,
                list(map(key_names.lifter_of, names[:behind])),
                list(map(key_names.lifter_of, names[behind:])),
            )
            for count, oldest, behind, *names in self._dirty.each(calls)
        ]

    def come_due(self, clocks: Mapping[str, Instant]) -> list[int]:
        """Mark the lifters of sandboxes as behind who are due by the clock of theirs; the partitions that have any."""
        by_gym: list[Argument] = [part for gym, now in clocks.items() for part in (gym, now)]
        numbers = range(key_names.PARTITIONS)
        calls = [Call([key_names.due_in_sandbox(number), key_names.dirty(number)], by_gym) for number in numbers]
        return [number for number, count in enumerate(self._come_due.each(calls)) if count]

    def parked(self) -> int:
        """How many lifters are parked at an event that cannot be replayed."""
        pipeline = self._client.pipeline(transaction=False)
        for partition in range(key_names.PARTITIONS):
            pipeline.execute_command("SCARD", key_names.parked(partition))
        with answering():
            return sum(pipeline.execute())

    def parked_lifters(self, at_most: int) -> list[LifterRef]:
        """Some of those who are parked, up to ``at_most`` of a partition."""
        pipeline = self._client.pipeline(transaction=False)
        for partition in range(key_names.PARTITIONS):
            pipeline.execute_command("SRANDMEMBER", key_names.parked(partition), at_most)
        with answering():
            return sorted(key_names.lifter_of(name) for names in pipeline.execute() for name in names)

    def behind(self, lifters: Sequence[LifterRef]) -> int:
        """How many events of these lifters their projections lack, in all."""
        pipeline = self._client.pipeline(transaction=False)
        for lifter in lifters:
            pipeline.execute_command("XLEN", key_names.log(lifter))
            pipeline.execute_command("HGET", key_names.state(lifter), VERSION)
        with answering():
            replies = pipeline.execute()
        return sum(max(head - int(version or 0), 0) for head, version in zip(replies[::2], replies[1::2], strict=True))


def _fields(flat: Any) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _call(commit: Commit) -> Call:
    gym, lifter = commit.lifter
    telling = commit.telling
    arguments: list[Argument] = [commit.expected, commit.checkpoint, commit.version, commit.read]
    arguments += ["1" if commit.parked else "0", key_names.member(commit.lifter)]
    arguments += [len(commit.removed), len(commit.rungs), "1" if commit.settles else "0"]
    if telling is None:
        arguments += ["*", "", "", 0, 0, 0]
    else:
        look_at = "" if telling.look_at is None else telling.look_at
        arguments += [telling.before, telling.now, look_at]
        arguments += [len(telling.forgotten), len(telling.remembered), len(telling.changes)]
    arguments += [gym, lifter, commit.lifter.pseudonym, commit.event, *commit.removed]
    for slot, rung in commit.rungs.items():
        arguments += (slot, rung)
    if telling is not None:
        arguments += telling.forgotten
        for name, known in telling.remembered.items():
            arguments += (name, known)
        arguments += telling.changes
    for field, value in commit.changed.items():
        arguments += (field, value)
    return Call(_keys_of_commit(commit.lifter), arguments)


def _keys_of_commit(lifter: LifterRef) -> list[str]:
    partition = key_names.partition(lifter)
    names = [
        key_names.state(lifter),
        key_names.log(lifter),
        key_names.dirty(partition),
        key_names.parked(partition),
        key_names.ladder(lifter),
    ]
    return [*names, key_names.told(lifter), key_names.due_of(lifter), key_names.outbox(partition)]
