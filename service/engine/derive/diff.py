"""What differs between two derivations: of two versions, two days, two rule sets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

_SUBSTANCE: Final = ("slot", "version", "valid_from", "status", "outcome", "because", "rule_set")
_WHOLE: Final = ({"value", "unit"}, {"min", "max"})
"""Objects that are one value to a reader: a load, a range."""


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What differs in facts, rules, state and sets; a difference is ``{path, before, after}``.

    Triggers are matched by kind and event; those without an event, and several of a kind by one event, in their order.
    A trigger that only one derivation has is named with what its rules came to.
    """
    ones, others = _keyed(before["triggers"]), _keyed(after["triggers"])
    triggers = [_trigger(ones.get(key), others.get(key)) for key in dict.fromkeys([*ones, *others])]
    return {
        "before": before["prescription"]["prescription_id"],
        "after": after["prescription"]["prescription_id"],
        "same": before["sha256"] == after["sha256"],
        "prescription": differences(_substance(before), _substance(after)),
        "earlier": differences(before["earlier"]["state"], after["earlier"]["state"]),
        "triggers": [each for each in triggers if each["in"] != "both" or each["facts"] or each["rules"]],
        "state": differences(before["state"], after["state"]),
        "sets": differences(_sets(before), _sets(after)),
    }


def _substance(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: document["prescription"][name] for name in _SUBSTANCE} | {"log_head": document["log_head"]}


def _sets(document: Mapping[str, Any]) -> dict[str, Any]:
    return {str(each["index"]): each for each in document["prescription"]["sets"]}


def differences(before: Any, after: Any, path: str = "") -> list[dict[str, Any]]:
    """The places where two JSON values differ, as JSON pointers; None where one of them has nothing."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() not in _WHOLE:
        return [
            difference
            for name in dict.fromkeys([*before, *after])
            for difference in differences(before.get(name), after.get(name), f"{path}/{_escaped(name)}")
        ]
    return [{"path": path, "before": before, "after": after}]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _keyed(triggers: Sequence[Mapping[str, Any]]) -> dict[tuple[str | None, str | None, int], Mapping[str, Any]]:
    seen: Counter[tuple[str | None, str | None]] = Counter()
    keyed = {}
    for trigger in triggers:
        key = trigger["trigger"], trigger.get("event_id")
        seen[key] += 1
        keyed[(*key, seen[key])] = trigger
    return keyed


def _trigger(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> dict[str, Any]:
    some: Mapping[str, Any] = before or after or {}
    ones, others = _results(before), _results(after)
    return {
        "trigger": some["trigger"],
        "event_id": some.get("event_id"),
        "in": "both" if before and after else "before" if before else "after",
        "facts": differences(_facts(before), _facts(after)) if before and after else [],
        "rules": [
            {"scheme": scheme, "rule": rule, "before": one, "after": other}
            for scheme, rule in dict.fromkeys([*ones, *others])
            if (one := ones.get((scheme, rule))) != (other := others.get((scheme, rule)))
        ],
    }


def _facts(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """What each scheme's conditions read, by scheme and name, and the set as it was logged."""
    facts: dict[str, Any] = {"set": trigger["set"]} if "set" in trigger else {}
    for scheme in trigger.get("schemes", ()):
        facts[scheme["scheme"]] = {
            name: value
            for rule in scheme["rules"]
            for condition in rule["conditions"]
            for name, value in condition["operands"].items()
        }
    return facts


def _results(trigger: Mapping[str, Any] | None) -> dict[tuple[str, str], str]:
    """What each rule came to, by scheme and name."""
    if trigger is None:
        return {}
    lost = {(move["scheme"], move["rule"]) for move in trigger.get("moves", ()) if not move["applied"]}
    return {
        (key := (scheme["scheme"], rule["rule"])): "overruled" if key in lost else rule["result"]
        for scheme in trigger.get("schemes", ())
        for rule in scheme["rules"]
    }
