"""`spotter rules preview`: what a programme asks for, week by week, as its book has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main

PROGRAMME = """\
programme: mine
title: Mine
sources: [{title: a test}]
weeks: 2
days:
  - day: a
    slots:
      - slot: main
        exercise: squat
        progression: {training-max-sets: {start: 100, lines: [2x5 80%, 1x3+ 90%]}}
        weeks: 2
      - {slot: more, exercise: bench-press, progression: {double-progression: {sets: 2, reps: [8, 10]}}}
  - day: b
    weeks: 1
    slots:
      - {slot: hold, exercise: plank, progression: timed-hold}
"""


def preview(*arguments: object, status: int = 0) -> list[str]:
    """The rows of the table, each cell by its words; or what was said instead."""
    result = CliRunner().invoke(main, ["rules", "preview", *map(str, arguments)], env={"COLUMNS": "120"})
    assert result.exit_code == status, result.output
    if status:
        return [result.output]
    cells = [re.split("│", line)[1:-1] for line in result.output.splitlines() if line.startswith("│")]
    return [" | ".join(cell.strip() for cell in row).strip() for row in cells]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(PROGRAMME)
    return path


def test_every_set_of_its_weeks_is_shown(mine: Path) -> None:
    assert preview(mine, "--weeks", "1-3") == [
        "1 | a | more: bench-press | 2x8-10 rir 1-2",
        "1 | b | hold: plank | 3x20s",
        "2 | a | main: squat | 2x80x5, 90x3+",
        "|  | more: bench-press | 2x50x8-10 rir 1-2",
        "3 | a | more: bench-press | 2x50x8-10 rir 1-2",
        "3 | b | hold: plank | 3x0x25s",
    ]


def test_one_rep_maxes_and_weeks_may_be_chosen(mine: Path) -> None:
    rows = preview(mine.parent, "--weeks", 2, "--one-rep-max", "squat=200", "--one-rep-max", "60", "--unit", "lb")
    assert rows == ["2 | a | main: squat | 2x160x5, 180x3+", "|  | more: bench-press | 2x45x8-10 rir 1-2"]  # the bar


def test_a_programme_of_the_library_is_as_its_book_has_it() -> None:
    rows = preview("boring-but-big", "--weeks", "1-4", "--one-rep-max", "200", "--unit", "lb")
    main_lifts = [row.rpartition(" | ")[2] for row in rows if "main: squat" in row]
    # 65, 75 and 85 % of 180 lb, then 70, 80, 90, then 75, 85, 95, then 40, 50, 60; to the nearest 5 lb
    assert main_lifts == [
        "115x5, 135x5, 155x5+",
        "125x3, 145x3, 160x3+",
        "135x5, 155x3, 170x1+",
        "70x5, 90x5, 110x5",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["madcow", "--one-rep-max", "sqat=100"], 1, "madcow has no exercise sqat"),
        (["default"], 1, "there are no weeks of it to show"),
        (["madcow", "--weeks", "3-1"], 2, "weeks are one, 3, or the first and the last"),
        (["madcow", "--weeks", "1-500"], 2, "up to 104"),
        (["madcow", "--one-rep-max", "heavy"], 2, "a one-rep max is written squat=140"),
    ],
)
def test_what_cannot_be_shown(arguments: list[str], status: int, said: str) -> None:
    assert said in preview(*arguments, status=status)[0]
