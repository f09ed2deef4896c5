"""The command line on real servers, as its users type it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import main
from service.domain.events import SetLogged
from service.domain.identifiers import LifterRef
from service.domain.instants import parse
from service.store import key_names
from service.usecases.lifter.prescribe import next_for
from service.usecases.projection.drain import drain
from service.usecases.webhooks.deliver import deliver

AFTER = parse("2024-03-08T18:00:00Z")
DATA = Path(__file__).parents[1] / "data"


class Shell:
    """Runs `spotter` with an environment."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._runner = CliRunner(env={**environment, "COLUMNS": "200"})

    def __call__(self, *arguments: str | Path) -> str:
        """What a command prints that succeeds."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def run(self, *arguments: str | Path) -> Result:
        return self._runner.invoke(main, list(map(str, arguments)), catch_exceptions=False)


KILOGRAMS = ("--unit", "kg", "--time-zone", "UTC")


@pytest.fixture
def spotter(environment: dict[str, str], services: Services) -> Shell:
    del services  # publishes the rules
    return Shell(environment)


@pytest.fixture
def anna(spotter: Shell) -> str:
    """A lifter with an imported log."""
    spotter("import", "strong", DATA / "strong_comma.csv", "--lifter", "anna", *KILOGRAMS)
    return "anna"


def test_import_accounts_for_every_row(spotter: Shell) -> None:
    arguments = ("import", "strong", DATA / "strong_comma.csv", "--lifter", "anna", *KILOGRAMS)
    told = spotter(*arguments)
    for part in (
        "11 rows",
        "│ 9    │ sets",
        "│ 1    │ skipped: neither reps nor seconds: nothing was done │ 12",
        "│ 1    │ skipped: only a distance, which Spotter does not keep │ 11",
        "│ 11     │ appended",
        "Unit: kg (as you said).",
        "Time zone: UTC (as you said).",
        "Exercises of the catalogue: 5: Pull Up (Assisted) (assisted-pull-up), Deadlift (Barbell) (deadlift),",
        "The gym's own: 1: Rudern am Gerät (rudern-am-geraet).",
        "│ 2      │ taken with a warning: unknown_exercise │ 7, 8",
        "Warning (unknown_exercise): no catalogue knows rudern-am-geraet: it is taken as an exercise of your own.",
    ):
        assert " ".join(part.split()) in " ".join(told.split())
    assert "│ 11     │ already in the log" in spotter(*arguments)


def test_import_says_what_it_would_do_and_writes_nothing(spotter: Shell, services: Services) -> None:
    arguments = ("import", "auto", DATA / "strong_comma.csv", "--lifter", "anna", *KILOGRAMS)
    told = spotter(*arguments, "--dry-run")
    assert "Columns: date=Date, workout=Workout Name, exercise=Exercise Name, kind=Set Order, weight=Weight," in told
    assert "Would append 11 events; 0 are in the log. Nothing was written." in told
    assert services.log.head(LifterRef("default", "anna")) == 0
    spotter(*arguments)
    assert "Would append 0 events; 11 are in the log." in spotter(*arguments, "--dry-run")


def test_an_import_is_taken_back_by_its_id(spotter: Shell) -> None:
    arguments = ("import", "strong", DATA / "strong_comma.csv", "--lifter", "anna")
    told = spotter(*arguments, *KILOGRAMS)
    undoes = told.split("`spotter ")[1].split("`")[0].split()
    assert spotter(*undoes).splitlines()[-1] == "Took back 11 events."
    assert "│ 11     │ appended" in spotter(*arguments, "--unit", "lb", "--time-zone", "UTC")


@pytest.mark.parametrize("app", ["strong", "hevy"])
def test_a_log_goes_to_another_app_and_comes_back_the_same(
    spotter: Shell, services: Services, anna: str, tmp_path: Path, app: str
) -> None:
    file, again = tmp_path / "log.csv", tmp_path / "again.csv"
    assert "Exported the sets of anna" in spotter("export", anna, file, "--as", app)
    told = spotter("import", "auto", file, "--lifter", "ben", "--time-zone", "UTC")
    assert "│ 9    │ sets" in told
    assert "skipped" not in told
    spotter("export", "ben", again, "--as", app)
    assert again.read_text("utf-8") == file.read_text("utf-8")

    def sets(lifter: str) -> list[tuple[object, ...]]:
        log = [entry.event for entry in services.log.read(LifterRef("default", lifter))]
        performed = [event.data for event in log if isinstance(event.data, SetLogged)]
        return [(each.exercise, each.load, each.reps, each.seconds, each.rir, each.kind) for each in performed]

    assert sets("ben") == sets(anna)


def test_a_table_of_no_known_app_is_read_as_its_columns_are_said_to_be(spotter: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("Datum;Übung;kg;Wdh.\n29.04.2026;Deadlift;100;5\n", "utf-8")
    columns = "date=Datum, exercise=Übung, weight=kg, reps=Wdh."
    told = spotter("import", "auto", file, "--lifter", "anna", "--time-zone", "UTC", "--columns", columns, "--dry-run")
    assert "Unit: kg (as the file says)." in told
    assert "Time of day: the file has none; sets are put from noon on." in told
    assert "Exercises of the catalogue: 1: Deadlift (deadlift)." in told


def test_import_says_where_the_unit_comes_from(spotter: Shell) -> None:
    told = spotter("import", "strong", DATA / "strong_semicolon.csv", "--lifter", "ben", "--time-zone", "UTC")
    assert "Unit: lb (as the file says)." in told


def test_next_shows_the_whole_session(spotter: Shell, anna: str) -> None:
    told = spotter("next", anna, "--as-of", "2024-03-08T18:00:00Z")
    for slot in ("default/deadlift", "default/plank", "default/rudern-am-geraet"):
        assert slot in told
    assert "2 × 107.5 kg × 4–6" in told  # as many sets as she did


def test_next_shows_one_exercise_and_where_to_read_why(spotter: Shell, anna: str) -> None:
    told = spotter("next", anna, "squat", "--as-of", "2024-03-08T18:00:00Z")
    assert "default/squat" in told
    assert "deadlift" not in told
    assert "Why: spotter explain anna squat" in told


def test_next_as_the_log_stood(spotter: Shell, anna: str) -> None:
    told = spotter("next", anna, "deadlift", "--at-version", "4", "--as-of", "2024-03-08T18:00:00Z")
    assert "version 4" in told
    assert "1 × 102.5 kg × 6" in told
    assert "6 reps at 102.5 kg: go on from there." in told
    assert "107.5" not in told, "she had not lifted it yet"


def test_explain_shows_each_rule_considered_with_its_place(spotter: Shell, anna: str) -> None:
    told = spotter("explain", anna, "deadlift", "--as-of", "2024-03-08T18:00:00Z")
    for part in (
        "after set · deadlift 102.5 kg × 6",
        "first-session: fired",
        "progression/learned-progression.yaml:",
    ):
        assert part in told


def test_explain_finds_a_prescription_again_by_its_id(spotter: Shell, anna: str, services: Services) -> None:
    given = next_for(services, LifterRef("default", anna), "deadlift")
    proof = json.loads(spotter("explain", given.prescription_id, "--lifter", anna, "--json"))
    assert proof["prescription"]["prescription_id"] == given.prescription_id
    assert len(proof["sha256"]) == 64


def test_replay_makes_every_projection_again(spotter: Shell, anna: str, services: Services) -> None:
    lifter = LifterRef("default", anna)
    assert "Replayed 11 events of 1 lifter(s)." in spotter("replay")
    made = services.projections.load(lifter)
    assert "Replayed 11 events of 1 lifter(s)." in spotter("replay", "--lifter", anna)
    assert services.projections.load(lifter) == made != {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("next", "nobody"), "nobody has written about a lifter 'nobody'"),
        (("next", "anna", "no-such-exercise"), "knows an exercise 'no-such-exercise'"),
        (("explain", "abc", "--lifter", "anna"), "no prescription has this id"),
        (("replay", "--lifter", "nobody"), "nobody has written about a lifter 'nobody'"),
        (("import", "strong", __file__, "--lifter", "anna"), "this is no Strong export in English"),
        (("import", "auto", __file__, "--lifter", "anna"), "what its columns mean; their names suggest nothing"),
        (("import", "strong", DATA / "strong_comma.csv", "--lifter", "nobody"), "such as --time-zone Europe/Berlin"),
        (
            ("import", "strong", DATA / "strong_comma.csv", "--lifter", "nobody", "--time-zone", "UTC"),
            "whether its weights are kilograms or pounds; say it with --unit kg or --unit lb",
        ),
        (("import", "take-back", "0123456789ab", "--lifter", "anna"), "has no event of an import '0123456789ab'"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(
    spotter: Shell, anna: str, arguments: tuple[str, ...], message: str
) -> None:
    del anna
    result = spotter.run(*arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("next", "-x-"),
        ("next", "anna", "--as-of", "yesterday"),
        ("next", "anna", "--slot", "a/b"),
        ("explain", "anna"),
        ("explain", "anna", "squat", "--what-if", "wonders"),
        ("explain", "anna", "squat", "--what-if", "--why-not", "raise"),
        ("import", "strong", "nowhere.csv", "--lifter", "anna"),
    ],
)
def test_a_command_typed_wrongly_shows_how_it_goes(spotter: Shell, arguments: tuple[str, ...]) -> None:
    result = spotter.run(*arguments)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_without_a_running_spotter_there_is_one_clear_sentence(tmp_path: Path) -> None:
    result = Shell({"SPOTTER_DATA_DIR": str(tmp_path), "SPOTTER_REDIS_URL": ""}).run("next", "anna")
    assert result.exit_code == 1
    assert f"no Spotter is running on {tmp_path}: start it with `spotter run`" in result.output


def test_explain_begins_with_the_chain_in_sentences(spotter: Shell, anna: str) -> None:
    told = spotter("explain", anna, "deadlift", "--as-of", "2024-03-08T18:00:00Z")
    said = " ".join(told.split())
    assert "No load was known, and 107.5 came after 102.5." in said
    assert "4 reps at 107.5 kg: go on from there. (rule first-session, progression/" in said
    assert "So in the next session do 2 × 107.5 kg × 4-6." in told
    assert told.index("So in the next session") < told.index("first-session: fired")


def test_explain_says_why_not(spotter: Shell, anna: str) -> None:
    asked = ("explain", anna, "deadlift", "--as-of", "2024-03-08T18:00:00Z", "--why-not")
    told = spotter(*asked, "deload")
    assert "What came out is hold." in told
    assert "layoff did not fire: gap >= days was false with days = 21, gap = " in told
    assert "heavier-first-session did not fire" in spotter(*asked, "heavier-first-session")
    result = spotter.run(*asked, "no-such-rule")
    assert result.exit_code == 1
    assert "is none of the slot's rules" in result.output


def test_explain_says_what_would_have_changed_it(spotter: Shell, anna: str) -> None:
    asked = ("explain", anna, "deadlift", "--as-of", "2024-03-08T18:00:00Z", "--what-if")
    assert "One step leads to another outcome or load." in spotter(*asked)
    assert "hold is what came out." in spotter(*asked, "hold")
    answer = json.loads(spotter(*asked, "--json"))
    assert (answer["wanted"], answer["outcome"]) == (None, "hold")
    assert answer["searched"] == answer["distance"] - 1
    # A first session only tells where she trains, whatever it was: nothing had been known that could rise.
    answer = json.loads(spotter(*asked, "raise", "--json"))
    assert (answer["wanted"], answer["outcome"], answer["distance"]) == ("raise", "hold", None)


def test_explain_compares_two_prescriptions(spotter: Shell, anna: str, services: Services) -> None:
    who = LifterRef("default", anna)
    first, last = (next_for(services, who, "deadlift", at_version=version, as_of=AFTER) for version in (1, 10))
    told = spotter("explain", first.prescription_id, "--lifter", anna, "--against", last.prescription_id)
    assert "outcome: start → hold" in told
    told = spotter("explain", first.prescription_id, "--lifter", anna, "--against", first.prescription_id)
    assert "The two derivations are the same." in told


def test_webhooks_from_the_command_line(environment: dict[str, str], services: Services) -> None:
    spotter = Shell({**environment, "SPOTTER_WEBHOOKS_PRIVATE_TARGETS": "yes"})
    refused = Shell(environment).run("webhooks", "add", "https://127.0.0.1/")
    assert (refused.exit_code, "not a public address" in refused.output) == (1, True)
    added = spotter("webhooks", "add", "http://127.0.0.1:1/hook", "--for", "the app")
    secret = added.strip().splitlines()[-1]
    (webhook,) = services.webhooks.of("default")
    assert webhook.secret == secret
    listed = f"{webhook.id} http://127.0.0.1:1/hook (the app)\n  active; 0 change(s) behind; last delivered never\n"
    assert spotter("webhooks", "list") == listed
    nobody = replace(services, settings=replace(services.settings, private_targets=True))
    spotter("import", "strong", DATA / "strong_comma.csv", "--lifter", "anna", *KILOGRAMS)
    for group in range(key_names.GROUPS):
        drain(services, group)
    assert deliver(nobody) == 0
    state = r"failing since \S+Z, .+; next attempt \S+Z; ([1-9]\d*) change\(s\) behind"
    failing = re.search(state, spotter("webhooks", "list"))
    assert failing
    assert spotter("webhooks", "rotate", webhook.id).strip().splitlines()[-1] != secret
    assert f" {failing[1]} change(s) to go" in spotter("webhooks", "resume", webhook.id)
    assert spotter("webhooks", "dead", webhook.id) == ""
    assert "0 message(s)" in spotter("webhooks", "resend", webhook.id)
    assert "is removed" in spotter("webhooks", "remove", webhook.id)
    assert services.webhooks.of("default") == []
