"""The second law, for a year of every programme of the library: what is told is what is done (`make laws`).

Covered: every programme with its own parameters; in a gym of few loads (a stack of 5 kg or 10 lb; dumbbells of 5, 10,
15, 20, 30, 40; plates from 5 kg or 10 lb up) and the house's, in kg and lb, by three made-up lifters, 52 weeks: 23
programmes in each of these twelve ways, of the others each in one, all twelve among them; the default with 15 exercises
of every kind of equipment and measure. Sets are logged with kinds, as they are asked for, in order.
Not covered: parameters of one's own, sets without kinds, late events, a change of unit or equipment in the year.
"""

from itertools import product

import pytest

from service.domain.loads import Unit
from tests.laws.courses import GYMS, LIFTERS, UNITS, Course, Gym, Lifter, Training, in_turn
from tests.laws.second_law import Judge

pytestmark = pytest.mark.laws


@pytest.mark.parametrize(("programme", "way"), in_turn(tuple(product(GYMS, UNITS, LIFTERS))))
def test_what_is_told_is_what_is_done(programme: str, way: tuple[Gym, Unit, Lifter]) -> None:
    breaches: dict[tuple[str, str], str] = {}
    judge = Judge(best=way[-1] == "best")
    for asked in Training(Course(programme, *way)).train():
        for slot, kind, example in judge.breaches(asked):
            breaches.setdefault((slot, kind), example)
    assert not breaches, "\n".join(f"{' '.join(key)}: {example}" for key, example in breaches.items())
