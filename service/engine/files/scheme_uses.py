"""Uses of schemes and exercises by their names: which there are, with what parameters, and what was meant by others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain.exercises import Exercise, Measure
from service.engine.files.fields import collected, entries, items, kebab, report_repeated
from service.engine.files.parameter_values import value_at
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.ruleset.known_exercises import KnownExercises
from service.engine.ruleset.places import AlreadySaid, Mistake, Scalar
from service.engine.ruleset.programme import SchemeUse
from service.engine.ruleset.scheme import Scheme, unknown_parameter
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.triggers import Role


class SchemeUses:
    """Reads what programmes name of a library; ``broken`` are files of it that exist but did not check."""

    def __init__(self, schemes: Mapping[str, Scheme], broken: frozenset[str]) -> None:
        self._schemes = schemes
        self._broken = broken

    def use(self, node: Node, role: Role, measure: Measure | None, problems: Problems) -> SchemeUse:
        """A scheme by its name alone, or with parameters: ``stall``, ``{stall: {sessions: 3}}``.

        ``measure`` is what the exercise is measured in; None where that is not known.
        """
        name, given = _name_and_params(node, role)
        candidates = {scheme.id: scheme for scheme in self._schemes.values() if scheme.role == role}
        scheme = candidates.get(name.text)
        if scheme is None:
            if name.text in self._schemes:
                raise Mistake(
                    name.at,
                    f"{name.text} is a {self._schemes[name.text].role} scheme and cannot stand under {role}.",
                )
            raise self.unknown(f"{role} scheme", name, candidates)
        if None not in (scheme.measure, measure) and scheme.measure != measure:
            said = f"{scheme.id} measures {scheme.measure}, but this exercise is measured in {measure}"
            raise Mistake(name.at, f"{said}: take another scheme, or another exercise.")
        params = {}
        for key, value in () if given is None else given.values:
            with problems.collecting():
                params[key.text] = _parameter(scheme, key, value, problems)
        return SchemeUse(scheme.id, params)

    def deloads_of(self, deload: Node, measure: Measure | None, problems: Problems) -> tuple[SchemeUse, ...]:
        """The deloads that a list names, each once."""
        nodes = items(deload, "deload")
        deloads = collected(nodes, problems, lambda node: (self.use(node, "deload", measure, problems), node))
        report_repeated([(use.scheme, node) for use, node in deloads], "deload", problems)
        return tuple(use for use, _ in deloads)

    def unknown(self, kind: str, node: Node, candidates: Mapping[str, object]) -> Mistake:
        """The mistake of a name that there is not; nothing more to say where its file did not check."""
        name = node.text if isinstance(node, Scalar) else ""
        if name in self._broken:
            return AlreadySaid(node.at, "")
        listed = f" There are {', '.join(sorted(candidates))}." if len(candidates) <= 20 else ""
        if not candidates:
            listed = " These files hold none: all that programmes use stands beside them, as in Spotter's own rules/."
        hint = (
            (_short_for(name, candidates) if kind == "exercise" else _named_in(name, candidates))
            or suggestion(name, candidates)
            or listed
        )
        return Mistake(node.at, f"there is no {kind} {name}.{hint}")


def _named_in(name: str, candidates: Mapping[str, object]) -> str:
    """Ask "did you mean" for a candidate whose name is a word of the wrong one: linear in linear-progression."""
    meant = next((word for word in name.split("-") if word in candidates and word != name), "")
    return f" Did you mean {meant}?" if meant else ""


def _short_for(name: str, candidates: Mapping[str, object]) -> str:
    """Ask the same for an exercise that the wrong name is short for, or a part of."""
    exercises = {key: each for key, each in candidates.items() if isinstance(each, Exercise)}
    known = KnownExercises(exercises)
    meant, last = known.meant_by(name), name.rpartition("-")[2]
    if last not in meant and last in (by_last := known.meant_by(last)):
        meant = by_last
    return f" Did you mean {meant}?" if meant else ""


def _name_and_params(node: Node, role: str) -> tuple[Scalar, Entries | None]:
    if isinstance(node, Scalar):
        kebab(node, role)
        return node, None
    pairs = entries(node, role).values
    if len(pairs) != 1:
        raise Mistake(
            node.at,
            f"{role} names one scheme, as {{name: {{parameter: value}}}}, but here are {len(pairs)} names.",
        )
    ((name, params),) = pairs
    return name, entries(params, f"the parameters of {name.text}")


def _parameter(scheme: Scheme, key: Scalar, node: Node, problems: Problems) -> Any:
    if key.text not in scheme.parameters:
        raise Mistake(key.at, unknown_parameter(scheme, key.text))
    return value_at(scheme.parameters[key.text], node, problems)
