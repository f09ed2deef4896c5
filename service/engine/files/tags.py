"""``tags`` of a programme file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast, get_args

from service.domain.exercises import Level
from service.engine.files.fields import Fields, choice, collected, found, items, whole
from service.engine.files.yaml_tree import Node, Problems
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.tags import MOST_DAYS_A_WEEK, MOST_MINUTES, Goal, Tags

_KEYS: Final = ("goals", "level", "days_a_week", "minutes")
_ELSEWHERE: Final = {"equipment": "It is known from the exercises of the slots; leave it out."}
_GOALS: Final = get_args(Goal)


def tags_from(node: Node, days: int, problems: Problems) -> Tags:
    """Tags of a programme that has at most so many ``days`` in a week. Mistake for what they do not know."""
    fields = Fields(node, problems, "tags", _KEYS, _ELSEWHERE)
    goals: tuple[Goal, ...] = ()
    with problems.collecting():
        goals = _goals(fields.need("goals"), problems) if "goals" in fields else ()
    level: str | None = None
    with problems.collecting():
        level = fields.optional("level", choice(get_args(Level)))
    a_week = fields.optional("days_a_week", _up_to(MOST_DAYS_A_WEEK, "on how many days of a week one trains"))
    if a_week is not None and a_week == days:
        raise Mistake(fields.need("days_a_week").at, f"the programme has {days} days by itself; leave days_a_week out.")
    return Tags(
        goals,
        cast(Level | None, level),
        a_week,
        fields.optional("minutes", _up_to(MOST_MINUTES, "about how many minutes a session takes")),
    )


def _goals(node: Node, problems: Problems) -> tuple[Goal, ...]:
    known = choice(_GOALS)
    goals = collected(items(node, "goals"), problems, lambda each: cast(Goal, known(each, "a goal")))
    if len(set(goals)) < len(goals):
        raise Mistake(node.at, "goals names one twice; keep it once.")
    return tuple(goals)


def _up_to(most: int, meaning: str) -> Callable[[Node, str], int]:
    def take(node: Node, what: str) -> int:
        value = whole(node, what)
        if not 1 <= value <= most:
            raise Mistake(node.at, f"{what} is {meaning}, 1 to {most}, but here is {found(node)}.")
        return value

    return take
