"""Library schemes with parameters of our own against each rule written down anew in a few lines of Python.

Fifty sessions each, by lifters who do well and badly at random. The lines here know nothing of the rule language.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from service.domain.events import BaselineSet, EventData, SessionCompleted, SetLogged
from service.domain.loads import Load
from service.engine.files.assembling import assembled
from service.usecases.append import Submission
from service.usecases.simulate import LibraryRuleSets, simulate_under
from tests.support.training import DAY, LIBRARY, MONDAY

SESSIONS = 50
Asked = list[tuple[Fraction, int]]
"""What is to be done: the load on the bar, and the fewest repetitions, set by set."""


def on_the_bar(load: Fraction) -> Fraction:
    """Rounded down to a bar of 45 lb and pairs of 45, 25, 10, 5, 2.5 and 1.25; never under the bar."""
    return max(Fraction(45), 45 + (load - 45) // Fraction(5, 2) * Fraction(5, 2))


class Other(ABC):
    """Another system's rule: what it asks for, and what it makes of the repetitions done."""

    load = Fraction(135)

    @abstractmethod
    def asks(self) -> Asked:
        """The sets of the next session."""

    @abstractmethod
    def takes(self, reps: list[int]) -> None:
        """Learn how many repetitions were done of what was asked."""

    def met(self, reps: list[int]) -> bool:
        """Whether every set had the repetitions asked for."""
        return all(done >= least for done, (_, least) in zip(reps, self.asks(), strict=True))

    def alike(self, sets: int, reps: int) -> Asked:
        return [(on_the_bar(self.load), reps)] * sets

    def spread(self) -> tuple[int, int]:
        """How many repetitions fewer or more than asked the lifter does."""
        return (-1, 1)


class Linear(Other):
    """n successes to rise and m failures to fall by a fixed load, both counted since the last change."""

    load = Fraction(137)
    won = lost = 0

    def asks(self) -> Asked:
        return self.alike(4, 6)

    def takes(self, reps: list[int]) -> None:
        if self.met(reps):
            self.won += 1
        else:
            self.lost += 1
        if self.won == 2:
            self.load, self.won, self.lost = self.load + Fraction("7.5"), 0, 0
        elif self.lost == 3:
            self.load, self.won, self.lost = self.load - 12, 0, 0


class ThreeFailures(Other):
    """Three failures in a row take a tenth off what was prescribed."""

    load = Fraction(163)
    lost = 0

    def asks(self) -> Asked:
        return self.alike(5, 6)

    def spread(self) -> tuple[int, int]:
        return (0, 2) if self.load < 175 else (-1, 8)

    def takes(self, reps: list[int]) -> None:
        if min(reps) >= 6:
            self.load, self.lost = self.load + 5, 0
            return
        self.lost += 1
        if self.lost == 3:
            self.load, self.lost = on_the_bar(self.load) * Fraction(9, 10), 0


class AllSetsAtTheTop(Other):
    """Double progression: every set at the top of the range adds a step."""

    load = Fraction(60)

    def asks(self) -> Asked:
        return self.alike(2, 7)

    def spread(self) -> tuple[int, int]:
        return (1, 3)

    def takes(self, reps: list[int]) -> None:
        if min(reps) >= 9:
            self.load += Fraction("3.5")


class SumOfReps(Other):
    """So many repetitions in all sets together add a step."""

    load = Fraction(92)

    def asks(self) -> Asked:
        return self.alike(4, 8)

    def takes(self, reps: list[int]) -> None:
        if sum(reps) >= 33:
            self.load += 4


class Greyskull(Other):
    """The last set is an AMRAP: ten or more double the step; a failure takes a tenth off what was prescribed."""

    load = Fraction(101)

    def asks(self) -> Asked:
        return self.alike(3, 5)

    def spread(self) -> tuple[int, int]:
        return (0, 7) if self.load < 150 else (-2, 2)

    def takes(self, reps: list[int]) -> None:
        if min(reps) < 5:
            self.load = on_the_bar(self.load) * Fraction(9, 10)
        else:
            self.load += 6 if reps[-1] >= 10 else 3


class FirstTier(Other):
    """5x3+, then 6x2+, then 10x1+; failing that, begin anew with a tenth off."""

    load = Fraction(185)
    stage = 0

    def asks(self) -> Asked:
        return self.alike(*((5, 3), (6, 2), (10, 1))[self.stage])

    def spread(self) -> tuple[int, int]:
        return (0, 1) if self.load % 4 else (-1, 1)

    def takes(self, reps: list[int]) -> None:
        if self.met(reps):
            self.load += 10
        elif self.stage < 2:
            self.stage += 1
        else:
            self.load, self.stage = on_the_bar(self.load) * Fraction(9, 10), 0


class SecondTier(Other):
    """3x10, then 3x8, then 3x6; the last failure goes back to the first stage's load and 15 more."""

    load = Fraction(95)
    first = Fraction(0)
    stage = 0

    def asks(self) -> Asked:
        return self.alike(3, (10, 8, 6)[self.stage])

    def takes(self, reps: list[int]) -> None:
        if self.met(reps):
            self.load += Fraction("2.5")
            return
        if self.stage == 0:
            self.first = self.load
        if self.stage < 2:
            self.stage += 1
        else:
            self.load, self.stage = self.first + 15, 0


class ThirdTier(Other):
    """3x15+: 25 or more in the last set add a step, and nothing falls."""

    load = Fraction(50)

    def asks(self) -> Asked:
        return self.alike(3, 15)

    def spread(self) -> tuple[int, int]:
        return (-2, 12)

    def takes(self, reps: list[int]) -> None:
        if min(reps) >= 15 and reps[-1] >= 25:
            self.load += 5


class TrainingMax(Other):
    """nSuns: the third set, 95 % for one or more, decides by how much the training max rises."""

    load = Fraction(211)
    shares = ((75, 5), (85, 3), (95, 1), (90, 3), (85, 3))

    def asks(self) -> Asked:
        return [(on_the_bar(self.load * share / 100), reps) for share, reps in self.shares]

    def spread(self) -> tuple[int, int]:
        return (0, 6)

    def takes(self, reps: list[int]) -> None:
        decided = reps[2]
        self.load += 0 if decided <= 1 else 5 if decided <= 3 else 10 if decided <= 5 else 15


_STEPS = "steps: [{reps: [5, 9], add: {lb: 3, kg: 1}}, {reps: [10, 1000], add: {lb: 6, kg: 2}}]"
_LINES = (
    "lines: [{percent: 75, reps: 5}, {percent: 85, reps: 3}, {percent: 95, reps: 1, amrap: true}, "
    "{percent: 90, reps: 3}, {percent: 85, reps: 3, amrap: true}]"
)
_TIER_2 = "stages: [{sets: 3, reps: 10}, {sets: 3, reps: 8}, {sets: 3, reps: 6}]"

RULES: list[tuple[type[Other], str]] = [
    (
        Linear,
        (
            "linear: {sets: 4, reps: 6, increase: {lb: 7.5, kg: 1}, successes: 2, failures: 3, counting: since_change, "
            "fall: load, decrease: {lb: 12, kg: 1}, fall_from: raw}"
        ),
    ),
    (ThreeFailures, "linear: {sets: 5, reps: 6, increase: {lb: 5, kg: 2.5}, failures: 3, cut: 10}"),
    (AllSetsAtTheTop, "double-progression-all-sets: {sets: 2, reps: [7, 9], increase: {lb: 3.5, kg: 1}}"),
    (SumOfReps, "sum-of-reps: {sets: 4, reps: [8, 12], total: 33, increase: {lb: 4, kg: 2}}"),
    (Greyskull, f"amrap-steps: {{sets: 3, reps: 5, {_STEPS}, cut: 10}}"),
    (FirstTier, "stages: {increase: {lb: 10, kg: 5}, cut: 10}"),
    (
        SecondTier,
        f"stages: {{{_TIER_2}, increase: {{lb: 2.5, kg: 1}}, after_last: above_first, above: {{lb: 15, kg: 7.5}}}}",
    ),
    (ThirdTier, "amrap-steps: {reps: 15, steps: [{reps: [25, 1000], add: {lb: 5, kg: 2.5}}], cut: 0}"),
    (TrainingMax, f"training-max-steps: {{{_LINES}}}"),
]


def _programme(progression: str) -> bytes:
    return f"""
programme: mine
title: One lift
sources: [{{title: our own, gives: all}}]
equipment:
  bar: {{lb: 45, kg: 20}}
  plates: {{lb: [45, 25, 10, 5, 2.5, 1.25], kg: [20, 10, 5, 2.5, 1.25]}}
  rounding: down
days:
  - day: a
    slots:
      - {{slot: lift, exercise: bench-press, progression: {{{progression}}}}}
""".encode()


def _load(value: Fraction) -> Load:
    return Load(Decimal(value.numerator) / Decimal(value.denominator), "lb")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("rule", "progression"), RULES, ids=lambda each: getattr(each, "__name__", ""))
def test_fifty_sessions_are_prescribed_as_the_other_system_does(rule: type[Other], progression: str, seed: int) -> None:
    chance = random.Random(f"{rule.__name__} {seed}")
    other = rule()
    start = "training_max" if rule is TrainingMax else "load"
    events: list[EventData] = [BaselineSet("bench-press", **{start: _load(other.load)})]
    expected = [other.asks()]
    for session in range(SESSIONS):
        asked = other.asks()
        low, high = other.spread()
        reps = [max(least + chance.randint(low, high), 0) for _, least in asked]
        events += [
            SetLogged("bench-press", _load(load), done, kind="work", session_id=f"s{session}")
            for (load, _), done in zip(asked, reps, strict=True)
        ]
        events.append(SessionCompleted(f"s{session}"))
        other.takes(reps)
        expected.append(other.asks())
    log = [Submission(f"e{number}", MONDAY + number * DAY // 20, data) for number, data in enumerate(events)]
    rule_set = assembled({"mine.yaml": _programme(progression)}, "mine", LIBRARY)
    simulated = simulate_under(rule_set, LibraryRuleSets(LIBRARY), log)
    prescribed = [simulated.initial[0], *(each.prescriptions[0] for each in simulated.sessions)]
    assert [_asked(each) for each in prescribed] == expected
    assert len(set(map(str, expected))) > 5


def _asked(prescription: Any) -> Asked:
    return [(Fraction(each.load.value), each.reps.min) for each in prescription.sets]
