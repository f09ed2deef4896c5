"""What is told is what is done: what a prescription says, held against what it asks for.

`Judge` reads a course of training and names what is false in it. It shares nothing with what the engine tells by: that
an outcome is right is seen from the sets, asked for once with the lever as it is and once with the lever before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Final, NamedTuple, TypeAlias

import msgspec

from service.domain.exact import exact
from service.domain.loads import canonical
from service.engine.prescribe.warm_ups import WARM_UP
from service.engine.replay.bound_programme import PlannedSlot
from service.engine.replay.track import Reason
from service.engine.ruleset.triggers import Trigger
from tests.laws.courses import Asked

Loads: TypeAlias = list[Decimal | None]

_NOTED: Final = frozenset({"hold", "advance", "reset"})
_AMOUNT: Final = r"(-?[\d.]+) (?:kg|lb)"
_ADDED: Final = re.compile(rf"\badd {_AMOUNT}(?! to the )|\b{_AMOUNT} more than\b")
_TAKEN: Final = re.compile(rf"\btake {_AMOUNT} off(?! the )")
_ADDED_TO_LEVER: Final = re.compile(rf"\badd {_AMOUNT} to the ")
_TAKEN_OFF_LEVER: Final = re.compile(rf"\btake {_AMOUNT} off the ")
_SHARE: Final = re.compile(r"\btake [\d.]+ % off\b|\bwith [\d.]+ % off\b|[\d.]+ % on the ")
_NOTHING: Final = re.compile(r"\b(?:add|take) 0(?:\.0+)? (?:kg|lb|%)|\b0(?:\.0+)? (?:kg|lb) (?:more|less)\b|\bAll 1 ")
_AT: Final = re.compile(rf"\bat {_AMOUNT}")
_NAMED: Final = re.compile(rf"(?<!max of )(?<!max )\b(?:at|from|to|off|over|than|of) {_AMOUNT}")
NOTHING_HEAVIER: Final = re.compile(r"\bnothing heavier\b|\bno heavier\b")


class Breach(NamedTuple):
    """Something false: in which slot, of what kind, and an example."""

    slot: str
    kind: str
    example: str


@dataclass(slots=True)
class _Place:
    """What has been asked for, again and again, at one place of the plan."""

    shown: tuple[object, ...]
    raw: Decimal
    times: int = 1
    earned: int = 0
    """Raises earned by the track in all until then."""
    increase: Decimal | None = None
    """The least by which it rose before rounding."""
    cut: int = 0
    """The session in which a deload last took something off the track until then."""


@dataclass(slots=True)
class Judge:
    """Judges what one lifter is asked for; ``best``: they do all that is asked for, and more where it is open."""

    best: bool
    _places: dict[tuple[str, int], _Place] = field(default_factory=dict)
    _earned: dict[str, int] = field(default_factory=dict)
    _cut: dict[str, int] = field(default_factory=dict)

    @exact
    def breaches(self, asked: Asked) -> list[Breach]:
        """What is false in a prescription."""
        if _deloaded(asked):
            self._cut[asked.slot.track] = asked.session
        if asked.opening:
            found = [*self._outcome(asked), *self._standing(asked)]
        else:
            self._count(asked)
            found = [*self._outcome(asked), *_amounts(asked), *_names(asked)]
        return [Breach(asked.slot.id, kind, self._example(asked, said)) for kind, said in found]

    @staticmethod
    def _example(asked: Asked, said: str) -> str:
        reasons = " ".join(asked.written.because)
        loads = ", ".join("-" if each is None else canonical(each) for each in _shown(asked))
        return f"session {asked.session}: {said}; asks {loads} ({asked.written.outcome}): {reasons}"

    # Outcomes

    def _outcome(self, asked: Asked) -> Iterator[tuple[str, str]]:
        """Whether the outcome is what the sets say."""
        told = asked.written.outcome
        track = asked.draft.track
        if track.last_at is None or track.lever is None or asked.before is None:
            return
        now, then = _shown(asked), _shown_before(asked, asked.before)
        signs = {_sign(one, other) for one, other in zip(now, then, strict=False)} - {0}
        if len(signs) > 1:
            return
        deloaded = track.adjusted is not None or _deloaded(asked)
        right = {1: {"raise"}, -1: {"lower", "deload"} if deloaded else {"lower"}}.get(sum(signs), _NOTED)
        if track.adjusted is not None:  # fewer sets are less, too
            right = right | {"deload"}
        if told not in right:
            was = ", ".join("-" if each is None else canonical(each) for each in then)
            yield f"told {told}, is {'/'.join(sorted(right))}", f"with the lever before {was}"
        if self.best and told in ("lower", "deload") and track.adjusted is None:
            yield "lowered although all was done", told

    # Standing still

    def _count(self, asked: Asked) -> None:
        """Count the raises that a track has earned, once a session."""
        if _earned(asked):
            self._earned[asked.slot.track] = asked.session

    def _standing(self, asked: Asked) -> Iterator[tuple[str, str]]:
        """Whether the same is asked for at one place of the plan for longer than the steps of the equipment explain."""
        raw = max(
            (each.load for each in asked.draft.raw if each.load is not None and each.kind != WARM_UP), default=None
        )
        if raw is None or asked.draft.track.adjusted is not None:
            return
        key = asked.slot.id, asked.draft.due.fold.facts.programme_week % max(asked.slot.rule_set.programme.weeks, 1)
        shown = tuple((each.kind, each.load, each.reps, each.seconds) for each in asked.work)
        earned = self._earned.get(asked.slot.track, 0)
        cut = self._cut.get(asked.slot.track, 0)
        known = self._places.get(key)
        # What was added since may have been lowered, or taken back by a deload.
        if known is None or known.shown != shown or raw < known.raw or cut != known.cut:
            self._places[key] = _Place(shown, raw, earned=earned, cut=cut)
            return
        if earned == known.earned:
            return
        known.earned = earned
        known.times += 1
        if raw > known.raw:
            risen = raw - known.raw
            known.increase = risen if known.increase is None else min(known.increase, risen)
            known.raw = raw
        load = asked.loading.round(raw)
        above = asked.loading.stepped(load, 1)
        if above is None:
            if _earned(asked) and not NOTHING_HEAVIER.search(" ".join(asked.written.because)):
                yield "nothing heavier, unsaid", f"asked {known.times} times"
            return
        increase = known.increase or _usual(asked.slot)
        most = int((_wide(asked, load, above) / increase).to_integral_value(ROUND_CEILING)) + 1
        if known.times > most:
            yield "stands still", f"asked {known.times} times, at most {most}; next load {canonical(above)}"


def _earned(asked: Asked) -> bool:
    """Whether the last session of a slot's track earned a raise."""
    return any(_outcome_of(asked, reason) == "raise" for reason in asked.draft.track.reasons)


def _wide(asked: Asked, load: Decimal, above: Decimal) -> Decimal:
    """Between how far apart loads round to this one: by the step to the next, or more where the step to it was larger.

    Of loads 115, 135 and 145 all from 125 to 140 come to the middle one: 15, though the next is 10 away.
    """
    below = asked.loading.stepped(load, -1)
    return above - load if below is None else max(above - load, (above - below) / 2)


def _usual(slot: PlannedSlot) -> Decimal:
    """The increase of a slot that has shown none yet: its parameter, else the catalogue's, else a small one."""
    constants = slot.progression.constants
    own = constants.get("increase") or constants.get("exercise.increase")
    return own if isinstance(own, Decimal) and own > 0 else Decimal(1)


def _sign(one: Decimal | None, other: Decimal | None) -> int:
    return 0 if one is None or other is None else (one > other) - (one < other)


def _shown(asked: Asked) -> Loads:
    return [None if each.load is None else each.load.value for each in asked.work]


def _shown_before(asked: Asked, lever: Decimal) -> Loads:
    """The loads that the slot would ask for with the lever before, and with no light session either."""
    track = msgspec.structs.replace(asked.draft.track, lever=lever, adjusted=None)
    tracks, slot = asked.draft.due.fold.tracks, asked.slot
    sets = tracks.raw_sets(slot, track)[: len(asked.work)]
    return [None if raw.load is None else asked.loading.round(raw.load) for raw in sets]


def _role(asked: Asked, reason: Reason) -> str:
    schemes = asked.slot.rule_set.schemes
    return schemes[reason.scheme].role if reason.scheme in schemes else ""


def _deloaded(asked: Asked) -> bool:
    """Whether a deload has taken something off since the last session."""
    return any(reason.applied and _role(asked, reason) == "deload" for reason in asked.draft.track.reasons)


def _outcome_of(asked: Asked, reason: Reason) -> str:
    schemes = asked.slot.rule_set.schemes
    if reason.scheme not in schemes:
        return ""
    return schemes[reason.scheme].rules[Trigger(reason.trigger)][reason.rule].outcome


# Sentences


def _amounts(asked: Asked) -> Iterator[tuple[str, str]]:
    """Whether the amounts said are the differences made."""
    track = asked.draft.track
    applied = [text for text in asked.written.because if not text.startswith("Overruled: ")]
    for text in applied:
        if _NOTHING.search(text):
            yield "nothing, as an amount", text
    if track.lever is None or asked.before is None or track.last_at is None or track.adjusted is not None:
        return
    if any(map(_SHARE.search, applied)):
        return
    if added := _sum(_ADDED, applied) - _sum(_TAKEN, applied):
        now, then = _shown(asked), _shown_before(asked, asked.before)
        made = {one - other for one, other in zip(now, then, strict=False) if one is not None and other is not None}
        if made and added not in made:
            yield "another amount than was made", f"said {canonical(added)}, made {sorted(map(canonical, made))}"
    if added := _sum(_ADDED_TO_LEVER, applied) - _sum(_TAKEN_OFF_LEVER, applied):
        made = {track.lever - asked.before}
        if added not in made:
            yield (
                "another amount than was made",
                f"said {canonical(added)}, the max moved by {sorted(map(canonical, made))}",
            )


def _sum(pattern: re.Pattern[str], texts: list[str]) -> Decimal:
    found = (match for text in texts for match in pattern.finditer(text))
    return sum((Decimal(next(each for each in match.groups() if each)) for match in found), Decimal(0))


def _names(asked: Asked) -> Iterator[tuple[str, str]]:
    """Whether the loads that a sentence names were lifted or can be."""
    track = asked.draft.track
    # In a lighter session its own sets are lighter than those before it, of which its reasons tell.
    performed = asked.performed if track.adjusted is None else ()
    for text in asked.written.because:
        if track.last_at is not None and "no set has been logged" in text:
            yield "sets were logged", text
        if "training max" in text or "working max" in text:
            continue
        for load in map(Decimal, _AT.findall(text)):
            if performed and load not in performed and track.last_at is not None:
                yield "names a load that was not lifted", text
        if "rounds to" in text:  # says what is made of a load that nobody can load
            continue
        for load in map(Decimal, _NAMED.findall(text)):
            if asked.loading.round(load) != load:
                yield "names a load that nobody can load", text
