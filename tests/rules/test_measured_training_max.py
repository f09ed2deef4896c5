"""A training max that a test sets: how far it may be from what was lifted is proven."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import library_from_files
from service.proofs.library import proofs_of

SCHEME = """\
scheme: tested
title: A training max that a test sets
sources: [{title: a test}]
state:
  training_max: {type: load, initial: baseline.training_max}
after set:
  - rule: tested
    when: prescribed.kind == "amrap" and set.reps >= 1
    then: {training_max: "percent_of(90, e1rm(set.load, set.reps))"}
    outcome: advance
    because: "The test shows {e1rm(set.load, set.reps)}."
  - otherwise: hold
    because: No test.
bounds: BOUNDS
prescribe:
  - {sets: 1x1+, load: training_max}
examples:
  - {name: five, training_max: 100 kg, log: ["100x5 -> 105"]}
"""


def findings(bounds: str) -> list[str]:
    """What is said against the bounds; another law has it that a failed test should lower, too."""
    library = library_from_files({"progression/tested.yaml": SCHEME.replace("BOUNDS", bounds).encode()})
    found = [claim.finding.message for _, made in proofs_of(library) for claim in made if claim.finding is not None]
    return [message for message in found if "bounds" in message]


def test_it_is_measured_from_what_was_performed() -> None:
    bounds = "{up: 'percent_of(26, training_max)', down: 'percent_of(10, training_max)', from: performed}"
    assert findings(bounds) == []


@pytest.mark.parametrize(
    "bounds",
    [
        "{up: 'percent_of(26, training_max)', down: 'percent_of(10, training_max)'}",
        "{up: 'percent_of(26, training_max)', down: 'percent_of(10, training_max)', from: lever}",
    ],
)
def test_else_from_the_lever_before(bounds: str) -> None:
    assert len(findings(bounds)) == 2


def test_what_is_beyond_is_told() -> None:
    (up,) = findings("{up: 'percent_of(25, training_max)', down: 'percent_of(10, training_max)', from: performed}")
    assert "tested can take training_max to" in up


def test_a_word_that_there_is_not() -> None:
    with pytest.raises(RuleSetInvalid, match="from is lever or performed, but here is lifted"):
        findings("{from: lifted}")
