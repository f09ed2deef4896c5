"""Exercise files: one exercise each, in depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, get_args

from service.domain.exercises import Category, Exercise, Force, Level, LoadConvention, Measure, Mechanic
from service.domain.loads import Unit
from service.engine.files.fields import Fields, boolean, choice, identity, items, kebab, plain, sources, text
from service.engine.files.yaml_tree import Node, Problems
from service.engine.ruleset.parameters import of_type
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.suggestions import nearest
from service.engine.ruleset.types import Type

EQUIPMENT = (
    "barbell",
    "ez-bar",
    "dumbbell",
    "cable",
    "machine",
    "plates",
    "kettlebell",
    "band",
    "body-weight",
    "other",
)

MUSCLES = (
    "abdominals",
    "abductors",
    "adductors",
    "anterior-deltoids",
    "biceps",
    "brachialis",
    "calves",
    "erector-spinae",
    "forearms",
    "glutes",
    "hamstrings",
    "hip-flexors",
    "infraspinatus",
    "lateral-deltoids",
    "latissimus-dorsi",
    "neck",
    "obliques",
    "pectorals",
    "posterior-deltoids",
    "quadriceps",
    "rhomboids",
    "subscapularis",
    "teres-major",
    "teres-minor",
    "trapezius",
    "triceps",
)
"""What sets are counted for: one name for one muscle, or a week's sets of it would be told in two places."""

_ALSO_CALLED = {
    "abs": "abdominals",
    "back": "latissimus-dorsi",
    "chest": "pectorals",
    "core": "abdominals",
    "front-delts": "anterior-deltoids",
    "delts": "lateral-deltoids",
    "deltoids": "lateral-deltoids",
    "lats": "latissimus-dorsi",
    "lower-back": "erector-spinae",
    "pecs": "pectorals",
    "quads": "quadriceps",
    "rear-delts": "posterior-deltoids",
    "shoulders": "lateral-deltoids",
    "side-delts": "lateral-deltoids",
    "traps": "trapezius",
    "upper-back": "rhomboids",
}

SHAREABLE = (
    "equipment",
    "load",
    "measure",
    "one_sided",
    "mechanic",
    "force",
    "level",
    "category",
    "reps",
    "increase",
)
"""What a catalogue may say once for many exercises."""

_KEYS = ("exercise", "title", "muscles", *SHAREABLE, "aliases", "cues", "sources")


def exercise_from(file: str, node: Node, problems: Problems) -> Exercise | None:
    """Check an exercise; None, and something in ``problems``, when it is not right."""
    before = len(problems.errors)
    with problems.collecting():
        fields = Fields(node, problems, "an exercise", _KEYS)
        muscles = Fields(fields.need("muscles"), problems, "muscles", ("target", "synergists"))
        for key in ("equipment", "load"):
            fields.need(key)
        exercise = Exercise(
            id=identity(fields, "exercise", file),
            title=text(fields.need("title"), "title"),
            **shareable(fields),
            **worked(muscles),
            aliases=fields.optional("aliases", texts) or (),
            cues=fields.optional("cues", texts) or (),
            sources=sources(fields, problems, needed=True),
        )
        return exercise if len(problems.errors) == before else None
    return None


def shareable(fields: Fields) -> dict[str, Any]:
    """Those of the `SHAREABLE` that are there."""
    return {name: take(node, name) for name, take in _FACTS.items() if (node := fields.get(name)) is not None}


def worked(fields: Fields) -> dict[str, Any]:
    """The muscles at work: the target, and the synergists if there are any."""
    target = _targets(fields.need("target"), "target")
    synergists = fields.optional("synergists", _muscles) or ()
    for name, muscles in (("target", target), ("synergists", synergists)):
        for place, muscle in enumerate(muscles):
            if muscle in muscles[:place] or (name == "synergists" and muscle in target):
                at = items(fields.need(name), name)[place].at
                raise Mistake(at, f"{muscle} is named twice; a muscle is either a target or a synergist, once.")
    return {"target": target, "synergists": synergists}


def texts(node: Node, what: str) -> tuple[str, ...]:
    """A list of texts."""
    return _each(node, what, text)


def _targets(node: Node, what: str) -> tuple[str, ...]:
    muscles = _muscles(node, what)
    if not muscles:
        raise Mistake(node.at, "target is empty: name the muscles that the exercise is for, for example [pectorals].")
    return muscles


def _muscles(node: Node, what: str) -> tuple[str, ...]:
    return _each(node, what, _muscle)


def _muscle(node: Node, what: str) -> str:
    name = kebab(node, what)
    if name not in MUSCLES:
        meant = _ALSO_CALLED.get(name) or nearest(name, MUSCLES)
        hint = f"Did you mean {meant}?" if meant else f"There are {', '.join(MUSCLES)}."
        raise Mistake(node.at, f"no muscle is called {name}. {hint}", len(name))
    return name


def _each(node: Node, what: str, take: Callable[[Node, str], str]) -> tuple[str, ...]:
    return tuple(take(value, f"an entry of {what}") for value in items(node, what))


def _reps(node: Node, what: str) -> tuple[int, int]:
    value: tuple[int, int] = _typed(node, what, "range")
    if value[0] < 1:
        raise Mistake(node.at, f"{what} start at 1, but here is {value[0]}.")
    return value


def _increase(node: Node, what: str) -> Mapping[Unit, Decimal]:
    value: Mapping[Unit, Decimal] = _typed(node, what, "load")
    if min(value.values()) <= 0:
        raise Mistake(node.at, f"{what} must be more than 0 in each unit.")
    return value


def _typed(node: Node, what: str, type_: Type) -> Any:
    try:
        return of_type(what, type_, plain(node))
    except ValueError as error:
        raise Mistake(node.at, str(error)) from None


_FACTS: Mapping[str, Callable[[Node, str], Any]] = {
    "equipment": choice(EQUIPMENT),
    "load": choice(get_args(LoadConvention)),
    "measure": choice(get_args(Measure)),
    "one_sided": boolean,
    "mechanic": choice(get_args(Mechanic)),
    "force": choice(get_args(Force)),
    "level": choice(get_args(Level)),
    "category": choice(get_args(Category)),
    "reps": _reps,
    "increase": _increase,
}
