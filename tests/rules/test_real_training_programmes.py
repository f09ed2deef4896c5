"""What a programme may be, and what becomes of a day that asks for nothing: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.errors import RuleError, RuleSetInvalid
from service.domain.events import BaselineSet
from service.engine.files.library import library_from_files
from tests.support.training import LIBRARY, Lifter, load, rule_set_of

SCHEME = """\
scheme: {id}
title: Some weeks
sources: [{{title: A book, publisher: A publisher}}]
params: {{least: {{type: int, default: 2, from: 1, to: 9}}, most: {{type: int, default: 3, from: 0, to: 9}},
  increase: {{type: load, default: {{kg: 2.5, lb: 5}}}}, strong: {{type: load, default: {{kg: 500, lb: 1000}}}}}}
state:
  load: {{type: load, initial: baseline.load}}
  done: {{type: bool, initial: false}}
after exercise:
  - rule: up
    when: all(each.done for each in performed) and load < strong and least + most < 30 and not done
    then: {{load: load + increase}}
    outcome: raise
    because: "Add {{increase}}."
prescribe:
  - {{count: 3, load: load, reps: "range(5, 5)"{line}}}
examples:
  - {{name: none, baseline: 100 kg, log: ["100x1 -> 100"]}}
"""

SLOT = "{{slot: {slot}, exercise: {exercise}, progression: {progression}, track: {track}}}"


def programme(*days: str, weeks: int = 1) -> str:
    """A programme of days, each with its slots as text."""
    listed = "".join(f"  - day: d{number}\n    slots: [{slots}]\n" for number, slots in enumerate(days, 1))
    return f"programme: plan\ntitle: Plan\nsources: [{{title: A book}}]\nweeks: {weeks}\ndays:\n{listed}"


def scheme(scheme_id: str, line: str) -> dict[str, str]:
    """A scheme that asks for its sets as a line says, and raises after each good session."""
    return {f"progression/{scheme_id}.yaml": SCHEME.format(id=scheme_id, line=line)}


def refused(text: str, **files: str) -> list[RuleError]:
    own = {**files, "programmes/plan.yaml": text}
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({**LIBRARY.files, **{path: each.encode() for path, each in own.items()}})
    return caught.value.errors


def sharing(first: tuple[str, str], second: tuple[str, str]) -> str:
    """A programme in which two slots, each an exercise and its progression, feed one track."""
    slots = [
        SLOT.format(slot=slot, exercise=exercise, progression=progression, track="one")
        for slot, (exercise, progression) in zip(("first", "second"), (first, second), strict=True)
    ]
    return programme(*slots)


SQUAT = "squat", "linear"


@pytest.mark.parametrize(
    ("other", "unlike"),
    [
        (("plank", "timed-hold"), "d1/first has reps to do, d2/second seconds to do"),
        (("pull-up", "linear"), "loads that are total, d2/second loads that are added"),
        (("dumbbell-row", "linear"), "loads that are total, d2/second loads that are each"),
        (("squat", "training-max-steps"), "the lever load, d2/second the lever training_max"),
    ],
)
def test_case_24_slots_of_one_track_share_measure_lever_and_what_a_load_counts(
    other: tuple[str, str], unlike: str
) -> None:
    (error,) = refused(sharing(SQUAT, other))
    text = sharing(SQUAT, other).splitlines()[error.line - 1]
    assert "slot: second" in text
    assert text[error.column - 1 :].startswith("one}")
    assert unlike in error.message


@pytest.mark.parametrize("other", [("front-squat", "linear"), ("squat", "double-progression")])
def test_case_24_like_slots_share_a_track(other: tuple[str, str]) -> None:
    made = rule_set_of({"programmes/plan.yaml": sharing(SQUAT, other)}, "plan")
    lifter = Lifter("kg").follows(made).baseline("squat", "100 kg").does("squat", *["100x5"] * 5, kind="work")
    assert lifter.ends().state().tracks.names() == ["one"]


NEVER = {
    "a week that the cycle lacks": ", when: programme.week == 3",
    "a parameter that rules it out": ", when: most < 3",
    "one of two that cannot hold": ", when: done and least != 2",
    "neither of two": ", when: programme.week == 5 or least > 2",
}


@pytest.mark.parametrize("line", NEVER.values(), ids=NEVER)
def test_case_25_a_cycle_without_any_sets_is_refused(line: str) -> None:
    (error,) = refused(programme("{slot: a, exercise: squat, progression: never}", weeks=2), **scheme("never", line))
    assert (error.file, error.line) == ("programmes/plan.yaml", 6)
    assert error.message == "no day asks for a set in any week: nothing would ever be due."


@pytest.mark.parametrize(
    "line", [", when: programme.week == 2", ", when: programme.cycle == 2", ", when: not done", ", when: load > strong"]
)
def test_case_25_what_may_ask_for_sets_is_not_refused(line: str) -> None:
    files = scheme("maybe", line)
    text = programme("{slot: a, exercise: squat, progression: maybe}", weeks=2)
    assert rule_set_of({**files, "programmes/plan.yaml": text}, "plan").programme.weeks == 2


def trained(lifter: Lifter, sessions: int) -> list[str]:
    """Do what each of the next sessions asks for; which exercises those were."""
    done = []
    for _ in range(sessions):
        session = lifter.next_session()
        done.append("+".join(each.exercise for each in session if each.sets))
        for each in session:
            for asked in each.sets:
                lifter.does(each.exercise, f"{asked.load.value if asked.load else 60}x5", kind="work")
        lifter.ends().rests(days=2)
    return done


SQUAT_DAY = "{slot: a, exercise: squat, progression: odd}"
PRESS_DAY = "{slot: a, exercise: overhead-press, progression: linear}"
DAYS = {
    "last": ((PRESS_DAY, SQUAT_DAY), "overhead-press squat overhead-press overhead-press squat overhead-press"),
    "first": ((SQUAT_DAY, PRESS_DAY), "squat overhead-press overhead-press squat overhead-press overhead-press"),
    "two in a row": ((SQUAT_DAY, SQUAT_DAY, PRESS_DAY), "squat squat overhead-press overhead-press squat squat"),
    "alone": ((SQUAT_DAY,), "squat squat squat squat squat squat"),
}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("days", "done"), DAYS.values(), ids=DAYS)
def test_case_25_a_day_that_asks_for_nothing_is_passed_over(days: tuple[str, ...], done: str, known: bool) -> None:  # noqa: FBT001
    files = {**scheme("odd", ", when: programme.week == 1"), "programmes/plan.yaml": programme(*days, weeks=2)}
    lifter = Lifter("kg").follows(rule_set_of(files, "plan"))
    if known:
        lifter.baseline("squat", "100 kg").baseline("overhead-press", "50 kg")
    assert trained(lifter, 6) == done.split()


@pytest.mark.parametrize("known", [True, False])
def test_case_25_the_first_day_of_all_is_passed_over_too(known: bool) -> None:  # noqa: FBT001
    files = {
        **scheme("odd", ", when: programme.week == 2"),
        "programmes/plan.yaml": programme(SQUAT_DAY, PRESS_DAY, weeks=2),
    }
    lifter = Lifter("kg").follows(rule_set_of(files, "plan"))
    if known:
        lifter.baseline("squat", "100 kg").baseline("overhead-press", "50 kg")
    assert trained(lifter, 4) == ["overhead-press", "squat", "overhead-press", "overhead-press"]


def test_case_25_a_lifter_s_own_parameters_that_leave_no_set_end_nothing() -> None:
    files = {
        **scheme("few", ", when: most > 2"),
        "programmes/plan.yaml": programme("{slot: a, exercise: squat, progression: few}"),
    }
    made = rule_set_of(files, "plan")
    lifter = Lifter("kg").follows(made, d1__a={"most": 0}).baseline("squat", "100 kg")
    assert [each.sets for each in lifter.next_session()] == [()]
    lifter.follows(made)
    assert trained(lifter, 2) == ["squat", "squat"]


FAILING = 8
"""Sessions in which nothing is done of all that is asked; a cycle that rises by its own weeks is longer."""


@pytest.mark.parametrize("programme", [each.id for each in LIBRARY.programmes.values() if each.days])
def test_case_20_whoever_fails_every_repetition_is_never_raised(programme: str) -> None:
    lifter = Lifter("kg").follows(rule_set_of({}, programme))
    for exercise in sorted({slot.exercise or "" for day in LIBRARY.programmes[programme].days for slot in day.slots}):
        lifter.logs(BaselineSet(exercise, one_rep_max=load("120 kg")))
    levers: dict[str, Decimal] = {}
    for _ in range(FAILING):
        for each in lifter.next_session():
            for one in each.sets:
                if one.kind != "warmup" and one.reps is not None:
                    kind = "amrap" if one.kind == "amrap" else "work"
                    weight = 60 if one.load is None else one.load.value
                    lifter.does(each.exercise, f"{weight}x0", kind=kind, slot=each.slot)
        tracks = lifter.ends().rests(days=2).state().tracks
        for name in tracks.names():
            track = tracks.get(name)
            if track is not None and track.lever is not None:
                assert track.lever <= levers.get(name, track.lever), name
                levers[name] = track.lever


@pytest.mark.parametrize("programme", sorted(LIBRARY.programmes))
def test_case_18_time_away_is_as_long_for_every_lift_of_a_programme(programme: str) -> None:
    slots = [slot for day in LIBRARY.programmes[programme].days for slot in day.slots]
    layoffs = [use.params for slot in slots for use in slot.deloads if use.scheme == "layoff"]
    assert all(each == layoffs[0] for each in layoffs)
