"""The store on other deployments than one server: a primary with a replica, a cluster."""

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from service.domain.errors import Unavailable
from service.domain.events import Event, SetLogged
from service.domain.gyms import Gym
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.same_event import content_sha256
from service.running import parent_death
from service.running.valkey import EmbeddedServer
from service.store import key_names
from service.store.api_keys import ApiKeys
from service.store.archive import RuleSetArchive
from service.store.connections import connect, primaries_of
from service.store.durability import ServerPromise, check_server
from service.store.feeds import Feeds
from service.store.gyms import Gyms
from service.store.log import Appended, EventLog, NewEvent
from service.store.projections import Commit, Projections
from tests.support.cluster import Cluster, running_cluster, slot_of_lifter


@contextmanager
def server(*extra: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder:
        embedded = EmbeddedServer(Path(folder), f"unix://{folder}/s.sock", "always")
        command = parent_death.tied([*embedded.command(), *extra])
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while embedded.status() != "ready":
                    assert process.poll() is None
                    time.sleep(0.01)
                yield embedded.url, process
            finally:
                process.kill()


class Replicated(NamedTuple):
    """URLs of a primary and of the one replica that follows it, and the replica's process."""

    url: str
    replica_url: str
    replica: subprocess.Popen[bytes]


@pytest.fixture
def replicated() -> Iterator[Replicated]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (
        server("--port", str(port), "--repl-diskless-sync-delay", "0") as (url, _),
        server("--replicaof", f"127.0.0.1 {port}") as (replica_url, replica),
    ):
        while redis.Redis.from_url(replica_url).info("replication")["master_link_status"] != "up":
            time.sleep(0.01)
        yield Replicated(url, replica_url, replica)


def an_event(event_id: str) -> NewEvent:
    data = SetLogged("deadlift", Load(Decimal(100), "kg"), reps=5)
    return NewEvent(Event(event_id, 1, 1, 1, "k_test", data), content_sha256(event_id, 1, data))


def test_a_replicated_append_is_done_only_when_the_replica_has_it(replicated: Replicated, gym: str) -> None:
    url, _, replica = replicated
    log, lifter = EventLog(connect(url), replicas=1), LifterRef(gym, "one")

    def append(event_id: str) -> list[Appended]:
        return log.append(lifter, [an_event(event_id)], expected_version=None, default_digest="d" * 64).results

    assert ServerPromise(connect(url), replicas=1).check().durability == "replicated"
    assert append("a") == [Appended("appended", 1)]
    replica.send_signal(signal.SIGSTOP)
    with pytest.raises(Unavailable, match="confirmed by 0 of the 1"):
        append("b")
    # The retry writes nothing new, and must nevertheless not be confirmed by a replica that never saw its event.
    with pytest.raises(Unavailable, match="confirmed by 0 of the 1"):
        append("b")
    replica.send_signal(signal.SIGCONT)
    assert append("b") == [Appended("already_appended", 2)]


def test_a_primary_with_a_replica_promises_for_itself_alone(replicated: Replicated) -> None:
    """docs/faults.md, 3: what a replica that takes over lacks is lost, however safely this server had it."""
    for url in (replicated.url, replicated.replica_url):
        promise = check_server(connect(url))
        assert promise.durability == "primary"
        assert "one server of several" in promise.reason


def test_a_replica_takes_no_writes_for_now_and_reads_go_on(replicated: Replicated, gym: str) -> None:
    lifter = LifterRef(gym, "one")
    EventLog(connect(replicated.url), replicas=1).append(
        lifter, [an_event("a")], expected_version=None, default_digest="d" * 64
    )
    on_replica = EventLog(connect(replicated.replica_url))
    with pytest.raises(Unavailable) as unavailable:
        on_replica.append(lifter, [an_event("b")], expected_version=None, default_digest="d" * 64)
    assert "read only" in unavailable.value.inside
    assert [entry.event.event_id for entry in on_replica.read(lifter)] == ["a"]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster of one server that holds every slot."""
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, running_cluster(Path(folder), 1, 0) as running:
        yield running


def test_everything_works_on_a_cluster(cluster: Cluster, gym: str) -> None:
    client = connect(cluster.url.replace("//", "//127.0.0.1:1,"))  # whichever of the nodes named is there will do
    assert check_server(client).durability == "fsync"
    log, projections = EventLog(client), Projections(client)
    lifters = [LifterRef(gym, f"lifter-{number}") for number in range(20)]
    for lifter in lifters:
        batch = log.append(lifter, [an_event("a"), an_event("b")], expected_version=0, default_digest="d" * 64)
        assert batch.head == 2
        assert log.find(lifter, ["b"])["b"].version == 2
    partitions = projections.dirty(range(key_names.PARTITIONS), 20, now=0)
    assert sorted(lifter for partition in partitions for lifter in partition.oldest) == sorted(lifters)
    assert sorted(log.lifters()) == sorted(lifters)
    loaded = projections.load_with_tail(lifters)
    assert [each.tail.last for each in loaded] == [2] * 20
    commits = [Commit(lifter, b"", b"at 2", 2, 2, {b"shared": b"s"}, [], parked=True) for lifter in lifters]
    assert projections.commit(commits) == [True] * 20
    assert projections.parked() == 20
    assert projections.behind(lifters) == 0
    projections.delete(lifters[0])
    assert projections.behind(lifters) == 2
    archive = RuleSetArchive(client)
    archive.put({"e" * 64: {"programmes/a.yaml": b"x"}})
    archive.publish({"a": "e" * 64}, at=0)
    assert archive.get(archive.newest("a") or "") == {"programmes/a.yaml": b"x"}
    api_keys = ApiKeys(client, lambda: 0)
    api_keys.add(gym, "a-key", 0)
    found = api_keys.verify("a-key")
    assert found is not None
    assert found.gym == gym
    assert api_keys.amend(found.id, lambda key: [key]) == [found]
    assert api_keys.last_used([found.id]) == {found.id: 0}
    assert api_keys.of(gym) == [found]
    api_keys.forget([found.id])
    assert api_keys.all() == []
    assert (Gyms(client).add(Gym(gym)), Gyms(client).all()) == (True, {gym: Gym(gym)})
    feeds = Feeds(client, kept=10)
    feeds.wait(gym, 0, 0.01)
    assert feeds.waiting() == []
    (node,) = primaries_of(client)
    assert "cmdstat_command|getkeys" not in node.info("commandstats"), "which keys a command has is known here"


def test_a_cluster_without_replicas_confirms_nothing(cluster: Cluster, gym: str) -> None:
    log = EventLog(connect(cluster.url), replicas=1)
    with pytest.raises(Unavailable, match="confirmed by 0 of the 1"):
        log.append(LifterRef(gym, "one"), [an_event("a")], expected_version=None, default_digest="d" * 64)
    api_keys = ApiKeys(connect(cluster.url), lambda: 0, replicas=1)
    key = api_keys.add(gym, "a-key", 0)
    with pytest.raises(Unavailable, match="confirmed by 0 of the 1"):
        api_keys.amend(key.id, lambda key: [key])


def test_a_slot_may_be_on_its_way_to_a_node_that_was_not_there_before(cluster: Cluster, gym: str) -> None:
    """docs/faults.md, 35."""
    client, lifter = connect(cluster.url), LifterRef(gym, "one")
    log = EventLog(client)

    def append(event_id: str) -> list[Appended]:
        return log.append(lifter, [an_event(event_id)], expected_version=None, default_digest="d" * 64).results

    append("a")
    newcomer = cluster.add(cluster.folder / "newcomer")
    with cluster.moving(slot_of_lifter(lifter), newcomer):
        assert log.head(lifter) == 1
        assert [entry.event.event_id for entry in log.read(lifter)] == ["a"]
        assert Projections(client).behind([lifter]) == 1
        with pytest.raises(Unavailable):  # of an append's keys not all exist, so no node knows that it has them all
            append("b")
    assert append("b") == [Appended("appended", 2)]
    assert Projections(client).behind([lifter]) == 2
