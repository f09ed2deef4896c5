"""An export of another app as the events that a lifter's log would have, without taking it into one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from service.domain.events import SetLogged
from service.domain.exercises import Exercise
from service.domain.loads import Unit
from service.trackers import hevy, strong
from service.trackers.exercise_names import ExerciseNames
from service.trackers.table import read_text
from service.usecases.log.append import Submission
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
    """The events of an export of Strong or Hevy, told by its header; None for a file that looks like neither.

    ``exercises`` is the catalogue that names are looked up in, ``unit`` that of loads where the file does not say.
    Raises `ExportUnreadable`.
    """
    header = content.split(b"\n", 1)[0].decode("utf-8", "replace").casefold()
    if header.lstrip().startswith("{"):  # events, whatever they say
        return None
    names = ExerciseNames(exercises.values())
    if hevy.is_hevy(header):
        hevy_export = hevy.parse(read_text(content), time_zone=time_zone)
        submissions = _from_hevy(hevy_export.sets, names)
        return TrackerLog(hevy_export.rows, len(hevy_export.sets), _reasons(hevy_export.skipped), submissions)
    if strong.is_strong(header):
        export = strong.parse(read_text(content), time_zone=time_zone, unit=unit)
        submissions = [line.submission for line in lines_of(export, names, exercises)]
        return TrackerLog(export.rows, len(export.sets), _reasons(export.skipped), submissions)
    return None


def _from_hevy(sets: Iterable[hevy.HevySet], names: ExerciseNames) -> list[Submission]:
    """Sets as events, in the order in which they happened, which is also that in which names get their ids."""
    return [
        Submission(
            f"hevy-{performed.line}",
            performed.occurred_at,
            SetLogged(
                exercise=names.id_of(performed.exercise),
                load=performed.load,
                reps=performed.reps,
                seconds=performed.seconds,
                rir=performed.rir,
                kind=performed.kind,
                session_id=performed.session_id,
            ),
        )
        for performed in sorted(sets, key=lambda performed: performed.occurred_at)
    ]


def _reasons(skipped: Iterable[strong.Skipped | hevy.Skipped]) -> Mapping[str, int]:
    return Counter(each.reason for each in skipped)
