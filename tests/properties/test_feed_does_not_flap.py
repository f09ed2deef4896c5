"""Nothing is told in a session that later sets of it take back, as long as they do what is asked.

In the house here; with large stack steps, few dumbbells and no small plates by `make laws`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from service.domain.events import EventData, SessionCompleted, SetLogged
from service.domain.loads import Unit
from service.domain.prescription import Substance, substance_of
from service.engine.prescribe.next_session import Draft, Prescriber
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.ruleset.bound_scheme import RawSet
from tests.laws.courses import GYMS, UNITS, Asked, Course, Gym, Lifter, Training, in_turn

WEEKS = 2
_LESS = ("lower", "deload")


class Watched(Training):
    """Training in which every slot of the exercises trained is looked at after every set."""

    def __init__(self, course: Course, *, kinds: bool) -> None:
        super().__init__(course)
        self.taken_back: list[str] = []
        self._kinds = kinds
        self._told: dict[str, list[Any]] = {}

    def _perform(self, number: int, asked: Asked) -> Iterator[Decimal]:
        """Do a slot's sets; without kinds also its warm-ups, for nothing else tells those from work."""
        if not self._kinds:
            for each in asked.draft.raw:
                if each.kind == WARM_UP:
                    self._log(self._set(number, asked.slot, each))
        yield from super()._perform(number, asked)

    def _set(self, number: int, slot: PlannedSlot, raw: RawSet) -> SetLogged:
        performed = super()._set(number, slot, raw)
        return performed if self._kinds else msgspec.structs.replace(performed, kind=None)

    def _log(self, data: EventData) -> None:
        trained = data.exercise if isinstance(data, SetLogged) else None
        if trained is not None and not self._told:
            self._look(None)  # as it was told before the session
        super()._log(data)
        if trained is not None or isinstance(data, SessionCompleted):
            self._look(trained)
        if isinstance(data, SessionCompleted):
            self._told.clear()

    def _look(self, exercise: str | None) -> None:
        """Note what is told of every slot of an exercise, or of all, and what of it was told and replaced before."""
        prescriber = Prescriber(self.fold.duplicate(), self._now)
        for slot_id in self.fold.rules.every_slot_id():
            if exercise is None or self.fold.rules.slot(slot_id).exercise.id == exercise:
                self._note(slot_id, prescriber.draft(prescriber.due_in(slot_id)))

    def _note(self, slot_id: str, draft: Draft) -> None:
        """Hold what is told of a slot against what was told of it before in this session."""
        told = self._told.setdefault(slot_id, [])
        now = substance_of(draft)
        if told and now == told[-1]:
            return
        told.append(now)
        # Of a slot that is being done, what was told before the session has come to its time, and is not taken back.
        begun = [each for each in told if each.status == "in_session"]
        later = told[told.index(begun[-1]) + 1 :] if begun else told
        if _comes_back(later) or _comes_back([_still_to_do(each) for each in begun]) or _is_forgiven(later):
            self.taken_back.append(f"{slot_id}: {told}")
        if len(begun) > 1 and now.status == "in_session" and told[-2].status == "next_session":
            self.taken_back.append(f"{slot_id} was over: {told}")


def _still_to_do(told: Substance) -> tuple[Any, ...]:
    """The loads and repetitions that are left of a slot, the last sets of it."""
    return tuple((each.load, each.reps, each.seconds) for each in told.sets if each.kind != WARM_UP)


def _comes_back(told: list[Any]) -> bool:
    """Whether something was told, then something else, then the first again."""
    changed = [each for number, each in enumerate(told) if not number or each != told[number - 1]]
    return any(each in changed[:number] for number, each in enumerate(changed))


def _is_forgiven(told: list[Substance]) -> bool:
    """Whether less was told in the session, and then not."""
    return any(before.outcome in _LESS and after.outcome not in _LESS for before, after in itertools.pairwise(told[1:]))


_WITH_KINDS, _WITHOUT = ("with kinds", "without kinds")


@pytest.mark.parametrize(
    ("programme", "way"),
    [
        pytest.param(*each, marks=pytest.mark.laws if "sparse" in each[1] else ())
        for each in in_turn(tuple(itertools.product(GYMS, UNITS, (_WITH_KINDS, _WITHOUT))))
    ],
)
def test_nothing_told_in_a_session_is_taken_back(programme: str, way: tuple[Gym, Unit, str]) -> None:
    gym, unit, kinds = way
    lifters: tuple[Lifter, ...] = ("best", "least")
    for lifter in lifters:
        training = Watched(Course(programme, gym, unit, lifter, WEEKS), kinds=kinds == _WITH_KINDS)
        sessions = sum(each.opening for each in training.train())
        assert sessions
        assert not training.taken_back, "\n".join(training.taken_back)
