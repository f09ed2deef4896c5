"""The logs that are replayed: a lifter who follows the upper-back programme, sometimes well and sometimes badly."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from service.domain.events import BaselineSet, EventData, ProgrammeAssigned, SetLogged
from service.domain.instants import DAY, SECOND, Instant
from service.domain.loads import Load
from service.engine.ruleset.programme import Programme
from service.usecases.log.batch import Submission

START: Instant = -315_619_200 * SECOND
"""1960-01-01: a log of 100,000 sets at three sessions a week is a long life of training."""


def training(programme: Programme, events: int, *, seed: int) -> Iterator[Submission]:
    """``events`` events: the programme, baselines, then three sessions a week, 3 sets an exercise, one a few minutes.

    The same seed gives the same events. Now and then two weeks or more are missed.
    """
    chance = random.Random(seed)
    at = START
    made = 0

    def submission(data: EventData) -> Submission:
        nonlocal made
        made += 1
        return Submission(f"bench-{seed}-{made}", at, data)

    yield submission(ProgrammeAssigned(programme.id))
    exercises = sorted({slot.exercise for day in programme.days for slot in day.slots if slot.exercise})
    loads = {exercise: Decimal(100 + 25 * place) for place, exercise in enumerate(exercises)}
    for exercise in exercises:
        yield submission(BaselineSet(exercise, load=Load(loads[exercise], "lb")))
    while True:
        for day in programme.days:
            at += (20 if chance.random() < 0.02 else 2) * DAY
            for slot in day.slots:
                exercise = slot.exercise or ""
                for _ in range(3):
                    if made == events:
                        return
                    at += 180 * SECOND
                    load = loads[exercise] + 5 * chance.randrange(-1, 3)
                    rir = Decimal(chance.randrange(0, 3)) if chance.random() < 0.5 else None
                    yield submission(SetLogged(exercise, Load(load, "lb"), reps=chance.randrange(3, 11), rir=rir))
