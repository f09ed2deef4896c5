"""Somebody who follows any programme there is: asks what is next, does it, and now and then cannot."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Final, NamedTuple, cast, get_args

from bench.logs import START
from service.domain.events import BaselineSet, Event, EventData, ProgrammeAssigned, SessionCompleted, SetKind, SetLogged
from service.domain.instants import DAY, SECOND, Instant
from service.domain.loads import Load, Unit
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.model import RuleSet
from service.engine.plan import Plans
from service.engine.simulating import Simulation

UNIT: Final[Unit] = "lb"
ANY: Final = ("squat", "bench-press", "deadlift", "barbell-row", "pull-up", "dumbbell-lateral-raise", "plank")
"""What somebody without a programme does."""

_KINDS: Final = {"load": Decimal("0.5"), "training_max": Decimal(1), "one_rep_max": Decimal("1.2")}
"""The kinds of baseline, as shares of somebody's strength."""
_MOST_SETS: Final = 200
"""No session has more; a programme that asks for more is left there."""


class Training(NamedTuple):
    """A log that began with taking the programme up, and how many of its events are sets."""

    events: list[Event]
    sets: int


def trained(rule_set: RuleSet, plans: Plans, default_digest: str, *, sets: int, seed: int) -> Training:
    """So many sets of a programme, three sessions a week, in pounds; the same seed gives the same log."""
    lifter = _Lifter(rule_set, plans, default_digest, random.Random(seed))
    while lifter.sets < sets:
        before = lifter.sets
        lifter.session()
        if lifter.sets == before:
            raise SystemExit(f"the programme {rule_set.programme.id} asks for no sets: nothing to measure")
    return Training(lifter.events, lifter.sets)


class _Lifter:
    def __init__(self, rule_set: RuleSet, plans: Plans, default_digest: str, chance: random.Random) -> None:
        self._chance = chance
        self._at = START
        self._sessions = 0
        self.sets = 0
        assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
        self.events = [_event(0, START, assigned)]
        self._simulation = Simulation(plans, assigned, START, default_digest, UNIT)
        slots = [slot for day in rule_set.programme.days for slot in day.slots]
        self._exercises = list(dict.fromkeys(slot.exercise for slot in slots if slot.exercise)) or list(ANY)
        self._begun = not rule_set.programme.any
        self._strength = {name: Decimal(95 + 45 * (place % 5)) for place, name in enumerate(self._exercises)}
        for kind in _KINDS if self._begun else ():
            self._log_baselines(kind, Simulation(plans, assigned, START, default_digest, UNIT))

    def session(self) -> None:
        """Do all that is due, asking anew after each set; then rest two days, seldom for three weeks."""
        self._at += (20 if self._chance.random() < 0.02 else 2) * DAY
        self._sessions += 1
        for name in () if self._begun else self._exercises:
            self._do(name, None, PrescribedSet(1, "work", None))
        self._begun = True
        for _ in range(_MOST_SETS):
            due = self._due()
            if due is None:
                break
            self._do(due.exercise, due.slot, due.sets[0])
        self._log(SessionCompleted())

    def _due(self) -> Prescription | None:
        """The first slot with something left to do in this session."""
        prescriptions = self._simulation.next_session(self._at)
        opened = bool(self.events) and isinstance(self.events[-1].data, SetLogged)
        return next((each for each in prescriptions if each.sets and (each.status == "in_session" or not opened)), None)

    def _do(self, exercise: str, slot: str | None, asked: PrescribedSet) -> None:
        self._at += 120 * SECOND
        start = self._strength[exercise]
        load = asked.load.value if asked.load is not None else start / 2
        hard = load > start * Decimal("1.5")
        missed = self._chance.random() < (0.5 if hard else 0.05)
        wanted = asked.seconds or asked.reps
        least, most = (5, 5) if wanted is None else (int(wanted.min), int(wanted.max))
        more = self._chance.randrange(4) if asked.kind == "amrap" else 0
        done = max(0, least - 1 - self._chance.randrange(2)) if missed else self._chance.randint(least, most) + more
        timed = asked.seconds is not None or exercise == "plank"
        kind = cast(SetKind, asked.kind) if asked.kind in get_args(SetKind) else None
        rir = None if timed or self._chance.random() < 0.5 else Decimal(self._chance.randrange(3))
        self._log(
            SetLogged(
                exercise,
                Load(Decimal(0) if exercise == "plank" else load, UNIT),
                reps=None if timed else done,
                seconds=done if timed else None,
                rir=rir,
                kind=kind,
                slot=None if slot is None or slot.startswith("default/") else slot,
            )
        )
        self.sets += 1

    def _log_baselines(self, kind: str, tried: Simulation) -> None:
        """Log this kind of baseline for the exercises that it gives a load, if nothing has given them one."""
        baselines = {
            name: BaselineSet(name, **{kind: Load(self._strength[name] * _KINDS[kind], UNIT)})
            for name in self._exercises
        }
        for baseline in baselines.values():
            tried.take(_event(1, START, baseline))
        known = _with_loads(self._simulation)
        for name in sorted(_with_loads(tried) - known):
            self._log(baselines[name])

    def _log(self, data: EventData) -> None:
        self.events.append(_event(len(self.events), self._at, data))
        self._simulation.take(self.events[-1])


def _event(number: int, at: Instant, data: EventData) -> Event:
    return Event(f"e{number}", data.schema_version, at, at, "bench", data)


def _with_loads(simulation: Simulation) -> set[str]:
    """The exercises that are prescribed with a load."""
    return {each.exercise for each in simulation.every_slot() if each.sets and each.sets[0].load is not None}
