"""The second law, for a year of every programme of the library: what is told is what is done (`make laws`).

Covered: every programme with its own parameters, a gym of few loads (a stack of 5 kg or 10 lb; dumbbells of 5, 10, 15,
20, 30, 40; plates from 5 kg or 10 lb up) and the house's, kg and lb, three made-up lifters, 52 weeks; the default with
15 exercises of every kind of equipment and measure. Sets are logged with kinds, as they are asked for, in order.
Not covered: parameters of one's own, sets without kinds, late events, a change of unit or equipment in the year.
"""

import pytest

from service.domain.loads import Unit
from tests.laws.courses import GYMS, LIFTERS, UNITS, Course, Gym, Training
from tests.laws.second_law import Judge
from tests.support.training import LIBRARY

pytestmark = pytest.mark.laws


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("gym", GYMS)
@pytest.mark.parametrize("programme", sorted(LIBRARY.programmes))
def test_what_is_told_is_what_is_done(programme: str, gym: Gym, unit: Unit) -> None:
    breaches: dict[tuple[str, str, str], str] = {}
    for lifter in LIFTERS:
        judge = Judge(best=lifter == "best")
        for asked in Training(Course(programme, gym, unit, lifter)).train():
            for slot, kind, example in judge.breaches(asked):
                breaches.setdefault((lifter, slot, kind), example)
    assert not breaches, "\n".join(f"{' '.join(key)}: {example}" for key, example in breaches.items())
