"""`spotter rules check` and `test` on a folder of one's own."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.engine.files.language_reference import TRIGGERS, TYPES
from service.engine.files.rule_prose import explained_programme, explained_scheme
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.triggers import Trigger
from tests.support.training import LIBRARY

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


def test_a_folder_that_nobody_reads_is_noticed(tmp_path: Path) -> None:
    for folder, name in (("progressions", "mine.yaml"), ("programmes", "plan.yml")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(_SCHEME)
    told = rules("check", tmp_path, status=1)
    assert f"{tmp_path}/progressions/mine.yaml:1:1: a rule file is a .yaml file in" in told
    assert f"{tmp_path}/programmes/plan.yml:1:1: a rule file is a .yaml file in" in told


def test_a_file_that_its_name_hides_is_noticed(scheme: Path) -> None:
    as_text, hidden = scheme.with_name("mine.yaml.txt"), scheme.with_name(".mine.yaml")
    scheme.rename(as_text)
    told = rules("check", as_text.parent, status=1)
    assert f"{as_text}:1:1: this is not read for its name: write it mine.yaml." in told
    assert "no rule file by its name: write it mine.yaml" in rules("check", as_text, status=2)
    as_text.rename(hidden)
    assert "no rule file by its name: write it mine.yaml" in rules("check", hidden, status=2)
    scheme.write_text(_SCHEME)
    assert "nothing wrong" in rules("check", scheme.parent)  # an editor's copy is nobody's draft


def test_a_broken_draft_keeps_no_good_file_beside_it_from_being_used(scheme: Path) -> None:
    draft, plan = scheme.with_name("draft.yaml"), scheme.with_name("plan.yaml")
    draft.write_text(_SCHEME.replace("scheme: mine", "scheme: draft").replace("outcome: raise", "outcome: rise"))
    plan.write_text(
        "programme: plan\ntitle: A plan\nsources: [{title: our own, gives: all}]\n"
        "days: [{day: a, slots: [{slot: pull, exercise: deadlift, progression: mine}]}]\n"
    )
    assert "1 programmes" in rules("check", plan)
    assert "come true" in rules("test", scheme)
    assert "A plan" in rules("explain", plan)
    assert "a/pull" in rules("simulate", plan, "--weeks", 1)
    assert "a/pull" in rules("simulate", plan.parent, "--programme", "plan", "--weeks", 1)
    for path in (plan.parent, draft):
        assert f"{draft}:10:" in rules("check", path, status=1)
    good = plan.read_text()
    plan.write_text(good.replace("title:", "titel:", 1))
    assert str(draft) not in rules("check", plan, status=1)  # its own mistakes first
    plan.write_text(good.replace("progression: mine", "progression: draft"))
    assert f"{draft}:10:" in rules("check", plan, status=1)


def test_a_list_has_a_bounded_number_of_rules(scheme: Path) -> None:
    rule = '  - {rule: reps-%d, when: set.reps == %d, outcome: hold, because: "so many"}\n'
    many = "".join(rule % (number, number) for number in range(6, 60))
    scheme.write_text(_SCHEME.replace("  - {otherwise", f"{many}  - {{otherwise"))
    assert f"{scheme}:60:5: a list has at most 50 rules, but here are 56" in rules("check", scheme, status=1)


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
        "mine, “up”: how its sets were read",
        "  100 kg × 5  place 1: It was logged as what it is.",
        "",
        "0 of 1 examples of 1 schemes come true.",
    ]


def test_how_the_sets_of_examples_were_read_is_told_when_asked(scheme: Path) -> None:
    told = rules("test", scheme, "--sets").splitlines()
    assert told[:2] == ["mine, “up”: how its sets were read", "  100 kg × 5  place 1: It was logged as what it is."]
    (example,) = map(json.loads, rules("test", scheme, "--json").splitlines())
    assert (example["scheme"], example["example"], example["failures"]) == ("mine", "up", [])
    assert [(each["as"], each["place"]) for each in example["read"]] == [("place", 1)]
    scheme.write_text(_SCHEME.replace("-> 105 raise", "-> 110 raise"))
    (example,) = map(json.loads, rules("test", scheme, "--json", status=1).splitlines())
    assert [(each["line"], each["got"]) for each in example["failures"]] == [(15, "2x105x5 raise")]


def test_the_library_is_checked_and_covered_whole() -> None:
    assert f"{len(LIBRARY.programmes)} programmes and {len(LIBRARY.exercises)} exercises, nothing" in rules("check")
    assert "100 % coverage" in rules("test", "--coverage")


def test_a_scheme_is_explained_in_sentences(scheme: Path) -> None:
    scheme.write_text(
        _SCHEME.replace("title: Up", "notes: For the cautious.\ntitle: Up").replace(
            "from: 0}", "from: 0, about: what is added}"
        )
    )
    told = rules("explain", scheme)
    assert told.startswith("Up or down a step\n\nWhat it is\n- A progression: it keeps a load for each exercise")
    assert "- step: 10 lb or 5 kg, at least 0: what is added.\n" in told
    assert "- For the cautious.\n" in told
    flat = " ".join(told.split())
    assert "When the set's repetitions are at least 5: the load rises by the step (10 lb or 5 kg) (raise; done" in flat
    assert "Otherwise: nothing changes (hold; otherwise, line 12)." in flat
    assert "Sets: 3; load: the load; repetitions: 5." in flat


def test_all_of_the_library_is_explained_without_leaving_code_in_it() -> None:
    for each in LIBRARY.schemes.values():
        sections = explained_scheme(each)
        sentences = [sentence for section in sections[2:] for sentence in section.sentences]
        assert sentences, each.id
        assert not [text for text in sentences for code in (" == ", " >= ", "known(", "_of(") if code in text], each.id
    for programme in LIBRARY.programmes.values():
        assert len(explained_programme(programme, LIBRARY)) > 1, programme.id


def test_a_table_of_a_programme_and_a_size_without_sign_are_explained() -> None:
    gzclp, stall = (" ".join(rules("explain", name).split()) for name in ("gzclp", "stall"))
    assert "(stages [sets 3, reps 10; sets 3, reps 8; sets 3, reps 6], start 62 %," in gzclp
    assert "of the load that the progression stands at without its sign" in stall


def test_a_programme_of_the_library_is_explained_by_its_name() -> None:
    told = " ".join(rules("explain", "upper-back").split())
    assert "Day a: Deadlift and heavy row - Deadlift: Double progression, set by set (sets 3, reps 4-6," in told
    assert "Did you mean upper-back?" in rules("explain", "uper-back", status=1)


def test_programmes_that_suit_are_listed() -> None:
    every, some = rules("list"), rules("list", "--goal", "strength", "--days-a-week", "3", "--equipment", "barbell")
    assert all(name in every for name in LIBRARY.programmes)
    assert "stronglifts" in some
    assert not {"default", "gzclp", "rpe-block"} & set(some.split())
    assert rules("list", "--minutes", "1") == "No programme suits.\n"


def test_every_fact_has_a_phrase_and_every_trigger_and_type_a_description() -> None:
    assert all(fact.phrase for fact in FACTS.values())
    assert tuple(TRIGGERS) == tuple(Trigger)
    assert {fact.type for fact in FACTS.values()} <= TYPES.keys()


def test_the_reference_lists_facts_and_functions() -> None:
    told = " ".join(rules("facts").replace("│", " ").split())
    assert "The load of the work" in told
    assert "Epley" in rules("facts", "--markdown")
