"""Every recommendation that was current at some version of a log, and what was then performed against it.

A log in order is folded once; what rewrites history is folded anew up to its version, and changes what was recommended
from then on, never what had been recommended before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from service.domain.effective_history import effective_history
from service.domain.errors import Poisoned
from service.domain.events import Event, SetLogged
from service.domain.instants import Instant, parse
from service.domain.prescription import PrescribedSet, Prescription, UsedRuleSet
from service.engine.prescribe.adherence import Count, SetAdherence, Verdict, overall, set_adherence
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import PlannedSlot, Plans
from service.engine.replay.fold import Fold
from service.engine.replay.observer import FoldObserver
from service.engine.replay.parking import fold_events
from service.engine.replay.projection import Run, decoded, fold_whole, follows
from service.engine.replay.state import LifterState, Session
from service.engine.version import ENGINE_VERSION

_NEVER: Final = -1


class Recommendation(msgspec.Struct, frozen=True):
    """What was prescribed for a slot until it read otherwise, or its session was over.

    ``verdict`` is None while it is current. ``changed``: it was replaced before a set was performed against it.
    ``missed``: a set fell short, or the session ended before the last. ``exceeded``: none did, and a set was heavier or
    had more repetitions (or seconds). Else ``followed``. Sets beyond those asked for are told, and decide nothing.
    """

    prescription_id: str
    slot: str
    version: int
    valid_from: str
    outcome: str
    because: tuple[str, ...]
    sets: tuple[PrescribedSet, ...]
    rule_set: UsedRuleSet
    derivation: str
    verdict: Verdict | None
    replaced_by: str | None
    performed: tuple[SetAdherence, ...]


def recommendations(
    run: Run,
    plans: Plans,
    lifter: str,
    exercise: str,
    default_at: Callable[[Instant], str],
    *,
    now: Instant | None = None,
) -> list[Recommendation]:
    """Every recommendation for an exercise, oldest first; none for an exercise that nobody knows.

    With ``now``, what time alone made of the last by then is one more, as when a layoff has begun.

    ``run`` is a whole log; ``default_at`` says what the default rules were at a time, for as long as it pins none. An
    event that cannot be folded stops the recommendations until one comes that mends it.
    """
    try:
        events = decoded(run)
    except Poisoned as poisoned:
        run = run.until(poisoned.version - 1)
        events = decoded(run)
    given = _Reader(run, plans, lifter, exercise, default_at).read(events, now)
    effective = dict(effective_history(enumerate(events, run.first)))
    return [each.judged(exercise, effective) for each in given]


class _Counter(FoldObserver):
    """Notes the work sets that a fold counts; nobody counts what a duplicate does."""

    def __init__(self) -> None:
        self.counted: list[Count] = []

    def set_counted(self, slot: PlannedSlot, session: Session, number: int, versions: tuple[int, ...]) -> None:
        """Note a work set."""
        self.counted.append(Count(slot, number, session.number, versions))


@dataclass(slots=True)
class _Given:
    """A recommendation being followed through the log."""

    prescription: Prescription
    after: int
    """The number of the session that it comes after; it is for a later one. `_NEVER`: it is for the open one."""
    replaced: bool = False
    replaced_by: str | None = None
    session_over: bool = False
    counted: list[Count] = field(default_factory=list)

    def goes_on(self, now: Prescription, session: int) -> bool:
        """Whether what is prescribed now is still this, or what is left of it."""
        then = self.prescription
        if not self.counted:
            return (then.sets, then.outcome) == (now.sets, now.outcome)
        left = tuple(each for each in then.sets if now.sets and each.index >= now.sets[0].index)
        return self.is_in(now, session) and now.sets == left

    def is_in(self, now: Prescription, session: int) -> bool:
        """Whether the session that it was performed in goes on."""
        return now.status == "in_session" and self.counted[-1].session == session

    def judged(self, exercise: str, effective: Mapping[int, Event]) -> Recommendation:
        """What became of it, by the sets as the log has them now."""
        then = self.prescription
        performed = tuple(set_adherence(then.sets, self.counted, exercise, effective))
        asked = {each.index for each in then.sets if each.kind != "warmup" and not each.optional}
        left = asked - {each.index for each in performed}
        verdict: Verdict | None = None
        if self.replaced:
            verdict = overall(
                [each.verdict for each in performed if each.index in asked], unfinished=self.session_over and bool(left)
            )
        return Recommendation(
            then.prescription_id,
            then.slot,
            then.version,
            then.valid_from,
            then.outcome,
            then.because,
            then.sets,
            then.rule_set,
            then.derivation,
            verdict,
            self.replaced_by,
            performed,
        )


class _Reader:
    """Follows a log, and asks after each event that could matter what is prescribed now."""

    def __init__(
        self, run: Run, plans: Plans, lifter: str, exercise: str, default_at: Callable[[Instant], str]
    ) -> None:
        self._run = run
        self._plans = plans
        self._lifter = lifter
        self._exercise = exercise
        self._default_at = default_at
        self._counter = _Counter()
        self._fold = Fold(LifterState(ENGINE_VERSION), plans, self._counter)
        self._parked = False
        self._given: list[_Given] = []
        self._current: dict[str, _Given] = {}
        self._until: Instant = 0
        """Until when what was seen last holds, if nothing is logged."""

    def read(self, events: Sequence[Event], now: Instant | None) -> list[_Given]:
        """The recommendations of the log up to ``now``, in the order in which they were given."""
        for version, event in enumerate(events, self._run.first):
            if follows(event, self._fold.state.shared):
                if not self._parked:
                    self._take(version, event)
            elif not self._is_within_a_call(version, events):
                self._fold = fold_whole(self._run.until(version), self._plans, lambda: self._counter)
                self._parked = self._fold.state.shared.parked is not None
                self._counter.counted.clear()
                self._look(version)
        if now is not None and now >= self._until:
            if self._parked:  # the last good prescription stands, and time goes on for it
                self._fold, self._parked = fold_whole(self._run, self._plans), False
            if self._fold.state.shared.version:
                self._look(self._fold.state.shared.version, now)
        return self._given

    def _is_within_a_call(self, version: int, events: Sequence[Event]) -> bool:
        """Whether the next event was appended in the same call and is folded anew as well: nobody saw between them."""
        place = version - self._run.first
        if place + 1 == len(events):
            return False
        event, following = events[place], events[place + 1]
        same_call = (event.recorded_at, event.actor) == (following.recorded_at, following.actor)
        return same_call and not follows(following, self._fold.state.shared)

    def _take(self, version: int, event: Event) -> None:
        fold, at = self._fold, event.occurred_at
        shared = fold.state.shared
        of_exercise = isinstance(event.data, SetLogged) and event.data.exercise == self._exercise
        if of_exercise and shared.version and at >= self._until:
            self._look(shared.version, at)
        before = shared.session.number if shared.session.open else _NEVER
        if version == self._run.pinned_at:
            shared.default_digest = self._run.default
            fold.look_up_rules()
        try:
            fold_events(fold, ((version, event),))
        except Poisoned:
            self._parked = True
            return
        shared.version = version
        same_session = shared.session.open and shared.session.number == before
        quiet = isinstance(event.data, SetLogged) and event.data.body_weight is None and same_session
        if of_exercise or not quiet or self._is_fed():
            self._count()
            self._look(version)
        self._counter.counted.clear()

    def _is_fed(self) -> bool:
        """Whether a set of another exercise fed a track of this one's."""
        if not self._counter.counted or not self._fold.rules.knows(
            self._exercise
        ):  # to ask for slots is to make it known
            return False
        tracks = {slot.track for slot in self._fold.rules.slots_of(self._exercise)}
        return any(count.slot.track in tracks for count in self._counter.counted)

    def _count(self) -> None:
        """Hold the sets counted just now against the recommendation that they were performed under."""
        for count in self._counter.counted:
            current = self._current.get(count.slot.id)
            if current is not None and current.after == count.session:  # more sets than were asked for
                current = next(
                    (
                        each
                        for each in reversed(self._given)
                        if each.counted and each.prescription.slot == count.slot.id
                    ),
                    None,
                )
            if current is not None and (not current.counted or current.counted[-1].session == count.session):
                current.counted.append(count)

    def _look(self, version: int, at: Instant | None = None) -> None:
        """See what is prescribed for every slot of the exercise, at the newest event or at a later time."""
        fold = self._fold.duplicate()
        shared = fold.state.shared
        shared.version = version
        moment = (shared.newest_at or 0) if at is None else at
        fold.assume(self._default_at(moment))
        if not fold.rules.knows(self._exercise) or self._parked:
            return
        session = shared.session.number
        prescriber = Prescriber(fold, moment)
        due = [prescriber.due_in(slot.id) for slot in fold.rules.slots_of(self._exercise)]
        now = {each.slot.id: prescriber.prescription(self._lifter, each)[0] for each in due}
        self._until = min(parse(prescription.valid_until) for prescription in now.values())
        for slot in self._current.keys() - now.keys():  # of a programme that is followed no longer
            self._current.pop(slot).replaced = True
        for slot, prescription in now.items():
            self._note(slot, prescription, session)

    def _note(self, slot: str, now: Prescription, session: int) -> None:
        current = self._current.get(slot)
        if current is not None:
            if current.goes_on(now, session):
                return
            current.replaced = True
            current.replaced_by = now.prescription_id
            current.session_over = bool(current.counted) and not current.is_in(now, session)
        after = session if now.status == "next_session" else _NEVER
        self._current[slot] = _Given(now, after)
        self._given.append(self._current[slot])
