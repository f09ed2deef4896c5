"""From a state to prescriptions: what to do next in each slot, as of a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import msgspec

from service.domain.equipment import Loading
from service.domain.errors import NotFound
from service.domain.exact import exact
from service.domain.instants import Instant, day_number, midnight, render
from service.domain.limits import MOST_REST_S, MOST_RIR
from service.domain.prescription import (
    PrescribedSet,
    Prescription,
    PrescriptionId,
    Range,
    ShownLoad,
    Status,
    UsedRuleSet,
)
from service.engine.prescribe.display import ShownPrescription, shown_prescription
from service.engine.prescribe.outcome import net_outcome
from service.engine.prescribe.reasons import Said, reasons
from service.engine.prescribe.round_due import round_due
from service.engine.prescribe.usual_exercises import usual_exercises
from service.engine.prescribe.warm_ups import WARM_UP, rest_after, warm_ups_left
from service.engine.reading.slot_sets import SlotSets
from service.engine.replay.bound_programme import ANY_DAY, DEFAULT_DAY, PlannedSlot
from service.engine.replay.fold import Fold
from service.engine.replay.one_off_load import with_load
from service.engine.replay.sessions import ends_at
from service.engine.replay.track import Track
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.suggestions import nearest

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Next:
    """A slot that is due, and the fold whose state it will be done from."""

    fold: Fold
    slot: PlannedSlot
    status: Status


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be done in a slot that is due: all that a lifter would notice, and cheaper than a whole prescription.

    ``track`` is the slot's at that time, ``raw`` the sets before rounding.
    """

    due: Next
    track: Track
    raw: list[RawSet]
    status: Status
    outcome: str
    sets: tuple[PrescribedSet, ...]


class Prescriber:
    """Answers what is due ``as_of`` a time. The fold is given to it, and changed by it.

    In an open session, a slot that has sets left is seen from the fold as it is, and any other slot from a duplicate in
    which the session is over.
    """

    def __init__(self, fold: Fold, as_of: Instant) -> None:
        self._fold = fold
        self._as_of = as_of
        session = fold.state.shared.session
        self._gap_ends = ends_at(session) if session.open else None
        self._newest_at = fold.state.shared.newest_at
        fold.let_session_end(as_of)
        fold.volume.asked_at = as_of
        self._next_at = fold.state.next_at
        self._after: Fold | None = None
        self._untouched: dict[tuple[bool, str], Track] = {}

    @exact
    def due(self, exercise: str) -> Next:
        """The slot of an exercise that is due next."""
        self._must_be_known(exercise)
        slots = self._fold.rules.slots_of(exercise)
        current = self._fold.slot_choice.due_today(slots) if self._open else None
        if current is not None:
            return Next(self._fold, current, "in_session")
        after = self._after_session
        return Next(after, min(after.rules.slots_of(exercise), key=self._days_until), "next_session")

    @exact
    def due_in(self, slot_id: str) -> Next:
        """The named slot: in the open session while it has sets left there, else in the session of its next day."""
        left = self.left_in(slot_id)
        return left or Next(self._after_session, self._after_session.rules.slot(slot_id), "next_session")

    @exact
    def left_in(self, slot_id: str) -> Next | None:
        """The named slot in the open session; None once it has no sets left there."""
        day, _, exercise = slot_id.partition("/")
        if day == DEFAULT_DAY:
            self._must_be_known(exercise)
        try:
            slot = self._fold.rules.slot(slot_id)
        except LookupError:
            meant = nearest(slot_id, self._fold.rules.every_slot_id())
            raise NotFound(f"this lifter has no slot {slot_id!r}", meant) from None
        is_left = self._open and self._fold.slot_choice.due_today([slot]) is not None
        return Next(self._fold, slot, "in_session") if is_left else None

    @exact
    def next_session(self, *, dormant: bool = False) -> list[Next]:
        """What is left of the open session; else all of the next.

        Without days: what was begun, else what is usual in the session to come; if ``dormant``, whatever was ever
        logged.
        """
        if self._open:
            today = self._fold.rules.slots_of_day()
            if not self._fold.rules.days:
                begun = self._fold.state.shared.session.slots
                today = tuple(slot for slot in today if slot.id in begun)
            left = [slot for slot in today if not self._fold.slot_choice.is_finished(slot)]
            if left:
                return [Next(self._fold, slot, "in_session") for slot in left]
        after = self._after_session
        slots = after.rules.slots_of_day()
        if not after.rules.days and not dormant:
            known = {slot.exercise.id: after.state.memory(slot.exercise.id).sessions for slot in slots}
            usual = usual_exercises(known) or known.keys()
            slots = tuple(slot for slot in slots if slot.exercise.id in usual)
        shared = after.state.shared
        slots = tuple(
            slot
            for slot in slots
            if not shared.is_skipped(slot.id)
            and round_due(slot, shared) == shared.rounds
            and (not slot.slot.is_rung or after.tracks.asks_for_sets(slot))
        )
        return [self.due_in(slot.id) for slot in slots]

    def every_slot(self) -> list[Next]:
        """Every slot of the lifter's programme and of every exercise outside it, each as it is due."""
        return [self.due_in(slot_id) for slot_id in self._fold.rules.every_slot_id()]

    def _must_be_known(self, exercise: str) -> None:
        if not self._fold.rules.knows(exercise):
            raise NotFound(f"neither the catalogue nor this lifter's log knows an exercise {exercise!r}")

    @property
    def _open(self) -> bool:
        return self._fold.state.shared.session.open

    @property
    def _after_session(self) -> Fold:
        if self._after is None:
            self._after = self._fold.duplicate() if self._open else self._fold
            self._after.look_past_session()
        return self._after

    def _days_until(self, slot: PlannedSlot) -> int:
        fold = self._after_session
        if slot.day == ANY_DAY:
            return 0
        shared, days = fold.state.shared, fold.rules.days
        return slot.day - shared.day + days * (round_due(slot, shared) - shared.rounds)

    def prescription(self, lifter: str, due: Next) -> tuple[Prescription, list[RawSet]]:
        """The prescription for a slot that is due, and its sets before rounding."""
        draft = self.draft(due)
        return self.written(lifter, draft), draft.raw

    @exact
    def shown(self, lifter: str, due: Next) -> ShownPrescription:
        """The prescription for a slot that is due, with all that a screen needs beside it."""
        draft = self.draft(due)
        fold, slot, track = draft.due.fold, draft.due.slot, draft.track
        said = _said(draft)
        written = self._written(lifter, draft, said)
        return shown_prescription(written, slot, slot.loading_for(track), draft.raw, fold.state.shared, said)

    @exact
    def draft(self, due: Next) -> Draft:
        """What is to be done in a slot that is due, and nothing of why."""
        fold, slot = due.fold, due.slot
        track = self._track_now(fold, slot)
        slot_sets = track.read.get(slot.id) or SlotSets()
        done = slot_sets.filled
        raw = list(fold.tracks.raw_sets(slot, track)[done:])
        outcome = net_outcome(fold, slot, track, done, raw)
        load = fold.tracks.one_off_load(slot)
        if load is not None:
            raw = list(with_load(fold.tracks.raw_sets(slot, track), load)[done:])
        if done == 0:
            raw = [*warm_ups_left(fold, slot, track, slot_sets, raw), *raw]
        sets = _prescribed_sets(slot, track, done, raw)
        if slot_sets.missing_side is not None and sets:
            sets = (msgspec.structs.replace(sets[0], side=slot_sets.missing_side), *sets[1:])
        return Draft(due, track, raw, due.status, outcome, sets)

    @exact
    def written(self, lifter: str, draft: Draft) -> Prescription:
        """The prescription that a draft of this prescriber comes to."""
        return self._written(lifter, draft, _said(draft))

    def _written(self, lifter: str, draft: Draft, said: Iterable[Said]) -> Prescription:
        fold, slot = draft.due.fold, draft.due.slot
        shared = fold.state.shared
        valid_from, valid_until = self._validity(shared.time_zone)
        used = UsedRuleSet(slot.rule_set.programme.id, slot.rule_set.digest)
        made = PrescriptionId(slot.id, shared.version, used.digest, shared.engine, valid_from)
        prescription_id = made.encode()
        return Prescription(
            prescription_id=prescription_id,
            lifter=lifter,
            exercise=slot.exercise.id,
            slot=slot.id,
            version=shared.version,
            as_of=render(self._as_of),
            valid_from=render(valid_from),
            valid_until=render(valid_until),
            status=draft.status,
            sets=draft.sets,
            outcome=draft.outcome,
            because=tuple(each.text for each in said),
            rule_set=used,
            log_head=shared.head.hex(),
            derivation=f"/v1/lifters/{lifter}/derivations/{prescription_id}",
            parked=shared.parked,
        )

    def _track_now(self, fold: Fold, slot: PlannedSlot) -> Track:
        """The slot's track after what time alone has caused: on a copy, for other slots may share the track."""
        shared = fold.state.shared
        fold.facts.programme_week = round_due(slot, shared) if fold is self._after else shared.rounds
        before = self._untouched.get((fold is self._after, slot.track))
        if before is None:
            before = fold.tracks.of(slot)
            if fold is self._after and fold is not self._fold:
                before = self._at_opening(slot) or before
            self._untouched[fold is self._after, slot.track] = before
        fold.state.tracks.put(slot.track, before.copy())
        track = fold.tracks.of(slot)  # another slot of the track may run schemes that are new to it
        session = fold.state.shared.session
        if not (session.open and track.session == session.number):
            fold.runner.run_by_time(self._as_of, slot, track)
        return track

    def _at_opening(self, slot: PlannedSlot) -> Track | None:
        """The slot's track as the open session found it, while any of today's slots of that track has sets left.

        Sets that are still to come decide what they make of it; so nothing is told that they would take back.
        """
        fold = self._fold
        track = fold.state.tracks.get(slot.track)
        if track is None or track.opening is None:
            return None
        begun = [fold.rules.slot(slot_id) for slot_id in fold.state.shared.session.slots]
        today = fold.rules.slots_of_day() if fold.rules.days else ()
        if all(fold.slot_choice.is_finished(each) for each in (*begun, *today) if each.track == slot.track):
            return None
        if fold.observer is not None and self._after is not None and self._after.observer is not None:
            self._after.observer.track_is_as_it_opened(slot)
        return track.opening

    def _validity(self, time_zone: str) -> tuple[Instant, Instant]:
        """Between which breakpoints the time asked about lies."""
        today = day_number(self._as_of, time_zone)
        passed = [midnight(today, time_zone)]
        ahead = [midnight(today + 1, time_zone)]
        if self._newest_at is not None:
            passed.append(self._newest_at)
        if self._gap_ends is not None:
            (passed if self._gap_ends <= self._as_of else ahead).append(self._gap_ends)
        if self._next_at is not None:
            ahead.append(self._next_at)
        return max(passed), min(ahead)


def _said(draft: Draft) -> tuple[Said, ...]:
    """Why a draft is as it is."""
    return tuple(reasons(draft.due.fold, draft.due.slot, draft.track, draft.outcome, draft.raw))


def _prescribed_sets(slot: PlannedSlot, track: Track, done: int, raw: list[RawSet]) -> tuple[PrescribedSet, ...]:
    """Sets as prescribed: work sets are numbered on from those done, warm-ups from 1."""
    loading = slot.loading_for(track)
    warm_ups = sum(1 for each in raw if each.kind == WARM_UP)
    numbers = [*range(1, warm_ups + 1), *range(done + 1, done + 1 + len(raw) - warm_ups)]
    first = raw[warm_ups].load if warm_ups < len(raw) else None
    return tuple(
        _prescribed_set(slot, loading, number, each, rest_after(_rest_of(slot, each), each, first))
        for number, each in zip(numbers, raw, strict=True)
    )


def _prescribed_set(slot: PlannedSlot, loading: Loading, index: int, raw: RawSet, rest_s: int | None) -> PrescribedSet:
    load = None
    if raw.load is not None:
        told = slot.counted.told(loading.round(raw.load))
        load = ShownLoad(told.value, told.unit)
    ranges = (_range(raw.reps), _range(raw.seconds), _range(_reserve_of(raw)))
    notes = "" if raw.noted is None else slot.progression.scheme.prescribe[raw.noted].notes
    return PrescribedSet(index, raw.kind, load, *ranges, rest_s, _range(raw.total), optional=raw.optional, notes=notes)


def _reserve_of(raw: RawSet) -> tuple[int | Decimal, int | Decimal] | None:
    """The reserve of a set: what its line says, the ends in order and no more than anybody can tell.

    A whole number is an int, whatever it was calculated as: a derivation renders decimals otherwise.
    """
    if raw.rir is None:
        return None
    ends = sorted(min(max(end, 0), MOST_RIR) for end in raw.rir)
    low, high = (int(end) if end == int(end) else end for end in ends)
    return low, high


def _rest_of(slot: PlannedSlot, raw: RawSet) -> int | None:
    """The rest after a set: what its line says, else the slot."""
    return slot.slot.rest_s if raw.rest_s is None else min(max(raw.rest_s, 0), MOST_REST_S)


def _range(ends: tuple[int | Decimal, int | Decimal] | None) -> Range | None:
    return None if ends is None else Range(*ends)
