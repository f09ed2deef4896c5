"""Mistakes that coaches make with tables, words, questions about lists, ramps, adjusted sessions and equipment.

As in `test_wrong_files`: a small change to a good file, the place where it must be reported marked with ⟦.
"""

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.ruleset.facts import FACTS

SETS = next(name for name, fact in FACTS.items() if fact.type == "rows")

SCHEME = """\
scheme: waves
title: Waves
sources: [{title: A book}]
params:
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
  share: {type: percent, default: 10, from: 0, to: 50}
  base: {type: word, of: [raw, prescribed], default: raw}
  waves:
    type: table
    columns:
      week: {type: int, from: 1, to: 12}
      percent: {type: percent, from: 0, to: 110}
      reps: range
      amrap: {type: bool, default: false}
    default:
      - {week: 1, percent: 65, reps: 5}
      - {week: 1, percent: 75, reps: [4, 6], amrap: true}
let:
  done: count(each.reps >= each.prescribed.reps.min for each in SETS if each.load >= each.prescribed.load)
state:
  training_max:
    type: load
    initial: [baseline.training_max, "percent_of(90, baseline.one_rep_max)"]
    first_set: "percent_of(90, e1rm(set.load, set.reps))"
  stage: {type: int, initial: 1, from: 1, to: rows(waves)}
after exercise:
  - rule: up
    when: base == "raw" and done >= prescribed.sets
    then: {training_max: training_max + increase, stage: stage + 1}
    outcome: raise
    because: "{done} sets: add {increase}."
  - rule: down
    when: last(SETS).reps < waves[stage].reps.min
    then: {training_max: "training_max - percent_of(share, training_max)", stage: 1}
    outcome: lower
    because: "Take {share} off."
prescribe:
  - for: row in waves if row.week == programme.week
    count: 1
    load: percent_of(row.percent, training_max)
    reps: row.reps
    amrap: row.amrap
examples:
  - {name: up, baseline: 100 lb, log: ["100x5"]}
""".replace("SETS", SETS)

DELOAD = """\
scheme: rest
title: Rest
sources: [{title: A book}]
params: {left: {type: percent, default: 60, from: 10, to: 100}}
adjust: {when: lifter.deload_requested, load: left, sets: 50}
examples:
  - {name: away, progression: waves, baseline: 100 kg, log: ["100x5"]}
"""

EXERCISE = """\
exercise: squat
title: Squat
equipment: barbell
load: total
muscles: {target: [quadriceps]}
sources: [{title: A book}]
"""

PROGRAMME = """\
programme: plan
title: Plan
sources: [{title: A book}]
weeks: 4
warmup: [{percent: 0, reps: 5, sets: 2}, {percent: 40, reps: 5}]
equipment: {bar: {lb: 45, kg: 20}, plates: {lb: {45: 8, 25: 4}, kg: {20: 8}}, rounding: down}
days:
  - day: a
    slots:
      - slot: first
        exercise: squat
        progression:
          waves:
            waves:
              - {week: 1, percent: 70, reps: 5}
              - {week: 2, percent: 80, reps: 3}
        deload: [rest]
"""

GOOD = {
    "progression/waves.yaml": SCHEME,
    "deload/rest.yaml": DELOAD,
    "exercises/squat.yaml": EXERCISE,
    "programmes/plan.yaml": PROGRAMME,
}

WHEN = 'when: base == "raw" and done >= prescribed.sets'
ROW = "      - {week: 1, percent: 65, reps: 5}\n"
GIVEN = "              - {week: 2, percent: 80, reps: 3}\n"
FOR = "for: row in waves if row.week == programme.week"

TABLES = {
    "rows that overlap": (
        "    type: table\n    columns:",
        "    type: table\n    apart: reps\n    columns:",
        "rows 1 and 2 of waves are both about reps of 5; of each number one row tells",
    ),
    "a column that has no ranges": (
        "    type: table\n",
        "    type: table\n    apart: ⟦week\n",
        "apart names a column of type range, of which there are reps",
    ),
    "too many rows": (ROW, ROW * 120, "a list of 1 to 100 rows, but here is a list of 121."),
    "a row without a column": (ROW, "      - ⟦{week: 1, percent: 65}\n", "row 1 of waves lacks reps; a row has week"),
    "a misspelt column": (ROW, "      - ⟦{week: 1, percent: 65, rep: 5}\n", "Did you mean reps?"),
    "a column too many": (ROW, "      - ⟦{week: 1, percent: 65, reps: 5, pause: 3}\n", "which the table has not"),
    "a row as a list": (ROW, "      - ⟦[1, 65, 5]\n", "row 1 of waves is written {week: ..., percent: ..."),
    "a number in words": (ROW, "      - {week: ⟦one, percent: 65, reps: 5}\n", "week is a whole number"),
    "a week beyond the last": (ROW, "      - {week: ⟦13, percent: 65, reps: 5}\n", "week must be from 1 to 12"),
    "a percent sign": (ROW, "      - {week: 1, percent: ⟦65%, reps: 5}\n", "percent is a percentage, for example 10"),
    "reps with a plus": (ROW, "      - {week: 1, percent: 65, reps: ⟦5+}\n", "reps is a range, for example [4, 6]"),
    "a range turned round": (ROW, "      - {week: 1, percent: 65, reps: ⟦[6, 4]}\n", "write [4, 6]"),
    "a dash": (ROW, "      - {week: 1, percent: 65, reps: ⟦4-6}\n", "write [4, 6] instead of 4-6"),
    "a number for true": (ROW, "      - {week: 1, percent: 65, reps: 5, amrap: ⟦1}\n", "for example true or false"),
    "a brace without a comma": (ROW, "      - {week: 1, percent: 65 reps⟦: 5}\n", "a comma is missing"),
    "a type that is none": ("      reps: range\n", "      reps: ⟦rng\n", "Did you mean range?"),
    "a column in capitals": ("      reps: range\n", "      ⟦Reps: range\n", "a name has small letters"),
    "a misspelt key": ("    columns:\n", "    ⟦colums:\n", "Did you mean columns?"),
    "a table in a table": ("      reps: range\n", "      reps: ⟦table\n", "a column's type is bool, int"),
    "a column of no row": ("reps: row.reps", "reps: ⟦row.rep", "a row of this list has no rep. Did you mean reps?"),
    "a table as a number": (WHEN, "when: ⟦waves.percent > 2", "waves is a list: take a row, as in last(waves).percent"),
    "a row as a number": (WHEN, "when: ⟦waves[stage] > 2", "waves[stage] is a row of a list"),
    "a range as a number": (WHEN, "when: ⟦waves[stage].reps > 2", "Take one end of the range"),
    "round brackets for a row": (WHEN, "when: ⟦waves(stage).reps.min > 2", "with square brackets, waves[1]"),
    "a row in words": (WHEN, "when: waves[⟦week 1].percent > 2", "an operator or a comma is missing here"),
    "the row before the first": (WHEN, "when: waves[⟦0].percent > 2", "rows are counted 1, 2, 3"),
    "rows of a number": (WHEN, "when: rows(⟦stage) > 2", "a list belongs here"),
    "a state beyond a table": ("to: rows(waves)", "to: ⟦waves", "a whole number belongs here, but waves is a list"),
}

WORDS = {
    "a default that is not listed": ("default: raw", "default: ⟦rw", "Did you mean raw?"),
    "one word to choose from": ("of: [raw, prescribed]", "of: ⟦[raw]", "between two or more different words"),
    "words in capitals": ("of: [raw, prescribed]", "of: [⟦Raw, prescribed]", "Raw is no word"),
    "no list of words": ("of: [raw, prescribed], ", "", "the parameter base needs a line of"),
    "a word without quotes": (WHEN, "when: base == ⟦raw", 'words stand in quotes: "raw"'),
    "a misspelt word": (WHEN, 'when: base == ⟦"rw" and done > 1', "base is never rw. Did you mean raw?"),
    "one equals sign": (WHEN, 'when: base ⟦= "raw"', "write == for"),
    "a word that is more than another": (WHEN, 'when: ⟦base >= "raw"', "a word is neither more nor less"),
    "a list of words": (WHEN, 'when: ⟦base in ("raw", "prescribed")', "one comparison for each value and or between"),
    "a word as a condition": (WHEN, "when: ⟦base", "for example base == ..."),
    "a kind that is none": (
        WHEN,
        f'when: any(each.kind == ⟦"amrapp" for each in {SETS})',
        "each.kind is never amrapp. Did you mean amrap?",
    ),
}

LISTS = {
    "no row named": (WHEN, f"when: all(⟦reps >= 5 for each in {SETS})", "reps is not declared"),
    "a misspelt part": (WHEN, f"when: all(⟦each.rep >= 5 for each in {SETS})", "Did you mean reps?"),
    "no question": (WHEN, f"when: ⟦all({SETS}.reps >= 5)", "all() asks about each row of a list, as in all(each.reps"),
    "no for": (WHEN, f"when: ⟦all(each.reps >= 5 in {SETS})", "all() asks about each row of a list"),
    "of for in": (WHEN, f"when: all(each.reps >= 5 for ⟦each of {SETS})", "an operator or a comma is missing"),
    "another name for the sets": (WHEN, "when: all(each.reps >= 5 for each in ⟦sets)", f"Did you mean {SETS}?"),
    "reserve without asking": (WHEN, f"when: all(⟦s.rir > 2 for s in {SETS})", "with known(s.rir)"),
    "a number that is counted": (WHEN, f"when: count(⟦s.reps for s in {SETS}) > 2", "a condition belongs here"),
    "a sum that is no condition": (WHEN, f"when: ⟦sum(s.reps for s in {SETS})", "a condition belongs here"),
    "a sum of loads and a number": (WHEN, f"when: ⟦sum(s.load for s in {SETS}) > 500", "A load needs a unit"),
    "the smallest of none": (
        WHEN,
        f"when: ⟦min(s.reps for s in {SETS} if s.reps > 3) > 2",
        "there may be no row left to take the min of; leave the if out",
    ),
    "two fors": (WHEN, f"when: any⟦(s.reps > t.reps for s in {SETS} for t in {SETS})", "one for and one if is all"),
    "a for in a for": (
        WHEN,
        f"when: all(⟦any(s.reps > t.reps for s in {SETS}) for t in {SETS})",
        "a for inside a for is not in the rule language",
    ),
    "a list as a number": (WHEN, f"when: ⟦{SETS} > 2", "they cannot be compared"),
    "a set as a number": (WHEN, f"when: ⟦last({SETS}) > 2", "last(performed) is a row of a list"),
    "a part of all sets": (WHEN, f"when: last(⟦{SETS}.reps) > 2", "is a list: take a row"),
    "a taken name": (
        WHEN,
        f"when: all(stage.reps > 2 for ⟦stage in {SETS})",
        "stage cannot be a name here",
    ),
}

SECTIONS = {
    "for a list alone": (FOR, "for: ⟦waves", "for is followed by a name and a list: row in waves"),
    "for each row in": (FOR, "for: ⟦each row in waves", "for is followed by a name and a list"),
    "where": (FOR, "for: ⟦row in waves where row.week == 1", "for is followed by a name and a list"),
    "a misspelt table": (FOR, "for: row in ⟦wave", "Did you mean waves?"),
    "one equals sign in for": (FOR, "for: row in waves if row.week ⟦= programme.week", "write == for"),
    "a column without its row": (FOR, "for: row in waves if ⟦week == programme.week", "Did you mean programme.week?"),
    "a row without for": (f"{FOR}\n    count: 1", "count: 1", "row is not declared"),
    "a percentage for a load": (
        "load: percent_of(row.percent, training_max)",
        "load: ⟦row.percent",
        "Write percent_of(",
    ),
    "a share by a star": (
        "load: percent_of(row.percent, training_max)",
        "load: ⟦row.percent * training_max",
        "Write percent_of(percentage, load)",
    ),
    "a range in brackets": ("reps: row.reps", "reps: ⟦[4, 6]", "a range in it is written range(4, 6)"),
    "as many as possible of a range": ("amrap: row.amrap", "amrap: ⟦row.reps", "a condition belongs here"),
    "a kind with a dash": ("amrap: row.amrap", "kind: ⟦back-off", "Did you mean back_off?"),
    "a warm-up prescribed": (
        "amrap: row.amrap",
        "kind: ⟦warmup",
        "kind is work, amrap, top, back_off, rest_pause or drop",
    ),
    "nothing to start from": (
        '[baseline.training_max, "percent_of(90, baseline.one_rep_max)"]',
        "⟦[]",
        "here is nothing",
    ),
    "or between starts": (
        '[baseline.training_max, "percent_of(90, baseline.one_rep_max)"]',
        "⟦baseline.training_max or baseline.one_rep_max",
        "baseline.training_max may be unknown",
    ),
    "reps for a load": (
        '"percent_of(90, e1rm(set.load, set.reps))"',
        "⟦set.reps",
        "a load belongs here, but set.reps is a whole number",
    ),
    "a trigger that is none": ("after exercise:", "⟦after excercise:", "Did you mean after exercise?"),
    "sets in a later week": ("after exercise:", "after week:", f"{SETS} is not known in after week"),
}

DELOADS = {
    "a percent sign": ("load: left", "load: ⟦60%", "percent"),
    "a load for a percentage": ("load: left", 'load: "⟦percent_of(left, lever)"', "a percentage belongs here"),
    "a fraction": ("sets: 50", "sets: ⟦0.5", "60 for 60 %, but here is 0.5"),
    "more than all": ("sets: 50", "sets: ⟦150", "that many percent are left of the sets"),
    "half in words": ("sets: 50", "sets: ⟦half", "half is not declared"),
    "no condition": ("when: lifter.deload_requested, ", "", "adjust needs a line when"),
    "a number as condition": ("when: lifter.deload_requested", "when: ⟦programme.week", "a condition belongs here"),
    "a fact of a set": ("when: lifter.deload_requested", "when: ⟦set.load > lever", "not known in before prescription"),
    "a flag without asking": ("when: lifter.deload_requested", 'when: ⟦lifter.flag == "pain"', "known(lifter.flag)"),
}

PROGRAMMES = {
    "a row without a column": (GIVEN, "              - ⟦{week: 2, percent: 80}\n", "row 2 of waves lacks reps"),
    "more than the scheme allows": (
        GIVEN,
        "              - {week: 2, percent: ⟦180, reps: 3}\n",
        "percent must be from 0 to 110, but here is 180",
    ),
    "weeks in words": ("weeks: 4", "weeks: ⟦four", "weeks is a whole number"),
    "weeks listed": ("weeks: 4", "weeks: ⟦[1, 2, 3, 4]", "weeks is a single value"),
    "week for weeks": ("weeks: 4", "⟦week: 4", "Did you mean weeks?"),
    "a warm-up with a load": ("{percent: 0, reps: 5, sets: 2}", "{⟦load: 45, reps: 5}", "it has percent, reps and"),
    "a warm-up in shorthand": ("{percent: 0, reps: 5, sets: 2}", "⟦2x5", "a line of warmup"),
    "a warm-up by a fraction": ("{percent: 40, reps: 5}", "{percent: ⟦0.4, reps: 5}", "40 for 40 %"),
    "a warm-up heavier than the work": ("{percent: 40, reps: 5}", "{percent: ⟦140, reps: 5}", "lighter than the work"),
    "a bar without unit": ("{lb: 45, kg: 20}", "⟦45", "bar is said for each unit, for example {lb: 45, kg: 20}"),
    "plates without unit": ("{lb: {45: 8, 25: 4}, kg: {20: 8}}", "⟦[45, 25]", "plates is said for each unit"),
    "another word for down": ("rounding: down", "rounding: ⟦downwards", "rounding is nearest, down or up"),
    "a parameter beside its scheme": ("slot: first\n", "slot: first\n        ⟦sets: 3\n", "a slot has no key sets"),
}

CASES = [
    pytest.param(path, *case, id=f"{path.partition('/')[0]}: {name}")
    for path, cases in (
        ("progression/waves.yaml", {**TABLES, **WORDS, **LISTS, **SECTIONS}),
        ("deload/rest.yaml", DELOADS),
        ("programmes/plan.yaml", PROGRAMMES),
    )
    for name, case in cases.items()
]


def test_the_good_files_are_good() -> None:
    library = library_from_files({path: text.encode() for path, text in GOOD.items()})
    assert list(library.programmes) == ["plan"]


@pytest.mark.parametrize(("path", "old", "new", "phrase"), CASES)
def test_a_mistake_is_refused_with_its_place_and_advice(path: str, old: str, new: str, phrase: str) -> None:
    assert GOOD[path].count(old) == 1, old
    text = GOOD[path].replace(old, new)
    before, mark, _ = text.partition("⟦")
    files = {name: content.encode() for name, content in GOOD.items()} | {path: text.replace("⟦", "").encode()}
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files(files)
    first = next(error for error in caught.value.errors if error.file == path)
    assert phrase in first.message, [str(error) for error in caught.value.errors]
    if mark:
        assert (first.line, first.column) == (before.count("\n") + 1, len(before) - before.rfind("\n")), str(first)
