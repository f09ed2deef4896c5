"""What a track has behind it: the session so far, sessions and time gone by, the muscle's weekly volume."""

from __future__ import annotations

from typing import Final

from service.domain.limits import MOST_SECONDS, MOST_SETS
from service.engine.ruleset.facts.fact import AFTER_TRAINING, EVERY_RULE, WHEN_TIME_PASSED, Fact
from service.engine.ruleset.types import MAXIMUM_INT, Column

BREAK: Final = (Column("days", "int", 0, unit="days"), Column("load", "load", 1))
"""A break, and what is due after it."""

HISTORY: Final = (
    Fact(
        "session.sets",
        "int",
        "track.session_sets",
        AFTER_TRAINING,
        phrase="the number of work sets in the session so far",
        description="Work sets of this track in the session so far.",
        unit="sets",
        limits=(1, MAXIMUM_INT),
    ),
    Fact(
        "session.top_load",
        "load",
        "track.session_top_load",
        AFTER_TRAINING,
        phrase="the heaviest load of the session",
        description="The heaviest work set of this track in the session so far.",
    ),
    Fact(
        "session.top_reps",
        "int",
        "track.session_top_reps",
        AFTER_TRAINING,
        phrase="the most repetitions at the session's heaviest load",
        description="The most repetitions (or seconds) at that heaviest load in the session so far.",
        limits=(0, MOST_SECONDS),
        plural=True,
    ),
    Fact(
        "session.fewest_reps",
        "int",
        "facts.fewest_reps",
        AFTER_TRAINING,
        phrase="the fewest repetitions at the session's heaviest load",
        description="The fewest repetitions (or seconds) of the sets at the heaviest load of `performed`.",
        limits=(0, MOST_SECONDS),
        plural=True,
        of_sets=True,
    ),
    Fact(
        "session.top_places",
        "int",
        "facts.top_places",
        AFTER_TRAINING,
        phrase="the number of sets at the session's heaviest load",
        description=(
            "How many sets of `performed`, from the first at the heaviest load on, belong to that load; lighter ones "
            "after it that all have more repetitions than any at the top are a back-off and do not."
        ),
        unit="sets",
        limits=(1, MOST_SETS),
        of_sets=True,
    ),
    Fact(
        "session.prescribed_load",
        "load",
        "track.session_prescribed_load",
        AFTER_TRAINING,
        phrase="the load prescribed for the session's first set",
        description=(
            "The load prescribed for the session's first work set of this track; that set's own where none could be."
        ),
    ),
    Fact(
        "history.sessions",
        "int",
        "track.sessions",
        EVERY_RULE,
        phrase="the number of sessions so far",
        description="Closed sessions in which the track was performed.",
        unit="sessions",
    ),
    Fact(
        "history.sessions_since_change",
        "int",
        "track.sessions_since_change",
        EVERY_RULE,
        phrase="the number of sessions since the load last changed",
        description="Closed sessions that performed the track since the one in which its lever last changed.",
        unit="sessions",
    ),
    Fact(
        "history.sessions_since_raise",
        "int",
        "track.sessions_since_raise",
        EVERY_RULE,
        phrase="the number of sessions since the load last rose",
        description="Closed sessions that performed the track since the one in which its lever last rose.",
        unit="sessions",
    ),
    Fact(
        "history.sessions_since_record",
        "int",
        "track.sessions_since_record",
        EVERY_RULE,
        phrase="the number of sessions since the last rep record",
        description=(
            "Closed sessions that performed the track since the one of its last rep record: more reps "
            "than ever at that load or a heavier one."
        ),
        unit="sessions",
    ),
    Fact(
        "history.failures_in_a_row",
        "int",
        "track.failures_in_a_row",
        EVERY_RULE,
        phrase="the number of failed sessions in a row",
        description=(
            "Closed sessions in a row since the lever last changed in which a prescribed set was left "
            "out or failed, as set.failed has it."
        ),
        unit="sessions",
    ),
    Fact(
        "history.failures_since_change",
        "int",
        "track.failures_since_change",
        EVERY_RULE,
        phrase="the number of failed sessions since the load last changed",
        description="Such sessions since the lever last changed, in a row or not.",
        unit="sessions",
    ),
    Fact(
        "history.proven",
        "load",
        "track.proven_lever",
        EVERY_RULE,
        phrase="the last load proven",
        description=(
            "The lever at which a set last did what was asked, where the lever has risen since; otherwise the lever. "
            "Of a load, a set of a lighter day, which asks for a share of it alone, proves nothing."
        ),
    ),
    Fact(
        "history.amrap_lever",
        "load",
        "track.amrap_lever",
        EVERY_RULE,
        phrase="what sets of as many repetitions as possible prove since the last cut",
        description=(
            "The lever that the best one-rep max estimated from sets of as many repetitions as possible is worth, as "
            "from a baseline: from those since the newest cut, until the lever is back where it was before a deload."
        ),
        optional=True,
    ),
    Fact(
        "history.breaks",
        "rows",
        "track.known_breaks",
        EVERY_RULE,
        phrase="the breaks after which the lifter did what was asked",
        description=(
            "Of breaks of 3 days or more, after which a set did what was asked (as for history.proven), the days, as "
            "lifter.longest_gap_days has them, and the lever due after that session, or a lower one that the track "
            "has had since. The longest first, 10 at most; of shorter ones those with a higher load. Unknown before "
            "the first."
        ),
        optional=True,
        columns=BREAK,
    ),
    Fact(
        "history.best_e1rm",
        "load",
        "facts.memory.best_e1rm",
        EVERY_RULE,
        phrase="the best estimated one-rep max",
        description="The highest one-rep max estimated (Epley) from any work set of the exercise.",
        optional=True,
    ),
    Fact(
        "history.days_since",
        "int",
        "facts.days_since",
        WHEN_TIME_PASSED,
        phrase="the days since the exercise was last done",
        description="Whole days, in the lifter's time zone, since the track was last performed.",
        unit="days",
        plural=True,
    ),
    Fact(
        "history.weeks_since",
        "int",
        "facts.weeks_since",
        WHEN_TIME_PASSED,
        phrase="the calendar weeks since the exercise was last done",
        description=("Calendar weeks, Monday to Sunday in the lifter's time zone, since the track was last performed."),
        unit="weeks",
        plural=True,
    ),
    Fact(
        "history.days_since_best_e1rm",
        "int",
        "facts.days_since_best_e1rm",
        WHEN_TIME_PASSED,
        phrase="the days since the best estimated one-rep max",
        description="Whole days since the set of history.best_e1rm.",
        unit="days",
        optional=True,
        plural=True,
    ),
    Fact(
        "volume.week",
        "number",
        "facts.volume_week",
        EVERY_RULE,
        phrase="this week's hard sets of the target muscle",
        description=(
            "Hard sets of the exercise's target muscle in this calendar week: 1 for a work set of an "
            "exercise that targets it, 0.5 where it is a synergist. Of several targets, the one with "
            "the most."
        ),
        unit="hard sets",
        plural=True,
    ),
    Fact(
        "volume.last_week",
        "number",
        "facts.volume_last_week",
        EVERY_RULE,
        phrase="last week's hard sets of the target muscle",
        description="The same for the calendar week before.",
        unit="hard sets",
        plural=True,
    ),
)
