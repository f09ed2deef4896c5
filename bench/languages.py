"""A condition and its action, in nanoseconds: Spotter's rule language beside three others on the same twenty facts.

The rule is the heart of double progression: at or above the prescribed load, with the range's top reached or more left
in reserve than the range asks for, the load rises by a step. Each language compiles its rule once, in the form that is
fastest in it; then the facts change with every set, so each evaluation is given them anew:

- Spotter: twenty attributes of its records are set, then the compiled rules of a scheme run. Loads are exact decimals.
- The others: one call with a dictionary of the twenty facts, which is made beforehand and not counted; condition and
  action are one expression. They have no decimals, so they compute in binary floating point.

``bound`` is the time of an evaluation alone, the facts handed over before, where a language can do that. The floor is
the same rule written by hand in Python, over the same dictionary of decimals.
"""

from __future__ import annotations

import json
import timeit
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import cel
import datalogic_py
import zen

from service.domain.exact import exact
from service.domain.exercises import Exercise
from service.engine.files.library import library_from_files
from service.engine.language.compiler import bind
from service.engine.replay.fact_values import Facts
from service.engine.replay.state import Memory
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RuleList
from service.engine.ruleset.triggers import Trigger

_STEP: Final = Decimal("2.5")
_TOP: Final = 8
_MOST_IN_RESERVE: Final = 2

FACTS: Final[Mapping[str, Any]] = {
    "set_load": Decimal("102.5"),
    "set_reps": 7,
    "set_rir": Decimal(3),
    "set_index": 2,
    "prescribed_load": Decimal(100),
    "prescribed_reps": (6, 8),
    "body_weight": Decimal("82.4"),
    "today": 3,
    "lever": Decimal(100),
    "sessions": 41,
    "sessions_since_change": 2,
    "sessions_since_record": 1,
    "session": 42,
    "opened_lever": Decimal(100),
    "session_sets": 2,
    "session_top_load": Decimal("102.5"),
    "session_top_reps": 7,
    "session_prescribed_load": Decimal(100),
    "deloaded": False,
}
_OF_THE_MOMENT: Final = tuple(FACTS)[:8]
_OF_THE_TRACK: Final = tuple(FACTS)[8:]
RAISED: Final = Decimal(105)

_SCHEME = f"""
scheme: measured
title: Measured
sources: [{{title: the benchmark}}]
state: {{load: {{type: load, initial: baseline.load}}}}
params: {{increase: {{type: load, default: {{lb: 5, kg: {_STEP}}}, from: 0}}}}
after set:
  - rule: "up"
    when: >-
      set.load >= prescribed.load and
      (set.reps >= {_TOP} or known(set.rir) and set.reps + set.rir > {_TOP} + {_MOST_IN_RESERVE - 1})
    then: {{load: set.load + increase}}
    outcome: raise
    because: "Add {{increase}}."
  - otherwise: hold
    because: "Stay."
prescribe: [{{count: 3, load: load, reps: "range(6, {_TOP})"}}]
examples: [{{name: "up", baseline: 100 kg, log: ["100x{_TOP} -> {100 + _STEP}"]}}]
"""

_WORDS = (
    "set_load >= prescribed_load {and_} (set_reps >= 8 {or_} (set_rir != null {and_} {reps} + set_rir > 9.0)) "
    "? set_load + 2.5 : lever"
)


class Timed(NamedTuple):
    """Nanoseconds of one condition with its action: with facts given anew, and with facts bound before."""

    anew: float
    bound: float | None


def languages() -> dict[str, dict[str, Any]]:
    """Each language's figures, Spotter's first; SystemExit where one does not come to the same load."""
    floor = _nanoseconds(lambda: _by_hand(FACTS))
    timed = {"rule": _spotter(), "rule_datalogic": _datalogic(), "rule_zen": _zen(), "rule_cel": _cel()}
    return {name: _figures(each, floor) for name, each in timed.items()}


def _figures(timed: Timed, floor: float) -> dict[str, Any]:
    bound = {} if timed.bound is None else {"bound": round(timed.bound)}
    return {
        "value": round(timed.anew),
        "unit": "ns",
        "floor": round(floor),
        "ratio": round(timed.anew / floor, 2),
        **bound,
    }


def _by_hand(facts: Mapping[str, Any]) -> Decimal:
    load: Decimal = facts["set_load"]
    if load >= facts["prescribed_load"]:
        reps, rir = facts["set_reps"], facts["set_rir"]
        if reps >= _TOP or (rir is not None and reps + rir > _TOP + _MOST_IN_RESERVE - 1):
            return load + _STEP
    raised: Decimal = facts["lever"]
    return raised


@exact
def _spotter() -> Timed:
    scheme = library_from_files({"progression/measured.yaml": _SCHEME.encode()}).schemes["measured"]
    bound = bind(scheme, {}, Exercise("squat", "Squat", "barbell"), "kg")
    step: RuleList = bound.steps[Trigger.AFTER_SET]
    facts, track = Facts(), Track("squat")
    facts.memory = Memory()
    own: tuple[Any, ...] = ()
    moment = [FACTS[name] for name in _OF_THE_MOMENT]
    thread = [FACTS[name] for name in _OF_THE_TRACK]

    def fill() -> None:
        (
            facts.set_load,
            facts.set_reps,
            facts.set_rir,
            facts.set_index,
            facts.prescribed_load,
            facts.prescribed_reps,
            facts.body_weight,
            facts.today,
        ) = moment
        (
            track.lever,
            track.sessions,
            track.sessions_since_change,
            track.sessions_since_record,
            track.session,
            track.opened_lever,
            track.session_sets,
            track.session_top_load,
            track.session_top_reps,
            track.session_prescribed_load,
            track.deloaded,
        ) = thread

    def anew() -> Any:
        fill()
        return step(facts, track, own)

    fired = anew()
    _must_be(None if fired is None else fired[1], "Spotter")
    return Timed(_nanoseconds(anew), _nanoseconds(lambda: step(facts, track, own)))


def _plain() -> dict[str, Any]:
    """The facts as languages without decimals take them."""
    return {
        name: float(value) if isinstance(value, Decimal) else list(value) if isinstance(value, tuple) else value
        for name, value in FACTS.items()
    }


def _datalogic() -> Timed:
    engine, facts = datalogic_py.Engine(), _plain()

    def fact(name: str) -> dict[str, str]:
        return {"var": name}

    left = {">": [{"+": [fact("set_reps"), fact("set_rir")]}, _TOP + _MOST_IN_RESERVE - 1]}
    enough = {"or": [{">=": [fact("set_reps"), _TOP]}, {"and": [{"!==": [fact("set_rir"), None]}, left]}]}
    when = {"and": [{">=": [fact("set_load"), fact("prescribed_load")]}, enough]}
    rule = engine.compile({"if": [when, {"+": [fact("set_load"), float(_STEP)]}, fact("lever")]})
    session, handle = engine.session(), datalogic_py.DataHandle(json.dumps(facts))
    _must_be(session.evaluate_float(rule, handle), "datalogic-py")
    _must_be(rule.evaluate(facts), "datalogic-py")
    return Timed(_nanoseconds(lambda: rule.evaluate(facts)), _nanoseconds(lambda: session.evaluate_float(rule, handle)))


def _zen() -> Timed:
    facts = _plain()
    expression = zen.compile_expression(_WORDS.format(and_="and", or_="or", reps="set_reps"))
    _must_be(expression.evaluate(facts), "zen-engine")
    return Timed(_nanoseconds(lambda: expression.evaluate(facts)), None)


def _cel() -> Timed:
    facts = _plain()
    program = cel.compile(_WORDS.format(and_="&&", or_="||", reps="double(set_reps)"))
    context = cel.Context(variables=facts)
    _must_be(program.execute(facts), "common-expression-language")
    _must_be(program.execute(context), "common-expression-language")
    return Timed(_nanoseconds(lambda: program.execute(facts)), _nanoseconds(lambda: program.execute(context)))


def _must_be(load: Any, who: str) -> None:
    if load is None or Decimal(str(load)) != RAISED:
        raise SystemExit(f"{who} comes to {load} instead of {RAISED}: it was given another rule.")


def _nanoseconds(work: Callable[[], Any]) -> float:
    """The best of five rounds of a few thousand evaluations, in nanoseconds each."""
    timer = timeit.Timer(work)
    times, _ = timer.autorange()
    return min(timer.repeat(5, max(1000, times // 4))) / max(1000, times // 4) * 1e9
