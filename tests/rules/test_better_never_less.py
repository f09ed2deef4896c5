"""Better never prescribes less: told with two performances, excepted with a source, kept by the library."""

import re
from pathlib import Path

import pytest

from service.domain.errors import RuleError, RuleSetInvalid
from service.engine.files.library import Library, library_from_files, load_library
from service.engine.files.rule_prose import explained_scheme
from service.proofs.better_never_less import better_never_less
from service.proofs.claims import Claim
from service.proofs.world import default_setting

LIBRARY = load_library(Path(__file__).parents[2] / "rules")

STEPS = """\
scheme: steps
title: Steps
sources: [{title: A book}]
params:
  sets:     {type: int, default: 3, from: 1, to: 10}
  increase: {type: load, default: {lb: 5, kg: 2.5}, from: 0}
state:
  load: {type: load, initial: baseline.load}
after exercise:
  - rule: far-too-many
    when: all(each.reps >= 20 for each in performed)
    outcome: hold
    because: "Far too many."
  - rule: enough
    when: all(each.reps >= 5 for each in performed)
    then: {load: load + increase}
    outcome: raise
    because: "Add {increase}."
prescribe:
  - {count: sets, load: load, reps: 5}
bounds: {up: increase}
examples:
  - {name: up, baseline: 100 lb, log: ["3x100x5", "end -> 105"]}
"""

EXCEPTION = """
    exception:
      to: better-never-less
      because: "A book: who does 20 changes the exercise instead."
"""


def claims_of(text: str, file: str = "progression/steps.yaml", library: Library | None = None) -> list[Claim]:
    made = library_from_files({file: text.encode()}, library)
    scheme = next(each for each in made.schemes.values() if each.file == file)
    return list(better_never_less(scheme, default_setting(scheme)))


def findings(text: str) -> list[RuleError]:
    return [claim.finding for claim in claims_of(text) if claim.finding is not None]


def excepted(rule: str) -> str:
    because = {"far-too-many": '    because: "Far too many."', "enough": '    because: "Add {increase}."'}[rule]
    assert because in STEPS
    return STEPS.replace(because, because + EXCEPTION.rstrip())


def test_two_performances_are_told_at_the_rule_of_the_better_one() -> None:
    (finding,) = findings(STEPS)
    assert finding.line == STEPS.split("\n").index("  - rule: far-too-many") + 1
    told = re.fullmatch(
        r"a better performance leads to less: with sets = 3, increase = 5 lb, from load = 100 lb. "
        r"With 100 lb x (\d+) of 100 lb: enough, load 105 lb, next 3x105 lbx5. "
        r"With 100 lb x 20 of 100 lb: far-too-many, load 100 lb, next 3x100 lbx5.",
        finding.message,
    )
    assert told is not None, finding.message
    assert 5 <= int(told[1]) < 20  # which of the worse ones the solver finds is its own


def test_optional_sets_need_not_be_among_those_that_are_told() -> None:
    optional = STEPS.replace("{count: sets, ", '{count: "range(sets, sets + 2)", ')
    (finding,) = findings(optional)
    assert "next 3x105 lbx5" in finding.message


def test_an_exception_at_the_rule_excuses_it() -> None:
    assert findings(excepted("far-too-many")) == []


def test_an_exception_is_refused_where_it_excuses_nothing() -> None:
    text = excepted("enough").replace("each.reps >= 20", "each.reps >= 20 and increase < 0")
    (finding,) = [each for each in findings(text) if "exception" in each.message]
    assert finding.message.startswith("this exception excuses nothing: enough keeps the law")
    assert text.split("\n")[finding.line - 2].strip() == "exception:"


def test_a_rule_that_no_prescribed_session_reaches_is_told() -> None:
    text = STEPS.replace("each.reps >= 20", "each.prescribed.reps.max >= 20")
    assert [each.message.partition(",")[0] for each in findings(text)] == [
        "far-too-many fires in no session whose sets are prescribed as this scheme prescribes them"
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("to: better-never-less", "to: worse-never-more", "to is better-never-less, but here is worse-never-more."),
        ("to: better-never-less\n", "", "an exception needs a line to: ..."),
        ('      because: "A book', '      why: "A book', "an exception has no key why."),
    ],
)  # fmt: skip
def test_an_exception_that_is_written_wrongly_is_refused(old: str, new: str, told: str) -> None:
    text = excepted("far-too-many")
    assert old in text
    with pytest.raises(RuleSetInvalid) as refused:
        claims_of(text.replace(old, new))
    assert [error for error in refused.value.errors if told in error.message], refused.value.errors


def test_an_exception_stands_only_where_the_law_looks() -> None:
    week = "after week:\n  - otherwise: hold\n    because: stay" + EXCEPTION
    with pytest.raises(RuleSetInvalid, match="no law has rules under after week to except"):
        claims_of(STEPS.replace("prescribe:", week + "prescribe:"))


def test_the_exception_is_explained_in_a_sentence() -> None:
    sections = explained_scheme(LIBRARY.schemes["double-progression"])
    sentences = [sentence for section in sections for sentence in section.sentences]
    assert any(
        "By this rule a better session can lead to less than a worse one: The Legion article" in s for s in sentences
    )


MUTANTS = {
    "a heavy failure counts as performed": ("amrap-steps", "min(lifted, load)'\n  fall_w", "lifted'\n  fall_w"),
    "and likewise in linear": ("linear", "min(lifted, load) if", "lifted if"),
    "a new load falls as often as it is too heavy": ("double-progression", "      to: better-never-less\n", ""),
    "only few repetitions are enough": (
        "double-progression-all-sets",
        "each.reps >= goal for",
        "each.reps <= goal for",
    ),
    "a record is missed by too many": ("weekly-record", "each.reps >= wanted for", "each.reps == wanted for"),
    "the total is met by too little": ("sum-of-reps", "when: done >= total", "when: done <= total"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_slip_that_breaks_the_law_is_caught(mutant: str) -> None:
    name, old, new = MUTANTS[mutant]
    file = LIBRARY.schemes[name].file
    text = LIBRARY.files[file].decode()
    assert text.count(old) == 1
    text = text.replace(old, new)
    if new == "":
        text = "\n".join(line for line in text.split("\n") if "exception:" not in line and "as often as" not in line)
    found = [claim.finding.message for claim in claims_of(text, file, LIBRARY) if claim.finding is not None]
    assert [message for message in found if message.startswith("a better performance leads to less: ")], found
