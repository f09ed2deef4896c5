"""Raises from what was lifted that the equipment rounds away are told, as a doubt and no mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.engine.files.library import library_from_files
from tests.support.training import LIBRARY

PROGRAMME = """\
programme: mine
title: One lift
sources: [{title: a test}]
EQUIPMENT
days:
  - {day: a, slots: [{slot: one, exercise: EXERCISE, progression: {PROGRESSION}}]}
"""


def text(progression: str, exercise: str = "squat", equipment: str = "") -> str:
    made = PROGRAMME.replace("PROGRESSION", progression).replace("EXERCISE", exercise)
    return made.replace("EQUIPMENT\n", equipment)


def doubts(*said: str) -> list[str]:
    library = library_from_files({"programmes/mine.yaml": text(*said).encode()}, LIBRARY)
    return [doubt.message for doubt in library.programmes["mine"].doubts]


LIFTED = "linear: {rise_from: performed, increase: {lb: 1, kg: 0.5}}"


def test_a_step_that_is_rounded_away_is_told() -> None:
    (said,) = doubts(LIFTED)
    assert "a/one: this raises what was lifted by 0.5 kg, no more than half of the 2.5 kg to the next load" in said


@pytest.mark.parametrize(
    "said",
    [
        ("linear: {increase: {lb: 1, kg: 0.5}}",),  # from the exact load
        ("linear: {rise_from: performed}",),
        ("double-progression: {increase: {lb: 1, kg: 0.5}}",),  # adds up until it makes a step
        (LIFTED, "squat", "equipment: {plates: {kg: [10, 5, 2.5, 1, 0.25], lb: [45, 10, 5, 2, 0.5]}}\n"),
    ],
)
def test_what_arrives_some_day_is_not(said: tuple[str, ...]) -> None:
    assert doubts(*said) == []


def test_the_library_has_none() -> None:
    assert [programme.id for programme in LIBRARY.programmes.values() if programme.doubts] == []


def test_the_command_tells_it_at_its_place(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(text(LIFTED))
    answer = CliRunner().invoke(main, ["rules", "check", str(mine)])
    assert answer.exit_code == 0, answer.output
    assert f"{mine}:5:64: a/one: this raises" in answer.output
    assert "nothing wrong" in answer.output
