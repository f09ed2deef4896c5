"""Every fact that a rule may read: name, type, when it is known, and where the generated code finds it.

Generated functions take ``(facts, track, own)``: `service.engine.replay.fact_values.Facts` holds what belongs to the
moment (the set, what was prescribed for it, the lifter), `Track` what belongs to the thread of progress, ``own`` the
scheme's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import Column, Type

PERFORMED_KINDS: Final = ("work", "amrap", "failure")
PRESCRIBED_KINDS: Final = ("work", "amrap", "top", "back_off", "rest_pause")
"""What a set is prescribed as; a warm-up too, but rules see work sets only."""


class Fact(NamedTuple):
    """A declared fact. ``path`` is Python over ``facts`` or ``track``; without a dot, a constant of the exercise.

    ``columns`` are those of a list, ``words`` what a word may be (none: any).
    """

    name: str
    type: Type
    path: str
    triggers: frozenset[Trigger] | None
    """Where it may be read; None: everywhere, initial values included."""
    description: str
    optional: bool = False
    """Whether it may be unknown, so that a rule must ask ``known()`` first."""
    columns: tuple[Column, ...] = ()
    words: tuple[str, ...] = ()


PERFORMED: Final = (
    Column("load", "load", 0),
    Column("reps", "int", 1),
    Column("seconds", "int", 1),
    Column("rir", "number", 2, optional=True),
    Column("kind", "word", 3, words=PERFORMED_KINDS),
    Column("index", "int", 4),
    Column("prescribed.load", "load", 5),
    Column("prescribed.reps", "range", 6),
    Column("prescribed.kind", "word", 7, words=PRESCRIBED_KINDS),
)
"""A work set of the session; ``reps`` where the scheme measures reps, ``seconds`` where it measures those."""

_SET = frozenset({Trigger.AFTER_SET})
_EXERCISE = frozenset({Trigger.AFTER_EXERCISE})
_DONE = frozenset({Trigger.AFTER_SET, Trigger.AFTER_EXERCISE, Trigger.AFTER_SESSION})
_TIME = frozenset({Trigger.AFTER_WEEK, Trigger.BEFORE_PRESCRIPTION})
_RULES = frozenset(Trigger)


def _facts(triggers: frozenset[Trigger] | None, *rows: tuple[str, Type, str, str]) -> list[Fact]:
    """Facts that are always known where they can be read."""
    return [Fact(name, type_, path, triggers, description) for name, type_, path, description in rows]


def _optional(triggers: frozenset[Trigger] | None, *rows: tuple[str, Type, str, str]) -> list[Fact]:
    """Facts that may be unknown."""
    return [fact._replace(optional=True) for fact in _facts(triggers, *rows)]


FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        *_facts(
            _SET,
            ("set.load", "load", "facts.set_load", "The load of the work set just performed."),
            ("set.reps", "int", "facts.set_reps", "Its repetitions (schemes that measure reps)."),
            ("set.seconds", "int", "facts.set_seconds", "Its length in seconds (schemes that measure seconds)."),
        ),
        *_optional(_SET, ("set.rir", "number", "facts.set_rir", "Reps in reserve, 0-10, as logged or as 10 - RPE.")),
        *_facts(
            _SET,
            (
                "set.index",
                "int",
                "facts.set_index",
                "1 for the slot's first work set in this session, then 2, 3, ...",
            ),
        ),
        Fact(
            "set.kind",
            "word",
            "facts.set_kind",
            _SET,
            "What the set was logged as; work where nothing was said.",
            words=PERFORMED_KINDS,
        ),
        *_optional(
            _SET,
            ("other_side.load", "load", "facts.other.load", "Of a pair of one-sided sets, the stronger side's load."),
            ("other_side.reps", "int", "facts.other.reps", "Its repetitions or seconds."),
            ("other_side.rir", "number", "facts.other.rir", "Its reps in reserve."),
        ),
        *_facts(
            _SET,
            (
                "prescribed.load",
                "load",
                "facts.prescribed_load",
                "The rounded load prescribed for this set; the set's own load where none could be.",
            ),
            (
                "prescribed.reps",
                "range",
                "facts.prescribed_reps",
                "The repetitions prescribed for this set (seconds, for a timed scheme).",
            ),
        ),
        Fact(
            "prescribed.kind",
            "word",
            "facts.prescribed_kind",
            _SET,
            "What this set was prescribed as.",
            words=PRESCRIBED_KINDS,
        ),
        *_facts(
            _EXERCISE,
            ("prescribed.sets", "int", "facts.prescribed_sets", "Work sets that the slot prescribes for the session."),
        ),
        Fact(
            "performed",
            "rows",
            "facts.performed",
            _DONE,
            "The slot's work sets of this session so far, in order, at most 100; after session the track's.",
            columns=PERFORMED,
        ),
        *_facts(
            _DONE,
            ("session.sets", "int", "track.session_sets", "Work sets of this track in the session so far."),
            (
                "session.top_load",
                "load",
                "track.session_top_load",
                "The heaviest work set of this track in the session so far.",
            ),
            (
                "session.top_reps",
                "int",
                "track.session_top_reps",
                "The most repetitions (or seconds) at that heaviest load in the session so far.",
            ),
            (
                "session.prescribed_load",
                "load",
                "track.session_prescribed_load",
                (
                    "The load prescribed for the session's first work set of this track; that set's own where none "
                    "could be."
                ),
            ),
        ),
        *_facts(
            _RULES,
            ("history.sessions", "int", "track.sessions", "Closed sessions in which the track was performed."),
            (
                "history.sessions_since_change",
                "int",
                "track.sessions_since_change",
                "Closed sessions that performed the track since the one in which its lever last changed.",
            ),
            (
                "history.sessions_since_raise",
                "int",
                "track.sessions_since_raise",
                "Closed sessions that performed the track since the one in which its lever last rose.",
            ),
            (
                "history.sessions_since_record",
                "int",
                "track.sessions_since_record",
                (
                    "Closed sessions that performed the track since the one of its last rep record: more reps than "
                    "ever at that load or a heavier one."
                ),
            ),
            (
                "history.failures_in_a_row",
                "int",
                "track.failures_in_a_row",
                (
                    "Closed sessions in a row since the lever last changed in which a prescribed set was left out, was "
                    "lighter or had fewer repetitions."
                ),
            ),
            (
                "history.failures_since_change",
                "int",
                "track.failures_since_change",
                "Such sessions since the lever last changed, in a row or not.",
            ),
        ),
        *_optional(
            _RULES,
            (
                "history.best_e1rm",
                "load",
                "facts.memory.best_e1rm",
                "The highest one-rep max estimated (Epley) from any work set of the exercise.",
            ),
        ),
        *_facts(
            _TIME,
            (
                "history.days_since",
                "int",
                "facts.days_since",
                "Whole days, in the lifter's time zone, since the track was last performed.",
            ),
            (
                "history.weeks_since",
                "int",
                "facts.weeks_since",
                "Calendar weeks, Monday to Sunday in the lifter's time zone, since the track was last performed.",
            ),
        ),
        *_optional(
            _TIME,
            (
                "history.days_since_best_e1rm",
                "int",
                "facts.days_since_best_e1rm",
                "Whole days since the set of history.best_e1rm.",
            ),
        ),
        *_facts(
            _RULES,
            (
                "volume.week",
                "number",
                "facts.volume_week",
                (
                    "Hard sets of the exercise's target muscle in this calendar week: 1 for a work set of an exercise "
                    "that targets it, 0.5 where it is a synergist. Of several targets, the one with the most."
                ),
            ),
            ("volume.last_week", "number", "facts.volume_last_week", "The same for the calendar week before."),
            (
                "programme.week",
                "int",
                "facts.week_of_programme",
                "The week of the programme's cycle, from 1; a week is one round of its days.",
            ),
            ("programme.cycle", "int", "facts.cycle_of_programme", "The programme's cycle, from 1."),
            (
                "programme.day",
                "int",
                "facts.programme_day",
                "The slot's day in the programme, from 1; 0 without days.",
            ),
            ("programme.weeks_done", "int", "facts.programme_week", "Rounds of the programme's days that are over."),
            (
                "lever",
                "load",
                "track.lever",
                "The track's lever (load or training max), raw. Rules run only once it is set.",
            ),
        ),
        *_facts(
            _TIME,
            (
                "lifter.deload_requested",
                "bool",
                "facts.deload_requested",
                "Whether a deload was requested since the track was last performed.",
            ),
        ),
        Fact(
            "lifter.flag",
            "word",
            "facts.flag",
            _TIME,
            "The newest note's flag (pain, illness, ...), if it is younger than the track's last set.",
            optional=True,
        ),
        *_optional(
            _RULES,
            ("lifter.body_weight", "load", "facts.body_weight", "The lifter's last known body weight."),
        ),
        *_optional(
            None,
            ("baseline.load", "load", "facts.memory.baseline.load", "The start load of the newest baseline."),
            (
                "baseline.one_rep_max",
                "load",
                "facts.memory.baseline.one_rep_max",
                "The one-rep max of the newest baseline for the exercise.",
            ),
            (
                "baseline.training_max",
                "load",
                "facts.memory.baseline.training_max",
                "The training max of the newest baseline for the exercise.",
            ),
            ("exercise.reps", "range", "exercise_reps", "The rep range that the catalogue gives the exercise."),
            (
                "exercise.increase",
                "load",
                "exercise_increase",
                "The load step that the catalogue gives the exercise, in the lifter's unit.",
            ),
        ),
        *_facts(None, ("exercise.one_sided", "bool", "exercise_one_sided", "Whether it is done one side at a time.")),
    )
}
