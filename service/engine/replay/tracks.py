"""A lifter's tracks: where a new one starts, which there are, and what a slot asks for as its track stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.engine.replay.bound_programme import PlannedSlot, count_sets
from service.engine.replay.fact_values import Facts
from service.engine.replay.lifter_rules import LifterRules
from service.engine.replay.state import LifterState, Track, Value
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.types import Type

_ONE: Final = Decimal(1)

_KEPT_AS: Final[dict[Type, type]] = {"bool": bool, "int": int, "range": tuple}
"""What the values of a scheme's state are; those of all other types are decimals."""


class Tracks:
    """The tracks of a state under a lifter's ``rules``; what runs on a track reads ``facts`` beside it."""

    __slots__ = ("facts", "rules", "state")

    def __init__(self, state: LifterState, rules: LifterRules, facts: Facts) -> None:
        self.state = state
        self.rules = rules
        self.facts = facts

    def of(self, slot: PlannedSlot) -> Track:
        """The track that a slot feeds, with a state for each of its schemes.

        A new one starts from the baseline, else from the exercise's last lever.
        """
        track = self.state.tracks.get(slot.track)
        if track is None:
            track = self.state.tracks.put(slot.track, Track(slot.exercise.id))
            lever = self.lever_from_baseline(slot, track)
            track.lever = self.state.memory(slot.exercise.id).lever if lever is None else lever
        self.look_at(slot)
        for scheme, bound in slot.schemes.items():
            if scheme not in track.own:
                track.own[scheme] = bound.initial(self.facts, track)
        return track

    def existing(self) -> list[tuple[PlannedSlot, Track]]:
        """Every track that exists under the present rules, with a slot that feeds it."""
        by_track = {slot.track: slot for slot in map(self.rules.slot, reversed(self.rules.every_slot_id()))}
        known = ((by_track[key], self.state.tracks.get(key)) for key in sorted(by_track))
        return [(slot, track) for slot, track in known if track is not None]

    def lever_from_baseline(self, slot: PlannedSlot, track: Track) -> Decimal | None:
        """Where the newest baseline of the exercise starts the slot's track; None without one."""
        self.look_at(slot)
        return slot.progression.initial_lever(self.facts, track)

    def look_at(self, slot: PlannedSlot) -> None:
        """Make the facts that any rule may read those of a slot and its exercise."""
        facts = self.facts
        facts.slot = slot
        facts.memory = self.state.memory(slot.exercise.id)
        facts.body_weight = self.state.shared.body_weight

    def raw_set(self, slot: PlannedSlot, track: Track, number: int) -> RawSet | None:
        """The slot's set ``number`` (from 0) before rounding, None after the last; without a lever, without a load."""
        own = track.own[slot.progression_id]
        self.look_at(slot)
        if track.lever is not None:
            raw = slot.prescribed(self.facts, track, own, number)
            return None if raw is None else RawSet(*raw)
        raw = slot.prescribed(self.facts, Track(track.exercise, lever=_ONE), own, number)
        return None if raw is None else RawSet(*raw)._replace(load=None)

    def count_sets(self, slot: PlannedSlot, track: Track) -> int:
        """How many work sets a slot asks for in a session, as the track stands."""
        self.look_at(slot)
        return count_sets(slot.prescribed, self.facts, track, track.own[slot.progression_id])


def is_state_of(scheme: Scheme, values: tuple[Value, ...]) -> bool:
    """Whether a scheme can go on from the values that a scheme of its name has kept, perhaps in another version."""
    kinds = [_KEPT_AS.get(variable.type, Decimal) for variable in scheme.state]
    return [type(value) for value in values] == kinds
