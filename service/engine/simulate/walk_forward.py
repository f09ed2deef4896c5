"""The measure of walk-forward: what was asked for before each session of a log, beside what was then lifted.

A case is an exercise in a session that was lifted before and is now. What is compared is the heaviest work set asked
for with the heaviest lifted, in the unit that was logged; warm-ups, drop sets, timed sets and loads of 0 or less are no
case. Quotients are taken of binary fractions, as any client takes them of the numbers in the API's JSON, so that
measuring over HTTP gives the same counts: 105 asked for 100 lifted is a hair more than 5 % off.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from service.domain.events import SetLogged
from service.domain.instants import Instant
from service.domain.loads import Unit, convert
from service.domain.prescription import Prescription

MOST_PERCENT: Final = 25
"""Deviations are told apart up to so many percent."""

_LIMITS: Final = tuple(percent / 100 for percent in range(MOST_PERCENT + 1))
_RAISED: Final = 1.005
_LOWERED: Final = 0.995
_TOO_MUCH: Final = 1.05
_NEAR: Final = 0.05

_MOST_REPS: Final = 12
"""Repetitions beyond these say nothing about strength: they count as these."""

_STEP: Final[dict[Unit, Decimal]] = {"kg": Decimal("2.5"), "lb": Decimal(5)}
_SAME: Final = Decimal("0.05")
"""Loads no further apart are one load, converted or written otherwise."""


class Set(NamedTuple):
    """A work set, its load in the unit at hand."""

    load: Decimal
    reps: int


class Lifted(NamedTuple):
    """An exercise in a session: its heaviest work set (of those, one with the most repetitions) and best estimate."""

    top: Set
    best: float


class Case(NamedTuple):
    """An exercise in the session that began ``at``; loads are in ``unit``, which is the one that was logged.

    ``last`` is last time's heaviest load, ``highest`` the heaviest ever before. ``prescription`` is what was asked for
    when the log had its first ``version`` events. ``has``: the lifter's gym seems to have the load asked for.
    """

    exercise: str
    session: str | None
    at: Instant
    version: int
    unit: Unit
    asked: Set
    lifted: Lifted
    last: Decimal
    highest: Decimal
    has: bool
    prescription: Prescription

    @property
    def apart(self) -> float:
        """How far what was asked for lies from what was lifted: the larger by the smaller."""
        one, other = float(self.asked.load), float(self.lifted.top.load)
        return max(one, other) / min(one, other) if min(one, other) > 0 else float("inf")


def estimate(performed: Set) -> float:
    """An estimate of the one-repetition maximum (Epley's), of at most twelve repetitions."""
    return float(performed.load) * (1 + min(performed.reps, _MOST_REPS) / 30)


def lifted(sets: Iterable[SetLogged], unit: Unit) -> Lifted | None:
    """What an exercise's sets in a session come to; None where none of them is a counted work set."""
    work = [
        Set(each.load.in_unit(unit), each.reps)
        for each in sets
        if each.kind not in ("warmup", "drop") and each.reps is not None and each.reps > 0
    ]
    return Lifted(max(work), max(map(estimate, work))) if work else None


def asked(prescription: Prescription, unit: Unit) -> Set | None:
    """The heaviest work set that a prescription asks for, with its fewest repetitions; None where no load is known."""
    found = [
        Set(convert(each.load.value, each.load.unit, unit), 0 if each.reps is None else int(each.reps.min))
        for each in prescription.sets
        if each.kind != "warmup" and each.load is not None
    ]
    return max(found, key=lambda each: each.load, default=None)


def has_load(load: Decimal, used: Collection[Decimal], unit: Unit) -> bool:
    """Whether a gym in which the loads ``used`` were lifted seems to have another: one of them, or whole steps away.

    The step is the smallest gap between two of them, else 2.5 kg or 5 lb.
    """
    known = sorted(set(used))
    gaps = [gap for one, other in pairwise(known) if (gap := other - one) > _SAME]
    step = min(gaps, default=_STEP[unit])
    return any(abs(load - each - round((load - each) / step) * step) <= _SAME for each in known)


class Share(NamedTuple):
    """So many of so many."""

    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """In percent; None of nothing."""
        return 100 * self.part / self.whole if self.whole else None


@dataclass(slots=True)
class Measure:
    """Counts over cases; a raise is 0.5 % or more above last time's heaviest load, a record above all before.

    ``lowered_in_vain``: less was asked for than last time, and at least as much was lifted. ``has``: their gym seems to
    have the load asked for. ``estimate_near`` and ``asked_too_much``: the estimate of what was asked for is within 5 %
    of the day's best, or over 105 % of it. ``asked_off[n]`` counts the cases in which what was asked for lay at most
    n % from what was lifted and more than n - 1, the last entry all that lay further; ``last_off`` the same of what was
    lifted last time.
    """

    cases: int = 0
    asked_off: list[int] = field(default_factory=lambda: [0] * (MOST_PERCENT + 2))
    last_off: list[int] = field(default_factory=lambda: [0] * (MOST_PERCENT + 2))
    raised: int = 0
    raises_asked: int = 0
    raises_right: int = 0
    records: int = 0
    records_asked: int = 0
    records_right: int = 0
    lowered_in_vain: int = 0
    has: int = 0
    estimate_near: int = 0
    asked_too_much: int = 0

    def take(self, case: Case) -> None:
        """Count a case."""
        load, done = float(case.asked.load), float(case.lifted.top.load)
        last, highest = float(case.last), float(case.highest)
        self.cases += 1
        self.asked_off[_off(load, done)] += 1
        self.last_off[_off(last, done)] += 1
        raised, asked_to_raise = done > last * _RAISED, load > last * _RAISED
        self.raised += raised
        self.raises_asked += asked_to_raise
        self.raises_right += raised and asked_to_raise
        record, asked_a_record = done > highest * _RAISED, load > highest * _RAISED
        self.records += record
        self.records_asked += asked_a_record
        self.records_right += record and asked_a_record
        self.lowered_in_vain += load < last * _LOWERED and done >= last * _LOWERED
        self.has += case.has
        estimated, best = estimate(case.asked), case.lifted.best
        self.estimate_near += abs(estimated / best - 1) <= _NEAR
        self.asked_too_much += estimated > _TOO_MUCH * best

    def add(self, other: Measure) -> None:
        """Count what another has counted too."""
        for each in fields(self):
            mine, others = getattr(self, each.name), getattr(other, each.name)
            both = [sum(pair) for pair in zip(mine, others, strict=True)] if isinstance(mine, list) else mine + others
            setattr(self, each.name, both)

    def asked_within(self, percent: int) -> Share:
        """In how many cases what was asked for lay at most so many percent from what was lifted."""
        return Share(sum(self.asked_off[: percent + 1]), self.cases)

    def last_within(self, percent: int) -> Share:
        """The same of what was lifted last time."""
        return Share(sum(self.last_off[: percent + 1]), self.cases)

    def shares(self) -> dict[str, Share]:
        """All there is to say, by name.

        *Foreseen* are those of the lifter's raises or records that were asked for, *right* those of the ones asked for
        that the lifter made.
        """
        return {
            "within_5_percent": self.asked_within(5),
            "within_10_percent": self.asked_within(10),
            "last_time_within_5_percent": self.last_within(5),
            "last_time_within_10_percent": self.last_within(10),
            "raises_foreseen": Share(self.raises_right, self.raised),
            "raises_right": Share(self.raises_right, self.raises_asked),
            "lowered_in_vain": Share(self.lowered_in_vain, self.cases),
            "loads_their_gym_has": Share(self.has, self.cases),
            "records_foreseen": Share(self.records_right, self.records),
            "records_right": Share(self.records_right, self.records_asked),
            "estimate_within_5_percent": Share(self.estimate_near, self.cases),
            "asked_too_much": Share(self.asked_too_much, self.cases),
        }


def total(measures: Iterable[Measure]) -> Measure:
    """All of them counted together."""
    made = Measure()
    for each in measures:
        made.add(each)
    return made


def _off(load: float, done: float) -> int:
    """The fewest whole percent that one is within of the other."""
    return bisect_left(_LIMITS, abs(load / done - 1))
