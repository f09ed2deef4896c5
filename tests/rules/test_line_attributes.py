"""What a line says of its sets beside how many at what load: kind, reserve, optional sets, notes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.errors import RuleSetInvalid
from service.domain.prescription import PrescribedSet
from service.engine.files.library import library_from_files
from service.engine.files.rule_prose import explained_scheme
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.rule_examples import rehearse
from tests.support.mistakes import told_at
from tests.support.training import LIBRARY, Lifter, rule_set_of

SCHEME = """\
scheme: rows
title: Attributes by row
sources: [{title: a test}]
params:
  increase: {type: load, default: {lb: 5, kg: 5}, from: 0}
  plan:
    type: table
    columns:
      sets: range
      reps: range
      percent: percent
      rir: {type: number, optional: true}
      kind: {type: word, of: [work, drop, amrap], default: work}
    default:
      - {sets: 1, reps: 5, percent: 100, rir: 1.5}
      - 2-3x5 90%
      - {sets: 1, reps: 8, percent: 60, kind: drop}
state:
  load: {type: load, initial: baseline.load}
after exercise:
  - rule: all-done
    when: "session.sets >= prescribed.sets and all(each.done for each in performed)"
    then: {load: load + increase}
    outcome: raise
    because: All sets done.
bounds: {up: increase}
prescribe:
  - for: row in plan
    kind: row.kind
    count: row.sets
    load: percent_of(row.percent, load)
    reps: row.reps
    rir: row.rir
    notes: Stop a rep early.
examples:
  - name: the optional set left out, and the drop set done
    baseline: 100 kg
    log:
      - "end -> 100x5 rir 1.5, 2x90x5, 90x5 optional, 60x8 drop"
      - "100x5, 2x90x5, 60x8 drop, end -> 105 raise"
  - name: the drop set left out
    baseline: 100 kg
    log: ["100x5, 3x90x5, end -> 100"]
  - name: done as prescribed
    baseline: 100 kg
    log: ["as prescribed, end -> 105 raise"]
"""
PROGRAMME = """\
programme: mine
title: Mine
sources: [{title: a test}]
days:
  - {day: a, slots: [{slot: one, exercise: squat, progression: rows}]}
"""


def scheme(*changes: tuple[str, str]) -> Scheme:
    text = SCHEME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return library_from_files({"progression/rows.yaml": text.encode()}, LIBRARY).schemes["rows"]


def lifter(*changes: tuple[str, str]) -> Lifter:
    text = SCHEME
    for old, new in changes:
        text = text.replace(old, new)
    files = {"progression/rows.yaml": text, "programmes/mine.yaml": PROGRAMME}
    return Lifter("kg").follows(rule_set_of(files, "mine")).baseline("squat", "100 kg")


def reserve(one: PrescribedSet) -> tuple[object, object] | None:
    return None if one.rir is None else (one.rir.min, one.rir.max)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_examples_come_true(number: int) -> None:
    made = scheme()
    assert rehearse(made, made.examples[number], LIBRARY).failures == ()


def test_what_is_told() -> None:
    sets = lifter().next("squat").sets
    assert [(each.kind, each.optional) for each in sets] == [
        ("work", False),
        ("work", False),
        ("work", False),
        ("work", True),
        ("drop", False),
    ]
    assert [reserve(each) for each in sets] == [(Decimal("1.5"), Decimal("1.5")), None, None, None, None]
    assert {each.notes for each in sets} == {"Stop a rep early."}


def test_an_optional_set_left_out_or_short_is_no_failure() -> None:
    rest = ["90x5", "90x5"]
    for optional in ([], ["90x3"], ["90x5"]):
        one = lifter()
        for each in ["100x5", *rest, *optional]:
            one.does("squat", each)
        one.does("squat", "60x8", kind="drop").ends()
        assert one.track("squat").lever == Decimal(105), optional


def test_a_set_that_must_be_done_is_none_that_is_optional() -> None:
    one = lifter().does("squat", "100x5").does("squat", "90x5").does("squat", "60x8", kind="drop").ends()
    assert one.track("squat").lever == Decimal(100)


def test_a_drop_set_that_nobody_asked_for_is_seen_by_no_rule() -> None:
    one = lifter().does("squat", "100x5").does("squat", "60x8", kind="drop")
    assert one.track("squat").session_sets == 1


@pytest.mark.parametrize(
    ("rir", "told"),
    [
        ("[0.5, 2.5]", (Decimal("0.5"), Decimal("2.5"))),
        ("[3, 1]", (1, 3)),
        ("range(1, 2)", (1, 2)),
        ("2", (2, 2)),
        ("0.5 * 3", (Decimal("1.5"), Decimal("1.5"))),
        ("20 * 1 - 25", (0, 0)),
        ("row.rir if known(row.rir) else 4", (Decimal("1.5"), Decimal("1.5"))),
    ],
)
def test_a_reserve_is_a_number_or_two_or_a_range(rir: str, told: tuple[object, object]) -> None:
    assert (
        reserve(lifter(("rir: row.rir", f"rir: {rir if rir[0] == '[' else repr(rir)}")).next("squat").sets[0]) == told
    )


@pytest.mark.parametrize(
    ("short", "told"), [("1x5 @8.5", (Decimal("1.5"), Decimal("1.5"))), ("1x5 @7.5-8", (2, Decimal("2.5")))]
)
def test_half_steps_in_short(short: str, told: tuple[object, object]) -> None:
    line = ("  - for: row in plan\n", f"  - {{sets: {short}, load: load, kind: style}}\n  - for: row in plan\n")
    style = ("params:\n", "params:\n  style: {type: word, of: [top, back_off], default: top}\n")
    first = lifter(style, line).next("squat").sets[0]
    assert (first.kind, reserve(first)) == ("top", told)


def test_they_are_explained() -> None:
    sentences = [sentence for section in explained_scheme(scheme()) for sentence in section.sentences]
    (line,) = (each for each in sentences if "in reserve" in each and "For each" in each)
    assert "those over the least as one likes" in line
    assert "kind: " in line
    assert line.endswith("Stop a rep early.")


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("kind: row.kind", "kind: wrok", "wrok", "but here is wrok. Did you mean work?"),
        (
            "of: [work, drop, amrap]",
            "of: [work, drop, amrap, paused]",
            "row.kind",
            "kind can come out as paused, which is none",
        ),
        ("kind: row.kind", "kind: row.reps", "row.reps", "a word belongs here, but row.reps is a range"),
        ("rir: row.rir", "rir: [1, 2, 3]", "[1, 2, 3]", "rir has a least and a most"),
        ("rir: row.rir", "rir: 11", "11", "rir is 0 to 10 repetitions in reserve, but here is 11"),
        ("rir: row.rir", "rir: row.percent", "row.percent", "a number belongs here, but row.percent is a percentage"),
        ("count: row.sets", "count: range(2, 101)", "101", "sets are 1 to 100, but here is 101"),
        ("count: row.sets", "count: load", "load", "a whole number belongs here, but load is a load"),
        ("optional: true", "optional: true, default: 1", "1}", "has a default where rows leave it out"),
        ("sets: range", "sets: word", "word", "sets says which words it may be"),
        ("reps: range", "reps: {type: range, of: [a, b]}", "[a, b]", "of belongs to a column of type: word"),
        ("percent: 60, kind: drop", "percent: 60, kind: dorp", "dorp", "but here is dorp. Did you mean drop?"),
        ("- 2-3x5 90%", "- 3-2x5 90%", "3-2x5", "3-2 runs down; write 2-3"),
        ("Stop a rep early.", "x" * 201, "xxx", "notes of a line are up to 200 letters, but here are 201"),
        ("load: percent_of(row.percent, load)", "load: percent_of(100 - row.rir, load)", "row.rir", "may be unknown"),
    ],
)
def test_what_is_refused(old: str, new: str, at: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        scheme((old, new))
    first = refused.value.errors[0]
    assert message in first.message
    assert told_at(first, SCHEME.replace(old, new)).startswith(at)
