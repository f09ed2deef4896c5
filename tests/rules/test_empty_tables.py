"""Tables that may have no rows: what is read of them, refused and proven."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from service.engine.files.rule_prose import explained_scheme
from service.engine.simulate.rule_examples import rehearse
from service.proofs.library import proofs_of
from tests.support.training import LIBRARY

SCHEME = """\
scheme: extras
title: One set, and perhaps more
sources: [{title: a test}]
params:
  increase: {type: load, default: {lb: 5, kg: 5}, from: 0}
  more:
    type: table
    columns: {sets: int, percent: {type: percent, from: 1, to: 100}}
    from: 0
    default: []
state:
  load: {type: load, initial: baseline.load}
after exercise:
  - rule: up
    when: "rows(more) == 0 or session.sets > last(more).sets"
    then: {load: load + increase}
    outcome: raise
    because: "{rows(more)} lines more: add {increase}."
bounds: {up: increase}
prescribe:
  - {sets: 1x5, load: load}
  - {for: row in more, count: row.sets, load: "percent_of(row.percent, load)", reps: "range(8, 8)"}
examples:
  - name: none
    baseline: 100 kg
    log: ["100x5, end -> 1x105x5 raise"]
  - name: two
    baseline: 100 kg
    params: {more: [{sets: 2, percent: 50}]}
    log: ["end -> 100x5, 2x50x8", "100x5, 50x8, end -> 100", "100x5, 2x50x8, end -> 105"]
"""


def library(*changes: tuple[str, str]) -> Library:
    text = SCHEME
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return library_from_files({"progression/extras.yaml": text.encode()}, LIBRARY)


def test_a_table_may_be_empty() -> None:
    scheme = library().schemes["extras"]
    assert [rehearse(scheme, example, LIBRARY).failures for example in scheme.examples] == [(), ()]
    sentences = [sentence for section in explained_scheme(scheme) for sentence in section.sentences]
    assert "more, a table with the columns sets, percent: no rows." in sentences


def test_it_is_proven() -> None:
    files = {"progression/extras.yaml": SCHEME.encode()}
    findings = [
        claim.finding for _, proven in proofs_of(library_from_files(files)) for claim in proven if claim.finding
    ]
    assert findings == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    from: 0\n", "", "more is a table: a list of 1 to 100 rows, but here is []"),
        ("    from: 0\n", "    from: 2\n", "from: 0 says that it may be empty, and nothing else fits"),
        ("    from: 0\n", "    from: 0\n    to: 5\n", "from: 0 says that it may be empty, and nothing else fits"),
        ("rows(more) == 0 or session.sets > last(more).sets", "last(more).sets == 1", "more may be empty: ask first"),
        ("rows(more) == 0 or session.sets > last(more).sets", "more[1].sets == 1", "with rows(more) > 0"),
        (
            "rows(more) == 0 or session.sets > last(more).sets",
            "session.sets > max(each.sets for each in more)",
            "more may be empty: ask first",
        ),
    ],
)
def test_what_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        library((old, new))
    assert message in refused.value.errors[0].message
