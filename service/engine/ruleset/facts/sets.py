"""The set just performed, what was prescribed for it, and the sets of the session."""

from __future__ import annotations

from typing import Final

from service.domain.limits import MOST_REPS, MOST_RIR, MOST_SECONDS, MOST_SETS
from service.engine.ruleset.facts.fact import AFTER_EXERCISE, AFTER_SET, AFTER_TRAINING, Fact
from service.engine.ruleset.types import MAXIMUM_INT, Column

PERFORMED_KINDS: Final = ("work", "amrap", "failure")
PRESCRIBED_KINDS: Final = ("work", "amrap", "top", "back_off", "rest_pause", "drop")
"""What a set is prescribed as; a warm-up too, but rules see work sets only."""

PERFORMED: Final = (
    Column("load", "load", 0),
    Column("reps", "int", 1, unit="repetitions", limits=(0, MOST_SECONDS), measure="reps"),
    Column("seconds", "int", 1, unit="seconds", limits=(0, MOST_SECONDS), measure="seconds"),
    Column("rir", "number", 2, unit="repetitions", optional=True, limits=(0, MOST_RIR)),
    Column("kind", "word", 3, words=PERFORMED_KINDS),
    Column("index", "int", 4, limits=(1, MAXIMUM_INT)),
    Column("prescribed.load", "load", 5),
    Column("prescribed.reps", "range", 6, unit="repetitions", limits=(0, MOST_REPS)),
    Column("prescribed.kind", "word", 7, words=PRESCRIBED_KINDS),
    Column("done", "bool", 8),
    Column("failed", "bool", 9),
)
"""A work set of the session, whether it did what was asked and whether it failed.

It has ``reps`` where the scheme measures reps, ``seconds`` where it measures those. The two stand in one place, so they
have the limits of the wider."""

SETS: Final = (
    Fact(
        "set.load",
        "load",
        "facts.set_load",
        AFTER_SET,
        phrase="the set's load",
        description="The load of the work set just performed.",
        at_first_set=True,
    ),
    Fact(
        "set.reps",
        "int",
        "facts.set_reps",
        AFTER_SET,
        phrase="the set's repetitions",
        description="Its repetitions (schemes that measure reps).",
        unit="repetitions",
        limits=(0, MOST_REPS),
        plural=True,
        at_first_set=True,
        measure="reps",
    ),
    Fact(
        "set.seconds",
        "int",
        "facts.set_seconds",
        AFTER_SET,
        phrase="the set's seconds",
        description="Its length in seconds (schemes that measure seconds).",
        unit="seconds",
        limits=(0, MOST_SECONDS),
        plural=True,
        at_first_set=True,
        measure="seconds",
    ),
    Fact(
        "set.rir",
        "number",
        "facts.set_rir",
        AFTER_SET,
        phrase="the set's reserve",
        description=f"Reps in reserve, 0-{MOST_RIR}, as logged or as 10 - RPE.",
        unit="repetitions",
        optional=True,
        limits=(0, MOST_RIR),
        at_first_set=True,
    ),
    Fact(
        "set.index",
        "int",
        "facts.set_index",
        AFTER_SET,
        phrase="the set's number in the session",
        description="1 for the slot's first work set in this session, then 2, 3, ...",
        limits=(1, MAXIMUM_INT),
    ),
    Fact(
        "set.kind",
        "word",
        "facts.set_kind",
        AFTER_SET,
        phrase="the kind of the set",
        description="What the set was logged as; work where nothing was said.",
        words=PERFORMED_KINDS,
        at_first_set=True,
    ),
    Fact(
        "set.done",
        "bool",
        "facts.set_done",
        AFTER_SET,
        phrase="the set did what was asked",
        description=(
            "Whether it did what was asked: all repetitions (or seconds), at the load asked for or nearly so: less "
            "than half a step and at most 2.5 % under the one shown."
        ),
    ),
    Fact(
        "set.failed",
        "bool",
        "facts.set_failed",
        AFTER_SET,
        phrase="the set failed",
        description=(
            "Whether it missed repetitions (or seconds) at 90 % or more of the load asked for, or at less with a "
            "known reserve; heavier and short is no failure where its estimate reaches what was asked."
        ),
    ),
    Fact(
        "other_side.load",
        "load",
        "facts.other.load",
        AFTER_SET,
        phrase="the other side's load",
        description="Of a pair of one-sided sets, the stronger side's load.",
        optional=True,
    ),
    Fact(
        "other_side.reps",
        "int",
        "facts.other.reps",
        AFTER_SET,
        phrase="the other side's repetitions",
        description="Its repetitions or seconds.",
        unit="repetitions",
        optional=True,
        limits=(0, MOST_REPS),
        plural=True,
    ),
    Fact(
        "other_side.rir",
        "number",
        "facts.other.rir",
        AFTER_SET,
        phrase="the other side's reserve",
        description="Its reps in reserve.",
        unit="repetitions",
        optional=True,
        limits=(0, MOST_RIR),
    ),
    Fact(
        "prescribed.load",
        "load",
        "facts.prescribed_load",
        AFTER_SET,
        phrase="the prescribed load",
        description="The rounded load prescribed for this set; the set's own load where none could be.",
    ),
    Fact(
        "prescribed.reps",
        "range",
        "facts.prescribed_reps",
        AFTER_SET,
        phrase="the prescribed repetitions",
        description="The repetitions prescribed for this set (seconds, for a timed scheme).",
        unit="repetitions",
    ),
    Fact(
        "prescribed.kind",
        "word",
        "facts.prescribed_kind",
        AFTER_SET,
        phrase="the kind prescribed",
        description="What this set was prescribed as.",
        words=PRESCRIBED_KINDS,
    ),
    Fact(
        "prescribed.sets",
        "int",
        "facts.prescribed_sets",
        AFTER_EXERCISE,
        phrase="the number of sets prescribed",
        description="Work sets that the slot prescribes for the session.",
        unit="sets",
    ),
    Fact(
        "performed",
        "rows",
        "facts.performed",
        AFTER_TRAINING,
        phrase="the sets performed in the session",
        description=(
            f"The sets that fill places of the slot in this session so far, in the order of the places, at most "
            f"{MOST_SETS}; after session the track's. A place that was left out has no row."
        ),
        columns=PERFORMED,
        of_sets=True,
        nickname="sets",
    ),
    Fact(
        "extra",
        "rows",
        "facts.extra",
        AFTER_TRAINING,
        phrase="the sets beyond what was asked",
        description=(
            "The slot's work sets that fill no place, in their order, each held against the heaviest place; after "
            "session the track's. Unknown where there is none. On an extra set a rule may only raise."
        ),
        optional=True,
        columns=PERFORMED,
    ),
)
