"""How rule files differ: what they say, not how they are laid out."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.file_diff import Differing, differences
from tests.support.training import LIBRARY

SCHEME = """
scheme: steps
params:
  sets: {type: int, default: 3}
after set:
  - rule: top
    when: set.reps >= 6
    outcome: raise
  - rule: low
    when: set.reps < 4
    outcome: lower
  - otherwise: hold
    because: stay
prescribe:
  - {count: sets, reps: [4, 6]}
"""


def of(before: str, after: str) -> list[Differing]:
    return differences({"f": before.encode()}, {"f": after.encode()})["f"]


def changed(*edits: tuple[str, str]) -> list[Differing]:
    after = SCHEME
    for old, new in edits:
        assert old in after
        after = after.replace(old, new)
    return of(SCHEME, after)


def test_equal_files_are_not_named() -> None:
    assert differences(LIBRARY.files, LIBRARY.files) == {}


def test_comments_layout_and_the_order_of_keys_say_nothing() -> None:
    assert changed(("scheme: steps\n", "# a comment\nscheme:   'steps'\n")) == []
    assert (
        changed(("    when: set.reps >= 6\n    outcome: raise\n", "    outcome: raise\n    when: set.reps >= 6\n"))
        == []
    )
    assert changed(("{count: sets, reps: [4, 6]}", "{reps: [4, 6], count: sets}")) == []


def test_a_value_is_named_by_the_way_to_it() -> None:
    assert changed(("default: 3", "default: 4"), ("[4, 6]", "[5, 8]"), (">= 6", ">= 8")) == [
        Differing(("params", "sets", "default"), "3", "4"),
        Differing(("after set", "rule top", "when"), "set.reps >= 6", "set.reps >= 8"),
        Differing(("prescribe", "1", "reps"), "[4, 6]", "[5, 8]"),
    ]


def test_what_was_added_or_taken_away_is_shown_whole() -> None:
    added = "  - rule: new\n    when: unproven\n  - otherwise: hold\n"
    (difference,) = changed(("  - otherwise: hold\n", added))
    assert difference == Differing(("after set", "rule new"), None, "{rule: new, when: unproven}")
    (difference,) = of(SCHEME.replace("  - otherwise: hold\n", added), SCHEME)
    assert difference == Differing(("after set", "rule new"), "{rule: new, when: unproven}", None)


def test_the_order_of_rules_is_a_difference() -> None:
    top = "  - rule: top\n    when: set.reps >= 6\n    outcome: raise\n"
    low = "  - rule: low\n    when: set.reps < 4\n    outcome: lower\n"
    assert changed((top + low, low + top)) == [
        Differing(("after set", "order"), "rule top, rule low, otherwise hold", "rule low, rule top, otherwise hold")
    ]


def test_a_file_on_one_side_only() -> None:
    assert differences({"a": b"x: 1"}, {"b": b"z: 2"}) == {
        "a": [Differing((), "{x: 1}", None)],
        "b": [Differing((), None, "{z: 2}")],
    }


def test_a_file_that_cannot_be_read_is_refused_with_its_place() -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        of(SCHEME, "a: [1")
    assert refused.value.errors[0].file == "f"
