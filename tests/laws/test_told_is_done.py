"""The second law, for a year of every programme of the library: what is told is what is done (`make laws`)."""

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
