"""Erasing on a real server: nothing is left, nothing comes back, whatever else was under way."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import Erased, NotFound
from service.domain.events import SetCorrected, SetLogged, SetVoided
from service.domain.gyms import Gym
from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.log_entry import LogEntry
from service.engine.replay.snapshots import STEP, Rung
from service.store import key_names
from service.store.log import PAGE, EventLog
from service.store.projections import Commit, Projections
from service.usecases.lifter.erase import erase, follow_up_earlier
from service.usecases.lifter.prescribe import lifter_state, next_session
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.read import read_log
from service.usecases.projection.advance import advance
from service.usecases.projection.drain import drain, rebuild, replay_lag, sweep
from service.usecases.rules.publish import publish_rules
from tests.conftest import running_server
from tests.support.running import eventually

START = 1_400_000_000_000_000
DAY = 86_400_000_000


def sets(first: int, count: int) -> list[Submission]:
    data = SetLogged("deadlift", Load(Decimal("137.25"), "kg"), reps=5, note="a secret of mine")
    return [Submission(f"e{number}", START + number * DAY, data) for number in range(first, first + count)]


def append(services: Services, lifter: LifterRef, first: int, count: int) -> None:
    for result in append_events(services, lifter, sets(first, count), actor="k_test"):
        assert isinstance(result, Receipt), result


def left(server: redis.Redis, lifter: LifterRef) -> list[bytes]:
    """Every key and every value of the server that names the lifter."""
    name = lifter.lifter.encode()
    found = [key for key in server.scan_iter() if name in key]
    return found + [key for key in server.scan_iter() if name in (server.dump(key) or b"")]


def commit_of(lifter: LifterRef, version: int, expected: bytes = b"") -> Commit:
    return Commit(lifter, expected, b"at", version, version, {b"shared": b"x"}, [], parked=True)


def test_nothing_of_the_lifter_is_left(services: Services, lifter: LifterRef, valkey: redis.Redis) -> None:
    append(services, lifter, 1, 3)
    drain(services, key_names.group(lifter))
    append(services, lifter, 4, 1)
    assert left(valkey, lifter), "the search finds what is there"
    erase(services, lifter, by="k_admin")
    assert left(valkey, lifter) == []
    assert b"secret" not in b"".join(valkey.dump(key) or b"" for key in valkey.scan_iter())
    assert list(services.log.lifters()) == []
    assert replay_lag(services).lifters == 0


def test_the_tombstone_proves_what_was_erased(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, 1, 900)
    append(services, lifter, 901, 900)
    head = extend_chain(GENESIS, services.log.whole(lifter).sha256s).hex()
    before = services.clock()
    tombstone, _ = erase(services, lifter, by="k_admin")
    assert (tombstone.erased_by, tombstone.events, tombstone.log_head) == ("k_admin", 1800, head)
    assert before <= tombstone.erased_at <= services.clock()
    assert services.erasures.find(lifter) == tombstone


def test_erasing_twice_changes_nothing(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, 1, 2)
    first = erase(services, lifter, by="k_one")
    assert erase(services, lifter, by="k_two").tombstone == first.tombstone
    again = services.erasures.erase(lifter, at=services.clock(), by="k_three")
    assert again == first.tombstone, "also where both found it alive"


def test_who_never_was_cannot_be_erased(services: Services, lifter: LifterRef) -> None:
    with pytest.raises(NotFound):
        erase(services, lifter, by="k_admin")
    append(services, lifter, 1, 1)
    assert services.log.head(lifter) == 1


def test_the_id_is_never_written_or_read_again(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, 1, 2)
    erase(services, lifter, by="k_admin")
    for submissions in (sets(1, 1), sets(3, 1), [Submission("v", START, SetVoided("e1"))]):
        with pytest.raises(Erased):
            append_events(services, lifter, submissions, actor="k_test")
    with pytest.raises(Erased):
        read_log(services, lifter, after=0, limit=10)
    with pytest.raises(Erased):
        lifter_state(services, lifter)
    with pytest.raises(Erased):
        next_session(services, lifter, at_version=1)
    assert services.log.head(lifter) == 0


def test_the_same_id_in_another_gym_is_another_lifter(services: Services, lifter: LifterRef) -> None:
    other = LifterRef(f"{lifter.gym}-2", lifter.lifter)
    for each in (lifter, other):
        append(services, each, 1, 1)
    erase(services, lifter, by="k_admin")
    append(services, other, 2, 1)
    assert services.log.head(other) == 2


@pytest.mark.parametrize("projected", [False, True])
def test_a_drain_that_read_before_resurrects_nothing(
    services: Services, lifter: LifterRef, valkey: redis.Redis, *, projected: bool
) -> None:
    append(services, lifter, 1, 2)
    if projected:
        drain(services, key_names.group(lifter))
        append(services, lifter, 3, 1)
    (loaded,) = services.projections.load_with_tail([lifter])
    erase(services, lifter, by="k_admin")
    late = commit_of(lifter, loaded.tail.last, loaded.checkpoint)
    assert services.projections.commit([late]) == [False]
    assert services.projections.commit([commit_of(lifter, 0)]) == [False], "what was read after it is nothing either"
    assert left(valkey, lifter) == []
    assert services.projections.parked() == 0


def test_a_rebuild_that_read_before_resurrects_nothing(
    services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(services, lifter, 1, 2)
    services.projections.delete(lifter)
    run = services.log.whole(lifter)
    erase(services, lifter, by="k_admin")
    assert services.projections.commit([commit_of(lifter, run.last)]) == [False]
    rebuild(services, lifter)
    assert left(valkey, lifter) == []
    assert sweep(services, older_than_s=0.0) == []


def test_a_log_that_no_replay_can_read_can_be_erased(
    services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(services, lifter, 1, 2)
    valkey.xadd(key_names.log(lifter), {"anything": "else"}, id="7-0")
    assert erase(services, lifter, by="k_admin").tombstone.events == 3
    assert left(valkey, lifter) == []


def test_appends_at_once_are_in_the_tombstone_or_refused(
    environment: dict[str, str], services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(services, lifter, 1, 500)
    taken = []
    begun = threading.Event()

    def write() -> None:
        own = bootstrap(Settings.from_environment(environment))
        for number in range(501, 2000):
            try:
                append(own, lifter, number, 1)
            except Erased:
                return
            taken.append(number)
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert begun.wait(10)
    tombstone, _ = erase(services, lifter, by="k_admin")
    writer.join()
    assert tombstone.events == 500 + len(taken)
    assert left(valkey, lifter) == []


class _ErasedBeforeTheLog(Projections):
    """Checkpoints of a lifter who is erased before what follows them is read."""

    services: Services

    def ladder(self, lifter: LifterRef) -> list[Rung]:
        found = super().ladder(lifter)
        assert found
        erase(self.services, lifter, by="k_admin")
        return found


class _ErasedBeforeTheEntry(EventLog):
    """A log that is erased after an event's id was found, and before the event is read."""

    services: Services

    def read(self, lifter: LifterRef, after: int = 0, limit: int = PAGE) -> list[LogEntry]:
        erase(self.services, lifter, by="k_admin")
        return super().read(lifter, after, limit)


def test_a_late_event_that_races_an_erasure_is_told_of_it(services: Services, lifter: LifterRef) -> None:
    """docs/faults.md, 30: it is appended, and erased before it is known what it changes."""
    append(services, lifter, 1, 2 * STEP)
    drain(services, key_names.group(lifter))
    racing = _ErasedBeforeTheLog(services.projections._client)
    racing.services = services
    late = sets(1, 1)[0]._replace(event_id="late", occurred_at=START + 2 * STEP * DAY - 1)
    with pytest.raises(Erased):
        append_event(replace(services, projections=racing), lifter, late, actor="k_test")


def test_a_correction_that_races_an_erasure_is_told_of_it(services: Services, lifter: LifterRef) -> None:
    """docs/faults.md, 30."""
    append(services, lifter, 1, 1)
    racing = _ErasedBeforeTheEntry(services.log._client)
    racing.services = services
    correction = Submission("c", START + DAY, SetCorrected("e1", reps=4))
    with pytest.raises(Erased):
        append_event(replace(services, log=racing), lifter, correction, actor="k_test")


def test_drains_that_never_rest_bring_nobody_back(
    environment: dict[str, str], services: Services, gym: str, valkey: redis.Redis
) -> None:
    names = (LifterRef(gym, f"lifter-{number}") for number in range(1000))
    lifters = [lifter for lifter in names if key_names.group(lifter) == 0][:25]
    stop = threading.Event()

    def drain_on() -> None:
        own = bootstrap(Settings.from_environment(environment))
        while not stop.is_set():
            drain(own, 0, turn_s=0.0)

    drains = [threading.Thread(target=drain_on) for _ in range(2)]
    for each in drains:
        each.start()
    for lifter in lifters:
        append(services, lifter, 1, 40)
        erase(services, lifter, by="k_admin")
    stop.set()
    for each in drains:
        each.join()
    assert [lifter.lifter for lifter in lifters if left(valkey, lifter)] == []
    assert replay_lag(services).lifters == 0


@pytest.fixture
def own_server() -> Iterator[str]:
    with running_server("always") as url:
        yield url


@pytest.fixture
def on_own_server(own_server: str, queue_url: str) -> Services:
    """A Spotter whose files are the test's own, and can be searched."""
    services = bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": own_server, "SPOTTER_QUEUE_URL": queue_url}))
    publish_rules(services)
    with redis.Redis.from_url(own_server) as server:
        server.config_set("rdbcompression", "no")
    return services


def test_the_files_are_written_anew_without_what_was_erased(on_own_server: Services, own_server: str, gym: str) -> None:
    services, folder = on_own_server, _folder(own_server)
    lifter = LifterRef(gym, "lifter-1")
    append(services, lifter, 1, 2)
    assert b"a secret of mine" in _files(folder)
    assert erase(services, lifter, by="k_admin").rewrite == "pending"
    assert erase(services, lifter, by="k_admin").rewrite == "pending", "nobody has followed it up yet"
    await_written(services, lifter)
    assert b"a secret of mine" not in _files(folder)
    assert lifter.lifter.encode() not in _files(folder)


def test_a_rewrite_that_was_begun_before_the_erasure_is_followed_by_another(
    on_own_server: Services, own_server: str, gym: str
) -> None:
    services, folder = on_own_server, _folder(own_server)
    lifters = [LifterRef(gym, f"lifter-{number}") for number in range(5)]
    for lifter in lifters:
        append(services, lifter, 1, 2)
    with redis.Redis.from_url(own_server) as server:
        server.config_set("rdb-key-save-delay", 1000)  # microseconds, so that one is under way at the next erasure
        server.config_set("save", "3600 1000000")
        server.bgsave()
        for lifter in lifters:
            erase(services, lifter, by="k_admin")
            services.file_rewrites.follow_up()
        server.config_set("rdb-key-save-delay", 0)
    for lifter in lifters:
        await_written(services, lifter)
    assert b"a secret of mine" not in _files(folder)
    assert (folder / "dump.rdb").exists()


def test_no_key_and_no_file_holds_a_byte_of_who_shared_feed_and_outbox_with_others(
    on_own_server: Services, own_server: str, gym: str
) -> None:
    services = on_own_server
    erased, *others = (LifterRef(gym, name) for name in ("erased-one", "other-1", "other-2"))
    partition = key_names.partition(erased)
    others += [
        neighbour
        for number in range(2000)
        if key_names.partition(neighbour := LifterRef(gym, f"neighbour-{number}")) == partition
    ][:2]
    for lifter in (others[0], erased, *others[1:]):
        append(services, lifter, 1, 3)
        drain(services, key_names.group(lifter))
    for lifter in (others[-1], erased, others[-2]):  # changes that nobody has carried from the outbox yet
        first_of_its_kind = SetLogged("squat", Load(Decimal("137.25"), "kg"), reps=5)
        append_events(services, lifter, [Submission("e4", START + 9 * DAY, first_of_its_kind)], actor="k_test")
        loaded = services.projections.load_to_tell([lifter])
        services.projections.commit([advance(services, *loaded).commit])
    assert services.feeds.waiting() == [partition]
    before = [change for change in _changes(services, gym) if change["lifter"] != erased.lifter]
    with redis.Redis.from_url(own_server) as server:
        assert _held(server, erased.lifter.encode())
        erase(services, erased, by="k_admin")
        assert _held(server, erased.lifter.encode()) == []
        await_written(services, erased)
        assert erased.lifter.encode() not in _files(_folder(own_server))
        services.feeds.carry([partition])
        told = _changes(services, gym)
        assert told[: len(before)] == before
        assert {change["lifter"] for change in told[len(before) :]} == {lifter.lifter for lifter in others[-2:]}
        assert _held(server, erased.lifter.encode()) == []


def test_a_feed_as_0_1_0_wrote_it_is_read_and_forgets(
    services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    gym, other = lifter.gym, LifterRef(lifter.gym, "lifter-2")
    for number, name in enumerate((other.lifter, lifter.lifter, other.lifter), 1):
        change = json.dumps({"lifter": name, "slot": "default/deadlift"}, separators=(",", ":"))
        valkey.xadd(key_names.feed(gym), {"lifter": name, "change": change}, id=f"{number}-0")
    valkey.hset(key_names.feed_ends(gym), "newest", 3)
    append(services, other, 1, 1)
    drain(services, key_names.group(other))
    newest = services.feeds.ends(gym)[1]
    numbers = [change.number for change in services.feeds.read(gym, 0, 100)]
    assert numbers == [*range(1, newest + 1)]
    assert newest > 3
    append(services, lifter, 1, 1)
    erase(services, lifter, by="k_admin")
    assert [change.number for change in services.feeds.read(gym, 0, 100)] == [
        number for number in numbers if number != 2
    ]
    assert _held(valkey, lifter.lifter.encode()) == []


def test_who_was_erased_by_0_1_0_is_erased_from_files_as_well(
    on_own_server: Services, own_server: str, gym: str
) -> None:
    """docs/faults.md, 33: it took changes out of the feed by XDEL, and noted nowhere whom files hold."""
    services, folder = on_own_server, _folder(own_server)
    lifter = LifterRef(gym, "lifter-1")
    services.gyms.add(Gym(gym))
    append(services, lifter, 1, 2)
    erase(services, lifter, by="k_admin")
    with redis.Redis.from_url(own_server) as server:
        server.delete(key_names.unwritten(key_names.partition(lifter)))
        for number, name in enumerate(("other", lifter.lifter, "other"), 1):
            change = json.dumps({"lifter": name}, separators=(",", ":"))
            server.xadd(key_names.feed(gym), {"lifter": name, "change": change}, id=f"{number}-0")
        server.hset(key_names.feed_ends(gym), "newest", 3)
        server.xdel(key_names.feed(gym), "2-0")
        assert _held(server, lifter.lifter.encode()) == [key_names.feed(gym).encode()]
        assert b"a secret of mine" in _files(folder)
        assert erase(services, lifter, by="k_admin").rewrite == "pending"
        assert (follow_up_earlier(services), follow_up_earlier(services)) == (1, 0)
        assert _held(server, lifter.lifter.encode()) == []
    await_written(services, lifter)
    assert b"a secret of mine" not in _files(folder)
    assert lifter.lifter.encode() not in _files(folder)


def await_written(services: Services, lifter: LifterRef) -> None:
    """Do as the sweeper does until the servers' files are written without a lifter."""

    def is_done() -> bool:
        follow_up_earlier(services)
        services.file_rewrites.follow_up()
        return erase(services, lifter, by="k_admin").rewrite == "done"

    eventually(is_done, "the files are written")


def _changes(services: Services, gym: str) -> list[dict[str, Any]]:
    return [json.loads(change.json) for change in services.feeds.read(gym, 0, 1000)]


def _held(server: redis.Redis, name: bytes) -> list[bytes]:
    """Every key that names the lifter or holds the name, deleted parts of it included."""
    return [key for key in server.scan_iter() if name in key or name in (server.dump(key) or b"")]


def _folder(url: str) -> Path:
    return Path(url.removeprefix("unix://")).parent


def _files(folder: Path) -> bytes:
    """What the server's files hold, but for those that it deletes just now."""
    found = b""
    for path in [*folder.rglob("*aof*"), *folder.rglob("*.rdb")]:
        with suppress(FileNotFoundError, IsADirectoryError):
            found += path.read_bytes()
    return found
