"""How whole sessions are read, without kinds: as people train and log."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import loading
from service.domain.loads import Load
from service.engine.reading.close import verdicts
from service.engine.reading.place import Basis, LoggedSet, Place, Verdict
from tests.support.reading import BASIS, FINE, Read, places, read, read_day, sets

FIVES = "5*100x5"


def says(slot: Read) -> list[Verdict | None]:
    """What the set in each place says, None of a place left out."""
    return verdicts(slot.slot, slot.asked, slot.performed, slot.basis)


# StrongLifts


def test_stronglifts_ramp_waits_and_all_five_sets_stay_asked_until_the_first_of_them() -> None:
    slot = Read(places(FIVES))
    left = [(slot.take(each), slot.left) for each in sets("20x5 40x5 60x5 80x5 100x5 100x5")]
    assert left == [("-", 5), ("-", 5), ("-", 5), ("-", 5), ("1", 4), ("2", 3)]


def test_stronglifts_ramp_is_warm_ups_and_the_fives_are_the_work() -> None:
    came, closed = read(FIVES, "20x5 40x5 60x5 80x5 100x5 100x5 100x5 100x5 100x5")
    assert came == "- - - - 1 2 3 4 5"
    assert closed == "W W W W 1 2 3 4 5"


def test_stronglifts_with_two_sets_left_out_fills_three_places_and_none_with_the_ramp() -> None:
    assert read(FIVES, "20x5 40x5 60x5 80x5 100x5 100x5 100x5")[1] == "W W W W 1 2 3"


def test_the_ramp_as_prescribed_is_read_as_warm_ups() -> None:
    assert read(FIVES, "20x5 20x5 40x5 60x3 80x2 100x5 100x5 100x5 100x5 100x5")[1] == "W W W W W 1 2 3 4 5"


def test_one_lighter_double_before_the_work_is_a_warm_up() -> None:
    assert read(FIVES, "80x2 100x5 100x5 100x5 100x5 100x5") == ("- 1 2 3 4 5", "W 1 2 3 4 5")


def test_without_any_load_known_each_heavier_set_fills_the_first_place_anew() -> None:
    came, closed = read("5*?x5", "20x5 40x5 60x5 80x5 100x5 100x5 100x5 100x5 100x5")
    assert came == "1 1 1 1 1 2 3 4 5"
    assert closed == "W W W W 1 2 3 4 5"


def test_where_the_load_was_chosen_the_place_asks_for_it() -> None:
    slot = Read(places("5*?x5"))
    slot.take(*sets("20x5 60x5"))
    assert slot.slot.asked == [Place(Decimal(60), Decimal(60), 5, 5)]


def test_a_back_off_set_comes_on_top() -> None:
    assert read(FIVES, "100x5 100x5 100x5 100x5 100x5 80x8")[1] == "1 2 3 4 5 +"


def test_a_session_of_warm_ups_only_is_its_heaviest_set() -> None:
    assert read(FIVES, "20x5 40x5 60x5 80x5") == ("- - - -", "W W W 1")


# Other programmes


def test_boring_but_big_fives_go_to_their_own_slot() -> None:
    day = {"main": "39x5 45x5 51x5+", "volume": "5*30x10"}
    ramp, main, volume = "16x5 23.5x5 31x3", "39x5 45x5 51x9", "30x10 30x10 30x10 30x10 30x10"
    assert read_day(day, f"{ramp} {main} {volume}", BASIS._replace(loads=FINE)) == {
        "main": (f"{ramp} {main}", "W W W 1 2 3"),
        "volume": (volume, "1 2 3 4 5"),
    }


@pytest.mark.parametrize("first", ["30x10", "30x9", "30x8"])
def test_boring_but_big_with_the_amrap_left_out_takes_no_ten_for_it(first: str) -> None:
    day = {"main": "39x5 45x5 51x5+", "volume": "5*30x10"}
    assert read_day(day, f"39x5 45x5 {first} 30x10 30x10 30x10 30x10")["main"] == ("39x5 45x5", "1 2")


def test_nsuns_nine_places_each_have_their_own_set() -> None:
    asked = "75x5 85x3 95x1+ 90x3 85x3 80x3 75x5 70x5 65x5+"
    logged = "40x5 60x3 75x5 85x3 95x4 90x3 85x3 80x3 75x5 70x5 65x8"
    came, closed = read(asked, logged)
    assert came == "- - 1 2 3 4 5 6 7 8 9"
    assert closed == "W W 1 2 3 4 5 6 7 8 9"


def test_madcow_record_day_after_its_own_lighter_ramp_has_the_record_in_its_place() -> None:
    asked = "50x5 62.5x5 75x5 87.5x5 102.5x3 75x8"
    assert read(asked, "20x5 40x5 50x5 62.5x5 75x5 87.5x5 102.5x3 75x8")[1] == "W W 1 2 3 4 5 6"


def test_madcow_with_one_ramp_set_more_is_put_right_at_the_end() -> None:
    asked = "50x5 62.5x5 75x5 87.5x5 102.5x3 75x8"
    came, closed = read(asked, "47.5x5 50x5 62.5x5 75x5 87.5x5 102.5x3 75x8")
    assert came == "1 2 3 4 5 6 +"
    assert closed == "+ 1 2 3 4 5 6"


@pytest.mark.parametrize("ramp", ["", "40x5 60x3 70x2 "])
def test_texas_volume_lighter_with_all_repetitions_is_neither_success_nor_failure(ramp: str) -> None:
    slot = Read(places("5*90x5"))
    slot.take(*sets(f"{ramp}85x5 85x5 85x5 85x5 85x5"))
    slot.close()
    assert slot.slot.filled == 5
    assert says(slot) == [Verdict.LIGHTER] * 5


def test_upper_back_fills_three_places_and_the_rest_is_warm_up_and_extra() -> None:
    asked = "225x4-6 235x4-6 230x4-6"
    came, closed = read(asked, "135x5 225x6 235x3 230x5 185x10")
    assert came == "- 1 2 3 +"
    assert closed == "W 1 2 3 +"


def test_greyskull_back_off_with_many_repetitions_comes_on_top() -> None:
    assert read("200x5 200x5 200x5+", "200x5 200x5 200x5 150x12")[1] == "1 2 3 +"


# Patterns that are the lifter's own


def test_a_pyramid_is_no_ramp_under_a_default() -> None:
    came, closed = read("3*?x8-12", "50x12 60x10 70x8", pyramids=True)
    assert came == "1 1 1"
    assert "W" not in closed
    assert read("3*70x8-12", "50x12 60x10 70x8", pyramids=True)[1] == "1 2 3"


def test_the_foot_of_a_pyramid_is_a_warm_up_under_a_programme() -> None:
    assert read("3*70x8", "50x12 60x10 70x8 70x8 70x8")[1] == "W + 1 2 3"


def test_a_reverse_pyramid_fills_places_in_order() -> None:
    assert read("3*80x5-8", "80x5 72.5x7 65x9", pyramids=True) == ("1 2 3", "1 2 3")


# Sides


ROW = "3*30x8"


def test_a_lighter_pair_waits_then_sides_in_turn_fill_a_place_each_pair() -> None:
    slot = Read(places(ROW))
    logged = sets("L20x8 R20x8 L30x8 R30x8 R30x9 L30x8 L30x8 R30x8")
    came = [(slot.take(each), slot.slot.missing_side) for each in logged]
    assert came == [
        ("-", None),
        ("-", None),
        ("/", "right"),
        ("1", None),
        ("/", "left"),
        ("2", None),
        ("/", "right"),
        ("3", None),
    ]
    assert slot.close() == "W W 1 1 2 2 3 3"
    assert slot.performed == [(2, 3), (4, 5), (6, 7)]
    assert says(slot) == [Verdict.DONE] * 3


def test_a_weaker_side_decides() -> None:
    slot = Read(places("1*30x8"))
    slot.take(*sets("L30x8 R27.5x7"))
    assert slot.slot.readings[1].place == 0
    assert slot.close() == "1 1"


def test_one_side_after_the_other_each_with_its_own_ramp() -> None:
    assert read(ROW, "L20x8 L30x8 L30x8 L30x8 R20x8 R30x8 R30x8 R30x8")[1] == "W 1 2 3 W 1 2 3"


def test_a_side_that_never_came_counts_alone() -> None:
    assert read(ROW, "L30x8 R30x8 L30x8") == ("/ 1 /", "1 1 2")


def test_sides_far_weaker_to_the_end_are_paired_at_the_end() -> None:
    assert read(ROW, "L30x8 R20x8 L30x8 R20x8") == ("/ - / -", "1 1 2 2")


def test_sides_of_an_unknown_load_ramp_up_in_pairs() -> None:
    assert read("3*?x8", "L20x8 R20x8 L30x8 R30x8 L30x8 R30x8") == ("/ 1 / 1 / 2", "W W 1 1 2 2")


# Added loads


@pytest.mark.parametrize(
    ("body_weight", "closed"),
    [(Decimal(80), "W 1 2"), (None, "1 2 3")],
)
def test_assisted_thirty_asked_and_more_help_first(body_weight: Decimal | None, closed: str) -> None:
    basis = Basis(FINE, added=True, body_weight=body_weight)
    slot = Read(places("3*-30x8"), basis)
    assert slot.take(*sets("-40x8 -30x8 -30x7")) == "- 1 2"
    assert slot.close() == closed
    assert Verdict.SHORT in says(slot)  # so it holds at -30, and does not ease to -40


def test_body_weight_before_what_hangs_from_the_belt_is_no_warm_up() -> None:
    basis = Basis(FINE, added=True, body_weight=Decimal(80))
    assert read("3*10x5", "0x5 10x5 10x5 10x5", basis) == ("- 1 2 3", "+ 1 2 3")
    assert read("3*5x5", "0x5 0x5 0x5", basis) == ("1 2 3", "1 2 3")


# Two slots of one exercise in a day


@pytest.mark.parametrize(
    ("order", "heavy", "light"),
    [
        ("70x10 70x10 70x10 100x5 100x5 100x5", "100x5 100x5 100x5", "70x10 70x10 70x10"),
        ("100x5 100x5 100x5 70x10 70x10 70x10", "100x5 100x5 100x5", "70x10 70x10 70x10"),
        ("100x5 70x10 100x5 70x10 100x5 70x10", "100x5 100x5 100x5", "70x10 70x10 70x10"),
        ("70x10 70x9 70x8 100x5 100x4 95x5", "100x5 100x4 95x5", "70x10 70x9 70x8"),
        ("100x5 100x4 90x5 70x10 70x9 70x8", "100x5 100x4 90x5", "70x10 70x9 70x8"),
    ],
)
def test_heavy_and_light_slot_each_get_their_own(order: str, heavy: str, light: str) -> None:
    assert read_day({"heavy": "3*100x5", "light": "3*70x10"}, order) == {
        "heavy": (heavy, "1 2 3"),
        "light": (light, "1 2 3"),
    }


def test_the_ramp_before_the_heavy_slot_is_the_heavy_slots() -> None:
    ramp, work = "20x5 40x5 60x3 80x2", "100x5 100x5 100x5"
    day = read_day({"heavy": "3*100x5", "light": "3*70x10"}, f"{ramp} {work} 70x10 70x10 70x10")
    assert day == {"heavy": (f"{ramp} {work}", "W W W W 1 2 3"), "light": ("70x10 70x10 70x10", "1 2 3")}


# Loads that are not quite those asked for


def test_a_whole_session_lighter_than_asked_is_read_at_its_end() -> None:
    slot = Read(places(FIVES))
    assert slot.take(*sets("40x5 80x5 80x5 80x5 80x5 80x5")) == "- - - - - -"
    assert slot.close() == "W 1 2 3 4 5"
    assert says(slot) == [Verdict.LIGHTER] * 5


def test_pounds_logged_in_kilograms_do_what_was_asked() -> None:
    slot = Read(places("3*135x5"), Basis(loading("barbell", None, "lb")))
    slot.take(*(LoggedSet(n, n, Load(Decimal("61.23"), "kg").in_unit("lb"), 5) for n in range(3)))
    assert slot.close() == "1 2 3"
    assert says(slot) == [Verdict.DONE] * 3


def test_the_raw_load_that_was_rounded_up_does_what_was_asked() -> None:
    slot = Read(places("3*397~397.5x5"), Basis(loading("barbell", None, "lb")))
    slot.take(*sets("397x5 397x5 397x4"))
    slot.close()
    assert says(slot) == [Verdict.DONE, Verdict.DONE, Verdict.SHORT]


def test_a_lighter_set_of_an_rpe_block_is_work_and_its_reserve_is_there_for_the_rules() -> None:
    slot = Read(places("3*126x4"), Basis(FINE))
    assert slot.take(*sets("120x4@0")) == "1"
    assert slot.slot.sets[0].rir == 0


def test_heavier_and_short_is_no_failure_if_it_is_worth_what_was_asked() -> None:
    slot = Read(places("3*100x5"))
    slot.take(*sets("110x3 105x3 100x5"))
    slot.close()
    assert says(slot) == [Verdict.HEAVIER, Verdict.SHORT, Verdict.DONE]


def test_a_session_left_unfinished_says_which_places_were_left_out() -> None:
    slot = Read(places(FIVES))
    slot.take(*sets("80x2 100x5 100x5 100x5"))
    slot.close()
    assert says(slot) == [Verdict.DONE, Verdict.DONE, Verdict.DONE, None, None]
