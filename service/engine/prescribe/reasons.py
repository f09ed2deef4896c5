"""The reasons of a prescription: the sentence of every rule that fired, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from service.domain.loads import Unit, canonical, convert
from service.engine.language.because import render_because
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import BASELINE, Fold
from service.engine.replay.state import Track
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import in_words

_ALL: Final = 100
_TENTH: Final = Decimal("0.1")


def reasons(fold: Fold, slot: PlannedSlot, track: Track, outcome: str, raw: Iterable[RawSet]) -> tuple[str, ...]:
    """Every fired rule's reason since the track's last performed session opened, in order; then what became of them.

    That is what a deload leaves of the session, and what rounding made of a lever that moved. ``raw`` are the sets
    asked for, before rounding. There is always one.
    """
    said = tuple(_of_rules(fold, slot, track))
    if track.adjusted is not None:
        said += (_adjusted(slot, track.adjusted),)
    elif outcome in ("hold", "advance", "reset"):
        said += tuple(_swallowed(slot, track, raw))
    said = said or (_first_reason(slot, track),)
    if slot.counted.uncounted and track.lever is not None:
        said += (f"These loads include {_load(slot, slot.counted.uncounted)} that you do not count.",)
    return said


def _of_rules(fold: Fold, slot: PlannedSlot, track: Track) -> Iterator[str]:
    """The sentence of every rule that fired, in order."""
    for reason in track.reasons:
        unit = reason.unit or slot.counted.working
        if reason.scheme == BASELINE:
            (lever,) = reason.values
            yield f"The baseline was set anew: go on from {_load(slot, _decimal(lever), unit)}."
            continue
        rule_set = slot.rule_set if reason.digest is None else fold.plans.rule_set(reason.digest)
        scheme = rule_set.schemes[reason.scheme]
        text = render_because(scheme, reason.trigger, reason.rule, reason.values, unit, _said_in(slot, unit))
        yield text if reason.applied else f"Overruled: {text}"


def _adjusted(slot: PlannedSlot, adjusted: tuple[str, Decimal, Decimal]) -> str:
    """What a deload leaves of the session."""
    scheme, load_left, sets_left = adjusted
    title = slot.schemes[scheme].scheme.title
    if min(load_left, sets_left) >= _ALL:
        return f"{title}: all of it, but nothing is raised for it."
    return f"{title}: {canonical(load_left.quantize(_TENTH))} % of the load and {canonical(sets_left)} % of the sets."


def _swallowed(slot: PlannedSlot, track: Track, raw: Iterable[RawSet]) -> Iterator[str]:
    """How far the equipment's next step is, where a raise was due or the lever moved, and what is shown did not."""
    top = max((each.load for each in raw if each.load is not None), default=None)
    if top is None or track.lever is None or track.opened_lever is None:
        return
    # Who earned a raise is told of what is heavier, though a deload took off more than it gave.
    due = _earned_raise(slot, track)
    towards = 1 if due or track.lever > track.opened_lever else -1
    loading = slot.loading_for(track)
    shown = loading.round(top)
    step = loading.stepped(shown, towards)
    if track.lever == track.opened_lever:
        if due and step is None:
            yield "Your equipment has nothing heavier."
        return
    side = "heavier" if towards > 0 else "lighter"
    comes_to = "That" if top == track.lever else "The heaviest set"
    exact = f"{comes_to} comes to {_load(slot, top)}, which rounds to what was asked before"
    if step is None:
        yield f"{exact}; your equipment has nothing {side}."
    else:
        yield f"{exact}; the next {side} load that your equipment has is {_load(slot, abs(step - shown))} away."


def _earned_raise(slot: PlannedSlot, track: Track) -> bool:
    """Whether a raise of the rules that the slot has now was applied."""
    schemes = slot.rule_set.schemes
    return any(
        schemes[each.scheme].rules[Trigger(each.trigger)][each.rule].outcome == "raise"
        for each in track.reasons
        if each.applied and each.digest is None and each.scheme in schemes
    )


def _said_in(slot: PlannedSlot, unit: Unit) -> Unit:
    """What loads that were noted in a unit are said in: as they were noted, or as the exercise is loaded."""
    return unit if slot.counted.unit == slot.counted.working else slot.counted.unit


def _load(slot: PlannedSlot, load: Decimal, unit: Unit | None = None) -> str:
    """A load for a person, or a difference of loads, noted in the working unit or another."""
    noted_in = unit or slot.counted.working
    said_in = _said_in(slot, noted_in)
    return in_words(convert(load, noted_in, said_in), "load", said_in)


def _lever(slot: PlannedSlot, lever: Decimal) -> str:
    """A lever for a person; one that nobody loads says what it is."""
    shown, kind = _load(slot, lever), slot.progression.scheme.lever
    return shown if kind == "load" else f"a {kind.replace('_', ' ')} of {shown}"


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def _first_reason(slot: PlannedSlot, track: Track) -> str:
    """What is said where no rule has fired yet."""
    name = slot.exercise.title
    if track.lever is None:
        return f"No load is known for {name} yet: choose one that fits, and go on from there."
    load = _lever(slot, track.lever)
    if track.last_at is not None:
        return f"{name} goes on from {load}; no rule made anything of the sets logged."
    return f"{name} starts at {load}; no set has been logged since."
