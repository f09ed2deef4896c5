"""What a programme file says of equipment: rounded as it says, the lifter's profile first; mistakes told."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from service.domain.equipment import Equipment
from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.http.library_json import programme_json
from service.http.replies import encode
from service.http.schemas.profiles import EquipmentSchema
from tests.support.training import LIBRARY, Lifter, load, loads, rule_set_of

EQUIPMENT = """\
equipment:
  bar: {lb: 45, kg: 20}
  ez_bar: {lb: 25}
  plates:
    lb: [45, 25, 10, 5, 2.5, 1.25]
    kg: {20: 8, 10: 4, 5: 4, 2.5: 4, 1.25: 4}
  dumbbells: {lb: [10, 20, 30], kg: [5, 10, 15]}
  kettlebells: {lb: [18, 26]}
  stack: {lb: 15, kg: 7}
  rounding: down
"""

PROGRAMME = """\
programme: rounded
title: Rounded
sources: [{title: a test}]
EQUIPMENTdays:
  - day: a
    slots:
      - {slot: bar, exercise: squat, progression: double-progression}
      - {slot: stack, exercise: cable-row, progression: double-progression}
      - {slot: bells, exercise: dumbbell-curl, progression: double-progression}
"""

ROUNDED = rule_set_of({"programmes/rounded.yaml": PROGRAMME.replace("EQUIPMENT", EQUIPMENT)}, "rounded")


def prescribed(lifter: Lifter, exercise: str, start: str) -> str | None:
    return loads(lifter.baseline(exercise, start).next(exercise))[0]


@pytest.mark.parametrize(
    ("exercise", "start", "made"),
    [
        ("squat", "229.9 lb", "227.5"),
        ("squat", "44 lb", "45"),
        ("squat", "2000 lb", "1820"),  # ten pairs of each
        ("squat", "101.9 kg", "100"),
        ("squat", "999 kg", "255"),  # the plates have run out
        ("cable-row", "44 lb", "30"),
        ("cable-row", "44 kg", "42"),
        ("dumbbell-curl", "29 lb", "20"),
    ],
)
def test_a_programme_is_rounded_to_what_it_says(exercise: str, start: str, made: str) -> None:
    assert prescribed(Lifter().follows(ROUNDED), exercise, start) == made


def test_the_lifters_own_equipment_goes_first_and_the_programmes_fills_in() -> None:
    lifter = Lifter().follows(ROUNDED).profile(equipment=Equipment(bar=load("15 kg"), rounding="nearest"))
    assert prescribed(lifter, "squat", "76 kg") == "75"  # 15 + 2 x 30: the programme has no plates of 0.5 kg
    assert prescribed(lifter, "cable-row", "33 kg") == "35"


def test_what_it_leaves_out_of_a_unit_is_the_houses() -> None:
    assert ROUNDED.programme.equipment["lb"].ez_bar == load("25 lb")
    assert ROUNDED.programme.equipment["kg"].ez_bar is None
    assert ROUNDED.programme.equipment["kg"].bar == load("20 kg")
    assert {each.rounding for each in ROUNDED.programme.equipment.values()} == {"down"}


MISTAKES = {
    "a bar without a unit": ("bar: {lb: 45, kg: 20}", "bar: ⟦45", "bar is said for each unit, for example {lb: 45"),
    "a bar with its unit behind it": ("bar: {lb: 45, kg: 20}", "bar: ⟦45 lb", "but here is 45 lb without one"),
    "a unit that is none": ("bar: {lb: 45,", "bar: {⟦lbs: 45,", "lbs is no unit here"),
    "a bar under nothing": ("bar: {lb: 45,", "bar: {lb: ⟦-45,", "bar is from 0 to 5000 lb, but here is -45"),
    "a word for a bar": ("bar: {lb: 45,", "bar: {lb: ⟦olympic,", "bar in lb is a number, but here is olympic"),
    "a misspelt key": ("stack:", "⟦stak:", "Did you mean stack?"),
    "plates without a unit": (
        "plates:\n    lb: [45, 25, 10, 5, 2.5, 1.25]\n    kg: {20: 8, 10: 4, 5: 4, 2.5: 4, 1.25: 4}",
        "plates: ⟦[45, 25]",
        "plates is said for each unit",
    ),
    "one plate of a size": ("{20: 8,", "{20: ⟦1,", "plates go on a bar in pairs, and 1 leave one over"),
    "no plates of a size": ("{20: 8,", "{20: ⟦0,", "2 to 40 plates of a size"),
    "a plate of nothing": ("[45, 25,", "[45, ⟦0,", "a plate is more than 0 to 5000 lb"),
    "a size twice": ("[45, 25,", "[45, ⟦45,", "plates has 45 lb twice; keep one"),
    "a size twice, written otherwise": ("[45, 25,", "[45, ⟦45.0,", "plates has 45 lb twice; keep one"),
    "a single plate": ("lb: [45, 25, 10, 5, 2.5, 1.25]", "lb: ⟦45", "plates lists the sizes there are"),
    "plates by the gram": ("lb: [45, 25,", "lb: ⟦[45.001, 25.003,", "more than 3,000 different loads"),
    "no dumbbells": ("lb: [10, 20, 30]", "lb: ⟦[]", "dumbbells lists 1 to 200 loads, but here are 0"),
    "one dumbbell": ("lb: [10, 20, 30]", "lb: ⟦10", "dumbbells lists the ones there are"),
    "a rounding that is none": ("rounding: down", "rounding: ⟦floor", "rounding is nearest, down or up"),
    "a misspelt rounding": ("rounding: down", "rounding: ⟦dwon", "Did you mean down?"),
    "a stack of nothing": ("stack: {lb: 15,", "stack: {lb: ⟦0,", "stack is more than 0"),
    "an empty unit": ("kettlebells: {lb: [18, 26]}", "kettlebells: ⟦{}", "nothing is written under kettlebells"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_programmes_equipment(mistake: str) -> None:
    old, new, phrase = MISTAKES[mistake]
    assert EQUIPMENT.count(old) == 1
    text = PROGRAMME.replace("EQUIPMENT", EQUIPMENT.replace(old, new))
    before = text[: text.index("⟦")]
    files = {path: data for path, data in LIBRARY.files.items() if not path.startswith("programmes/")}
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({**files, "programmes/rounded.yaml": text.replace("⟦", "").encode()})
    (error,) = caught.value.errors
    assert phrase in error.message
    assert (error.line, error.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("EQUIPMENT", "⟦rounding: down\n"),
        ("EQUIPMENT", "⟦plates: {lb: [45, 25]}\n"),
        ("{slot: bar,", "{⟦rounding: down, slot: bar,"),
    ],
)
def test_what_belongs_under_equipment_is_sent_there(old: str, new: str) -> None:
    text = PROGRAMME.replace(old, new).replace("EQUIPMENT", "")
    before = text[: text.index("⟦")]
    with pytest.raises(RuleSetInvalid, match="It belongs under equipment:") as caught:
        library_from_files({"programmes/rounded.yaml": text.replace("⟦", "").encode()}, LIBRARY)
    (error,) = caught.value.errors
    assert (error.line, error.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_the_standard_plates_reach_what_they_weigh_and_no_more() -> None:
    standard = "equipment: {plates: {lb: {45: 8, 25: 4, 10: 4, 5: 4, 2.5: 4, 1.25: 2}}, rounding: down}\n"
    rule_set = rule_set_of({"programmes/rounded.yaml": PROGRAMME.replace("EQUIPMENT", standard)}, "rounded")
    assert prescribed(Lifter().follows(rule_set), "squat", "900 lb") == "577.5"


def test_the_list_of_programmes_shows_it_as_a_profile_would_say_it() -> None:
    """So that what is listed may be sent back in a profile."""
    shown = json.loads(encode(programme_json(ROUNDED)))["equipment"]
    assert shown["kg"]["bar"] == {"value": 20, "unit": "kg"}
    assert shown["kg"]["plates"][0] == {"load": {"value": 20, "unit": "kg"}, "count": 8}
    assert shown["lb"]["rounding"] == "down"
    for unit, said in ROUNDED.programme.equipment.items():
        assert EquipmentSchema().load(json.loads(json.dumps(shown[unit]), parse_float=Decimal)) == said
