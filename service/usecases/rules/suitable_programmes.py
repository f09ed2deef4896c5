"""Which programmes suit somebody, by what their files say and what their exercises take."""

from __future__ import annotations

from typing import Final, NamedTuple

from service.engine.ruleset.rule_set import RuleSet


class Suitable(NamedTuple):
    """What somebody looks for; None: whatever it is. A programme that does not say what is asked for does not suit."""

    goal: str | None = None
    level: str | None = None
    days_a_week: int | None = None
    equipment: frozenset[str] | None = None
    """What there is to train with, beside the body: all that the exercises take is among it."""
    minutes: int | None = None
    """The most that a session may take."""

    def includes(self, rule_set: RuleSet) -> bool:
        """Whether the programme of a rule set suits."""
        programme = rule_set.programme
        tags = programme.tags
        return (
            self.goal in (None, *tags.goals)
            and self.level in (None, tags.level)
            and self.days_a_week in (None, programme.days_a_week)
            and (self.equipment is None or rule_set.equipment <= self.equipment | {BODY_WEIGHT})
            and (self.minutes is None or (tags.minutes is not None and tags.minutes <= self.minutes))
        )


BODY_WEIGHT: Final = "body-weight"
WHATEVER: Final = Suitable()
