"""Warnings: what is told at the append is told again at any later time, and is what the log before the event says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import SpotterError
from service.domain.events import (
    BaselineSet,
    Event,
    EventData,
    Overridden,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SessionSkipped,
    SetLogged,
)
from service.domain.identifiers import LifterRef
from service.domain.instants import HOUR, Instant
from service.domain.loads import Load
from service.domain.same_event import canonical_data
from service.engine.replay.bound_programme import Plans
from service.engine.ruleset.programme import Slot
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.warnings import Warned, Warnings
from tests.support.database import Database
from tests.support.histories import EXERCISES, SHARED, logs
from tests.support.model import ModelLifter
from tests.support.training import DAY, DEFAULT, MONDAY, UPPER_BACK, Lifter

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
_SLOTS = {
    rule_set.digest: [slot for day in rule_set.programme.days for slot in day.slots]
    for rule_set in (DEFAULT, UPPER_BACK, SHARED)
}
_NUMBERS = count()


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    """A server of its own, with the rule sets that the logs name, at a time when all of them have happened."""
    with tempfile.TemporaryDirectory(prefix="spotter-warnings-") as folder, Database(Path(folder) / "db") as database:
        environment = {"SPOTTER_REDIS_URL": database.embedded.url, "SPOTTER_QUEUE_URL": database.embedded.url}
        made = bootstrap(Settings.from_environment(environment))
        for rule_set in (DEFAULT, UPPER_BACK, SHARED):
            made.archive.put({rule_set.digest: rule_set.files})
            made.archive.publish({rule_set.programme.id: rule_set.digest}, at=0)
        yield replace(made, clock=lambda: MONDAY + 9999 * DAY)


def plainly_warned(model: ModelLifter, version: int) -> set[str]:
    """The codes for the event of a version, told by the history before it, from its beginning."""
    event = model.log[version - 1]
    data = event.data
    earlier = [each for _, each in model.history(version - 1) if each.occurred_at <= event.occurred_at]
    codes = set()
    if getattr(data, "exercise", None) not in (None, *DEFAULT.exercises):
        codes.add("unknown_exercise")
    followed = _followed(earlier)
    slots = [] if followed is None else _SLOTS[followed.digest or ""]
    codes |= _measured_otherwise(data)
    if isinstance(data, SetLogged) and data.slot is not None:
        (exercise,) = [slot.exercise for slot in slots if slot.id == data.slot] or [None]
        of_day = [slot.exercise for slot in slots if slot.day == data.slot.partition("/")[0]]
        if exercise is None:
            codes.add("unknown_slot")
        elif data.exercise not in of_day:
            codes.add("substitution")
    if not {*_slots_of_once(data)} <= {slot.id for slot in slots}:
        codes.add("unknown_slot")
    if isinstance(data, Overridden) and _cannot_be(earlier, data, slots):
        codes.add("not_loadable")
    if (
        isinstance(data, SessionCompleted)
        and data.session_id is not None
        and not _named(model.log[: version - 1], data)
    ):
        codes.add("unknown_session")
    if isinstance(data, BaselineSet) and slots and data.exercise not in [slot.exercise for slot in slots]:
        codes.add("not_read")
    if isinstance(data, SetLogged) and data.kind not in ("warmup", "drop") and _is_outlier(earlier, event, data):
        codes.add("outlier")
    return codes


def _followed(earlier: list[Event]) -> ProgrammeAssigned | None:
    followed = None
    for each in earlier:
        if isinstance(each.data, ProgrammeAssigned):
            followed = each.data
        if isinstance(each.data, ProgrammeEnded) and followed and each.data.programme in (None, followed.programme):
            followed = None
    return followed


def _slots_of_once(data: EventData) -> list[str]:
    """The slots of a programme that something is said of for one session alone."""
    skipped = data.slots or () if isinstance(data, SessionSkipped) else ()
    overridden = (data.slot,) if isinstance(data, Overridden) else ()
    return [slot for slot in (*skipped, *overridden) if not slot.startswith("default/")]


def _named(log: list[Event], ended: SessionCompleted) -> bool:
    others = [each.data for each in log if not isinstance(each.data, SessionCompleted)]
    return ended.session_id in [getattr(each, "session_id", None) for each in others]


def _cannot_be(earlier: list[Event], data: Overridden, slots: Sequence[Slot]) -> bool:
    """Whether a load is under 0, or under the only bar there is, of an exercise that takes no other."""
    day, _, name = data.slot.partition("/")
    of_slot = [slot.exercise for slot in slots if slot.id == data.slot]
    exercise = DEFAULT.exercises.get(name if day == "default" else next(iter(of_slot), None) or "")
    if exercise is None or exercise.load == "added":
        return False
    profile = [each.data for each in earlier if isinstance(each.data, ProfileChanged)]
    counts = any({exercise.id, exercise.equipment} & {*(each.counting or ())} for each in profile)
    if exercise.equipment not in ("barbell", "ez-bar") or counts or data.load.value < 0:
        return data.load.value < 0
    bars = {"barbell": {"kg": 20, "lb": 45}, "ez-bar": {"kg": 10, "lb": 20}}
    bar = Decimal(bars[exercise.equipment][data.load.unit])
    for each in profile:
        if each.equipment is not None and exercise.equipment == "barbell" and each.equipment.bar is not None:
            bar = each.equipment.bar.in_unit(data.load.unit)
    return data.load.value < bar


def _measured_otherwise(data: EventData) -> set[str]:
    if not isinstance(data, SetLogged):
        return set()
    catalogued = DEFAULT.exercises.get(data.exercise)
    said = "reps" if data.seconds is None else "seconds"
    return set() if catalogued is None or catalogued.measure == said else {"other_measure"}


def _is_outlier(earlier: list[Event], event: Event, data: SetLogged) -> bool:
    body: Decimal | None = None
    sessions: list[list[SetLogged]] = []
    newest: tuple[Instant, str | None] | None = None
    for each in [*earlier, event]:
        said = each.data
        if isinstance(said, SetLogged | ProfileChanged) and said.body_weight is not None:
            body = said.body_weight.in_unit("kg")
        skipped = isinstance(said, SessionSkipped) and said.slots is None
        if skipped or isinstance(said, SessionCompleted | ProgrammeAssigned | ProgrammeEnded):
            newest = None
        if isinstance(said, SetLogged):
            goes_on = newest is not None and each.occurred_at - newest[0] < 4 * HOUR
            if not goes_on or (newest is not None and said.session_id not in (None, newest[1])):
                sessions.append([])
            sessions[-1].append(said)
            newest = each.occurred_at, said.session_id
    proven = [
        [
            each.load.in_unit("kg")
            for each in sets
            if each.exercise == data.exercise and each.kind not in ("warmup", "drop")
        ]
        for sets in sessions[:-1]
    ]
    hanging = data.exercise in DEFAULT.exercises and DEFAULT.exercises[data.exercise].load == "added"
    if hanging and body is None:
        return False
    own = body if hanging and body is not None else Decimal(0)
    weights = [[load + own for load in loads] for loads in proven if loads]
    weight = data.load.in_unit("kg") + own
    sound: list[Decimal] = []
    doubted: Decimal | None = None
    for each_session in weights:
        doubtful = [each for each in each_session if _is_doubtful(each, sound, doubted)]
        sound.append(max([each for each in each_session if each not in doubtful] or sound[-1:]))
        doubted = max(doubtful) if doubtful else None
    # The append looks at no more than the last two sessions, slips included.
    return len(weights) > 1 and weight > 2 * min(map(max, weights[-2:])) and _is_doubtful(weight, sound, doubted)


def _is_doubtful(weight: Decimal, sound: list[Decimal], doubted: Decimal | None) -> bool:
    """Whether a weight is over twice the best of three sessions, and unlike what was doubtful in the last one."""
    if len(sound) < 3 or max(sound[-3:]) <= 0 or weight <= 2 * max(sound[-3:]):
        return False
    return doubted is None or max(weight, doubted) > 2 * min(weight, doubted)


def told(receipts: Sequence[Receipt | Exception]) -> list[Warnings | None]:
    """What each receipt warns of; None of what was refused."""
    return [each.warnings if isinstance(each, Receipt) else None for each in receipts]


def append_in_batches(services: Services, lifter: LifterRef, events: list[Event], sizes: list[int]) -> None:
    """Append a log batch by batch, and hold what is warned of to the log and to what is told again."""
    said = [Submission(each.event_id, each.occurred_at, canonical_data(each.data)) for each in events]
    at_first, start = [], 0
    for size in [*sizes, len(said)]:
        at_first += told(append_events(services, lifter, said[start : start + size], actor="k_test"))
        start += size
    # What was refused is no retry: by now the log may name the session that it takes back.
    taken = [(each, warnings) for each, warnings in zip(said, at_first, strict=True) if warnings is not None]
    again = append_events(services, lifter, [each for each, _ in taken], actor="k_test")
    assert told(again) == [warnings for _, warnings in taken]
    model = ModelLifter(lifter.lifter)
    model.log = [entry.event for entry in services.log.read(lifter)]
    warned = {each.event_id: warnings for each, warnings in zip(said, at_first, strict=True)}
    for version, event in enumerate(model.log, 1):
        warnings = warned[event.event_id]
        assert {each.code for each in warnings or ()} - {"not_read"} == plainly_warned(model, version) - {"not_read"}
        if isinstance(event.data, BaselineSet):
            assert ("not_read" in {each.code for each in warnings or ()}) == (
                "not_read" in plainly_warned(model, version)
            )
    for each in said[-3:]:
        if warned[each.event_id] is not None:
            assert append_event(services, lifter, each, actor="k_test").warnings == warned[each.event_id]


@LAW
@given(logs(most=40), st.lists(st.integers(1, 9), max_size=20))
def test_a_retry_repeats_what_the_log_says(services: Services, events: list[Event], sizes: list[int]) -> None:
    append_in_batches(services, LifterRef("gym", f"ann-{next(_NUMBERS)}"), events, sizes)


@LAW
@given(logs(most=25))
def test_what_is_refused_strictly_is_what_would_be_warned_of(services: Services, events: list[Event]) -> None:
    lifter = LifterRef("gym", f"eve-{next(_NUMBERS)}")
    for event in events:
        said = Submission(event.event_id, event.occurred_at, canonical_data(event.data))
        head = services.log.head(lifter)
        try:
            refused: Warnings | None = append_event(services, lifter, said, actor="k_test", strict=True).warnings
        except Warned as warned:
            assert services.log.head(lifter) == head
            refused = warned.warnings
        except SpotterError:
            continue
        assert append_event(services, lifter, said, actor="k_test").warnings == refused


HEAVY = st.builds(
    SetLogged,
    st.sampled_from(EXERCISES[:2]),
    st.builds(
        Load, st.sampled_from(["40", "45", "60", "100", "130", "846"]).map(Decimal), st.sampled_from(["kg", "lb"])
    ),
    reps=st.just(5),
    kind=st.sampled_from([None, None, None, "warmup", "drop"]),
    session_id=st.sampled_from([None, None, None, "monday"]),
)


@LAW
@given(
    st.lists(st.tuples(st.sampled_from([0, HOUR, HOUR, 4 * HOUR, DAY, -HOUR, -2 * DAY]), HEAVY), max_size=60),
    st.lists(st.integers(1, 9), max_size=20),
)
def test_outliers_are_told_alike(services: Services, steps: list[tuple[Instant, SetLogged]], sizes: list[int]) -> None:
    at, events = MONDAY, []
    for number, (gap, data) in enumerate(steps):
        at += gap
        events.append(Event(f"e{number}", 1, at, at, "k", data))
    append_in_batches(services, LifterRef("gym", f"bob-{next(_NUMBERS)}"), events, sizes)


SLIPPED = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["90", "95", "100"]), min_size=1, max_size=3), st.sampled_from([1, 1, 1, 4, 10])
    ),
    min_size=4,
    max_size=12,
)


@LAW
@given(SLIPPED)
def test_what_the_reading_takes_for_an_outlier_the_receipt_has_warned_of(
    services: Services, sessions: list[tuple[list[str], int]]
) -> None:
    """In order, each slip besides sound sets: no session with one follows another."""
    lifter = Lifter("kg", Plans({DEFAULT.digest: DEFAULT}))
    name, before = LifterRef("gym", f"eve-{next(_NUMBERS)}"), 1
    for loads, slip in sessions:
        slips = slip if before == 1 else 1
        before = slips
        for each in [*map(Decimal, loads), *([Decimal(loads[0]) * slips] if slips > 1 else [])]:
            lifter.does("squat", f"{each}x5", kind="work")
            event = lifter.log[-1]
            receipt = append_event(services, name, Submission(event.event_id, event.occurred_at, event.data), actor="k")
            memory = lifter.state().exercises.get("squat")
            assert memory is not None
            is_read_as_one = memory.outlier is not None and memory.outlier == each
            assert bool(receipt.warnings) == is_read_as_one
        lifter.ends().rests(days=2)
        event = lifter.log[-1]
        append_event(services, name, Submission(event.event_id, event.occurred_at, event.data), actor="k")
