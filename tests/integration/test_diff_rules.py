"""`spotter rules diff` between folders and what is archived."""

import json
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.bootstrap import Services
from service.cli import main
from service.domain.events import EventData, ProgrammeAssigned, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.usecases.lifter.export import export
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """Rules of which a layoff, the default programme and a comment are other."""
    rules = tmp_path / "rules"
    shutil.copytree(RULES, rules)
    edits = (
        ("deload/layoff.yaml", "default: 14", "default: 12"),
        ("programmes/default.yaml", "programme: default", "# mine\nprogramme: default"),
    )
    for file, old, new in edits:
        path = rules / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
    return rules


def diff(environment: dict[str, str], *arguments: object, status: int = 0) -> str:
    runner = CliRunner(env=environment)
    result = runner.invoke(main, ["rules", "diff", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == status, result.output
    return result.output


def test_two_folders_are_compared_whole(edited: Path) -> None:
    assert diff({}, RULES, edited, "--files") == (
        "deload/layoff.yaml\n  params, days, default: 14 → 12\nprogrammes/default.yaml: only comments or layout\n"
    )


def test_beside_a_rule_set_only_its_programme_counts(
    services: Services, environment: dict[str, str], edited: Path
) -> None:
    digest = services.archive.newest("upper-back")
    assert digest is not None
    expected = "deload/layoff.yaml\n  params, days, default: 14 → 12\n"
    assert diff(environment, digest[:10], edited, "--files") == expected
    assert diff({**environment, "SPOTTER_RULES_DIR": str(edited)}, digest, "--files") == expected
    assert "same, byte for byte" in diff({**environment, "SPOTTER_RULES_DIR": str(RULES)}, digest)


def test_what_names_no_rules_is_refused(services: Services, environment: dict[str, str]) -> None:
    unknown = "0" * 12
    told = diff(environment, unknown, status=1)
    assert f"begins with '{unknown}'; published: {min(services.archive.published().values())[:12]}" in told
    told = diff(environment, "published", status=2)
    assert "'published' is no folder or file that is there, and no digest of a rule set." in told


@pytest.fixture
def faster(tmp_path: Path) -> Path:
    """Rules under which the deadlift rises by more."""
    rules = tmp_path / "faster"
    shutil.copytree(RULES, rules)
    path = rules / "programmes" / "upper-back.yaml"
    path.write_text(path.read_text().replace("increase: {lb: 10, kg: 5}", "increase: {lb: 15, kg: 7.5}"))
    return rules


def test_made_up_lifters_show_what_is_prescribed_otherwise(faster: Path) -> None:
    told = diff({}, RULES, faster, "--weeks", 1)
    assert told.count("increase, lb: 10 → 15") == 2
    for kind in ("typical", "strong", "failing"):
        assert f"upper-back, a {kind} lifter's 1 weeks\n" in told
    assert "│ a/hinge │" in told
    assert "│ in session 1 │" in told
    assert "a/row" not in told
    one, other = (rules / "programmes" / "upper-back.yaml" for rules in (RULES, faster))
    assert diff({}, one, other, "--weeks", 1).split("upper-back, a", 1)[1] == told.split("upper-back, a", 1)[1]
    (faster / "programmes" / "upper-back.yaml").write_text(one.read_text() + "# mine\n")
    assert diff({}, RULES, faster, "--weeks", 1).count("lifter's 1 weeks: the same is prescribed.") == 3


def _log(tmp_path: Path) -> Path:
    path = tmp_path / "log.ndjson"
    data = {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 6}
    path.write_text(json.dumps({"type": "set_logged", "occurred_at": "2026-11-22T18:03:00Z", "data": data}))
    return path


def test_a_log_of_ones_own_is_tried(faster: Path, tmp_path: Path) -> None:
    told = diff({}, RULES, faster, "--log", _log(tmp_path))
    assert f"upper-back, {_log(tmp_path)}\n" in told
    assert "2 × 235 lb" in told
    assert "2 × 240 lb" in told


def test_an_export_is_a_log_to_try(services: Services, faster: Path, lifter: LifterRef, tmp_path: Path) -> None:
    deadlift = SetLogged("deadlift", Load(Decimal(225), "lb"), 6)
    events: list[EventData] = [ProgrammeAssigned("upper-back"), deadlift]
    for number, data in enumerate(events):
        append_event(services, lifter, Submission(f"e{number}", 10**15 + number, data), actor="test")
    exported = tmp_path / "lifter.ndjson"
    exported.write_bytes(b"".join(export(services, lifter)))
    told = diff({}, RULES, faster, "--log", exported)
    assert "2 × 235 lb" in told
    assert "2 × 240 lb" in told
    exported.write_bytes(exported.read_bytes() * 2)
    assert "a second lifter begins here" in diff({}, RULES, faster, "--log", exported, status=1)


def test_the_lifters_of_the_store_are_tried(
    services: Services, environment: dict[str, str], faster: Path, lifter: LifterRef
) -> None:
    other = LifterRef(lifter.gym, "without-a-programme")
    params = {"a/hinge": {"sets": Decimal(2)}}
    deadlift = SetLogged("deadlift", Load(Decimal(225), "lb"), 6)
    logs: list[tuple[LifterRef, list[EventData]]] = [
        (lifter, [ProgrammeAssigned("upper-back", params=params), deadlift]),
        (other, [deadlift]),
    ]
    for who, events in logs:
        for number, data in enumerate(events):
            append_event(services, who, Submission(f"e{number}", 10**15 + number, data), actor="test")
    digest = services.archive.newest("upper-back")
    told = diff(environment, digest, faster, "--store")
    assert f"upper-back, lifter-1 of {lifter.gym}\n" in told
    assert "│ 1 × 235 lb" in told
    assert "│ 1 × 240 lb" in told
    assert "without-a-programme" not in told
