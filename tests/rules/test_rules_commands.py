"""`spotter rules check` and `test` on a folder of one's own."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main

_SCHEME = """
scheme: mine
title: Up or down a step
sources: [{title: our own, gives: all}]
params:
  step: {type: load, default: {kg: 5, lb: 10}, from: 0}
state:
  load: {type: load, initial: baseline.load}
after set:
  - {rule: done, when: set.reps >= 5, then: {load: load + step}, outcome: raise, because: "{set.reps} reps"}
  - {otherwise: hold, because: "{set.reps} reps"}
prescribe:
  - {count: 3, load: load, reps: "range(5, 5)"}
examples:
  - {name: up, baseline: 100 kg, log: ["100x5 -> 105 raise"]}
"""


def rules(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, ["rules", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture
def scheme(tmp_path: Path) -> Path:
    """A scheme alone in a fresh folder."""
    path = tmp_path / "mine.yaml"
    path.write_text(_SCHEME)
    return path


def test_a_file_and_its_folder_are_checked_over_the_library(scheme: Path) -> None:
    assert rules("check", scheme) == f"{scheme}: 1 schemes, 0 programmes and 0 exercises, nothing wrong.\n"
    programme = scheme.with_name("plan.yaml")
    programme.write_text(
        "programme: plan\ntitle: A plan\nsources: [{title: our own, gives: all}]\n"
        "days: [{day: a, slots: [{slot: pull, exercise: deadlift, progression: mine, deload: [stall]}]}]\n"
    )
    assert "1 schemes, 1 programmes" in (told := rules("check", scheme.parent))
    assert "They use 2 files of the library." in told
    programme.write_text(programme.read_text().replace("progression: mine", "progression: mien"))
    assert f"{programme}:4:71: there is no progression scheme mien. Did you mean mine?" in rules(
        "check", programme, status=1
    )


def test_examples_are_run_and_what_they_never_show_is_told(scheme: Path) -> None:
    assert rules("test", scheme) == "1 of 1 examples of 1 schemes come true.\n"
    told = rules("test", scheme.parent, "--coverage", status=1)
    assert f"{scheme}:10: done is never asked in vain\n{scheme}:11: otherwise never fires\n" in told
    assert "0 % coverage: 0 of 2 rules" in told
    scheme.write_text(_SCHEME.replace('raise"]', 'raise", "105x4 -> 105 raise"]'))
    assert "100 % coverage: 2 of 2 rules" in rules("test", scheme, "--coverage")


def test_what_does_not_come_true_is_told_with_the_reason(scheme: Path) -> None:
    scheme.write_text(_SCHEME.replace("-> 105 raise", "-> 2x105x5 hold"))
    told = rules("test", scheme, status=1)
    assert told.splitlines() == [
        f"{scheme}:15:40: mine, “up”",
        "  100x5 -> 2x105x5 hold",
        "  expected  2x105x5 hold",
        "  got       2x105x5 raise",
        "  because   5 reps",
        "",
        "0 of 1 examples of 1 schemes come true.",
    ]


def test_the_library_is_covered_whole() -> None:
    assert "100 % coverage" in rules("test", "--coverage")
