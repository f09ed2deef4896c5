"""What becomes of the rules that fired at one trigger: which may move the lever, and applying them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from service.engine.replay.bound_programme import PlannedStep
from service.engine.replay.track import Reason, Track
from service.engine.ruleset.bound_scheme import Result
from service.engine.ruleset.triggers import Role, Trigger

MOST_REASONS: Final = 100
"""A session of more sets than anyone does keeps its newest reasons, so that a state stays small."""

_NOTED: Final = frozenset({"advance", "reset"})


class Move(NamedTuple):
    """What a fired rule would make of the lever."""

    role: Role
    lever: Decimal


Firing: TypeAlias = tuple[PlannedStep, Result]
"""A scheme's rules for a trigger, and what its first match said."""


def losers(before: Decimal, *, deloaded: bool, moves: Sequence[Move]) -> frozenset[int]:
    """The places in ``moves`` of those that must apply nothing.

    Compared by number with the lever before the trigger: a cut beats a raise, the largest cut wins, the earlier of two
    equal ones. A deload that follows a deload without a session of the track between them loses always; a
    progression's own cut is never held back. Rules that do not move the lever lose never.
    """
    moving = [place for place, move in enumerate(moves) if move.lever != before]
    held_back = frozenset(place for place in moving if deloaded and moves[place].role == "deload")
    contenders = [place for place in moving if place not in held_back]
    if not contenders:
        return held_back
    winner = min(contenders, key=lambda place: moves[place].lever)
    return held_back | (frozenset(contenders) - {winner})


def settle(fired: Sequence[Firing], track: Track, trigger: Trigger, version: int) -> frozenset[int]:
    """Apply what may be applied of the rules that fired on a track; answer the places of those that lost."""
    before = track.lever
    if before is None:
        raise ValueError("rules do not run before the track has a lever")
    moves = [Move(planned.role, result[1]) for planned, result in fired]
    lost = losers(before, deloaded=track.deloaded, moves=moves)
    for place, (planned, result) in enumerate(fired):
        if place in lost:
            rule, _, _, reasons = result
            track.reasons.append(Reason(version, planned.scheme, trigger, rule, reasons, applied=False))
            del track.reasons[:-MOST_REASONS]
        else:
            apply(planned, result, track, trigger, version, before)
    return lost


def _cut_alike(planned: PlannedStep, track: Track, before: Decimal | None, lever: Decimal) -> None:
    """Let a deload reach every load that the progression keeps beside its lever, in the same proportion."""
    kept = track.own.get(planned.progression)
    if kept is None or not planned.loads_kept or not before or lever * before < 0:
        return
    track.own[planned.progression] = tuple(
        value * lever / before if place in planned.loads_kept and isinstance(value, Decimal) else value
        for place, value in enumerate(kept)
    )


def apply(
    planned: PlannedStep, result: Result, track: Track, trigger: Trigger, version: int, before: Decimal | None
) -> None:
    """Do what a rule says that fired and lost to no other; ``before`` is the lever that it saw."""
    rule, lever, values, reasons = result
    scheme, kept = planned.scheme, track.reasons
    kept.append(Reason(version, scheme, trigger, rule, reasons))
    if len(kept) > MOST_REASONS:
        del kept[0]
    if values is not None:
        track.own[scheme] = values
    if lever != before:
        track.move(lever)
        if before is not None and lever > before and planned.outcomes[rule] == "reset" and track.outcome != "deload":
            track.outcome = "reset"  # heavier, but nothing was earned by it
        if planned.role == "deload":
            track.deloaded = True
            track.outcome = "deload"
            track.cut_from = before if track.cut_from is None or before is None else max(before, track.cut_from)
            _cut_alike(planned, track, before, lever)
    elif planned.outcomes[rule] in _NOTED and track.outcome != "deload":  # whatever comes after it in the session
        track.outcome = planned.outcomes[rule]
