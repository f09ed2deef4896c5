"""Projections: what a replay of each lifter's log led to, and which of them are behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from service.domain.identifiers import LifterRef
from service.engine.ladder import Rung, rungs_of
from service.engine.replay import Run
from service.store import keys
from service.store.connections import Client, answering
from service.store.log import PAGE, run_of
from service.store.scripts import Argument, Call, Script

CHECKPOINT: Final = b"checkpoint"
"""The field that says what a projection stands on. Its bytes are the replay's; a commit compares them whole."""


VERSION: Final = b"version"
"""The field that says what version of the log a projection is of, for scripts."""


class Loaded(NamedTuple):
    """A projection (no fields: there is none) and the first `PAGE` entries of the log that are not yet in it."""

    lifter: LifterRef
    fields: Mapping[bytes, bytes]
    tail: Run

    @property
    def checkpoint(self) -> bytes:
        """What the projection stands on; empty when there is none."""
        return self.fields.get(CHECKPOINT, b"")


class Commit(NamedTuple):
    """What a replay wants to change: only over the checkpoint ``expected`` (empty: no projection).

    ``version`` is what the projection is of after it; ``read`` up to where the log was looked at, which is further
    when the lifter is parked at an event in between. ``removed`` are fields that shall be no more. ``rungs`` go to the
    ladder's slots; an empty one drops what is there.
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


class Dirty(NamedTuple):
    """How many lifters are behind, since how long the one marked first (ms), and the first few, oldest mark first."""

    lifters_behind: int
    oldest_ms: int
    oldest: list[LifterRef]


class Projections:
    """The projections of all lifters."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._read = Script(client, "read")
        self._commit = Script(client, "commit")
        self._dirty = Script(client, "dirty")
        self._forget = Script(client, "forget")

    def load(self, lifter: LifterRef) -> dict[bytes, bytes]:
        """The fields of a projection; empty when there is none."""
        with answering():
            fields: dict[bytes, bytes] = self._client.execute_command("HGETALL", keys.state(lifter))
        return fields

    def checkpoints(self, lifters: Sequence[LifterRef]) -> list[bytes]:
        """What the projections of lifters stand on, in one round trip; empty for those that have none."""
        pipeline = self._client.pipeline(transaction=False)
        for lifter in lifters:
            pipeline.execute_command("HGET", keys.state(lifter), CHECKPOINT)
        with answering():
            return [checkpoint or b"" for checkpoint in pipeline.execute()]

    def ladder(self, lifter: LifterRef) -> list[Rung]:
        """The older checkpoints of a lifter, the newest first."""
        with answering():
            return rungs_of(self._client.execute_command("HGETALL", keys.ladder(lifter)))

    def load_with_tail(self, lifters: Sequence[LifterRef]) -> list[Loaded]:
        """The projections of lifters, each with what of the log follows it, in one round trip."""
        replies = self._read.each([Call([keys.log(lifter), keys.state(lifter)], [0, "+", PAGE]) for lifter in lifters])
        return [
            Loaded(lifter, _fields(reply[0]), run_of(reply)) for lifter, reply in zip(lifters, replies, strict=True)
        ]

    def commit(self, commits: Sequence[Commit]) -> list[bool]:
        """Commit each, in one round trip; false for one that another commit came before: nothing of it was written.

        A lifter whose log was read to its head is dirty no more.
        """
        return [bool(reply) for reply in self._commit.each([_call(commit) for commit in commits])]

    def delete(self, lifter: LifterRef) -> None:
        """Forget a projection and mark its lifter dirty: it is made again from the log."""
        self._forget(_keys_of_commit(lifter), [keys.member(lifter)])

    def dirty(self, partitions: Iterable[int], limit: int) -> list[Dirty]:
        """What is behind in each of the partitions, naming up to ``limit`` (1 or more) lifters of each."""
        replies = self._dirty.each([Call([keys.dirty(partition)], [limit]) for partition in partitions])
        return [Dirty(count, oldest, list(map(keys.lifter_of, names))) for count, oldest, *names in replies]

    def parked(self) -> int:
        """How many lifters are parked at an event that cannot be replayed."""
        pipeline = self._client.pipeline(transaction=False)
        for partition in range(keys.PARTITIONS):
            pipeline.execute_command("SCARD", keys.parked(partition))
        with answering():
            return sum(pipeline.execute())

    def behind(self, lifters: Sequence[LifterRef]) -> int:
        """How many events of these lifters their projections lack, in all."""
        pipeline = self._client.pipeline(transaction=False)
        for lifter in lifters:
            pipeline.execute_command("XLEN", keys.log(lifter))
            pipeline.execute_command("HGET", keys.state(lifter), "version")
        with answering():
            replies = pipeline.execute()
        return sum(max(head - int(version or 0), 0) for head, version in zip(replies[::2], replies[1::2], strict=True))


def _fields(flat: Any) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _call(commit: Commit) -> Call:
    arguments: list[Argument] = [commit.expected, commit.checkpoint, commit.version, commit.read]
    arguments += ["1" if commit.parked else "0", keys.member(commit.lifter)]
    arguments += [len(commit.removed), len(commit.rungs), *commit.removed]
    for slot, rung in commit.rungs.items():
        arguments += (slot, rung)
    for field, value in commit.changed.items():
        arguments += (field, value)
    return Call(_keys_of_commit(commit.lifter), arguments)


def _keys_of_commit(lifter: LifterRef) -> list[str]:
    partition = keys.partition(lifter)
    return [keys.state(lifter), keys.log(lifter), keys.dirty(partition), keys.parked(partition), keys.ladder(lifter)]
