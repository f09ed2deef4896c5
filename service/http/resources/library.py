"""What the published rules know: exercises, schemes, programmes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import Flask, Response

from service.domain.exercises import Exercise
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.http.event_json import fields_json
from service.http.replies import place_of, reply_page
from service.http.schemas.queries import PAGE, query
from service.usecases.rules.published_library import catalogue, published_schemes
from service.usecases.services import Services

Item = TypeVar("Item")


def register(app: Flask, services: Services) -> None:
    """Add the operations to ``app``."""

    @app.get("/v1/exercises")
    def list_exercises() -> Response:
        """The catalogue, by id."""
        chosen, after = _page(catalogue(services).exercises)
        return reply_page("exercises", [_exercise(exercise) for exercise in chosen], after)

    @app.get("/v1/schemes")
    def list_schemes() -> Response:
        """Progression and deload schemes, by id: also those that no programme uses, for simulations may."""
        chosen, after = _page(published_schemes(services))
        return reply_page("schemes", [_scheme(scheme) for scheme in chosen], after)

    @app.get("/v1/programmes")
    def list_programmes() -> Response:
        """Programmes in their newest published version, by id."""
        chosen, after = _page(catalogue(services).rule_sets)
        return reply_page("programmes", [_programme(rule_set) for rule_set in chosen], after)


def _page(items: Mapping[str, Item]) -> tuple[list[Item], str | None]:
    """The items of the page that was asked for, by id, and the id of its last where more follow."""
    page = query(PAGE)
    after = place_of(page["after"]) if "after" in page else ""
    names = [name for name in sorted(items) if name > after]
    chosen = names[: page["limit"]]
    return [items[name] for name in chosen], chosen[-1] if len(names) > len(chosen) else None


def _exercise(exercise: Exercise) -> dict[str, Any]:
    reps = exercise.reps
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "equipment": exercise.equipment,
        "load": exercise.load,
        "measure": exercise.measure,
        "one_sided": exercise.one_sided,
        "mechanic": exercise.mechanic,
        "force": exercise.force,
        "level": exercise.level,
        "category": exercise.category,
        "muscles": {"target": exercise.target, "synergists": exercise.synergists},
        "reps": None if reps is None else {"min": reps[0], "max": reps[1]},
        "increase": None if exercise.increase is None else dict(exercise.increase),
        "aliases": exercise.aliases,
        "cues": exercise.cues,
        "sources": exercise.sources,
    }


def _scheme(scheme: Scheme) -> dict[str, Any]:
    return {
        "scheme": scheme.id,
        "title": scheme.title,
        "role": scheme.role,
        "lever": scheme.lever,
        "measure": scheme.measure,
        "notes": scheme.notes,
        "params": [_parameter(parameter) for parameter in scheme.parameters.values()],
        "sources": scheme.sources,
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    document: dict[str, Any] = {
        "name": parameter.name,
        "type": "table" if parameter.table else parameter.type,
        "default": parameter.default,
        "from": parameter.low,
        "to": parameter.high,
        "about": parameter.about,
    }
    if parameter.words:
        document["of"] = parameter.words
    if parameter.table:
        names = [column.name for column in parameter.table]
        document["columns"] = [_parameter(column) for column in parameter.table]
        document["default"] = [dict(zip(names, row, strict=True)) for row in parameter.default]
    return document


def _programme(rule_set: RuleSet) -> dict[str, Any]:
    programme = rule_set.programme
    return {
        "programme": programme.id,
        "title": programme.title,
        "digest": rule_set.digest,
        "notes": programme.notes,
        "equipment": {unit: fields_json(said) for unit, said in programme.equipment.items()},
        "days": [
            {
                "day": day.id,
                "title": day.title,
                "slots": [
                    {
                        "slot": slot.id,
                        "exercise": slot.exercise,
                        "progression": slot.progression.scheme,
                        "deloads": [deload.scheme for deload in slot.deloads],
                    }
                    for slot in day.slots
                ],
            }
            for day in programme.days
        ],
        "sources": programme.sources,
    }
