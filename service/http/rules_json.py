"""What is said of rule files as the contract has it: mistakes, examples, coverage, differences."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import msgspec

from service.domain.errors import RuleError
from service.domain.prescription import Prescription
from service.engine.changes.rollout_effect import EDGES, Effect, histogram
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.prescription_diff import Divergence
from service.engine.simulate.rule_coverage import Covered
from service.engine.simulate.rule_examples import Failure
from service.http.event_json import read_set_json
from service.usecases.rules.compare_rule_sets import Comparison
from service.usecases.rules.drafts import Draft, Tried

_FIELDS: Final = ("exercise", "slot", "version", "as_of", "sets", "outcome", "because", "rule_set")
"""Of a prescription, what also holds without a log: it cannot be asked for again."""


def without_log(prescriptions: Iterable[Prescription]) -> list[dict[str, Any]]:
    """Prescriptions of what nobody has logged: without what leads back to a log."""
    return [{name: getattr(each, name) for name in _FIELDS} for each in prescriptions]


def mistake_json(mistake: RuleError) -> dict[str, Any]:
    """A mistake at its place."""
    return {"file": mistake.file, "line": mistake.line, "column": mistake.column, "message": mistake.message}


def draft_json(draft: Draft) -> dict[str, Any]:
    """What files hold that check."""
    rule_sets = [draft.library.rule_set(programme.id) for programme in draft.programmes]
    return {
        "mistakes": [],
        "doubts": [mistake_json(each) | {"file": draft.files[each.file]} for each in draft.doubts],
        "schemes": [scheme.id for scheme in draft.schemes],
        "programmes": [
            {"programme": each.programme.id, "title": each.programme.title, "digest": each.digest} for each in rule_sets
        ],
        "exercises": draft.exercises,
        "borrowed": sorted(draft.borrowed),
    }


def example_json(draft: Draft, tried: Tried) -> dict[str, Any]:
    """An example: the lines of it that do not come true, and how its sets were read."""
    whose = {"scheme" if isinstance(tried.of, Scheme) else "programme": tried.of.id}
    return {
        **whose,
        "example": tried.example.name,
        "failures": [_failure(draft, each) | whose for each in tried.came.failures],
        "read": [read_set_json(each) for each in tried.came.read],
    }


def _failure(draft: Draft, failure: Failure) -> dict[str, Any]:
    said = failure._asdict()
    del said["of"]
    return said | {"file": draft.files[failure.file]}


def coverage_json(draft: Draft, covered: list[Covered]) -> dict[str, Any]:
    """How many rules both fired and stayed silent, and those that did not."""
    lacking = [each for each in covered if not each.whole]
    return {
        "rules": len(covered),
        "covered": len(covered) - len(lacking),
        "lacking": [
            {
                "file": draft.files[each.rule.file],
                "line": each.rule.line,
                "rule": each.rule.name,
                "fires": each.fired,
                "stays_silent": each.passed_over,
            }
            for each in lacking
        ],
    }


def effect_json(effect: Effect) -> dict[str, Any]:
    """What a rollout changes; changes of loads are in hundredths of a percent."""
    shown: dict[str, Any] = msgspec.to_builtins(effect, str_keys=True, builtin_types=(Decimal,))
    edges = [None, *EDGES, None]
    bins = zip(pairwise(edges), histogram(effect.moves), strict=True)
    shown["loads"] = {str(change): count for change, count in sorted(effect.loads.items())}
    shown["histogram"] = [{"from": low, "to": high, "prescriptions": count} for (low, high), count in bins]
    return shown


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """How two rule sets differ, in their files and along logs."""
    return {
        "files": [
            {"file": file, "differences": [{**each._asdict(), "where": list(each.where)} for each in values]}
            for file, values in comparison.files.items()
        ],
        "logs": [
            {"log": log, "slots": [_divergence(each) for each in slots]} for log, slots in comparison.logs.items()
        ],
        "untried": comparison.untried,
    }


def _divergence(each: Divergence) -> dict[str, Any]:
    before, after = (None if side is None else without_log([side])[0] for side in (each.before, each.after))
    return {**each._asdict(), "before": before, "after": after}
