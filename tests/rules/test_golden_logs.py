"""Each programme of the library asks along three months of training for what was read and found right."""

import pytest

from tests.support.golden import GOLDEN, followed, read
from tests.support.training import LIBRARY

PROGRAMMES = sorted(LIBRARY.programmes)

LIGHT_WEEKS = {"juggernaut", "volume-block"}
"""Programmes that rest by their own weeks alone."""


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_what_is_asked_stays(programme: str) -> None:
    text = (GOLDEN / f"{programme}.txt").read_text()
    assert followed(read(text)).text() == text, "meant? python -m tests.support.golden, and read the diff"


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_log_holds_twelve_weeks_a_failure_a_skipped_exercise_and_lighter_sessions(programme: str) -> None:
    text = (GOLDEN / f"{programme}.txt").read_text()
    log = read(text)
    assert log.programme == programme
    assert log.sessions[-1].date >= "2026-03-30"
    assert "| skipped" in text
    assert " deload |" in text or "deload requested" in text or programme in LIGHT_WEEKS


def test_every_scheme_is_used_by_a_programme() -> None:
    programmes = LIBRARY.programmes.values()
    slots = [slot for each in programmes for slot in (*(slot for day in each.days for slot in day.slots), *each.any)]
    assert {use.scheme for slot in slots for use in (slot.progression, *slot.deloads)} == LIBRARY.schemes.keys()
