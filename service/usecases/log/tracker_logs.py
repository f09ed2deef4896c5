"""An export of another app as the events that a lifter's log would have, without taking it into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from service.domain.exercises import Exercise
from service.domain.loads import Unit
from service.trackers.exercise_names import ExerciseNames
from service.trackers.export import ExportUnreadable, Unanswered
from service.trackers.reader import Answers, read_export
from service.usecases.log.batch import Submission
from service.usecases.log.import_tracker import lines_of


class TrackerLog(NamedTuple):
    """What an export comes to; every row is a set, a note or ``skipped``, which counts the reasons."""

    rows: int
    sets: int
    skipped: Mapping[str, int]
    submissions: Sequence[Submission]


def tracker_log(
    content: bytes, exercises: Mapping[str, Exercise], *, time_zone: ZoneInfo, unit: Unit
) -> TrackerLog | None:
    """The events of an export of an app that is known by its header; None for a file that looks like none.

    ``exercises`` is the catalogue that names are looked up in, ``unit`` that of loads where the file does not say.
    Raises `ExportUnreadable`.
    """
    try:
        export = read_export(content, Answers(unit, time_zone))
    except ExportUnreadable as error:
        is_no_table = content.lstrip().startswith((b"{", b"["))
        if is_no_table or (isinstance(error, Unanswered) and error.question == "columns"):
            return None  # events, whatever they say
        raise
    submissions = [line.submission for line in lines_of(export, ExerciseNames(exercises.values()), exercises)]
    reasons = Counter(each.reason for each in export.skipped)
    return TrackerLog(export.rows, len(export.sets), reasons, submissions)
