"""The law of exports to other apps: what is written is read as the same sets, exercises and sessions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.domain.events import Event, EventData, SetLogged
from service.domain.instants import DAY, HOUR, SECOND, Instant
from service.domain.instants import parse as instant
from service.domain.loads import Load, Unit
from service.trackers.exercise_names import ExerciseNames, is_assisted
from service.trackers.reader import Answers, read_export_text
from service.trackers.writer import WrittenApp, written
from service.usecases.log.import_tracker import lines_of
from tests.support.training import LIBRARY

ZONE = ZoneInfo("Europe/Vienna")
START = instant("2025-01-06T17:00:00Z")
EXERCISES = sorted(LIBRARY.exercises)
OWN = ["leg-press-keller", "our-row-machine", "rudern-am-geraet"]

loads = st.builds(
    lambda quarters, unit: Load(Decimal(quarters) / 4, unit), st.integers(0, 900), st.sampled_from(get_args(Unit))
)


@st.composite
def sets(draw: st.DrawFn) -> SetLogged:
    exercise = draw(st.sampled_from(EXERCISES) | st.sampled_from(OWN))
    load = draw(loads)
    if is_assisted(exercise, exercise):
        load = Load(0 - load.value, load.unit)
    known = LIBRARY.exercises.get(exercise)
    timed = known is not None and known.measure == "seconds"
    amount = draw(st.integers(1, 90))
    return SetLogged(
        exercise,
        load,
        reps=None if timed else amount,
        seconds=amount if timed else None,
        rir=draw(st.none() | st.integers(0, 18).map(lambda halves: Decimal(halves) / 2)),
        kind=draw(st.sampled_from([None, "warmup", "drop", "failure"])),
    )


sessions = st.lists(st.tuples(st.integers(1, 20), st.lists(sets(), min_size=1, max_size=6)), min_size=1, max_size=4)


def log(trained: Sequence[tuple[int, Sequence[SetLogged]]]) -> list[Event]:
    """Sessions so many hours more than a day apart, their sets a second apart, as an import has them."""
    events: list[Event] = []
    at: Instant = START
    for number, (hours, performed) in enumerate(trained):
        at += DAY + hours * HOUR
        for place, data in enumerate(performed):
            fields = {name: getattr(data, name) for name in data.__struct_fields__} | {"session_id": f"s{number}"}
            events.append(Event(f"e{number}-{place}", 1, at + place * SECOND, at, "k", SetLogged(**fields)))
    return events


def told(events: Sequence[tuple[Instant, EventData]]) -> list[tuple[object, ...]]:
    """What must come back: when, in which session of the log, and what was done."""
    found: list[tuple[object, ...]] = []
    numbers: dict[str | None, int] = {}
    for at, data in events:
        assert isinstance(data, SetLogged)
        number = numbers.setdefault(data.session_id, len(numbers))
        found.append((at, number, data.exercise, data.load, data.reps, data.seconds, data.rir, data.kind))
    return found


@given(sessions, st.sampled_from(get_args(WrittenApp)))
def test_what_is_exported_is_imported_as_the_same_log(
    trained: list[tuple[int, list[SetLogged]]], app: WrittenApp
) -> None:
    events = log(trained)
    names = ExerciseNames(LIBRARY.exercises.values())
    exercises = LIBRARY.exercises
    text = "".join(written(app, events, lambda name: names.name_of(exercises.get(name), name), ZONE))
    export = read_export_text(text, Answers(None, ZONE), app)
    assert export.skipped == []
    lines = lines_of(export, ExerciseNames(exercises.values()), exercises)
    read = [(line.submission.occurred_at, line.submission.data) for line in lines]
    assert told(read) == told([(event.occurred_at, event.data) for event in events])
    again = "".join(
        written(
            app,
            [Event(str(n), 1, at, at, "k", data) for n, (at, data) in enumerate(read)],
            lambda name: names.name_of(exercises.get(name), name),
            ZONE,
        )
    )
    assert again == text
