"""Spotter on a Redis Cluster under load, while slots move and primaries go away (`make cluster-test`)."""

import json
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from redis.cluster import RedisCluster

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import LifterRef
from service.store import key_names
from service.store.connections import Client, connect
from service.store.feeds import Feeds
from service.store.log import EventLog
from service.store.projections import Commit, Projections, Telling
from service.usecases.projection.drain import replay_lag
from tests.integration.test_deployments import an_event
from tests.support import aftermath
from tests.support.asking import KEY, send
from tests.support.cluster import Cluster, running_cluster, slot_of_feed, slot_of_lifter
from tests.support.hooks import Receiver, place_named, receiving
from tests.support.moved_by_backup import check_backup
from tests.support.running import RunningSpotter, eventually
from tests.support.waking import await_told
from tests.support.writers import Writers

pytestmark = pytest.mark.cluster

LIFTERS = [f"lifter-{number}" for number in range(24)]
GOES_ON_SECONDS = 10.0

SLOTS = sorted({slot_of_lifter(LifterRef(DEFAULT_GYM, name)) for name in LIFTERS})
FEED_SLOT = slot_of_feed(DEFAULT_GYM)


class House(NamedTuple):
    """A running Spotter, the cluster it stands on, who is told of changes, and what it is made of, in this process."""

    spotter: RunningSpotter
    cluster: Cluster
    receiver: Receiver
    services: Services


@pytest.fixture(params=["auto", "replicated"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    # Not pytest's tmp_path, which is too long for a unix socket.
    with tempfile.TemporaryDirectory(prefix="spotter-") as name, receiving() as receiver:
        folder = Path(name)
        with running_cluster(folder) as cluster:
            environment = {
                "SPOTTER_API_KEY": KEY,
                "SPOTTER_REDIS_URL": cluster.url,
                "SPOTTER_DURABILITY": request.param,
                "SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes",
            }
            with RunningSpotter(folder / "data", **environment, several=True) as spotter:
                settings = Settings.from_environment({**environment, "SPOTTER_DATA_DIR": str(spotter.data_dir)})
                yield House(spotter, cluster, receiver, bootstrap(settings))
                assert spotter.stop() == 0


def test_slots_move_and_primaries_go_away_under_load(house: House) -> None:
    """docs/faults.md, 35 and 36."""
    spotter, cluster, receiver, services = house
    assert send(spotter, "POST", "/v1/webhooks", json.dumps({"url": receiver.url})).status == 201
    with Writers(spotter.port, KEY, LIFTERS, seed=13) as writers:
        go_on(writers)
        for slot in [*SLOTS[:6], FEED_SLOT]:
            cluster.move(slot, cluster.next_to(slot))
        go_on(writers)
        for slot in [*SLOTS[6:12], FEED_SLOT]:
            cluster.move_whole(slot, cluster.next_to(slot))
        go_on(writers)
        for slot in (FEED_SLOT, SLOTS[0]):
            primary = cluster.primary_of(slot)
            # Where replicas confirm nothing, one is asked to end, which waits for them: they might lack what it has.
            primary.stop(signal.SIGKILL if services.settings.replicas else signal.SIGTERM)
            cluster.await_promotion(primary)
            drains_go_on(services)
            primary.start()
            cluster.await_replicas()
            go_on(writers)
        killed = cluster.primary_of(SLOTS[-1])
        killed.stop()
        killed.start()
        go_on(writers)
    await_told(services)
    newest = services.feeds.ends(DEFAULT_GYM)[1]
    eventually(lambda: len(numbers(receiver)) >= newest, "every change was delivered")
    assert numbers(receiver)[:newest] == list(range(1, newest + 1))
    aftermath.check(services, writers.acknowledged)


@pytest.mark.parametrize("house", ["replicated"], indirect=True)
def test_a_primary_that_freezes_is_left_and_taken_back(house: House) -> None:
    """docs/faults.md, 36: it keeps its connections, and believes that it is a primary when it goes on."""
    spotter, cluster, _, services = house
    with Writers(spotter.port, KEY, LIFTERS, seed=13) as writers:
        for slot in (SLOTS[0], FEED_SLOT):
            go_on(writers)
            primary = cluster.primary_of(slot)
            primary.freeze()
            cluster.await_promotion(primary)
            drains_go_on(services)
            primary.thaw()
            cluster.await_follower(primary)
            cluster.await_replicas()
        go_on(writers)
    await_told(services)
    aftermath.check(services, writers.acknowledged)


@pytest.mark.parametrize("house", ["auto"], indirect=True)
def test_a_backup_under_load_is_restored_on_another_cluster(house: House) -> None:
    """docs/faults.md, 38."""
    spotter, _, _, services = house
    with tempfile.TemporaryDirectory(prefix="spotter-") as name, running_cluster(Path(name), replicas=0) as other:
        elsewhere = RunningSpotter(Path(name) / "data", SPOTTER_API_KEY=KEY, SPOTTER_REDIS_URL=other.url)
        check_backup(spotter, services, elsewhere, Settings.from_environment({"SPOTTER_REDIS_URL": other.url}))


def test_a_replica_that_takes_over_lacks_the_last_changes_and_has_a_clock_that_is_behind() -> None:
    """docs/faults.md, 37: what it then tells is in the feed, which is another server's; and once."""
    with (
        tempfile.TemporaryDirectory(prefix="spotter-") as folder,
        running_cluster(Path(folder)) as cluster,
        connected(cluster) as client,
    ):
        projections, feeds = Projections(client), Feeds(client, kept=100)
        lifter = next(
            lifter
            for lifter in (LifterRef("gym", name) for name in LIFTERS)
            if cluster.primary_of(slot_of_lifter(lifter)) is not cluster.primary_of(slot_of_feed("gym"))
        )
        primary = cluster.primary_of(slot_of_lifter(lifter))
        replica = cluster.partner_of(primary)
        outbox = key_names.outbox(key_names.partition(lifter))

        EventLog(client).append(lifter, [an_event("a")], expected_version=None, default_digest="d" * 64)
        tell(projections, lifter, b"", b"1")
        cluster.await_replicas()
        replica.stop()
        an_hour_later = (time.time_ns() // 10**6) + 3_600_000
        client.execute_command("XSETID", outbox, f"{an_hour_later}-0")
        tell(projections, lifter, b"1", b"2")
        assert feeds.carry(range(key_names.PARTITIONS)) == {"gym"}
        primary.stop()
        replica.start()
        replica.ask("CLUSTER", "FAILOVER", "TAKEOVER")
        cluster.await_promotion(primary)
        tell(projections, lifter, b"1", b"3")
        for _ in range(2):
            feeds.carry(range(key_names.PARTITIONS))
        assert [change for _, change in feeds.read("gym", 0, 10)] == [b"told 1", b"told 2", b"told 3"]


@contextmanager
def connected(cluster: Cluster) -> Iterator[Client]:
    """A client of a cluster, whose connections are closed at the end."""
    client = connect(cluster.url)
    assert isinstance(client, RedisCluster)
    try:
        yield client
    finally:
        client.close()


def tell(projections: Projections, lifter: LifterRef, before: bytes, after: bytes) -> None:
    """Commit a change."""
    told = Telling(before, after, None, [], {}, [b"told " + after])
    commit = Commit(lifter, before, after, 1, 1, {}, [], parked=False, telling=told)
    assert projections.commit([commit]) == [True]


def go_on(writers: Writers) -> None:
    """Wait until events of half the lifters were acknowledged from now on."""
    before = len(writers.acknowledged)
    eventually(
        lambda: len({event.lifter for event in writers.acknowledged[before:]}) > len(LIFTERS) // 2, "writing goes on"
    )


def drains_go_on(services: Services) -> None:
    """Fail unless within ten seconds all is replayed that lay there before."""
    begun = time.monotonic()
    while replay_lag(services).seconds > (passed := time.monotonic() - begun):
        assert passed < GOES_ON_SECONDS, "not replayed in time"
        time.sleep(0.05)


def numbers(receiver: Receiver) -> list[int]:
    """The places in the feed of the changes that were delivered, in the order in which they came first."""
    told = (place_named(change["change_id"]).number for message in receiver.received for change in message.changes)
    return list(dict.fromkeys(told))
