"""Identifiers in requests: each pattern with the words that say what it takes."""

from __future__ import annotations

import re
from typing import Final

from service.domain import identifiers

LIFTER: Final = (
    identifiers.GYM_OR_LIFTER,
    "a letter or digit, then at most 63 letters, digits, dots, underscores and hyphens",
)
EVENT_ID: Final = (identifiers.EVENT_ID, "1 to 64 visible ASCII characters without spaces")
EXERCISE: Final = (identifiers.EXERCISE_ID, "an exercise id: kebab-case, at most 64 characters, such as barbell-row")
COUNTED: Final = (
    identifiers.EXERCISE_ID,
    "an exercise id, such as barbell-row, or a kind of equipment, such as kettlebell",
)
MUSCLE: Final = (identifiers.EXERCISE_ID, "a muscle's id: kebab-case, at most 64 characters, such as rhomboids")
EQUIPMENT: Final = (
    identifiers.EXERCISE_ID,
    "an equipment's id: kebab-case, at most 64 characters, such as body-weight",
)
SCHEME: Final = (identifiers.EXERCISE_ID, "a scheme id: kebab-case, at most 64 characters, such as double-progression")
PROGRAMME: Final = (identifiers.EXERCISE_ID, "a programme id: kebab-case, at most 64 characters, such as upper-back")
SESSION_ID: Final = (identifiers.SESSION_ID, "1 to 64 visible ASCII characters without spaces")
SLOT: Final = (
    re.compile(rf"(?=.{{3,129}}\Z){identifiers.SLOT_ID.pattern}"),
    "a slot id: a day and a slot, such as day-1/deadlift",
)
RULE: Final = (identifiers.EXERCISE_ID, "the name of a rule: kebab-case, at most 64 characters, such as top-of-range")
DIGEST: Final = (identifiers.DIGEST, "the digest of a rule set: 64 hexadecimal digits in lower case")
TASK: Final = (re.compile(r"(?:ro|bt|dr)_[0-9a-f]{16}"), "the id of a task, as it was given")
FLAG: Final = (re.compile(r"[a-z][a-z0-9_]{0,31}"), "a word in lower case, such as pain or illness")
PARAMETER: Final = (re.compile(r"[a-z][a-z0-9_]{0,63}"), "the name of a parameter, such as increase")
PRESCRIPTION: Final = (
    re.compile(r"(?=.{1,300}\Z)[A-Za-z0-9_-]+"),
    "the id of a prescription, as it was given",
)
