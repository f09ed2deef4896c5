"""Tasks of gyms that take long: what each is and how far it is, and which are still to be worked on.

What a task says is its use case's matter; here it is bytes, which only change from what somebody has read.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from service.store import key_names
from service.store.amendments import Addition, Amendments
from service.store.connections import Client, answering
from service.store.leases import Leases

KEPT_S: Final = 7 * 24 * 60 * 60
"""Seconds for which the tasks of a gym are remembered after the last of them moved on."""

MOST_KEPT: Final = 50
"""Tasks of a gym; beyond, those that ended first are forgotten."""

LEASE_MS: Final = 10_000
"""How long a task is one worker's since that last said so; a killed one is missed after that."""


class OpenTask(NamedTuple):
    """A task that is still to be worked on."""

    gym: str
    id: str


class Finding(NamedTuple):
    """What a task found of one lifter."""

    lifter: str
    says: bytes


class LongTasks:
    """The tasks of all gyms."""

    def __init__(self, client: Client, replicas: int) -> None:
        self._client = client
        self._amendments = Amendments(client, replicas)
        self._leases = Leases(client, LEASE_MS)

    def open(self) -> list[OpenTask]:
        """The tasks that are to be worked on."""
        with answering():
            found = self._client.execute_command("SMEMBERS", key_names.OPEN_TASKS)
        return [OpenTask(*name.decode().split(":")) for name in sorted(found)]

    def of(self, gym: str) -> dict[str, bytes]:
        """What the tasks of a gym say, by their ids."""
        with answering():
            stored = self._client.execute_command("HGETALL", key_names.tasks(gym))
        return {name.decode(): said for name, said in stored.items()}

    def find(self, gym: str, task: str) -> bytes | None:
        """What a task says; None where the gym has none of that id any more."""
        with answering():
            said: bytes | None = self._client.execute_command("HGET", key_names.tasks(gym), task)
        return said

    def begin(self, gym: str, task: str, says: bytes, rules: bytes | None = None) -> None:
        """Keep a new task, to be worked on; with rules that only it needs."""
        if rules is not None:
            with answering():
                self._client.execute_command("SET", key_names.task_rules(gym, task), rules, "EX", KEPT_S)
        self.replace(gym, task, b"", says)
        with answering():
            self._client.execute_command("SADD", key_names.OPEN_TASKS, f"{gym}:{task}")

    def rules(self, gym: str, task: str) -> bytes | None:
        """The rules that were kept for a task."""
        with answering():
            kept: bytes | None = self._client.execute_command("GET", key_names.task_rules(gym, task))
        return kept

    def replace(self, gym: str, task: str, before: bytes, after: bytes, found: Finding | None = None) -> bool:
        """Have a task say something else; False where it does not say ``before`` any more, and nothing was written.

        ``found`` is kept beside it.
        """
        key, beside = key_names.tasks(gym), key_names.task_lifters(gym, task)
        added = None if found is None else Addition(beside, b"%s\0%s" % (found.lifter.encode(), found.says))
        done = self._amendments.replace(key, task, before, [task, after], added)
        with answering():
            self._client.execute_command("EXPIRE", key, KEPT_S)
            if found is not None:
                self._client.execute_command("EXPIRE", beside, KEPT_S)
        return done

    def findings(self, gym: str, task: str, after: str | None, limit: int) -> list[Finding]:
        """What a task found of lifters, in the order of their names, from one on whom ``after`` does not reach."""
        key, least = key_names.task_lifters(gym, task), "-" if after is None else f"({after}\1"
        with answering():
            members = self._client.execute_command("ZRANGEBYLEX", key, least, "+", "LIMIT", 0, limit)
        named = (member.partition(b"\0") for member in members)
        return [Finding(name.decode(), says) for name, _, says in named]

    def forget_lifter(self, gym: str, task: str, lifter: str) -> None:
        """Forget what a task found of a lifter."""
        with answering():
            key = key_names.task_lifters(gym, task)
            self._client.execute_command("ZREMRANGEBYLEX", key, f"[{lifter}\0", f"({lifter}\1")

    def close(self, gym: str, task: str) -> None:
        """Have nobody work on a task any more."""
        with answering():
            self._client.execute_command("SREM", key_names.OPEN_TASKS, f"{gym}:{task}")
            self._client.execute_command("UNLINK", key_names.task_rules(gym, task))

    def forget(self, gym: str, task: str) -> None:
        """Forget a task."""
        self.close(gym, task)
        with answering():
            self._client.execute_command("HDEL", key_names.tasks(gym), task)
            self._client.execute_command("UNLINK", key_names.task_lifters(gym, task))

    def lease(self, gym: str, task: str, taker: str) -> bool:
        """Take a task for some seconds, or go on having it; False where another worker has it."""
        return self._leases.take(key_names.task_lease(gym, task), taker)

    def release(self, gym: str, task: str, taker: str) -> None:
        """Leave a task to whoever comes next."""
        self._leases.release(key_names.task_lease(gym, task), taker)
