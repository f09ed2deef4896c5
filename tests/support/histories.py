"""Made-up logs for properties: what lifters really do, and what nobody would believe they do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, NamedTuple

import msgspec
from hypothesis import strategies as st

from service.domain.counting import Counting
from service.domain.equipment import Equipment, Plates
from service.domain.event_encoding import encode
from service.domain.events import (
    CORRECTED,
    BaselineCorrected,
    BaselineSet,
    Correction,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    Overridden,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SessionEndCorrected,
    SessionSkipped,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.instants import HOUR, SECOND, Instant
from service.domain.loads import Load
from service.domain.same_event import content_sha256
from service.engine.replay.projection import Run
from tests.support.training import DAY, DEFAULT, MINUTE, MONDAY, UPPER_BACK, rule_set_of

SHARED: Final = rule_set_of(
    {
        "progression/follows-the-body.yaml": """
scheme: follows-the-body
title: Reads what is known of the lifter at every trigger
sources: [{title: a test, gives: all}]
state:
  load: {type: load, initial: baseline.load}
  seen: {type: load, initial: "baseline.load if known(baseline.load) else 0 * step"}
params:
  step: {type: load, default: {kg: 1, lb: 2}, from: 0}
after set:
  - rule: body-weight-known
    when: known(lifter.body_weight) and set.load >= prescribed.load
    then: {load: "load + percent_of(1, lifter.body_weight)", seen: seen + step}
    outcome: raise
    because: "{lifter.body_weight}, seen {seen}"
  - otherwise: hold
    because: "stay at {load}, seen {seen}"
after session:
  - rule: baseline-known
    when: known(baseline.load) and known(lifter.body_weight) and seen > step
    then: {load: "baseline.load + step", seen: 0 * step}
    outcome: reset
    because: "{baseline.load}, {lifter.body_weight}"
prescribe:
  - {count: 2, load: load, reps: "range(5, 8)"}
examples:
  - {name: none, unit: kg, log: ["100x5 -> 100"]}
""",
        "programmes/shared.yaml": """
programme: shared
title: Slots that share tracks, and a scheme that reads all there is
sources: [{title: a test, gives: all}]
days:
  - day: a
    slots:
      - {slot: heavy, exercise: deadlift, progression: {double-progression: {sets: 1}}, deload: [stall, layoff]}
      - {slot: light, exercise: deadlift, progression: {double-progression: {sets: 2, reps: [8, 10]}}}
      - {slot: row, exercise: barbell-row, progression: follows-the-body, deload: [layoff]}
  - day: b
    slots:
      - {slot: heavy, exercise: deadlift, progression: {double-progression: {sets: 1}}, deload: [layoff]}
      - {slot: pull, exercise: pull-up, progression: follows-the-body, deload: [stall]}
""",
    },
    "shared",
)

EXERCISES: Final = ("deadlift", "barbell-row", "single-arm-dumbbell-row", "pull-up", "zercher-squat")
SLOTS: Final = st.sampled_from(["a/hinge", "a/heavy", "a/light", "b/heavy", "c/none", "default/deadlift"])
LOADS: Final = ("-20", "0", "2.5", "45", "60", "100", "102.5", "135", "225")


SESSION_VOIDS: Final = st.sampled_from([SessionVoided("monday"), SessionVoided("friday")])


class Acts(NamedTuple):
    """A void, or a correction, of the event at ``place`` counted back from the newest that can be acted on so."""

    kind: Literal["void", "correct"]
    place: int
    change: Correction


def _loads() -> st.SearchStrategy[Load]:
    # Mostly of one unit, as logs are.
    return st.builds(Load, st.sampled_from(LOADS).map(Decimal), st.sampled_from(["kg", "kg", "kg", "lb"]))


def _maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None] * len(values) + list(values))


@cache
def sets() -> st.SearchStrategy[SetLogged]:
    """Sets that count repetitions, and now and then a timed one."""
    counted = st.builds(
        SetLogged,
        st.sampled_from(EXERCISES),
        _loads(),
        reps=st.integers(0, 14),
        rir=_maybe(Decimal(0), Decimal("1.5"), Decimal(4)),
        kind=_maybe("work", "warmup", "amrap", "drop", "failure"),
        session_id=_maybe("monday", "friday"),
        slot=_maybe("a/hinge", "a/heavy", "a/light", "b/heavy", "c/none"),
        side=_maybe("left", "right"),
        body_weight=_maybe(Load(Decimal(80), "kg"), Load(Decimal(190), "lb")),
    )
    timed = st.builds(SetLogged, st.sampled_from(["plank", "deadlift"]), _loads(), seconds=st.integers(0, 150))
    # A run of plain sets at one load is what raises, lowers and stalls.
    plain = st.builds(
        SetLogged, st.sampled_from(["deadlift", "pull-up"]), st.just(Load(Decimal(100), "kg")), reps=st.integers(2, 8)
    )
    return st.one_of(plain, plain, counted, timed)


@cache
def others() -> st.SearchStrategy[EventData]:
    """Everything else that stands in the timeline."""
    equipment = Equipment(bar=Load(Decimal(15), "kg"), plates=(Plates(Load(Decimal(10), "kg"), 20),), rounding="down")
    programmes = [ProgrammeAssigned(each.programme.id, each.digest) for each in (UPPER_BACK, SHARED, DEFAULT)]
    tuned = ProgrammeAssigned("upper-back", UPPER_BACK.digest, {"a/hinge": {"sets": 2, "reps": [5, 8]}})
    return st.one_of(
        st.builds(SessionCompleted, _maybe("monday", "friday")),
        st.sampled_from([*programmes, tuned, ProgrammeEnded(), ProgrammeEnded("upper-back")]),
        st.builds(BaselineSet, st.sampled_from([*EXERCISES, "plank"]), load=_loads()),
        st.builds(BaselineSet, st.sampled_from(EXERCISES), one_rep_max=_loads()),
        st.builds(
            ProfileChanged,
            unit=_maybe("kg", "lb"),
            time_zone=_maybe("Europe/Vienna", "America/Havana"),
            body_weight=_maybe(Load(Decimal(75), "kg")),
            equipment=_maybe(equipment),
            counting=_maybe({}, {"barbell": Counting("lb"), "pull-up": Counting(uncounted=Load(Decimal(20), "kg"))}),
        ),
        st.sampled_from([DeloadRequested("tired"), LifterNoted(flag="pain")]),
        st.builds(SessionSkipped, st.none() | st.lists(SLOTS, min_size=1, max_size=3, unique=True).map(_in_order)),
        st.builds(Overridden, SLOTS, _loads()),
    )


def _in_order(slots: list[str]) -> tuple[str, ...]:
    return tuple(sorted(slots))


@cache
def _acting() -> st.SearchStrategy[Acts]:
    return st.builds(Acts, st.sampled_from(["void", "correct"]), st.integers(0, 6), corrections())


@cache
def corrections() -> st.SearchStrategy[Correction]:
    """One field of what is corrected, which is to be filled in."""
    times = st.sampled_from([MONDAY - 3 * DAY + 7, MONDAY + 3 * DAY + 7])
    of_set: list[dict[str, Any]] = [
        {"reps": 6},
        {"seconds": 45},
        {"load": Load(Decimal(110), "kg")},
        {"exercise": "deadlift"},
        {"kind": "work"},
        {"session_id": "friday"},
        {"cleared": ("session_id",)},
        {"cleared": ("kind", "rir", "slot")},
    ]
    return st.one_of(
        st.sampled_from(of_set).map(lambda change: SetCorrected("", **change)),
        st.builds(SetCorrected, st.just(""), times),
        st.builds(BaselineCorrected, st.just(""), _maybe(MONDAY - 3 * DAY + 7), load=_loads()),
        st.builds(BaselineCorrected, st.just(""), exercise=st.sampled_from(EXERCISES), training_max=_loads()),
        st.builds(SessionEndCorrected, st.just(""), times),
        st.sampled_from(
            [SessionEndCorrected("", cleared=("session_id",)), SessionEndCorrected("", session_id="friday")]
        ),
    )


_FORWARD: Final = (
    MINUTE,
    3 * MINUTE,
    3 * MINUTE,
    3 * MINUTE,
    4 * HOUR,
    5 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    14 * DAY,
    30 * DAY,
)
_BACKWARD: Final = (-HOUR, -2 * DAY, -20 * DAY)


@cache  # to make strategies again for each example takes longer than to draw from them
def _steps(
    *, acting: bool, in_order: bool, ties: bool, most: int
) -> st.SearchStrategy[list[tuple[Instant, EventData | Acts]]]:
    """How long after the one before each thing comes, and what it is."""
    gaps = (*_FORWARD, 0) if ties else _FORWARD
    acts = [_acting(), _acting(), SESSION_VOIDS] if acting else []
    what = st.one_of(*[sets()] * 6, others(), others(), *acts)
    return st.lists(st.tuples(st.sampled_from(gaps if in_order else gaps + _BACKWARD), what), max_size=most)


@st.composite
def logs(
    draw: st.DrawFn, *, acting: bool = True, in_order: bool = False, ties: bool = False, most: int = 24
) -> list[Event]:
    """A log in order of its versions; each event's id is ``e<version>``.

    ``acting``: with voids and corrections. ``in_order``: nothing arrives late. ``ties``: instants may be equal;
    otherwise no two are.
    """
    drawn = draw(_steps(acting=acting, in_order=in_order, ties=ties, most=most))
    events: list[Event] = []
    now = MONDAY
    for version, (gap, each) in enumerate(drawn, 1):
        now += gap
        data = _resolved(each, events) if isinstance(each, Acts) else each
        events.append(event(version, now if ties else now + version, data))
    return events


def _resolved(acts: Acts, events: Sequence[Event]) -> EventData:
    """The void or correction of an event that is there and was not acted upon yet, else a note."""
    taken = {getattr(each.data, "voids", None) or getattr(each.data, "corrects", None) for each in events}
    targets = [each for each in events if each.event_id not in taken]
    if acts.kind == "correct":
        targets = [each for each in targets if isinstance(each.data, CORRECTED[type(acts.change)])]
    if not targets:
        return LifterNoted("nothing to mend")
    target = targets[-1 - acts.place % len(targets)].event_id
    if acts.kind == "void":
        return SetVoided(target)
    return msgspec.structs.replace(acts.change, corrects=target)


def event(version: int, at: Instant, data: EventData, event_id: str = "") -> Event:
    """An event as appended."""
    return Event(event_id or f"e{version}", data.schema_version, at, at + SECOND, "test", data)


def run_of(events: Sequence[Event], first: int = 1, last: int | None = None) -> Run:
    """The versions ``first`` to ``last`` of a log as stored; the first set or baseline pins the default rules."""
    pins = next(
        (version for version, each in enumerate(events, 1) if isinstance(each.data, SetLogged | BaselineSet)), 0
    )
    part = events[first - 1 : last]
    sha256s = [content_sha256(each.event_id, each.occurred_at, each.data) for each in part]
    pinned = (DEFAULT.digest, pins) if first <= pins < first + len(part) else (None, 0)
    return Run(first, [encode(each) for each in part], sha256s, *pinned)
