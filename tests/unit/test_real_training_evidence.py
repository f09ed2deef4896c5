"""What is known of a lifter, and where a track starts: cases of real training."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.engine.language.functions import FUNCTIONS, Function
from tests.support.training import Lifter

ESTIMATES = [function for function in FUNCTIONS.values() if function.estimates]


@pytest.mark.parametrize("function", ESTIMATES, ids=lambda function: function.name)
def test_case_14_one_repetition_is_itself_none_prove_nothing_and_over_twelve_count_as_twelve(
    function: Function,
) -> None:
    assert function.compute is not None
    estimated = [function.compute(Decimal(100), reps) for reps in range(1001)]
    assert estimated[:2] == [0, 100]
    assert estimated[:13] == sorted(set(estimated[:13]))
    assert set(estimated[12:]) == {estimated[12]}
    assert estimated[12] < 160


def test_case_14_a_set_of_no_repetitions_starts_no_training_max() -> None:
    lifter = Lifter("kg").follows("boring-but-big").does("squat", "200x0")
    assert lifter.next("squat").sets[-1].load is None
