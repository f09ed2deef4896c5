"""Derivations: the proof of a prescription, made again from the log alone, with everything considered on the way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from service.domain.equipment import Equipment, Plates
from service.domain.errors import NotFound
from service.domain.events import ProgrammeAssigned
from service.domain.hash_chain import GENESIS, canonical_json, extend_chain, sha256_of
from service.domain.instants import render
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.ruleset.triggers import Trigger
from service.usecases.lifter.explain import derive
from tests.support.training import PLANS, UPPER_BACK, Lifter, load

ROW = "single-arm-dumbbell-row"


def on_deadlifts() -> Lifter:
    return Lifter().follows("upper-back").baseline("deadlift", "225 lb")


def proof(lifter: Lifter, exercise: str = "deadlift") -> dict[str, Any]:
    return lifter.derivation(lifter.next(exercise))


def rules(derivation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The event, name and result of every rule considered."""
    for trigger in derivation["triggers"]:
        for scheme in trigger.get("schemes", ()):
            for rule in scheme["rules"]:
                yield trigger.get("event_id", "time"), rule["rule"], rule["result"]


def triggers(derivation: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(trigger["trigger"], trigger.get("event_id", "time")) for trigger in derivation["triggers"]]


# Canonical JSON and the chain


@pytest.mark.parametrize(
    ("document", "written"),
    [
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
        ({"load": Decimal("225.0")}, '{"load":"225"}'),
        ({"name": "Überzug", "0": "“x”"}, '{"0":"“x”","name":"Überzug"}'),
    ],
)
def test_a_document_is_written_in_one_way(document: dict[str, Any], written: str) -> None:
    assert canonical_json(document) == written.encode()
    assert sha256_of(document) == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
def test_what_has_no_one_way_to_be_written_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_json({"value": value})


def test_the_chain_holds_every_entry_and_their_order() -> None:
    one, two = bytes([1]) * 32, bytes([2]) * 32
    assert extend_chain(GENESIS, []) == GENESIS
    assert extend_chain(extend_chain(GENESIS, [one]), [two]) == extend_chain(GENESIS, [one, two])
    assert extend_chain(GENESIS, [one, two]) != extend_chain(GENESIS, [two, one])
    assert extend_chain(GENESIS, [one]) == hashlib.sha256(GENESIS + one).digest()


# What the proof says


def test_it_names_every_event_of_the_article_s_example() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x6", "235x3", "230x5"))
    assert triggers(derivation) == [
        ("after set", "e3"),
        ("after set", "e4"),
        ("after set", "e5"),
        ("after session", "time"),  # the slot is done, so the session is closed on a copy
        ("before prescription", "time"),
    ]
    assert derivation["earlier"]["baseline"] == "e2"


def test_it_names_every_rule_that_was_considered() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x6", "235x3", "230x5"))
    names = [rule.name for rule in UPPER_BACK.schemes["double-progression"].rules[Trigger.AFTER_SET]]
    considered = list(rules(derivation))
    assert [name for event, name, _ in considered if event == "e4"] == names
    assert [(event, name) for event, name, result in considered if result == "fired"] == [
        ("e3", "top-of-range"),
        ("e4", "new-load-too-heavy"),
        ("e5", "in-range"),
    ]
    assert [result for event, _, result in considered if event == "e4"] == [
        "not fired",
        "not fired",
        "fired",
        "shadowed",
        "shadowed",
    ]
    assert [(name, result) for event, name, result in considered if event == "time"] == [
        ("stalled", "not fired"),
        ("stalled-without-failures", "not fired"),
        ("shown-since", "not fired"),
        ("shown-in-part", "not fired"),
        ("held-before", "not fired"),
        ("held-in-part", "not fired"),
        ("more-assistance", "not fired"),
        ("long-layoff", "not fired"),
        ("layoff", "not fired"),
    ]


def test_a_rule_is_cited_where_its_file_has_it() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x6"))
    for scheme in derivation["triggers"][0]["schemes"]:
        for rule in scheme["rules"]:
            line = UPPER_BACK.files[rule["file"]].decode().splitlines()[rule["line"] - 1]
            assert rule["rule"] in line


def test_a_condition_shows_its_operands_and_what_was_not_evaluated() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x5"))
    top, more_left, *_ = derivation["triggers"][0]["schemes"][0]["rules"]
    assert top["conditions"] == [
        {
            "expression": "set.load >= prescribed.load",
            "operands": {
                "set.load": {"value": "225", "unit": "lb"},
                "prescribed.load": {"value": "225", "unit": "lb"},
            },
            "value": True,
        },
        {
            "expression": "set.reps >= reps.max",
            "operands": {"set.reps": 5, "reps": {"min": 4, "max": 6}},
            "value": False,
        },
    ]
    assert [condition["value"] for condition in more_left["conditions"]] == [True, False, "not evaluated"]


def test_it_shows_the_state_before_and_after_each_trigger() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x6", "235x3").ends())
    levers = [
        (trigger["before"]["lever"]["value"], trigger["after"]["lever"]["value"]) for trigger in derivation["triggers"]
    ]
    assert levers == [("225", "235"), ("235", "230"), ("230", "230"), ("230", "230")]
    assert derivation["earlier"]["state"]["lever"]["value"] == "225"
    assert derivation["state"]["lever"]["value"] == "230"
    assert derivation["triggers"][0]["moves"] == [
        {
            "scheme": "double-progression",
            "rule": "top-of-range",
            "from": {"value": "225", "unit": "lb"},
            "to": {"value": "235", "unit": "lb"},
            "applied": True,
        }
    ]


def test_it_shows_the_way_from_the_raw_load_to_the_rounded_one() -> None:
    lifter = on_deadlifts().baseline("deadlift", "101.3 kg")
    lifter.profile(unit="kg", equipment=Equipment(plates=(Plates(load("20 kg"), 4), Plates(load("1 kg"), 2))))
    first = proof(lifter)["sets"][0]
    kilograms = {name: first[name] and first[name]["value"] for name in ("raw", "below", "above", "rounded")}
    assert kilograms == {"raw": "101.3", "below": "100", "above": "102", "rounded": "102"}
    assert first["rounding"] == "nearest"
    assert [plate["value"] for plate in first["plates_each_side"]] == ["20", "20", "1"]


def test_it_begins_with_the_last_session_that_performed_the_slot() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6").ends().rests(days=1).does("barbell-row", "135x7").ends()
    lifter.rests(days=1).does("romanian-deadlift", "155x5").ends().rests(days=1).does("deadlift", "235x5")
    derivation = proof(lifter)
    assert triggers(derivation) == [("before prescription", "e9"), ("after set", "e9")]
    assert derivation["earlier"]["as_of"] == render(lifter.log[7].occurred_at)


def test_what_time_alone_caused_has_no_event() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x5").ends().rests(days=14))
    assert triggers(derivation)[-1] == ("before prescription", "time")
    assert [(name, result) for event, name, result in rules(derivation) if event == "time"] == [
        ("shown-since", "not fired"),
        ("shown-in-part", "not fired"),
        ("held-before", "not fired"),
        ("held-in-part", "not fired"),
        ("more-assistance", "not fired"),
        ("long-layoff", "not fired"),
        ("layoff", "fired"),
    ]


def test_a_rule_that_lost_is_shown_as_it_was() -> None:
    lifter = on_deadlifts()
    for _ in range(4):
        lifter.does("deadlift", "225x5").ends().rests(days=3)
    (last,) = (trigger for trigger in proof(lifter.rests(days=20))["triggers"] if trigger.get("cause") == "time")
    assert [(move["rule"], move["applied"]) for move in last["moves"]] == [("layoff", False)]
    assert last["before"]["lever"] == last["after"]["lever"]


def test_it_says_how_each_set_was_read() -> None:
    lifter = on_deadlifts().does("deadlift", "95x5", "225x5").does("deadlift", "225x5", kind="work")
    said = [
        (trigger["event_id"], trigger["set"]["kind"], *trigger["reading"].values())
        for trigger in proof(lifter)["triggers"]
    ]
    assert said == [
        ("e3", None, "waiting", None, "95 is under 90 % of the 225 asked for."),
        ("e4", None, "place", 1, "225 is the load asked for, 225."),
        ("e5", "work", "place", 2, "Work has begun: each set fills the next place."),
    ]


def test_it_says_how_what_waited_was_read_at_last() -> None:
    said = [
        (trigger["event_id"], trigger["reading"]["as"])
        for trigger in proof(on_deadlifts().does("deadlift", "95x5", "225x5").ends())["triggers"]
        if "reading" in trigger
    ]
    assert said == [("e3", "waiting"), ("e4", "place"), ("e3", "warm_up")]


def test_it_says_why_a_set_was_passed_over() -> None:
    lifter = on_deadlifts().does("deadlift", "225x30s").does("deadlift", "95x5")
    assert [trigger["why"] for trigger in proof(lifter)["triggers"]] == [
        "not measured in reps: no rule sees it",
        "95 is under 90 % of the 225 asked for.",
    ]


def test_of_a_pair_it_names_both_sides() -> None:
    lifter = Lifter().follows("upper-back").baseline(ROW, "60 lb")
    lifter.does(ROW, "60x8", side="left").does(ROW, "60x7", side="right")
    side, trigger = proof(lifter, ROW)["triggers"]
    assert side["reading"]["as"] == "side"
    assert trigger["facts_from"]["set"] == ["e3", "e4"]


def test_a_side_that_stayed_alone_is_named_though_another_event_closed_the_session() -> None:
    lifter = Lifter().follows("upper-back").baseline(ROW, "60 lb").does(ROW, "60x8", side="left")
    lifter.rests(days=1).does("squat", "135x5")
    side, trigger, *_ = proof(lifter, ROW)["triggers"]
    assert (side["event_id"], side["reading"]["as"]) == ("e3", "side")
    assert (trigger["event_id"], trigger["facts_from"]["set"]) == ("e3", ["e3"])
    assert trigger["set"]["exercise"] == ROW


def test_a_baseline_that_moved_the_lever_is_part_of_the_proof() -> None:
    derivation = proof(on_deadlifts().does("deadlift", "225x5").ends().baseline("deadlift", "205 lb"))
    (moved,) = (trigger for trigger in derivation["triggers"] if trigger["trigger"] == "baseline")
    assert moved["event_id"] == "e5"
    assert (moved["before"]["lever"]["value"], moved["after"]["lever"]["value"]) == ("225", "205")
    assert derivation["state"]["lever"]["value"] == "205"


def test_a_fact_says_which_baseline_it_came_from() -> None:
    derivation = proof(
        on_deadlifts().baseline("deadlift", "230 lb").baseline("squat", "300 lb").does("deadlift", "230x5")
    )
    assert derivation["triggers"][0]["facts_from"]["baseline"] == "e3"


def test_before_the_first_set_there_is_only_a_beginning() -> None:
    derivation = proof(on_deadlifts())
    assert derivation["triggers"] == []
    assert derivation["earlier"]["baseline"] == "e2"
    assert derivation["state"] == derivation["earlier"]["state"]


# What makes it a proof


LOGS = [
    on_deadlifts(),
    on_deadlifts().does("deadlift", "225x6", "235x3", "230x5"),
    on_deadlifts().does("deadlift", "225x6").ends().rests(days=14),
    Lifter("kg").does("pull-up", "0x8", "5x5").rests(days=2).does("pull-up", "5x6"),
    Lifter("kg").does("plank", "0x60s").ends(),
    on_deadlifts().does("deadlift", "225x6").voids("e3").does("deadlift", "225x4"),
]


def every_prescription(lifter: Lifter) -> list[Prescription]:
    return lifter.next_session()


@pytest.mark.parametrize("lifter", LOGS)
def test_it_is_the_same_to_the_byte_whenever_it_is_made(lifter: Lifter) -> None:
    for prescription in every_prescription(lifter):
        assert canonical_json(lifter.derivation(prescription)) == canonical_json(lifter.derivation(prescription))


@pytest.mark.parametrize("lifter", LOGS)
def test_its_hash_is_that_of_everything_but_itself(lifter: Lifter) -> None:
    for prescription in every_prescription(lifter):
        derivation = json.loads(json.dumps(lifter.derivation(prescription)))
        assert derivation.pop("sha256") == sha256_of(derivation)


@pytest.mark.parametrize("lifter", LOGS)
def test_it_proves_the_very_prescription_that_was_given(lifter: Lifter) -> None:
    for prescription in every_prescription(lifter):
        proven = lifter.derivation(prescription)["prescription"]
        assert proven["prescription_id"] == prescription.prescription_id
        assert (proven["outcome"], tuple(proven["because"])) == (prescription.outcome, prescription.because)
        rounded = [each.get("rounded") and each["rounded"]["value"] for each in lifter.derivation(prescription)["sets"]]
        assert rounded == [each["load"] and each["load"]["value"] for each in proven["sets"]]


def test_what_came_later_leaves_it_as_it_was() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6")
    prescription = lifter.next("deadlift")
    before = lifter.derivation(prescription)
    lifter.does("deadlift", "235x4").voids("e3").baseline("deadlift", "100 lb").profile(unit="kg")
    assert lifter.derivation(prescription) == before


def test_it_names_the_head_of_the_log_that_it_stands_on() -> None:
    lifter = on_deadlifts().does("deadlift", "225x6")
    assert proof(lifter)["log_head"] == extend_chain(GENESIS, lifter.run().sha256s).hex()


@pytest.mark.parametrize(
    "wrong",
    [
        {"slot": "a/nowhere"},
        {"slot": "default/deadlift"},
        {"digest": "0" * 64},
        {"valid_from": 1},
    ],
)
def test_an_id_that_nobody_was_given_proves_nothing(wrong: dict[str, Any]) -> None:
    lifter = on_deadlifts().does("deadlift", "225x6")
    asked = PrescriptionId.decode(lifter.next("deadlift").prescription_id)._replace(**wrong)
    with pytest.raises(NotFound):
        derive(lifter.run(), PLANS, "lifter", asked)


def test_a_lifter_whose_first_event_is_poison_has_proofs_too() -> None:
    lifter = Lifter()
    lifter.logs(ProgrammeAssigned("ghost", "0" * 64))
    prescription = lifter.next("deadlift")
    assert prescription.version == 0
    assert lifter.derivation(prescription)["prescription"]["prescription_id"] == prescription.prescription_id
