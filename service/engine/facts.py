"""Every fact that a rule may read: name, type, when it is known, and where the generated code finds it.

Generated functions take ``(facts, track, own)``: `Facts` holds what belongs to the moment (the set, what was
prescribed for it, the lifter), `Track` what belongs to the thread of progress, ``own`` the scheme's state.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from service.engine.language.types import Type
from service.engine.model import Trigger
from service.engine.state import Baseline


class Facts:
    """The facts of the moment, in the lifter's working unit; one object per fold, refilled at every trigger."""

    __slots__ = (
        "baseline",
        "body_weight",
        "days_since",
        "prescribed_load",
        "prescribed_reps",
        "set_index",
        "set_load",
        "set_reps",
        "set_rir",
        "set_seconds",
    )

    baseline: Baseline
    body_weight: Decimal | None
    days_since: int | None
    prescribed_load: Decimal
    prescribed_reps: tuple[int, int]
    set_index: int
    set_load: Decimal
    set_reps: int
    set_rir: Decimal | None
    set_seconds: int

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, None)


class Fact(NamedTuple):
    """A declared fact. ``path`` is Python over ``facts`` or ``track``; without a dot, a constant of the exercise."""

    name: str
    type: Type
    path: str
    triggers: frozenset[Trigger] | None
    """Where it may be read; None: everywhere, initial values included."""
    description: str
    optional: bool = False
    """Whether it may be unknown, so that a rule must ask ``known()`` first."""


_SET = frozenset({Trigger.AFTER_SET})
_SET_OR_SESSION = frozenset({Trigger.AFTER_SET, Trigger.AFTER_SESSION})
_PRESCRIPTION = frozenset({Trigger.BEFORE_PRESCRIPTION})
_RULES = frozenset(Trigger)

FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("set.load", "load", "facts.set_load", _SET, "The load of the work set just performed."),
        Fact("set.reps", "int", "facts.set_reps", _SET, "Its repetitions (schemes that measure reps)."),
        Fact("set.seconds", "int", "facts.set_seconds", _SET, "Its length in seconds (schemes that measure seconds)."),
        Fact(
            "set.rir",
            "number",
            "facts.set_rir",
            _SET,
            "Reps in reserve, 0-10, as logged or as 10 - RPE.",
            optional=True,
        ),
        Fact(
            "set.index",
            "int",
            "facts.set_index",
            _SET,
            "1 for the slot's first work set in this session, then 2, 3, ...",
        ),
        Fact(
            "prescribed.load",
            "load",
            "facts.prescribed_load",
            _SET,
            "The rounded load prescribed for this set; the set's own load where none could be.",
        ),
        Fact(
            "prescribed.reps",
            "range",
            "facts.prescribed_reps",
            _SET,
            "The repetitions prescribed for this set (seconds, for a timed scheme).",
        ),
        Fact(
            "session.sets",
            "int",
            "track.session_sets",
            _SET_OR_SESSION,
            "Work sets of this track in the session so far.",
        ),
        Fact(
            "session.top_load",
            "load",
            "track.session_top_load",
            _SET_OR_SESSION,
            "The heaviest work set of this track in the session so far.",
        ),
        Fact(
            "session.top_reps",
            "int",
            "track.session_top_reps",
            _SET_OR_SESSION,
            "The most repetitions (or seconds) at that heaviest load in the session so far.",
        ),
        Fact(
            "session.prescribed_load",
            "load",
            "track.session_prescribed_load",
            _SET_OR_SESSION,
            "The load prescribed for the session's first work set of this track; that set's own where none could be.",
        ),
        Fact("history.sessions", "int", "track.sessions", _RULES, "Closed sessions in which the track was performed."),
        Fact(
            "history.sessions_since_change",
            "int",
            "track.sessions_since_change",
            _RULES,
            "Closed sessions that performed the track since the one in which its lever last changed.",
        ),
        Fact(
            "history.sessions_since_record",
            "int",
            "track.sessions_since_record",
            _RULES,
            "Closed sessions that performed the track since the one of its last rep record: more reps than "
            "ever at that load or a heavier one.",
        ),
        Fact(
            "history.days_since",
            "int",
            "facts.days_since",
            _PRESCRIPTION,
            "Whole days, in the lifter's time zone, since the track was last performed.",
        ),
        Fact(
            "lever",
            "load",
            "track.lever",
            _RULES,
            "The track's lever (load or training max), raw. Rules run only once it is set.",
        ),
        Fact(
            "lifter.body_weight",
            "load",
            "facts.body_weight",
            _RULES,
            "The lifter's last known body weight.",
            optional=True,
        ),
        Fact(
            "baseline.load",
            "load",
            "facts.baseline.load",
            None,
            "The start load of the newest baseline for the exercise.",
            optional=True,
        ),
        Fact(
            "baseline.one_rep_max",
            "load",
            "facts.baseline.one_rep_max",
            None,
            "The one-rep max of the newest baseline for the exercise.",
            optional=True,
        ),
        Fact(
            "baseline.training_max",
            "load",
            "facts.baseline.training_max",
            None,
            "The training max of the newest baseline for the exercise.",
            optional=True,
        ),
        Fact(
            "exercise.reps",
            "range",
            "exercise_reps",
            None,
            "The rep range that the catalogue gives the exercise.",
            optional=True,
        ),
        Fact(
            "exercise.increase",
            "load",
            "exercise_increase",
            None,
            "The load step that the catalogue gives the exercise, in the lifter's unit.",
            optional=True,
        ),
        Fact("exercise.one_sided", "bool", "exercise_one_sided", None, "Whether it is done one side at a time."),
    )
}
