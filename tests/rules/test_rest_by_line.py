"""The rest after a set, where a line of a scheme says it."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.engine.files.rule_prose import explained_scheme
from service.engine.ruleset.scheme import Scheme
from service.engine.simulate.rule_examples import rehearse
from tests.support.training import LIBRARY, Lifter, rule_set_of

SCHEME = """\
scheme: shrinking
title: Less rest every week
sources: [{title: a test}]
params:
  less: {type: int, default: 15, from: 0, to: 5000}
state:
  load: {type: load, initial: baseline.load}
prescribe:
  - {sets: 2x5, load: load, rest_s: REST}
  - {sets: 1x8, load: load, total: "range(8, 8)"}
examples:
  - name: by week
    baseline: 100 kg
    weeks: 2
    log: ["end -> 2x100x5 rest 75, 100x8", "as prescribed, end -> 2x100x5 rest 60, 100x8 total 8"]
"""
PROGRAMME = """\
programme: mine
title: Mine
sources: [{title: a test}]
weeks: 2
rest_s: 200
days:
  - {day: a, slots: [{slot: one, exercise: squat, progression: {shrinking: {less: LESS}}}]}
"""


def scheme(rest: str = "90 - less * programme.week") -> Scheme:
    text = SCHEME.replace("REST", rest)
    return library_from_files({"progression/shrinking.yaml": text.encode()}, LIBRARY).schemes["shrinking"]


def test_an_example_sees_the_rest() -> None:
    assert rehearse(scheme(), scheme().examples[0], LIBRARY).failures == ()
    (failure, *_) = rehearse(scheme("less"), scheme("less").examples[0], LIBRARY).failures
    assert failure.got == "2x100x5 rest 15, 100x8 total 8 start"


@pytest.mark.parametrize(("less", "rests"), [("15", [75, 75, 200]), ("5000", [0, 0, 200]), ("0", [90, 90, 200])])
def test_a_line_goes_before_the_slot_and_no_rest_is_under_nothing(less: str, rests: list[int]) -> None:
    files = {
        "progression/shrinking.yaml": SCHEME.replace("REST", "90 - less * programme.week"),
        "programmes/mine.yaml": PROGRAMME.replace("LESS", less),
    }
    lifter = Lifter("kg").follows(rule_set_of(files, "mine")).baseline("squat", "100 kg")
    assert [each.rest_s for each in lifter.next("squat").sets] == rests


def test_it_is_explained() -> None:
    sentences = [sentence for section in explained_scheme(scheme()) for sentence in section.sentences]
    assert any("rest in seconds: 90 minus (the less (15) times" in sentence for sentence in sentences), sentences


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("9000", "rest_s is a pause in seconds, 0 to 3,600, but here is 9000"),
        ("2m", "a number has digits only"),
        ("load", "a whole number belongs here"),
    ],
)
def test_what_is_no_rest(rest: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as caught:
        scheme(rest)
    error = caught.value.errors[0]
    assert message in error.message
    assert (error.line, error.column) == (9, 37 if rest != "2m" else error.column)
