"""A made-up lifter: how strong they are in an exercise, what a set costs them and what a session gives them.

It is a caricature for trying rules out, no forecast of anybody's progress. Performance is fitness less fatigue, the
idea of Banister's impulse-response model (Calvert, Banister, Savage and Bach: A systems model of the effects of
training on physical performance. IEEE Transactions on Systems, Man, and Cybernetics, 1976); every number is Spotter's
choice:

- Fitness is the exercise's one-rep max by the same formula as the rule language's ``e1rm``: ``r`` repetitions at a load
  show ``load * (30 + r) / 30``. A session closes a share of the gap to a ceiling (``learning``; half of it after three
  hard sets, three quarters after six), so gains diminish.
- Each hard set, one with at most four repetitions in reserve, takes ``tiring`` of the capacity away; a share of
  ``1 / recovery_days`` of that fatigue is gone every day. Within a session each work set also costs 1 % until its end.
- A day's form swings the capacity by up to ``noise`` either way, by a hash of seed, exercise and day: the same seed
  gives the same training on every machine.

Decimal arithmetic throughout, in the context of all training arithmetic.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from service.domain.exact import exact
from service.domain.exercises import Exercise
from service.domain.loads import CONTEXT, Unit

MOST_REPS: Final = 50
"""Nobody goes on for longer, however light the load."""

_HARD: Final = 4
_WITHIN_A_SESSION: Final = Decimal("0.01")
_BODY_WEIGHT: Final[dict[Unit, Decimal]] = {"kg": Decimal(80), "lb": Decimal(175)}
_USUAL_STEP: Final[dict[Unit, Decimal]] = {"kg": Decimal("2.5"), "lb": Decimal(5)}
_STEPS_TO_BEGIN_WITH: Final = 20
"""The first one-rep max is so many of the steps in which the catalogue raises the exercise."""
_SECONDS: Final = 40
"""What the lifter holds without a load at first."""
_PLACES: Final = Decimal("0.0001")
_ONE: Final = Decimal(1)
_HALF_AFTER_THREE: Final = Decimal("0.7937005")
"""The cube root of a half: what a hard set leaves of the stimulus still to be had."""


class Character(NamedTuple):
    """How somebody trains; shares are of the one-rep max, or of the gap to its ceiling.

    ``misses`` every so many sessions one does not take place, for two weeks; 0: never.
    """

    ceiling: Decimal
    """The one-rep max that is never reached, as a multiple of the first."""
    learning: Decimal
    tiring: Decimal
    recovery_days: int
    noise: Decimal
    misses: int


CHARACTERS: Final[dict[str, Character]] = {
    "typical": Character(Decimal("1.6"), Decimal("0.025"), Decimal("0.004"), 5, Decimal("0.03"), 40),
    "strong": Character(Decimal("2.2"), Decimal("0.04"), Decimal("0.002"), 3, Decimal("0.01"), 0),
    "failing": Character(Decimal("1.08"), Decimal("0.01"), Decimal("0.012"), 9, Decimal("0.06"), 15),
}
"""``typical`` gains for a year and stalls at times; ``strong`` gains fast; ``failing`` stands still and tires."""


def body_weight(unit: Unit) -> Decimal:
    """What every made-up lifter weighs."""
    return _BODY_WEIGHT[unit]


def step_of(exercise: Exercise, unit: Unit) -> Decimal:
    """The step in which the catalogue raises an exercise; where it says none, a common one."""
    return _USUAL_STEP[unit] if exercise.increase is None else exercise.increase[unit]


@dataclass(slots=True)
class Capacity:
    """What a made-up lifter can do in one exercise; loads are as the exercise counts them, in ``unit``."""

    exercise: Exercise
    unit: Unit
    character: Character
    seed: str
    first: Decimal = field(init=False)
    fitness: Decimal = field(init=False)
    fatigue: Decimal = Decimal(0)
    today: Decimal = Decimal(0)
    day: int = -1
    hard_sets: int = 0

    @exact
    def __post_init__(self) -> None:
        begin = step_of(self.exercise, self.unit) * _STEPS_TO_BEGIN_WITH
        self.first = self.fitness = begin + self._carried

    @property
    def _carried(self) -> Decimal:
        """What moves beside the load."""
        return _BODY_WEIGHT[self.unit] if self.exercise.load == "added" else Decimal(0)

    @exact
    def one_rep_max(self) -> Decimal:
        """The load that can be lifted once, rested."""
        return self._in_steps(self.fitness * 30 / 31 - self._carried)

    @exact
    def begin(self, day: int) -> None:
        """Begin a day's training."""
        for _ in range(min(day - self.day, 60) if self.day >= 0 else 0):
            self.fatigue -= self.fatigue / self.character.recovery_days
        self.day = day
        swing = self.character.noise * _chance(f"{self.seed}/{self.exercise.id}/{day}")
        self.today = self.fitness * (_ONE - self.fatigue) * (_ONE + swing)
        self.hard_sets = 0

    @exact
    def most(self, load: Decimal) -> int:
        """The repetitions (or seconds) that are possible now at a load."""
        if self.exercise.measure == "seconds":
            share = max(self.today - load, Decimal(0)) / self.first
            return max(int(_SECONDS * share), 1)
        moved = load + self._carried
        if moved <= 0:
            return MOST_REPS
        return max(min(int(30 * (self.today - moved) / moved), MOST_REPS), 0)

    @exact
    def choice(self, amount: int) -> Decimal:
        """The load to begin with, where none is prescribed: for ``amount`` repetitions with three in reserve."""
        if self.exercise.measure == "seconds":
            return Decimal(0)
        return max(self._in_steps(self.today * 30 / (33 + amount) - self._carried), Decimal(0))

    @exact
    def did(self, reserve: int) -> None:
        """A work set was done, with so many repetitions left."""
        self.today -= self.today * _WITHIN_A_SESSION
        if reserve <= _HARD:
            self.hard_sets += 1

    @exact
    def end(self) -> None:
        """End the day's training: learn from it, and be tired by it."""
        stimulus = _ONE - _HALF_AFTER_THREE**self.hard_sets
        gap = self.first * self.character.ceiling - self.fitness
        self.fitness = (self.fitness + self.character.learning * stimulus * gap).quantize(_PLACES, context=CONTEXT)
        self.fatigue += self.character.tiring * self.hard_sets * (_ONE - self.fatigue)
        self.fatigue = self.fatigue.quantize(_PLACES, context=CONTEXT)

    def _in_steps(self, load: Decimal) -> Decimal:
        step = _USUAL_STEP[self.unit]
        return load // step * step


def _chance(text: str) -> Decimal:
    """Between -1 and 1, mostly near 0: the sum of two even chances, taken from a hash."""
    drawn = hashlib.blake2b(text.encode(), digest_size=4).digest()
    return Decimal(int.from_bytes(drawn[:2]) - int.from_bytes(drawn[2:])) / 65_536
