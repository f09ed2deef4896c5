"""What to warn of an import: once for the whole of it, by the file and the catalogue, not by the log.

`service.usecases.log.warnings` judges each event by the log before it, which is read for it; of years of training at
once that would be read again for every batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from service.domain.events import SetLogged
from service.engine.reading.outliers import is_outlier, tops_after
from service.engine.replay.earlier_sessions import proves_strength
from service.engine.ruleset.known_exercises import KnownExercises
from service.usecases.log.batch import Submission
from service.usecases.log.warnings import Code, of_exercise, outlier


class Line(NamedTuple):
    """An event to append, and the line of the file that it is made of."""

    line: int
    submission: Submission


def import_warnings(
    known: KnownExercises, own: Collection[str], lines: Iterable[Line]
) -> Mapping[Code, list[tuple[int, str]]]:
    """The lines of which there is something to warn, each with what, by code; ``lines`` as they happened.

    ``own`` are the exercises that the gym describes itself.
    """
    found: dict[Code, list[tuple[int, str]]] = {}
    loads: dict[str, _Loads] = {}
    for line, (_, _, data) in lines:
        warnings = of_exercise(known, lambda: own, data)
        if isinstance(data, SetLogged) and proves_strength(data):
            exercise = known.by_id.get(data.exercise)
            # What a body weighs, no export says: a load that is added to it is no outlier that anybody could tell.
            if exercise is None or exercise.load != "added":
                earlier = loads.setdefault(data.exercise, _Loads())
                if earlier.is_outlier(data):
                    warnings = (*warnings, outlier(data))
        for warning in warnings:
            found.setdefault(warning.code, []).append((line, warning.detail))
    return found


@dataclass(slots=True)
class _Loads:
    """The loads (kg) of an exercise so far: those of its newest session, and what the sessions before come to."""

    session_id: str | None = None
    newest: list[Decimal] = field(default_factory=list)
    tops: list[Decimal] = field(default_factory=list)
    unconfirmed: Decimal | None = None

    def is_outlier(self, data: SetLogged) -> bool:
        """Whether a set is one by the sessions before its own, into which it is taken."""
        if data.session_id != self.session_id:
            if self.newest:
                self.tops, self.unconfirmed = tops_after(self.tops, self.unconfirmed, self.newest, _alone)
            self.session_id, self.newest = data.session_id, []
        load = data.load.in_unit("kg")
        self.newest.append(load)
        return is_outlier(load, self.tops, self.unconfirmed, _alone)


def _alone(load: Decimal) -> Decimal:
    """What is moved with a load that is added to nothing."""
    return load
