"""The event log on a real server: every outcome, all or nothing, once for ever."""

import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest
import redis

from service.domain.errors import Unavailable, WrongExpectedVersion
from service.domain.events import BaselineSet, Event, EventData, SetCorrected, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.log_entry import LogEntry
from service.domain.same_event import content_sha256
from service.engine.replay.projection import Run
from service.store import key_names
from service.store.connections import connect
from service.store.log import MAXIMUM_BATCH, PAGE, Appended, EventLog, NewEvent, joined

DEFAULT = "d" * 64
NOON = 1_795_000_000_000_000
MINUTE = 60_000_000


@pytest.fixture
def log(log_url: str) -> EventLog:
    return EventLog(connect(log_url))


@pytest.fixture
def lifter(gym: str) -> LifterRef:
    return LifterRef(gym, "lifter-1")


def a_set(reps: int = 5, load: str = "100") -> SetLogged:
    return SetLogged("deadlift", Load(Decimal(load), "kg"), reps=reps)


def new(event_id: str, data: EventData | None = None, at: int = NOON) -> NewEvent:
    data = a_set() if data is None else data
    return NewEvent(Event(event_id, 1, at, at + 1, "k_test", data), content_sha256(event_id, at, data))


def append(log: EventLog, lifter: LifterRef, *events: NewEvent, expected: int | None = None) -> list[Appended]:
    return log.append(lifter, events, expected_version=expected, default_digest=DEFAULT).results


def everything_in(server: redis.Redis, lifter: LifterRef) -> dict[bytes, object]:
    """All that the server holds of a lifter's partition."""
    found: dict[bytes, object] = {}
    for key in server.scan_iter(f"{{p{key_names.partition(lifter):02d}}}:*"):
        found[key] = server.dump(key)
    return found


def test_versions_are_dense_from_one_and_entries_read_back_as_written(log: EventLog, lifter: LifterRef) -> None:
    events = [new("a"), new("b", BaselineSet("squat", load=Load(Decimal(60), "kg"))), new("c")]
    assert append(log, lifter, events[0]) == [Appended("appended", 1)]
    assert append(log, lifter, *events[1:]) == [Appended("appended", 2), Appended("appended", 3)]
    assert log.head(lifter) == 3
    assert log.read(lifter) == [
        LogEntry(1, events[0].event, events[0].sha256, DEFAULT),
        LogEntry(2, events[1].event, events[1].sha256, None),
        LogEntry(3, events[2].event, events[2].sha256, None),
    ]


def test_a_lifter_nobody_wrote_about_has_an_empty_log(log: EventLog, lifter: LifterRef) -> None:
    assert log.head(lifter) == 0
    assert log.read(lifter) == []
    assert log.whole(lifter) == Run(1, [], [], None)


def test_the_same_event_again_is_already_appended_at_its_first_version(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("a"), new("b"))
    assert append(log, lifter, new("a"), new("c"), new("b")) == [
        Appended("already_appended", 1),
        Appended("appended", 3),
        Appended("already_appended", 2),
    ]
    assert log.head(lifter) == 3


def test_the_same_id_with_other_content_conflicts_and_the_original_is_kept(log: EventLog, lifter: LifterRef) -> None:
    original = new("a", a_set(reps=5))
    append(log, lifter, original)
    assert append(log, lifter, new("a", a_set(reps=6))) == [Appended("idempotency_conflict", 1)]
    assert append(log, lifter, new("a", at=NOON + 1)) == [Appended("idempotency_conflict", 1)]
    assert [entry.event for entry in log.read(lifter)] == [original.event]


def test_ids_twice_in_one_batch_are_as_if_appended_one_after_the_other(log: EventLog, lifter: LifterRef) -> None:
    results = append(log, lifter, new("a"), new("a"), new("a", a_set(reps=9)), new("b"))
    assert results == [
        Appended("appended", 1),
        Appended("already_appended", 1),
        Appended("idempotency_conflict", 1),
        Appended("appended", 2),
    ]
    assert log.head(lifter) == 2


def test_the_same_id_is_another_event_for_another_lifter(log: EventLog, gym: str) -> None:
    for name in ("one", "two"):
        assert append(log, LifterRef(gym, name), new("a")) == [Appended("appended", 1)]


def test_a_wrong_expected_version_writes_nothing_and_says_the_actual_one(
    log: EventLog, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(log, lifter, new("a"), new("b"))
    before = everything_in(valkey, lifter)
    with pytest.raises(WrongExpectedVersion) as refused:
        append(log, lifter, new("c"), expected=1)
    assert (refused.value.expected, refused.value.actual) == (1, 2)
    with pytest.raises(WrongExpectedVersion):
        append(log, lifter, new("a"), new("c"), expected=3)
    assert everything_in(valkey, lifter) == before


def test_the_right_expected_version_is_taken(log: EventLog, lifter: LifterRef) -> None:
    assert append(log, lifter, new("a"), expected=0) == [Appended("appended", 1)]
    assert append(log, lifter, new("b"), expected=1) == [Appended("appended", 2)]


def test_a_retry_of_an_append_with_an_expected_version_succeeds(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("a"), expected=0)
    assert append(log, lifter, new("a"), expected=0) == [Appended("already_appended", 1)]


def test_the_default_rule_set_is_pinned_once_by_the_first_set_or_baseline(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("note", SetVoided("nothing")))
    append(log, lifter, new("a"), new("b"))
    log.append(lifter, [new("c")], expected_version=None, default_digest="e" * 64)
    assert [entry.default for entry in log.read(lifter)] == [None, DEFAULT, None, None]
    assert log.whole(lifter).default == DEFAULT
    assert [run.default for run in log.runs(lifter, after=2)] == [None]


@pytest.mark.parametrize(
    ("data", "minutes", "late"),
    [
        (a_set(), 0, False),
        (a_set(), 1, False),
        (a_set(), -1, True),
        (SetVoided("a"), 5, True),
        (SetCorrected("a", reps=3), 5, True),
    ],
    ids=["same time", "later", "earlier", "void", "correction"],
)
def test_late_is_what_changes_history(
    log: EventLog, lifter: LifterRef, data: EventData, minutes: int, *, late: bool
) -> None:
    append(log, lifter, new("a"))
    event = new("b", data, NOON + minutes * MINUTE)
    assert log.append(lifter, [event], expected_version=None, default_digest=DEFAULT).late is late
    again = log.append(lifter, [event], expected_version=None, default_digest=DEFAULT)
    assert again.late is False, "a retry changes nothing"


def test_a_set_corrected_to_a_later_time_is_what_others_are_late_against(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("a"), new("b", SetCorrected("a", occurred_at=NOON + 60 * MINUTE), NOON + MINUTE))
    batch = log.append(lifter, [new("c", at=NOON + 2 * MINUTE)], expected_version=None, default_digest=DEFAULT)
    assert batch.late is True


def test_a_void_made_much_later_makes_nothing_else_late(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("a"), new("b", SetVoided("a"), NOON + 60 * MINUTE))
    batch = log.append(lifter, [new("c", at=NOON + MINUTE)], expected_version=None, default_digest=DEFAULT)
    assert batch.late is False


def test_an_append_marks_its_lifter_dirty_and_known(log: EventLog, lifter: LifterRef, valkey: redis.Redis) -> None:
    first = log.append(lifter, [new("a")], expected_version=None, default_digest=DEFAULT)
    dirty, name = key_names.dirty(key_names.partition(lifter)), key_names.member(lifter)
    marked = valkey.zscore(dirty, name)
    second = log.append(lifter, [new("b")], expected_version=None, default_digest=DEFAULT)
    assert (first.newly_dirty, second.newly_dirty) == (True, False)
    assert valkey.zscore(dirty, name) == marked, "the mark says since when"
    valkey.zrem(dirty, name)
    retry = log.append(lifter, [new("b")], expected_version=None, default_digest=DEFAULT)
    assert retry.newly_dirty is False
    assert valkey.zscore(dirty, name) is None
    assert list(log.lifters()) == [lifter]


def test_many_writers_of_one_lifter_leave_every_event_once(log_url: str, lifter: LifterRef) -> None:
    ids = [f"e{number}" for number in range(200)]
    outcomes: list[Appended] = []

    def write() -> None:
        own = EventLog(connect(log_url))
        for event_id in ids:
            outcomes.extend(append(own, lifter, new(event_id)))

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    entries = EventLog(connect(log_url)).read(lifter)
    assert sorted(entry.event.event_id for entry in entries) == sorted(ids)
    assert sorted(result.version for result in outcomes if result.outcome == "appended") == list(range(1, 201))
    assert len(outcomes) == 800


def test_long_logs_are_read_in_pages_that_join_to_the_whole(log: EventLog, lifter: LifterRef) -> None:
    count = 2 * PAGE + 7
    events = [new(f"e{number}", at=NOON + number) for number in range(count)]
    for start in range(0, count, MAXIMUM_BATCH):
        append(log, lifter, *events[start : start + MAXIMUM_BATCH])
    runs = list(log.runs(lifter))
    assert [run.first for run in runs] == [1, PAGE + 1, 2 * PAGE + 1]
    whole = log.whole(lifter)
    assert whole == joined(runs)
    assert list(whole.sha256s) == [event.sha256 for event in events]
    assert whole.last == count
    assert log.whole(lifter, PAGE + 3) == whole.until(PAGE + 3)
    assert [entry.version for entry in log.read(lifter, after=5, limit=3)] == [6, 7, 8]


def test_a_log_of_exactly_one_page_ends_there(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, *[new(f"e{number}") for number in range(PAGE)])
    assert [run.last for run in log.runs(lifter)] == [PAGE]


def test_events_are_found_by_id(log: EventLog, lifter: LifterRef) -> None:
    append(log, lifter, new("a"), new("b"), new("c"))
    found = log.find(lifter, ["c", "a", "nowhere"])
    assert {event_id: entry.version for event_id, entry in found.items()} == {"a": 1, "c": 3}
    assert log.find(lifter, []) == {}


def test_text_of_any_language_and_line_feeds_survive(log: EventLog, lifter: LifterRef) -> None:
    note = 'erste Zeile\nzweite "Zeile"\u2028 \U0001f3cb'
    data = SetLogged("deadlift", Load(Decimal(100), "kg"), reps=5, note=note)
    append(log, lifter, new("a", data), new("b"))
    assert [entry.event.data for entry in log.read(lifter)] == [data, a_set()]


def test_a_stream_that_is_not_dense_is_an_error_and_nothing_is_written(
    log: EventLog, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(log, lifter, new("a"))
    valkey.xadd(key_names.log(lifter), {"event": "x", "sha256": "y"}, id="3-0")
    before = everything_in(valkey, lifter)
    with pytest.raises(redis.ResponseError, match="BROKENLOG"):
        append(log, lifter, new("b"))
    with pytest.raises(redis.ResponseError, match="BROKENLOG"):
        log.read(lifter)
    assert everything_in(valkey, lifter) == before


def test_a_batch_is_limited(log: EventLog, lifter: LifterRef) -> None:
    assert len(append(log, lifter, *[new(f"e{number}") for number in range(MAXIMUM_BATCH)])) == MAXIMUM_BATCH
    with pytest.raises(ValueError, match="1001 events"):
        append(log, lifter, *[new(f"f{number}") for number in range(MAXIMUM_BATCH + 1)])


def test_a_server_that_forgot_the_scripts_is_given_them_again(
    log: EventLog, lifter: LifterRef, valkey: redis.Redis
) -> None:
    append(log, lifter, new("a"))
    valkey.script_flush()
    assert append(log, lifter, new("b")) == [Appended("appended", 2)]


@pytest.fixture
def out_of_memory(valkey: redis.Redis) -> Iterator[None]:
    valkey.set("ballast", b"x" * 2_000_000)
    valkey.config_set("maxmemory", "1mb")
    try:
        yield
    finally:
        valkey.config_set("maxmemory", "0")


def test_out_of_memory_is_unavailable_with_nothing_written_and_reads_go_on(
    log: EventLog, lifter: LifterRef, valkey: redis.Redis, request: pytest.FixtureRequest
) -> None:
    append(log, lifter, new("a"))
    before = everything_in(valkey, lifter)
    request.getfixturevalue("out_of_memory")
    with pytest.raises(Unavailable) as refused:
        append(log, lifter, new("b"), new("c"))
    assert refused.value.retry_after == 30
    assert everything_in(valkey, lifter) == before
    assert [entry.event.event_id for entry in log.read(lifter)] == ["a"]


def test_no_server_is_unavailable_soon(lifter: LifterRef) -> None:
    log = EventLog(connect("unix:///nowhere/at/all.sock"))
    with pytest.raises(Unavailable) as refused:
        append(log, lifter, new("a"))
    assert refused.value.retry_after == 1
