"""A rule set: a programme and everything it uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from service.domain.exercises import Exercise
from service.engine.ruleset.programme import Programme
from service.engine.ruleset.scheme import Scheme


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A programme and everything it uses; ``digest`` is the SHA-256 (hex) of the files' exact bytes."""

    digest: str
    programme: Programme
    schemes: Mapping[str, Scheme]
    exercises: Mapping[str, Exercise]
    files: Mapping[str, bytes]

    @property
    def edition(self) -> int:
        """By which edition of the engine its results come about: the one that the programme names."""
        return self.programme.edition

    @property
    def equipment(self) -> frozenset[str]:
        """What the programme's exercises take; nothing where it serves whatever is logged."""
        named = {slot.exercise for slot in self.programme.slots if slot.exercise is not None}
        return frozenset(self.exercises[name].equipment for name in named)
