"""What a derivation says to those who ask: why, in sentences, and why not what they expected.

Everything here reads the document of a derivation, so that what is said is what is proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple, get_args

from service.engine.derive.tracer import UNIT
from service.engine.reading.readings import How
from service.engine.replay.fold import BASELINE
from service.engine.ruleset.scheme import Rule, Scheme
from service.engine.ruleset.triggers import Outcome, Trigger
from service.engine.ruleset.typed_tree import Logic, Node, Not

OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)

_WHEN: Final = {
    Trigger.AFTER_SET: "After the set",
    Trigger.AFTER_EXERCISE: "When the exercise was over",
    Trigger.AFTER_SESSION: "When the session ended",
    Trigger.AFTER_WEEK: "When a new week began",
    Trigger.BEFORE_PRESCRIPTION: "Before the prescription",
}


# Why


def why(document: Mapping[str, Any]) -> list[str]:
    """The chain of events and rules that led to a prescription, a sentence or two for each link, oldest first."""
    told = [sentence for trigger in document["triggers"] for sentence in _sentences(trigger)]
    prescription = document["prescription"]
    return [
        *([_beginning(document)] if told else prescription["because"]),
        *told,
        *_roundings(document),
        _end(document),
    ]


def _beginning(document: Mapping[str, Any]) -> str:
    lever = document["earlier"]["state"]["lever"]
    exercise = document["prescription"]["exercise"]
    if lever is None:
        return f"Before its last session nothing was known of {exercise}."
    return f"Before its last session {exercise} stood at {in_words(lever)}."


def _sentences(trigger: Mapping[str, Any]) -> Iterator[str]:
    kind = trigger["trigger"]
    if kind is None:
        noted = _performed(trigger) if "set" in trigger else _event(trigger)  # else of a slot: skipped, a one-off load
        yield f"{noted}: {trigger['why'].removesuffix('.')}."
        return
    if kind == BASELINE:
        (move,) = trigger["moves"]
        yield f"{_event(trigger)} set a new baseline: {_moved(move)}."
        return
    if kind == UNIT:
        (move,) = trigger["moves"]
        yield f"From then on loads are in another unit: {_moved(move)}."
        return
    moves = {(move["scheme"], move["rule"]): move for move in trigger["moves"]}
    spoke = False
    for scheme, rule in _rules(trigger):
        if rule["result"] != "fired":
            continue
        move = moves[scheme["scheme"], rule["rule"]]
        if _is_extra(trigger) and not move["applied"]:
            continue
        spoke = True
        place = f"rule {rule['rule']}, {rule['file']}:{rule['line']}"
        if not move["applied"]:
            yield f"{_occasion(trigger)}: {rule['because']} Overruled: {_overruled(trigger, move)} ({place})."
        elif move["from"] == move["to"]:
            yield f"{_occasion(trigger)}: {rule['because']} ({place})"
        else:
            yield f"{_occasion(trigger)}: {rule['because']} {_capital(_moved(move))} ({place})."
    if kind == Trigger.AFTER_SET and not spoke:
        yield f"{_occasion(trigger)}: no rule had anything to say."


def _roundings(document: Mapping[str, Any]) -> Iterator[str]:
    for raw, chains in groupby(document["sets"], key=lambda chain: chain["raw"]):
        chain = next(chains)
        if raw is not None and raw != chain["rounded"]:
            end = "lighter" if chain["below"] is None else "heavier" if chain["above"] is None else None
            if end is not None:
                yield f"Nothing {end} than {in_words(chain['rounded'])} can be loaded."
                continue
            how = "the nearest" if chain["rounding"] == "nearest" else f"rounded {chain['rounding']}"
            yield f"{in_words(raw)} cannot be loaded; {how} that can is {in_words(chain['rounded'])}."


def _end(document: Mapping[str, Any]) -> str:
    prescription = document["prescription"]
    when = "in this session" if prescription["status"] == "in_session" else "in the next session"
    return f"So {when} do {sets_in_words(prescription['sets'])}."


def sets_in_words(sets: Sequence[Mapping[str, Any]]) -> str:
    """The sets of a derivation's prescription, equal ones together: ``3 × 225 lb × 4-6 with 1-2 in reserve``."""
    alike = groupby({name: value for name, value in each.items() if name != "index"} for each in sets)
    words = [f"{sum(1 for _ in equal)} × {_set_in_words(each)}" for each, equal in alike]
    return ", then ".join(words) or "nothing more"


def _set_in_words(each: Mapping[str, Any]) -> str:
    words = "any load" if each["load"] is None else in_words(each["load"])
    if "reps" in each:
        words += f" × {in_words(each['reps'])}"
    if "seconds" in each:
        words += f" for {in_words(each['seconds'])} s"
    if "rir" in each:
        words += f" with {in_words(each['rir'])} in reserve"
    if "side" in each:
        words += f" on the {each['side']} side"
    return words if each["kind"] == "work" else f"{words} ({each['kind']})"


def _event(trigger: Mapping[str, Any]) -> str:
    return f"{trigger['event_id']} ({trigger['occurred_at']})"


def _performed(trigger: Mapping[str, Any]) -> str:
    performed = trigger["set"]
    amount = f"{performed['reps']} reps" if "reps" in performed else f"{performed['seconds']} s"
    reserve = "" if performed["rir"] is None else f" with {performed['rir']} in reserve"
    return f"{_event(trigger)}, {amount} at {in_words(performed['load'])}{reserve}"


def _occasion(trigger: Mapping[str, Any]) -> str:
    kind = Trigger(trigger["trigger"])
    if kind is Trigger.AFTER_SET:
        return _performed(trigger)
    return f"{_WHEN[kind]}, {'by time alone' if trigger['cause'] == 'time' else 'by ' + _event(trigger)}"


def _moved(move: Mapping[str, Any]) -> str:
    return f"from {in_words(move['from'])} to {in_words(move['to'])}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# Why not


class Expectation(NamedTuple):
    """What somebody expected: rules of an outcome, or a rule of a name; one of the two."""

    outcome: str | None = None
    rule: str | None = None

    def means(self, rule: str, outcome: str) -> bool:
        """Whether a rule is one of those asked about."""
        return rule == self.rule or outcome == self.outcome


def why_not(
    document: Mapping[str, Any], asked: Expectation, schemes: Sequence[Sequence[Scheme]], present: Iterable[Scheme]
) -> dict[str, Any]:
    """Every rule asked about that was considered since the session opened, and what kept it from being the outcome.

    ``schemes`` are those whose rules each of the document's triggers lists, in the same order; ``present`` are the
    schemes of the slot as it stands, whose rules may have had no occasion yet.
    """
    considered = [
        _judged(trigger, traced, trace, scheme.rules[Trigger(trigger["trigger"])][place])
        for trigger, of_trigger in zip(document["triggers"], schemes, strict=True)
        for traced, scheme in zip(trigger.get("schemes", ()), of_trigger, strict=True)
        for place, trace in enumerate(traced["rules"])
        if asked.means(trace["rule"], trace["outcome"])
    ]
    seen = {(each["scheme"], each["trigger"], each["rule"]) for each in considered}
    outcome = document["prescription"]["outcome"]
    return {
        "prescription_id": document["prescription"]["prescription_id"],
        "asked": {name: value for name, value in asked._asdict().items() if value is not None},
        "outcome": outcome,
        "considered": considered,
        "not_considered": [
            {"trigger": str(trigger), "scheme": scheme.id, "rule": rule.name, "outcome": rule.outcome}
            | {"file": rule.file, "line": rule.line}
            for scheme in present
            for trigger, rules in scheme.rules.items()
            for rule in rules
            if asked.means(rule.name, rule.outcome) and (scheme.id, trigger, rule.name) not in seen
        ],
    }


def _judged(
    trigger: Mapping[str, Any], scheme: Mapping[str, Any], trace: Mapping[str, Any], rule: Rule
) -> dict[str, Any]:
    result = trace["result"]
    decided = [] if rule.when is None or result == "shadowed" else deciding(rule.when.root, trace["conditions"])
    name = trace["rule"]
    if result == "shadowed":
        first = next(each["rule"] for each in scheme["rules"] if each["result"] == "fired")
        said = f"{name} was not asked: {first} stands before it and fired."
    elif result == "not fired":
        said = f"{name} did not fire: {'; '.join(map(_condition, decided))}."
    else:
        move = next(each for each in trigger["moves"] if (each["scheme"], each["rule"]) == (scheme["scheme"], name))
        if move["applied"]:
            said = f"{name} fired: {trace['because']}"
        else:
            result = "overruled"
            said = f"{name} fired and was overruled: {_overruled(trigger, move)}. It said: {trace['because']}"
    return {
        "trigger": trigger["trigger"],
        "event_id": trigger.get("event_id"),
        "version": trigger.get("version"),
        "scheme": scheme["scheme"],
        **{field: trace[field] for field in ("rule", "outcome", "file", "line")},
        "result": result,
        "conditions": decided,
        "said": said,
    }


def _condition(condition: Mapping[str, Any]) -> str:
    named = ", ".join(f"{name} = {in_words(value)}" for name, value in condition["operands"].items())
    return f"{condition['expression']} was {'true' if condition['value'] else 'false'}" + (named and f" with {named}")


def _overruled(trigger: Mapping[str, Any], loser: Mapping[str, Any]) -> str:
    """Why a move was not applied: see `service.engine.replay.arbitration.losers`."""
    roles = {scheme["scheme"]: scheme["role"] for scheme in trigger["schemes"]}
    if trigger["before"]["deloaded"] and roles[loser["scheme"]] == "deload":
        return "a deload came already, and no session was performed since"
    if _is_extra(trigger):
        return "a set on top of what was asked for can only raise"
    winner = next(move for move in trigger["moves"] if move["applied"] and move["from"] != move["to"])
    return f"{winner['rule']} makes it {in_words(winner['to'])}"


def _is_extra(trigger: Mapping[str, Any]) -> bool:
    """Whether the rules were asked about a set on top of what was asked for."""
    return "reading" in trigger and trigger["reading"]["as"] == How.EXTRA


def deciding(when: Node, conditions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of a rule's traced conditions that made its ``when`` come out as it did.

    Of an ``and`` that is false it is the first false part, of an ``or`` that is false all of them are; ``not`` turns
    this round, so a condition that is true can be what kept a rule from firing.
    """
    return _decided(when, iter(conditions))[1]


def _decided(node: Node, left: Iterator[Mapping[str, Any]]) -> tuple[bool | None, list[Mapping[str, Any]]]:
    match node:
        case Logic():
            settles = node.operator == "or"
            parts = [_decided(operand, left) for operand in node.operands]
            settled = next((part for part in parts if part[0] is settles), None)
            return settled or (
                None if any(value is None for value, _ in parts) else not settles,
                [leaf for _, leaves in parts for leaf in leaves],
            )
        case Not():
            value, leaves = _decided(node.operand, left)
            return (None if value is None else not value), leaves
    leaf = next(left)
    return (leaf["value"] if isinstance(leaf["value"], bool) else None), [leaf]


def _rules(trigger: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for scheme in trigger["schemes"]:
        for rule in scheme["rules"]:
            yield scheme, rule


def in_words(value: Any) -> str:
    """A value of a derivation for a person: a load, a range, a number, yes or no, or that it is not known."""
    match value:
        case {"value": amount, "unit": unit}:
            return f"{amount} {unit}"
        case {"min": low, "max": high}:
            return str(low) if low == high else f"{low}-{high}"
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
