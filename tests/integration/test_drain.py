"""Replay on real servers: drains lose nothing, stop at nobody, and are woken when they must be."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
import redis
from rq.serializers import JSONSerializer

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import Unavailable
from service.domain.events import EventData, ProgrammeAssigned, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.projection_fields import CHECKPOINT
from service.engine.replay.bound_programme import Plans
from service.engine.version import ENGINE_VERSION
from service.store import key_names
from service.store.archive import RuleSetArchive
from service.store.connections import connect
from service.store.log import PAGE
from service.store.projections import Commit, Projections
from service.store.rule_sets import RuleSets
from service.store.wake import FLAG_MS
from service.usecases.lifter.erase import erase
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.projection.advance import MOST_CLIMBS, advance
from service.usecases.projection.drain import drain, forget_outdated, rebuild, replay_lag, sweep
from tests.support.waking import await_wake_ups
from workers import jobs
from workers.worker import Worker

START = 1_400_000_000_000_000
DAY = 86_400_000_000


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal(100), "kg"), reps=reps)


def append(services: Services, lifter: LifterRef, *data: EventData, at: int = START) -> None:
    """Append events, a day apart from each other and after everything logged before."""
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + place}", at + (head + place) * DAY, each) for place, each in enumerate(data)]
    for result in append_events(services, lifter, batch, actor="k_test"):
        assert isinstance(result, Receipt), result
    await_wake_ups()


def append_poison(server: redis.Redis, services: Services, lifter: LifterRef) -> None:
    """Log something that is no event, as a later version of Spotter might have."""
    append(services, lifter, a_set())
    head = services.log.head(lifter)
    server.xadd(key_names.log(lifter), {"event": b'["x",99]', "sha256": b"\0" * 32}, id=f"{head + 1}-0")


def drain_all(services: Services) -> int:
    return sum(drain(services, group, turn_s=60.0) for group in range(key_names.GROUPS))


def projection(services: Services, lifter: LifterRef) -> dict[bytes, bytes]:
    return services.projections.load(lifter)


def from_nothing(services: Services, lifter: LifterRef) -> dict[bytes, bytes]:
    """The projection that a replay of the whole log makes; it replaces the one there is."""
    rebuild(services, lifter)
    return projection(services, lifter)


def jobs_waiting(queue_server: redis.Redis) -> int:
    return queue_server.llen("rq:queue:spotter")


@pytest.fixture
def lifters(gym: str) -> list[LifterRef]:
    return [LifterRef(gym, f"lifter-{number}") for number in range(40)]


def test_a_drain_brings_every_dirty_lifter_to_the_head_of_its_log(services: Services, lifters: list[LifterRef]) -> None:
    for number, lifter in enumerate(lifters):
        append(services, lifter, *[a_set()] * (1 + number % 5))
    assert drain_all(services) == len(lifters)
    assert replay_lag(services) == (0, 0, 0.0)
    drained = [projection(services, lifter) for lifter in lifters]
    assert [int(fields[b"version"]) for fields in drained] == [1 + number % 5 for number in range(40)]
    assert drained == [from_nothing(services, lifter) for lifter in lifters]


def test_drains_in_between_make_no_difference(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, ProgrammeAssigned("upper-back"))
    for reps in (6, 4, 5, 6, 3, 6):
        append(services, lifter, a_set(reps))
        drain_all(services)
    assert projection(services, lifter) == from_nothing(services, lifter)


def test_an_event_that_comes_late_is_replayed_in_its_place(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, a_set(), a_set(), a_set())
    drain_all(services)
    append(services, lifter, a_set(8), at=START - 30 * DAY)
    append(services, lifter, SetVoided("e1"))
    drain_all(services)
    assert int(projection(services, lifter)[b"version"]) == 5
    assert projection(services, lifter) == from_nothing(services, lifter)


def test_a_log_of_many_pages_is_drained_to_its_head(services: Services, lifter: LifterRef) -> None:
    for _ in range(3):
        append(services, lifter, *[a_set()] * (PAGE - 100))
    drain_all(services)
    assert int(projection(services, lifter)[b"version"]) == 3 * (PAGE - 100)
    assert replay_lag(services).lifters == 0
    assert projection(services, lifter) == from_nothing(services, lifter)


def test_drains_at_once_of_one_group_agree(environment: dict[str, str], services: Services, gym: str) -> None:
    names = (LifterRef(gym, f"lifter-{number}") for number in range(1000))
    lifters = [lifter for lifter in names if key_names.group(lifter) == 0][:30]
    stop = threading.Event()

    def work() -> None:
        own = bootstrap(Settings.from_environment(environment))
        while not stop.is_set():
            drain(own, 0)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for _ in range(5):
        for lifter in lifters:
            append(services, lifter, a_set(), a_set(6))
    stop.set()
    for worker in workers:
        worker.join()
    drain(services, 0)
    assert replay_lag(services).lifters == 0
    for lifter in lifters:
        assert projection(services, lifter) == from_nothing(services, lifter)


def test_a_poison_event_parks_its_lifter_and_nobody_else(services: Services, gym: str, valkey: redis.Redis) -> None:
    poisoned, healthy = LifterRef(gym, "poisoned"), LifterRef(gym, "healthy")
    append_poison(valkey, services, poisoned)
    append(services, healthy, a_set())
    drain_all(services)
    assert services.projections.parked() == 1
    assert replay_lag(services).lifters == 0, "nothing is left to try"
    assert int(projection(services, poisoned)[b"version"]) == 1
    assert int(projection(services, healthy)[b"version"]) == 1


def test_a_parked_lifter_stays_parked_however_long_its_log_grows(
    services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append_poison(valkey, services, lifter)
    append(services, lifter, *[a_set()] * 990)
    append(services, lifter, *[a_set()] * 990)
    drain_all(services)
    assert services.projections.parked() == 1
    assert replay_lag(services).lifters == 0
    assert int(projection(services, lifter)[b"version"]) == 1


def test_a_fault_of_ours_in_one_lifter_stops_nobody_else(services: Services, gym: str, valkey: redis.Redis) -> None:
    names = (LifterRef(gym, f"lifter-{number}") for number in range(1000))
    broken, healthy = [lifter for lifter in names if key_names.group(lifter) == 0][:2]
    for lifter in (broken, healthy):
        append(services, lifter, a_set())
    valkey.hset(key_names.state(broken), mapping={"shared": "not a state", "checkpoint": "?", "version": "0"})
    drain(services, 0)
    assert int(projection(services, healthy)[b"version"]) == 1
    assert replay_lag(services).lifters == 1, "the broken one is still to be done"
    rebuild(services, broken)
    assert replay_lag(services).lifters == 0


def test_rules_that_cannot_be_fetched_just_now_park_nobody(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, a_set())
    cut_off = RuleSets(RuleSetArchive(connect("unix:///nowhere.sock")))
    with pytest.raises(Unavailable):
        drain(replace(services, plans=Plans(cut_off)), key_names.group(lifter))
    assert services.projections.parked() == 0
    assert replay_lag(services).lifters == 1


def test_what_is_marked_while_a_drain_counts_as_awake_is_not_lost(
    services: Services, lifter: LifterRef, queue_server: redis.Redis
) -> None:
    group = key_names.group(lifter)
    services.wake.stay_awake(group)
    append(services, lifter, a_set())
    assert jobs_waiting(queue_server) == 0, "the drain that is awake sees the mark"
    drain(services, group)
    assert replay_lag(services).lifters == 0
    append(services, lifter, a_set())
    assert jobs_waiting(queue_server) == 1, "a drain that went to sleep is woken"


def test_a_drain_whose_turn_is_over_makes_room_for_a_group_that_waits(
    services: Services, lifter: LifterRef, queue_server: redis.Redis
) -> None:
    group = key_names.group(lifter)
    append(services, lifter, a_set())
    queue_server.flushall()
    services.wake.wake(group + 1)
    assert drain(services, group, turn_s=0.0) == 1
    assert services.wake.wake(group), "it sleeps, so the next mark wakes a drain again"


def age(server: redis.Redis, lifter: LifterRef, seconds: int) -> None:
    """Have the lifter marked dirty for that long."""
    now, _ = server.time()
    server.zadd(key_names.dirty(key_names.partition(lifter)), {key_names.member(lifter): (now - seconds) * 1000})


def test_the_sweeper_wakes_what_a_crash_left_lying(
    services: Services, lifter: LifterRef, valkey: redis.Redis, queue_server: redis.Redis
) -> None:
    append(services, lifter, a_set())
    queue_server.flushall()  # a crash between append and wake-up: the mark is there, the job is not
    assert sweep(services) == [], "too young to be called left"
    age(valkey, lifter, 4)
    assert sweep(services) == [key_names.group(lifter)]
    assert jobs_waiting(queue_server) == 1
    assert sweep(services) == [], "it has been woken"


def test_a_killed_drain_counts_as_awake_for_a_bounded_time_only(services: Services, queue_server: redis.Redis) -> None:
    services.wake.stay_awake(3)
    (flag,) = queue_server.keys()
    assert 0 < queue_server.pttl(flag) <= FLAG_MS


def test_the_queue_stays_short_while_there_is_no_worker(services: Services, queue_server: redis.Redis) -> None:
    for _ in range(100):
        for group in range(key_names.GROUPS):
            services.wake.sleep(group)
            services.wake.wake(group)
    assert jobs_waiting(queue_server) == 4 * key_names.GROUPS


def test_a_rebuilt_projection_is_what_it_was(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, a_set(), a_set())
    drain_all(services)
    before = projection(services, lifter)
    rebuild(services, lifter)
    assert projection(services, lifter) == before
    assert replay_lag(services).lifters == 0


def test_a_rebuild_tells_of_more_than_fits_into_a_turn(services: Services, lifter: LifterRef) -> None:
    late = MOST_CLIMBS + 3
    for day in range(late):
        append(services, lifter, a_set(), at=START - 2 * day * DAY)  # each before all others
    state = rebuild(services, lifter)
    assert state.shared.version == late
    assert int(projection(services, lifter)[b"version"]) == late
    assert replay_lag(services).lifters == 0


def test_a_rebuild_ends_where_its_lifter_is_erased_meanwhile(
    services: Services, lifter: LifterRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(services, lifter, a_set(), a_set())
    commit, times = Projections.commit, 0

    def erasing(projections: Projections, commits: Sequence[Commit]) -> list[bool]:
        nonlocal times
        times += 1
        assert times < 5, "it does not end"
        if times == 1:
            erase(services, lifter, by="k_test")
        return commit(projections, commits)

    monkeypatch.setattr(Projections, "commit", erasing)
    rebuild(services, lifter)
    assert projection(services, lifter) == {}


def test_what_another_engine_made_is_made_again(
    services: Services, lifters: list[LifterRef], valkey: redis.Redis
) -> None:
    ours, theirs = lifters[:2]
    for lifter in (ours, theirs):
        append(services, lifter, a_set())
    drain_all(services)
    before = projection(services, theirs)
    version, newest_at, _, default = msgspec.json.decode(before[CHECKPOINT])
    older = msgspec.json.encode((version, newest_at, ENGINE_VERSION - 1, default))
    valkey.hset(key_names.state(theirs), CHECKPOINT, older)
    assert forget_outdated(services) == 1
    assert (projection(services, ours) != {}, projection(services, theirs)) == (True, {})
    assert replay_lag(services).lifters == 1
    drain_all(services)
    assert projection(services, theirs) == before
    assert forget_outdated(services) == 0


def test_the_lag_counts_lifters_events_and_age(services: Services, gym: str, valkey: redis.Redis) -> None:
    one, two = LifterRef(gym, "one"), LifterRef(gym, "two")
    append(services, one, a_set())
    drain_all(services)
    append(services, one, a_set(), a_set())
    append(services, two, a_set())
    age(valkey, two, 10)
    lag = replay_lag(services)
    assert (lag.lifters, lag.events) == (2, 3)
    assert 10 <= lag.seconds < 60


@pytest.fixture
def burst(
    environment: dict[str, str], queue_server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], bool]]:
    """Runs a worker until the queue is empty; whether it had anything to do."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    jobs.services.cache_clear()

    def work() -> bool:
        return Worker(["spotter"], connection=queue_server, serializer=JSONSerializer).work(
            burst=True, logging_level="WARNING"
        )

    yield work
    jobs.services.cache_clear()


def test_a_worker_does_what_it_is_woken_for_and_leaves_no_trace_in_the_queue(
    services: Services, lifter: LifterRef, queue_server: redis.Redis, burst: Callable[[], bool]
) -> None:
    append(services, lifter, a_set(), a_set())
    assert burst()
    assert int(projection(services, lifter)[b"version"]) == 2
    left = [key for key in queue_server.scan_iter() if b":job:" in key or b"execution" in key or b"failed" in key]
    assert left == []
    assert not burst()


def test_the_job_of_a_killed_worker_does_not_stay_in_the_queue_for_ever(
    services: Services, queue_server: redis.Redis
) -> None:
    services.wake.wake(0)
    killed = Worker(["spotter"], connection=queue_server, serializer=JSONSerializer)
    (queue,) = killed.queues
    dequeued = killed.queue_class.dequeue_any([queue], None, queue_server, serializer=JSONSerializer)
    assert dequeued is not None
    job, _ = dequeued
    killed.prepare_execution(job)
    killed.prepare_job_execution(job, remove_from_intermediate_queue=True)
    assert queue_server.ttl(job.key) == -1, "it would stay"
    queue.started_job_registry.cleanup(time.time() + 150)
    assert 0 < queue_server.ttl(job.key) <= 60


def test_a_server_that_takes_no_writes_fails_no_job_and_loses_no_work(
    services: Services,
    lifter: LifterRef,
    valkey: redis.Redis,
    queue_server: redis.Redis,
    burst: Callable[[], bool],
) -> None:
    append(services, lifter, a_set())
    valkey.set("ballast", b"x" * 2_000_000)
    valkey.config_set("maxmemory", "1mb")
    try:
        assert burst()
    finally:
        valkey.config_set("maxmemory", "0")
    assert queue_server.zcard("rq:failed:spotter") == 0
    assert replay_lag(services).lifters == 1
    drain_all(services)
    assert replay_lag(services).lifters == 0


def test_changes_read_of_a_server_that_was_replaced_never_reach_the_feed(
    services: Services, lifter: LifterRef, valkey: redis.Redis
) -> None:
    """docs/faults.md, 3: the new primary lacks them, and whoever read them carries them to it."""
    append(services, lifter, a_set())
    loaded = services.projections.load_to_tell([lifter])
    assert services.projections.commit([advance(services, *loaded).commit]) == [True]
    (partition,) = services.feeds.waiting()
    read = {partition: services.feeds._outboxes([partition])[0]}
    valkey.delete(key_names.outbox(partition))
    services.feeds._carry(read)
    assert services.feeds.ends(lifter.gym) == (0, 0)
