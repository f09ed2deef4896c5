"""The rule language piece by piece: what is read, proven, generated, traced and said."""

from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import pytest

from service.domain.errors import NotFound
from service.domain.exercises import Exercise
from service.engine.files.library import Library, digest_of, library_from_files
from service.engine.files.yaml_tree import Entries, Problems, read
from service.engine.language.because import render_because
from service.engine.language.checker import Checker
from service.engine.language.compiler import bind
from service.engine.language.functions import FUNCTIONS
from service.engine.language.interpreter import consider
from service.engine.language.parser import Source
from service.engine.language.reachability import always_true, never_true, winner_above
from service.engine.language.scopes import Names
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import PlannedSlot, PlanSettings
from service.engine.replay.fact_values import Facts
from service.engine.replay.state import Baseline, Memory, Shared
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import BoundScheme
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.parameters import Parameter, value_of
from service.engine.ruleset.places import Position, Scalar
from service.engine.ruleset.scheme import Scheme, checked
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Node
from service.engine.ruleset.types import in_json, in_words
from service.engine.version import ENGINE_VERSION
from tests.support.training import LIBRARY, UPPER_BACK

SCHEME = b"""\
scheme: steps
title: Steps
sources: [{title: A book}]
params:
  reps: {type: range, default: [4, 6], from: 1, to: 30}
  step: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
let:
  easy: known(set.rir) and set.rir >= 3
state:
  load: {type: load, initial: baseline.load if known(baseline.load) else baseline.training_max}
  missed: {type: int, initial: 0}
after set:
  - rule: up
    when: set.load >= prescribed.load and (set.reps >= reps.max or easy)
    then: {load: set.load + step, missed: 0}
    outcome: raise
    because: "{set.reps} at {set.load}, {{{reps}}}: add {step}."
  - rule: down
    when: missed > 1 and set.reps < reps.min
    then: {load: load - step}
    outcome: lower
    because: "{missed} misses."
  - otherwise: hold
    then: {missed: missed + 1}
    because: "Stay at {load}."
prescribe:
  - {count: 1, load: load, reps: reps.max}
  - {kind: amrap, count: 2, load: load - step, reps: reps}
examples:
  - {name: up, baseline: 100 lb, log: ["100x6 -> 105"]}
"""
EXERCISE = b"""\
exercise: squat
title: Squat
equipment: barbell
load: total
muscles: {target: [quadriceps]}
increase: {lb: 10, kg: 5}
sources: [{title: A book}]
"""
PROGRAMME = b"""\
programme: plan
title: Plan
sources: [{title: A book}]
days: [{day: a, slots: [{slot: first, exercise: squat, progression: {steps: {reps: [5, 5]}}}]}]
"""
FILES = {
    "progression/steps.yaml": SCHEME,
    "exercises/squat.yaml": EXERCISE,
    "exercises/row.yaml": EXERCISE.replace(b"squat", b"row"),
    "programmes/plan.yaml": PROGRAMME,
}


@pytest.fixture(scope="module")
def library() -> Library:
    return library_from_files(FILES)


@pytest.fixture(scope="module")
def bound(library: Library) -> BoundScheme:
    return bind(library.schemes["steps"], {}, library.exercises["squat"], "lb")


class Moment:
    """Facts that count how often each is read."""

    def __init__(self, **given: Any) -> None:
        self.reads: dict[str, int] = {}
        self._facts = Facts()
        standard = {"set_load": Decimal(100), "prescribed_load": Decimal(100), "set_reps": 5, "memory": Memory()}
        for name, value in (standard | given).items():
            setattr(self._facts, name, value)

    def __getattr__(self, name: str) -> Any:
        self.reads[name] = self.reads.get(name, 0) + 1
        return getattr(self._facts, name)


def moment(**given: Any) -> Any:
    """A `Moment`, which stands in for `Facts`."""
    return Moment(**given)


def track(**given: Any) -> Track:
    return Track("squat", lever=Decimal(100), **given)


# Reading


def test_values_keep_their_place_and_their_text() -> None:
    root = read(b"a: 007x\nb:\n  - 1.50\n", Problems("f"))
    assert isinstance(root, Entries)
    (first_key, first), (_, second) = root.values
    assert (first_key.at, first.at, second.at) == (Position(1, 1), Position(1, 4), Position(3, 3))
    assert isinstance(first, Scalar)
    assert first.text == "007x"


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        (b"a: set.load", 4, (1, 8)),
        (b'a: "set.load"', 4, (1, 9)),
        (b"a: 'it''s so'", 5, (1, 11)),
        (b'a: "x \\" y"', 4, (1, 10)),
        (b"a: >-\n  one\n  two", 4, (3, 3)),
        (b"a: |\n  one\n   two", 5, (3, 4)),
        (b"a: one\n  two", 4, (2, 3)),
        ("a: é and x".encode(), 6, (1, 10)),
        ("\ufeffa: xy".encode(), 1, (1, 5)),
    ],
)
def test_a_character_of_a_value_is_found_in_the_file(text: bytes, offset: int, place: tuple[int, int]) -> None:
    root = read(text, Problems("f"))
    assert isinstance(root, Entries)
    value = root.values[0][1]
    assert isinstance(value, Scalar)
    assert value.position(offset) == place


# Generated functions


def test_a_fact_is_read_at_most_once_and_only_when_needed(bound: BoundScheme) -> None:
    step = bound.steps[Trigger.AFTER_SET]
    light = moment(set_load=Decimal(90))
    assert step(light, track(), (0,)) == (2, Decimal(100), (1,), (Decimal(100),))
    assert light.reads == {"set_load": 1, "prescribed_load": 1}
    top = moment(set_reps=6)
    assert step(top, track(), (0,)) == (0, Decimal(105), (0,), (6, Decimal(100), (4, 6), Decimal(5)))
    assert top.reads == {"set_load": 1, "prescribed_load": 1, "set_reps": 1}


def test_a_fact_that_is_not_known_is_never_used(bound: BoundScheme) -> None:
    step = bound.steps[Trigger.AFTER_SET]
    assert step(moment(set_rir=None), track(), (0,)) == (2, Decimal(100), (1,), (Decimal(100),))
    assert step(moment(set_rir=Decimal(3)), track(), (0,)) == (
        0,
        Decimal(105),
        (0,),
        (5, Decimal(100), (4, 6), Decimal(5)),
    )


def test_a_lever_starts_from_the_first_of_its_facts_that_is_known(bound: BoundScheme) -> None:
    assert bound.initial_lever(moment(), track()) is None
    assert bound.initial_lever(moment(memory=Memory(Baseline(training_max=Decimal(90)))), track()) == Decimal(90)
    both = moment(memory=Memory(Baseline(Decimal(80), None, Decimal(90))))
    assert bound.initial_lever(both, track()) == Decimal(80)
    assert bound.initial(moment(), track()) == (0,)


def test_sets_are_prescribed_by_their_number(bound: BoundScheme) -> None:
    assert bound.prescribed(moment(), track(), (0,)) == [
        ("work", Decimal(100), (6, 6), None, None),
        ("amrap", Decimal(95), (4, 6), None, None),
        ("amrap", Decimal(95), (4, 6), None, None),
    ]


def test_binding_takes_parameters_steps_and_unit(library: Library) -> None:
    scheme = library.schemes["steps"]
    bound = bind(scheme, {"reps": [3, 5], "step": {"lb": 20, "kg": "7.5"}}, library.exercises["squat"], "kg")
    assert bound.constants == {
        "reps": (3, 5),
        "step": Decimal("7.5"),
        "exercise.reps": None,
        "exercise.increase": Decimal(5),
        "exercise.one_sided": False,
        "exercise.added_load": False,
        "exercise.progresses": True,
    }
    assert bound.steps[Trigger.AFTER_SET](moment(), track(), (0,))[1] == Decimal("107.5")  # type: ignore[index]


def test_the_source_of_a_scheme_holds_no_text_of_its_file(library: Library) -> None:
    compiled = library.schemes["steps"].compiled
    assert compiled is not None
    assert "Stay at" not in compiled.source
    assert "squat" not in compiled.source
    assert compiled.factory.__globals__["__builtins__"] == {}


# Tracing


def test_a_trace_shows_every_condition_and_every_operand(bound: BoundScheme) -> None:
    fired, traces = consider(bound, Trigger.AFTER_SET, moment(set_reps=6), track(), (0,))
    assert fired is not None
    assert fired.rule == 0
    load = {"value": "100", "unit": "lb"}
    assert traces[0] == {
        "rule": "up",
        "file": "progression/steps.yaml",
        "line": 13,
        "outcome": "raise",
        "result": "fired",
        "because": "6 at 100 lb, {4-6}: add 5 lb.",
        "conditions": [
            {
                "expression": "set.load >= prescribed.load",
                "operands": {"set.load": load, "prescribed.load": load},
                "value": True,
            },
            {
                "expression": "set.reps >= reps.max",
                "operands": {"set.reps": 6, "reps": {"min": 4, "max": 6}},
                "value": True,
            },
            {"expression": "easy", "operands": {"easy": False, "set.rir": None}, "value": "not evaluated"},
        ],
    }
    assert [(trace["rule"], trace["result"]) for trace in traces] == [
        ("up", "fired"),
        ("down", "shadowed"),
        ("otherwise", "shadowed"),
    ]
    assert {condition["value"] for condition in traces[1]["conditions"]} == {"not evaluated"}


def test_a_trace_says_which_rules_did_not_fire(bound: BoundScheme) -> None:
    _, traces = consider(bound, Trigger.AFTER_SET, moment(), track(), (0,))
    assert [trace["result"] for trace in traces] == ["not fired", "not fired", "fired"]
    assert [condition["value"] for condition in traces[0]["conditions"]] == [True, False, False]
    assert [condition["value"] for condition in traces[1]["conditions"]] == [False, "not evaluated"]


def test_a_reason_is_told_from_the_values_it_fired_with(library: Library) -> None:
    text = render_because(library.schemes["steps"], "after set", 2, (Decimal("66.666666"),), "kg")
    assert text == "Stay at 66.67 kg."


@pytest.mark.parametrize(
    ("value", "type_", "words", "json"),
    [
        (Decimal("102.50"), "load", "102.5 kg", {"value": "102.5", "unit": "kg"}),
        (Decimal(10), "percent", "10 %", "10"),
        (Decimal("0.125"), "number", "0.12", "0.125"),
        ((4, 6), "range", "4-6", {"min": 4, "max": 6}),
        ((5, 5), "range", "5", {"min": 5, "max": 5}),
        (True, "bool", "yes", True),
        (7, "int", "7", 7),
        (None, "load", "unknown", None),
    ],
)
def test_values_in_words_and_in_json(value: Any, type_: str, words: str, json: Any) -> None:
    assert in_words(value, type_, "kg") == words
    assert in_json(value, type_, "kg") == json


# What can be proven of conditions


def condition(text: str) -> Node:
    names = Names(measure="reps", lever="load", parameters={"reps": Parameter("reps", "range", (4, 6))})
    source = Source(text, lambda offset: Position(1, offset + 1))
    return Checker(names, Trigger.AFTER_SET).expression(source, "bool").root


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["set.reps >= 5"], "set.reps >= 6"),
        (["set.reps >= 5"], "set.reps > 4"),
        (["set.reps >= 5"], "set.reps == 7"),
        (["5 <= set.reps"], "set.reps >= 6 and set.load >= load"),
        (["set.reps > reps.max"], "reps.max < set.reps"),
        (["set.reps >= reps.max"], "set.reps > reps.max"),
        (["set.reps >= 5", "set.reps < 5"], "set.load >= load"),
        (["set.reps >= 5 or set.load > load"], "set.load > load"),
        (["not known(set.rir)", "known(set.rir) and set.reps > 3"], "set.reps > 3"),
        (
            ["set.reps >= 5", "set.reps <= 2"],
            "not (set.reps == 3 or set.reps == 4) and not (set.reps < 5 and set.reps > 2)",
        ),
    ],
)
def test_a_rule_that_never_gets_its_turn_is_found(above: list[str], below: str) -> None:
    assert winner_above(condition(below), [condition(text) for text in above]) is not None


@pytest.mark.parametrize(
    ("above", "below"),
    [
        (["set.reps >= 6"], "set.reps >= 5"),
        (["set.reps > 5"], "set.reps >= 5"),
        (["set.reps != 5"], "set.reps >= 5"),
        (["set.reps >= 5 and set.load > load"], "set.load > load"),
        (["set.load > load"], "load > set.load"),
        (["set.reps >= 5", "set.reps < 4"], "set.load >= load"),
        (["known(set.rir) and set.rir > 2.5"], "known(set.rir) and set.rir > 2"),
        (["known(set.rir)"], "not known(set.rir)"),
        (["set.reps >= reps.min"], "set.reps < reps.max"),
    ],
)
def test_a_rule_that_may_get_its_turn_is_left_alone(above: list[str], below: str) -> None:
    assert winner_above(condition(below), [condition(text) for text in above]) is None


def test_conditions_that_ask_nothing_or_the_impossible() -> None:
    assert never_true(condition("set.reps > 5 and set.reps < 5"))
    assert never_true(condition("not (set.reps > 3 or set.reps <= 3)"))
    assert never_true(condition("set.reps > 5 and set.reps < 6"))
    assert not never_true(condition("set.reps > 5 and set.reps < 7"))
    assert always_true(condition("set.reps > 3 or set.reps <= 3"))
    assert not always_true(condition("set.reps > 3 or set.reps < 3"))


# Parameters


@pytest.mark.parametrize(
    ("type_", "plain", "value"),
    [
        ("int", "3", 3),
        ("int", 3.0, 3),
        ("number", 2.5, Decimal("2.5")),
        ("percent", 10, Decimal(10)),
        ("range", (4, 6), (4, 6)),
        ("load", {"kg": 2.5, "lb": "5"}, {"lb": Decimal(5), "kg": Decimal("2.5")}),
        ("bool", True, True),
    ],
)
def test_a_parameter_takes_plain_data_and_its_own_values(type_: Any, plain: Any, value: Any) -> None:
    parameter = Parameter("p", type_, None)
    assert value_of(parameter, plain) == value
    assert value_of(parameter, value) == value


@pytest.mark.parametrize(
    ("type_", "plain"),
    [
        ("int", 2.5),
        ("int", True),
        ("int", "1e9"),
        ("number", float("nan")),
        ("range", [1, 2, 3]),
        ("bool", 1),
        ("load", 5),
    ],
)
def test_a_parameter_refuses_what_it_is_not(type_: Any, plain: Any) -> None:
    with pytest.raises(ValueError, match=r"^p .*\.$"):
        value_of(Parameter("p", type_, None), plain)


def test_the_parameters_of_an_event_are_checked(library: Library) -> None:
    scheme: Scheme = library.schemes["steps"]
    assert checked(scheme, {"reps": [3, 5]}) == {"reps": (3, 5)}
    with pytest.raises(ValueError, match=r"steps has no parameter rep. Did you mean reps\?"):
        checked(scheme, {"rep": [3, 5]})
    with pytest.raises(ValueError, match=r"reps must be from 1 to 30, but here is 0\."):
        checked(scheme, {"reps": [0, 5]})


# The library


def test_a_rule_set_holds_what_its_programme_uses_and_nothing_else(library: Library) -> None:
    rule_set = library.rule_set("plan")
    assert sorted(rule_set.files) == ["exercises/squat.yaml", "programmes/plan.yaml", "progression/steps.yaml"]
    assert list(rule_set.exercises) == ["squat"]
    assert list(rule_set.schemes) == ["steps"]
    assert rule_set.programme.days[0].slots[0].id == "a/first"
    assert rule_set.programme.days[0].slots[0].progression.params == {"reps": (5, 5)}


def test_a_digest_is_of_exact_bytes_and_names(library: Library) -> None:
    rule_set = library.rule_set("plan")
    again = library_from_files(rule_set.files).rule_set("plan")
    assert again.digest == rule_set.digest == digest_of(dict(sorted(rule_set.files.items(), reverse=True)))
    for changed in (
        {**rule_set.files, "exercises/squat.yaml": EXERCISE + b"\n"},
        {"a": b"bc"},
        {"ab": b"c"},
    ):
        assert digest_of(changed) != rule_set.digest
    assert digest_of({"a": b"bc"}) != digest_of({"ab": b"c"})


def test_a_programme_that_is_not_there_is_not_found(library: Library) -> None:
    with pytest.raises(NotFound, match="there is no programme 'plans'"):
        library.rule_set("plans")


# The tables


def test_every_fact_is_found_where_the_table_says() -> None:
    facts = Facts()
    slot = PlannedSlot(
        UPPER_BACK,
        UPPER_BACK.programme.days[0].slots[0],
        LIBRARY.exercises["deadlift"],
        PlanSettings("kg", None, {}),
        0,
    )
    facts.memory, facts.slot, facts.hard_sets = Memory(), slot, lambda _weeks_ago: Decimal(0)
    facts.today, facts.last_day, facts.last_at, facts.shared = 1, 0, 0, Shared(ENGINE_VERSION)
    facts.look_at_sets(SlotSets(), slot.basis)
    facts.since_day = 0
    holders = SimpleNamespace(facts=facts, track=track())
    for fact in FACTS.values():
        if "." in fact.path:
            attrgetter(fact.path)(holders)
        else:
            assert fact.name in bind_names(), fact.name


def bind_names() -> Mapping[str, Any]:
    library = library_from_files(FILES)
    return bind(library.schemes["steps"], {}, Exercise("x", "X", "other"), "kg").constants


def test_every_function_says_what_it_computes() -> None:
    assert all(function.formula and function.phrase for function in FUNCTIONS.values())
    e1rm = FUNCTIONS["e1rm"]
    assert e1rm.compute is not None
    assert e1rm.compute(Decimal(225), 6) == Decimal(270)
    assert "Epley" in e1rm.source
