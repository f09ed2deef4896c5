"""Effective history: voids and corrections applied, the later version wins, in the order things happened."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.domain.effective_history import changes_the_past, corrected, effective_history
from service.domain.event_encoding import encode
from service.domain.events import Event, EventData, SetCorrected, SetLogged, SetVoided
from service.domain.loads import Load

HUNDRED = Load(Decimal(100), "kg")
FIVE = SetLogged("deadlift", HUNDRED, reps=5)
Logged = tuple[int, EventData]


def history(*logged: Logged) -> list[tuple[str, EventData]]:
    """What counts of events given as (occurred_at, data); their ids are e1, e2, ... in order of their versions."""
    log = [(version, Event(f"e{version}", 1, at, 0, "k", data)) for version, (at, data) in enumerate(logged, 1)]
    return [(event.event_id, event.data) for _, event in effective_history(log)]


def ids(*logged: Logged) -> list[str]:
    return [event_id for event_id, _ in history(*logged)]


def test_what_happened_earlier_comes_first_however_late_it_arrived() -> None:
    assert ids((30, FIVE), (10, FIVE), (20, FIVE)) == ["e2", "e3", "e1"]


def test_of_one_instant_the_earlier_version_comes_first() -> None:
    assert ids((10, FIVE), (10, FIVE), (10, FIVE)) == ["e1", "e2", "e3"]


def test_a_voided_event_is_gone_and_so_is_the_void() -> None:
    assert ids((10, FIVE), (20, FIVE), (30, SetVoided("e1"))) == ["e2"]


def test_a_void_counts_whatever_its_own_time() -> None:
    assert ids((10, FIVE), (5, SetVoided("e1"))) == []


def test_a_voided_void_counts_no_longer() -> None:
    assert ids((10, FIVE), (20, SetVoided("e1")), (30, SetVoided("e2"))) == ["e1"]


def test_voids_of_voids_go_on_as_long_as_anyone_likes() -> None:
    assert ids((10, FIVE), (20, SetVoided("e1")), (30, SetVoided("e2")), (40, SetVoided("e3"))) == []


def test_one_of_two_voids_is_enough() -> None:
    assert ids((10, FIVE), (20, SetVoided("e1")), (30, SetVoided("e1")), (40, SetVoided("e2"))) == []


def test_a_correction_replaces_what_it_names_and_leaves_the_rest() -> None:
    right = SetLogged("deadlift", HUNDRED, reps=6, rir=Decimal(1))
    wrong = SetLogged("deadlift", HUNDRED, reps=5, rir=Decimal(1))
    assert history((10, wrong), (20, SetCorrected("e1", reps=6))) == [("e1", right)]


def test_of_two_corrections_of_a_field_the_later_version_wins() -> None:
    said = history(
        (10, FIVE),
        (99, SetCorrected("e1", reps=7, exercise="rack-pull")),
        (20, SetCorrected("e1", reps=8)),
    )
    assert said == [("e1", SetLogged("rack-pull", HUNDRED, reps=8))]


def test_a_voided_correction_leaves_what_was_logged() -> None:
    assert history((10, FIVE), (20, SetCorrected("e1", reps=8)), (30, SetVoided("e2"))) == [("e1", FIVE)]


def test_a_correction_of_a_voided_set_brings_nothing_back() -> None:
    assert ids((10, FIVE), (20, SetVoided("e1")), (30, SetCorrected("e1", reps=8))) == []


def test_a_corrected_time_moves_the_set() -> None:
    assert ids((10, FIVE), (20, FIVE), (30, SetCorrected("e1", occurred_at=25))) == ["e2", "e1"]


@pytest.mark.parametrize(
    ("logged", "correction", "right"),
    [
        (FIVE, SetCorrected("e1", seconds=30), SetLogged("deadlift", HUNDRED, seconds=30)),
        (SetLogged("plank", HUNDRED, seconds=30), SetCorrected("e1", reps=3), SetLogged("plank", HUNDRED, reps=3)),
    ],
)
def test_a_set_is_counted_or_timed_never_both(logged: SetLogged, correction: SetCorrected, right: SetLogged) -> None:
    assert history((10, logged), (20, correction)) == [("e1", right)]


def test_zero_repetitions_are_a_correction_too() -> None:
    assert history((10, FIVE), (20, SetCorrected("e1", reps=0))) == [("e1", SetLogged("deadlift", HUNDRED, reps=0))]


def test_a_corrected_set_is_written_like_one_logged_right() -> None:
    event = Event("e1", 1, 10, 11, "k", FIVE)
    fixed = corrected(event, [SetCorrected("e1", reps=6), SetCorrected("e1", occurred_at=12)])
    assert encode(fixed) == encode(Event("e1", 1, 12, 11, "k", SetLogged("deadlift", HUNDRED, reps=6)))


def test_nothing_to_correct_is_the_very_same_event() -> None:
    event = Event("e1", 1, 10, 11, "k", FIVE)
    assert corrected(event, []) is event


def test_only_voids_and_corrections_act_on_others() -> None:
    acting = [changes_the_past(Event("e1", 1, 0, 0, "k", data)) for data in (SetVoided("e0"), SetCorrected("e0"), FIVE)]
    assert acting == [True, True, False]
