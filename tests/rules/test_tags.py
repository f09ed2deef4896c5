"""Tags: what a programme is for, checked in its file; what is known from the rest of the file is not said twice."""

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from service.engine.ruleset.tags import Tags
from service.usecases.rules.suitable_programmes import BODY_WEIGHT, Suitable
from tests.support.training import LIBRARY

FILE = "programmes/upper-back.yaml"
TAGGED = sorted(name for name, programme in LIBRARY.programmes.items() if programme.days)


def tagged(tags: str) -> Library:
    """The library, with an upper-back that has other tags on its third line."""
    lines = LIBRARY.files[FILE].decode().split("\n")
    assert lines[2].startswith("tags: ")
    lines[2] = f"tags: {tags}"
    return library_from_files({**LIBRARY.files, FILE: "\n".join(lines).encode()})


@pytest.mark.parametrize("programme", TAGGED)
def test_the_library_says_of_each_what_it_is_for(programme: str) -> None:
    tags = LIBRARY.programmes[programme].tags
    assert tags.goals
    assert tags.level
    assert tags.minutes
    assert LIBRARY.rule_set(programme).equipment


def test_days_are_counted_where_nothing_else_is_said() -> None:
    said = {name: LIBRARY.programmes[name].days_a_week for name in ("upper-back", "stronglifts", "default")}
    assert said == {"upper-back": 2, "stronglifts": 3, "default": None}


def test_all_is_read() -> None:
    read = tagged("{goals: [peaking, fitness], level: expert, days_a_week: 5, minutes: 20}").programmes["upper-back"]
    assert read.tags == Tags(("peaking", "fitness"), "expert", 5, 20)
    assert tagged("{}").programmes["upper-back"].tags == Tags()


@pytest.mark.parametrize(
    ("tags", "column", "message"),
    [
        ("{goals: [strenght]}", 16, "a goal is strength, hypertrophy, peaking or fitness, but here is strenght."),
        ("{goals: [strenght]}", 16, "Did you mean strength?"),
        ("{goals: strength}", 15, "goals is a list"),
        ("{goals: [strength, strength]}", 15, "goals names one twice; keep it once."),
        (
            "{level: advanced}",
            15,
            "level is beginner, intermediate or expert, but here is advanced. Did you mean",
        ),
        ("{days_a_week: 2}", 21, "the programme has 2 days by itself; leave days_a_week out."),
        ("{days_a_week: 8}", 21, "days_a_week is on how many days of a week one trains, 1 to 7, but here is 8."),
        ("{minutes: 1 h}", 17, "minutes is a whole number, but here is 1 h."),
        ("{minutes: 0}", 17, "minutes is about how many minutes a session takes, 1 to 240, but here is 0."),
        ("{equipment: [dumbbell]}", 8, "no key equipment. It is known from the exercises of the slots; leave it out."),
        ("{goal: [strength]}", 8, "tags has no key goal. Did you mean goals?"),
        ("strength", 7, "tags is written as keys and values"),
    ],
)
def test_what_they_do_not_know_is_refused_with_its_place(tags: str, column: int, message: str) -> None:
    with pytest.raises(RuleSetInvalid) as caught:
        tagged(tags)
    (error,) = caught.value.errors
    assert (error.file, error.line, error.column) == (FILE, 3, column)
    assert message in error.message


@pytest.mark.parametrize("programme", TAGGED)
def test_what_suits_is_what_is_said(programme: str) -> None:
    rule_set = LIBRARY.rule_set(programme)
    tags, minutes = rule_set.programme.tags, rule_set.programme.tags.minutes or 0
    days, takes = rule_set.programme.days_a_week or 0, rule_set.equipment
    assert Suitable(tags.goals[-1], tags.level, days, takes - {BODY_WEIGHT}, minutes).includes(rule_set)
    assert not Suitable(level="nobody").includes(rule_set)
    assert not Suitable(days_a_week=days + 1).includes(rule_set)
    assert not Suitable(minutes=minutes - 1).includes(rule_set)
    for missing in takes - {BODY_WEIGHT}:
        assert not Suitable(equipment=takes - {missing}).includes(rule_set)


def test_one_that_says_nothing_suits_who_asks_for_nothing() -> None:
    untagged = tagged("{}").rule_set("upper-back")
    assert Suitable().includes(untagged)
    assert not any(each.includes(untagged) for each in (Suitable(goal="strength"), Suitable(minutes=240)))
