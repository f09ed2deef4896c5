"""Exercise files: the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast, get_args

from service.domain.exercises import Exercise, LoadConvention, Measure
from service.domain.loads import Unit
from service.engine.files.fields import Fields, boolean, choice, identity, items, kebab, plain, sources, text
from service.engine.files.parameters import of_type
from service.engine.files.reading import Mistake, Node, Problems
from service.engine.language.types import Type

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

_KEYS = (
    "exercise",
    "title",
    "equipment",
    "load",
    "measure",
    "one_sided",
    "muscles",
    "reps",
    "increase",
    "aliases",
    "cues",
    "sources",
)


def exercise_from(file: str, node: Node, problems: Problems) -> Exercise | None:
    """Check an exercise; None, and something in ``problems``, when it is not right."""
    before = len(problems.errors)
    with problems.collecting():
        fields = Fields(node, problems, "an exercise", _KEYS)
        muscles = Fields(fields.need("muscles"), problems, "muscles", ("target", "synergists"))
        exercise = Exercise(
            id=identity(fields, "exercise", file),
            title=text(fields.need("title"), "title"),
            equipment=choice(EQUIPMENT)(fields.need("equipment"), "equipment"),
            load=cast(LoadConvention, choice(get_args(LoadConvention))(fields.need("load"), "load")),
            measure=cast(Measure, fields.optional("measure", choice(get_args(Measure))) or "reps"),
            one_sided=fields.optional("one_sided", boolean) or False,
            target=_targets(muscles.need("target"), "target"),
            synergists=muscles.optional("synergists", _kebabs) or (),
            reps=fields.optional("reps", _reps),
            increase=fields.optional("increase", _increase),
            aliases=fields.optional("aliases", _texts) or (),
            cues=fields.optional("cues", _texts) or (),
            sources=sources(fields, problems, needed=True),
        )
        return exercise if len(problems.errors) == before else None
    return None


def _targets(node: Node, what: str) -> tuple[str, ...]:
    muscles = _kebabs(node, what)
    if not muscles:
        raise Mistake(node.at, "target is empty: name the muscles that the exercise is for, for example [lats].")
    return muscles


def _kebabs(node: Node, what: str) -> tuple[str, ...]:
    return _each(node, what, kebab)


def _texts(node: Node, what: str) -> tuple[str, ...]:
    return _each(node, what, text)


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
