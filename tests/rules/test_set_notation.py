"""Sets in short, in tables, prescribed lines and examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.ruleset.parameters import value_of
from service.engine.ruleset.scheme import Scheme, checked
from service.engine.ruleset.set_notation import Sets, sets_of
from service.engine.simulate.rule_examples import rehearse
from tests.support.training import LIBRARY


def sets(number: int, low: int, high: int, *, most: int | None = None, **more: Any) -> Sets:
    return Sets(
        (number, most or number), (low, high), **{"timed": False, "amrap": False, "percent": None, "rir": None, **more}
    )


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5x5", sets(5, 5, 5)),
        (" 3 x 8-12 ", sets(3, 8, 12)),
        ("1x5+ @8", sets(1, 5, 5, amrap=True, rir=(2, 2))),
        ("3x5 @7.5-9", sets(3, 5, 5, rir=(1, Decimal("2.5")))),
        ("3x5 rir 1-2", sets(3, 5, 5, rir=(1, 2))),
        ("4x6 72.5%", sets(4, 6, 6, percent=Decimal("72.5"))),
        ("4x6 75% @8", sets(4, 6, 6, percent=75, rir=(2, 2))),
        ("3x30s", sets(3, 30, 30, timed=True)),
        ("2-4x5", sets(2, 5, 5, most=4)),
    ],
)
def test_what_is_written_in_short(text: str, read: Sets) -> None:
    assert sets_of(text) == read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5", "sets are written 5x5"),
        ("5x", "sets are written 5x5"),
        ("100x5x5", "sets are written 5x5"),
        ("5x5 75", "sets are written 5x5"),
        ("3x12-8", "12-8 runs down; write 8-12"),
        ("4-2x5", "4-2 runs down; write 2-4"),
        ("3x5 @11", "RPE goes up to 10"),
    ],
)
def test_what_is_not(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        sets_of(text)


@pytest.mark.parametrize(
    ("scheme", "table", "short", "long"),
    [
        (
            "stages",
            "stages",
            ["5x3+", "6x2"],
            [{"sets": 5, "reps": 3, "amrap": True}, {"sets": 6, "reps": 2}],
        ),
        (
            "training-max-sets",
            "lines",
            ["5x10 50%", "1x8-10+ 40%"],
            [
                {"sets": 5, "reps": 10, "percent": 50},
                {"sets": 1, "reps": [8, 10], "percent": 40, "amrap": True},
            ],
        ),
    ],
)
def test_a_row_in_short_is_the_same_row(scheme: str, table: str, short: list[str], long: list[dict[str, Any]]) -> None:
    made = LIBRARY.schemes[scheme]
    assert checked(made, {table: short}) == checked(made, {table: long})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("5x3 75%", "row 1 of stages says percent with 5x3 75%, but the table has no such column"),
        ("5x3 @8", "says rir with 5x3 @8"),
        ("3x30s", "counts repetitions"),
        ("5 x", "row 1 of stages: sets are written 5x5"),
        ("30x5", "sets must be from 1 to 20"),
    ],
)
def test_a_row_in_short_that_does_not_fit(row: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked(LIBRARY.schemes["stages"], {"stages": [row]})


SCHEME = """\
scheme: short
title: Short
sources: [{title: a test}]
state:
  load: {type: load, initial: baseline.load}
prescribe:
  - {LINE, load: load}
  - {sets: 1x5+, load: load}
examples:
  - {name: all, baseline: 100 kg, log: ["end -> EXPECTED, 100x5+", "100x5 @8, 100x5 @9, 100x6 amrap, end -> 100"]}
"""


def made(line: str, expected: str = "100", **more: str) -> Scheme:
    text = SCHEME.replace("LINE", line).replace("EXPECTED", expected)
    for old, new in more.items():
        text = text.replace(old, new)
    return library_from_files({"progression/short.yaml": text.encode()}, LIBRARY).schemes["short"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sets: 2x5", "2x100x5"),
        ("sets: 2x8-12 @8", "2x100x8-12 rir 2"),
        ("sets: 2x8-12 @8", "2x100x8-12 @8"),
        ("sets: 1x3 rir 1-2, kind: top", "100x3 rir 1-2 top"),
        ("sets: 2x5 @8.5", "2x100x5 @8.5"),
        ("sets: 1-2x5", "100x5, 100x5 optional"),
    ],
)
def test_a_line_in_short_is_prescribed(line: str, expected: str) -> None:
    scheme = made(line, expected)
    assert rehearse(scheme, scheme.examples[0], LIBRARY).failures == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sets: ⟦5x3+", "a set of as many as possible has a line of its own: write two, 4x3 and 1x3+."),
        ("sets: ⟦2x5, count: 3", "sets says count already"),
        ("sets: ⟦2x5, reps: 3", "sets says reps already"),
        ("sets: ⟦2x5 75%", "the load stands under load: percent_of(75, ...)"),
        ("sets: ⟦2x30s", "this scheme measures reps"),
        ("sets: ⟦five by five", "sets are written 5x5"),
        ("sets: ⟦2x5 @11", "RPE goes up to 10"),
        ("sets: ⟦2x2000", "reps are 1 to"),
    ],
)
def test_a_line_in_short_that_does_not_fit(line: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as caught:
        made(line.replace("⟦", ""))
    (error,) = caught.value.errors
    assert message in error.message
    assert (error.line, error.column) == (7, 6 + line.index("⟦"))


def test_a_table_by_weeks_is_the_same_as_its_rows() -> None:
    lines = LIBRARY.schemes["training-max-sets"].parameters["lines"]
    by_weeks = value_of(lines, {"1": "3x5 70%", "2-3": ["2x8 75%", {"percent": 60, "reps": 8, "amrap": True}]})
    assert by_weeks == value_of(
        lines,
        [
            {"week": 1, "percent": 70, "sets": 3, "reps": 5},
            *(
                row
                for week in (2, 3)
                for row in (
                    {"week": week, "percent": 75, "sets": 2, "reps": 8},
                    {"week": week, "percent": 60, "reps": 8, "amrap": True},
                )
            ),
        ],
    )


@pytest.mark.parametrize(
    ("weeks", "column", "message"),
    [
        ("{one: 3x5 70%}", 44, "lines is written by weeks, 1:, 2-4: or 1, 5:, but here is one."),
        ("{4-2: 3x5 70%}", 44, "lines is written by weeks, 1:, 2-4: or 1, 5:, but here is 4-2."),
        ("{1: [3x5 70%, 3x5 soft]}", 57, "week 1 of lines: sets are written 5x5"),
        ("{1: {week: 1, reps: 5}}", 47, "week 1 of lines has rows without their week"),
        ("{1: {percent: 70}}", 47, "lacks reps"),
        ("{1: {percent: 700, reps: 5}}", 57, "percent"),
        ("{1: 5}", 47, "week 1 of lines has rows without their week, but here is 5."),
    ],
)
def test_a_table_by_weeks_is_refused_at_the_row_that_is_wrong(weeks: str, column: int, message: str) -> None:
    file = f"""programme: mine
title: Mine
sources: [{{title: our own, gives: all}}]
weeks: 4
progressions:
  wave:
    training-max-sets: {{start: 90, lines: {weeks}}}
days:
  - day: a
    slots: [{{slot: squat, exercise: squat, progression: wave}}]
"""
    with pytest.raises(RuleSetInvalid) as caught:
        library_from_files({**LIBRARY.files, "programmes/mine.yaml": file.encode()})
    error = caught.value.errors[0]
    assert message in error.message
    assert (error.line, error.column) == (7, column)


def test_a_table_without_weeks_is_not_written_by_them() -> None:
    with pytest.raises(ValueError, match="stages has no column week, so it is a list of rows"):
        value_of(LIBRARY.schemes["stages"].parameters["stages"], {"1": "3x5"})
