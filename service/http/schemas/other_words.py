"""What other software calls what requests call by one word: a hint where a field is not merely misspelt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

_WORDS: Final = {
    "event_id": "id uuid client_id external_id",
    "type": "event event_type",
    "occurred_at": "time timestamp date datetime performed_at created_at logged_at done_at started_at at when",
    "data": "payload body attributes properties",
    "events": "sets entries lines items exercises workout",
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
    "slots": "slot exercise exercises exercise_id day days",
    "slot": "slot_id exercise exercise_id",
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
    "q": "query search name title words",
    "lifetime_s": "lifetime ttl expires expires_in expires_at minutes seconds valid_for max_age",
    "scopes": "scope permissions roles",
    "days_a_week": "days days_per_week frequency per_week",
    "goal": "aim target tag tags",
    "app": "source format tracker",
    "files": "file yaml rules",
    "rule_set": "digest rules programme files",
    "url": "endpoint callback target target_url callback_url uri webhook",
    "against": "with other to compare compare_to",
    "now": "time date at to instant timestamp clock",
    "hypertrophy": "muscle size mass bodybuilding",
    "peaking": "peak powerlifting meet competition",
    "fitness": "health general",
    "beginner": "novice starter",
    "expert": "advanced elite",
    "kg": "kgs kilogram kilograms kilo kilos metric",
    "lb": "lbs lb. lbs. pound pounds imperial #",
    "left": "l",
    "right": "r",
    "work": "normal working standard straight regular main top back-off backoff back_off w",
    "failure": "to_failure to-failure f",
    "set_logged": "set log_set sets lift lifted exercise_logged add_set set_done set_performed",
    "set_corrected": "edit update correct edit_set update_set set_changed",
    "set_voided": "void delete remove undo delete_set set_removed",
    "session_completed": "workout session finish end workout_completed finish_workout session_finished",
    "programme_assigned": "program programme plan assign start_program program_started programme_started",
    "programme_ended": "unassign program_stopped stop_program leave",
    "baseline_set": "max 1rm start start_weight one_rep_max training_max",
    "profile_changed": "profile settings user equipment",
    "deload_requested": "deload",
    "lifter_noted": "note flag comment pain illness",
}

_OF_A_SET: Final = "exercise load weight reps seconds rir rpe kind session_id slot side note body_weight"

_ADVICE: Final = (
    ("data", f"{_OF_A_SET} programme params corrects voids unit time_zone equipment", "it belongs into data"),
    ("data", "lifter lifter_id user user_id athlete athlete_id member member_id", "the path says whose it is"),
    ("events", "event_id type occurred_at data", "one event belongs to /v1/lifters/{lifter}/events"),
    ("events", "lifter lifter_id user user_id athlete athlete_id member member_id", "the path says whose it is"),
    ("events", _OF_A_SET, "it belongs into the data of an event"),
    (
        "slots",
        "session session_id workout workout_id date day when at",
        "what is due at occurred_at is passed by, all of it or the slots that are named",
    ),
    ("voids", "session session_id workout workout_id", "a session_voided takes a session back"),
    ("after", "lifter lifter_id user_id", "the path says whose it is, or it is of the whole gym"),
    ("url", "events event_types types topics", "a webhook is told every change of the gym"),
    ("confirm", "preview dry_run", "it is a preview, unless confirm has the import_id of one"),
    ("reps", "distance", "distances are not logged: say seconds, and how far in a note"),
    ("reps", "sets", "each set is an event of its own"),
    ("load", "unit units weight_unit", 'it belongs into the load, as in {"value": 102.5, "unit": "kg"}'),
    (
        "one_rep_max",
        "reps repetitions seconds rir rpe sets",
        "a start is a load, a one_rep_max or a training_max, and one of them alone",
    ),
)
"""Of what has a certain field: words that it has no field for, and what to do instead."""


def word_for(name: str, known: Collection[str]) -> str:
    """The field of those ``known`` that another word stands for; empty for none."""
    return next((field for field, words in _WORDS.items() if field in known and name in words.split()), "")


def advice_on(name: str, known: Collection[str]) -> str:
    """What to do instead of saying something for which there is no field; empty where that is not it."""
    return next((advice for having, words, advice in _ADVICE if having in known and name in words.split()), "")
