"""Under the default, who does better is never asked for less: searched over the whole fold, reading included."""

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.equipment import loading
from service.domain.prescription import PrescribedSet
from tests.support.training import LIBRARY, Lifter

EXERCISES = st.sampled_from(["bench-press", "dumbbell-curl", "cable-row", "leg-press"])
LOADS = st.sampled_from(["20", "40", "42.5", "45", "60", "61", "62.5", "65", "70", "80"])
SETS = st.lists(st.tuples(LOADS, st.integers(3, 15)), min_size=1, max_size=4)
MORE = st.tuples(st.sampled_from(["0", "1", "2.5", "5", "10"]), st.integers(0, 4))


def trained(exercise: str, unit: str, sessions: list[list[tuple[str, int]]]) -> Lifter:
    lifter = Lifter(unit)  # type: ignore[arg-type]  # one of the two
    for session in sessions:
        lifter.does(exercise, *[f"{load}x{reps}" for load, reps in session], kind="work").ends().rests(days=2)
    return lifter


def is_made(exercise: str, unit: str, load: Decimal) -> bool:
    house = loading(LIBRARY.exercises[exercise].equipment, None, unit)
    return load in house.neighbours(load)


def load_of(asked: PrescribedSet) -> Decimal:
    assert asked.load is not None
    return asked.load.value


@given(
    EXERCISES,
    st.sampled_from(["kg", "lb"]),
    st.lists(SETS, min_size=1, max_size=6),
    st.lists(st.tuples(MORE, MORE), min_size=4, max_size=4),
)
def test_who_does_better_is_not_asked_for_less(
    exercise: str,
    unit: str,
    history: list[list[tuple[str, int]]],
    more: list[tuple[tuple[str, int], tuple[str, int]]],
) -> None:
    asked = trained(exercise, unit, history).next(exercise).sets
    assume(len(asked) <= len(more))
    one, other = [], []
    for each, ((heavier, extra), (heavier_still, more_extra)) in zip(asked, more, strict=False):
        assert each.reps is not None
        load, reps = load_of(each) + Decimal(heavier), max(int(each.reps.min) - 1 + extra, 1)
        one.append((str(load), reps))
        other.append((str(load + Decimal(heavier_still)), reps + more_extra))
    # A load that the house has not tells of a gym with finer steps, in which less is added at a time.
    lifted = {load for session in history for load, _ in session}
    assume(all(load in lifted or is_made(exercise, unit, Decimal(load)) for load, _ in (*one, *other)))
    worse = trained(exercise, unit, [*history, one]).next(exercise)
    better = trained(exercise, unit, [*history, other]).next(exercise)
    # A pattern of the lifter's own is asked for as it was done, its lighter sets too.
    assume(all(len({load_of(each) for each in told.sets}) == 1 for told in (worse, better)))
    for least, most in zip(worse.sets, better.sets, strict=False):
        assert least.reps is not None
        assert most.reps is not None
        assert load_of(most) >= load_of(least) or most.reps.max > least.reps.max
    assert worse.outcome == "lower" or better.outcome != "lower"
    assert worse.outcome != "raise" or better.outcome == "raise"
