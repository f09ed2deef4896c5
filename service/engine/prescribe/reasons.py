"""The reasons of a prescription: the sentence of every rule that fired, in order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from service.domain.loads import Load
from service.engine.language.because import render_because
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import BASELINE, Fold
from service.engine.replay.state import Track


def reasons(fold: Fold, slot: PlannedSlot, track: Track) -> Iterable[str]:
    """Every fired rule's reason since the track's last performed session opened, in order."""
    unit = fold.state.shared.working_unit
    for reason in track.reasons:
        if reason.scheme == BASELINE:
            (lever,) = reason.values
            yield f"The baseline was set anew: go on from {Load(_decimal(lever), unit)}."
            continue
        rule_set = slot.rule_set if reason.digest is None else fold.plans.rule_set(reason.digest)
        scheme = rule_set.schemes[reason.scheme]
        text = render_because(scheme, reason.trigger, reason.rule, reason.values, unit)
        yield text if reason.applied else f"Overruled: {text}"


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def first_reason(slot: PlannedSlot, fold: Fold, track: Track) -> str:
    """What is said where no rule has fired yet."""
    name = slot.exercise.title
    if track.lever is None:
        return f"No load is known for {name} yet: choose one that fits, and go on from there."
    return f"{name} starts at {Load(track.lever, fold.state.shared.working_unit)}; no set has been logged since."
