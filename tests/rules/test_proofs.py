"""What is proven of schemes: a scheme that breaks a law is told so, with its line and with a case of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.domain.errors import RuleError
from service.engine.files.library import library_from_files
from service.engine.model import Scheme
from service.proofs.library import proofs_of

RULES = Path(__file__).parents[2] / "rules"

STEPS = """\
scheme: steps
title: Steps
sources: [{title: A book}]
params:
  reps:     {type: range, default: [4, 6], from: 1, to: 30}
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
  cut:      {type: percent, default: 10, from: 0, to: 50}
  sets:     {type: int, default: 3, from: 0, to: 10}
state:
  load:  {type: load, initial: baseline.load}
  stage: {type: int, initial: 1, from: 1, to: 3}
after set:
  - rule: up
    when: set.reps >= reps.max
    then: {load: set.load + increase, stage: 1}
    outcome: raise
    because: "{set.reps} of {reps}: add {increase}."
  - rule: down
    when: set.reps < reps.min and stage == 3
    then: {load: "load - percent_of(cut, abs(load))", stage: 1}
    outcome: lower
    because: "Take {cut} off."
  - rule: next-stage
    when: set.reps < reps.min
    then: {stage: stage + 1}
    outcome: advance
    because: "Try {stage} again."
  - otherwise: hold
    because: "Stay at {load}."
prescribe:
  - {count: sets, load: load, reps: reps}
bounds: {up: increase, down: "percent_of(cut, abs(load))"}
examples:
  - {name: up, baseline: 100 lb, log: ["100x6 -> 105"]}
"""


def scheme_of(text: str) -> Scheme:
    return library_from_files({"progression/steps.yaml": text.encode()}).schemes["steps"]


def findings(text: str) -> list[RuleError]:
    library = library_from_files({"progression/steps.yaml": text.encode()})
    return [proof.finding for _, proofs in proofs_of(library) for proof in proofs if proof.finding is not None]


def test_a_scheme_that_keeps_the_laws_is_proven() -> None:
    assert findings(STEPS) == []


BROKEN = {
    "a rule that only arithmetic shows to be out of reach": (
        "when: set.reps < reps.min and stage == 3",
        "when: ⟦set.reps + reps.min > reps.max * 2",
        ["down can never fire"],
    ),
    "a rule that the range of a state puts out of reach": (
        "reps.min and stage == 3",
        "reps.min and stage == 4",
        ["down can never fire", "next-stage can make stage 4, over the 3 declared for it"],
    ),
    "a load below nothing": (
        '"load - percent_of(cut, abs(load))", stage: 1}',
        "⟦load - increase, stage: 1}",
        ["down can make load -5 lb", "where bounds allow percent_of(cut, abs(load)) (0.5 lb) down"],
    ),
    "more than the scheme says": (
        "load: set.load + increase",
        "load: ⟦set.load + increase * 2",
        ["up can take load to 110 lb, where bounds allow increase (5 lb) up: with the parameters increase = 5 lb"],
    ),
    "a whole jump for one more repetition": (
        "load: set.load + increase",
        "load: ⟦set.load + increase * (set.reps - reps.max + 1)",
        ["up can take load to 110 lb"],
    ),
    "a fall that is no fall": (
        '"percent_of(cut, abs(load))"}',
        "increase}",
        ["down can take load to"],
    ),
    "no bounds": (
        'bounds: {up: increase, down: "percent_of(cut, abs(load))"}\n',
        "",
        ["up sets load, but the scheme does not say by how much", "down sets load"],
    ),
    "a bound that is left out": (
        "up: increase, ",
        "",
        ["up can take load to 105 lb, where bounds allow nothing up"],
    ),
    "a state beyond its range": (
        "then: {stage: stage + 1}",
        "then: {stage: ⟦stage + 2}",
        ["next-stage can make stage 4, over the 3 declared for it: with the parameters reps = 4-6; "],
    ),
    "a state that may start elsewhere": (
        "initial: 1, from",
        "initial: ⟦sets, from",
        ["stage can start under the 1", "stage can start over the 3"],
    ),
    "nothing to do": (
        "default: 3, from: 0, to: 10",
        "default: 0, from: 0, to: 0",
        ["no parameters make this scheme prescribe a set"],
    ),
    "a negative prescription": (
        "load: load, reps: reps}",
        "load: ⟦load - increase, reps: reps}",
        ["this can prescribe a load below 0: with the parameters increase = 5 lb, sets = 3; load = 0 lb"],
    ),
    "a negative step": (
        "{lb: 5, kg: 2.5}, from: 0}",
        "{lb: 5, kg: 2.5}}",
        ["up can make load -"],
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_law_that_is_broken_is_told_with_a_case(broken: str) -> None:
    old, new, phrases = BROKEN[broken]
    assert STEPS.count(old) == 1
    text = STEPS.replace(old, new)
    before = text.partition("⟦")[0]
    found = findings(text.replace("⟦", ""))
    for phrase in phrases:
        assert [error for error in found if phrase in error.message], [str(error) for error in found]
    if "⟦" in text:
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        assert place in {(error.line, error.column) for error in found}, [str(error) for error in found]


def test_nothing_that_serves_imports_the_solver() -> None:
    code = "import sys, service.bootstrap, service.http, service.cli, workers; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
