"""Arguing about a derivation: why, why not, and what differs from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.events import Overridden, ProfileChanged, SessionSkipped
from service.domain.loads import Load
from service.domain.prescription import PrescriptionId
from service.engine.derive.derivation import Proof, prove
from service.engine.derive.diff import compare, differences
from service.engine.derive.why import Expectation, why, why_not
from tests.support.training import UPPER_BACK, Lifter, load, rule_set_of


def on_deadlifts() -> Lifter:
    return Lifter().follows("upper-back").baseline("deadlift", "225 lb")


def the_article() -> Lifter:
    return on_deadlifts().does("deadlift", "225x6", "235x3", "230x5")


def proof(lifter: Lifter, exercise: str = "deadlift") -> Proof:
    asked = PrescriptionId.decode(lifter.next(exercise).prescription_id)
    return prove(lifter.run(last=asked.version), lifter.plans, "lifter", asked)


def objections(lifter: Lifter, exercise: str = "deadlift", **expected: str) -> dict[str, Any]:
    made = proof(lifter, exercise)
    present = [bound.scheme for bound in made.slot.schemes.values()]
    return why_not(made.document, Expectation(**expected), made.asked, present)


def results(answer: dict[str, Any]) -> list[tuple[str | None, str, str]]:
    return [(each["event_id"], each["rule"], each["result"]) for each in answer["considered"]]


# Why


def test_why_tells_the_article_s_example_event_by_event() -> None:
    began, raised, lowered, held, end = why(proof(the_article()).document)
    assert began == "Before its last session deadlift stood at 225 lb."
    assert raised == (
        "e3 (2026-01-05T18:03:00Z), 6 reps at 225 lb: 6 reps at 225 lb is the top of 4-6: 235 lb next. "
        "From 225 lb to 235 lb (rule top-of-range, progression/double-progression.yaml:23)."
    )
    assert lowered.endswith("From 235 lb to 230 lb (rule new-load-too-heavy, progression/double-progression.yaml:33).")
    assert held.endswith("is within 4-6: stay and add reps. (rule in-range, progression/double-progression.yaml:41)")
    assert end == "So in the next session do 3 × 230 lb × 4-6 with 1-2 in reserve."


@pytest.mark.parametrize(("measure", "exercise", "sets"), [("reps", "squat", "60x5"), ("seconds", "plank", "0x45s")])
def test_a_derivation_shows_of_a_set_only_what_was_measured(measure: str, exercise: str, sets: str) -> None:
    document = proof(Lifter("kg").does(exercise, sets, sets).ends(), exercise).document
    shown = list(_sets_shown(document))
    assert shown
    assert {name for each in shown for name in ("reps", "seconds") if name in each} == {measure}


def _sets_shown(part: Any) -> Iterator[Mapping[str, Any]]:
    """Every object with a load and an amount, wherever it stands in a derivation."""
    if isinstance(part, Mapping):
        if "load" in part and not part.keys().isdisjoint({"reps", "seconds"}):
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _sets_shown(each)


def test_why_says_what_is_known_before_the_first_set() -> None:
    assert why(proof(on_deadlifts()).document) == [
        "Deadlift starts at 225 lb; no set has been logged since.",
        "So in the next session do 3 × 225 lb × 4-6 with 1-2 in reserve.",
    ]


def test_why_tells_of_warm_ups_new_baselines_time_alone_and_rounding() -> None:
    lifter = on_deadlifts().does("deadlift", "95x5", "225x5").ends().baseline("deadlift", "211 lb").rests(days=14)
    told = why(proof(lifter).document)
    assert told[1] == "e3 (2026-01-05T18:03:00Z), 5 reps at 95 lb: 95 is under 90 % of the 225 asked for."
    assert told[3] == (
        "e3 (2026-01-05T18:03:00Z), 5 reps at 95 lb: "
        "Its estimate, 110.8, is at most 80 % of that of a heavier later set, 262.5."
    )
    assert told[4] == "e6 (2026-01-05T18:06:00Z) set a new baseline: from 225 lb to 211 lb."
    assert told[5].startswith("Before the prescription, by time alone: 14 days away: come back with 10 % off 210 lb.")
    assert told[6] == "189.9 lb cannot be loaded; the nearest that can is 190 lb."


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("0 kg", ["Nothing lighter than 20 kg can be loaded."]),
        ("14 kg", ["Nothing lighter than 20 kg can be loaded."]),
        ("20 kg", []),
        ("20.1 kg", ["20.1 kg cannot be loaded; the nearest that can is 20 kg."]),
        ("1999 kg", ["Nothing heavier than 120 kg can be loaded."]),
    ],
)
def test_why_says_where_loads_end(start: str, told: list[str]) -> None:
    equipment = Equipment(plates=(Plates(load("50 kg"), 2),))
    lifter = Lifter("kg")
    lifter.logs(ProfileChanged(equipment=equipment))
    lifter.baseline("squat", start)
    assert why(proof(lifter, "squat").document)[1:-1] == told


def test_why_tells_of_a_slot_that_was_skipped_and_of_a_one_off_load() -> None:
    lifter = the_article()
    slot = PrescriptionId.decode(lifter.next("deadlift").prescription_id).slot
    lifter.logs(SessionSkipped((slot,), "a sore back"))
    assert any(each.endswith("): skipped: a sore back.") for each in why(proof(lifter).document))
    lifter = on_deadlifts()
    lifter.logs(Overridden(slot, Load(Decimal(135), "lb"), "a light day"))
    told = why(proof(lifter.does("deadlift", "135x5")).document)
    assert any("one-off load: a light day." in each for each in told)


def test_why_says_which_rule_was_overruled() -> None:
    lifter = on_deadlifts()
    for _ in range(4):
        lifter.does("deadlift", "225x5").ends().rests(days=3)
    (overruled,) = (line for line in why(proof(lifter.rests(days=20)).document) if "Overruled" in line)
    assert "Overruled: a deload came already, and no session was performed since (rule layoff," in overruled


# Why not


def test_why_not_names_each_rule_of_the_outcome_and_what_was_false() -> None:
    answer = objections(the_article(), outcome="raise")
    assert results(answer) == [
        ("e3", "top-of-range", "fired"),
        ("e3", "more-left-than-the-range-asks", "shadowed"),
        ("e4", "top-of-range", "not fired"),
        ("e4", "more-left-than-the-range-asks", "not fired"),
        ("e5", "top-of-range", "not fired"),
        ("e5", "more-left-than-the-range-asks", "not fired"),
    ]
    fired, shadowed, *_, top, more_left = answer["considered"]
    assert fired["said"] == "top-of-range fired: 6 reps at 225 lb is the top of 4-6: 235 lb next."
    assert shadowed["said"].endswith("was not asked: top-of-range stands before it and fired.")
    assert shadowed["conditions"] == []
    assert [each["expression"] for each in top["conditions"]] == ["set.reps >= reps.max"]
    assert top["said"] == ("top-of-range did not fire: set.reps >= reps.max was false with reps = 4-6, set.reps = 5.")
    assert more_left["said"].endswith("known(set.rir) was false with set.rir = not known.")


def test_why_not_names_one_rule() -> None:
    answer = objections(the_article(), rule="new-load-too-heavy")
    assert results(answer) == [
        ("e3", "new-load-too-heavy", "shadowed"),
        ("e4", "new-load-too-heavy", "fired"),
        ("e5", "new-load-too-heavy", "not fired"),
    ]


def test_why_not_names_rules_that_had_no_occasion() -> None:
    answer = objections(on_deadlifts().does("deadlift", "225x5"), outcome="deload")
    assert {each["rule"] for each in answer["not_considered"]} == {
        "stalled",
        "shown-in-part",
        "held-in-part",
        "more-assistance",
        "long-layoff",
        "layoff",
    }
    assert objections(on_deadlifts(), outcome="reset")["not_considered"] == []


def test_why_not_says_what_overruled_a_rule() -> None:
    both = rule_set_of(
        {
            "deload/halve.yaml": """
scheme: halve
title: Half of it after each session
sources: [{title: a test, gives: all}]
after session:
  - rule: half
    when: not (history.sessions > 100) and (history.sessions == 1 or history.sessions == 5)
    then: {lever: lever * 0.5}
    outcome: deload
    because: "Half of {lever}."
examples: [{name: half, progression: double-progression, baseline: 100 kg, log: ["100x5", "end -> 50"]}]
""",
            "deload/tenth.yaml": """
scheme: tenth
title: A tenth off after each session
sources: [{title: a test, gives: all}]
after session:
  - rule: less
    when: not (history.sessions > 1 and history.sessions_since_record < 9)
    then: {lever: "lever - percent_of(10, lever)"}
    outcome: deload
    because: "A tenth of {lever} off."
examples: [{name: less, progression: double-progression, baseline: 100 kg, log: ["100x5", "end -> 90"]}]
""",
            "programmes/both.yaml": """
programme: both
title: Both
sources: [{title: a test, gives: all}]
days:
  - day: a
    slots: [{slot: pull, exercise: deadlift, progression: double-progression, deload: [halve, tenth]}]
""",
        },
        "both",
    )
    lifter = Lifter("kg").follows(both).baseline("deadlift", "200 kg").does("deadlift", "200x5").ends()
    half, less = objections(lifter, outcome="deload")["considered"]
    assert (half["result"], less["result"]) == ("fired", "overruled")
    assert "overruled: half makes it 100 kg. It said: A tenth of 200 kg off." in less["said"]
    lifter.rests(days=3).does("deadlift", "100x5").ends()
    half, less = objections(lifter, outcome="deload")["considered"]
    assert [(each["expression"], each["value"]) for each in half["conditions"]] == [
        ("history.sessions == 1", False),
        ("history.sessions == 5", False),
    ]
    assert [(each["expression"], each["value"]) for each in less["conditions"]] == [
        ("history.sessions > 1", True),
        ("history.sessions_since_record < 9", True),
    ]


# What differs


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (1, 1, []),
        ({"a": 1}, {"a": 2, "b/c": 3}, [("/a", 1, 2), ("/b~1c", None, 3)]),
        ({"a": {"value": "1", "unit": "kg"}}, {"a": None}, [("/a", {"value": "1", "unit": "kg"}, None)]),
        (
            {"a": {"min": 1, "max": 2}},
            {"a": {"min": 1, "max": 3}},
            [("/a", {"min": 1, "max": 2}, {"min": 1, "max": 3})],
        ),
        ({"a": [1]}, {"a": [1, 2]}, [("/a", [1], [1, 2])]),
    ],
)
def test_differences_are_named_by_their_place(before: Any, after: Any, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(each["path"], each["before"], each["after"]) for each in differences(before, after)] == expected


def test_a_derivation_does_not_differ_from_itself() -> None:
    document = proof(the_article()).document
    answer = compare(document, document)
    assert answer["same"]
    assert not any(answer[part] for part in ("prescription", "earlier", "triggers", "state", "sets"))


def test_two_versions_differ_by_the_set_between_them() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5")
    before = proof(lifter).document
    answer = compare(before, proof(lifter.does("deadlift", "225x6")).document)
    assert not answer["same"]
    (added,) = answer["triggers"]
    assert (added["trigger"], added["event_id"], added["in"]) == ("after set", "e4", "after")
    assert {each["rule"]: each["after"] for each in added["rules"]}["top-of-range"] == "fired"
    assert {each["path"] for each in answer["state"]} >= {"/lever"}
    outcome = {each["path"]: (each["before"], each["after"]) for each in answer["prescription"]}["/outcome"]
    assert outcome == ("hold", "raise")


def test_a_corrected_set_shows_as_other_facts_and_other_rules() -> None:
    before = proof(on_deadlifts().does("deadlift", "225x6")).document
    answer = compare(before, proof(on_deadlifts().does("deadlift", "225x5")).document)
    (changed,) = answer["triggers"]
    assert changed["in"] == "both"
    facts = {each["path"]: (each["before"], each["after"]) for each in changed["facts"]}
    assert facts["/double-progression/set.reps"] == (6, 5)
    assert ("top-of-range", "fired", "not fired") in [
        (each["rule"], each["before"], each["after"]) for each in changed["rules"]
    ]


def test_two_days_differ_by_what_time_has_caused() -> None:
    lifter = on_deadlifts().does("deadlift", "225x5").ends()
    before = proof(lifter.rests(days=3)).document
    answer = compare(before, proof(lifter.rests(days=11)).document)
    (changed,) = answer["triggers"]
    assert (changed["trigger"], changed["event_id"]) == ("before prescription", None)
    assert [(each["rule"], each["before"], each["after"]) for each in changed["rules"]] == [
        ("layoff", "not fired", "fired")
    ]


def test_a_rule_that_lost_differs_from_one_that_won() -> None:
    lifter = on_deadlifts()
    for _ in range(3):
        lifter.does("deadlift", "225x5").ends().rests(days=3)
    before = proof(lifter.rests(days=20)).document
    after = proof(lifter.rests(days=-20).does("deadlift", "225x5").ends().rests(days=23)).document
    layoff = {
        (each["before"], each["after"])
        for trigger in compare(before, after)["triggers"]
        for each in trigger["rules"]
        if each["rule"] == "layoff" and trigger["in"] == "both"
    }
    assert layoff == {("fired", "overruled")}


def test_two_rule_sets_differ_by_their_digest_their_facts_and_their_sets() -> None:
    text = UPPER_BACK.files["programmes/upper-back.yaml"].decode()
    changed = text.replace("{sets: 3, reps: [4, 6]", "{sets: 3, reps: [3, 5]")
    lifter = on_deadlifts().does("deadlift", "225x5", "225x5", "225x5").ends()
    before = proof(lifter).document
    lifter.follows(rule_set_of({"programmes/upper-back.yaml": changed}, "upper-back"))
    answer = compare(before, proof(lifter).document)
    assert {"/rule_set/digest"} <= {each["path"] for each in answer["prescription"]}
    reps = {each["path"]: (each["before"], each["after"]) for each in answer["sets"]}["/1/reps"]
    assert reps == ({"min": 4, "max": 6}, {"min": 3, "max": 5})
