"""Files of many exercises: what they share, which of their lines a rule set holds, mistakes with their place."""

from __future__ import annotations

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.library import Library, library_from_files
from tests.support.training import LIBRARY

CATALOGUE = """\
catalogue: bars
title: With a bar
equipment: barbell
load: total
mechanic: compound
reps: [6, 10]
increase: {lb: 5, kg: 2.5}
sources: [{title: A book}]
exercises:
  bar-row: {title: Bar row, target: [rhomboids], synergists: [biceps], force: pull}
  # Said in front of the next, so it goes with the one before.
  bar-squat:
    title: Bar squat
    target: [quadriceps]
    reps: [3, 5]
  bar-curl: {title: Bar curl, target: [biceps], mechanic: isolation, equipment: ez-bar}
"""

PROGRAMME = """\
programme: bars-only
title: Bars only
sources: [{title: a test}]
days:
  - day: a
    slots:
      - {slot: first, exercise: bar-squat, progression: double-progression}
"""

SCHEMES = {path: data for path, data in LIBRARY.files.items() if path.startswith(("progression/", "deload/"))}


def library(catalogue: str = CATALOGUE, **more: str) -> Library:
    own = {"catalogue/bars.yaml": catalogue, "programmes/bars-only.yaml": PROGRAMME}
    own |= {path.replace("__", "/") + ".yaml": text for path, text in more.items()}
    return library_from_files({**SCHEMES, **{path: text.encode() for path, text in own.items()}})


def test_the_head_holds_for_all_and_an_exercise_for_itself() -> None:
    exercises = library().exercises
    assert list(exercises) == ["bar-curl", "bar-row", "bar-squat"]
    row, squat, curl = exercises["bar-row"], exercises["bar-squat"], exercises["bar-curl"]
    assert (row.equipment, row.reps, row.mechanic, row.force) == ("barbell", (6, 10), "compound", "pull")
    assert (squat.equipment, squat.reps, squat.force) == ("barbell", (3, 5), None)
    assert (curl.equipment, curl.mechanic) == ("ez-bar", "isolation")
    assert row.sources == curl.sources == ({"title": "A book"},)


def test_a_rule_set_holds_the_lines_that_it_uses_and_no_others() -> None:
    rule_set = library().rule_set("bars-only")
    head = CATALOGUE[: CATALOGUE.index("  bar-row")]
    squat = CATALOGUE[CATALOGUE.index("  bar-squat") : CATALOGUE.index("  bar-curl")]
    assert rule_set.files["catalogue/bars.yaml"].decode() == head + squat
    assert list(rule_set.exercises) == ["bar-squat"]


def test_a_rule_set_read_from_its_own_files_is_the_same() -> None:
    for name, whole in (("bars-only", library()), ("default", LIBRARY)):
        rule_set = whole.rule_set(name)
        again = library_from_files(rule_set.files).rule_set(name)
        assert (again.digest, again.files, again.exercises) == (rule_set.digest, rule_set.files, rule_set.exercises)


def test_another_line_leaves_the_digest_as_it_was_and_an_own_line_does_not() -> None:
    digest = library().rule_set("bars-only").digest
    assert library(CATALOGUE.replace("Bar row", "Row")).rule_set("bars-only").digest == digest
    assert library(CATALOGUE.replace("Bar squat", "Squat")).rule_set("bars-only").digest != digest


def test_a_file_of_its_own_goes_before_a_line() -> None:
    own = "exercise: bar-squat\ntitle: My squat\nequipment: barbell\nload: total\nmuscles: {target: [quadriceps]}\n"
    made = library(**{"exercises__bar-squat": f"{own}sources: [{{title: A book}}]\n"})
    assert made.exercises["bar-squat"].title == "My squat"
    assert [path for path in made.rule_set("bars-only").files if "bar" in path] == [
        "exercises/bar-squat.yaml",
        "programmes/bars-only.yaml",
    ]


def test_a_file_given_beside_a_library_goes_before_what_the_library_has() -> None:
    """Whole: what only the library's file of the same name had is gone."""
    changed = CATALOGUE.replace("Bar squat", "Squat").replace("  bar-row: {title: Bar row,", "  rows: {title: Rows,")
    both = library_from_files({"catalogue/bars.yaml": changed.encode()}, library())
    assert list(both.exercises) == ["bar-curl", "bar-squat", "rows"]
    rule_set = both.rule_set("bars-only")
    assert rule_set.exercises["bar-squat"].title == "Squat"
    assert b"title: Squat" in rule_set.files["catalogue/bars.yaml"]
    assert library_from_files(rule_set.files).rule_set("bars-only") == rule_set


def test_a_line_given_beside_a_library_goes_before_the_librarys_line() -> None:
    head = CATALOGUE[: CATALOGUE.index("  bar-row")].replace("catalogue: bars", "catalogue: more")
    more = f"{head}  bar-squat: {{title: Better, target: [glutes]}}\n"
    any_programme = LIBRARY.files["programmes/default.yaml"]
    files = {"catalogue/more.yaml": more.encode(), "programmes/default.yaml": any_programme}
    rule_set = library_from_files(files, library()).rule_set("default")
    assert rule_set.exercises["bar-squat"].title == "Better"
    assert b"bar-squat" not in rule_set.files["catalogue/bars.yaml"]
    assert library_from_files(rule_set.files).rule_set("default") == rule_set


def test_a_line_given_beside_a_library_goes_before_the_librarys_own_file() -> None:
    own = b"exercise: bar-squat\ntitle: Own\nequipment: barbell\nload: total\nmuscles: {target: [quadriceps]}\n"
    first = library_from_files({"exercises/bar-squat.yaml": own + b"sources: [{title: A book}]\n"})
    files = {path: text.encode() for path, text in (("catalogue/bars.yaml", CATALOGUE),)}
    rule_set = library_from_files(
        {**files, **SCHEMES, "programmes/bars-only.yaml": PROGRAMME.encode()}, first
    ).rule_set("bars-only")
    assert rule_set.exercises["bar-squat"].title == "Bar squat"
    assert "exercises/bar-squat.yaml" not in rule_set.files


def test_windows_line_ends_are_cut_at_the_same_places() -> None:
    rule_set = library(CATALOGUE.replace("\n", "\r\n")).rule_set("bars-only")
    assert rule_set.files["catalogue/bars.yaml"].decode().splitlines()[-4:] == [
        "  bar-squat:",
        "    title: Bar squat",
        "    target: [quadriceps]",
        "    reps: [3, 5]",
    ]


MISTAKES = {
    "a misspelt muscle key": ("synergists: [biceps]", "⟦synergist: [biceps]", "Did you mean synergists?"),
    "no target": ("{title: Bar row, target: [rhomboids],", "⟦{title: Bar row,", "an exercise needs a line target"),
    "a muscle twice": ("synergists: [biceps]", "synergists: [⟦rhomboids]", "rhomboids is named twice"),
    "unknown equipment": ("equipment: ez-bar", "equipment: ⟦ezbar", "Did you mean ez-bar?"),
    "an unknown force": ("force: pull", "force: ⟦pulling", "force is push, pull or static"),
    "an unknown mechanic": ("mechanic: isolation", "mechanic: ⟦isolated", "mechanic is"),
    "an id that is none": ("  bar-row:", "  ⟦Bar row:", "write bar-row"),
    "the same id twice": ("  bar-curl:", "  ⟦bar-row:", "stands here twice"),
    "equipment nowhere": ("equipment: barbell\n", "", "neither bar-row nor the head of the file has a line equipment"),
    "another name than the file": ("catalogue: bars", "catalogue: ⟦bar", "the file is bars.yaml"),
    "a key that is none": ("mechanic: compound", "⟦mechanics: compound", "Did you mean mechanic?"),
    "no sources": ("sources: [{title: A book}]\n", "", "a catalogue needs a line sources"),
    "a key behind the exercises": ("reps: [6, 10]\n", "", "exercises is the last key"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_catalogue_file(mistake: str) -> None:
    old, new, phrase = MISTAKES[mistake]
    assert CATALOGUE.count(old) == 1
    text = CATALOGUE.replace(old, new)
    if mistake == "a key behind the exercises":
        text += "⟦reps: [6, 10]\n"
    with pytest.raises(RuleSetInvalid) as caught:
        library(text.replace("⟦", ""))
    first = caught.value.errors[0]
    assert phrase in first.message, [str(each) for each in caught.value.errors]
    assert {each.file for each in caught.value.errors} == {"catalogue/bars.yaml"}
    if "⟦" in text:
        before = text[: text.index("⟦")]
        assert (first.line, first.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))


def test_braces_around_all_exercises_are_refused() -> None:
    text = CATALOGUE[: CATALOGUE.index("exercises:")] + "exercises: {bar-squat: {title: Squat, target: [quadriceps]}}\n"
    with pytest.raises(RuleSetInvalid, match="on a line of its own"):
        library(text)


def test_two_catalogue_files_may_not_have_the_same_exercise() -> None:
    other = "catalogue: more\ntitle: More\nequipment: barbell\nload: total\nsources: [{title: A book}]\nexercises:\n"
    with pytest.raises(RuleSetInvalid) as caught:
        library(catalogue__more=f"{other}  bar-row: {{title: Row, target: [rhomboids]}}\n")
    (error,) = caught.value.errors
    assert str(error).startswith("catalogue/more.yaml:7:3: there is an exercise bar-row in catalogue/bars.yaml too")


def test_the_default_rule_set_knows_every_exercise() -> None:
    assert LIBRARY.rule_set("default").exercises == LIBRARY.exercises
