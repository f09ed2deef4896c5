"""`spotter rules simulate`: a programme of one's own in a fresh folder, over the library, without a server."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.cli import main

_PROGRAMME = """
programme: mine
title: One lift
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots:
      - {slot: pull, exercise: deadlift, progression: {double-progression: {reps: [3, 5], increase: {lb: 15, kg: 6}}}}
"""
_LOG = "\n".join(
    json.dumps({"type": kind, "occurred_at": at, "data": {"exercise": "deadlift", **data}})
    for kind, at, data in (
        ("baseline_set", "2026-11-22T18:00:00Z", {"load": {"value": 225, "unit": "lb"}}),
        ("set_logged", "2026-11-22T18:03:00Z", {"load": {"value": 225, "unit": "lb"}, "reps": 5}),
    )
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh folder with a programme, a log, and something that is no rule file."""
    (tmp_path / "mine.yaml").write_text(_PROGRAMME)
    (tmp_path / "docker-compose.yaml").write_text("services: {}\n")
    (tmp_path / "log.ndjson").write_text(_LOG)
    return tmp_path


def simulate(*arguments: object, status: int = 0) -> str:
    result = CliRunner().invoke(main, ["rules", "simulate", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.output


def _loads(prescriptions: list[dict[str, Any]]) -> list[float]:
    return [each["load"]["value"] for each in prescriptions[0]["sets"]]


def test_a_fresh_folder_with_only_a_programme(folder: Path) -> None:
    answer = json.loads(simulate(folder, "--events", folder / "log.ndjson", "--json"))
    assert answer == json.loads(simulate(folder / "mine.yaml", "--events", folder / "log.ndjson", "--json"))
    assert _loads(answer["initial"]) == [225] * 3
    (session,) = answer["sessions"]
    assert _loads(session["prescriptions"]) == [240] * 3
    assert "a/pull" in simulate(folder, "--events", folder / "log.ndjson")


def test_a_programme_of_the_library(folder: Path) -> None:
    answer = json.loads(simulate("upper-back", "--log", folder / "log.ndjson", "--json"))
    assert [each["slot"] for each in answer["initial"]][:2] == ["a/hinge", "a/row"]


def test_mistakes_are_shown_in_their_files(folder: Path) -> None:
    mine, log = folder / "mine.yaml", folder / "log.ndjson"
    mine.write_text(_PROGRAMME.replace("reps:", "rep:"))
    assert f"{mine}:8:77: double-progression has no parameter rep. Did you mean reps?" in simulate(
        folder, "--log", log, status=1
    )
    log.write_text(_LOG.replace('"reps": 5', '"reps": "5"'))
    assert f"{log}:2: /data/reps: must be a whole number" in simulate("upper-back", "--log", log, status=1)
    assert "there is no programme uper-back. Did you mean upper-back?" in simulate("uper-back", "--log", log, status=1)
    assert "names no programme" in simulate(folder.parents[0], "--log", log, status=2)


def test_a_made_up_lifter_trains_the_same_each_time(tmp_path: Path) -> None:
    picture = tmp_path / "loads.svg"
    told = simulate("upper-back", "--weeks", 3, "--lifter", "failing", "--unit", "lb", "--svg", picture)
    assert "a failing lifter, 3 sessions a week, lb" in told
    assert re.search(r"^│ 3 +│ \d", told, re.MULTILINE)
    again = simulate("upper-back", "--weeks", 3, "--lifter", "failing", "--unit", "lb", "--svg", picture)
    assert again == told
    assert simulate("upper-back", "--weeks", 3, "--lifter", "failing", "--unit", "lb", "--seed", 2) != told
    drawn = picture.read_text()
    exercises = {*re.findall(r">([a-z-]+)<", drawn)} - {"weeks", "lb"}
    assert len(exercises) == 8
    assert {"deadlift", "face-pull"} <= exercises
    assert ">lb<" in drawn


def test_each_load_of_a_session_is_shown_with_its_sets() -> None:
    assert re.search(r"│ 55 × 5, 65  +│", simulate("boring-but-big", "--weeks", 1, "--unit", "lb"))


def test_a_picture_calls_a_line_by_its_exercise_and_by_its_slot_where_that_has_several(tmp_path: Path) -> None:
    picture = tmp_path / "loads.svg"
    simulate("gzclp", "--weeks", 2, "--lifter", "typical", "--unit", "kg", "--svg", picture)
    named = re.findall(r">([^<>]+)</text>", picture.read_text())
    assert {"squat (a1/tier-1)", "squat (a2/tier-2)", "lat-pulldown (a1/tier-3)"} <= {*named}
    assert "squat" not in named


def test_what_a_made_up_lifter_logged_can_be_tried_again(tmp_path: Path) -> None:
    log = tmp_path / "log.ndjson"
    trained = json.loads(simulate("upper-back", "--weeks", 4, "--write", log, "--json"))
    assert json.loads(log.read_text().splitlines()[1])["data"]["one_rep_max"]["unit"] == "kg"
    assert json.loads(simulate("upper-back", "--log", log, "--json"))["sessions"] == trained["sessions"]


def test_nobody_trains_by_a_programme_without_days(folder: Path) -> None:
    assert "give a log, or a programme with days" in simulate("default", status=1)
    assert "either --lifter or a log" in simulate(
        "upper-back", "--lifter", "strong", "--log", folder / "log.ndjson", status=2
    )


def test_how_each_set_was_read_is_told_with_the_reason(folder: Path) -> None:
    log = folder / "log.ndjson"
    ramp = (("18:01", 95, 5), ("18:02", 185, 3), ("18:04", 240, 4), ("18:05", 240, 3))
    lines = [
        {
            "type": "set_logged",
            "occurred_at": f"2026-11-22T{at}:00Z",
            "data": {"exercise": "deadlift", "load": {"value": value, "unit": "lb"}, "reps": reps},
        }
        for at, value, reps in ramp
    ]
    log.write_text("\n".join([_LOG, *map(json.dumps, lines)]))
    (session,) = json.loads(simulate(folder, "--log", log, "--json"))["sessions"]
    assert [(each["load"]["value"], each["as"], each["place"]) for each in session["read"]] == [
        (95, "warm_up", None),
        (185, "warm_up", None),
        (225, "place", 1),
        (240, "place", 2),
        (240, "place", 3),
    ]
    assert session["read"][2]["why"] == "225 is the load asked for, 225."
    told = simulate(folder, "--log", log)
    assert "How sets were read" in told
    assert "warm-up" in told
    assert "place 2" in told
