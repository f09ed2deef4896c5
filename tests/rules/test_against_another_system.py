"""Programme files against models of another system, session by session over fifty sessions with chance in them.

A lifter does what a model asks, more, less, heavier, lighter or not at all, and Spotter must ask for the same, each
time, by a programme file that holds nothing but parameters of the library's schemes.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.events import BaselineSet, ProfileChanged, SessionCompleted, SetLogged
from service.domain.instants import HOUR
from service.domain.loads import Load
from service.engine.files.assembling import assembled
from service.usecases.log.batch import Submission
from service.usecases.rules.simulate import LibraryRuleSets, simulate_under
from tests.support.another_system import FEWER, HOUSE, SYSTEMS, Set, System, TrainingMax
from tests.support.training import DAY, LIBRARY, MINUTE, MONDAY

SESSIONS = 50
DRAWS = 12
"""Parameters drawn for each system."""

PROGRAMME = """\
programme: theirs
title: Another system's
sources: [{{title: Liftosaur}}]
equipment:
  bar: {{lb: 45, kg: 20}}
  plates: {{lb: [45, 25, 10, 5, 2.5, 1.25], kg: [20, 10, 5, 2.5, 1.25]}}
  rounding: down
days:
  - day: a
    slots:
      - slot: lift
        exercise: squat
        progression: {progression}
"""


def performed(chance: Random, asked: list[Set]) -> list[Set]:
    """What the lifter makes of what is asked for: mostly it, but not always."""
    mood = chance.random()
    done = []
    for one in asked:
        reps, pounds = one.reps, one.load
        if mood < 0.35:
            reps = max(one.reps + chance.choice([0, 0, 0, -1, -2]), 0)
        elif mood < 0.65:
            reps += chance.choice([0, 0, 1, 2, 5, 10])
        if mood > 0.85:
            pounds = max(pounds + chance.choice([-10, -5, 0, 5, 10]), Decimal(45))
        done.append(Set(pounds, reps))
    if chance.random() < 0.1:
        del done[chance.randint(1, len(done)) :]
    return done


def surplus(chance: Random, asked: list[Set], done: list[Set], kind: Any) -> list[tuple[Set, Any]]:
    """A set too many, now and then, with its kind: none of what was asked for, so the other system sees nothing of it.

    After a set that was missed it is a drop set, for another try would be taken for the missed one.
    """
    if chance.random() >= 0.05:
        return []
    met = [each.load >= one.load and each.reps >= one.reps for one, each in zip(asked, done, strict=False)]
    one_more = Set(asked[-1].load, chance.randint(0, 12))
    return [(one_more, kind if len(done) == len(asked) and all(met) else "drop")]


def course(system: System, chance: Random, more: Random) -> tuple[list[list[Set]], list[Submission]]:
    """What the system asks for at first and after each session, and the log of what was done.

    The sets too many have a chance of their own, ``more``, so that the course is the same without them.
    """
    baseline = Load(system.start, "lb")
    of_max = isinstance(system, TrainingMax)
    events = [Submission("base", MONDAY, BaselineSet("squat", **{"training_max" if of_max else "load": baseline}))]
    if system.plates is not HOUSE:
        owned = tuple(Plates(Load(Decimal(plate), "lb"), 20) for plate in system.plates)
        events.append(Submission("mine", MONDAY + 1, ProfileChanged(unit="lb", equipment=Equipment(plates=owned))))
    expected = [system.asked()]
    kind: Any = chance.choice(["work", None])  # said or guessed, as are sessions
    sessions_are_named, sessions_are_ended = chance.random() < 0.5, chance.random() < 0.5
    for number in range(SESSIONS):
        at = MONDAY + number * DAY + HOUR
        session_id = f"s{number}" if sessions_are_named else None
        asked = system.asked()
        done = performed(chance, asked)
        # A lighter set of which nobody says what it is may be a warm-up; the other system knows none.
        lighter = any(each.load < one.load for one, each in zip(asked, done, strict=False))
        of_session: Any = "work" if lighter else kind
        logged = [(one, of_session) for one in done] + surplus(more, asked, done, kind)
        for index, ((pounds, reps), said) in enumerate(logged):
            data = SetLogged("squat", Load(pounds, "lb"), reps=reps, kind=said, session_id=session_id)
            events.append(Submission(f"e{number}-{index}", at + index * MINUTE, data))
        if sessions_are_ended:
            events.append(Submission(f"end{number}", at + HOUR, SessionCompleted(session_id)))
        system.take(asked, done)
        expected.append(system.asked())
    return expected, events


@pytest.mark.parametrize("draw", range(DRAWS))
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_same_is_asked_for_every_time(name: str, draw: int) -> None:
    chance = Random(f"{name} {draw}")
    system = SYSTEMS[name](chance, HOUSE if draw % 3 else FEWER)
    text = PROGRAMME.format(progression=system.progression())
    expected, events = course(system, chance, Random(f"{name} {draw} more"))

    rule_set = assembled({"theirs.yaml": text.encode()}, "theirs", LIBRARY)
    simulated = simulate_under(rule_set, LibraryRuleSets(LIBRARY), events)

    every = [simulated.initial, *(session.prescriptions for session in simulated.sessions)]
    got = [[Set(one.load.value, int(one.reps.min)) for one in each[0].sets if one.load and one.reps] for each in every]
    first = next((number for number, both in enumerate(zip(expected, got, strict=True)) if both[0] != both[1]), None)
    assert first is None, f"after session {first}: {expected[first]} but {got[first]}\n{text}"
