"""What is declared of a fact, all of it in one place: whoever needs to know more of facts adds a field here."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

from service.domain.exercises import Measure
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import NATURAL, Column, Limits, Type

Sign: TypeAlias = Literal["any", "at least 0", "above 0"]
"""What a load may be: below 0 as well, as assistance with an added load is, or not."""

AFTER_SET: Final = frozenset({Trigger.AFTER_SET})
AFTER_EXERCISE: Final = frozenset({Trigger.AFTER_EXERCISE})
AFTER_TRAINING: Final = frozenset({Trigger.AFTER_SET, Trigger.AFTER_EXERCISE, Trigger.AFTER_SESSION})
WHEN_TIME_PASSED: Final = frozenset({Trigger.AFTER_WEEK, Trigger.BEFORE_PRESCRIPTION})
EVERY_RULE: Final = frozenset(Trigger)
EVERYWHERE: Final = None
"""In initial values too."""

LEVER: Final = "lever"
"""The fact that a deload changes; in a progression the file gives it one of two names of its own."""


class Fact(NamedTuple):
    """A fact that rules may read."""

    name: str
    type: Type
    path: str
    """Where generated code finds it: Python over ``facts`` (`service.engine.replay.fact_values.Facts`, what belongs to
    the moment) or ``track`` (what belongs to the thread of progress). Without a dot it is a constant of the exercise,
    which `service.engine.language.compiler.bind` knows by the fact's name."""
    triggers: frozenset[Trigger] | None
    """When it is known; None: everywhere, initial values included."""
    phrase: str
    """How a sentence names it; one that is true or false, as the sentence itself."""
    description: str
    """What it is, for the reference."""
    unit: str = ""
    """Of a number; a load is in the lifter's unit."""
    optional: bool = False
    """Whether it may be unknown, so that a rule must ask ``known()`` first."""
    words: tuple[str, ...] = ()
    """Those that a word may be; none: any."""
    columns: tuple[Column, ...] = ()
    """What each row of a list holds."""
    limits: Limits = NATURAL
    """Of a number, or of both ends of a range. Checker and proofs build on it."""
    sign: Sign = "any"
    """Of a load. The proofs build on it."""
    plural: bool = False
    """Whether its phrase speaks of several."""
    at_first_set: bool = False
    """Whether it is known when a track's first set makes the lever."""
    measure: Measure | None = None
    """What a scheme must measure to read it; None: either."""
    known_with: str = ""
    """Another fact that may be unknown: where that is known, so is this one."""
    of_sets: bool = False
    """Whether it is made of a session's work sets, which are kept where a rule reads it."""
    nickname: str = ""
    """A shorter name by which coaches call it, for a hint."""

    def read_by(self, measure: Measure | None) -> Fact:
        """The fact as a scheme that measures this reads it: a list without the columns of what it does not measure."""
        columns = tuple(column for column in self.columns if column.measure in (None, measure))
        return self._replace(columns=columns)
