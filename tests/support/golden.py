"""Golden logs: what is asked of a lifter in each session of three months by each programme, and what the lifter does.

A file of tests/data/golden/ has a head, and for each session a line a slot: what is asked, `|`, what is done::

    programme: stronglifts
    unit: lb
    start: squat load 185, bench-press load 135

    2026-01-05 a
      squat | 5x185x5 start | 4x185x5, 185x4
      bench | 5x135x5 start | skipped

Between sessions stand, on lines of their own, `deload requested` and `baseline squat one_rep_max 300`. What is done is
the log, and stays; what is asked is what the engine makes of it. After a change that is meant to change it::

    python -m tests.support.golden            write anew what is asked, in every file
    git diff tests/data/golden                and read every line of that against the programme's own rules

`python -m tests.support.golden new gzclp lb` trains a lifter by a programme that has no log yet: three sessions in
which the first slot fails, one in which the second is skipped, more than two weeks away, a deload asked for.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import cast

from service.domain.events import (
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    ProgrammeAssigned,
    SessionCompleted,
    SetKind,
    SetLogged,
)
from service.domain.instants import Instant, parse, render
from service.domain.loads import Load, Unit, canonical
from service.domain.prescription import PrescribedSet, Prescription, Range
from service.engine.replay.bound_programme import Plans
from service.engine.simulate.simulation import Simulation
from tests.support.training import DAY, DEFAULT, LIBRARY, MINUTE

GOLDEN = Path(__file__).parents[1] / "data" / "golden"

_DONE = re.compile(r"(?:(\d+)x)?(-?[\d.]+)x(\d+)(?P<timed>s?)(?P<amrap>\+?)(?: rir (?P<rir>[\d.]+))?")
_BASELINE = re.compile(r"([a-z-]+) (load|one_rep_max|training_max) ([\d.]+)")


@dataclass
class Line:
    """A slot of a session: its name within the day, what was asked for, what was done."""

    slot: str
    asked: str
    done: str


@dataclass
class Session:
    """A day of the programme, on a date; what was logged before it."""

    date: str
    day: str
    before: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass
class Log:
    """A golden log."""

    programme: str
    unit: Unit
    start: str
    sessions: list[Session] = field(default_factory=list)

    def text(self) -> str:
        """The file."""
        parts = [f"programme: {self.programme}\nunit: {self.unit}\nstart: {self.start}\n"]
        for session in self.sessions:
            parts.append("\n" + "".join(f"{line}\n" for line in session.before) + f"{session.date} {session.day}\n")
            parts += [f"  {line.slot} | {line.asked} | {line.done}\n" for line in session.lines]
        return "".join(parts)


def read(text: str) -> Log:
    """A file's log."""
    head, *blocks = text.rstrip("\n").split("\n\n")
    said = dict(line.split(": ", 1) for line in head.split("\n"))
    log = Log(said["programme"], cast(Unit, said["unit"]), said["start"])
    for block in blocks:
        lines = block.split("\n")
        titles = [line for line in lines if not line.startswith("  ")]
        date, day = titles[-1].split(" ")
        asked = [Line(*(part.strip() for part in line.split(" | "))) for line in lines if line.startswith("  ")]
        log.sessions.append(Session(date, day, titles[:-1], asked))
    return log


class Follower:
    """A lifter who follows a log, session by session, through the engine's own simulation."""

    def __init__(self, log: Log) -> None:
        rule_set = LIBRARY.rule_set(log.programme)
        self.unit = log.unit
        self.programme = rule_set.programme
        self.at: Instant = parse("2026-01-04T12:00:00Z")
        assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
        plans = Plans({rule_set.digest: rule_set, DEFAULT.digest: DEFAULT})
        self._simulation = Simulation(plans, assigned, self.at, DEFAULT.digest, log.unit)
        self._logged = 0
        for each in log.start.split(", "):
            self.note(f"baseline {each}")

    def asked(self, session: Session) -> list[Prescription]:
        """What is asked in the session; of a programme without days, in what the lifter chose to do."""
        listed = self.begin(session)
        return listed if self.programme.days else [self.left(f"{session.day}/{line.slot}") for line in session.lines]

    def log(self, data: EventData) -> None:
        """Let something happen, a minute later."""
        self._logged += 1
        self.at += MINUTE
        self._simulation.take(Event(f"e{self._logged}", data.schema_version, self.at, self.at, "golden", data))

    def note(self, line: str) -> None:
        """Log what stands between sessions."""
        if line == "deload requested":
            self.log(DeloadRequested())
            return
        match = _BASELINE.fullmatch(line.removeprefix("baseline "))
        assert match, line
        self.log(BaselineSet(match[1], **{match[2]: Load(Decimal(match[3]), self.unit)}))

    def begin(self, session: Session) -> list[Prescription]:
        """What is asked in the session, all slots of its day."""
        for line in session.before:
            self.note(line)
        self.at = parse(f"{session.date}T18:00:00Z")
        return self._simulation.next_session(self.at)

    def perform(self, prescription: Prescription, done: str) -> None:
        """Do the sets of a slot."""
        for each in [] if done == "skipped" else done.split(", "):
            match = _DONE.fullmatch(each)
            assert match, each
            kind: SetKind = "amrap" if match["amrap"] else "work"
            data = SetLogged(
                prescription.exercise,
                Load(Decimal(match[2]), self.unit),
                reps=None if match["timed"] else int(match[3]),
                seconds=int(match[3]) if match["timed"] else None,
                rir=Decimal(match["rir"]) if match["rir"] else None,
                kind=kind,
                slot=prescription.slot,
            )
            for _ in range(int(match[1] or 1)):
                self.log(data)

    def left(self, slot: str) -> Prescription:
        """What is left of a slot, or its next session's."""
        return self._simulation.due_in(slot, self.at)

    def end(self) -> None:
        """End the session."""
        self.log(SessionCompleted())


def told(prescription: Prescription) -> str:
    """What is asked, in short: its work sets, and the outcome."""
    grouped = ((text, len(list(group))) for text, group in groupby(map(_set, _work(prescription))))
    sets = [text if count == 1 else f"{count}x{text}" for text, count in grouped]
    return f"{', '.join(sets) or 'nothing'} {prescription.outcome}"


def _work(prescription: Prescription) -> list[PrescribedSet]:
    return [each for each in prescription.sets if each.kind != "warmup"]


def _set(one: PrescribedSet) -> str:
    load = "?" if one.load is None else canonical(one.load.value)
    kind = {"work": "", "amrap": "+"}.get(one.kind, f" {one.kind}")
    rir = f" rir {_range(one.rir)}" if one.rir else ""
    total = f" total {_range(one.total_reps)}" if one.total_reps else ""
    seconds = "" if one.seconds is None else "s"
    return f"{load}x{_range(one.reps or one.seconds)}{seconds}{kind}{total}{rir}"


def _range(reps: Range | None) -> str:
    assert reps is not None
    return str(reps.min) if reps.min == reps.max else f"{reps.min}-{reps.max}"


def followed(log: Log) -> Log:
    """The log with what is asked by the rules as they are."""
    follower = Follower(log)
    made = Log(log.programme, log.unit, log.start)
    for session in log.sessions:
        done = {line.slot: line.done for line in session.lines}
        asked = follower.asked(session)
        lines = []
        for each in asked:
            day, slot = each.slot.split("/")
            assert day == session.day, f"{session.date}: {day} is due, but {session.day} was done"
            lines.append(Line(slot, told(each), done[slot]))
            follower.perform(each, done[slot])
        follower.end()
        made.sessions.append(Session(session.date, session.day, session.before, lines))
    return made


# A new log

_STARTS = {
    "safety-bar-squat": (155, 245),
    "squat": (185, 275), "bench-press": (135, 205), "deadlift": (225, 335), "overhead-press": (85, 135),
    "barbell-row": (115, 185), "power-clean": (95, 155), "front-squat": (135, 205), "sumo-deadlift": (225, 325),
    "close-grip-bench-press": (115, 175), "romanian-deadlift": (155, 255), "chin-up": (10, 20), "ab-wheel": (0, 10),
    "hanging-leg-raise": (0, 10), "back-extension": (10, 20), "leg-press": (250, 400),
    "incline-bench-press": (115, 175), "stiff-legged-deadlift": (135, 255), "seated-overhead-press": (75, 125),
    "barbell-shrug": (135, 225), "dumbbell-lateral-raise": (15, 25), "dumbbell-curl": (25, 35),
    "hammer-curl": (25, 35), "standing-calf-raise": (120, 180), "lat-pulldown": (100, 160), "barbell-curl": (55, 90),
    "dumbbell-row": (60, 90), "dumbbell-overhead-press": (40, 60), "incline-dumbbell-bench-press": (45, 70),
    "pull-up": (0, 50), "dip": (0, 60), "sit-up": (0, 10), "crunch": (0, 10), "wide-grip-bench-press": (135, 205),
    "push-press": (95, 155), "barbell-lunge": (65, 100), "incline-dumbbell-flyes": (20, 35), "dumbbell-fly": (20, 35),
    "dumbbell-rear-lateral-raise": (15, 25), "wide-grip-pull-up": (0, 40), "lying-leg-raise": (0, 10),
    "hanging-knee-raise": (0, 10), "push-up": (0, 20), "plank": (0, 0), "pause-squat": (155, 245),
    "box-squat": (175, 265), "pause-deadlift": (185, 295), "pause-bench-press": (120, 185), "rack-pull": (245, 365),
    "deficit-deadlift": (195, 305), "good-morning": (95, 155), "incline-dumbbell-curl": (20, 30),
    "glute-ham-raise": (0, 10),
    "freehand-jump-squat": (0, 10), "box-jump": (0, 0), "tempo-squat": (135, 245),
    "arnold-press": (35, 55), "bulgarian-split-squat": (25, 40), "cable-crossover": (20, 35),
    "cable-crunch": (60, 100), "cable-curl": (40, 65), "cable-row": (100, 160), "dumbbell-bench-press": (50, 80),
    "dumbbell-romanian-deadlift": (50, 80), "dumbbell-shrug": (60, 95), "face-pull": (40, 65),
    "hack-squat": (180, 290), "hip-abduction": (90, 145), "inverted-row": (0, 40),
    "kneeling-high-pulley-row": (60, 95), "leg-extension": (90, 145), "lying-leg-curl": (70, 110),
    "machine-chest-press": (100, 160), "machine-lateral-raise": (40, 65), "machine-row": (90, 145),
    "overhead-cable-triceps-extension": (40, 65), "pec-deck": (80, 130), "pendlay-row": (115, 185),
    "plate-loaded-shoulder-press": (70, 110), "preacher-curl": (45, 70), "pull-through": (60, 95),
    "reverse-crunch": (0, 10), "seated-calf-raise": (70, 110), "seated-leg-curl": (80, 130), "skullcrusher": (50, 80),
    "smith-machine-squat": (135, 215), "standing-dumbbell-triceps-extension": (30, 50),
    "straight-arm-dumbbell-pullover": (40, 65), "triceps-pushdown": (50, 80), "underhand-lat-pulldown": (110, 175),
    "upright-row": (65, 105),
    "single-arm-dumbbell-row": (60, 95), "dumbbell-lunge": (35, 55), "squats-with-bands": (50, 80),
    "bench-press-with-bands": (40, 65), "band-row": (40, 65), "band-curl": (20, 35), "band-good-morning": (40, 65),
    "shoulder-press-with-bands": (25, 40), "band-pull-apart": (15, 25), "band-skull-crusher": (20, 35),
    "incline-push-up": (0, 0), "push-ups-with-feet-elevated": (0, 0), "single-arm-push-up": (0, 0),
    "bodyweight-squat": (0, 0), "split-squats": (0, 0), "single-leg-high-box-squat": (0, 0),
    "butt-lift-bridge": (0, 0), "single-leg-glute-bridge": (0, 0), "oblique-crunches": (0, 0),
    "calf-press": (180, 290), "front-cable-raise": (20, 35), "kettlebell-one-legged-deadlift": (35, 55),
    "smith-machine-decline-press": (115, 185), "t-bar-row": (90, 145), "machine-incline-chest-press": (100, 160),
    "dip-machine": (70, 110), "cable-lateral-raise": (15, 25), "rope-pushdown": (40, 65),
    "standing-barbell-press-behind-neck": (65, 105), "incline-cable-flye": (25, 40), "concentration-curl": (25, 40),
}  # fmt: skip
"""Pounds to begin with, and a one-rep max."""
_EXTRA = (3, 1, 5, 0, 8, 2)
"""How many repetitions more an AMRAP set has, time after time."""
_MOST_SETS = 20
_RESERVE = (0, 1, 0, -1, 2)
_CHOSEN = (("squat", "bench-press", "barbell-row"), ("deadlift", "overhead-press", "lat-pulldown", "dumbbell-curl"))
"""The days of a lifter whose programme has none."""


class _Trainee:
    def __init__(self, programme: str, unit: Unit) -> None:
        self._unit = unit
        self._times: Counter[str] = Counter()
        rule_set = LIBRARY.rule_set(programme)
        self.programme = rule_set.programme
        self.log = Log(programme, unit, ", ".join(self._starts()))
        self._slots = {slot.id: slot for day in self.programme.days for slot in day.slots}
        self._slots.update({f"default/{each}": self.programme.any[0] for day in self._chosen() for each in day})
        slots = list(self._slots)
        self._fails = self._track(slots[0])
        self._skips = slots[1]
        deloads = {use.scheme for slot in self._slots.values() for use in slot.deloads}
        self._asks_for_deloads = "requested" in deloads

    def _chosen(self) -> tuple[tuple[str, ...], ...]:
        return () if self.programme.days else _CHOSEN

    def _track(self, slot_id: str) -> str:
        slot = self._slots[slot_id]
        return slot.track or f"{slot.exercise or slot_id}/{slot.progression.scheme}"

    def _starts(self) -> Iterator[str]:
        slots = {slot.exercise: slot for day in reversed(self.programme.days) for slot in reversed(day.slots)}
        if self._chosen():
            yield "squat load 185"
        for exercise, slot in slots.items():
            load, most = (0, 0) if slot.is_rung else _STARTS.get(str(exercise), (50, 80))
            of_max = LIBRARY.schemes[slot.progression.scheme].lever == "training_max" or self.programme.id == "gzclp"
            pounds = most if of_max else load
            value = pounds if self._unit == "lb" else round(pounds * 0.45 / 2.5) * 2.5
            yield f"{exercise} {'one_rep_max' if of_max else 'load'} {canonical(Decimal(str(value)))}"

    def train(self) -> Log:
        follower = Follower(self.log)
        weeks = max(13, self.programme.weeks + 1)
        for week, day_of_week in self._calendar(weeks):
            away = 14 if week >= 9 else 0
            date = render(parse("2026-01-05T18:00:00Z") + (7 * week + day_of_week + away) * DAY)[:10]
            session = Session(date, "")
            if week == 11 and day_of_week == 0 and self._asks_for_deloads:
                session.before.append("deload requested")
            chosen = self._chosen()
            if chosen:
                session.day = "default"
                session.lines = [Line(each, "", "") for each in chosen[len(self.log.sessions) % len(chosen)]]
            asked, session.lines = follower.asked(session), []
            for each in asked:
                session.day, slot = each.slot.split("/")
                session.lines.append(Line(slot, told(each), self._done(each, follower)))
            follower.end()
            self.log.sessions.append(session)
        return self.log

    def _calendar(self, weeks: int) -> Iterator[tuple[int, int]]:
        days = {4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}.get(len(self.programme.days), (0, 2, 4))
        return ((week, day) for week in range(weeks) for day in days)

    def _done(self, asked: Prescription, follower: Follower) -> str:
        """Do what is asked, set by set as it is asked for then, or not quite."""
        track = self._track(asked.slot)
        self._times.update((asked.slot, track))
        times = self._times[asked.slot]
        work = _work(asked)
        if not work or (asked.slot == self._skips and times == 5):
            return "skipped"
        weekly = self._slots[asked.slot].progression.scheme == "weekly-record"
        failing = track == self._fails and 7 <= self._times[track] <= (12 if weekly else 9)
        texts: list[str] = []
        total = work[0].total_reps if work[0].kind == "amrap" else None
        while work and len(texts) < (_MOST_SETS if total is None else 3 + times % 4):
            fails = failing and (len(work) == 1 or work[0].kind == "top")
            tops = self._slots[asked.slot].is_rung and times % 3 == 0  # else nobody would climb a ladder
            texts.append(self._one(asked.exercise, work[0], times, failing=fails, tops=tops))
            follower.perform(asked, texts[-1])
            left = follower.left(asked.slot)
            work = _work(left) if left.status == "in_session" else []
        grouped = ((text, len(list(group))) for text, group in groupby(texts))
        return ", ".join(text if count == 1 else f"{count}x{text}" for text, count in grouped)

    def _one(self, exercise: str, one: PrescribedSet, times: int, *, failing: bool, tops: bool) -> str:
        asked = one.reps or one.seconds
        assert asked is not None
        low, high = int(asked.min), int(asked.max)
        reps = high if tops else low + (2 * times) % (high - low + 1)
        plus = ""
        if one.total_reps is not None and one.kind == "rest_pause":
            total = int(one.total_reps.min) - 1 + times % 7
            reps = total - 2 * (total // 4) if one.index == 1 else total // 4
        elif one.total_reps is not None:
            reps, plus = int(one.total_reps.min) // (3 + times % 4) + times % 2, "+"
        elif one.kind == "amrap":
            reps, plus = low + _EXTRA[times % len(_EXTRA)], "+"
        if failing:
            reps = max(low - 1 - (times % 2), 0)
        rir = f" rir {max(int(one.rir.min) + _RESERVE[times % 5], 0)}" if one.rir else ""
        load = Decimal(_STARTS[exercise][0]) if one.load is None else one.load.value
        return f"{canonical(load)}x{reps}{'' if one.seconds is None else 's'}{plus}{rir}"


def main(arguments: list[str]) -> None:
    """Write what is asked anew in every file; `new PROGRAMME UNIT`: make a log."""
    if arguments[:1] == ["new"]:
        programme, unit = arguments[1:]
        (GOLDEN / f"{programme}.txt").write_text(_Trainee(programme, cast(Unit, unit)).train().text())
        return
    for path in sorted(GOLDEN.glob("*.txt")):
        path.write_text(followed(read(path.read_text())).text())


if __name__ == "__main__":
    main(sys.argv[1:])
