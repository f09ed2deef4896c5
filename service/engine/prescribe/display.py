"""A prescription as a screen shows it: names, plates, the set's place in the list, reasons by code.

All of it follows from the rule set and the prescription, and none of it is part of what a derivation proves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from service.domain.equipment import Loading
from service.domain.loads import Unit
from service.domain.prescription import PrescribedSet, Prescription, Range, ShownLoad
from service.engine.prescribe.reasons import Said
from service.engine.prescribe.round_due import round_due
from service.engine.replay.bound_programme import ANY_DAY, PlannedSlot
from service.engine.replay.state import Shared
from service.engine.ruleset.bound_scheme import RawSet


class ShownSet(PrescribedSet, frozen=True, omit_defaults=True, kw_only=True):
    """A set to do, with its place in the list, from 1, and the plates of one side, the heaviest first."""

    position: int
    amrap: bool = False
    plates: tuple[ShownLoad, ...] | None = None


class ShownReason(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reason as data: an app that knows the code can say it in its own language."""

    code: str
    text: str
    values: dict[str, Any]
    overruled: bool = False


class ShownDay(msgspec.Struct, frozen=True):
    """The programme's day that a prescription is for."""

    id: str
    title: str
    week: int
    cycle: int


class Display(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the exercise is called and how it is done, and where in the programme it stands (None: in no day of it).

    ``label``, ``notes`` and ``beside`` are what the slot says of it.
    """

    title: str
    day: ShownDay | None = None
    cues: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    synergists: tuple[str, ...] = ()
    label: str = ""
    notes: str = ""
    beside: str = msgspec.field(default="", name="with")


class ShownPrescription(Prescription, frozen=True, omit_defaults=True, kw_only=True):
    """A prescription with all that a screen needs beside it."""

    sets: tuple[ShownSet, ...]
    reasons: tuple[ShownReason, ...]
    display: Display


def shown_prescription(
    prescription: Prescription,
    slot: PlannedSlot,
    loading: Loading,
    raw: Iterable[RawSet],
    shared: Shared,
    said: Iterable[Said],
) -> ShownPrescription:
    """The prescription for a screen; ``raw`` are its sets before rounding, ``shared`` is the state it is made from."""
    rounds = round_due(slot, shared) if prescription.status == "next_session" else shared.rounds
    pairs = enumerate(zip(prescription.sets, raw, strict=True), 1)
    sets = tuple(_set(position, each, asked, loading) for position, (each, asked) in pairs)
    return ShownPrescription(
        **{**msgspec.structs.asdict(prescription), "sets": sets},
        reasons=tuple(_reason(each) for each in said),
        display=_display(slot, rounds),
    )


def _set(position: int, one: PrescribedSet, raw: RawSet, loading: Loading) -> ShownSet:
    side = None if raw.load is None else loading.explain(raw.load).plates
    plates = None if side is None or one.load is None else tuple(ShownLoad(plate, one.load.unit) for plate in side)
    return ShownSet(**msgspec.structs.asdict(one), position=position, amrap=one.kind == "amrap", plates=plates)


def _reason(said: Said) -> ShownReason:
    values = {name: _value(value, type_, said.unit) for name, type_, value in said.values}
    return ShownReason(said.code, said.text, values, said.overruled)


def _value(value: Any, type_: str, unit: Unit | None) -> Any:
    """A value as the contract shows it: loads with their unit, ranges from least to most, numbers as numbers."""
    if type_ == "load" and value is not None and unit is not None:
        return ShownLoad(value, unit)
    return Range(*value) if isinstance(value, tuple) else value


def _display(slot: PlannedSlot, rounds: int) -> Display:
    exercise, programme = slot.exercise, slot.rule_set.programme
    day = None
    if slot.day != ANY_DAY:
        of = programme.days[slot.day]
        day = ShownDay(of.id, of.title, rounds % programme.weeks + 1, rounds // programme.weeks + 1)
    said = slot.slot.label, slot.slot.notes, slot.slot.beside
    return Display(exercise.title, day, exercise.cues, exercise.target, exercise.synergists, *said)
