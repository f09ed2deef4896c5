"""How long a rest each set of a ramp needs."""

from decimal import Decimal

import pytest

from service.engine.prescribe.warm_ups import WARM_UP, rest_after
from service.engine.ruleset.bound_scheme import RawSet


def resting(work: int | None, kind: str, load: str | None, first: str | None) -> int | None:
    """The rest after a set of ``kind`` with ``load`` before work sets that begin with ``first`` and rest ``work``."""
    one = RawSet(kind, None if load is None else Decimal(load), (5, 5), None, None)
    return rest_after(work, one, None if first is None else Decimal(first))


@pytest.mark.parametrize(
    ("load", "first", "seconds"),
    [
        pytest.param("0", "65", 30, id="the empty bar"),
        pytest.param("20", "65", 45, id="a bar's weight"),
        pytest.param("52", "65", 135, id="four fifths"),
        pytest.param("65", "65", 180, id="the work load itself"),
        pytest.param("0", "0", 180, id="nothing is known of a body's own weight"),
        pytest.param(None, "65", 180, id="no load"),
        pytest.param("20", None, 180, id="no first load yet"),
    ],
)
def test_a_warm_up_rests_its_share(load: str | None, first: str | None, seconds: int) -> None:
    assert resting(180, WARM_UP, load, first) == seconds


def test_a_work_set_rests_in_full_and_what_has_no_rest_gets_none() -> None:
    assert resting(180, "work", "20", "65") == 180
    assert resting(None, WARM_UP, "20", "65") is None
