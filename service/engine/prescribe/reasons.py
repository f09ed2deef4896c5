"""The reasons of a prescription: the sentence of every rule that fired, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from service.domain.loads import Load, Unit, canonical
from service.engine.language.because import render_because
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import BASELINE, Fold
from service.engine.replay.state import Track

_ALL: Final = 100
_TENTH: Final = Decimal("0.1")


def reasons(fold: Fold, slot: PlannedSlot, track: Track, outcome: str) -> Iterable[str]:
    """Every fired rule's reason since the track's last performed session opened, in order; then what became of them.

    That is what a deload leaves of the session, and what rounding made of a lever that moved.
    """
    working_unit = fold.state.shared.working_unit
    for reason in track.reasons:
        unit = reason.unit or working_unit
        if reason.scheme == BASELINE:
            (lever,) = reason.values
            yield f"The baseline was set anew: go on from {Load(_decimal(lever), unit)}."
            continue
        rule_set = slot.rule_set if reason.digest is None else fold.plans.rule_set(reason.digest)
        scheme = rule_set.schemes[reason.scheme]
        text = render_because(scheme, reason.trigger, reason.rule, reason.values, unit)
        yield text if reason.applied else f"Overruled: {text}"
    if track.adjusted is not None:
        yield _adjusted(slot, track.adjusted)
    elif outcome in ("hold", "advance", "reset"):
        yield from _swallowed(slot, track, working_unit)


def _adjusted(slot: PlannedSlot, adjusted: tuple[str, Decimal, Decimal]) -> str:
    """What a deload leaves of the session."""
    scheme, load_left, sets_left = adjusted
    title = slot.schemes[scheme].scheme.title
    if min(load_left, sets_left) >= _ALL:
        return f"{title}: all of it, but nothing is raised for it."
    return f"{title}: {canonical(load_left.quantize(_TENTH))} % of the load and {canonical(sets_left)} % of the sets."


def _swallowed(slot: PlannedSlot, track: Track, unit: Unit) -> Iterator[str]:
    """How far the next step of the equipment is, where the lever has moved and what is shown has not."""
    if track.lever is None or track.opened_lever is None or track.lever == track.opened_lever:
        return
    if slot.progression.scheme.lever != "load":
        yield f"That comes to {Load(track.lever, unit)}; the loads asked for round to what they were."
        return
    loading = slot.loading_for(track)
    shown = loading.round(track.lever)
    towards = 1 if track.lever > track.opened_lever else -1
    step = loading.stepped(shown, towards)
    side = "heavier" if towards > 0 else "lighter"
    exact = f"That comes to {Load(track.lever, unit)}, which rounds to what was asked before"
    if step is None:
        yield f"{exact}; your equipment has nothing {side}."
    else:
        yield f"{exact}; the next {side} load that your equipment has is {Load(abs(step - shown), unit)} away."


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def first_reason(slot: PlannedSlot, fold: Fold, track: Track) -> str:
    """What is said where no rule has fired yet."""
    name = slot.exercise.title
    if track.lever is None:
        return f"No load is known for {name} yet: choose one that fits, and go on from there."
    load = Load(track.lever, fold.state.shared.working_unit)
    if track.last_at is not None:
        return f"{name} goes on from {load}; no rule made anything of the sets logged."
    return f"{name} starts at {load}; no set has been logged since."
