"""Every example of every scheme file is run, and says something; what examples can say is tried out."""

from typing import Any

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from service.engine.ruleset.examples import Example
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.rule_coverage import coverage
from service.engine.simulate.rule_examples import Failure, rehearse
from tests.support.training import LIBRARY

EXAMPLES = [
    pytest.param(scheme, example, id=f"{scheme.id}: {example.name}")
    for scheme in LIBRARY.schemes.values()
    for example in scheme.examples
]


@pytest.mark.parametrize(("scheme", "example"), EXAMPLES)
def test_the_example_comes_true(scheme: Scheme, example: Example) -> None:
    assert rehearse(scheme, example, LIBRARY).failures == ()


def test_every_scheme_has_examples_that_expect_something() -> None:
    silent = [
        scheme.id
        for scheme in LIBRARY.schemes.values()
        if not any(line.expected for example in scheme.examples for line in example.lines)
    ]
    assert silent == []


_STEPS = """
scheme: steps
title: Up a step when all sets are done, down after a failure
sources: [{title: a test, gives: all}]
params:
  sets: {type: int, default: 3, from: 1, to: 9}
  step: {type: load, default: {kg: 5, lb: 10}, from: 0}
state:
  load: {type: load, initial: baseline.load}
  missed: {type: int, initial: 0}
after set:
  - {rule: fell-short, when: set.reps < 5, then: {missed: missed + 1}, outcome: hold, because: "{missed}, {set.reps}"}
  - {otherwise: hold, because: "{set.reps} reps"}
after session:
  - rule: failed
    when: missed > 0
    then: {load: load - step, missed: 0}
    outcome: lower
    because: "{missed} missed"
  - {rule: done, when: session.sets >= sets, then: {load: load + step}, outcome: raise, because: "all {sets} done"}
prescribe:
  - {count: sets - 1, load: load, reps: "range(5, 5)"}
  - {kind: amrap, count: 1, load: load, reps: "range(5, 5)"}
examples:
"""


def _steps(*examples: str, beside: Library = LIBRARY) -> Scheme:
    lines = "".join(f"  - {{name: n{number}, {example}}}\n" for number, example in enumerate(examples))
    return library_from_files({"progression/steps.yaml": (_STEPS + lines).encode()}, beside).schemes["steps"]


def _failures(*examples: str) -> list[Failure]:
    scheme = _steps(*examples)
    return [failure for example in scheme.examples for failure in rehearse(scheme, example, LIBRARY).failures]


@pytest.mark.parametrize(
    "example",
    [
        'baseline: 100 kg, log: ["2x100x5 -> 100x5+", "100x5 -> 105 raise"]',
        'baseline: 100 kg, log: ["3x100x5, end -> 2x105x5, 105x5+ raise"]',
        'baseline: 40 kg, log: ["end -> 40x5", "end -> 2x40x5, 40x5+"]',
        'baseline: 65 kg, params: {sets: 2}, log: ["end -> 65x5", "end -> 65x5, 65x5+"]',
        'baseline: 83.333333 kg, log: ["end -> 83.3333x5", "end -> 83.33333333 start"]',
        'baseline: 100 kg, log: ["100x5 -> 100x5, 100x5+", "100x5, 100x8 amrap, end -> raise"]',
        'baseline: 100 kg, log: ["3 sessions of 3x100x5 -> 2x115x5, 115x5+"]',
        'baseline: 100 kg, log: ["2 sessions as prescribed -> 110x5"]',
        'baseline: 100 kg, log: ["as prescribed, end, skipped, skipped -> 105"]',
        'baseline: 100 kg, log: ["2x100x5, 100x4, end, 2 weeks -> 95 lower"]',
        'baseline: 100 kg, params: {sets: 1}, days: 3, log: ["as prescribed, end -> 105x5+ raise"]',
        'unit: lb, log: ["100x5, deload requested, flag pain, body weight 180 -> 100", "baseline 200 -> 200"]',
        'baseline: 100 kg, log: ["20x10 warmup, 20x8 left, 30x8 right rir 2 -> 100"]'.replace(
            "right rir 2", "rir 2 right"
        ),
        'baseline: 100 kg, deload: [{layoff: {days: 10}}], log: ["as prescribed, end, 20 days -> 90 deload"]',
    ],
)
def test_what_an_example_can_say(example: str) -> None:
    assert _failures(example) == []


@pytest.mark.parametrize(
    ("line", "expected", "got"),
    [
        ("3x100x5, end -> 100", "100", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 105 hold", "105 hold", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> hold", "hold", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 3x105x5", "3x105x5", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 105x5+", "105x5+", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 105x5 top", "105x5 top", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 105x5 rir 2", "105x5 rir 2", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 3x105", "3x105", "2x105x5, 105x5+ raise"),
        ("3x100x5, end -> 105.0001x5", "105.0001x5", "2x105x5, 105x5+ raise"),
    ],
)
def test_what_does_not_come_true_is_told(line: str, expected: str, got: str) -> None:
    (failure,) = _failures(f'baseline: 100 kg, log: ["{line}"]')
    assert (failure.expected, failure.got) == (expected, got)
    assert (failure.file, failure.line, failure.text) == ("progression/steps.yaml", _STEPS.count("\n") + 1, line)
    assert failure.because[-1] == "all 3 done"


def test_loads_are_compared_and_told_to_the_fourth_decimal() -> None:
    (failure,) = _failures('baseline: 83.333333 kg, log: ["end -> 83.3333", "end -> 83.3334"]')
    assert failure.got == "2x83.3333x5, 83.3333x5+ start"


_WAVES = """
scheme: waves
title: A table by the week of the cycle, and a set with pauses
sources: [{title: a test, gives: all}]
params:
  waves:
    type: table
    columns: {week: int, percent: percent, reps: range}
    default: [{week: 1, percent: 70, reps: 5}, {week: 1, percent: 80, reps: 3}, {week: 2, percent: 90, reps: 1}]
state:
  training_max: {type: load, initial: [baseline.training_max, "percent_of(90, baseline.one_rep_max)"]}
prescribe:
  - for: row in waves if row.week == programme.week
    kind: top
    count: 1
    load: percent_of(row.percent, training_max)
    reps: row.reps
    rir: range(1, 2)
  - {kind: rest_pause, count: 2, load: "percent_of(50, training_max)", reps: "range(4, 8)", total: "range(11, 15)"}
examples:
  - name: two weeks of two days
    one_rep_max: 200 kg
    weeks: 2
    days: 2
    log:
      - "as prescribed -> 126x5 top, 144x3 top, 2x90x4-8 rest_pause hold"
      - "end, as prescribed, end -> 162x1 rir 1-2 top, 2x90x4-8 total 11-15 rest_pause"
      - "2 sessions as prescribed -> 126"
      - "end -> 90x4-8 total 11-14"
"""


def test_weeks_kinds_and_totals_can_be_said() -> None:
    scheme = library_from_files({"progression/waves.yaml": _WAVES.encode()}, LIBRARY).schemes["waves"]
    (failure,) = rehearse(scheme, scheme.examples[0], LIBRARY).failures
    assert failure.expected == "90x4-8 total 11-14"
    assert failure.got == "126x5 rir 1-2 top, 144x3 rir 1-2 top, 2x90x4-8 total 11-15 rest_pause hold"


def _mistake(example: str) -> tuple[int, str]:
    with pytest.raises(RuleSetInvalid) as refused:
        _steps(example)
    (error,) = refused.value.errors
    return error.column, error.message


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ('unit: kg, log: ["60x100x5"]', "60 times the same is not 1 to 50"),
        ('unit: kg, log: ["0 sessions of 100x5"]', "0 times the same"),
        ('unit: kg, log: ["100x5; end"]', "“100x5; end” is no line of a log"),
        ('unit: kg, log: ["100x5 slow"]', "“100x5 slow” is no line of a log"),
        ('unit: kg, log: ["100x5 -> 3x"]', "“3x” is no prescription"),
        ('unit: kg, log: ["100x5 -> rise"]', "“rise” is no prescription"),
        ('unit: kg, baseline: 100 lb, log: ["100x5"]', "an example is of one unit, but here is kg beside lb"),
        ('one_rep_max: heavy, log: ["100x5"]', "the one_rep_max is a load with its unit"),
        ('unit: kg, weeks: 0, log: ["100x5"]', "weeks is a whole number from 1 to 52"),
        ('unit: kg, progression: {a: {}, b: {}}, log: ["100x5"]', "progression names one scheme"),
        ('unit: kg, dayz: 2, log: ["100x5"]', "Did you mean days?"),
    ],
)
def test_an_example_that_is_none(example: str, message: str) -> None:
    assert message in _mistake(example)[1]


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ('unit: kg, log: ["as prescribed"]', "no load is known"),
        ('unit: kg, exercise: dedlift, log: ["100x5"]', "the catalogue has no exercise dedlift"),
        ('unit: kg, deload: [lay-off], log: ["100x5"]', "there is no scheme lay-off"),
        ('unit: kg, deload: [{layoff: {dayz: 1}}], log: ["100x5"]', "layoff has no parameter dayz"),
    ],
)
def test_an_example_that_cannot_be_run(example: str, message: str) -> None:
    (failure,) = _failures(example)
    assert message in failure.got


def test_coverage_counts_firing_and_not_firing() -> None:
    def covered(*lines: str) -> dict[str, Any]:
        scheme = _steps(*(f"baseline: 100 kg, log: [{line}]" for line in lines))
        asked = [each for example in scheme.examples for each in rehearse(scheme, example, LIBRARY).asked]
        return {each.rule.name: (each.fired, each.passed_over) for each in coverage([scheme], asked)}

    assert covered("100x5") == {
        "fell-short": (False, True),
        "otherwise": (True, False),
        "failed": (False, False),
        "done": (False, False),
    }
    assert covered("3x100x5, end") == {
        "fell-short": (False, True),
        "otherwise": (True, False),
        "failed": (False, True),
        "done": (True, False),
    }
    every = covered("3x100x5, end", "100x4, end", "100x5, end")
    assert set(every.values()) == {(True, True)}
