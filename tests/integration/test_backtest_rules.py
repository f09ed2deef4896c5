"""`spotter rules backtest` on files, on lifters, and on everybody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import main
from service.domain.events import EventData, ProgrammeAssigned
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, Instant, parse, render
from service.http.event_json import posted_event
from service.http.replies import encode
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.export import export
from service.usecases.log.append import append_events
from service.usecases.log.batch import Submission
from tests.support.training import Lifter, a_set

DATA = Path(__file__).parents[1] / "data"
BEGIN: Instant = parse("2025-01-06T18:00:00Z")


def backtest(environment: dict[str, str], *arguments: object, status: int = 0) -> Result:
    runner = CliRunner(env={**environment, "COLUMNS": "200"})
    result = runner.invoke(main, ["rules", "backtest", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result


def as_json(environment: dict[str, str], *arguments: object) -> Any:
    return json.loads(backtest(environment, *arguments, "--json").stdout)


def training(add: float = 2.5, sessions: int = 6) -> Lifter:
    """Somebody who squats twice a week, and adds as much each time."""
    lifter = Lifter("kg")
    for number in range(sessions):
        lifter.does("squat", *[f"{60 + number * add:g}x12"] * 3, session_id=f"s{number}").rests(days=3)
    return lifter


def log(services: Services, lifter: LifterRef, *before: EventData, of: Lifter | None = None) -> None:
    """Append what somebody did, after other events."""
    events = (of or training()).log
    begin = events[0].occurred_at - DAY
    submissions = [Submission(f"before-{number}", begin + number, data) for number, data in enumerate(before)]
    submissions += [Submission(event.event_id, event.occurred_at, event.data) for event in events]
    receipts = append_events(services, lifter, submissions, actor="test")
    assert not [each for each in receipts if isinstance(each, Exception)]


def written(path: Path, lifter: Lifter) -> Path:
    """The log of somebody as a file of events as they are posted."""
    path.write_bytes(b"".join(encode(posted_event(event)) + b"\n" for event in lifter.log))
    return path


def test_a_file_is_measured_without_any_spotter(tmp_path: Path) -> None:
    file = written(tmp_path / "ann.ndjson", training())
    result = backtest({"SPOTTER_DATA_DIR": str(tmp_path / "none")}, "default", "--log", file)
    assert "│ exercise-sessions                     │         5 │" in result.stdout
    assert "ann.ndjson, squat, " in result.stdout
    found = as_json({}, "default", "--log", file)
    assert found["rule_set"]["programme"] == "default"
    assert found["total"]["exercise_sessions"] == found["exercises"]["squat"]["exercise_sessions"] == 5
    assert found["total"]["raises_foreseen"]["of"] == 5, "each session is a raise"
    (worst,) = found["worst"]
    assert (worst["log"], worst["exercise"], worst["derivation"]) == ("ann.ndjson", "squat", None)
    assert worst["because"]


def test_several_logs_are_measured_alone_and_together(tmp_path: Path) -> None:
    files = [written(tmp_path / f"{add}.ndjson", training(add)) for add in (0, 5)]
    both = as_json({}, "default", "--log", files[0], "--log", files[1], "--processes", 2)
    alone = [as_json({}, "default", "--log", file) for file in files]
    assert [each["lowered_in_vain"] for each in both["logs"]] == [each["total"]["lowered_in_vain"] for each in alone]
    assert both["total"]["exercise_sessions"] == 10
    assert both["total"]["last_time_within_5_percent"]["count"] == sum(
        each["total"]["last_time_within_5_percent"]["count"] for each in alone
    )


def test_rules_of_ones_own_are_tried(tmp_path: Path) -> None:
    file = written(tmp_path / "ann.ndjson", training(5))
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "programme: mine\ntitle: Mine\nsources: [{title: our own, gives: all}]\n"
        "days: [{day: a, slots: [{slot: squat, exercise: squat, deload: [stall],\n"
        "  progression: {double-progression: {reps: [3, 5], increase: {kg: 5, lb: 10}}}}]}]\n"
    )
    found = as_json({}, mine, "--log", file)
    assert found["rule_set"]["programme"] == "mine"
    assert found["total"]["raises_foreseen"] == found["total"]["raises_right"]
    assert found["total"]["raises_foreseen"]["percent"] > 0
    assert "no programme nothing" in backtest({}, "nothing", "--log", file, status=1).output


@pytest.mark.parametrize("name", ["strong_comma.csv", "strong_semicolon.csv"])
def test_an_export_of_strong_is_a_log(name: str) -> None:
    result = backtest({}, "default", "--log", DATA / name, "--unit", "kg", "--time-zone", "Europe/Vienna")
    assert f"{name}: " in result.stderr
    assert "rest timer" in result.stderr or name != "strong_semicolon.csv"


def test_an_export_of_hevy_is_a_log_whose_rows_are_accounted_for(tmp_path: Path) -> None:
    file = tmp_path / "hevy.csv"
    rows = [
        f'"{day} Sep 2025, 07:48","Squat (Barbell)","normal",{weight},{reps},0,8'
        for day, weight, reps in ((1, 100, 5), (3, 100, 5), (5, 102.5, 0), (7, 102.5, 5))
    ]
    file.write_text("\n".join(("start_time,exercise_title,set_type,weight_kg,reps,duration_seconds,rpe", *rows)))
    result = backtest({}, "default", "--log", file, "--json")
    assert "hevy.csv: 4 rows, 3 sets; left out: 1 × neither reps nor seconds" in result.stderr
    assert json.loads(result.stdout)["exercises"].keys() == {"squat"}
    file.write_text("start_time,exercise_title\n")
    assert "no Hevy export" in backtest({}, "default", "--log", file, status=1).output


def test_pictures_are_drawn(tmp_path: Path) -> None:
    file = written(tmp_path / "ann.ndjson", training())
    for options in ((), ("--exercise", "squat"), ("--exercise", "deadlift")):
        picture = tmp_path / "picture.svg"
        backtest({}, "default", "--log", file, "--svg", picture, *options)
        drawn = ET.fromstring(picture.read_text())  # noqa: S314 - we drew it
        lines = drawn.findall(".//{*}path")
        assert lines or options == ("--exercise", "deadlift")


def test_a_lifter_here_is_measured_and_the_worst_can_be_derived(
    services: Services, environment: dict[str, str], lifter: LifterRef
) -> None:
    log(services, lifter)
    gym = ("--gym", lifter.gym)
    found = as_json(environment, "default", "--log", lifter.lifter, *gym)
    (worst,) = found["worst"]
    prescription_id = worst["derivation"].rpartition("/")[2]
    made = derivation(services, lifter, prescription_id)["prescription"]
    assert worst["derivation"] == f"/v1/lifters/{lifter.lifter}/derivations/{prescription_id}"
    assert made["because"] == worst["because"]
    shown = backtest(environment, "default", "--log", lifter.lifter, *gym).stdout
    assert f"spotter explain {prescription_id} --lifter {lifter.lifter} --gym {lifter.gym}" in shown
    # Under rules that the lifter does not follow nothing of the kind is in their log.
    others = as_json(environment, "stronglifts", "--log", lifter.lifter, *gym)
    assert [each["derivation"] for each in others["worst"]] == [None]
    assert others["total"]["exercise_sessions"] == 5


def test_what_counts_is_the_log_as_it_reads_now(
    services: Services, environment: dict[str, str], lifter: LifterRef
) -> None:
    trained = training()
    trained.logs(a_set("squat", "700x5", "kg", session_id="s5"), at=trained.log[-1].occurred_at)
    trained.voids(trained.log[-1].event_id)
    log(services, lifter, ProgrammeAssigned("stronglifts"), of=trained)
    found = as_json(environment, "default", "--log", lifter.lifter, "--gym", lifter.gym)
    assert max(each["lifted"]["load"] for each in found["worst"]) < 100


def test_everybody_of_a_gym_is_measured_in_several_processes(
    services: Services, environment: dict[str, str], gym: str
) -> None:
    lifters = [LifterRef(gym, f"lifter-{number}") for number in range(3)]
    for number, lifter in enumerate(lifters):
        log(services, lifter, of=training(2.5 * number))
    log(services, LifterRef(f"{gym}-other", "stranger"))
    everybody = as_json(environment, "default", "--all", "--gym", gym, "--processes", 2, "--worst", 1)
    assert sorted(each["log"] for each in everybody["logs"]) == [lifter.lifter for lifter in lifters]
    alone = [as_json(environment, "default", "--log", lifter.lifter, "--gym", gym) for lifter in lifters]
    assert everybody["total"]["exercise_sessions"] == sum(each["total"]["exercise_sessions"] for each in alone) == 15
    assert everybody["worst"][0]["derivation"] is not None


def test_a_published_rule_set_is_named_by_its_digest(
    services: Services, environment: dict[str, str], tmp_path: Path
) -> None:
    digest = services.archive.newest("stronglifts")
    assert digest is not None
    file = written(tmp_path / "ann.ndjson", training())
    one, other = (as_json(environment, named, "--log", file) for named in (digest[:12], "stronglifts"))
    assert one["rule_set"] == other["rule_set"] == {"programme": "stronglifts", "digest": digest}
    assert one["total"] == other["total"]


def test_an_export_of_a_lifter_is_a_log_and_its_programmes_are_left_out(
    services: Services, environment: dict[str, str], lifter: LifterRef, tmp_path: Path
) -> None:
    log(services, lifter, ProgrammeAssigned("stronglifts"))
    exported = tmp_path / "lifter.ndjson"
    exported.write_bytes(b"".join(export(services, lifter)))
    here = as_json(environment, "default", "--log", lifter.lifter, "--gym", lifter.gym)
    assert as_json({}, "default", "--log", exported)["total"] == here["total"]


def test_what_cannot_be_tried_is_said(tmp_path: Path, environment: dict[str, str], services: Services) -> None:
    file = tmp_path / "twice.ndjson"
    event = {
        "event_id": "same",
        "type": "set_logged",
        "occurred_at": render(BEGIN),
        "data": {"exercise": "squat", "load": {"value": 60, "unit": "kg"}, "reps": 5},
    }
    file.write_text(f"{json.dumps(event)}\n" * 2)
    assert (
        "cannot be tried: /events/1/event_id is the id of an earlier event"
        in backtest({}, "default", "--log", file).stdout
    )
    assert "give --log" in backtest({}, "default", status=2).output
    assert "no time zone" in backtest({}, "default", "--log", file, "--time-zone", "Nowhere", status=2).output
    assert services.log.head(LifterRef("default", "nobody")) == 0
    assert "nobody" in backtest(environment, "default", "--log", "nobody", status=1).output


def test_a_set_may_be_of_any_exercise(tmp_path: Path) -> None:
    lifter = Lifter("kg")
    for load in (20, 21, 22):
        lifter.does("my-own", f"{load}x8").rests(days=2)
    found = as_json({}, "stronglifts", "--log", written(tmp_path / "own.ndjson", lifter))
    assert found["exercises"]["my-own"]["exercise_sessions"] == 2
