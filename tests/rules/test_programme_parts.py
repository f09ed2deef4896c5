"""What a programme says once for several slots, and for some weeks only."""

from __future__ import annotations

import msgspec
import pytest

from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.files.shared_parts import MOST_PUT_IN
from service.engine.ruleset.programme import Programme, Slot
from tests.support.training import LIBRARY, Lifter, loads, rule_set_of

HEAD = "programme: mine\ntitle: Mine\nsources: [{title: a test}]\n"
PROGRAMME = f"""{HEAD}weeks: 4
rest_s: 120
deload: [requested, {{stall: {{sessions: 5}}}}]
progressions:
  accessory: {{double-progression: {{reps: [8, 12], sets: 2}}}}
  plain: linear
templates:
  curl: {{exercise: barbell-curl, progression: accessory, rest_s: 60, notes: Slowly., with: the press}}
days:
  - day: a
    slots:
      - {{slot: one, exercise: squat, progression: plain, weeks: [1, 3], label: pause}}
      - {{slot: two, exercise: squat, progression: {{accessory: {{sets: 3}}}}, weeks: 4, deload: [stall]}}
      - {{slot: curl, use: curl, notes: Faster.}}
  - day: b
    weeks: 1, 3-3
    deload: [layoff]
    rest_s: 90
    slots:
      - {{slot: one, exercise: bench-press, progression: accessory}}
"""
WRITTEN_OUT = f"""{HEAD}weeks: 4
days:
  - day: a
    slots:
      - slot: one
        exercise: squat
        progression: linear
        weeks: 1-3
        label: pause
        rest_s: 120
        deload: [requested, {{stall: {{sessions: 5}}}}]
      - slot: two
        exercise: squat
        progression: {{double-progression: {{sets: 3, reps: [8, 12]}}}}
        weeks: 4
        rest_s: 120
        deload: [stall, requested]
      - slot: curl
        exercise: barbell-curl
        progression: {{double-progression: {{reps: [8, 12], sets: 2}}}}
        rest_s: 60
        notes: Faster.
        with: the press
        deload: [requested, {{stall: {{sessions: 5}}}}]
  - day: b
    slots:
      - slot: one
        exercise: bench-press
        progression: {{double-progression: {{reps: [8, 12], sets: 2}}}}
        weeks: 1, 3
        rest_s: 90
        deload: [layoff, requested, {{stall: {{sessions: 5}}}}]
"""


def programme(text: str) -> Programme:
    return library_from_files({"programmes/mine.yaml": text.encode()}, LIBRARY).programmes["mine"]


def test_what_is_said_once_is_as_if_it_were_written_out() -> None:
    assert programme(PROGRAMME).days == programme(WRITTEN_OUT).days


def refused(text: str) -> tuple[RuleError, tuple[int, int]]:
    """The one mistake of a programme, and the place that is marked with ⟦."""
    before = text.partition("⟦")[0]
    with pytest.raises(RuleSetInvalid) as caught:
        programme(text.replace("⟦", ""))
    (error,) = caught.value.errors
    return error, (before.count("\n") + 1, len(before) - before.rfind("\n"))


WRONG = {
    "a template that there is not": ("use: curl", "use: ⟦curls", "there is no template curls. Did you mean curl?"),
    "a key that no template has": (
        "rest_s: 60, notes",
        "rest_s: 60, ⟦note: x, notes",
        "the template curl has no key note",
    ),
    "a slot in a template": ("curl: {exercise", "curl: {⟦slot: x, exercise", "the template curl has no key slot"),
    "a mistake in a template": ("rest_s: 60", "rest_s: ⟦2m", "It is in seconds: write 120"),
    "a mistake in a named progression": ("reps: [8, 12], sets: 2", "⟦rep: [8, 12], sets: 2", "Did you mean reps?"),
    "a parameter of a slot": ("{accessory: {sets: 3}}", "{accessory: {⟦set: 3}}", "Did you mean sets?"),
    "a name of a scheme": (
        "  plain: linear\n",
        "  ⟦linear: linear\n",
        "there is a scheme linear; give the progression",
    ),
    "a progression that no slot names": (
        "  plain: linear\n",
        "  plain: linear\n  ⟦idle: linear\n",
        "the progression idle is never used",
    ),
    "a template that no slot names": (
        "templates:\n",
        "templates:\n  ⟦idle: {rest_s: 5}\n",
        "the template idle is never used",
    ),
    "a progression of two schemes": (
        "  plain: linear\n",
        "  plain: {linear: {}, apre: {}}\n",
        "plain names one scheme",
    ),
    "a week beyond the cycle": ("weeks: [1, 3]", "weeks: ⟦[1, 5]", "names week 5, but a cycle of the programme has 4"),
    "weeks without end": ("weeks: [1, 3]", "weeks: ⟦[1, 999999999999]", "names week 999999999999"),
    "weeks turned round": ("weeks: [1, 3]", "weeks: ⟦[3, 1]", "weeks runs from 3 down to 1; exchange them"),
    "weeks as a list": ("weeks: [1, 3]", "weeks: ⟦[1, 2, 3]", "a list has the first week and the last"),
    "weeks in words": ("weeks: [1, 3]", "weeks: ⟦odd", "one week, 4, or several, 1-3, 5, but here is odd"),
    "weeks as a mapping": ("weeks: [1, 3]", "weeks: ⟦{from: 1}", "but here is a mapping"),
    "every week": ("weeks: [1, 3]", "weeks: ⟦[1, 4]", "weeks names every week of the cycle; leave it out"),
    "weeks of a day": ("weeks: 1, 3-3", "weeks: ⟦7", "weeks names week 7"),
    "a rest of a day": ("rest_s: 90", "rest_s: ⟦9000", "0 to 3600"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_is_told_where_it_stands(wrong: str) -> None:
    old, new, phrase = WRONG[wrong]
    assert PROGRAMME.count(old) == 1
    error, place = refused(PROGRAMME.replace(old, new))
    assert phrase in error.message
    assert "⟦" not in new or (error.line, error.column) == place, str(error)


def test_names_put_in_no_more_than_a_file_could_write_out() -> None:
    rows = ", ".join(["{week: 1, percent: 65, reps: 5}"] * 100)
    head = f"{HEAD}templates:\n  all: {{exercise: squat, progression: {{training-max-waves: {{waves: [{rows}]}}}}}}\n"
    slots = "".join(f"      - {{slot: s{number}, use: all}}\n" for number in range(60))
    with pytest.raises(RuleSetInvalid) as caught:
        programme(f"{head}days:\n  - day: a\n    slots:\n{slots}")
    (error,) = caught.value.errors
    assert f"put more than {MOST_PUT_IN:,} values into slots" in error.message
    assert 9 < error.line < 60


def test_a_cycle_of_one_week_has_no_other() -> None:
    slot = "{slot: one, exercise: squat, progression: linear, weeks: ⟦2}"
    error, place = refused(f"{HEAD}days: [{{day: a, slots: [{slot}]}}]\n")
    assert "is one week long; say so at the top" in error.message
    assert (error.line, error.column) == place


def test_a_cycle_in_whose_weeks_nothing_is_asked_for_is_refused() -> None:
    waves = "{training-max-waves: {waves: [{week: 1, percent: 70, reps: 5}]}}"
    slot = f"{{slot: one, exercise: squat, progression: {waves}, weeks: 2}}"
    error, _ = refused(f"{HEAD}weeks: 2\ndays: [{{day: a, slots: [{slot}]}}]\n")
    assert "nothing would ever be due" in error.message


def _sessions(text: str, count: int) -> list[list[str]]:
    """The slots of each session, done as prescribed, and so many sessions."""
    lifter = Lifter("kg").follows(rule_set_of({"programmes/mine.yaml": text}, "mine"))
    for exercise in ("squat", "bench-press", "barbell-curl"):
        lifter.baseline(exercise, "60 kg")
    found = []
    for _ in range(count):
        due = lifter.next_session()
        found.append([each.slot for each in due])
        for each in due:
            asked = [f"{load}x{one.reps.min}" for load, one in zip(loads(each), each.sets, strict=True) if one.reps]
            lifter.does(each.exercise, *asked, kind="work", slot=each.slot)
        lifter.ends().rests(days=2)
    return found


def test_a_slot_is_done_in_its_weeks_and_a_day_without_any_is_passed_over() -> None:
    with_squat, with_more = ["a/one", "a/curl"], ["a/two", "a/curl"]
    cycle = [with_squat, ["b/one"], with_squat, with_squat, ["b/one"], with_more]
    assert _sessions(PROGRAMME, 8) == [*cycle, with_squat, ["b/one"]]


def test_an_exercise_is_next_due_in_the_slot_whose_week_comes_first() -> None:
    lifter = Lifter("kg").follows(rule_set_of({"programmes/mine.yaml": PROGRAMME}, "mine")).baseline("squat", "60 kg")
    assert lifter.next("squat").slot == "a/one"
    later = lifter.next("squat", "a/two")
    assert [one.reps and one.reps.min for one in later.sets if one.kind == "work"] == [8, 8, 8]


def test_label_notes_and_superset_are_shown() -> None:
    made: list[Slot] = [slot for day in programme(PROGRAMME).days for slot in day.slots]
    assert [(each.label, each.notes, each.beside) for each in made] == [
        ("pause", "", ""),
        ("", "", ""),
        ("", "Faster.", "the press"),
        ("", "", ""),
    ]
    lifter = Lifter("kg").follows(rule_set_of({"programmes/mine.yaml": PROGRAMME}, "mine"))
    asked = lifter.asked()
    shown = {
        name: msgspec.to_builtins(asked.shown("lifter", asked.due(name)).display) for name in ("squat", "barbell-curl")
    }
    assert shown["squat"]["label"] == "pause"
    assert {"notes": "Faster.", "with": "the press"}.items() <= shown["barbell-curl"].items()
    assert "with" not in shown["squat"]


def test_all_that_is_wrong_in_a_slot_is_told_at_once() -> None:
    slot = "{slot: s, exercise: ohp, progression: linear-progression, deload: [stal], rest_s: 2m, weeks: 9}"
    text = f"programme: mine\ntitle: Mine\nsources: [{{title: a test}}]\ndays:\n  - {{day: a, slots: [{slot}]}}\n"
    with pytest.raises(RuleSetInvalid) as refused:
        library_from_files({"programmes/mine.yaml": text.encode()}, LIBRARY)
    line = text.split("\n")[4]
    assert [line[error.column - 1 :].partition(",")[0].rstrip("]}") for error in refused.value.errors] == [
        "ohp",
        "linear-progression",
        "2m",
        "9",
    ]
