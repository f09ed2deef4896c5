"""Small models of another system, written from what Liftosaur publishes; they share nothing with the engine.

Its `lp`, `dp` and `sum`, its Greyskull, GZCLP and nSuns programmes, and how it rounds, each with parameters drawn by
chance, and what a programme file says to mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import NamedTuple, Protocol

HOUSE = ("45", "25", "10", "5", "2.5", "1.25")
FEWER = ("45", "25", "10", "5")
ZERO = Decimal(0)


class Set(NamedTuple):
    """A set to do, or done: pounds on the bar, and repetitions."""

    load: Decimal
    reps: int


def on_the_bar(raw: Decimal, plates: Sequence[str] = HOUSE) -> Decimal:
    """A bar of 45 and the largest pairs that fit, never too much."""
    side = (raw - 45) / 2
    made = Decimal(45)
    for plate in map(Decimal, plates):
        pairs = max(side // plate, ZERO)
        side -= pairs * plate
        made += 2 * pairs * plate
    return made


class System(Protocol):
    """Another system's rules for one exercise."""

    plates: Sequence[str]
    start: Decimal

    def asked(self) -> list[Set]:
        """The session's sets."""

    def take(self, asked: list[Set], done: list[Set]) -> None:
        """What it makes of a session; a set left out is missing from ``done``."""

    def progression(self) -> str:
        """The same as a programme file says it."""


def load(pounds: object) -> str:
    return f"{{lb: {pounds}, kg: 1}}"


@dataclass
class Judge:
    """What is a success, and what loads are measured from: drawn for each course."""

    last_only: bool
    reps_alone: bool
    rise_from: str
    fall_from: str
    usual: bool = False
    """Whether the file leaves it to the scheme from what a load falls."""

    @classmethod
    def drawn(cls, chance: Random) -> Judge:
        bases = ["raw", "prescribed", "performed"]
        return cls(chance.random() < 0.3, chance.random() < 0.5, chance.choice(bases), chance.choice(bases))

    def succeeded(self, asked: list[Set], done: list[Set]) -> bool:
        """All sets done, and each with its repetitions, perhaps its load; or only the last."""
        pairs = list(zip(asked, done, strict=False))
        pairs = pairs[-1:] if self.last_only else pairs
        enough = all(each.reps >= one.reps and (self.reps_alone or each.load >= one.load) for one, each in pairs)
        return len(done) >= len(asked) and enough

    def base(self, which: str, raw: Decimal, asked: list[Set], done: list[Set]) -> Decimal:
        return {"raw": raw, "prescribed": asked[0].load, "performed": done[-1].load}[which]

    def risen(self, raw: Decimal, asked: list[Set], done: list[Set], step: Decimal) -> Decimal:
        return self.base(self.rise_from, raw, asked, done) + step

    def failed_at(self, raw: Decimal, asked: list[Set], done: list[Set]) -> Decimal:
        """What a failure falls from.

        Never from more than was asked, as theirs would: who misses more than that must not be asked for more than who
        misses it.
        """
        base = self.base(self.fall_from, raw, asked, done)
        return min(base, raw) if self.fall_from == "performed" else base

    def cut(self, raw: Decimal, asked: list[Set], done: list[Set], percent: Decimal) -> Decimal:
        return self.failed_at(raw, asked, done) * (100 - percent) / 100

    def said(self) -> str:
        judged = "last_set" if self.last_only else "all_sets"
        demand = "reps" if self.reps_alone else "load_and_reps"
        fall_from = "" if self.usual else f", fall_from: {self.fall_from}"
        return f"judged: {judged}, demand: {demand}, rise_from: {self.rise_from}{fall_from}"


@dataclass
class Linear:
    """`lp`: so many successes add, so many failures take off, counted since the last change or in a row."""

    chance: Random
    plates: Sequence[str] = HOUSE
    wins: int = 0
    losses: int = 0

    def __post_init__(self) -> None:
        chance = self.chance
        self.judge = Judge.drawn(chance)
        self.sets, self.reps = chance.randint(1, 5), chance.randint(1, 12)
        self.step, self.fall = (
            Decimal(chance.choice(["2.5", "5", "7.5", "10"])),
            Decimal(chance.choice(["5", "7.5", "20"])),
        )
        self.successes, self.failures = chance.randint(1, 3), chance.randint(1, 4)
        self.percent = Decimal(chance.choice([5, 10, 15]))
        self.falls = chance.choice(["load", "load", "percent", "never"])
        self.losses_in_a_row, self.wins_in_a_row = chance.random() < 0.4, chance.random() < 0.4
        self.amrap = chance.random() < 0.5
        if chance.random() < 0.3:
            self.judge.usual, self.judge.fall_from = True, "raw" if self.falls == "load" else "prescribed"
        self.raw = self.start = Decimal(chance.randint(60, 300))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), self.reps)] * self.sets

    def take(self, asked: list[Set], done: list[Set]) -> None:
        if self.judge.succeeded(asked, done):
            self.wins += 1
            self.losses = 0 if self.losses_in_a_row else self.losses
            if self.wins >= self.successes:
                self.raw = self.judge.risen(self.raw, asked, done, self.step)
                self.wins = self.losses = 0
            return
        self.losses += 1
        self.wins = 0 if self.wins_in_a_row else self.wins
        if self.falls != "never" and self.losses >= self.failures:
            base = self.judge.failed_at(self.raw, asked, done)
            less = self.fall if self.falls == "load" else base * self.percent / 100
            self.raw = max(base - less, ZERO)
            self.wins = self.losses = 0

    def progression(self) -> str:
        counted = {True: "in_a_row", False: "since_change"}
        return f"""{{linear: {{sets: {self.sets}, reps: {self.reps}, amrap: {str(self.amrap).lower()},
          increase: {load(self.step)}, successes: {self.successes}, failures: {self.failures},
          counting: {counted[self.losses_in_a_row]}, counting_successes: {counted[self.wins_in_a_row]},
          fall: {self.falls}, decrease: {load(self.fall)}, cut: {self.percent}, {self.judge.said()}}}}}"""


class ThreeFails(Linear):
    """Five by five: a success adds, the third failure in a row takes 10 % off what was on the bar."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.judge = Judge(last_only=False, reps_alone=True, rise_from="raw", fall_from="prescribed")
        self.successes, self.failures, self.falls, self.percent = 1, 3, "percent", Decimal(10)
        self.losses_in_a_row = True

    def progression(self) -> str:
        return f"""{{linear: {{sets: {self.sets}, reps: {self.reps}, amrap: {str(self.amrap).lower()},
          increase: {load(self.step)}, demand: reps}}}}"""


@dataclass
class Ranged:
    """`lp` on a range: its top in all sets is a success, less than its bottom a failure, what is between neither."""

    chance: Random
    plates: Sequence[str] = HOUSE
    losses: int = 0

    def __post_init__(self) -> None:
        self.low = self.chance.randint(4, 8)
        self.high = self.low + self.chance.randint(1, 4)
        self.raw = self.start = Decimal(self.chance.randint(60, 200))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), self.low)] * 3

    def take(self, asked: list[Set], done: list[Set]) -> None:
        fewest = min(each.reps for each in done) if len(done) >= len(asked) else 0
        if fewest >= self.high:
            self.raw, self.losses = self.raw + 5, 0
        elif fewest < self.low:
            self.losses += 1
            if self.losses == 2:
                self.raw, self.losses = self.raw - 10, 0

    def progression(self) -> str:
        return f"""{{linear: {{sets: 3, reps: [{self.low}, {self.high}], target: top, demand: reps, failures: 2,
          counting: since_change, fall: load, decrease: {load(10)}, fall_from: raw}}}}"""


@dataclass
class Double:
    """`dp`: repetitions up to the top of a range, then a step and back to the bottom."""

    chance: Random
    plates: Sequence[str] = HOUSE

    def __post_init__(self) -> None:
        chance = self.chance
        self.judge = Judge.drawn(chance)
        self.judge.last_only = False
        self.low = self.goal = chance.randint(3, 10)
        self.high = self.low + chance.randint(0, 4)
        self.sets, self.step = chance.randint(1, 4), Decimal(chance.choice(["2.5", "5", "10"]))
        self.aim = chance.choice(["range", "one_more", "one_more_than_done"])
        self.raw = self.start = Decimal(chance.randint(60, 200))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), self.goal)] * self.sets

    def take(self, asked: list[Set], done: list[Set]) -> None:
        if not self.judge.succeeded(asked, done):
            return
        fewest = min(each.reps for each in done)
        if (self.goal == self.high) if self.aim == "one_more" else (fewest >= self.high):
            self.goal, self.raw = self.low, self.judge.risen(self.raw, asked, done, self.step)
        elif self.aim != "range":
            self.goal = min(self.goal + 1 if self.aim == "one_more" else fewest + 1, self.high)

    def progression(self) -> str:
        demand = "reps" if self.judge.reps_alone else "load_and_reps"
        return f"""{{double-progression-all-sets: {{sets: {self.sets}, reps: [{self.low}, {self.high}], aim: {self.aim},
          increase: {load(self.step)}, demand: {demand}, rise_from: {self.judge.rise_from}}}}}"""


@dataclass
class Sum:
    """`sum`: all repetitions of the session together."""

    chance: Random
    plates: Sequence[str] = HOUSE

    def __post_init__(self) -> None:
        self.judge = Judge.drawn(self.chance)
        self.sets, self.reps = self.chance.randint(2, 5), self.chance.randint(5, 10)
        self.total = self.sets * self.reps + self.chance.randint(-2, 4)
        self.raw = self.start = Decimal(self.chance.randint(60, 200))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), self.reps)] * self.sets

    def take(self, asked: list[Set], done: list[Set]) -> None:
        counted = [each.reps for each in done if self.judge.reps_alone or each.load >= asked[0].load]
        if sum(counted) >= self.total:
            self.raw = self.judge.risen(self.raw, asked, done, Decimal(5))

    def progression(self) -> str:
        demand = "reps" if self.judge.reps_alone else "load_and_reps"
        return f"""{{sum-of-reps: {{sets: {self.sets}, reps: {self.reps}, total: {self.total}, increase: {load(5)},
          demand: {demand}, rise_from: {self.judge.rise_from}}}}}"""


@dataclass
class Greyskull:
    """The last set is of as many as possible; from a threshold on the step is doubled; a failure takes a share off."""

    chance: Random
    plates: Sequence[str] = HOUSE
    threshold: int = 10
    losses: int = 0

    def __post_init__(self) -> None:
        self.judge = Judge.drawn(self.chance)
        self.sets, self.step = self.chance.randint(1, 3), Decimal(self.chance.choice(["2.5", "5"]))
        self.threshold = self.chance.choice([8, 10, 10, 11])
        self.failures, self.percent = self.chance.choice([1, 1, 3]), Decimal(self.chance.choice([0, 10, 12]))
        self.raw = self.start = Decimal(self.chance.randint(60, 200))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), 5)] * self.sets

    def take(self, asked: list[Set], done: list[Set]) -> None:
        if self.judge.succeeded(asked, done):
            step = self.step * 2 if done[-1].reps >= self.threshold else self.step
            self.raw, self.losses = self.judge.risen(self.raw, asked, done, step), 0
            return
        self.losses += 1
        if self.percent and self.losses >= self.failures:
            self.raw, self.losses = self.judge.cut(self.raw, asked, done, self.percent), 0

    def progression(self) -> str:
        return f"""{{amrap-steps: {{sets: {self.sets}, reps: 5, cut: {self.percent}, failures: {self.failures},
          {self.judge.said()},
          steps: [{{reps: [0, {self.threshold - 1}], add: {load(self.step)}}},
                  {{reps: [{self.threshold}, 1000], add: {load(self.step * 2)}}}]}}}}"""


@dataclass
class Tier:
    """GZCLP's first and second tier: a failure leads to the next stage, the last to the first with another load."""

    chance: Random
    plates: Sequence[str] = HOUSE
    stages: tuple[tuple[int, int], ...] = ((5, 3), (6, 2), (10, 1))
    amrap: bool = True
    after_last: str = "cut"
    stage: int = 0
    first: Decimal = field(default=ZERO)

    def __post_init__(self) -> None:
        self.judge = Judge.drawn(self.chance)
        self.step, self.percent = Decimal(self.chance.choice(["5", "10"])), Decimal(self.chance.choice([10, 10, 15]))
        self.raw = self.start = Decimal(self.chance.randint(80, 250))

    def asked(self) -> list[Set]:
        sets, reps = self.stages[self.stage]
        return [Set(on_the_bar(self.raw, self.plates), reps)] * sets

    def take(self, asked: list[Set], done: list[Set]) -> None:
        if self.judge.succeeded(asked, done):
            self.raw = self.judge.risen(self.raw, asked, done, self.step)
        elif self.stage + 1 < len(self.stages):
            if self.stage == 0:
                self.first = self.judge.failed_at(self.raw, asked, done)
            self.stage += 1
        else:
            self.stage = 0
            again = self.after_last == "always_above_first"
            self.raw = self.first + 15 if again else self.judge.cut(self.raw, asked, done, self.percent)

    def progression(self) -> str:
        amrap = str(self.amrap).lower()
        stages = ", ".join(f"{{sets: {sets}, reps: {reps}, amrap: {amrap}}}" for sets, reps in self.stages)
        return f"""{{stages: {{stages: [{stages}], increase: {load(self.step)}, after_last: {self.after_last},
          cut: {self.percent}, above: {load(15)}, {self.judge.said()}}}}}"""


def second_tier(chance: Random, plates: Sequence[str]) -> Tier:
    """With a cut, or from where its first stage failed."""
    after_last = chance.choice(["cut", "always_above_first"])
    return Tier(chance, plates, ((3, 10), (3, 8), (3, 6)), amrap=False, after_last=after_last)


@dataclass
class ThirdTier:
    """Three sets of fifteen, the last of as many as possible: twenty-five of them add."""

    chance: Random
    plates: Sequence[str] = HOUSE

    def __post_init__(self) -> None:
        self.judge = Judge.drawn(self.chance)
        self.percent = Decimal(self.chance.choice([0, 10]))
        self.raw = self.start = Decimal(self.chance.randint(50, 120))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw, self.plates), 15)] * 3

    def take(self, asked: list[Set], done: list[Set]) -> None:
        if not self.judge.succeeded(asked, done):
            self.raw = self.judge.cut(self.raw, asked, done, self.percent) if self.percent else self.raw
        elif done[-1].reps >= 25:
            self.raw = self.judge.risen(self.raw, asked, done, Decimal(5))

    def progression(self) -> str:
        return f"""{{amrap-steps: {{sets: 3, reps: 15, steps: [{{reps: [25, 1000], add: {load(5)}}}],
          cut: {self.percent}, {self.judge.said()}}}}}"""


@dataclass
class TrainingMax:
    """nSuns: the third of nine sets decides about the training max, perhaps if all sets had their repetitions."""

    chance: Random
    plates: Sequence[str] = HOUSE
    lines: tuple[tuple[int, int], ...] = (
        (75, 5), (85, 3), (95, 1), (90, 3), (85, 3), (80, 3), (75, 5), (70, 5), (65, 5),
    )  # fmt: skip

    def __post_init__(self) -> None:
        self.all_sets, self.reps_alone = self.chance.random() < 0.5, self.chance.random() < 0.5
        self.steps = self.chance.choice([(0, 5, 10, 15), (0, 2.5, 5, 7.5), (-5, 5, 10, 15)])
        self.raw = self.start = Decimal(self.chance.randint(100, 400))

    def asked(self) -> list[Set]:
        return [Set(on_the_bar(self.raw * percent / 100, self.plates), reps) for percent, reps in self.lines]

    def take(self, asked: list[Set], done: list[Set]) -> None:
        pairs = zip(asked, done, strict=False)
        complete = len(done) >= len(asked) and all(each.reps >= one.reps for one, each in pairs)
        too_light = not self.reps_alone and len(done) > 2 and done[2].load < asked[2].load
        if len(done) < 3 or too_light or (self.all_sets and not complete):
            return
        reps = done[2].reps
        self.raw += Decimal(str(self.steps[0 if reps < 2 else 1 if reps < 4 else 2 if reps < 6 else 3]))

    def progression(self) -> str:
        lines = ", ".join(
            f"{{percent: {percent}, reps: {reps}, amrap: {str(place in {2, 8}).lower()}}}"
            for place, (percent, reps) in enumerate(self.lines)
        )
        least, few, some, many = self.steps
        judged = "all_sets" if self.all_sets else "deciding_set"
        return f"""{{training-max-steps: {{lines: [{lines}], decides: 3, judged: {judged},
          demand: {"reps" if self.reps_alone else "load_and_reps"},
          steps: [{{reps: [0, 1], less: {load(-least)}}}, {{reps: [2, 3], add: {load(few)}}},
                  {{reps: [4, 5], add: {load(some)}}}, {{reps: [6, 1000], add: {load(many)}}}]}}}}"""


SYSTEMS: dict[str, Callable[[Random, Sequence[str]], System]] = {
    "linear": Linear,
    "three-fails": ThreeFails,
    "linear on a range": Ranged,
    "double": Double,
    "sum": Sum,
    "greyskull": Greyskull,
    "gzclp-1": Tier,
    "gzclp-2": second_tier,
    "gzclp-3": ThirdTier,
    "nsuns": TrainingMax,
}
