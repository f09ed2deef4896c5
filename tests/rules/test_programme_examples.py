"""Examples in programme files: read, run, told at their place, counted in coverage."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from service.engine.simulate.rule_examples import Failure, rehearse_programme
from tests.support.mistakes import told_at
from tests.support.training import LIBRARY

PROGRAMME = """\
programme: mine
title: Two days
sources: [{title: a test}]
weeks: 2
days:
  - day: a
    slots:
      - {slot: squat, exercise: squat, progression: linear}
      - {slot: hold, exercise: plank, progression: timed-hold}
  - day: b
    slots:
      - {slot: squat, exercise: squat, progression: {linear: {sets: 3}}, weeks: 1}
      - {slot: press, exercise: overhead-press, progression: linear}
examples:
  - name: two days
    baseline: {squat: 100 kg}
    one_rep_max: {overhead-press: 50 kg}
    log:
      - squat: -> 5x100x5
      - as prescribed, end
      - b/squat: -> 3x102.5x5
      - squat: 3x102.5x5
      - b/press: as prescribed, end -> 5x42.5x5 raise
      - skipped
      - 2 sessions as prescribed
      - 14 days
      - plank: -> 0x30s advance
"""


def library(*changes: tuple[str, str]) -> Library:
    text = PROGRAMME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return library_from_files({"programmes/mine.yaml": text.encode()}, LIBRARY)


def failures(*changes: tuple[str, str]) -> list[Failure]:
    made = library(*changes)
    programme = made.programmes["mine"]
    return [failure for each in programme.examples for failure in rehearse_programme(programme, each, made).failures]


def test_the_librarys_examples_come_true() -> None:
    programmes = LIBRARY.programmes.values()
    shown = [rehearse_programme(programme, each, LIBRARY) for programme in programmes for each in programme.examples]
    assert [failure for each in shown for failure in each.failures] == []


def test_they_come_true() -> None:
    assert failures() == []


def test_what_does_not_is_told_at_its_line() -> None:
    (failure,) = failures(("3x102.5x5\n      - squat", "3x105x5\n      - squat"))
    assert (failure.of, failure.line, failure.text) == ("mine", 21, "b/squat: -> 3x105x5")
    assert (failure.expected, failure.got) == ("3x105x5", "3x102.5x5 raise")


def test_where_no_load_is_known_nobody_can_do_as_prescribed() -> None:
    (failure,) = failures(("    baseline: {squat: 100 kg}\n", ""), ("      - squat: -> 5x100x5\n", ""))
    assert "name a baseline, or log a set" in failure.got


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("- squat: -> 5x100x5", "- 5x100x5", "5x100x5", "say of which exercise or slot that is"),
        ("- squat: -> 5x100x5", "- -> 5x100x5", "-> 5x", "say of which exercise or slot that is"),
        (
            "- b/squat: ->",
            "- b/sqat: ->",
            "b/sqat",
            "is not an exercise or slot of this programme. Did you mean b/squat?",
        ),
        ("{squat: 100 kg}", "{deadlift: 100 kg}", "deadlift", "deadlift is not an exercise of this programme"),
        ("{squat: 100 kg}", "{squat: 100}", "100}", "a baseline is a load with its unit"),
        ("{squat: 100 kg}", "{squat: 100 lb}", "50 kg", "an example is of one unit"),
        ("- 14 days", "- 14 dayz", "14 dayz", "is no line of a log"),
        ("- 14 days", "- {squat: end, plank: end}", "{squat", "about one exercise or slot"),
    ],
)
def test_what_is_refused(old: str, new: str, at: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        library((old, new))
    first = refused.value.errors[0]
    assert message in first.message
    assert told_at(first, PROGRAMME.replace(old, new)).startswith(at)


def test_the_command_runs_them(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(PROGRAMME)
    answer = CliRunner().invoke(main, ["rules", "test", str(mine)])
    assert answer.exit_code == 0, answer.output
    assert "1 of 1 examples of 0 schemes and 1 programmes come true." in answer.output
