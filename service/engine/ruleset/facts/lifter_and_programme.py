"""Where a lifter stands: programme, lever, notes, body weight and baselines; and what the catalogue says."""

from __future__ import annotations

from typing import Final

from service.domain.limits import MOST_REPS
from service.engine.ruleset.facts.fact import EVERY_RULE, EVERYWHERE, LEVER, WHEN_TIME_PASSED, Fact
from service.engine.ruleset.types import MAXIMUM_INT

LIFTER_AND_PROGRAMME: Final = (
    Fact(
        "programme.week",
        "int",
        "facts.week_of_programme",
        EVERY_RULE,
        phrase="the week of the cycle",
        description="The week of the programme's cycle, from 1; a week is one round of its days.",
        limits=(1, MAXIMUM_INT),
        nickname="week",
    ),
    Fact(
        "programme.cycle",
        "int",
        "facts.cycle_of_programme",
        EVERY_RULE,
        phrase="the number of the cycle",
        description="The programme's cycle, from 1.",
        limits=(1, MAXIMUM_INT),
        nickname="cycle",
    ),
    Fact(
        "programme.day",
        "int",
        "facts.programme_day",
        EVERY_RULE,
        phrase="the day of the programme",
        description="The slot's day in the programme, from 1; 0 without days.",
        nickname="day",
    ),
    Fact(
        "programme.weeks_done",
        "int",
        "facts.programme_week",
        EVERY_RULE,
        phrase="the number of weeks done",
        description="Rounds of the programme's days that are over.",
        unit="weeks",
    ),
    Fact(
        LEVER,
        "load",
        "track.lever",
        EVERY_RULE,
        phrase="the load that the progression stands at",
        description="The track's lever (load or training max), raw. Rules run only once it is set.",
    ),
    Fact(
        "lifter.deload_requested",
        "bool",
        "facts.deload_requested",
        WHEN_TIME_PASSED,
        phrase="a deload was requested",
        description=(
            "Whether a deload was requested within seven days, after the track's last set, and no session was made "
            "lighter since."
        ),
    ),
    Fact(
        "lifter.pain",
        "bool",
        "facts.pain",
        WHEN_TIME_PASSED,
        phrase="pain was noted there within seven days",
        description=(
            "Whether the newest flag about the lifter, the exercise or one of its muscles is pain, for seven days; "
            "another flag releases."
        ),
    ),
    Fact(
        "lifter.longest_gap_days",
        "int",
        "facts.longest_gap_days",
        WHEN_TIME_PASSED,
        phrase="the most days in a row without training since the exercise was last done",
        description=(
            "Whole days of the longest stretch without a session of any kind since the track was last performed, or "
            "given a new baseline."
        ),
        unit="days",
        plural=True,
    ),
    Fact(
        "lifter.flag",
        "word",
        "facts.flag",
        WHEN_TIME_PASSED,
        phrase="the flag of the lifter's newest note",
        description=(
            "The flag (pain, illness, ...) of the newest note about the lifter, the exercise or one of its muscles, "
            "within seven days, if it is younger than the track's last set and no session was made lighter since."
        ),
        optional=True,
    ),
    Fact(
        "lifter.body_weight",
        "load",
        "facts.body_weight",
        EVERY_RULE,
        phrase="the body weight",
        description="The lifter's last known body weight.",
        optional=True,
        at_first_set=True,
        sign="at least 0",
    ),
    Fact(
        "baseline.load",
        "load",
        "facts.memory.baseline.load",
        EVERYWHERE,
        phrase="the baseline's load",
        description="The start load of the newest baseline.",
        optional=True,
    ),
    Fact(
        "baseline.one_rep_max",
        "load",
        "facts.memory.baseline.one_rep_max",
        EVERYWHERE,
        phrase="the baseline's one-rep max",
        description="The one-rep max of the newest baseline for the exercise.",
        optional=True,
    ),
    Fact(
        "baseline.training_max",
        "load",
        "facts.memory.baseline.training_max",
        EVERYWHERE,
        phrase="the baseline's training max",
        description="The training max of the newest baseline for the exercise.",
        optional=True,
    ),
    Fact(
        "exercise.reps",
        "range",
        "exercise_reps",
        EVERYWHERE,
        phrase="the exercise's usual repetitions",
        description="The rep range that the catalogue gives the exercise.",
        unit="repetitions",
        optional=True,
        limits=(1, MOST_REPS),
    ),
    Fact(
        "exercise.increase",
        "load",
        "exercise_increase",
        EVERYWHERE,
        phrase="the exercise's usual step",
        description="The load step that the catalogue gives the exercise, in the lifter's unit.",
        optional=True,
        sign="above 0",
    ),
    Fact(
        "exercise.added_load",
        "bool",
        "exercise_added_load",
        EVERYWHERE,
        phrase="the load is added to the body's own",
        description="Whether its load is added to the body's own weight; below 0 it takes some off.",
    ),
    Fact(
        "exercise.one_sided",
        "bool",
        "exercise_one_sided",
        EVERYWHERE,
        phrase="the exercise is done one side at a time",
        description="Whether it is done one side at a time.",
    ),
    Fact(
        "exercise.progresses",
        "bool",
        "exercise_progresses",
        EVERYWHERE,
        phrase="more of the exercise is wanted",
        description="Whether more of it is an aim: stretches and cardio are repeated, not progressed.",
    ),
)
