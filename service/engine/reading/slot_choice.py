"""Which of today's slots of an exercise a set goes to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from service.engine.reading.place import WORK_KINDS, Basis, LoggedSet, Place, does, under_share


class Candidate(NamedTuple):
    """A slot that a set of its exercise could go to; ``due`` is its next place, None where it has none left today."""

    due: Place | None
    named: bool = False
    """Whether the set names it."""
    last: bool = False
    """Whether it was the exercise's last in this session."""


class ChosenBy(StrEnum):
    """Why a set went to its slot."""

    NAMED = "named"
    DONE = "done"
    NEAR = "near"
    LAST = "last"
    NEXT = "next"


def choose_slot(slots: Sequence[Candidate], logged: LoggedSet, basis: Basis) -> tuple[int, ChosenBy]:
    """The index of the set's slot, and why that.

    The one it names; the one with the heaviest place due that it does; the heaviest that it comes near to, with 90 %
    of the load and three quarters of the repetitions; the last one, else the first, of those with something due; where
    none has, the last one, else the first.
    """
    named = next((index for index, slot in enumerate(slots) if slot.named), None)
    if named is not None:
        return named, ChosenBy.NAMED
    if logged.kind is None or logged.kind in WORK_KINDS:
        for fits, chosen_by in ((does, ChosenBy.DONE), (_near, ChosenBy.NEAR)):
            fitting = {
                index: slot.due.shown
                for index, slot in enumerate(slots)
                if slot.due is not None and slot.due.shown is not None and fits(slot.due, logged, basis)
            }
            if fitting:
                return max(fitting, key=fitting.__getitem__), chosen_by
    due = [index for index, slot in enumerate(slots) if slot.due is not None] or list(range(len(slots)))
    last = next((index for index in due if slots[index].last), None)
    return (due[0], ChosenBy.NEXT) if last is None else (last, ChosenBy.LAST)


def _near(place: Place, logged: LoggedSet, basis: Basis) -> bool:
    if place.shown is None or under_share(logged.load, place.shown, 90, basis):
        return False
    return 4 * logged.amount >= 3 * place.low
