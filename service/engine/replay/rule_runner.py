"""Running the rules of a trigger on a track, and those that time alone sets off. Part of the fold's hot path."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from service.domain.instants import Instant, day_number
from service.engine.replay.arbitration import Firing, apply, settle
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.observer import FoldObserver
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.bound_scheme import Result
from service.engine.ruleset.triggers import Trigger

_ZERO: Final = Decimal(0)
_ALL: Final = Decimal(100)


class RuleRunner:
    """Runs rules; ``version`` is that of the event being folded."""

    __slots__ = ("_facts", "_observer", "_shared", "_tracks", "_volume", "version")

    def __init__(self, tracks: Tracks, volume: MuscleVolume, observer: FoldObserver | None) -> None:
        self.version = 0
        self._tracks = tracks
        self._facts = tracks.facts
        self._shared = tracks.state.shared
        self._volume = volume
        self._observer = observer

    def run(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules of a trigger on a track: the first match of each scheme, then arbitration."""
        observer = self._observer
        if observer is None and (not steps or (len(steps) == 1 and not track.deloaded)):
            # Nothing to arbitrate: the usual case.
            for planned in steps:
                result = self._result(planned, track)
                if result is not None:
                    apply(planned, result, track, trigger, self.version, track.lever)
            return
        if observer is not None:
            observer.rules_begin(trigger, steps, track)
        fired = []
        for planned in steps:
            result = self._result(planned, track)
            if result is not None:
                fired.append((planned, result))
        lost = settle(fired, track, trigger, self.version)
        if observer is not None:
            observer.rules_ended(trigger, fired, lost, track)

    def run_raising(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules of a trigger as `run` does, but let only those do anything that raise the lever."""
        observer = self._observer
        if observer is not None:
            observer.rules_begin(trigger, steps, track)
        fired: list[Firing] = []
        idle: list[Firing] = []
        before = track.lever
        for planned in steps:
            result = self._result(planned, track)
            if result is not None:
                (fired if before is not None and result[1] > before else idle).append((planned, result))
        lost = settle(fired, track, trigger, self.version) if fired else frozenset[int]()
        if observer is not None:
            without_effect = range(len(fired), len(fired) + len(idle))
            observer.rules_ended(trigger, [*fired, *idle], lost | frozenset(without_effect), track)

    def _result(self, planned: PlannedStep, track: Track) -> Result | None:
        """What the first match of a scheme's rules says; None: none matches.

        A load rises no further than the equipment does: what nobody can load is no progress, and a deload would have
        to take it off again before it took anything off what is lifted.
        """
        result = planned.step(self._facts, track, track.own[planned.scheme])
        before = track.lever
        if result is None or before is None or result[1] <= before or not planned.moves_load:
            return result
        heaviest = self._facts.slot.loading_for(track).heaviest
        if heaviest is None or result[1] <= heaviest:
            return result
        rule, _, values, reasons = result
        return rule, max(before, heaviest), values, reasons

    def run_by_time(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Run what the time since a track was last performed sets off, before a session at ``at``."""
        if self._observer is not None:
            self._observer.time_begins(slot)
        track.adjusted = None
        self._volume.asked_at = at
        if not slot.by_time or track.lever is None:
            return
        before = track.lever
        facts = self._facts
        self._look_at_time(at, slot, track)
        if slot.after_week and facts.weeks_since > 0:
            self.run(Trigger.AFTER_WEEK, slot.after_week, track)
        if slot.before_prescription and track.last_at is not None:
            self.run(Trigger.BEFORE_PRESCRIPTION, slot.before_prescription, track)
        for bound in slot.adjusting:
            left = bound.adjusts(facts, track, track.own[bound.scheme.id])
            if left is not None:
                load_left, sets_left = left
                # What time has cut already is not cut again: a light session after time away is one of the two.
                if before > track.lever > _ZERO:
                    load_left = min(load_left * before / track.lever, _ALL)
                track.adjusted = bound.scheme.id, load_left, sets_left
                return

    def is_changed_by_time(self, at: Instant, slot: PlannedSlot, track: Track) -> bool:
        """Whether `run_by_time` would change a track that no deload adjusts; it seldom would."""
        self._volume.asked_at = at
        if not slot.by_time or track.lever is None:
            return False
        facts = self._facts
        self._look_at_time(at, slot, track)
        rules = slot.before_prescription if track.last_at is not None else ()
        if slot.after_week and facts.weeks_since > 0:
            rules = (*slot.after_week, *rules)
        for planned in rules:
            if planned.step(facts, track, track.own[planned.scheme]) is not None:
                return True
        return any(bound.adjusts(facts, track, track.own[bound.scheme.id]) for bound in slot.adjusting)

    def _look_at_time(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Let facts be those of a slot at a time, and of the time since its track was last performed."""
        facts, zone = self._facts, self._shared.time_zone
        self._tracks.look_at(slot)
        facts.today = facts.last_day = day_number(at, zone)
        facts.last_at = 0
        if track.last_at is not None:
            facts.last_at, facts.last_day = track.last_at, day_number(track.last_at, zone)
        facts.since_day = track.rests_since(facts.last_day, zone)
