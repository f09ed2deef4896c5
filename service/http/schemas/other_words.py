"""What other software calls what requests call by one word: a hint where a field is not merely misspelt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_WORDS: Final = {
    "event_id": "id uuid client_id external_id",
    "type": "event event_type kind",
    "occurred_at": "time timestamp date datetime performed_at created_at logged_at done_at started_at at when",
    "data": "payload body attributes properties",
    "lifter": "user user_id athlete athlete_id member member_id person client lifter_id",
    "exercise": "exercise_id exercise_name name movement lift",
    "load": "weight weight_kg weight_lb weight_lbs kg lb lbs kilograms pounds mass resistance",
    "value": "amount weight kg lb lbs number quantity",
    "unit": "units uom weight_unit",
    "reps": "repetitions rep_count count",
    "seconds": "duration duration_s duration_seconds secs sec time hold time_s",
    "rir": "reps_in_reserve reserve",
    "rpe": "effort exertion",
    "kind": "set_type type",
    "session_id": "session workout workout_id",
    "note": "notes comment comments text description memo message",
    "reason": "notes note comment why description",
    "corrects": "event_id event id target set set_id",
    "voids": "event_id event id target set set_id",
    "programme": "program plan routine programme_id program_id template",
    "params": "parameters settings options",
    "one_rep_max": "1rm one_rm onerm e1rm orm max",
    "training_max": "tm",
    "body_weight": "weight mass",
    "time_zone": "tz zone",
    "limit": "per_page page_size size count max",
    "after": "page cursor offset next skip",
    "as_of": "at date time now when on",
    "at_version": "version",
    "expected_version": "version if_version",
    "from": "since start begin start_date date_from",
    "to": "until end end_date date_to before",
    "q": "query search name",
}

_ADVICE: Final = {
    "distance": "distances are not logged: say seconds, and how far in a note",
    "sets": "each set is an event of its own",
}
"""What to say of words for what a set does not have."""


def word_for(name: str, known: Collection[str]) -> str:
    """The field of those ``known`` that another word stands for; empty for none."""
    return next((field for field, words in _WORDS.items() if field in known and name in words.split()), "")


def advice_on(name: str, known: Collection[str]) -> str:
    """What to do instead of saying something that a set does not have; empty where that is not it."""
    return _ADVICE.get(name, "") if "reps" in known else ""
