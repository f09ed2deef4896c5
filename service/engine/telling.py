"""Telling: what differs for a lifter, slot by slot, as events come in and time passes. Pure.

What is told is a function of the log alone: after every append the prescriptions as they are seen at the moment of
recording, and between two appends those at each breakpoint of time. When somebody looks makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.events import BaselineSet, SetLogged, decode
from service.domain.instants import DAY, Instant, day_number, midnight, render
from service.domain.prescription import Prescription
from service.engine.fold import SESSION_GAP, Fold, computing
from service.engine.plan import Plans
from service.engine.prescribing import Draft, Prescriber
from service.engine.replay import ENGINE_VERSION, Run
from service.engine.state import EXERCISE, TRACK, LifterState, Session, Shared

CauseType: TypeAlias = Literal["event", "time", "import", "engine"]
"""``import``: the lifter came from another Spotter; ``engine``: a new version of Spotter prescribes otherwise."""

MOST_DAYS_AHEAD: Final = 32
"""Local midnights that are looked ahead at most for the next one that changes anything."""


class Told(NamedTuple):
    """Up to which version of the log, which time and by which engine (0: none yet) everything has been told."""

    version: int = 0
    as_of: Instant | None = None
    engine: int = ENGINE_VERSION

    def encode(self) -> bytes:
        """As it is stored."""
        return _encode(self)


class Known(NamedTuple):
    """What was last told of a slot; ``substance`` is the JSON of what a lifter would notice."""

    exercise: str
    prescription_id: str
    substance: bytes

    def encode(self) -> bytes:
        """As it is stored."""
        return _pack(self)


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a prescription changed; ``event_id`` for an event."""

    type: CauseType
    event_id: str | None = None


class Change(msgspec.Struct, frozen=True):
    """A slot whose prescription differs from the one told before, as JSON that the contract shows as it is."""

    lifter: str
    slot: str
    exercise: str
    version: int
    at: str
    cause: Cause
    before: msgspec.Raw | None
    after: msgspec.Raw | None


class At(NamedTuple):
    """When changes arose and why; where several events came at once, by the exercise that they name."""

    time: Instant
    cause: Cause
    by_exercise: Mapping[str, Cause] = MappingProxyType({})


class Found(NamedTuple):
    """What is prescribed in a slot: its substance, and how to write the prescription, should it differ."""

    substance: bytes
    write: Callable[[], Prescription]


class Part(NamedTuple):
    """Consecutive entries of a log that were appended together, and when."""

    run: Run
    recorded_at: Instant | None

    def causes(self) -> tuple[Cause, dict[str, Cause]]:
        """The last event as a cause; and where there are several, for each exercise the last one that names it."""
        if len(self.run.events) == 1:
            return Cause("event", _stamp(self.run.events[0])[0]), {}
        last, named = "", {}
        for raw in self.run.events:
            with suppress(msgspec.MsgspecError, UnicodeError):
                event = decode(raw)
                last = event.event_id
                if isinstance(event.data, SetLogged | BaselineSet):
                    named[event.data.exercise] = Cause("event", last)
        return Cause("event", last), named


def parts_of(run: Run) -> Iterator[Part]:
    """A run cut where one append ends and the next begins; what cannot be read belongs to what came before it."""
    stamps = [_stamp(raw)[1] for raw in run.events]
    if len(stamps) == 1:
        yield Part(run, stamps[0])
        return
    start, recorded_at = run.first, stamps[0] if stamps else None
    for version, stamp in enumerate(stamps, run.first):
        if stamp is not None and stamp != recorded_at:
            if recorded_at is not None:
                yield Part(_cut(run, start, version - 1), recorded_at)
                start = version
            recorded_at = stamp
    if stamps:
        yield Part(_cut(run, start, run.last), recorded_at)


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

    def append(self, before: Stand, after: Stand, part: Part) -> None:
        """Events were appended and led from one state to another."""
        recorded_at = self.told.as_of or 0 if part.recorded_at is None else part.recorded_at
        as_of = max(recorded_at, after.shared.newest_at or recorded_at)
        touched = None
        if self.told.as_of is not None and _goes_on(before.shared, self.told.as_of, after.shared, as_of):
            touched = {name for name, value in after.fields.items() if before.fields.get(name) != value}
        found = self._look(after, as_of, touched)
        self.told = Told(part.run.last, as_of)
        self._note(found, At(recorded_at, *part.causes()), all_of_them=touched is None)

    def begin_anew(self, stand: Stand, now: Instant) -> None:
        """What was told, if anything, another Spotter or another engine has said; the log is the same."""
        as_of = now if self.told.as_of is None else self.told.as_of
        found = self._look(stand, as_of)
        cause = Cause("engine" if self.told.engine else "import")
        self.told = Told(self.told.version, as_of)
        self._note(found, At(now, cause))

    def let_time_pass(self, stand: Stand, until: Instant) -> None:
        """Look at every breakpoint up to a time; nothing was appended meanwhile."""
        while self._slots and self.told.as_of is not None:
            at = next_breakpoint(stand.shared, self.told.as_of)
            if at > until:
                return
            found = self._look(stand, at)
            self.told = self.told._replace(as_of=at)
            self._note(found, At(at, Cause("time")))

    def next_look(self, stand: Stand, *, ahead: bool) -> Instant | None:
        """When time alone may change something next; None: never.

        ``ahead``: whoever has not trained for some days is looked ahead for, as many days again, so that no day costs a
        look. That costs a prescription a day, so it is for when nothing is being logged.
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
        with computing():
            fold = Fold(state, self._plans)
            if (default := state.shared.default_digest or self._newest_default()) is not None:
                fold.assume("kg", default)
            slots = fold.every_slot_id() if touched is None else self._touched(fold, touched)
            prescriber = Prescriber(fold, as_of)
            drafts = {slot: prescriber.draft(prescriber.due_in(slot)) for slot in slots}
            return {
                slot: Found(substance_of(draft), partial(prescriber.written, self._lifter, draft))
                for slot, draft in drafts.items()
            }

    def _differs(self, slot: str, substance: bytes) -> bool:
        known = self._get(slot)
        return known is None or known.substance != substance

    def _touched(self, fold: Fold, touched: set[bytes]) -> list[str]:
        """The slots that fields of a state concern, in the order of all slots."""
        exercises = [name[len(EXERCISE) :].decode() for name in touched if name.startswith(EXERCISE)]
        found = {slot.id for exercise in exercises for slot in fold.slots_of(exercise)}
        found |= {slot for slot in self._slots if TRACK + fold.slot(slot).track.encode() in touched}
        return list(found) if len(found) < 2 else [slot for slot in fold.every_slot_id() if slot in found]

    def _get(self, slot: str) -> Known | None:
        """What is known of a slot, read when it is first asked for."""
        known = self._known.get(slot)
        if known is None and slot in self._slots:
            known = self._known[slot] = Known(*_unpack(self._stored[slot]))
        return known

    def _note(self, found: Mapping[str, Found], at: At, *, all_of_them: bool = True) -> None:
        """Record what differs; where ``found`` are the prescriptions of all slots, also which are no more."""
        for slot, each in found.items():
            if self._differs(slot, each.substance):
                with computing():
                    prescription = each.write()
                known = Known(prescription.exercise, prescription.prescription_id, each.substance)
                after = _shown(known, because=prescription.because, valid_until=prescription.valid_until)
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
        was = None if before is None else _shown(before)
        version = self.told.version
        self.changes.append(_encode(Change(self._lifter, slot, exercise, version, render(at.time), cause, was, after)))


def next_breakpoint(shared: Shared, as_of: Instant) -> Instant:
    """When time alone may change a prescription next: the end of the session's gap, or the lifter's midnight."""
    at = midnight(day_number(as_of, shared.time_zone) + 1, shared.time_zone)
    gap_ends = shared.session.last_at + SESSION_GAP
    return gap_ends if shared.session.open and as_of < gap_ends < at else at


def substance_of(found: Prescription | Draft[Fold]) -> bytes:
    """What a lifter would notice of a prescription, as JSON."""
    return _encode({"status": found.status, "outcome": found.outcome, "sets": found.sets})


def told_of(stored: Mapping[bytes, bytes]) -> tuple[Told, dict[str, bytes]]:
    """Up to where a lifter's changes were told, and what is known of each slot, of what is stored."""
    told = Told(*_decode_told(stored[TOLD])) if TOLD in stored else Told()
    return told, {field.decode(): value for field, value in stored.items() if field != TOLD}


TOLD: Final = b"told"
"""The field beside those of slots that says up to where everything was told."""


def _goes_on(earlier: Shared, then: Instant, later: Shared, now: Instant) -> bool:
    """Whether a session is and stays open, and nothing but the tracks that were performed can be prescribed otherwise.

    What is shared and not named here is taken to concern every slot.
    """
    return (
        _is_open(earlier.session, then)
        and _is_open(later.session, now)
        and day_number(then, earlier.time_zone) == day_number(now, later.time_zone)
        and _but_progress(earlier) == _but_progress(later)
    )


def _is_open(session: Session, at: Instant) -> bool:
    return session.open and at - session.last_at < SESSION_GAP


def _but_progress(shared: Shared) -> Shared:
    session = msgspec.structs.replace(shared.session, last_at=0, slots={}, fed={}, waiting={})
    return msgspec.structs.replace(shared, version=0, newest_at=None, head=b"", session=session)


def _shown(known: Known, **more: object) -> msgspec.Raw:
    """What was told of a slot as a JSON object, with more in it."""
    head = _encode({"prescription_id": known.prescription_id, **more})
    return msgspec.Raw(head[:-1] + b"," + known.substance[1:])


def _stamp(raw: bytes) -> tuple[str, Instant | None]:
    """An entry's event id, and when it was recorded; None for what is no event."""
    try:
        event_id, _, _, recorded_at, _, _ = _decode_stamp(raw)
    except (msgspec.MsgspecError, UnicodeError):
        return "", None
    return event_id, recorded_at


def _cut(run: Run, first: int, last: int) -> Run:
    return run.until(last).after(first - 1)


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(tuple[str, str, bytes]).decode
_decode_told: Final = msgspec.json.Decoder(tuple[int, Instant | None, int]).decode
_decode_stamp: Final = msgspec.json.Decoder(tuple[str, int, Instant, Instant, str, msgspec.Raw]).decode
