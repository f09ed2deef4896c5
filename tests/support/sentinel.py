"""Three servers of a log, one the primary and two its replicas, and three Sentinels that watch over them."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final, Self

import redis

from service.running import parent_death
from service.running.valkey import EmbeddedServer
from tests.support.running import eventually, free_port

_NAME: Final = "log"
_SERVERS: Final = 3
_QUORUM: Final = 2
_DOWN_AFTER_MS: Final = 3000
_FAILOVER_TIMEOUT_MS: Final = 10_000


class _Node:
    """A process that listens on a port, and may be killed, frozen and started again."""

    def __init__(self, port: int, command: list[str]) -> None:
        self.port = port
        self.client = redis.Redis(port=port, socket_timeout=1.0)
        self._command = command
        self._process: subprocess.Popen[bytes]

    def start(self, *more: str) -> None:
        """Start it, and wait until it answers."""
        command = parent_death.tied([*self._command, *more])
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self.answers, "it answers")

    def answers(self) -> bool:
        """Whether it answers."""
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()


class Watched:
    """The servers and their Sentinels. `url` is what Spotter is told; `options` are of every server."""

    def __init__(self, folder: Path, **options: str) -> None:
        self._servers = [_Node(port, _server(folder, port, options)) for port in _free_ports(_SERVERS)]
        self._sentinels = [_Node(port, _sentinel(folder, port, self._servers[0])) for port in _free_ports(_SERVERS)]

    @property
    def url(self) -> str:
        """Where to find the primary."""
        return f"redis+sentinel://{','.join(f'127.0.0.1:{node.port}' for node in self._sentinels)}/{_NAME}"

    def __enter__(self) -> Self:
        first, *others = self._servers
        first.start()
        for node in others:
            node.start("--replicaof", f"127.0.0.1 {first.port}")
        for node in self._sentinels:
            node.start()
        eventually(self.is_whole, "the Sentinels know each other, and every replica follows")
        return self

    def __exit__(self, *_: object) -> None:
        for node in (*self._sentinels, *self._servers):
            node.kill()

    @property
    def primary(self) -> _Node:
        """The server that the Sentinels name."""
        address = self._named(self._sentinels[0])
        return next(node for node in self._servers if node.port == address)

    def fail_over(self, how: str) -> _Node:
        """Have another server become the primary, and wait until it is; the one that was.

        ``how`` is ``kill``, ``freeze`` or ``ask`` (of a Sentinel). What was killed or frozen stays so.
        """
        old = self.primary
        match how:
            case "kill":
                old.kill()
            case "freeze":
                old.send(signal.SIGSTOP)
            case "ask":
                eventually(self._asked, "a Sentinel does as it is asked")
        eventually(lambda: self._all_name_another(old), "another one is the primary")
        return old

    def bring_back(self, old: _Node, how: str) -> None:
        """Start or wake what `fail_over` made away with, and wait until it follows like the others."""
        match how:
            case "kill":
                old.start()  # a primary, as it believes, until a Sentinel tells it otherwise
            case "freeze":
                old.send(signal.SIGCONT)
        eventually(self.is_whole, "every replica follows the new primary")

    def is_whole(self) -> bool:
        """Whether all Sentinels see each other and name one primary, which both others follow closely."""
        primaries = {self._named(node) for node in self._sentinels}
        if len(primaries) != 1:
            return False
        try:
            seen: list[Any] = [node.client.sentinel_master(_NAME) for node in self._sentinels]
            following: dict[str, Any] = self.primary.client.info("replication")
        except redis.RedisError:
            return False
        return (
            all(each["num-other-sentinels"] == _SERVERS - 1 and each["num-slaves"] >= _SERVERS - 1 for each in seen)
            and following["role"] == "master"
            and sum(_is_online(following.get(f"slave{number}")) for number in range(_SERVERS)) == _SERVERS - 1
        )

    def _asked(self) -> bool:
        try:
            return bool(self._sentinels[0].client.sentinel_failover(_NAME))
        except redis.ResponseError:  # INPROG: the one before is not quite over; NOGOODSLAVE: it has not seen them yet
            return False

    def _all_name_another(self, old: _Node) -> bool:
        named = {self._named(node) for node in self._sentinels}
        if len(named) != 1 or old.port in named:
            return False
        try:
            return bool(self.primary.client.info("replication")["role"] == "master")
        except redis.RedisError:
            return False

    @staticmethod
    def _named(sentinel: _Node) -> int:
        address: Any = sentinel.client.sentinel_get_master_addr_by_name(_NAME)
        return int(address[1])


@contextmanager
def watched(**options: str) -> Iterator[Watched]:
    """Run them in a folder of their own; ``options`` are of the servers, with underscores for hyphens."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="spotter-"))
        yield stack.enter_context(Watched(Path(folder), **options))


def _free_ports(number: int) -> list[int]:
    return [free_port() for _ in range(number)]


def _is_online(replica: Any) -> bool:
    return replica is not None and replica["state"] == "online" and replica["lag"] <= 1


def _server(folder: Path, port: int, options: dict[str, str]) -> list[str]:
    own = folder / f"server-{port}"
    own.mkdir()
    more = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    embedded = EmbeddedServer(own, f"unix://{own}/s.sock", "always")
    return [*embedded.command(), "--port", str(port), "--repl-diskless-sync-delay", "0", *more]


def _sentinel(folder: Path, port: int, primary: _Node) -> list[str]:
    own = folder / f"sentinel-{port}"
    own.mkdir()
    configuration = own / "sentinel.conf"
    configuration.write_text(
        f"""port {port}
dir {own}
sentinel monitor {_NAME} 127.0.0.1 {primary.port} {_QUORUM}
sentinel down-after-milliseconds {_NAME} {_DOWN_AFTER_MS}
sentinel failover-timeout {_NAME} {_FAILOVER_TIMEOUT_MS}
sentinel parallel-syncs {_NAME} {_SERVERS - 1}
"""
    )
    binary = EmbeddedServer(own, f"unix://{own}/s.sock", "always").command()[0]
    return [binary, str(configuration), "--sentinel"]
