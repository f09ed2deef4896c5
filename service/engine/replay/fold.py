"""The fold: effective history, event by event, into a lifter's state. The hot path of replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, assert_never

from service.domain.events import (
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    Overridden,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SessionSkipped,
    SetLogged,
    TimelineData,
)
from service.domain.exact import exact
from service.domain.instants import Instant
from service.domain.loads import DEFAULT_UNIT, Load
from service.domain.time_zones import zone
from service.engine.replay.bound_programme import Plans, PlanSettings
from service.engine.replay.due_places import DuePlaces
from service.engine.replay.fact_values import Facts
from service.engine.replay.lifter_rules import LifterRules
from service.engine.replay.muscle_volume import MuscleVolume
from service.engine.replay.observer import FoldObserver
from service.engine.replay.own_state import is_state_of
from service.engine.replay.performed_sets import PerformedSets
from service.engine.replay.rule_runner import RuleRunner
from service.engine.replay.sessions import SESSION_GAP, Sessions
from service.engine.replay.set_reading import SetReader
from service.engine.replay.slot_choice import SlotChoice
from service.engine.replay.state import Assignment, Baseline, LifterState, Once
from service.engine.replay.track import Reason
from service.engine.replay.tracks import Tracks

BASELINE: Final = "baseline"
"""Stands for the scheme in the reason of a lever that a new baseline has set."""


class Fold:
    """Folds events into ``state``, which it changes in place; its parts answer what follows from the state.

    Whatever an event's content makes impossible raises; ``version`` is then that of the event, and the caller parks
    the lifter.
    """

    def __init__(self, state: LifterState, plans: Plans, observer: FoldObserver | None = None) -> None:
        self.state = state
        self.plans = plans
        self.observer = observer
        self.facts = Facts()
        self.rules = LifterRules(state, plans)
        self.tracks = Tracks(state, self.rules, self.facts)
        self.volume = MuscleVolume(state, self.rules, self.facts)
        self.runner = RuleRunner(self.tracks, self.volume, observer)
        self.places = DuePlaces(self.tracks, self.volume, self.runner)
        self.slot_choice = SlotChoice(self.tracks, self.places)
        performed_sets = PerformedSets(self.tracks, self.runner, observer)
        reader = SetReader(self.tracks, self.places, self.runner, performed_sets, observer)
        self._sessions = Sessions(
            self.tracks, self.volume, self.runner, self.places, reader, self.look_up_rules, observer
        )
        # What every set goes through, looked up once.
        self._choose_slot = self.slot_choice.of_set
        self._take = reader.take
        self.facts.shared = state.shared
        self.facts.hard_sets = self.volume.hard_sets
        self.look_up_rules()
        if observer is not None:
            observer.attach(self.tracks)

    @property
    def version(self) -> int:
        """The version of the event that is being folded, or was last."""
        return self.runner.version

    def duplicate(self) -> Fold:
        """A fold that goes on from where this one is, over a state of its own."""
        other = Fold(self.state.copy(), self.plans, None if self.observer is None else self.observer.for_duplicate())
        other.runner.version = self.runner.version
        other.volume.asked_at = self.volume.asked_at
        return other

    @exact
    def apply_all(self, history: Iterable[tuple[int, Event]]) -> None:
        """Fold events (each with its version) that come, in effective order, after everything folded before."""
        runner, set_logged = self.runner, self._set_logged
        event: Event | None = None
        for version, event in history if self.observer is None else _told(self.observer, history):
            runner.version = version
            data = event.data
            if type(data) is SetLogged:
                set_logged(event.occurred_at, data)
            else:
                self._not_a_set(event.occurred_at, data)
        if event is not None:
            self.state.shared.newest_at = event.occurred_at

    @exact
    def let_session_end(self, at: Instant) -> None:
        """Close the open session if its gap is over at a time."""
        self._sessions.end_by(at)

    @exact
    def close_session(self) -> None:
        """Close the open session, if there is one."""
        self._sessions.close()

    @exact
    def look_past_session(self) -> None:
        """Close the open session, if there is one, to see what follows; what waits in it is left out."""
        self._sessions.close(ahead=True)

    # Rules

    def look_up_rules(self) -> None:
        """Look the lifter's rules up again, after anything that shapes them has changed."""
        self.rules.look_up()
        self.slot_choice.forget()
        self.facts.programme_week = self.state.shared.rounds

    def assume(self, default_digest: str) -> None:
        """Fill in what no event has said: the unit before the first load, the default rules before the first set."""
        shared = self.state.shared
        shared.unit = shared.unit or DEFAULT_UNIT
        shared.default_digest = shared.default_digest or default_digest
        self.look_up_rules()
        if not shared.session.open:
            self._sessions.pass_over_empty_days()

    def _follow(self, assignment: Assignment | None) -> None:
        """Go on under a programme, or none; a session belongs to one programme, so an open one ends."""
        self._sessions.close()
        for slot, track in self.tracks.existing():
            track.reasons = [reason.of(slot.rule_set.digest) for reason in track.reasons]
        self._take_up(assignment)
        for slot, track in self.tracks.existing():
            schemes = slot.rule_set.schemes
            track.own = {
                scheme: values
                for scheme, values in track.own.items()
                if scheme not in schemes or is_state_of(schemes[scheme], values)
            }

    def _take_up(self, assignment: Assignment | None) -> None:
        """Begin with a programme's first day; with a new version of the one followed so far, go on from its day."""
        shared = self.state.shared
        before, plan = shared.assignment, self.rules.plan
        shared.assignment = assignment
        self.look_up_rules()
        goes_on = before is not None and assignment is not None and before.programme == assignment.programme
        now = self.rules.plan
        if before is not None and not goes_on:
            shared.left[before.programme] = shared.session.number
        if not goes_on:
            shared.once = {}
        if assignment is not None and not goes_on:
            self.tracks.restart_overtaken(shared.left.get(assignment.programme, 0))
        shared.day = now.day_like(plan, shared.day) if goes_on and plan and now else 0
        shared.rounds = self.facts.programme_week = shared.rounds if goes_on else 0

    def _in_working_unit(self, load: Load) -> Decimal:
        """The load's value in the working unit, which the first load of all decides where no profile does."""
        shared = self.state.shared
        if shared.unit is None:
            shared.unit = load.unit
            self.look_up_rules()
            self._sessions.pass_over_empty_days()
        return load.in_unit(shared.unit)

    def _whole(self, exercise: str, load: Load) -> Decimal:
        """The whole of a load that was said of an exercise, in the working unit."""
        whole = self._in_working_unit(load)
        return self.rules.slots_of(exercise)[0].counted.whole(load) if self.state.shared.counting else whole

    # What is not a set

    def _not_a_set(self, at: Instant, data: EventData) -> None:
        shared = self.state.shared
        self._sessions.end_by(at)
        if isinstance(data, SetLogged) or not isinstance(data, TimelineData):
            raise TypeError(f"{type(data).__name__} stands in no timeline: it acts on other events")
        match data:
            case SessionCompleted() | SessionSkipped() | Overridden():
                self._said_of_session(data)
            case ProgrammeAssigned():
                self._programme_assigned(at, data)
            case ProgrammeEnded():
                self._programme_ended(data)
            case BaselineSet():
                self._baseline_set(at, data)
            case ProfileChanged():
                self._profile_changed(data)
            case DeloadRequested():
                shared.deload_requested_at = at
            case LifterNoted():
                self._lifter_noted(at, data)
            case _:
                assert_never(data)

    def _said_of_session(self, data: SessionCompleted | SessionSkipped | Overridden) -> None:
        """End the open session, pass by a day or slots of one, or ask once for another load."""
        once = self.state.shared.once
        match data:
            case SessionCompleted():
                self._sessions.complete(data.session_id)
            case SessionSkipped(slots=None):
                self._sessions.skip(data.reason)
            case SessionSkipped(slots=tuple(slots)):
                once.update(dict.fromkeys(slots, Once(self.version, None, data.reason)))
                self._sessions.slots_skipped(slots, data.reason)
            case Overridden():
                self._in_working_unit(data.load)
                once[data.slot] = Once(self.version, data.load, data.reason)

    def _lifter_noted(self, at: Instant, data: LifterNoted) -> None:
        if data.flag is not None:
            about = data.exercise or (f"muscle:{data.muscle}" if data.muscle else "")
            self.state.shared.flags[about] = data.flag, at

    def _profile_changed(self, data: ProfileChanged) -> None:
        shared = self.state.shared
        if data.time_zone is not None:
            shared.time_zone = zone(data.time_zone).key  # one that only some machine had, as 0.1.0 took it, parks
        if data.body_weight is not None:
            shared.body_weight = self._in_working_unit(data.body_weight)
        shared.next_equipment = data.equipment or shared.next_equipment
        shared.next_unit = data.unit or shared.next_unit
        shared.next_counting = shared.next_counting if data.counting is None else data.counting
        if not shared.session.open:
            self._sessions.take_up_settings()

    def _programme_assigned(self, at: Instant, data: ProgrammeAssigned) -> None:
        if data.digest is None:
            raise ValueError("a programme assigned without the digest of its rule set")
        shared = self.state.shared
        settings = PlanSettings(shared.working_unit, shared.equipment, data.params, shared.counting)
        self.plans.get(data.digest, settings).check()
        before = shared.assignment
        if before is None or before.programme != data.programme:
            shared.assigned_at = at
        self._follow(Assignment(data.programme, data.digest, data.params))

    def _programme_ended(self, data: ProgrammeEnded) -> None:
        assignment = self.state.shared.assignment
        if assignment is not None and data.programme in (None, assignment.programme):
            self._follow(None)

    def _baseline_set(self, at: Instant, data: BaselineSet) -> None:
        """Remember a baseline, and go on from it wherever the exercise is under way."""
        observer = self.observer
        if observer is not None:
            observer.baseline_set(data.exercise)
        given = (data.load, data.one_rep_max, data.training_max)
        loads = [None if load is None else self._whole(data.exercise, load) for load in given]
        memory = self.state.remember(data.exercise)
        memory.baseline, memory.baseline_at = Baseline(*loads), at
        for slot in self.rules.slots_of(data.exercise):
            track = self.tracks.known(slot)
            lever = None if track is None else self.tracks.lever_from_baseline(slot, track)
            if track is not None and lever is not None:
                track.since, track.proven, track.cut_from, track.amrap_lever, track.breaks = at, None, None, None, ()
            if track is not None and lever is not None and lever != track.lever:
                if observer is not None:
                    observer.lever_begins_anew(slot, track, lever)
                track.reasons.append(Reason(self.version, BASELINE, BASELINE, 0, (lever,)))
                track.move(lever)

    # Sets

    def _set_logged(self, at: Instant, data: SetLogged) -> None:
        shared = self.state.shared
        session, session_id = shared.session, data.session_id
        if (
            not session.open
            or at - session.last_at >= SESSION_GAP  # as `is_open_at` has it, without a call for every set
            or (session_id is not None and session_id != session.id)
        ):
            session = self._sessions.begin(at, session_id)
        session.last_at = at
        given = data.load
        load = given.value if given.unit == shared.unit else self._in_working_unit(given)
        if shared.counting:
            load = self._whole(data.exercise, given)
        if data.body_weight is not None:
            shared.body_weight = self._in_working_unit(data.body_weight)
        self._take(at, data, load, self._choose_slot(at, data, load))


def _told(observer: FoldObserver, history: Iterable[tuple[int, Event]]) -> Iterator[tuple[int, Event]]:
    """Events to fold, of each of which an observer is told."""
    for version, event in history:
        observer.event_begins(version, event)
        yield version, event
        observer.event_ended(event)
