"""Projections on a real server: compare-and-set commits, what is dirty, what is parked."""

from decimal import Decimal

import pytest
import redis

from service.domain.events import Event, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.same_event import content_sha256
from service.engine.replay.projection import Run
from service.store import key_names
from service.store.connections import connect
from service.store.log import PAGE, EventLog, NewEvent
from service.store.projections import Commit, Projections

DEFAULT = "d" * 64


@pytest.fixture
def log(log_url: str) -> EventLog:
    return EventLog(connect(log_url))


@pytest.fixture
def projections(log_url: str, valkey: redis.Redis) -> Projections:
    del valkey  # it empties the server
    return Projections(connect(log_url))


@pytest.fixture
def lifter(gym: str) -> LifterRef:
    return LifterRef(gym, "lifter-1")


def write(log: EventLog, lifter: LifterRef, count: int, first: int = 1) -> None:
    events = []
    for number in range(first, first + count):
        data = SetLogged("deadlift", Load(Decimal(100), "kg"), reps=5)
        event = Event(f"e{number}", 1, number, number, "k_test", data)
        events.append(NewEvent(event, content_sha256(event.event_id, number, data)))
    log.append(lifter, events, expected_version=None, default_digest=DEFAULT)


def commit_to(
    lifter: LifterRef, version: int, *, expected: bytes = b"", read: int | None = None, parked: bool = False
) -> Commit:
    return Commit(
        lifter,
        expected=expected,
        checkpoint=f"at {version}".encode(),
        version=version,
        read=version if read is None else read,
        changed={b"shared": f"shared {version}".encode()},
        removed=[],
        parked=parked,
    )


def dirty(projections: Projections, lifter: LifterRef) -> bool:
    (partition,) = projections.dirty([key_names.partition(lifter)], 10, now=0)
    return lifter in partition.oldest


def test_a_first_commit_makes_the_projection(log: EventLog, projections: Projections, lifter: LifterRef) -> None:
    write(log, lifter, 2)
    assert projections.load(lifter) == {}
    assert projections.commit([commit_to(lifter, 2)]) == [True]
    assert projections.load(lifter) == {b"shared": b"shared 2", b"checkpoint": b"at 2", b"version": b"2"}


def test_a_commit_over_the_checkpoint_it_started_from_changes_only_what_it_names(
    log: EventLog, projections: Projections, lifter: LifterRef
) -> None:
    write(log, lifter, 2)
    projections.commit([commit_to(lifter, 1)._replace(changed={b"shared": b"s", b"track:a": b"1", b"track:b": b"2"})])
    second = commit_to(lifter, 2, expected=b"at 1")._replace(changed={b"track:b": b"3"}, removed=[b"track:a"])
    assert projections.commit([second]) == [True]
    assert projections.load(lifter) == {
        b"shared": b"s",
        b"track:b": b"3",
        b"checkpoint": b"at 2",
        b"version": b"2",
    }


@pytest.mark.parametrize("expected", [b"", b"at 1", b"at 20"])
def test_a_stale_commit_is_refused_and_writes_nothing(
    log: EventLog, projections: Projections, lifter: LifterRef, expected: bytes
) -> None:
    write(log, lifter, 3)
    projections.commit([commit_to(lifter, 2)])
    before = projections.load(lifter)
    assert projections.commit([commit_to(lifter, 3, expected=expected, parked=True)]) == [False]
    assert projections.load(lifter) == before
    assert dirty(projections, lifter)
    assert projections.parked() == 0


def test_what_was_read_of_a_server_that_was_replaced_is_refused(
    log: EventLog, projections: Projections, lifter: LifterRef, valkey: redis.Redis
) -> None:
    """docs/faults.md, 3: the new primary lacks the second event, and has got two others since."""
    write(log, lifter, 2)
    (loaded,) = projections.load_with_tail([lifter])
    commit = commit_to(lifter, 2)._replace(event=loaded.tail.events[-1])
    valkey.delete(*key_names.of_lifter(lifter))
    write(log, lifter, 1)
    write(log, lifter, 2, first=10)
    assert projections.commit([commit]) == [False]
    (loaded,) = projections.load_with_tail([lifter])
    assert projections.commit([commit_to(lifter, 2)._replace(event=loaded.tail.events[1])]) == [True]


def test_of_two_workers_that_started_alike_one_commits(
    log: EventLog, projections: Projections, lifter: LifterRef
) -> None:
    write(log, lifter, 1)
    same = commit_to(lifter, 1)
    assert projections.commit([same, same]) == [True, False]


def test_the_dirty_mark_falls_only_when_the_head_was_read(
    log: EventLog, projections: Projections, lifter: LifterRef
) -> None:
    write(log, lifter, 3)
    projections.commit([commit_to(lifter, 2)])
    assert dirty(projections, lifter)
    projections.commit([commit_to(lifter, 3, expected=b"at 2")])
    assert not dirty(projections, lifter)


def test_a_parked_lifter_is_dirty_no_more_unless_something_came_unread(
    log: EventLog, projections: Projections, lifter: LifterRef
) -> None:
    write(log, lifter, 4)
    projections.commit([commit_to(lifter, 1, read=3, parked=True)])
    assert dirty(projections, lifter)
    assert projections.parked() == 1
    projections.commit([commit_to(lifter, 1, expected=b"at 1", read=4, parked=True)])
    assert not dirty(projections, lifter)
    projections.commit([commit_to(lifter, 4, expected=b"at 1")])
    assert projections.parked() == 0


def test_loading_gives_each_projection_with_the_log_that_follows_it(
    log: EventLog, projections: Projections, gym: str
) -> None:
    fresh, behind, current, nobody = (LifterRef(gym, name) for name in ("fresh", "behind", "current", "nobody"))
    for lifter in (fresh, behind, current):
        write(log, lifter, 3)
    projections.commit([commit_to(behind, 1), commit_to(current, 3)])
    loaded = projections.load_with_tail([fresh, behind, current, nobody])
    whole = log.whole(fresh)
    assert [each.lifter for each in loaded] == [fresh, behind, current, nobody]
    assert [each.tail for each in loaded] == [
        whole,
        Run(2, whole.events[1:], whole.sha256s[1:], None),
        Run(4, [], [], None),
        Run(1, [], [], None),
    ]
    assert [each.checkpoint for each in loaded] == [b"", b"at 1", b"at 3", b""]
    assert [dict(each.fields) for each in loaded] == [projections.load(each.lifter) for each in loaded]


def test_a_long_tail_is_given_a_page_at_a_time(log: EventLog, projections: Projections, lifter: LifterRef) -> None:
    write(log, lifter, PAGE)
    write(log, lifter, 1, first=PAGE + 1)
    (loaded,) = projections.load_with_tail([lifter])
    assert loaded.tail.last == PAGE
    projections.commit([commit_to(lifter, PAGE)])
    (loaded,) = projections.load_with_tail([lifter])
    assert (loaded.tail.first, loaded.tail.last) == (PAGE + 1, PAGE + 1)


def test_dirty_lifters_come_oldest_mark_first_with_their_number_and_age(
    log: EventLog, projections: Projections, lifter: LifterRef, valkey: redis.Redis
) -> None:
    same_partition = [
        other
        for number in range(1000)
        if key_names.partition(other := LifterRef(lifter.gym, f"other-{number}")) == key_names.partition(lifter)
    ][:3]
    for each in (lifter, *same_partition):
        write(log, each, 1)
    seconds, _ = valkey.time()
    key = key_names.dirty(key_names.partition(lifter))
    valkey.zadd(key, {key_names.member(same_partition[1]): (seconds - 60) * 1000})
    (partition,) = projections.dirty([key_names.partition(lifter)], 2, now=0)
    assert partition.lifters_behind == 4
    assert 60_000 <= partition.oldest_ms < 120_000
    assert len(partition.oldest) == 2
    assert partition.oldest[0] == same_partition[1]


def test_how_many_events_are_behind_is_counted(log: EventLog, projections: Projections, gym: str) -> None:
    one, two = LifterRef(gym, "one"), LifterRef(gym, "two")
    write(log, one, 5)
    write(log, two, 3)
    projections.commit([commit_to(one, 4)])
    assert projections.behind([one, two]) == 1 + 3
    assert projections.behind([]) == 0


def test_a_deleted_projection_is_to_be_made_again(log: EventLog, projections: Projections, lifter: LifterRef) -> None:
    write(log, lifter, 2)
    projections.commit([commit_to(lifter, 1, read=2, parked=True)])
    projections.delete(lifter)
    assert projections.load(lifter) == {}
    assert projections.parked() == 0
    assert dirty(projections, lifter)
    assert projections.commit([commit_to(lifter, 2)]) == [True]


def test_deleting_what_never_was_marks_nobody(projections: Projections, lifter: LifterRef) -> None:
    projections.delete(lifter)
    assert not dirty(projections, lifter)
