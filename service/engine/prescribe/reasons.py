"""The reasons of a prescription: of every rule that fired, in order, its sentence, its code and its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from service.domain.loads import Load, Unit, canonical, convert
from service.engine.language.because import render_because
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.fold import BASELINE, Fold
from service.engine.replay.track import Reason, Track
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.types import in_words

_ALL: Final = 100
_TENTH: Final = Decimal("0.1")


OVERRIDDEN: Final = "For this session alone the load is "
"""What the reason of a slot that is overridden begins with."""


class Said(NamedTuple):
    """A reason: its English sentence, and what an app needs to say it in another language.

    ``code`` is ``<scheme>/<rule>`` of a rule that fired; what Spotter itself has to say is ``spotter/...``. ``values``
    are those in the sentence: each with the name that the rule file gives it, and its type.
    """

    code: str
    text: str
    values: tuple[tuple[str, str, Any], ...] = ()
    unit: Unit | None = None
    """Of the loads among the values; None where there are none."""
    overruled: bool = False


def reasons(fold: Fold, slot: PlannedSlot, track: Track, outcome: str, raw: Iterable[RawSet]) -> Iterator[Said]:
    """Every fired rule's reason since the track's last session was asked, in order; then what became of them.

    That is what a deload leaves of the session, and what rounding made of a lever that moved. ``raw`` are the sets
    asked for, before rounding. There is always one: where no rule has fired yet, where the slot stands.
    """
    none_fired = True
    for said in _fired(fold, slot, track, outcome, raw):
        none_fired = False
        yield said
    if none_fired:
        yield _where_it_stands(slot, track)
    once = fold.state.shared.once.get(slot.id)
    if once is not None and once.load is not None:
        yield _overridden(slot, once.load, once.reason)
    if slot.counted.uncounted and track.lever is not None:
        load = _told(slot, slot.counted.uncounted)
        text = f"These loads include {in_words(load, 'load', slot.counted.unit)} that you do not count."
        yield Said("spotter/uncounted", text, (("uncounted", "load", load),), slot.counted.unit)


def _fired(fold: Fold, slot: PlannedSlot, track: Track, outcome: str, raw: Iterable[RawSet]) -> Iterator[Said]:
    for reason in track.reasons:
        noted_in = reason.unit or slot.counted.working
        if reason.scheme == BASELINE:
            said_in = _said_in(slot, noted_in)
            lever = _told(slot, _decimal(reason.values[0]), noted_in)
            text = f"The baseline was set anew: go on from {in_words(lever, 'load', said_in)}."
            yield Said("spotter/baseline", text, (("load", "load", lever),), said_in)
            continue
        rule_set = slot.rule_set if reason.digest is None else fold.plans.rule_set(reason.digest)
        yield _rule_fired(rule_set.schemes[reason.scheme], reason, noted_in, _said_in(slot, noted_in))
    if track.adjusted is not None:
        yield _adjusted(slot, track.adjusted)
    elif outcome in ("hold", "advance", "reset") and fold.tracks.one_off_load(slot) is None:
        yield from _swallowed(slot, track, raw)


def _rule_fired(scheme: Scheme, reason: Reason, noted_in: Unit, said_in: Unit) -> Said:
    """What a rule said when it fired, and whether another one was stronger."""
    rule = scheme.rules[Trigger(reason.trigger)][reason.rule]
    expressions = rule.because.expressions
    told = [
        convert(_decimal(value), noted_in, said_in) if each.type == "load" and value is not None else value
        for each, value in zip(expressions, reason.values, strict=True)
    ]
    text = render_because(scheme, reason.trigger, reason.rule, told, said_in)
    values = {each.text: (each.text, each.type, value) for each, value in zip(expressions, told, strict=True)}
    said = Said(f"{scheme.id}/{rule.name}", text, tuple(values.values()), said_in)
    return said if reason.applied else said._replace(text=f"Overruled: {text}", overruled=True)


def _adjusted(slot: PlannedSlot, adjusted: tuple[str, Decimal, Decimal]) -> Said:
    """What a deload leaves of the session."""
    scheme, load_left, sets_left = adjusted
    values = (("load", "percent", load_left), ("sets", "percent", sets_left))
    title = slot.schemes[scheme].scheme.title
    if min(load_left, sets_left) >= _ALL:
        return Said(f"{scheme}/adjust", f"{title}: all of it, but nothing is raised for it.", values)
    left = f"{canonical(load_left.quantize(_TENTH))} % of the load and {canonical(sets_left)} % of the sets"
    return Said(f"{scheme}/adjust", f"{title}: {left}.", values)


def _overridden(slot: PlannedSlot, load: Load, reason: str | None) -> Said:
    """What load is asked once in place of that of the rules, and why."""
    told = slot.counted.told(slot.counted.whole(load))
    text = f"{OVERRIDDEN}{in_words(told.value, 'load', told.unit)}; the rules go on without it"
    why = "" if reason is None else f": {reason}"
    values = (("load", "load", told.value), *((("reason", "text", reason),) if reason else ()))
    return Said("spotter/overridden", f"{text}{why}.", values, told.unit)


def _swallowed(slot: PlannedSlot, track: Track, raw: Iterable[RawSet]) -> Iterator[Said]:
    """How far the equipment's next step is, where a raise was due or the lever moved, and what is shown did not."""
    top = max((each.load for each in raw if each.load is not None), default=None)
    before = track.lever_before
    if top is None or track.lever is None or before is None:
        return
    # Who earned a raise is told of what is heavier, though a deload took off more than it gave.
    due = _earned_raise(slot, track)
    towards = 1 if due or track.lever > before else -1
    loading = slot.loading_for(track)
    shown = loading.round(top)
    step = loading.stepped(shown, towards)
    side = "heavier" if towards > 0 else "lighter"
    if track.lever == before:
        if due and step is None:
            yield Said("spotter/nothing-heavier", "Your equipment has nothing heavier.")
        return
    comes_to = "That" if top == track.lever else "The heaviest set"
    unit = slot.counted.unit
    exact = f"{comes_to} comes to {in_words(_told(slot, top), 'load', unit)}, which rounds to what was asked before"
    values = (("raw", "load", _told(slot, top)), ("load", "load", _told(slot, shown)))
    if step is None:
        yield Said(f"spotter/nothing-{side}", f"{exact}; your equipment has nothing {side}.", values, unit)
        return
    away = in_words(_told(slot, abs(step - shown)), "load", unit)
    text = f"{exact}; the next {side} load that your equipment has is {away} away."
    yield Said(f"spotter/next-{side}", text, (*values, ("next", "load", _told(slot, step))), unit)


def _earned_raise(slot: PlannedSlot, track: Track) -> bool:
    """Whether a raise of the rules that the slot has now was applied."""
    schemes = slot.rule_set.schemes
    return any(
        schemes[each.scheme].rules[Trigger(each.trigger)][each.rule].outcome == "raise"
        for each in track.reasons
        if each.applied and each.digest is None and each.scheme in schemes
    )


def _said_in(slot: PlannedSlot, noted_in: Unit) -> Unit:
    """What loads that were noted in a unit are said in: as they were noted, or as the exercise is loaded."""
    return noted_in if slot.counted.unit == slot.counted.working else slot.counted.unit


def _told(slot: PlannedSlot, load: Decimal, noted_in: Unit | None = None) -> Decimal:
    """A load, or a difference of loads, noted in the working unit or another, in what it is said in."""
    unit = noted_in or slot.counted.working
    return convert(load, unit, _said_in(slot, unit))


def _decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value)


def _where_it_stands(slot: PlannedSlot, track: Track) -> Said:
    """What is said where no rule has fired yet."""
    name, unit = slot.exercise.title, slot.counted.unit
    if track.lever is None:
        return Said(
            "spotter/no-load-known", f"No load is known for {name} yet: choose one that fits, and go on from there."
        )
    lever, kind = _told(slot, track.lever), slot.progression.scheme.lever
    shown = in_words(lever, "load", unit)
    load = shown if kind == "load" else f"a {kind.replace('_', ' ')} of {shown}"
    values = ((kind, "load", lever),)
    if track.last_at is not None:
        text = f"{name} goes on from {load}; no rule made anything of the sets logged."
        return Said("spotter/goes-on", text, values, unit)
    return Said("spotter/starts", f"{name} starts at {load}; no set has been logged since.", values, unit)
