"""Rule files over HTTP, checked, tried and compared: the same as on the command line, and nothing is written."""

from typing import Any

import pytest

from service.bootstrap import Services
from tests.support.contract import ContractClient

_MINE = """programme: mine
title: One lift
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots:
      - {slot: pull, exercise: deadlift, progression: {double-progression: {reps: [3, 5]}}}
"""
_BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def _check(api: ContractClient, **files: str) -> Any:
    answer = api.post("/v1/rules/checks", {"files": {name.replace("__", "."): text for name, text in files.items()}})
    assert answer.status == 200
    return answer.json


class TestChecks:
    def test_say_what_sound_files_hold(self, api: ContractClient, services: Services) -> None:
        said = _check(api, mine__yaml=_MINE)
        (programme,) = said["programmes"]
        assert (said["ok"], said["mistakes"], said["schemes"], said["exercises"]) == (True, [], [], [])
        assert (programme["programme"], programme["title"]) == ("mine", "One lift")
        assert said["borrowed"] == ["exercises/deadlift.yaml", "progression/double-progression.yaml"]
        assert services.archive.get(programme["digest"]) is None

    @pytest.mark.parametrize(
        ("text", "place", "says"),
        [
            (_MINE.replace("deadlift", "dedlift"), (7, 32), "there is no exercise dedlift. Did you mean deadlift?"),
            (_MINE.replace("title:", "titel:", 1), (2, 1), "a programme has no key titel."),
            ("programme: [", (1, 13), "this is not YAML"),
            ("programme: mine\n" + _BOMB, (2, 4), "no anchors"),
            ("programme: !!python/object:os.system {}\n", (1, 12), "no tags"),
            ("programme: " + "[" * 64 + "]" * 64, (1, 31), "nested more than 20 deep"),
            ("", (1, 1), "a rule file is a .yaml file in"),
        ],
    )
    def test_tell_a_mistake_at_its_place(
        self, api: ContractClient, text: str, place: tuple[int, int], says: str
    ) -> None:
        said = _check(api, mine__yaml=text)
        first = said["mistakes"][0]
        assert not said["ok"]
        assert (first["file"], (first["line"], first["column"])) == ("mine.yaml", place)
        assert says in first["message"]

    @pytest.mark.parametrize(
        ("files", "pointer"),
        [
            ({}, "/files"),
            ([], "/files"),
            ({"a b.yaml": ""}, "/files/a b.yaml"),
            ({"mine.yaml": 1}, "/files/mine.yaml"),
            ({f"{n}.yaml": "" for n in range(65)}, "/files"),
            ({f"{n}.yaml": "x" * 60_000 for n in range(5)}, "/files"),
        ],
    )
    def test_take_rule_files_and_not_too_many(self, api: ContractClient, files: Any, pointer: str) -> None:
        refused = api.post("/v1/rules/checks", {"files": files})
        assert (refused.status, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])

    def test_take_no_longer_body(self, api: ContractClient) -> None:
        assert api.post("/v1/rules/checks", {"files": {"a.yaml": "x" * (1 << 20)}}).status == 413


def test_a_check_tells_doubts(api: ContractClient) -> None:
    small = "{linear: {rise_from: performed, increase: {lb: 1, kg: 0.5}}}"
    said = _check(api, mine__yaml=_MINE.replace("{double-progression: {reps: [3, 5]}}", small))
    (doubt,) = said["doubts"]
    assert said["ok"]
    assert (doubt["file"], doubt["line"]) == ("mine.yaml", 7)
    assert "rounded away" in doubt["message"]


class TestExamples:
    def test_come_true_as_on_the_command_line(self, api: ContractClient, services: Services) -> None:
        path = "progression/double-progression.yaml"
        text = services.rule_sets.library().files[path].decode()
        said = api.post("/v1/rules/tests", {"files": {path: text}}).json
        assert said["ok"]
        assert {each["scheme"] for each in said["examples"]} == {"double-progression"}
        assert said["coverage"]["rules"] == said["coverage"]["covered"] > 0

    def test_that_do_not_come_true_are_told_at_their_line(self, api: ContractClient, services: Services) -> None:
        path = "progression/double-progression.yaml"
        text = services.rule_sets.library().files[path].decode()
        changed = text.replace("default: {lb: 10, kg: 5}", "default: {lb: 15, kg: 5}")
        said = api.post("/v1/rules/tests", {"files": {"mine-too.yaml": "", path: changed}})
        assert said.status == 422  # every file has to check
        said = api.post("/v1/rules/tests", {"files": {path: changed}}).json
        failures = [failure for each in said["examples"] for failure in each["failures"]]
        assert not said["ok"]
        assert failures
        for each in failures:
            assert each["text"] in changed.split("\n")[each["line"] - 1]

    def test_of_a_programme_say_so(self, api: ContractClient) -> None:
        shown = "examples: [{name: one, unit: kg, log: [{deadlift: 100x5}, end, {a/pull: -> 3x105x3-5}]}]\n"
        said = api.post("/v1/rules/tests", {"files": {"mine.yaml": _MINE + shown}}).json
        (example,) = said["examples"]
        assert (example["programme"], example["example"], example["failures"]) == ("mine", "one", [])
        assert "scheme" not in example
        (failed,) = api.post("/v1/rules/tests", {"files": {"mine.yaml": _MINE + shown.replace("105", "95")}}).json[
            "examples"
        ]
        (failure,) = failed["failures"]
        assert (failure["programme"], failure["line"], failure["expected"]) == ("mine", 8, "3x95x3-5")


class TestDiffs:
    def test_say_what_differs_in_files_and_along_logs(self, api: ContractClient, services: Services) -> None:
        path = "progression/double-progression.yaml"
        text = services.rule_sets.library().files[path].decode()
        changed = text.replace("default: {lb: 10, kg: 5}", "default: {lb: 15, kg: 10}")
        before = {"files": {"mine.yaml": _MINE}, "programme": "mine"}
        after = {"files": {"mine.yaml": _MINE, path: changed}, "programme": "mine"}
        said = api.post("/v1/rules/diffs", {"before": before, "after": after, "weeks": 6}).json
        assert said["files"] == [
            {
                "file": path,
                "differences": [
                    {"where": ["params", "increase", "default", "lb"], "before": "10", "after": "15"},
                    {"where": ["params", "increase", "default", "kg"], "before": "5", "after": "10"},
                ],
            }
        ]
        assert [each["log"] for each in said["logs"]] == ["typical", "strong", "failing"]
        assert said["logs"][0]["slots"][0]["slot"] == "a/pull"
        assert said["untried"] is None

    def test_of_the_same_say_nothing(self, api: ContractClient, services: Services) -> None:
        digest = services.rule_sets.newest("upper-back")
        by_name = {"files": {}, "programme": "upper-back"}
        said = api.post("/v1/rules/diffs", {"before": {"digest": digest}, "after": by_name}).json
        assert said == {"files": [], "logs": [], "untried": None}

    def test_lead_to_what_is_wrong_with_a_side(self, api: ContractClient) -> None:
        before = {"digest": "0" * 64}
        refused = api.post("/v1/rules/diffs", {"before": before, "after": before})
        assert refused.json["errors"][0]["pointer"] == "/before/digest"
        refused = api.post("/v1/rules/diffs", {"before": before, "after": {"files": {}}, "weeks": 99})
        assert {each["pointer"] for each in refused.json["errors"]} == {"/after", "/weeks"}
