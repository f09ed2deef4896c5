"""What the lifter usually does in a track, as its closed sessions have shown; see `service.engine.replay.habit`."""

from __future__ import annotations

from typing import Final

from service.domain.limits import MOST_PLACES, MOST_SECONDS, MOST_SETS
from service.engine.ruleset.facts.fact import EVERY_RULE, Fact
from service.engine.ruleset.types import Column

PATTERN: Final = (
    Column("load", "load", 0),
    Column("reps", "int", 1, unit="repetitions", limits=(0, MOST_SECONDS)),
    Column("top_load", "load", 2),
)
"""A set of the lifter's pattern."""

HABIT: Final = (
    Fact(
        "habit.load",
        "load",
        "track.habit.load",
        EVERY_RULE,
        phrase="the load last worked with",
        description=(
            "The heaviest load of the last closed session. A lighter session changes it only once a second one in a "
            "row is lighter: then the heavier of the two holds. Who reaches what is shown for it has reached it. "
            "Sessions made easier by a deload leave all of `habit.*` as it was, and so does the open one."
        ),
        optional=True,
        of_sets=True,
    ),
    Fact(
        "habit.reps",
        "int",
        "track.habit.reps",
        EVERY_RULE,
        phrase="the repetitions last done with it",
        description="The fewest repetitions (or seconds) of that session's sets at that load.",
        unit="repetitions",
        optional=True,
        known_with="habit.load",
        limits=(0, MOST_SECONDS),
        plural=True,
        of_sets=True,
    ),
    Fact(
        "habit.lighter_load",
        "load",
        "track.habit.lighter_load",
        EVERY_RULE,
        phrase="the load of the one lighter session",
        description="The heaviest load of the last closed session where it was lighter and waits for a second.",
        optional=True,
        of_sets=True,
    ),
    Fact(
        "habit.lighter_reps",
        "int",
        "track.habit.lighter_reps",
        EVERY_RULE,
        phrase="the repetitions of the one lighter session",
        description="The fewest repetitions (or seconds) at that load.",
        unit="repetitions",
        optional=True,
        known_with="habit.lighter_load",
        limits=(0, MOST_SECONDS),
        plural=True,
        of_sets=True,
    ),
    Fact(
        "habit.reps_at_raise",
        "int",
        "track.habit.reps_at_raise",
        EVERY_RULE,
        phrase="the repetitions at which the lifter usually goes up",
        description=(
            "The median, over the lifter's last 8 raises, of habit.reps before each; of a raise that was asked for, no "
            "more than was known before it. A raise is a session heavier than habit.load; coming back after a "
            "lighter one is none. Known from 3 raises on."
        ),
        unit="repetitions",
        optional=True,
        limits=(0, MOST_SECONDS),
        plural=True,
        of_sets=True,
    ),
    Fact(
        "habit.step",
        "load",
        "track.habit.step",
        EVERY_RULE,
        phrase="the lifter's usual step",
        description="The lower quartile of the lifter's last 8 raises, those that more than doubled the load left out; "
        "known from the first on.",
        optional=True,
        sign="above 0",
        of_sets=True,
    ),
    Fact(
        "habit.sets",
        "int",
        "track.habit.sets",
        EVERY_RULE,
        phrase="the usual number of sets",
        description="The median number of work sets in the last 5 closed sessions.",
        unit="sets",
        optional=True,
        known_with="habit.load",
        limits=(1, MOST_SETS),
        of_sets=True,
    ),
    Fact(
        "habit.top_places",
        "int",
        "track.habit.top_places",
        EVERY_RULE,
        phrase="the usual number of sets at the heaviest load",
        description="The median of session.top_places in the last 5 closed sessions.",
        unit="sets",
        optional=True,
        known_with="habit.load",
        limits=(1, MOST_SETS),
        of_sets=True,
    ),
    Fact(
        "habit.loads",
        "rows",
        "track.habit.loads",
        EVERY_RULE,
        phrase="the loads the lifter has used",
        description="The 12 loads used last, the lightest first.",
        optional=True,
        known_with="habit.load",
        columns=(Column("load", "load", 0),),
        of_sets=True,
    ),
    Fact(
        "habit.pattern",
        "rows",
        "track.habit.pattern",
        EVERY_RULE,
        phrase="the sets that the lifter usually does",
        description=(
            "The work sets of the last closed session, each with the heaviest load of them all; known where the "
            f"session before had as many sets that went up and down in the same places. At most {MOST_PLACES}."
        ),
        optional=True,
        columns=PATTERN,
        of_sets=True,
    ),
)
