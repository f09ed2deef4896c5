"""The generated functions and the tracing evaluator agree on every expression; nothing in a file breaks the loader."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, Overflow, localcontext
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.errors import RuleError, RuleSetInvalid
from service.domain.exercises import Exercise
from service.domain.loads import CONTEXT, Unit
from service.engine.files.library import library_from_files
from service.engine.language.checker import Checker
from service.engine.language.compiler import bind, compile_scheme
from service.engine.language.interpreter import consider
from service.engine.language.narrowing import NOTHING, proven
from service.engine.language.parser import Source
from service.engine.language.reachability import never_true, winner_above
from service.engine.language.scopes import Names
from service.engine.language.tree_queries import children, is_constant
from service.engine.replay.fact_values import Facts
from service.engine.replay.state import Baseline, Memory
from service.engine.replay.track import Track
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.places import Mistake, Position
from service.engine.ruleset.scheme import PrescribedEntry, Rule, Scheme, StateVariable
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Expression, Template, Word
from service.engine.ruleset.types import Type

PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter("count", "int", 3, Decimal(1), Decimal(10)),
        Parameter("factor", "number", Decimal("1.5"), Decimal("0.1"), Decimal(3)),
        Parameter("step", "load", {"lb": Decimal(5), "kg": Decimal("2.5")}, Decimal(0), None),
        Parameter("share", "percent", Decimal(10), Decimal(1), Decimal(50)),
        Parameter("goal", "range", (4, 6), Decimal(1), Decimal(30)),
        Parameter("strict", "bool", default=True),
        Parameter("mode", "word", "raw", words=("raw", "prescribed")),
        Parameter(
            "stages",
            "rows",
            ((3, (4, 6), {"lb": Decimal(5), "kg": Decimal("2.5")}), (5, (2, 2), {"lb": Decimal(10), "kg": Decimal(5)})),
            table=(
                Parameter("sets", "int", None, Decimal(1), Decimal(20)),
                Parameter("reps", "range", None),
                Parameter("add", "load", None),
            ),
        ),
    )
}
STATE: dict[str, Type] = {
    "tries": "int",
    "score": "number",
    "best": "load",
    "part": "percent",
    "zone": "range",
    "ready": "bool",
}
LETS = {
    "usual": "exercise.increase if known(exercise.increase) else step",
    "estimate": "e1rm(set.load, set.reps)",
    "at_hand": "known(set.rir) and set.load >= prescribed.load",
    "gap": "max(load, best) - usual",
}


def names() -> Names:
    declared = Names(measure="reps", lever="load", parameters=dict(PARAMETERS))
    declared.state = {name: (type_, index) for index, (name, type_) in enumerate(STATE.items())}
    declared.lets = {name: source(text) for name, text in LETS.items()}
    return declared


def source(text: str) -> Source:
    return Source(text, lambda offset: Position(1, offset + 1))


# Expressions as a coach would write them, well typed by construction

whole = st.integers(0, 40).map(str)
decimal_text = st.decimals("0.01", 99, places=2).map(str)
LEAVES: dict[Type, st.SearchStrategy[str]] = {
    "int": whole
    | st.sampled_from(["set.reps", "session.sets", "history.sessions", "count", "tries", "goal.max", "zone.min"]),
    "number": decimal_text | st.sampled_from(["factor", "score"]),
    "load": st.sampled_from(["set.load", "prescribed.load", "load", "best", "step", "usual", "estimate", "gap"]),
    "percent": st.sampled_from(["share", "part"]),
    "range": st.sampled_from(["goal", "zone", "prescribed.reps"]),
    "bool": st.sampled_from(
        ["strict", "ready", "known(set.rir)", "known(baseline.load)", "at_hand", "exercise.one_sided", "true", "false"]
    ),
}
A_SET: dict[Type, st.SearchStrategy[str]] = {
    "int": whole | st.sampled_from(["s.reps", "s.index", "s.prescribed.reps.min", "set.reps", "tries"]),
    "load": st.sampled_from(["s.load", "s.prescribed.load", "load", "best"]),
}
"""What a question about a set may be about; a question never stands inside another."""
ORDERS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def joined(*parts: Any) -> st.SearchStrategy[str]:
    """Parts in a row: texts as they are, strategies as drawn."""
    drawn = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*drawn).map(lambda texts: f"({''.join(texts)})")


ASKED = st.one_of(
    joined(A_SET["int"], ORDERS, A_SET["int"]),
    joined(A_SET["load"], ORDERS, A_SET["load"]),
    joined("known(s.rir) and s.rir ", ORDERS, whole),
    st.sampled_from(['s.kind == "amrap"', 's.prescribed.kind != "work"', "strict", "at_hand"]),
)
EACH = st.one_of(st.just(" for s in performed"), joined(" for s in performed if ", ASKED).map(lambda text: text[1:-1]))
ROW = st.sampled_from(["last(stages)", "stages[1]", "stages[tries]", "stages[set.reps - 3]"])
A_ROW = st.sampled_from(["last(performed)", "performed[1]", "performed[tries]"])
LISTS: dict[Type, st.SearchStrategy[str]] = {
    "int": st.one_of(
        joined("count(", ASKED, EACH, ")"),
        joined("sum(", A_SET["int"], EACH, ")"),
        joined("max(", A_SET["int"], " for s in performed)"),
        joined(A_ROW, ".reps"),
        joined(ROW, ".sets"),
        st.sampled_from(["rows(performed)", "rows(stages)", "sum(row.sets for row in stages if row.sets > tries)"]),
    ),
    "load": st.one_of(
        joined("sum(", A_SET["load"], EACH, ")"),
        joined("min(", A_SET["load"], " for s in performed)"),
        joined(A_ROW, ".prescribed.load"),
        joined(ROW, ".add"),
        st.just("max(row.add for row in stages)"),
    ),
    "range": joined(ROW, ".reps") | joined(A_ROW, ".prescribed.reps"),
    "bool": st.one_of(
        joined("all(", ASKED, EACH, ")"),
        joined("any(", ASKED, EACH, ")"),
        st.sampled_from(['mode == "raw"', 'set.kind != "amrap"', 'last(performed).kind == "work"']),
    ),
}


def deeper(of: dict[Type, st.SearchStrategy[str]]) -> dict[Type, st.SearchStrategy[str]]:
    """Expressions one operation larger than those of ``of``."""
    number, load, percent, condition = of["number"], of["load"], of["percent"], of["bool"]
    any_number = of["int"] | number
    larger: dict[Type, st.SearchStrategy[str]] = {
        "int": st.one_of(
            joined(of["int"], st.sampled_from([" + ", " - ", " * "]), of["int"]),
            joined("-", of["int"]),
            joined("abs(", of["int"], ")"),
            joined(of["range"], st.sampled_from([".min", ".max"])),
        ),
        "number": st.one_of(
            joined(any_number, st.sampled_from([" + ", " - ", " * "]), number),
            joined(of["int"], " / ", st.integers(1, 9).map(str)),
            joined(load, " / step if step > 0 else ", number),
            joined(number, " / tries if tries != 0 else ", of["int"]),
            joined("set.rir + ", any_number, " if known(set.rir) else ", any_number),
        ),
        "load": st.one_of(
            joined(load, st.sampled_from([" + ", " - "]), load),
            joined(load, " * ", any_number),
            joined(any_number, " * ", load),
            joined(load, " / count"),
            joined("percent_of(", percent, ", ", load, ")"),
            joined("e1rm(", load, ", ", of["int"], ")"),
            joined("-", load),
            joined("baseline.load if known(baseline.load) else ", load),
            joined("max(0, ", load, ")"),
        ),
        "percent": st.one_of(
            joined("100 - ", percent), joined(percent, " + ", percent), joined(percent, " * ", any_number)
        ),
        "range": st.one_of(joined("range(", of["int"], ", ", of["int"], ")")),
        "bool": st.one_of(
            joined(condition, st.sampled_from([" and ", " or "]), condition),
            joined("not ", condition),
            joined("known(set.rir) and set.rir ", ORDERS, any_number),
            joined("not known(set.rir) or set.rir ", ORDERS, any_number),
            joined(of["range"], st.sampled_from([" == ", " != "]), of["range"]),
            *(
                joined(of[type_], ORDERS.map(lambda sign: f" {sign} "), of[type_])
                for type_ in ("int", "number", "load")
            ),
            joined(of["int"], " <= ", number, " < ", of["int"]),
        ),
    }
    larger["int"] |= joined("floor(", number, ")") | joined("remainder(", of["int"], ", 3)")
    larger["load"] |= joined("lowered(", load, ", ", load, ")")
    for type_, asked in LISTS.items():
        larger[type_] |= asked
    for type_ in ("int", "number", "load", "percent"):
        larger[type_] |= joined(st.sampled_from(["min", "max"]), "(", of[type_], ", ", of[type_], ", ", of[type_], ")")
    for type_ in STATE.values():
        larger[type_] |= joined(of[type_], " if ", condition, " else ", of[type_])
    return {type_: LEAVES[type_] | larger[type_] for type_ in LEAVES}


TEXTS = deeper(deeper(deeper(LEAVES)))

loads = st.decimals(-50, 400, places=2)
reps = st.integers(0, 30)
ranges = st.tuples(reps, reps).map(lambda ends: (min(ends), max(ends)))
PERFORMED = st.tuples(
    loads,
    reps,
    st.none() | st.sampled_from([Decimal(0), Decimal("1.5")]),
    st.sampled_from(["work", "amrap"]),
    st.integers(1, 5),
    loads,
    ranges,
    st.sampled_from(["work", "amrap", "top"]),
    st.booleans(),
    st.booleans(),
)
OWN = st.tuples(reps, loads, loads, loads, ranges, st.booleans())


@st.composite
def moments(draw: st.DrawFn) -> tuple[Facts, Track, tuple[Any, ...]]:
    facts = Facts()
    facts.set_load, facts.prescribed_load = draw(loads), draw(loads)
    facts.set_reps, facts.prescribed_reps = draw(reps), draw(ranges)
    facts.set_rir = draw(st.none() | st.sampled_from([Decimal(0), Decimal("1.5"), Decimal(4)]))
    facts.set_kind = draw(st.sampled_from(["work", "amrap"]))
    facts.performed = draw(st.lists(PERFORMED, min_size=1, max_size=3))
    facts.memory = Memory(baseline=Baseline(load=draw(st.none() | loads)))
    track = Track("squat", lever=draw(loads), sessions=draw(reps), session_sets=draw(reps))
    return facts, track, draw(OWN)


def scheme_of(whens: list[str], values: dict[str, str], lever: str) -> Scheme:
    """A scheme of a rule for each condition, put together past the checks that its rules make sense."""
    declared = names()
    rules = []
    proofs = NOTHING
    checker = Checker(declared, Trigger.AFTER_SET)
    try:
        for place, text in enumerate(whens):
            condition = checker.expression(source(text), "bool", proofs)
            within = proofs | proven(condition.root, holds=True)
            then = {name: checker.expression(source(text), STATE[name], within) for name, text in values.items()}
            then["load"] = checker.expression(source(lever), "load", within)
            because = Template((*then.values(), "."))
            rules.append(Rule(f"rule-{place}", condition, then, "hold", because, "random.yaml", 1))
            proofs |= proven(condition.root, holds=False)
    except Mistake as mistake:
        assume(not any(bound in mistake.message for bound in BOUNDS))
        raise
    count, load = (Checker(declared, "prescribe").expression(source(text)) for text in ("count", "load"))
    initial = Checker(declared, "initial").expression(source("count"))
    kind = Expression("work", Word("word", initial.at, "work"))
    scheme = Scheme(
        id="random",
        title="Random",
        role="progression",
        lever="load",
        lever_initial=(),
        measure="reps",
        parameters=PARAMETERS,
        state=tuple(StateVariable(name, type_, initial) for name, type_ in STATE.items()),
        rules={Trigger.AFTER_SET: tuple(rules)},
        prescribe=(PrescribedEntry(kind, count, load, None, None, None),),
        sources=(),
        examples=(),
        file="random.yaml",
    )
    return replace(scheme, compiled=compile_scheme(scheme))


BOUNDS = ("too long", "nested too deep", "too many parts", "at most 1,000", "brackets are open")


def outcome(run: Any) -> Any:
    """What came of a run: a value, or the declared exception that it raised."""
    try:
        with localcontext(CONTEXT):
            return run()
    except (OverflowError, Overflow) as error:
        return type(error)


def typed(value: Any) -> Any:
    """A value with its types made visible, so that 1, Decimal(1) and True differ."""
    if isinstance(value, tuple):
        return tuple(map(typed, value))
    return type(value).__name__, value


UNITS: st.SearchStrategy[Unit] = st.sampled_from(["kg", "lb"])
EXERCISES = st.sampled_from(
    [
        Exercise("squat", "Squat", "barbell"),
        Exercise("row", "Row", "dumbbell", one_sided=True, increase={"lb": Decimal(5), "kg": Decimal("2.5")}),
    ]
)


@given(
    st.lists(TEXTS["bool"], min_size=1, max_size=4),
    st.fixed_dictionaries({name: TEXTS[type_] for name, type_ in STATE.items()}),
    TEXTS["load"],
    st.data(),
)
def test_generated_functions_and_the_evaluator_agree(
    whens: list[str], values: dict[str, str], lever: str, data: st.DataObject
) -> None:
    bound = bind(scheme_of(whens, values, lever), {}, data.draw(EXERCISES), data.draw(UNITS))
    facts, track, own = data.draw(moments())
    fast = outcome(lambda: bound.steps[Trigger.AFTER_SET](facts, track, own))
    slow = outcome(lambda: consider(bound, Trigger.AFTER_SET, facts, track, own)[0])
    slow = tuple(slow) if isinstance(slow, tuple) else slow
    assert typed(fast) == typed(slow), bound.scheme.compiled and bound.scheme.compiled.source


RUN_TIME: dict[Type, type] = {
    "bool": bool,
    "int": int,
    "number": Decimal,
    "load": Decimal,
    "percent": Decimal,
    "range": tuple,
}


@given(st.sampled_from(list(STATE.items())), st.data())
def test_a_value_is_of_the_type_that_the_checker_says(variable: tuple[str, Type], data: st.DataObject) -> None:
    name, type_ = variable
    values = {other: other for other in STATE} | {name: data.draw(TEXTS[type_])}
    bound = bind(scheme_of(["true"], values, "load"), {}, Exercise("squat", "Squat", "barbell"), "kg")
    result = outcome(lambda: bound.steps[Trigger.AFTER_SET](*data.draw(moments())))
    if not isinstance(result, type):
        assert type(result[2][list(STATE).index(name)]) is RUN_TIME[type_]


@given(TEXTS["bool"], moments())
def test_what_a_condition_proves_is_so(text: str, moment: tuple[Facts, Track, tuple[Any, ...]]) -> None:
    facts, track, own = moment
    scheme = scheme_of([text], {}, "load")
    rule = scheme.rules[Trigger.AFTER_SET][0]
    assert rule.when is not None
    bound = bind(scheme, {}, Exercise("squat", "Squat", "barbell"), "kg")
    result = outcome(lambda: bound.steps[Trigger.AFTER_SET](facts, track, own))
    assume(not isinstance(result, type))
    proofs = proven(rule.when.root, holds=result is not None)
    assert ("known", "set.rir") not in proofs or facts.set_rir is not None
    assert ("known", "baseline.load") not in proofs or facts.memory.baseline.load is not None
    assert ("nonzero", "tries") not in proofs or own[0] != 0


@given(st.lists(TEXTS["bool"], min_size=1, max_size=4), moments())
def test_a_rule_that_fires_was_not_said_to_be_unreachable(
    whens: list[str], moment: tuple[Facts, Track, tuple[Any, ...]]
) -> None:
    scheme = scheme_of(whens, {}, "load")
    bound = bind(scheme, {}, Exercise("squat", "Squat", "barbell"), "kg")
    result = outcome(lambda: bound.steps[Trigger.AFTER_SET](*moment))
    assume(isinstance(result, tuple))
    conditions = [rule.when.root for rule in scheme.rules[Trigger.AFTER_SET] if rule.when is not None]
    assert not never_true(conditions[result[0]])
    assert winner_above(conditions[result[0]], conditions[: result[0]]) is None


# Texts that nobody would write

WORDS = "set.load set.reps set.rir load reps and or not if else in is lambda known max true false True None __class__"
SIGNS = "( ) [ ] { } + - * / ** // % < <= == != = := , : . ' \" 0 1 225 2.5 1e9 0x1f __import__ \\ @ ~ ^ & | ; \t é ≥"
TOKENS = st.sampled_from([*WORDS.split(" "), *SIGNS.split(" ")])


@given(st.lists(TOKENS, max_size=40).map(" ".join) | st.text(max_size=200))
def test_no_text_gets_past_the_checker_as_anything_but_an_expression(text: str) -> None:
    declared = names()
    try:
        expression = Checker(declared, Trigger.AFTER_SET).expression(source(text))
    except Mistake:
        return
    assert all(type(node).__module__ == "service.engine.ruleset.typed_tree" for node in walk(expression))


def walk(expression: Expression) -> Iterator[Any]:
    level = [expression.root]
    while level:
        yield from level
        level = [child for node in level for child in children(node)]


LINES = st.sampled_from(
    """scheme: steps|title: Steps|sources: [{title: A}]|params:|  reps: {type: range, default: [4, 6]}|state:|after set:
  load: {type: load, initial: baseline.load}|  - rule: up|    when: set.reps >= reps.max|    then: {load: load + 1}
    outcome: raise|    because: "{set.reps}"|  - otherwise: hold|prescribe:|  - {count: 3, load: load, reps: reps}|- a
examples: []|&a b|*a|!!str x|---|"open|{a: [b|? x|\tx: y|reps: no|<<: x|: |[]|{}|x""".replace("\n", "|").split("|")
)


@given(
    st.sampled_from(["progression/steps.yaml", "deload/steps.yaml", "exercises/steps.yaml", "programmes/steps.yaml"]),
    st.binary(max_size=300) | st.lists(LINES, max_size=25).map("\n".join).map(str.encode) | st.text().map(str.encode),
)
def test_whatever_a_file_holds_loading_it_works_or_says_what_is_wrong(path: str, data: bytes) -> None:
    mistakes: list[RuleError] = []
    try:
        library_from_files({path: data})
    except RuleSetInvalid as error:
        mistakes = error.errors
    assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.message for mistake in mistakes)


def test_constant_parts_are_computed_when_bound() -> None:
    scheme = scheme_of(["set.reps > goal.max + count"], {}, "load + usual * 2")
    compiled = scheme.compiled
    assert compiled is not None
    assert all(map(is_constant, compiled.constants))
    bound = bind(scheme, {}, Exercise("squat", "Squat", "barbell"), "lb")
    facts, track = Facts(), Track("squat", lever=Decimal(100))
    facts.set_reps = 10
    fired = bound.steps[Trigger.AFTER_SET](facts, track, ())
    assert fired is not None
    assert fired[1] == Decimal(110)
    assert frozenset() == NOTHING


@pytest.mark.parametrize("text", ["tries * tries * tries * tries * tries", "tries + 999999"])
def test_a_whole_number_that_grows_beyond_sense_is_refused_when_kept(text: str) -> None:
    scheme = scheme_of(["true"], {name: name for name in STATE} | {"tries": text}, "load")
    bound = bind(scheme, {}, Exercise("squat", "Squat", "barbell"), "lb")
    own = (99, Decimal(0), Decimal(0), Decimal(0), (1, 2), True)
    with pytest.raises(OverflowError):
        bound.steps[Trigger.AFTER_SET](Facts(), Track("squat", lever=Decimal(1)), own)
    with pytest.raises(OverflowError):
        consider(bound, Trigger.AFTER_SET, Facts(), Track("squat", lever=Decimal(1)), own)
