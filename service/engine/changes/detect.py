"""Telling: what differs for a lifter, slot by slot, as events come in and time passes. Pure.

What is told is a function of the log alone: after every append the prescriptions as they are seen at the moment of
recording, and between two appends those at each breakpoint of time. When somebody looks makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from service.domain.instants import DAY, Instant, day_number, midnight, render
from service.domain.prescription import Prescription, PrescriptionId, substance_of
from service.engine.changes.append_batches import Part
from service.engine.changes.change import Cause, Change, Known, Told
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.sessions import ends_at, is_open_at
from service.engine.replay.state import EXERCISE, TRACK, LifterState, Shared
from service.engine.version import ENGINE_VERSION

MOST_DAYS_AHEAD: Final = 32
"""Local midnights that are looked ahead at most for the next one that changes anything."""

MOST_DAYS_PASSED: Final = 128
"""Local midnights that are looked at in one turn: each costs a prescription of every slot."""


class At(NamedTuple):
    """When changes arose and why; where several events came at once, by the exercise that they name."""

    time: Instant
    cause: Cause
    by_exercise: Mapping[str, Cause] = MappingProxyType({})


class Found(NamedTuple):
    """What is prescribed in a slot: its substance as JSON, and how to write the prescription, should it differ."""

    substance: bytes
    write: Callable[[], Prescription]


class Stand(NamedTuple):
    """A state as a projection's fields, and what of it is shared."""

    fields: Mapping[bytes, bytes]
    shared: Shared

    @classmethod
    def of(cls, state: LifterState) -> Stand:
        """Where a state stands; it must not be changed any more."""
        return cls(state.fields(), state.shared)

    def state(self) -> LifterState:
        """A state of its own."""
        return LifterState(ENGINE_VERSION, self.fields)


class Teller:
    """Notes what differs from what was told of a lifter; ``changes`` are to be recorded, in order, as JSON."""

    def __init__(
        self,
        lifter: str,
        plans: Plans,
        newest_default: Callable[[], str | None],
        told: Told,
        known: Mapping[str, bytes],
    ) -> None:
        """``newest_default`` gives the digest of the newest default rule set, if one is published."""
        self.told = told
        self.changes: list[bytes] = []
        self._lifter = lifter
        self._plans = plans
        self._newest_default = newest_default
        self._stored = known
        self._slots = set(known)
        self._known: dict[str, Known] = {}

    def remembered(self) -> dict[str, bytes]:
        """What is now known otherwise, by slot."""
        looked_at = {slot: known.encode() for slot, known in self._known.items()}
        return {slot: now for slot, now in looked_at.items() if self._stored.get(slot) != now}

    def forgotten(self) -> list[str]:
        """The slots that are no more."""
        return [slot for slot in self._stored if slot not in self._slots]

    def differing(self, stand: Stand) -> list[str]:
        """The slots of which something else was told than is prescribed at the time up to which all was told."""
        found = self._look(stand, self.told.as_of or 0)
        differing = {
            slot for slot, each in found.items() if self._differs(slot, each.substance) or self._misnames(slot, each)
        }
        return sorted(differing | (self._slots - found.keys()))

    def append(self, before: Stand, after: Stand, part: Part) -> None:
        """Events were appended and led from one state to another."""
        recorded_at = self.told.as_of or 0 if part.recorded_at is None else part.recorded_at
        as_of = max(recorded_at, after.shared.newest_at or recorded_at)
        touched = None
        # Where something is no more (a set was voided), neither may its slot be.
        only_grows = before.fields.keys() <= after.fields.keys()
        if only_grows and self.told.as_of is not None and _goes_on(before.shared, self.told.as_of, after.shared, as_of):
            touched = {name for name, value in after.fields.items() if before.fields.get(name) != value}
        found = self._look(after, as_of, touched)
        self.told = Told(part.run.last, as_of)
        self._note(found, At(recorded_at, *part.causes()), all_of_them=touched is None)

    def begin_anew(self, stand: Stand, now: Instant) -> None:
        """Tell what differs from what another Spotter or engine has told of the same log, or from nothing."""
        as_of = now if self.told.as_of is None else self.told.as_of
        found = self._look(stand, as_of)
        cause = Cause("engine" if self.told.engine else "import")
        self.told = Told(self.told.version, as_of)
        self._note(found, At(now, cause))

    def let_time_pass(self, stand: Stand, until: Instant) -> bool:
        """Look at every breakpoint up to a time; nothing was appended meanwhile.

        False where so many lie before it, as where the clock of a sandbox was set ahead, that this is for another turn.
        """
        for _ in range(MOST_DAYS_PASSED):
            if not self._slots or self.told.as_of is None:
                return True
            at = next_breakpoint(stand.shared, self.told.as_of)
            if at > until:
                return True
            found = self._look(stand, at)
            self.told = self.told._replace(as_of=at)
            self._note(found, At(at, Cause("time")))
        return False

    def next_look(self, stand: Stand, *, ahead: bool) -> Instant | None:
        """When time alone may change something next; None: never.

        ``ahead``: look at as many days to come as the lifter has not trained, and leave out those that change nothing.
        Each day costs a prescription, so it is for when nothing is being logged.
        """
        if not self._slots or self.told.as_of is None:
            return None
        at = next_breakpoint(stand.shared, self.told.as_of)
        days = (at - (stand.shared.newest_at or at)) // DAY if ahead else 0
        for _ in range(min(days, MOST_DAYS_AHEAD)):
            found = self._look(stand, at)
            if any(self._differs(slot, each.substance) for slot, each in found.items()):
                break
            at = next_breakpoint(stand.shared, at)
        return at

    def _look(self, stand: Stand, as_of: Instant, touched: set[bytes] | None = None) -> dict[str, Found]:
        """The prescriptions of every slot, or of those that touched fields of the state can have changed."""
        state = stand.state()
        fold = Fold(state, self._plans)
        if (default := state.shared.default_digest or self._newest_default()) is not None:
            fold.assume(default)
        prescriber = Prescriber(fold, as_of)  # lets a session end first, as everybody else who asks
        slots = fold.rules.every_slot_id() if touched is None else self._touched(fold, touched)
        drafts = {slot: prescriber.draft(prescriber.due_in(slot)) for slot in slots}
        return {
            slot: Found(_encode(substance_of(draft)), partial(prescriber.written, self._lifter, draft))
            for slot, draft in drafts.items()
        }

    def _differs(self, slot: str, substance: bytes) -> bool:
        known = self._get(slot)
        return known is None or known.substance != substance

    def _misnames(self, slot: str, found: Found) -> bool:
        """Whether what is known of a slot is of another exercise, or its prescription of another slot."""
        known = self._get(slot)
        if known is None or PrescriptionId.decode(known.prescription_id).slot != slot:
            return True
        return found.write().exercise != known.exercise

    def _touched(self, fold: Fold, touched: set[bytes]) -> list[str]:
        """The slots that fields of a state concern, in the order of all slots."""
        exercises = [name[len(EXERCISE) :].decode() for name in touched if name.startswith(EXERCISE)]
        found = {slot.id for exercise in exercises for slot in fold.rules.slots_of(exercise)}
        found |= {slot for slot in self._slots if TRACK + fold.rules.slot(slot).track.encode() in touched}
        return list(found) if len(found) < 2 else [slot for slot in fold.rules.every_slot_id() if slot in found]

    def _get(self, slot: str) -> Known | None:
        """What is known of a slot, read when it is first asked for."""
        known = self._known.get(slot)
        if known is None and slot in self._slots:
            known = self._known[slot] = Known.decode(self._stored[slot])
        return known

    def _note(self, found: Mapping[str, Found], at: At, *, all_of_them: bool = True) -> None:
        """Record what differs; where ``found`` are the prescriptions of all slots, also which are no more."""
        for slot, each in found.items():
            if self._differs(slot, each.substance):
                prescription = each.write()
                known = Known(prescription.exercise, prescription.prescription_id, each.substance)
                after = _told_json(known, because=prescription.because, valid_until=prescription.valid_until)
                self._record(slot, known.exercise, at, self._get(slot), after)
                self._known[slot] = known
                self._slots.add(slot)
        if all_of_them:
            for slot in sorted(self._slots - found.keys()):
                gone = self._get(slot)
                self._record(slot, "" if gone is None else gone.exercise, at, gone, None)
                self._slots.remove(slot)
                del self._known[slot]

    def _record(self, slot: str, exercise: str, at: At, before: Known | None, after: msgspec.Raw | None) -> None:
        cause = at.by_exercise.get(exercise, at.cause)
        was = None if before is None else _told_json(before)
        version = self.told.version
        self.changes.append(_encode(Change(self._lifter, slot, exercise, version, render(at.time), cause, was, after)))


def next_breakpoint(shared: Shared, as_of: Instant) -> Instant:
    """When time alone may change a prescription next: the end of the session's gap, or the lifter's midnight."""
    at = midnight(day_number(as_of, shared.time_zone) + 1, shared.time_zone)
    gap_ends = ends_at(shared.session)
    return gap_ends if shared.session.open and as_of < gap_ends < at else at


def _goes_on(earlier: Shared, then: Instant, later: Shared, now: Instant) -> bool:
    """Whether a session is and stays open, and nothing but the tracks that were performed can be prescribed otherwise.

    What is shared and not named here is taken to concern every slot.
    """
    return (
        is_open_at(earlier.session, then)
        and is_open_at(later.session, now)
        and day_number(then, earlier.time_zone) == day_number(now, later.time_zone)
        and _but_progress(earlier) == _but_progress(later)
    )


def _but_progress(shared: Shared) -> Shared:
    session = msgspec.structs.replace(shared.session, last_at=0, slots={}, fed={})
    return msgspec.structs.replace(shared, version=0, newest_at=None, head=b"", session=session)


def _told_json(known: Known, **more: object) -> msgspec.Raw:
    """What was told of a slot as a JSON object, with more in it."""
    head = _encode({"prescription_id": known.prescription_id, **more})
    return msgspec.Raw(head[:-1] + b"," + known.substance[1:])


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
