"""Which loads equipment can make: bar plus pairs of plates, dumbbells, stack steps; rounding to them."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.equipment import (
    HOUSE_PLATES,
    Equipment,
    Loading,
    Plates,
    Rounding,
    combined,
    learned_loading,
    loading,
    plate_sums,
)
from service.domain.loads import Load, Unit, canonical

RAW = st.decimals(0, 1000, places=2)
SIZES = ["0.5", "1.25", "2.5", "5", "10", "20"]


def kg(text: str) -> Load:
    return Load(Decimal(text), "kg")


def lb(text: str) -> Load:
    return Load(Decimal(text), "lb")


def rounded(kind: str, raw: str, equipment: Equipment | None = None, unit: Unit = "kg") -> str:
    return canonical(loading(kind, equipment, unit).round(Decimal(raw)))


@pytest.mark.parametrize(
    ("raw", "unit", "made"),
    [
        ("225", "lb", "225"),
        ("236", "lb", "235"),
        ("202.5", "lb", "200"),  # no pair of 1.25 lb, which few gyms have
        ("102.5", "kg", "102.5"),
        ("101", "kg", "100"),  # nor of 0.5 kg
        ("101.3", "kg", "102.5"),
        ("0", "kg", "20"),
        ("-5", "lb", "45"),
    ],
)
def test_a_house_bar_takes_house_plates_and_is_the_least_there_is(raw: str, unit: Unit, made: str) -> None:
    assert rounded("barbell", raw, unit=unit) == made


def test_plates_come_in_pairs_and_run_out() -> None:
    home = Equipment(bar=kg("20"), plates=(Plates(kg("20"), 3), Plates(kg("5"), 2)))
    made = {rounded("barbell", str(raw), home) for raw in range(200)}
    assert made == {"20", "30", "60", "70"}


def test_plates_in_pounds_on_a_bar_in_kilograms() -> None:
    mixed = Equipment(bar=kg("20"), plates=(Plates(lb("45"), 2),))
    assert rounded("barbell", "60", mixed) == "60.8234"


@pytest.mark.parametrize(
    ("rounding", "raw", "made"),
    [
        ("nearest", "12.4", "12"),
        ("nearest", "13", "12"),  # a tie goes down
        ("nearest", "13.1", "14"),
        ("down", "13.9", "12"),
        ("up", "12.1", "14"),
        ("up", "12", "12"),
        ("down", "14", "14"),
        ("down", "3", "8"),
        ("up", "99", "20"),
    ],
)
def test_rounding_is_the_lifters(rounding: Rounding, raw: str, made: str) -> None:
    rack = Equipment(dumbbells=tuple(map(kg, ("8", "12", "14", "20"))), rounding=rounding)
    assert rounded("dumbbell", raw, rack) == made


def test_a_stack_has_steps() -> None:
    assert rounded("cable", "31", Equipment(stack=kg("7"))) == "28"
    assert rounded("machine", "32", Equipment(stack=kg("7"))) == "35"


def test_equipment_says_nothing_about_other_kinds() -> None:
    own = Equipment(dumbbells=(kg("50"),), stack=kg("50"))
    assert rounded("barbell", "62.5", own) == "62.5"
    assert rounded("other", "62.5", own) == "62.5"


def test_an_ez_bar_is_lighter_and_takes_the_same_plates() -> None:
    assert rounded("ez-bar", "3") == "10"
    assert rounded("ez-bar", "31", unit="lb") == "30"
    assert rounded("ez-bar", "3", Equipment(ez_bar=kg("7.5"))) == "7.5"
    assert rounded("barbell", "3", Equipment(ez_bar=kg("7.5"))) == "20"


def test_fixed_barbells_are_all_there_are_unless_a_bar_or_plates_are_named() -> None:
    fixed = tuple(map(kg, ("10", "15", "25")))
    assert [rounded("barbell", raw, Equipment(barbells=fixed)) for raw in ("2", "21", "90")] == ["10", "25", "25"]
    both = Equipment(bar=kg("20"), plates=(Plates(kg("10"), 2),), barbells=fixed)
    assert {rounded("barbell", str(raw), both) for raw in range(60)} == {"10", "15", "20", "25", "40"}
    assert loading("barbell", both, "kg").explain(Decimal(25)).plates is None
    assert loading("barbell", both, "kg").explain(Decimal(40)).plates == (Decimal(10),)


def test_kettlebells_are_those_there_are() -> None:
    assert rounded("kettlebell", "19", Equipment(kettlebells=(kg("16"), kg("24")))) == "16"
    assert rounded("kettlebell", "19.5") == "20"


def test_micro_plates_make_small_steps_possible() -> None:
    small = (*(Plates(lb(size), 4) for size in ("45", "25", "10", "5", "2.5")), Plates(lb("0.5"), 2))
    assert rounded("barbell", "96.2", Equipment(plates=small, rounding="down"), "lb") == "96"


@pytest.mark.parametrize(
    ("raw", "made"),
    [("44.9", "45"), ("45", "45"), ("47.4", "45"), ("47.5", "47.5"), ("134.99", "132.5"), ("229.9", "227.5")],
)
def test_rounded_down_to_a_bar_of_45_lb_and_pairs_and_never_under_the_bar(raw: str, made: str) -> None:
    plates = tuple(Plates(lb(size), 20) for size in ("45", "25", "10", "5", "2.5", "1.25"))
    assert rounded("barbell", raw, Equipment(bar=lb("45"), plates=plates, rounding="down"), "lb") == made


def test_what_a_lifter_leaves_out_is_as_somebody_else_says() -> None:
    own = Equipment(bar=kg("15"), rounding="up")
    programme = Equipment(bar=kg("20"), stack=kg("7"), rounding="down")
    assert combined(own, programme) == Equipment(bar=kg("15"), stack=kg("7"), rounding="up")
    assert combined(own, None) == own
    assert combined(None, programme) == programme


@given(st.lists(st.tuples(st.sampled_from(SIZES), st.integers(0, 7)), max_size=4, unique_by=lambda pair: pair[0]))
def test_no_plates_make_more_loads_than_are_foretold(plates: list[tuple[str, int]]) -> None:
    sides = product(*([Decimal(size) * pairs for pairs in range(count // 2 + 1)] for size, count in plates))
    assert len({sum(side) for side in sides}) <= plate_sums((Decimal(size), count) for size, count in plates)


def test_the_house_plates_make_far_fewer_loads_than_choices() -> None:
    assert plate_sums(HOUSE_PLATES["lb"]) == 179


def test_assistance_is_rounded_too() -> None:
    assert rounded("body-weight", "-12.3") == "-12.5"
    assert rounded("machine", "-20") == "-20"


@given(
    bar=st.sampled_from(["0", "7.5", "20"]),
    plates=st.lists(st.tuples(st.sampled_from(SIZES), st.integers(0, 5)), max_size=3, unique_by=lambda pair: pair[0]),
    raw=RAW,
)
def test_a_rounded_load_is_the_nearest_of_all_that_can_be_made(
    bar: str, plates: list[tuple[str, int]], raw: Decimal
) -> None:
    own = Equipment(bar=kg(bar), plates=tuple(Plates(kg(size), count) for size, count in plates))
    sides = product(*([Decimal(size) * pairs for pairs in range(count // 2 + 1)] for size, count in plates))
    makeable = {Decimal(bar) + 2 * sum(side) for side in sides}
    expected = min(makeable, key=lambda each: (abs(each - raw), each))
    answer = loading("barbell", own, "kg").explain(raw)
    assert answer.load == expected
    assert answer.plates is not None
    assert Decimal(bar) + 2 * sum(answer.plates) == answer.load


@given(raw=RAW, rounding=st.sampled_from(["nearest", "down", "up"]))
def test_rounding_stays_between_the_neighbours_and_is_settled_at_once(raw: Decimal, rounding: Rounding) -> None:
    cable = loading("cable", Equipment(rounding=rounding), "kg")
    load, below, above, _ = cable.explain(raw)
    assert below is not None
    assert above is not None
    assert below <= raw <= above
    assert load in {"nearest": {below, above}, "down": {below}, "up": {above}}[rounding]
    assert cable.round(load) == load


@given(st.lists(st.sampled_from(["105", "105.0", "1.05E+2", "105.00", "100", "1E+2"]), min_size=1))
def test_a_rounded_load_is_written_alike_whoever_asked_before(asked: list[str]) -> None:
    """Rounded loads are kept in projections, whose bytes must not depend on what else a process has rounded."""
    step = Loading("nearest", step=Decimal("0.5"))
    for raw in asked:
        assert str(step.round(Decimal(raw))) == canonical(Decimal(raw))


def test_no_load_at_all_is_said() -> None:
    with pytest.raises(ValueError, match="no load at all"):
        Loading("nearest").round(Decimal(10))


@pytest.mark.parametrize(
    ("kind", "load", "steps", "made"),
    [
        ("barbell", "100", 1, "102.5"),
        ("barbell", "100", -2, "95"),
        ("barbell", "100.3", 1, "102.5"),
        ("barbell", "100.3", -1, "100"),
        ("barbell", "20", -1, None),
        ("barbell", "9999", 1, None),
        ("cable", "40", 2, "45"),
        ("cable", "41", 1, "42.5"),
        ("cable", "41", -1, "40"),
    ],
)
def test_steps_go_from_one_makeable_load_to_the_next(kind: str, load: str, steps: int, made: str | None) -> None:
    stepped = loading(kind, None, "kg").stepped(Decimal(load), steps)
    assert (None if stepped is None else str(stepped)) == made


@pytest.mark.parametrize(
    ("kind", "unit", "own", "raw", "shown"),
    [
        ("dumbbell", "kg", "14 16 18 20 22", "17.6", "18"),  # a rack in steps of 2 kg has no 17.5
        ("dumbbell", "kg", "8 10 12", "9.6", "10"),
        ("dumbbell", "kg", "8 12", "9.6", "10"),  # steps of 2 kg are the largest that have both
        ("dumbbell", "kg", "4 8", "6.4", "6"),
        ("dumbbell", "kg", "22.5", "20.25", "20"),
        (
            "dumbbell",
            "kg",
            "8.3 12",
            "9.6",
            "9.5",
        ),  # no rack in even steps has both: what lies between, nobody has shown
        ("dumbbell", "kg", "10 12", "13.1", "13"),
        ("dumbbell", "lb", "20 25 30", "27", "25"),
        ("machine", "kg", "21 23 25", "22.4", "23"),
        ("barbell", "kg", "61 63.5", "62.4", "62.5"),  # a bar is loaded with plates, of whatever it was before
    ],
)
def test_between_two_neighbours_of_a_rack_nothing_else_is(
    kind: str, unit: Unit, own: str, raw: str, shown: str
) -> None:
    known = learned_loading(loading(kind, None, unit), tuple(map(Decimal, own.split())), kind, unit)
    assert known.round(Decimal(raw)) == Decimal(shown)


def test_steps_on_a_rack_go_from_neighbour_to_neighbour() -> None:
    known = learned_loading(loading("dumbbell", None, "kg"), tuple(map(Decimal, (14, 16, 18))), "dumbbell", "kg")
    assert [known.stepped(Decimal(16), steps) for steps in (-1, 1, 2)] == [14, 18, Decimal("18.5")]
    assert known.stepped(Decimal("16.5"), 1) == 18
