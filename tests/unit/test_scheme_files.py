"""What schemes can say about whole sessions, tables, weeks and deloads: written as files, run by the fold."""

from decimal import Decimal

import pytest

from service.domain.errors import RuleSetInvalid
from service.domain.events import BaselineSet, DeloadRequested, LifterNoted
from service.engine.replay.fold import Fold
from service.engine.ruleset.rule_set import RuleSet
from tests.support.training import Lifter, load, loads, rule_set_of

HEAD = """
title: A scheme of this test's
sources: [{title: This test, gives: everything}]
"""

PROGRAMME = """
programme: own
title: Own
sources: [{title: This test, gives: everything}]
"""

EXAMPLES = """
examples: [{name: none, baseline: 100 lb, log: ["100x5"]}]
"""


def programme(scheme: str, *, deload: str = "", slots: str = "", role: str = "progression", head: str = "") -> RuleSet:
    """A programme of one squat slot that runs the scheme, unless ``slots`` says otherwise."""
    slots = slots or (
        f"""
days:
  - day: a
    slots:
      - {{slot: squat, exercise: squat, progression: own{deload and f", deload: [{deload}]"}}}
"""
    )
    body = f"scheme: own\n{HEAD}{scheme}{EXAMPLES}"
    return rule_set_of({f"{role}/own.yaml": body, "programmes/own.yaml": f"{PROGRAMME}{head}{slots}"}, "own")


def squatter(rules: RuleSet, start: str | None = "100 lb") -> Lifter:
    lifter = Lifter().follows(rules)
    return lifter if start is None else lifter.baseline("squat", start)


LINEAR = """
params:
  sets: {type: int, default: 3, from: 1, to: 10}
  reps: {type: range, default: 5, from: 1, to: 30}
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
  failures: {type: int, default: 2, from: 1, to: 5}
  reset: {type: percent, default: 10, from: 0, to: 50}
  reset_from: {type: word, of: [raw, prescribed], default: prescribed}
  demand: {type: word, of: [reps, load_and_reps], default: load_and_reps}
let:
  enough: all(each.reps >= each.prescribed.reps.min for each in performed)
  heavy_enough: demand == "reps" or all(each.load >= each.prescribed.load for each in performed)
  succeeded: count(each.reps > 0 for each in performed) >= prescribed.sets and enough and heavy_enough
  start_of_reset: "session.prescribed_load * 1"
state:
  load: {type: load, initial: baseline.load}
after exercise:
  - rule: done
    when: succeeded
    then: {load: load + increase}
    outcome: raise
    because: "{sum(each.reps for each in performed)} reps in {session.sets} sets: add {increase}."
  - rule: failed-too-often-prescribed
    when: history.failures_since_change >= failures and reset_from == "prescribed"
    then: {load: "start_of_reset - percent_of(reset, start_of_reset)"}
    outcome: lower
    because: "{history.failures_since_change} failures: take {reset} off what was prescribed."
  - rule: failed-too-often
    when: history.failures_since_change >= failures
    then: {load: "load - percent_of(reset, load)"}
    outcome: lower
    because: "{history.failures_in_a_row} failures: take {reset} off."
prescribe:
  - {count: sets - 1, load: load, reps: reps}
  - {kind: amrap, count: 1, load: load, reps: reps}
"""


def test_success_looks_at_every_set_of_the_session() -> None:
    lifter = squatter(programme(LINEAR))
    lifter.does("squat", "100x5", "100x5", "100x5").ends()
    assert loads(lifter.next("squat")) == ["105"] * 3
    assert lifter.next("squat").because == ("15 reps in 3 sets: add 5 lb.",)
    assert [each.kind for each in lifter.next("squat").sets] == ["work", "work", "amrap"]


@pytest.mark.parametrize(
    "sets",
    [("100x5", "100x5"), ("100x5", "100x4", "100x5"), ("100x5", "95x4", "100x5")],
    ids=["a set was left out", "a set had too few reps", "a lighter set had too few reps"],
)
def test_what_is_missing_makes_a_failure(sets: tuple[str, ...]) -> None:
    lifter = squatter(programme(LINEAR)).does("squat", *sets).ends()
    assert loads(lifter.next("squat")) == ["100"] * 3
    assert lifter.track("squat").failures_in_a_row == 1


def test_a_lighter_set_with_all_its_reps_is_neither_success_nor_failure() -> None:
    lifter = squatter(programme(LINEAR)).does("squat", "100x5", "95x5", "100x5").ends()
    assert loads(lifter.next("squat")) == ["100"] * 3
    assert lifter.track("squat").failures_in_a_row == 0


def test_a_scheme_may_ask_for_repetitions_only() -> None:
    slots = """
days:
  - day: a
    slots:
      - {slot: squat, exercise: squat, progression: {own: {demand: reps}}}
"""
    lifter = squatter(programme(LINEAR, slots=slots)).does("squat", "100x5", "95x5", "100x5").ends()
    assert loads(lifter.next("squat")) == ["105"] * 3


def test_failures_reset_from_what_was_prescribed_and_count_anew() -> None:
    lifter = squatter(programme(LINEAR), "103 lb").owns_small_plates()
    for _ in range(2):
        lifter.does("squat", "102.5x3").ends().rests(days=2)
    # 103 lb was prescribed as 102.5; 10 % off that, not off the raw load
    assert lifter.track("squat").lever == Decimal("92.25")
    assert lifter.track("squat").failures_since_change == 0
    lifter.does("squat", "92.5x3").ends().rests(days=2)
    assert lifter.track("squat").lever == Decimal("92.25")


def test_a_skipped_exercise_is_no_failure() -> None:
    slots = """
days:
  - day: a
    slots:
      - {slot: squat, exercise: squat, progression: own}
      - {slot: press, exercise: overhead-press, progression: own}
"""
    lifter = squatter(programme(LINEAR, slots=slots)).baseline("overhead-press", "50 lb")
    lifter.does("overhead-press", "50x4", "50x5", "50x5").ends()
    for _ in range(4):
        lifter.rests(days=2).does("squat", "100x5").ends()
    assert lifter.track("overhead-press").failures_in_a_row == 1
    assert loads(lifter.next("overhead-press")) == ["50"] * 3


def test_a_first_set_makes_the_training_max() -> None:
    scheme = """
state:
  training_max:
    type: load
    initial: [baseline.training_max, "percent_of(90, baseline.one_rep_max)"]
    first_set: "percent_of(90, e1rm(set.load, set.reps))"
prescribe:
  - {count: 3, load: "percent_of(80, training_max)", reps: 5}
"""
    rules = programme(scheme)
    lifter = squatter(rules, None).does("squat", "150x10")
    assert lifter.track("squat").lever == Decimal(180)
    known = Lifter().follows(rules)
    known.logs(BaselineSet("squat", one_rep_max=load("200 lb")))
    assert loads(known.next("squat")) == ["145"] * 3  # 80 % of 180, on 2.5 lb plates


WAVES = """
params:
  waves:
    type: table
    columns: {week: int, percent: percent, reps: range, amrap: {type: bool, default: false}}
    default:
      - {week: 1, percent: 65, reps: 5}
      - {week: 1, percent: 75, reps: 5}
      - {week: 1, percent: 85, reps: 5, amrap: true}
      - {week: 2, percent: 40, reps: [5, 6]}
  increase: {type: load, default: {lb: 10, kg: 5}, from: 0}
state:
  training_max: {type: load, initial: baseline.training_max}
after exercise:
  - rule: cycle-over
    when: programme.week == waves[rows(waves)].week
    then: {training_max: training_max + increase}
    outcome: raise
    because: "Cycle {programme.cycle} is over after {programme.weeks_done + 1} weeks: add {increase}."
  - rule: top
    when: last(performed).prescribed.kind == "amrap" and last(performed).reps > 8
    outcome: advance
    because: "{last(performed).reps} reps."
prescribe:
  - for: row in waves if row.week == programme.week
    count: 1
    load: percent_of(row.percent, training_max)
    reps: row.reps
    amrap: row.amrap
"""


def test_a_table_gives_each_week_its_sets() -> None:
    lifter = Lifter().owns_small_plates().follows(programme(WAVES, head="weeks: 2\n"))
    lifter.logs(BaselineSet("squat", training_max=load("200 lb")))
    first = lifter.next("squat")
    assert loads(first) == ["130", "150", "170"]
    assert [each.kind for each in first.sets] == ["work", "work", "amrap"]
    lifter.does("squat", "130x5", "150x5", "170x9").ends()
    assert lifter.next("squat").outcome == "advance"
    assert loads(lifter.next("squat")) == ["80"]
    lifter.rests(days=7).does("squat", "80x5").ends()  # as light as asked: a work set, though far under half of before
    assert lifter.next("squat").because == ("Cycle 1 is over after 2 weeks: add 10 lb.",)
    assert loads(lifter.next("squat")) == ["137.5", "157.5", "177.5"]


def test_a_programme_gives_a_table_anew() -> None:
    slots = """
days:
  - day: a
    slots:
      - slot: squat
        exercise: squat
        progression: {own: {waves: [{week: 1, percent: 50, reps: 3}]}}
"""
    lifter = Lifter().follows(programme(WAVES, slots=slots))
    lifter.logs(BaselineSet("squat", training_max=load("200 lb")))
    assert loads(lifter.next("squat")) == ["100"]


def test_the_next_rounds_slots_are_of_the_next_week() -> None:
    slots = """
weeks: 2
days:
  - {day: a, slots: [{slot: squat, exercise: squat, progression: own}]}
  - {day: b, slots: [{slot: press, exercise: overhead-press, progression: own}]}
"""
    lifter = Lifter().follows(programme(WAVES, slots=slots))
    for exercise in ("squat", "overhead-press"):
        lifter.logs(BaselineSet(exercise, training_max=load("200 lb")))
    lifter.does("squat", "130x5", "150x5", "170x5").ends()
    assert loads(lifter.next("overhead-press")) == ["130", "150", "170"]  # still to do in the first week
    assert loads(lifter.next("squat")) == ["80"]


PLAIN = """
params:
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
state:
  load: {type: load, initial: baseline.load}
after set:
  - rule: up
    when: set.load >= prescribed.load and set.reps >= 5
    then: {load: set.load + increase}
    outcome: raise
    because: "Up by {increase}."
  - otherwise: hold
    because: "Stay."
prescribe:
  - {count: 4, load: load, reps: 5}
"""

REST = f"""
scheme: rest
{HEAD}
params:
  load_left: {{type: percent, default: 60, from: 0, to: 100}}
  sets_left: {{type: percent, default: 50, from: 1, to: 100}}
adjust:
  when: lifter.deload_requested or (known(lifter.flag) and lifter.flag == "illness")
  load: load_left
  sets: sets_left
examples: [{{name: none, progression: double-progression, baseline: 100 lb, log: ["100x5"]}}]
"""


SQUAT_AND_REST = """
days:
  - day: a
    slots:
      - {slot: squat, exercise: squat, progression: own, deload: [rest]}
"""


def resting() -> RuleSet:
    return resting_with("{count: 4, load: load, reps: 5}")


def resting_with(line: str) -> RuleSet:
    plain = PLAIN.replace("{count: 4, load: load, reps: 5}", line)
    files = {
        "progression/own.yaml": f"scheme: own\n{HEAD}{plain}{EXAMPLES}",
        "deload/rest.yaml": REST,
        "programmes/own.yaml": f"{PROGRAMME}{SQUAT_AND_REST}",
    }
    return rule_set_of(files, "own")


@pytest.mark.parametrize("event", [DeloadRequested(), LifterNoted(flag="illness")])
def test_a_deload_makes_the_next_session_easier_and_proves_nothing(event: DeloadRequested | LifterNoted) -> None:
    lifter = squatter(resting()).does("squat", "100x4").ends().rests(days=2)
    lifter.logs(event)
    assert loads(lifter.next("squat")) == ["60", "60"]
    lifter.rests(days=1).does("squat", "60x12", "60x12").ends()
    assert lifter.track("squat").lever == Decimal(100)  # the rules rested
    assert lifter.track("squat").sessions_since_change == 1
    assert loads(lifter.next("squat")) == ["100"] * 4


def test_a_flag_that_means_nothing_to_the_rules_changes_nothing() -> None:
    lifter = squatter(resting()).does("squat", "100x4").ends().rests(days=2)
    lifter.logs(LifterNoted(flag="pain"))
    assert loads(lifter.next("squat")) == ["100"] * 4


def test_weeks_pass_once_for_a_track() -> None:
    scheme = PLAIN.replace(
        "after set:",
        """
after week:
  - rule: a-week
    when: history.weeks_since >= 1
    then: {load: load - increase}
    outcome: lower
    because: "{history.weeks_since} weeks, {history.days_since} days."
after set:""",
    )
    lifter = squatter(programme(scheme)).does("squat", "100x4").ends()  # on a Monday
    assert loads(lifter.next("squat", as_of=lifter.now + 6 * 86_400_000_000)) == ["100"] * 4
    assert loads(lifter.next("squat", as_of=lifter.now + 15 * 86_400_000_000)) == ["95"] * 4
    lifter.rests(days=15).does("squat", "95x4").ends().rests(days=2)
    assert loads(lifter.next("squat")) == ["95"] * 4


def volume_of(lifter: Lifter) -> dict[str, Decimal]:
    fold = Fold(lifter.state(), lifter.plans)
    fold.volume.asked_at = lifter.now
    return fold.volume.by_muscle()


def test_volume_counts_the_week_of_the_target_muscle() -> None:
    scheme = """
params:
  most: {type: number, default: 3, from: 0, to: 40}
state:
  load: {type: load, initial: baseline.load}
prescribe:
  - {count: 3, load: load, reps: 5, when: volume.week < most}
  - {count: 1, load: load, reps: 8, when: volume.week >= most and volume.last_week == 0}
"""
    lifter = squatter(programme(scheme))
    assert len(lifter.next("squat").sets) == 3
    lifter.does("squat", "100x5", "100x5", "100x5").ends()
    assert [each.reps.min for each in lifter.next("squat").sets if each.reps] == [8]
    assert len(lifter.next("squat", as_of=lifter.now + 7 * 86_400_000_000).sets) == 3
    assert volume_of(lifter)["quadriceps"] == 3


def test_a_stretch_is_no_hard_set_of_the_muscle_it_names() -> None:
    lifter = Lifter(unit="kg").does("cat-stretch", "0x30s").does("plank", "0x30s").ends()
    half = Decimal("0.5")
    assert volume_of(lifter) == {"abdominals": 1, "erector-spinae": half, "glutes": half}


def test_a_pair_of_sides_tells_what_the_stronger_did() -> None:
    scheme = PLAIN.replace(
        "set.reps >= 5", "set.reps >= 5 and known(other_side.reps) and other_side.reps <= set.reps + 1"
    )
    slots = """
days:
  - day: a
    slots:
      - {slot: row, exercise: single-arm-dumbbell-row, progression: own}
"""
    lifter = Lifter().follows(programme(scheme, slots=slots)).baseline("single-arm-dumbbell-row", "50 lb")
    lifter.does("single-arm-dumbbell-row", "50x8", side="left").does("single-arm-dumbbell-row", "50x5", side="right")
    assert lifter.track("single-arm-dumbbell-row").lever == Decimal(50)
    lifter.does("single-arm-dumbbell-row", "50x6", side="left").does("single-arm-dumbbell-row", "50x5", side="right")
    assert lifter.track("single-arm-dumbbell-row").lever == Decimal(55)


def test_warm_ups_lead_to_the_first_set_and_never_under_the_bar() -> None:
    head = "warmup: [{percent: 0, reps: 5, sets: 2}, {percent: 60, reps: 3}, {percent: 99, reps: 1}]\n"
    lifter = squatter(programme(PLAIN, head=head))
    first = lifter.next("squat")
    assert [(each.kind, each.index) for each in first.sets[:4]] == [
        ("warmup", 1),
        ("warmup", 2),
        ("warmup", 3),
        ("work", 1),
    ]
    assert loads(first) == ["45", "45", "60"] + ["100"] * 4
    lifter.does("squat", "100x4")
    assert [each.kind for each in lifter.next("squat").sets] == ["work"] * 3
    assert len(lifter.derivation(first)["sets"]) == 7


def test_the_kind_of_a_set_is_known_to_rules() -> None:
    scheme = PLAIN.replace("set.reps >= 5", 'set.kind == "failure" and prescribed.kind != "amrap"')
    lifter = squatter(programme(scheme)).does("squat", "100x5").does("squat", "50x5", kind="drop")
    assert lifter.track("squat").session_sets == 1
    lifter.does("squat", "100x3", kind="failure")
    assert lifter.track("squat").lever == Decimal(105)


def test_rest_pause_sets_share_a_total() -> None:
    scheme = PLAIN.replace(
        "{count: 4, load: load, reps: 5}", "{kind: rest_pause, count: 3, load: load, reps: 5, total: 'range(11, 15)'}"
    )
    asked = squatter(programme(scheme)).next("squat").sets[0]
    assert (asked.kind, asked.total_reps and (asked.total_reps.min, asked.total_reps.max)) == ("rest_pause", (11, 15))


def test_the_best_estimate_and_its_day_are_remembered() -> None:
    scheme = PLAIN.replace(
        "after set:",
        """
before prescription:
  - rule: old
    when: known(history.days_since_best_e1rm) and history.days_since_best_e1rm >= 30 and known(history.best_e1rm)
    then: {load: "percent_of(80, history.best_e1rm)"}
    outcome: lower
    because: "{history.best_e1rm} was {history.days_since_best_e1rm} days ago."
after set:""",
    )
    lifter = squatter(programme(scheme)).does("squat", "90x10", "80x12").ends().rests(days=31)
    assert lifter.next("squat").because[-1:] == ("120 lb was 31 days ago.",)


def test_a_derivation_shows_the_sets_that_a_rule_read() -> None:
    lifter = squatter(programme(LINEAR)).does("squat", "100x5", "100x5", "100x5").ends()
    document = lifter.derivation(lifter.next("squat"))
    (trigger,) = [each for each in document["triggers"] if each["trigger"] == "after exercise"]
    leaf = trigger["schemes"][0]["rules"][0]["conditions"][0]
    assert leaf["value"] is True
    assert leaf["operands"]["succeeded"] is True
    rows = leaf["operands"]["performed"]
    assert [row["prescribed.kind"] for row in rows] == ["work", "work", "amrap"]
    assert all(row["reps"] == 5 and "seconds" not in row for row in rows)
    assert all(
        each["set"]["reps"] == 5 and "seconds" not in each["set"] for each in document["triggers"] if "set" in each
    )


MISTAKES = {
    "performed[1.5].reps > 1": "rows are counted 1, 2, 3",
    "performed.reps > 1": "performed is a list",
    "last(performed).rep > 1": "no rep. Did you mean reps?",
    "last(performed).seconds > 1": "no seconds",
    "last(performed).rir > 1": "may be unknown: ask first, with known(last(performed).rir)",
    "all(each.reps for each in performed)": "a condition belongs here",
    "all(each.reps > 1 for each in reps)": "a list belongs here",
    "all(each.reps > 1 for each in performed for other in performed)": "one for and one if",
    "all(any(each.reps > 1 for each in performed) for other in performed)": "a for inside a for",
    "max(each.reps for each in performed if each.reps > 2) > 1": "there may be no row left",
    "sum(each.reps > 1 for each in performed) > 1": "not a number",
    "all(set.reps > 1 for set in performed)": "set cannot be a name here",
    'demand == "load"': "demand is never load. It is one of reps, load_and_reps",
    'demand == "load_and_rep"': "Did you mean load_and_reps?",
    "demand == reps": "a word and reps is a range",
    'demand < "reps"': "a word is neither more nor less",
    "set.reps > 1": "not known in after exercise",
    "(each.reps > 1 for each in performed)": "for stands in one of all, any",
    "remainder(history.sessions, session.sets) == 0": "could be 0",
}


@pytest.mark.parametrize("expression", MISTAKES)
def test_a_mistake_about_lists_and_words_is_told(expression: str) -> None:
    scheme = LINEAR.replace("when: succeeded", f"when: '{expression}'")
    with pytest.raises(RuleSetInvalid) as raised:
        programme(scheme)
    assert MISTAKES[expression] in str(raised.value)


def test_an_open_session_asks_for_what_is_left_of_each_row() -> None:
    lifter = Lifter().follows(programme(WAVES, head="weeks: 2\n"))
    lifter.logs(BaselineSet("squat", training_max=load("200 lb")))
    lifter.does("squat", "130x5")
    assert loads(lifter.next("squat")) == ["150", "170"]


def test_of_an_odd_number_of_sets_the_half_is_rounded_up() -> None:
    lifter = squatter(resting_with("{count: 3, load: load, reps: 5}")).does("squat", "100x4").ends().rests(days=2)
    lifter.logs(DeloadRequested())
    assert loads(lifter.next("squat")) == ["60", "60"]


def test_rows_of_lists_beyond_an_end_are_those_at_that_end() -> None:
    scheme = WAVES.replace("reps: row.reps", "reps: 'waves[0 - 5].reps'")
    lifter = Lifter().follows(programme(scheme, head="weeks: 2\n"))
    lifter.logs(BaselineSet("squat", training_max=load("200 lb")))
    assert [each.reps.min for each in lifter.next("squat").sets if each.reps] == [5, 5, 5]


def test_slots_of_one_track_may_run_different_schemes() -> None:
    slots = """
days:
  - day: a
    slots:
      - {slot: main, exercise: squat, progression: own, track: squat}
      - {slot: more, exercise: squat, progression: training-max-sets, track: squat}
"""
    lifter = Lifter().follows(programme(WAVES, slots=slots, head="weeks: 2\n"))
    lifter.logs(BaselineSet("squat", training_max=load("200 lb")))
    assert [loads(each) for each in lifter.next_session()] == [["130", "150", "170"], ["100"] * 5]
    lifter.does("squat", "130x5", "150x5", "170x5", "100x10")
    assert loads(lifter.next("squat")) == ["100"] * 4
