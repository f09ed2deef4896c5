"""What is done, what waits, what failed, where a set goes: case by case."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.equipment import Equipment, Loading, loading
from service.domain.loads import Load, Unit, convert
from service.engine.reading.outliers import as_asked, is_outlier
from service.engine.reading.place import (
    Basis,
    LoggedSet,
    Place,
    Verdict,
    does,
    heaviest,
    load_for_rules,
    reaches,
    verdict,
)
from service.engine.reading.readings import SENTENCES, Why
from service.engine.reading.slot_choice import Candidate, ChosenBy, choose_slot
from service.engine.reading.slot_sets import MOST_SETS, SlotSets
from tests.support.reading import BASIS, FINE, Read, a_set, places, read, sets

PULL_UP = Basis(FINE, added=True, body_weight=Decimal(80))
WEIGHT_UNKNOWN = PULL_UP._replace(body_weight=None)
TIMED = Basis(FINE, timed=True)


def place(written: str) -> Place:
    (only,) = places(written)
    return only


def on(kind: str, unit: Unit, equipment: Equipment | None = None) -> Basis:
    return Basis(loading(kind, equipment, unit))


# What counts as done


@pytest.mark.parametrize("pounds", range(95, 396, 10))
@pytest.mark.parametrize("decimals", ["0.1", "0.01", "0.0001"])
def test_pounds_logged_as_rounded_kilograms_are_done(pounds: int, decimals: str) -> None:
    asked = Place(Decimal(pounds), Decimal(pounds), 5, 5)
    kilograms = convert(Decimal(pounds), "lb", "kg").quantize(Decimal(decimals))
    logged = Load(kilograms, "kg").in_unit("lb")
    basis = on("barbell", "lb")
    assert does(asked, LoggedSet(1, 1, logged, 5), basis)
    if logged <= pounds:
        assert load_for_rules(asked, logged, basis) == pounds


@pytest.mark.parametrize("kilograms", [Decimal(each) for each in ("40", "62.5", "100", "142.5", "181")])
def test_kilograms_logged_as_rounded_pounds_are_done(kilograms: Decimal) -> None:
    asked = Place(kilograms, kilograms, 5, 5)
    logged = Load(convert(kilograms, "kg", "lb").quantize(Decimal("0.1")), "lb").in_unit("kg")
    assert does(asked, LoggedSet(1, 1, logged, 5), on("barbell", "kg"))


@pytest.mark.parametrize(
    ("asked", "load", "reached"),
    [
        ("397~397.5x5", "397", True),  # the raw load, which was rounded up
        ("397~397.5x5", "396.9", True),  # less than half the gap to 395
        ("397~397.5x5", "396.25", False),  # half of it
        ("397~397.5x5", "395", False),
        ("101~100x5", "100", True),  # what was shown, rounded down
        ("100x5", "99", True),
        ("100x5", "98.75", False),
        ("135x5", "150", True),
        ("?x5", "1", True),
    ],
)
def test_a_load_is_reached(asked: str, load: str, *, reached: bool) -> None:
    pounds = Basis(Loading("nearest", step=Decimal("2.5")))
    assert reaches(place(asked), Decimal(load), pounds) is reached


def test_on_a_coarse_stack_nearly_is_at_most_two_and_a_half_percent() -> None:
    stack = on("cable", "kg", Equipment(stack=Load(Decimal(20), "kg")))
    assert reaches(place("100x8"), Decimal("97.5"), stack)
    assert not reaches(place("100x8"), Decimal(97), stack)


def test_what_was_done_is_read_as_shown_and_more_or_less_as_it_was() -> None:
    asked = place("135x5")
    basis = on("barbell", "lb")
    read_as = [load_for_rules(asked, Decimal(load), basis) for load in ("134.99", "135.01", "132.5")]
    assert read_as == [Decimal(135), Decimal("135.01"), Decimal("132.5")]


def test_shares_of_an_added_load_are_of_all_that_is_moved() -> None:
    asked = place("5x8")
    assert reaches(asked, Decimal("4.8"), PULL_UP)
    assert reaches(asked, Decimal("4.9"), WEIGHT_UNKNOWN)
    assert not reaches(asked, Decimal("4.8"), WEIGHT_UNKNOWN)  # 2.5 % of 5


# What waits


@pytest.mark.parametrize(
    ("asked", "logged", "basis", "why"),
    [
        ("100x5", "89.5x9", BASIS, Why.LIGHT),
        ("100x5", "90x5", BASIS, Why.ENOUGH),
        ("100x5", "95x4", BASIS, Why.LIGHT_AND_SHORT),
        ("100x5", "100x1", BASIS, Why.REACHED),
        ("100x5", "99.9x1", BASIS, Why.REACHED),
        ("100x5", "110x1", BASIS, Why.REACHED),
        ("100x5", "20x5w", BASIS, Why.LABELLED),
        ("100x5", "20x5a", BASIS, Why.LABELLED),
        ("100x5", "20x5f", BASIS, Why.LABELLED),
        ("100x5", "100x5d", BASIS, Why.LABELLED),
        ("100x5", "100x5u", BASIS, Why.LABELLED),
        ("10x5", "0x5", PULL_UP, Why.LIGHT),
        ("8x5", "0x5", PULL_UP, Why.ENOUGH),
        ("10x5", "0x5", WEIGHT_UNKNOWN, Why.WEIGHT_UNKNOWN),
        ("10x5", "9.9x5", WEIGHT_UNKNOWN, Why.REACHED),
        ("-30x8", "-40x8", WEIGHT_UNKNOWN, Why.WEIGHT_UNKNOWN),
        ("-30x8", "-40x8", PULL_UP, Why.LIGHT),
        ("-30x8", "-30x8", PULL_UP, Why.REACHED),
        ("0x20", "0x9", PULL_UP, Why.UNDER_HALF),
        ("0x20", "0x10", PULL_UP, Why.REACHED),
        ("0x20", "10x5", PULL_UP, Why.REACHED),
        ("0x20", "0x9", BASIS, Why.UNDER_HALF),
        ("0x180", "0x89", TIMED, Why.UNDER_HALF),
        ("0x180", "0x90", TIMED, Why.REACHED),
        ("40x30", "20x30", TIMED, Why.LIGHT),
        ("40x30", "38x20", TIMED, Why.ENOUGH),
    ],
)
def test_before_any_place_is_filled(asked: str, logged: str, basis: Basis, why: Why) -> None:
    reading = SlotSets().take(place(asked), a_set(logged), basis)
    assert reading.why == why


@pytest.mark.parametrize("logged", ["20x5", "95x1", "0x0", "300x20"])
def test_after_the_first_place_every_work_set_fills_the_next(logged: str) -> None:
    assert read("3*100x5", f"100x5 {logged} 100x5")[0] == "1 2 3"


@pytest.mark.parametrize(
    ("done", "left"),
    [("", ["40", "60", "80"]), ("60x5", ["80"]), ("70x5u", ["80"]), ("80x2", []), ("40x5 100x5", []), ("20x5w", [])],
)
def test_waiting_sets_and_labelled_warm_ups_tick_off_warm_ups(done: str, left: list[str]) -> None:
    slot = Read(places("5*100x5"))
    slot.take(*sets(done))
    still = slot.slot.warm_ups_left(places("40x5 60x3 80x2"), BASIS)
    assert [str(each.shown) for each in still] == left


def test_a_heavier_labelled_set_ends_the_finding_of_a_load() -> None:
    assert read("3*?x5", "60x5 80x5w 85x5 80x5") == ("1 1 2 3", "W 1 2 3")
    assert read("3*?x5", "60x5w 80x5 85x5") == ("1 2 3", "1 2 3")


def test_a_session_beyond_all_measure_is_bounded() -> None:
    slot = Read(places("100*100x5"))
    slot.take(*sets("20x5 " + "100x5 " * 150))
    slot.close()
    assert len(slot.slot.sets) == MOST_SETS
    assert slot.slot.filled == MOST_SETS - 1


# Success and failure


@pytest.mark.parametrize(
    ("asked", "logged", "basis", "says"),
    [
        ("100x5", "100x5", BASIS, Verdict.DONE),
        ("100x5", "120x6", BASIS, Verdict.DONE),
        ("100x5", "100x4", BASIS, Verdict.SHORT),
        ("100x5", "102.5x4", BASIS, Verdict.SHORT),
        ("100x5", "110x3", BASIS, Verdict.HEAVIER),
        ("100x5", "80x5", BASIS, Verdict.LIGHTER),
        ("100x5", "90x4", BASIS, Verdict.SHORT),
        ("100x5", "89.5x4", BASIS, Verdict.LIGHTER),
        ("100x5", "80x4@0", BASIS, Verdict.SHORT),
        ("100x5", "80x5@0", BASIS, Verdict.LIGHTER),
        ("100x1", "100x0", BASIS, Verdict.SHORT),
        ("0x8", "10x5", WEIGHT_UNKNOWN, Verdict.HEAVIER),
        ("0x8", "20x5", PULL_UP, Verdict.HEAVIER),
        ("0x8", "2.5x5", PULL_UP, Verdict.SHORT),
        ("0x60", "0x59", TIMED, Verdict.SHORT),
        ("0x60", "10x30", TIMED, Verdict.SHORT),
        ("?x5", "60x5", BASIS, Verdict.DONE),
    ],
)
def test_what_a_set_says_of_what_was_asked(asked: str, logged: str, basis: Basis, says: Verdict) -> None:
    assert verdict(place(asked), a_set(logged), basis) == says


def test_extra_sets_are_held_against_the_heaviest_place() -> None:
    asked = places("60x5 100x3 100x5 80x5 ?x5")
    assert heaviest(asked) is asked[1]
    assert heaviest(places("?x5")) is None
    assert heaviest([]) is None


# Matching at the end


@pytest.mark.parametrize(
    ("asked", "logged", "closed"),
    [
        ("3*100x5", "90x5 100x5 100x5 100x5", "+ 1 2 3"),  # the fourth was extra when it came
        ("3*100x5", "95x3 100x5 100x5 100x5", "+ 1 2 3"),
        ("3*100x5", "95x3 100x5 100x5", "1 2 3"),  # no warm-up, and a place was left out
        ("3*100x5", "100x5 100x5 100x5 110x5", "1 2 + 3"),  # as many done, and heavier
        ("3*100x5", "100x5 100x5 100x5 110x3", "1 2 3 +"),
        ("3*100x5", "100x5 100x3 100x5 100x4", "1 + 2 3"),
        ("3*100x5", "100x4 100x3", "1 2"),
        ("60x5 100x5", "60x5 60x5 100x5", "1 + 2"),
        ("2*0x60", "0x20 0x60 0x60", "W 1 2"),
        ("3*100x5", "100x5d 100x5u 100x5", "D W 1"),
    ],
)
def test_places_are_matched_anew(asked: str, logged: str, closed: str) -> None:
    assert read(asked, logged, TIMED if asked == "2*0x60" else BASIS)[1] == closed


# Where a set goes


@pytest.mark.parametrize(
    ("due", "logged", "chosen"),
    [
        (["100x5", "70x10"], "70x10", (1, ChosenBy.DONE)),
        (["100x5", "70x10"], "100x10", (0, ChosenBy.DONE)),
        (["70x10", "100x5"], "100x5", (1, ChosenBy.DONE)),
        (["100x5", "70x10"], "70x8", (1, ChosenBy.NEAR)),
        (["100x5", "70x10"], "90x5", (0, ChosenBy.NEAR)),
        (["100x5", "70x10"], "70x5", (0, ChosenBy.NEXT)),
        (["100x5", "70x10"], "40x10", (0, ChosenBy.NEXT)),
        (["", "70x10"], "100x5", (1, ChosenBy.NEXT)),
        (["", ""], "100x5", (0, ChosenBy.NEXT)),
        (["?x5", "?x10"], "100x5", (0, ChosenBy.NEXT)),
        (["100x5", "70x10"], "70x10u", (0, ChosenBy.NEXT)),
        (["100x5", "100x5"], "100x5", (0, ChosenBy.DONE)),
    ],
)
def test_a_set_goes_to_the_heaviest_place_that_it_does(due: list[str], logged: str, chosen: tuple[int, str]) -> None:
    slots = [Candidate(place(written) if written else None) for written in due]
    assert choose_slot(slots, a_set(logged), BASIS) == chosen


def test_a_set_goes_to_the_slot_that_it_names_and_a_poor_one_to_the_last() -> None:
    heavy, light = places("100x5 70x10")
    assert choose_slot([Candidate(heavy), Candidate(light, named=True)], a_set("100x5"), BASIS) == (1, ChosenBy.NAMED)
    assert choose_slot([Candidate(heavy), Candidate(light, last=True)], a_set("60x5"), BASIS) == (1, ChosenBy.LAST)
    assert choose_slot([Candidate(None), Candidate(None, last=True)], a_set("60x5"), BASIS) == (1, ChosenBy.LAST)
    assert choose_slot([Candidate(heavy), Candidate(None, last=True)], a_set("60x5"), BASIS) == (0, ChosenBy.NEXT)


# Outliers


TOPS = [Decimal(80), Decimal("84.6"), Decimal("82.5")]


@pytest.mark.parametrize(
    ("load", "tops", "unconfirmed", "outlier"),
    [
        ("846", TOPS, None, True),
        ("846", TOPS, Decimal(846), False),
        ("846", TOPS, Decimal(200), True),
        ("200", TOPS, Decimal(846), True),
        ("200", TOPS, Decimal(190), False),
        ("846", TOPS[:2], None, False),
        ("169.2", TOPS, None, False),
        ("169.3", TOPS, None, True),
        ("169.3", [Decimal(200), *TOPS], None, True),
    ],
)
def test_over_twice_the_best_of_three_sessions(
    load: str, tops: list[Decimal], unconfirmed: Decimal | None, *, outlier: bool
) -> None:
    assert is_outlier(Decimal(load), tops, unconfirmed, BASIS.weight) is outlier


def test_an_added_load_is_an_outlier_with_the_body_weight() -> None:
    assert not is_outlier(Decimal(25), [Decimal(10)] * 3, None, PULL_UP.weight)
    assert is_outlier(Decimal(250), [Decimal(10)] * 3, None, PULL_UP.weight)
    assert not is_outlier(Decimal(250), [Decimal(10)] * 3, None, WEIGHT_UNKNOWN.weight)


def test_an_outlier_counts_as_what_was_asked() -> None:
    assert as_asked(place("85x5"), a_set("846x8")) == a_set("85x5")
    assert as_asked(place("85x5"), a_set("846x3")) == a_set("85x3")


# The record


def test_every_reason_has_a_sentence_for_its_numbers() -> None:
    assert set(SENTENCES) == set(Why)
    came = Read(places("3*100x5"))
    came.take(*sets("80x5 90.00x5"))
    assert [reading.sentence() for reading in came.slot.readings] == [
        "80 is under 90 % of the 100 asked for.",
        "90 is at least 90 % of the 100 asked for, with all repetitions.",
    ]
    came.take(*sets("100x5"))
    came.close()
    assert came.slot.readings[0].sentence() == (
        "Its estimate, 93.3, is at most 80 % of that of a heavier later set, 116.7."
    )
