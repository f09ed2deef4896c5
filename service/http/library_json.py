"""Exercises, schemes, programmes and rule sets as the contract has them."""

from __future__ import annotations

from typing import Any

from service.domain.exercises import Exercise
from service.domain.gym_programmes import GymProgramme
from service.domain.instants import render
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme
from service.http.event_json import fields_json
from service.http.replies import time_or_none


def exercise_json(exercise: Exercise) -> dict[str, Any]:
    """An exercise of the catalogue."""
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


def scheme_json(scheme: Scheme) -> dict[str, Any]:
    """A scheme, with what its parameters take."""
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


def programme_json(rule_set: RuleSet, own: GymProgramme | None = None) -> dict[str, Any]:
    """The programme of a rule set, the library's or a gym's ``own``."""
    programme = rule_set.programme
    return {
        "programme": programme.id,
        "owner": "library" if own is None else "gym",
        "title": programme.title,
        "digest": rule_set.digest,
        "notes": programme.notes,
        "tags": {
            "goals": programme.tags.goals,
            "level": programme.tags.level,
            "days_a_week": programme.days_a_week,
            "minutes": programme.tags.minutes,
            "equipment": sorted(rule_set.equipment),
        },
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


def own_programme_json(rule_set: RuleSet, own: GymProgramme) -> dict[str, Any]:
    """A gym's own programme, with what is to be said of its publishing."""
    return {
        **programme_json(rule_set, own),
        "archived_at": time_or_none(own.archived_at),
        "versions": [
            {"digest": each.digest, "published_at": render(each.published_at)} for each in reversed(own.versions)
        ],
    }


def rule_set_json(rule_set: RuleSet) -> dict[str, Any]:
    """A rule set with the files that it is made of, as texts by path: a simulation takes them so."""
    return {
        "digest": rule_set.digest,
        "edition": rule_set.edition,
        "programme": rule_set.programme.id,
        "title": rule_set.programme.title,
        "files": {path: data.decode() for path, data in sorted(rule_set.files.items())},
    }
