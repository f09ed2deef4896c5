"""Loads: one way to write a number, one way to convert it, no binary floats."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.loads import Load, Unit, canonical, convert, convert_reversibly

POSTED = st.decimals(-5000, 5000, places=4)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("225.0", "225"),
        ("225", "225"),
        ("102.50", "102.5"),
        ("1E+2", "100"),
        ("1.0E+2", "100"),
        ("5E-5", "0.00005"),
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("-12.50", "-12.5"),
        ("1000", "1000"),
    ],
)
def test_a_number_is_written_in_one_way(value: str, written: str) -> None:
    assert canonical(Decimal(value)) == written


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-10_000, max_value=10_000))
def test_writing_keeps_the_number_and_is_settled_at_once(value: Decimal) -> None:
    written = canonical(value)
    assert Decimal(written) == value
    assert canonical(Decimal(written)) == written


@given(POSTED, st.integers(0, 4))
def test_trailing_zeros_and_exponents_say_nothing(value: Decimal, zeros: int) -> None:
    longer = value.quantize(Decimal(1).scaleb(-4 - zeros))
    assert canonical(longer) == canonical(value)


def test_a_pound_is_the_international_one() -> None:
    assert convert(Decimal(1), "lb", "kg") == Decimal("0.4536")
    assert convert(Decimal(225), "lb", "kg") == Decimal("102.0583")
    assert convert(Decimal(100), "kg", "lb") == Decimal("220.4623")


@given(POSTED, st.sampled_from(["kg", "lb"]))
def test_a_load_in_its_own_unit_stays_exactly_as_posted(value: Decimal, unit: Unit) -> None:
    assert str(Load(value, unit).in_unit(unit)) == str(value)


@given(POSTED, st.sampled_from(["kg", "lb"]))
def test_there_and_back_is_the_same_load_to_the_thousandth(value: Decimal, unit: Unit) -> None:
    other: Unit = "lb" if unit == "kg" else "kg"
    back = convert(convert(value, unit, other), other, unit)
    assert abs(back - value) <= Decimal("0.0002")


@given(POSTED, st.sampled_from(["kg", "lb"]))
def test_what_is_kept_comes_back_exactly_where_nothing_was_lost_on_the_way(value: Decimal, unit: Unit) -> None:
    """A pound is less than half a kilogram, so four places of kilograms cannot hold four of pounds."""
    other: Unit = "lb" if unit == "kg" else "kg"
    value = value.quantize(Decimal("0.0001") if unit == "kg" else Decimal("0.001"))
    there = convert_reversibly(value, unit, other)
    assert abs(there - convert(value, unit, other)) <= Decimal("0.0002")
    assert convert_reversibly(there, other, unit) == value


@given(POSTED, POSTED)
def test_converting_keeps_the_order(lighter: Decimal, heavier: Decimal) -> None:
    lighter, heavier = sorted((lighter, heavier))
    assert convert(lighter, "kg", "lb") <= convert(heavier, "kg", "lb")


def test_a_load_reads_as_people_write_it() -> None:
    assert str(Load(Decimal("102.50"), "kg")) == "102.5 kg"
