"""What is proven of schemes: a scheme that breaks a law is told so, with its line and with a case of it."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.domain.errors import RuleError
from service.engine.files.library import library_from_files
from service.engine.ruleset.facts import FACTS
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

MANY_FOR_LESS = STEPS.replace(
    "after set:\n",
    'after set:\n  - {rule: far-too-many, when: set.reps >= 40, outcome: hold, because: "Far too many."}\n',
)
"""A better set leads to less, whatever the number of sets."""


STAGES = """\
scheme: stages
title: Stages
sources: [{title: A book}]
params:
  stages:
    type: table
    columns: {sets: {type: int, from: 1, to: 20}, reps: {type: int, from: 1, to: 30}, add: load}
    default:
      - {sets: 5, reps: 3, add: {lb: 10, kg: 5}}
      - {sets: 6, reps: 2, add: {lb: 5, kg: 2.5}}
  cut:   {type: percent, default: 15, from: 0, to: 50}
  by:    {type: word, of: [sets, reps], default: sets}
let:
  total: stages[stage].sets * stages[stage].reps
  done: sum(each.reps for each in LIST if each.load >= each.prescribed.load)
state:
  load:  {type: load, initial: [baseline.load, "percent_of(80, baseline.one_rep_max)"]}
  stage: {type: int, initial: 1, from: 1, to: rows(stages)}
after exercise:
  - rule: up
    when: by == "reps" and done >= total
    then: {load: "load + stages[stage].add"}
    outcome: raise
    because: "{done} of {total}."
  - rule: up-by-sets
    when: by == "sets" and count(each.reps >= stages[stage].reps for each in LIST) >= stages[stage].sets
    then: {load: "load + stages[stage].add"}
    outcome: raise
    because: "All of {total}."
  - rule: next-stage
    when: stage < rows(stages)
    then: {stage: stage + 1}
    outcome: advance
    because: "On to the next stage."
  - rule: back
    when: last(LIST).load <= load
    then: {load: "load - percent_of(cut, abs(load))", stage: 1}
    outcome: reset
    because: "Take {cut} off."
prescribe:
  - {count: "stages[stage].sets", load: load, reps: "stages[stage].reps"}
bounds: {up: "max(row.add for row in stages)", down: "percent_of(cut, abs(load))"}
examples:
  - {name: up, baseline: 100 lb, log: ["100x3"]}
""".replace("LIST", next(fact.name for fact in FACTS.values() if fact.type == "rows"))

EXERCISE = """\
exercise: squat
title: Squat
equipment: barbell
load: total
muscles: {target: [quadriceps]}
sources: [{title: A book}]
"""

PLAN = """\
programme: plan
title: Plan
sources: [{title: A book}]
days: [{day: a, slots: [{slot: first, exercise: squat, progression: {stages: {stages: ROWS}}}]}]
"""


def findings(text: str) -> list[RuleError]:
    library = library_from_files({"progression/steps.yaml": text.encode()})
    return [claim.finding for _, proven in proofs_of(library) for claim in proven if claim.finding is not None]


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
        ["up can take load to 110 lb, where bounds allow increase (5 lb) up: with the parameters reps = 4-6, increase"],
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
    "a bound that assistance turns round": (
        'down: "percent_of(cut, abs(load))"}',
        'down: "percent_of(cut, load)"}',
        ["where down: percent_of(cut, load) (-", "is below 0 and allows nothing; write abs(load) where a share of it"],
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


def with_programme(scheme: str, rows: str) -> list[RuleError]:
    files = {
        "progression/stages.yaml": scheme,
        "exercises/squat.yaml": EXERCISE,
        "programmes/plan.yaml": PLAN.replace("ROWS", rows),
    }
    library = library_from_files({path: text.encode() for path, text in files.items()})
    return [claim.finding for _, proven in proofs_of(library) for claim in proven if claim.finding is not None]


ROW = "{sets: 3, reps: 8, add: {lb: 10, kg: 5}}"


def test_tables_words_and_lists_are_proven_with_the_rows_of_every_programme() -> None:
    assert with_programme(STAGES, f"[{ROW}, {ROW}, {ROW}]") == []


def test_what_only_the_rows_of_one_programme_break_is_told_with_its_file() -> None:
    bounds = 'bounds: {up: "max(row.add for row in stages)"'
    assert bounds in STAGES
    text = STAGES.replace(bounds, 'bounds: {up: "stages[1].add"').replace("rows(stages)}", "2}")
    found = with_programme(text, f"[{ROW}, {{sets: 1, reps: 1, add: {{lb: 45, kg: 20}}}}]")
    assert [error.message.partition(":")[0] for error in found] == [
        "up can take load to 145 lb, where bounds allow stages[1].add (10 lb) up",
        "up-by-sets can take load to 145 lb, where bounds allow stages[1].add (10 lb) up",
    ]
    assert "and the rows of programmes/plan.yaml; stage = 2, load = 100 lb" in found[0].message


def test_a_rule_needs_to_be_in_reach_with_the_rows_of_one_programme_only() -> None:
    assert with_programme(STAGES, f"[{ROW}]") == []


def test_a_programme_by_itself_proves_the_schemes_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTTER_RULES_DIR", str(RULES))
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        PLAN.replace("programme: plan", "programme: mine").replace("{stages: {stages: ROWS}}", "timed-hold")
    )
    mine.write_text(mine.read_text().replace("exercise: squat", "exercise: plank"))
    told = CliRunner().invoke(main, ["rules", "prove", str(mine)])
    assert told.exit_code == 0, told.output
    assert "timed-hold.yaml: 45 of 45 claims proven" in told.output


def test_a_longer_session_is_not_asked_about_where_a_shorter_one_breaks_the_law(tmp_path: Path) -> None:
    library = library_from_files({"progression/steps.yaml": MANY_FOR_LESS.encode()})
    ((_, alone),) = proofs_of(library)
    asked = [claim for claim in alone if claim.name.startswith("better never prescribes less")]
    assert [claim.finding is not None for claim in asked][:1] == [True]
    assert {claim.unproven for claim in asked[1:]} == {"not asked"}
    (tmp_path / "steps.yaml").write_text(MANY_FOR_LESS)
    told = CliRunner().invoke(main, ["rules", "prove", str(tmp_path / "steps.yaml"), "--processes", "1"])
    assert told.exit_code != 0
    assert " not asked" in told.output


def test_the_number_of_processes_changes_nothing() -> None:
    files = {f"progression/{name}.yaml": STEPS.replace("scheme: steps", f"scheme: {name}") for name in ("one", "two")}
    library = library_from_files({file: text.encode() for file, text in files.items()})
    by_two, alone = (
        [(scheme.id, claims) for scheme, claims in proofs_of(library, processes=processes)] for processes in (2, 1)
    )
    assert by_two == alone


def test_nothing_that_serves_imports_the_solver() -> None:
    code = "import sys, service.bootstrap, service.http, service.cli, workers; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
