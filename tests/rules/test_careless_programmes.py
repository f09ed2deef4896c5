"""Slips that coaches make who write a programme from a book: each is refused at its place with what to write, or right.

A case is a small change to a good programme; the place where the mistake must be reported is marked with ⟦.
"""

import pytest

from service.domain.errors import RuleSetInvalid
from service.engine.files.assembling import joined
from service.engine.files.library import Library
from service.engine.ruleset.rule_set import RuleSet
from tests.support.training import LIBRARY

MINE = """\
programme: mine
title: Two lifts
sources: [{title: our own, gives: all}]
weeks: 4
days:
  - day: a
    slots:
      - slot: squat
        exercise: squat
        rest_s: 120
        progression: {amrap-steps: {steps: [{reps: [1, 9], add: {lb: 5, kg: 2.5}}]}}
  - day: b
    slots:
      - {slot: bench, exercise: bench-press, weeks: 4, progression: {linear: {sets: 3}}}
      - {slot: light, exercise: bench-press, progression: {training-max-sets: {lines: {1: 3x5 65%, 2-4: [1x5 75%]}}}}
examples:
  - name: goes up
    baseline: {squat: 100 kg}
    log:
      - squat: 3x100x5, end -> 102.5
"""

SLIPS = {
    "a multiplication sign": ("3x5 65%", "⟦3×5 65%", "but here is 3×5 65%. Write 3x5 65%."),
    "a capital X": ("3x5 65%", "⟦3X5 65%", "Write 3x5 65%."),
    "an asterisk": ("3x5 65%", "⟦3*5 65%", "Write 3x5 65%."),
    "a typographic dash": ("3x5 65%", "⟦3x5–8 65%", "Write 3x5-8 65%."),
    "an at sign before a percentage": ("3x5 65%", "⟦3x5 @65%", "Write 3x5 65%."),
    "a space before the percent sign": ("3x5 65%", "⟦3x5 65 %", "Write 3x5 65%."),
    "a percentage without its sign": ("3x5 65%", "⟦3x5 65", "Write 3x5 65%."),
    "a percentage as a fraction": ("3x5 65%", "⟦3x5 0.65", "Write 3x5 65%."),
    "a percentage with a decimal comma": ("3x5 65%", '⟦"3x5 67,5%"', "Write 3x5 67.5%."),
    "the percentage first": ("3x5 65%", "⟦65% 3x5", "Write 3x5 65%."),
    "as many as possible in a word": ("3x5 65%", "⟦1x5 amrap 65%", "Write 1x5+ 65%."),
    "no comma between sets": ("[1x5 75%]", "[⟦1x5 75% 1x3 85%]", "Write [1x5 75%, 1x3 85%]."),
    "two kinds of sets without brackets": ("1: 3x5 65%", "1: ⟦1x5 65% 1x5 70%", "Write [1x5 65%, 1x5 70%]."),
    "a load where a share belongs": ("3x5 65%", "⟦3x5 100kg", "sets are written 5x5"),
    "a week of two keys": ("2-4: [", "⟦1-4: [", "lines is written for week 1 by 1 and by 1-4"),
    "a week of two keys of several": ("2-4: [", '⟦"2, 1": [', "lines is written for week 1 by 1 and by 2, 1"),
    "a week that the cycle has not": ("2-4: [", "⟦2-5: [", "names week 5, but a cycle of the programme has 4 weeks"),
    "weeks with commas in braces": ("weeks: 4, prog", "weeks: 1, ⟦3, prog", "a comma in it into quotes, as in weeks"),
    "a name behind a comma": ("title: our own, gives", "title: our own, ⟦A Coach, gives", "`A Coach` stands alo"),
    "5 or more in a row of steps": ("reps: [1, 9]", "reps: ⟦10+", "A row about 10 or more has [10, 1000]"),
    "plates with decimal commas": (
        "weeks: 4\ndays",
        "weeks: 4\nequipment: {plates: {kg: [20, 10, 2,⟦5, 1,25]}}\ndays",
        "plates is listed in order, but 5 kg stands behind 2 kg; a decimal number has a point",
    ),
    "dumbbells out of order": (
        "weeks: 4\ndays",
        "weeks: 4\nequipment: {dumbbells: {kg: [2, 4, ⟦3]}}\ndays",
        "dumbbells is listed in order, but 3 kg stands behind 4 kg",
    ),
    "another form of a word": ("exercise: squat", "exercise: ⟦stiff-leg-deadlift", "mean stiff-legged-deadlift?"),
    "an exercise nobody calls so": ("exercise: squat", "exercise: ⟦power-shrug", "Did you mean barbell-shrug?"),
    "an exercise in another language": ("exercise: squat", "exercise: ⟦bankdrücken", "single dashes, at most 64."),
    "seconds for counts": ("{linear: {sets: 3}}", "{⟦timed-hold: {sets: 3}}", "take another scheme"),
    "a warm-up with a percent sign": ("rest_s: 120", "warmup: [{percent: ⟦40%, reps: 5}]", "Write 40 for 40%."),
    "a warm-up in short": ("rest_s: 120", "warmup: [⟦1x5 40%]", "is written {percent: 40, reps: 5, sets: 1}"),
    "a rest in minutes and seconds": ("rest_s: 120", "rest_s: ⟦2:00", "or write seconds as one number"),
    "no space behind a colon": ("exercise: squat", "⟦exercise:squat", "a space is missing after `exercise:`"),
    "a blank that is none": ("exercise: squat", "exercise:⟦\u00a0squat", "only looks like a space"),
    "a character without width": ("programme: mine", "programme: mi⟦\u200bne", "an invisible character stands"),
    "an open bracket": ("gives: all}]\n", "gives: all}\n⟦", "The bracket is opened on line 3."),
    "an arrow of one sign": ("end -> 102.5", "end ⟦→ 102.5", "stands behind ->."),
    "an arrow with an equals sign": ("end -> 102.5", "end ⟦=> 102.5", "stands behind ->."),
    "a decimal comma in an example": ("-> 102.5", "-> ⟦102,5", "a decimal number has a point; write 102.5."),
    "weeks as prescribed": ("- squat: 3x100x5, end -> 102.5", "- ⟦4 weeks as prescribed", "12 sessions as prescribed"),
    "a slot without its day": ("- squat: 3x", "- ⟦bench: 3x", "Write b/bench."),
    "no comma before the end": ("3x100x5, end", "⟦3x100x5 end", "Several sessions are 3 sessions as prescribed"),
    "an emoji in an id": ("slot: light", "slot: ⟦light💪", "write light."),
    "a share in an example's unit": ("{squat: 100 kg}", "{squat: ⟦100 kilos}", "is a load with its unit"),
}  # fmt: skip

TAKEN = {
    "no space before the unit": ("100 kg}", "100kg}"),
    "spaces around the x": ("3x5 65%", "3 x 5 65%"),
    "a blank of another width in a text": ("3x5 65%", "3x5\u00a065%"),
    "emoji in texts": ("title: Two lifts", "title: Two lifts 💪🏋️"),
    "weeks with commas in quotes": ("weeks: 4, prog", 'weeks: "1, 3-4", prog'),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_refused_at_its_place(slip: str) -> None:
    old, new, phrase = SLIPS[slip]
    assert MINE.count(old) == 1, old
    before, _, after = MINE.replace(old, new).partition("⟦")
    with pytest.raises(RuleSetInvalid) as caught:
        read(before + after)
    first = caught.value.errors[0]
    assert phrase in first.message, [str(error) for error in caught.value.errors]
    assert (first.line, first.column) == (before.count("\n") + 1, len(before) - before.rfind("\n")), str(first)


@pytest.mark.parametrize("way", TAKEN)
def test_what_means_the_same_is_taken(way: str) -> None:
    old, new = TAKEN[way]
    assert MINE.count(old) == 1, old
    assert slots_of(read(MINE.replace(old, new))) == slots_of(read(MINE)) or "weeks" in way


@pytest.mark.parametrize(
    "text", ["\ufeff" + MINE, MINE.replace("\n", "\r\n")], ids=["byte order mark", "carriage returns"]
)
def test_how_an_editor_saves_a_file_is_no_mistake(text: str) -> None:
    assert slots_of(read(text)) == slots_of(read(MINE))


@pytest.mark.parametrize(
    "text", ["", "# nothing yet\n", "Squat 3x5\n", "- squat\n", MINE.replace("programme:", "program:")]
)
def test_a_file_that_does_not_say_what_it_is_is_told_how(text: str) -> None:
    with pytest.raises(RuleSetInvalid, match="its first line says what it is, as in `programme: mine`"):
        read(text)


def test_all_rows_of_a_table_are_told_at_once() -> None:
    rows = "steps: [{reps: 5-9, add: 2.5kg}, {reps: 10+, add: 5kg}]"
    with pytest.raises(RuleSetInvalid) as caught:
        read(MINE.replace("steps: [{reps: [1, 9], add: {lb: 5, kg: 2.5}}]", rows))
    assert [error.column for error in caught.value.errors] == [
        MINE.splitlines()[10].index("steps: [") + 1 + rows.index(wrong) for wrong in ("5-9", "2.5kg", "10+", "5kg}]")
    ]


def test_all_tags_are_told_at_once() -> None:
    tags = "tags: {goals: [strenght], level: novice, minutes: 60 min}"
    with pytest.raises(RuleSetInvalid) as caught:
        read(MINE.replace("weeks: 4\ndays", f"weeks: 4\n{tags}\ndays"))
    assert [error.column - 1 for error in caught.value.errors] == [
        tags.index(each) for each in ("stren", "novice", "60")
    ]


MOVER = "{training-max-steps: {decides: 1, lines: [1x1+ 95%]}}"


@pytest.mark.parametrize(
    ("track", "doubts"), [("", ["b/light stays where it begins"]), ("track: bench, ", [])], ids=["apart", "together"]
)
def test_a_slot_that_nothing_moves_is_doubted(track: str, doubts: list[str]) -> None:
    text = MINE.replace("{linear: {sets: 3}}", MOVER).replace(
        "exercise: bench-press, ", f"exercise: bench-press, {track}"
    )
    found = read(text).programme.doubts
    assert [doubt.message.partition(":")[0] for doubt in found] == doubts
    assert [(doubt.line, doubt.column) for doubt in found] == [(15, 59)] * len(doubts)


def read(text: str) -> RuleSet:
    library: Library = joined({"mine.yaml": text.encode()}, LIBRARY)
    return library.rule_set("mine")


def slots_of(rule_set: RuleSet) -> object:
    return rule_set.programme.slots
