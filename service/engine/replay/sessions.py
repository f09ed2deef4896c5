"""When a session begins and ends, and what happens at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import compress
from typing import Final

from service.domain.instants import HOUR, Instant, day_number, week_number
from service.engine.reading.close import rematch, verdicts
from service.engine.reading.outliers import SESSIONS
from service.engine.reading.place import SHORT
from service.engine.replay.bound_programme import ANY_DAY, PlannedSlot
from service.engine.replay.due_places import DuePlaces
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.observer import FoldObserver
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.set_reading import SetReader
from service.engine.replay.set_rows import extra_rows, performed_rows, row_failed, sets_done, show_habit, work_of
from service.engine.replay.slot_choice import Destination
from service.engine.replay.state import Memory, Session
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.scheme import Adjustment
from service.engine.ruleset.triggers import Trigger

SESSION_GAP: Final = 4 * HOUR
"""Sets less than this apart, and not told apart by a session id, belong to one session."""


def ends_at(session: Session) -> Instant:
    """When a session ends by itself, if nothing more is logged."""
    return session.last_at + SESSION_GAP


def is_open_at(session: Session, at: Instant) -> bool:
    """Whether a session that nothing has closed is still open at a time after its last set."""
    return session.open and at < session.last_at + SESSION_GAP


class Sessions:
    """Opens and closes the sessions of a state."""

    __slots__ = (
        "_facts",
        "_look_up_rules",
        "_observer",
        "_places",
        "_reader",
        "_rules",
        "_runner",
        "_shared",
        "_tracks",
        "_volume",
    )

    def __init__(
        self,
        tracks: Tracks,
        volume: MuscleVolume,
        runner: RuleRunner,
        places: DuePlaces,
        reader: SetReader,
        look_up_rules: Callable[[], None],
        observer: FoldObserver | None,
    ) -> None:
        self._tracks = tracks
        self._rules = tracks.rules
        self._shared = tracks.state.shared
        self._facts = tracks.facts
        self._volume = volume
        self._runner = runner
        self._places = places
        self._reader = reader
        self._look_up_rules = look_up_rules
        self._observer = observer

    def begin(self, at: Instant, session_id: str | None) -> Session:
        """Close the open session, if there is one, and open the next."""
        self.close()
        self.pass_over_empty_days()
        shared = self._shared
        shared.rest_until(day_number(at, shared.time_zone))
        session = shared.session = Session(shared.session.number + 1, open=True, id=session_id)
        return session

    def end_by(self, at: Instant) -> None:
        """Close the open session if its gap is over at a time."""
        session = self._shared.session
        if session.open and not is_open_at(session, at):
            self.close()

    def complete(self, session_id: str | None) -> None:
        """Close the open session if it is the one named; None names any."""
        if session_id in (None, self._shared.session.id):
            self.close()

    def close(self, *, ahead: bool = False) -> None:
        """Close the open session, if there is one: waiting sets are read, rules run, the programme's day ends.

        ``ahead``: only to see what follows, so what waits is left out.
        """
        shared = self._shared
        session = shared.session
        if not session.open:
            return
        by_track = self._touched()
        if not ahead:
            for slots in by_track.values():
                self._reader.wake(slots)
        session.open = False
        self._volume.asked_at = session.last_at
        week = week_number(session.last_at, shared.time_zone)
        shared.volume.begin(week)
        days, adjustments = self._close_tracks(by_track, week)
        self._remember_tops(by_track)
        lightened = [adjust for adjust in adjustments if adjust is not None]
        if lightened:
            shared.lightened_at = session.last_at
        self.take_up_settings()
        self._forget_once(session)
        if shared.day in days and not any(adjust.beside_plan for adjust in lightened):
            self._end_day()
        elif shared.once:
            self.pass_over_empty_days()
        if self._observer is not None:
            self._observer.session_closed()

    def _close_tracks(
        self, by_track: Mapping[str, Sequence[Destination]], week: int
    ) -> tuple[set[int], list[Adjustment | None]]:
        """End the session for each track that it fed; of which days slots were performed, and what made it lighter."""
        shared = self._shared
        session = shared.session
        days: set[int] = set()
        adjustments: list[Adjustment | None] = []
        for slots in by_track.values():
            worked = [each for each in slots if session.slots[each.slot.id]]
            for slot, _, memory in worked:
                days.add(slot.day)
                shared.volume.add(slot.exercise.id, session.slots[slot.id])
                memory.trained_in(session.number)
            track = slots[0].track
            if worked:
                adjustments.append(_adjustment(worked[0].slot, track))
                self._close_track([each.slot for each in worked], track, week)
            track.read, track.opening = {}, None
        days.update(self._rules.slot(slot).day for slot, sub in session.instead.items() if session.slots.get(sub, 0))
        return days, adjustments

    def skip(self, reason: str | None) -> None:
        """Close the open session, if there is one, and pass by the programme's day that was due."""
        shared = self._shared
        if not shared.session.open:
            self.pass_over_empty_days()
        if self._observer is not None and self._rules.days:
            for slot in self._rules.slots_of_day():
                if not shared.session.open or not shared.session.slots.get(slot.id):
                    self._observer.slot_skipped(slot, reason)
        place = shared.day, shared.rounds
        self.close()
        if self._rules.days and (shared.day, shared.rounds) == place:
            self._end_day()

    def slots_skipped(self, slots: Iterable[str], reason: str | None) -> None:
        """Go on after slots were passed by; a day without any others is passed by with them."""
        if self._observer is not None:
            for slot in slots:
                with suppress(LookupError):  # of no day of the programme: nothing comes of it
                    self._observer.slot_skipped(self._rules.slot(slot), reason)
        if not self._shared.session.open:
            self.pass_over_empty_days()

    def _forget_once(self, session: Session) -> None:
        """Forget what was said of the next session of slots, where this one was theirs; or of slots that are none."""
        shared = self._shared
        for slot_id in list(shared.once):
            day = None
            with suppress(LookupError):
                day = self._rules.slot(slot_id).day
            is_over = day is None or (day == ANY_DAY and shared.is_skipped(slot_id))
            if is_over or session.slots.get(slot_id):
                del shared.once[slot_id]

    def take_up_settings(self) -> None:
        """Go on, no session being open, with the equipment, counting and unit that a profile has named."""
        shared = self._shared
        equipment, unit, counting = shared.next_equipment, shared.next_unit, shared.next_counting
        if equipment is None and unit is None and counting is None:
            return
        shared.next_equipment = shared.next_unit = shared.next_counting = None
        shared.equipment = equipment or shared.equipment
        shared.counting = shared.counting if counting is None else counting
        if unit is not None and unit != shared.unit:
            if self._observer is not None:
                self._observer.unit_changes(unit)
            self._tracks.go_on_in(unit)
        self._look_up_rules()

    def _end_day(self) -> None:
        """Go on to the programme's next day that asks for anything."""
        self._next_day()
        self.pass_over_empty_days()

    def _next_day(self) -> None:
        shared = self._shared
        for slot in self._rules.slots_of_day() if shared.once else ():
            shared.once.pop(slot.id, None)
        shared.day = (shared.day + 1) % self._rules.days
        if shared.day == 0:
            shared.rounds = self._facts.programme_week = shared.rounds + 1

    def pass_over_empty_days(self) -> None:
        """Go on to the first day, from the current one, that asks for a set: one that asks for none is never done.

        Where no day of a whole cycle asks for any, which parameters of a lifter's own can bring about, the day stays.
        """
        shared, plan = self._shared, self._rules.plan
        if plan is None:
            return
        here = shared.day, shared.rounds
        for _ in range(plan.days * plan.rule_set.programme.weeks):
            slots = self._rules.slots_of_day()
            if any(not shared.is_skipped(slot.id) and self._tracks.asks_for_sets(slot) for slot in slots):
                return
            self._next_day()
        shared.day, shared.rounds = here
        self._facts.programme_week = shared.rounds

    def _touched(self) -> dict[str, list[Destination]]:
        """The slots that the session's sets went to, by track."""
        by_track: dict[str, list[Destination]] = {}
        for slot_id in self._shared.session.slots:
            slot = self._rules.slot(slot_id)
            memory = self._tracks.state.memory(slot.exercise.id)
            by_track.setdefault(slot.track, []).append(Destination(slot, self._tracks.of(slot), memory))
        return by_track

    def _close_track(self, slots: list[PlannedSlot], track: Track, week: int) -> None:
        """End a track's session in a calendar week, which the slots have fed; each scheme of theirs is asked once."""
        facts, tracks = self._facts, self._tracks
        track.sessions += 1
        track.deloaded = False
        track.close_session()
        failed = {slot.id: self._settle(slot, track) for slot in slots}
        judged = [slot for slot in slots if not self._shared.is_overridden(slot.id)] if self._shared.once else slots
        if track.adjusted is None and judged:
            self._count_session(track, failed=any(failed[slot.id] for slot in judged))
        for slot in slots:
            steps = slot.session_steps(Trigger.AFTER_EXERCISE, track, is_judged=slot in judged)
            if steps:
                if len(slots) > 1:
                    self._look_at(slot, track)
                facts.prescribed_sets = track.read[slot.id].asked_for
                self._runner.run(Trigger.AFTER_EXERCISE, steps, track)
        is_judged, several = bool(judged), len(slots) > 1
        slots = judged or slots
        first = slots[0]
        steps = first.session_steps(Trigger.AFTER_SESSION, track, is_judged=is_judged)
        if len(slots) > 1:
            of_each = (slot.session_steps(Trigger.AFTER_SESSION, track, is_judged=is_judged) for slot in slots)
            steps = tuple({step.scheme: step for of in of_each for step in of}.values())
        learns = first.learns and track.adjusted is None and is_judged
        if several and (steps or learns):
            self._look_at_all(slots, track)
        if steps:
            self._runner.run(Trigger.AFTER_SESSION, steps, track)
        if learns:
            rounded = first.loading_for(track).round
            others = ((work_of(track.read[slot.id]), self._places.basis(slot, track)) for slot in slots[1:])
            of_slots = [(facts.work, facts.basis), *others]
            shown = [shows for work, basis in of_slots for shows in show_habit(work, basis)]
            track.habit = track.habit.after(list(compress(facts.sets_done, shown)), track.opened_lever, rounded)
        if first.remembers_breaks and track.proven_in == track.session:
            self._remember_break(track)
        tracks.remember(first, track, week)
        track.changed = track.raised = False

    def _remember_break(self, track: Track) -> None:
        """Remember the break before a session that did what was asked, if there was one, with what is due after it."""
        shared, opening = self._shared, track.opening
        if opening is None or opening.last_at is None:
            return
        last, today = (day_number(at, shared.time_zone) for at in (opening.last_at, shared.session.last_at))
        days = shared.longest_rest(opening.rests_since(last, shared.time_zone), today)
        if days:
            track.came_back(days)

    def _look_at(self, slot: PlannedSlot, track: Track) -> None:
        """Let facts be those of a slot and of the sets that went to it."""
        self._tracks.look_at(slot)
        self._facts.look_at_sets(track.read[slot.id], self._places.basis(slot, track))

    def _look_at_all(self, slots: list[PlannedSlot], track: Track) -> None:
        """Let ``performed`` and ``extra`` be those of all the slots that fed a track, slot by slot."""
        facts, first = self._facts, slots[0]
        self._look_at(first, track)
        if first.keeps_sets:
            read = [(track.read[slot.id], self._places.basis(slot, track)) for slot in slots]
            of_slots = [(work_of(each), each.asked, basis) for each, basis in read]
            facts.performed = [row for each in of_slots for row in performed_rows(*each)]
            facts.extra = [row for each in of_slots for row in extra_rows(*each)]
            facts.sets_done = [done for each in of_slots for done in sets_done(*each)]

    def _settle(self, slot: PlannedSlot, track: Track) -> bool:
        """Match a slot's places and sets anew, those left out included, and look at them; answer whether it failed."""
        facts = self._facts
        self._look_at(slot, track)
        if not (slot.keeps_sets or slot.counts_failures or self._observer is not None):
            return False  # nobody reads it
        slot_sets, basis = facts.slot_sets, facts.basis
        left = self._places.left(slot, track, slot_sets.filled)
        if not left and len(slot_sets.sets) == slot_sets.filled:  # each set has its place: the usual case
            return slot.counts_failures and any(map(row_failed, facts.performed))
        before = list(slot_sets.readings)
        matched = rematch(slot_sets, left, basis)
        slot_sets.asked.extend(left)
        self._look_at(slot, track)
        if slot.keeps_sets:  # in another place a set may have done what was asked there, and counts as that load
            for load, amount in facts.sets_done:
                track.count_top(load, amount)
        if self._observer is not None:
            for logged, was, reading in zip(slot_sets.sets, before, slot_sets.readings, strict=True):
                if reading is not was:
                    self._observer.set_read(slot, logged.version, reading)
        if not slot.counts_failures:
            return False
        said = verdicts(slot_sets, slot_sets.asked, matched, basis)
        left_out = (each is None and not place.optional for each, place in zip(said, slot_sets.asked, strict=True))
        return any(left_out) or SHORT in said

    def _count_session(self, track: Track, *, failed: bool) -> None:
        """Count a session for the history of its track, before the rules at its end are asked."""
        track.sessions_since_change = 0 if track.changed else track.sessions_since_change + 1
        track.sessions_since_raise = 0 if track.raised else track.sessions_since_raise + 1
        track.sessions_since_record = 0 if track.record else track.sessions_since_record + 1
        track.failures_in_a_row = track.failures_in_a_row + 1 if failed else 0
        if failed and not track.changed:
            track.failures_since_change += 1

    def _remember_tops(self, by_track: Mapping[str, Sequence[Destination]]) -> None:
        """Remember the heaviest work set of each exercise, and what is still to be confirmed."""
        session = self._shared.session
        tops: dict[str, tuple[Memory, Decimal]] = {}
        for slots in by_track.values():
            slot, track, memory = slots[0]
            top = track.session_top_load
            if track.session == session.number and top is not None:
                known = tops.get(slot.exercise.id)
                tops[slot.exercise.id] = memory, top if known is None else max(known[1], top)
        for memory, top in tops.values():
            memory.tops = [*memory.tops[-(SESSIONS - 1) :], top]
            memory.unconfirmed, memory.outlier = memory.outlier, None


def _adjustment(slot: PlannedSlot, track: Track) -> Adjustment | None:
    """What made the session of a slot's track lighter or shorter; None where nothing did."""
    if track.adjusted is None or not track.is_lighter or track.adjusted[0] not in slot.schemes:
        return None
    return slot.schemes[track.adjusted[0]].scheme.adjust
