"""What a rollout changes: counted per lifter, added up in any grouping, spread and drawn."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import accumulate
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.commands.histogram import histogram_svg
from service.domain.identifiers import LifterRef
from service.domain.prescription import PrescribedSet, Prescription, Range, ShownLoad, UsedRuleSet
from service.engine.changes.rollout_effect import EDGES, MOST, Difference, Effect, effect_of, histogram, quantile

ANN = LifterRef("gym", "ann")
SVG = "{http://www.w3.org/2000/svg}"


def prescription(*loads: str | None, reps: int = 5) -> Prescription:
    sets = tuple(
        PrescribedSet(place, "work", None if load is None else ShownLoad(Decimal(load), "kg"), Range(reps, reps))
        for place, load in enumerate(loads, 1)
    )
    unsaid: dict[str, Any] = dict.fromkeys(
        ("prescription_id", "lifter", "slot", "as_of", "valid_from", "valid_until", "outcome", "derivation"), ""
    )
    return Prescription(
        **unsaid,
        exercise="squat",
        version=1,
        status="next_session",
        sets=sets,
        because=(),
        rule_set=UsedRuleSet("p", "d"),
        log_head="h",
    )


def effect(before: dict[str, Prescription], after: dict[str, Prescription]) -> Effect:
    return effect_of(ANN, "old", before, after)


def test_nothing_changes() -> None:
    same = {"a/squat": prescription("100", "100")}
    assert effect(same, same) == Effect(lifters=1, prescriptions=1, loads={0: 1}, followed={"old": 1})


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (("100", "100"), ("102.5", "100"), 250),
        (("100", "90"), ("95", "95", "95"), -500),
        (("60",), ("61",), 167),
        ((None,), ("100",), None),
        (("-20",), ("-10",), None),
        (("0",), ("10",), None),
        (("100",), (), None),
    ],
)
def test_the_heaviest_load_is_compared(before: tuple[Any, ...], after: tuple[Any, ...], change: int | None) -> None:
    seen = effect({"a/squat": prescription(*before)}, {"a/squat": prescription(*after)})
    assert (seen.changed, seen.lifters_changed) == (1, 1)
    assert [each.change for each in seen.most] == [change]
    assert seen.moves == ({} if change is None else {change: 1})


def test_other_repetitions_are_a_change_and_no_other_load() -> None:
    seen = effect({"a/squat": prescription("100")}, {"a/squat": prescription("100", reps=8)})
    assert (seen.changed, seen.loads, seen.moves) == (1, {0: 1}, {})


def test_slots_that_come_and_go_are_changes() -> None:
    seen = effect({"a/squat": prescription("100")}, {"a/row": prescription("50")})
    assert (seen.prescriptions, seen.changed, seen.loads) == (2, 2, {})
    (most,) = seen.most
    assert (most.slot, most.before) == ("a/row", None)


differences = st.builds(
    Difference,
    st.sampled_from("gh"),
    st.text("ab", min_size=1, max_size=3),
    st.sampled_from(["a/x", "b/y"]),
    st.just("squat"),
    st.none(),
    st.none(),
    st.none() | st.integers(-3000, 3000),
)
effects = st.builds(
    Effect,
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.dictionaries(st.integers(-3000, 3000), st.integers(1, 9), max_size=4),
    st.dictionaries(st.sampled_from("de"), st.integers(1, 9)),
    st.lists(differences, max_size=MOST, unique_by=lambda each: (each.gym, each.lifter)).map(
        lambda each: (Effect(most=tuple(each)) + Effect()).most
    ),
)


@given(effects, effects, effects)
def test_effects_add_up_in_any_grouping(one: Effect, two: Effect, three: Effect) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + Effect() == Effect() + one == one


def test_those_who_change_most_come_first_and_are_few() -> None:
    total = Effect()
    for number in range(30):
        before, after = {"a/x": prescription("100")}, {"a/x": prescription(str(100 + number - 15))}
        total += effect_of(LifterRef("gym", f"l{number:02}"), "old", before, after)
    sizes = [abs(each.change or 0) for each in total.most]
    assert sizes == [1500, 1400, 1400, 1300, 1300, 1200, 1200, 1100, 1100, 1000]
    assert total.lifters_changed == 29


counts = st.dictionaries(st.integers(-5000, 5000).filter(bool), st.integers(1, 50), min_size=1)


@given(counts, st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_a_quantile_is_that_of_the_sorted_values(counted: dict[int, int], share: float) -> None:
    values = sorted(Counter(counted).elements())
    found = quantile(counted, share)
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


@given(counts)
def test_every_move_is_in_one_bin(counted: dict[int, int]) -> None:
    bins = histogram(counted)
    assert len(bins) == len(EDGES) + 1
    for edge, below in zip(EDGES, accumulate(bins), strict=False):
        # One at an edge lies nearer to 0.
        assert below == sum(count for move, count in counted.items() if (move < edge if edge <= 0 else move <= edge))


def test_the_histogram_is_drawn_to_scale() -> None:
    root = ET.fromstring(histogram_svg('5 < 6 & "so" on', [("< 0", 5), ("> 0", 1000)]))  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == '5 < 6 & "so" on'
    assert [each.text for each in root.findall(f"{SVG}text")] == ['5 < 6 & "so" on', "5", "< 0", "1,000", "> 0"]
    _, low, high = root.findall(f"{SVG}rect")
    assert float(high.attrib["height"]) == 200 * float(low.attrib["height"])
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for bar in (low, high):
        assert 0 <= float(bar.attrib["x"]) <= width - float(bar.attrib["width"])
        assert 0 <= float(bar.attrib["y"]) <= height - float(bar.attrib["height"])


def test_a_histogram_of_nothing_is_still_a_drawing() -> None:
    assert ET.fromstring(histogram_svg("nothing", [("a", 0), ("b", 0)])).tag == f"{SVG}svg"  # noqa: S314 - our own
