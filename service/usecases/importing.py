"""Taking another app's export into a lifter's log, through the same append as everything else."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from service.bootstrap import Services
from service.domain.errors import InvalidInput, NotFound, Problem
from service.domain.events import LifterNoted, ProfileChanged, SetLogged
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND
from service.domain.loads import Load, Unit
from service.engine.state import Shared
from service.imports.exercise_names import ExerciseNames
from service.imports.strong import StrongExport, StrongNote, StrongSet, parse
from service.imports.table import read_text
from service.usecases.append import Submission, append_events
from service.usecases.prescribe import state_at

BATCH: Final = 500
"""Events in one append: long enough to be quick, short enough for progress to show."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an export: every row is in ``sets``, ``notes`` or ``skipped``.

    ``appended`` counts events by outcome. ``differing`` are the lines whose event the log has with other content;
    there the log's was kept. ``matched`` and ``own`` are the export's exercise names with their ids.
    """

    rows: int
    sets: int
    notes: int
    workout_notes: int
    skipped: Mapping[str, tuple[int, ...]]
    appended: Mapping[str, int]
    differing: tuple[int, ...]
    matched: Mapping[str, str]
    own: Mapping[str, str]
    unit: Unit
    unit_from: str
    time_zone: str
    unknown_columns: tuple[str, ...]
