"""A Redis Cluster of real servers on this machine, whose primaries can be killed and whose slots can be moved."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import redis
from redis.crc import key_slot

from service.domain.identifiers import LifterRef
from service.running import parent_death
from service.running.valkey import EmbeddedServer
from service.store import key_names
from tests.support.running import eventually, free_port

SLOTS: Final = 16_384

NODE_TIMEOUT_MS: Final = 2000
"""Silence after which a node counts as failed, and its replica takes its place."""


class Node:
    """A server of a cluster, which finds its place again when it is started anew."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.embedded = EmbeddedServer(folder, f"unix://{folder}/s.sock", "always")
        self.port, self.bus = free_port(), free_port()
        self.process: subprocess.Popen[bytes]
        self.is_frozen = False
        self.start()
        self.id: str = self.ask("CLUSTER", "MYID").decode()

    def start(self) -> None:
        """Start it and wait until it serves."""
        options = {
            "port": self.port,
            "cluster-enabled": "yes",
            "cluster-port": self.bus,
            "cluster-node-timeout": NODE_TIMEOUT_MS,
            "cluster-replica-validity-factor": 0,
            "repl-diskless-sync-delay": 0,
        }
        more = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = parent_death.tied([*self.embedded.command(), *more])
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(lambda: self.embedded.status() == "ready", "the node serves")

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, by default so that it can do nothing about it."""
        self.process.send_signal(number)
        self.process.wait()

    def freeze(self) -> None:
        """Have it do nothing any more, and keep its connections open."""
        self.process.send_signal(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        """Have it go on from where it was frozen."""
        self.process.send_signal(signal.SIGCONT)
        self.is_frozen = False

    def ask(self, *command: str | int) -> Any:
        """Send a command to this very server."""
        with redis.Redis.from_url(self.embedded.url) as client:
            return client.execute_command(*command)

    @property
    def is_primary(self) -> bool:
        """Whether it takes writes, as it thinks itself."""
        return bool(self.ask("ROLE")[0] == b"master")


class Cluster:
    """Primaries that share the slots evenly, and replicas, the first following the first and so on."""

    def __init__(self, folder: Path, primaries: int, replicas: int) -> None:
        self.folder = folder
        self.primaries = [Node(folder / f"p{number}") for number in range(primaries)]
        self.replicas = [Node(folder / f"r{number}") for number in range(replicas)]
        self.nodes = [*self.primaries, *self.replicas]
        self._join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            node.stop()

    @property
    def url(self) -> str:
        """What to connect to: every node that was there at the start."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def primary_of(self, slot: int) -> Node:
        """The node that serves a slot, as the nodes that live agree."""
        for node in self._living():
            for first, last, (_, port, *_), *_ in node.ask("CLUSTER", "SLOTS"):
                if first <= slot <= last:
                    return next(each for each in self.nodes if each.port == port)
        raise AssertionError(f"nobody serves slot {slot}")

    def partner_of(self, node: Node) -> Node:
        """The node beside which one was started: one of the two follows the other."""
        pairs = zip([*self.primaries, *self.replicas], [*self.replicas, *self.primaries], strict=True)
        return dict(pairs)[node]

    def next_to(self, slot: int) -> Node:
        """Another primary than that of a slot, for the slot to be moved to."""
        primaries = [node for node in self._living() if node.is_primary]
        return primaries[(primaries.index(self.primary_of(slot)) + 1) % len(primaries)]

    def await_promotion(self, primary: Node) -> None:
        """Wait until another node has taken the place of one that is gone, and the cluster serves every slot."""
        eventually(lambda: self.partner_of(primary).is_primary, "the replica was promoted")
        self.await_ok()

    def await_follower(self, node: Node) -> None:
        """Wait until a node that was a primary follows another."""
        eventually(lambda: not node.is_primary, "it follows the new primary")

    def add(self, folder: Path) -> Node:
        """A new primary that has no slot yet."""
        first, node = self.nodes[0], Node(folder)
        node.ask("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus)
        self.primaries.append(node)
        self.nodes.append(node)
        self.await_ok()
        return node

    def await_ok(self) -> None:
        """Wait until every node that lives says that the cluster serves every slot."""
        eventually(
            lambda: all(b"cluster_state:ok" in node.ask("CLUSTER", "INFO") for node in self._living()),
            "the cluster is whole",
        )

    def await_replicas(self) -> None:
        """Wait until every replica has all that its primary has."""
        eventually(
            lambda: all(node.ask("INFO", "replication")["master_link_status"] == "up" for node in self._followers()),
            "every replica is in step",
        )

    @contextmanager
    def moving(self, slot: int, target: Node) -> Iterator[None]:
        """Move a slot key by key, as every Redis and Valkey can: at first its keys, and at the end the slot itself."""
        source = self.primary_of(slot)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        while keys := source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100):
            source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        yield
        for node in (target, source, *(node for node in self._living() if node.is_primary)):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)

    def move(self, slot: int, target: Node) -> None:
        """Move a slot so."""
        with self.moving(slot, target):
            pass

    def move_whole(self, slot: int, target: Node) -> None:
        """Move a slot and all that is in it at once, as Valkey can from 9.0 on."""
        self.primary_of(slot).ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.id)
        eventually(lambda: self.primary_of(slot) is target, "the slot was moved")

    def _living(self) -> Iterator[Node]:
        return (node for node in self.nodes if node.process.poll() is None and not node.is_frozen)

    def _followers(self) -> Iterator[Node]:
        return (node for node in self._living() if not node.is_primary)

    def _join(self) -> None:
        first, *others = self.nodes
        for number, node in enumerate(self.primaries):
            begins, ends = (SLOTS * each // len(self.primaries) for each in (number, number + 1))
            node.ask("CLUSTER", "ADDSLOTSRANGE", begins, ends - 1)
        for number, node in enumerate(self.nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in others:
            node.ask("CLUSTER", "MEET", "127.0.0.1", first.port, first.bus)
        eventually(lambda: all(self._knows_all(node) for node in self.nodes), "the nodes know each other")
        for primary, replica in zip(self.primaries, self.replicas, strict=False):
            replica.ask("CLUSTER", "REPLICATE", primary.id)
        self.await_ok()
        self.await_replicas()

    def _knows_all(self, node: Node) -> bool:
        return f"cluster_known_nodes:{len(self.nodes)}\r" in node.ask("CLUSTER", "INFO").decode()


@contextmanager
def running_cluster(folder: Path, primaries: int = 3, replicas: int = 3) -> Iterator[Cluster]:
    """Run a fresh cluster below a folder, whose path must be short enough for a unix socket."""
    with Cluster(folder, primaries, replicas) as cluster:
        yield cluster


def slot_of_lifter(lifter: LifterRef) -> int:
    """The slot of a lifter's keys."""
    return key_slot(key_names.log(lifter).encode())


def slot_of_feed(gym: str) -> int:
    """The slot of a gym's feed and webhooks."""
    return key_slot(key_names.feed(gym).encode())
