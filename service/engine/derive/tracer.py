"""Tracing a fold: every trigger of a track since its last performed session opened, as a derivation shows it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, cast

from service.domain.events import Event, SetLogged
from service.domain.instants import Instant, render
from service.domain.loads import Unit, canonical
from service.engine.derive.json_values import reading_json, track_json, value_json
from service.engine.language.interpreter import consider
from service.engine.reading.readings import How, Reading
from service.engine.replay.arbitration import Firing
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep
from service.engine.replay.fold import BASELINE
from service.engine.replay.observer import FoldObserver
from service.engine.replay.other_unit import carry_track_over
from service.engine.replay.state import Once, Session
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger

UNIT: Final = "unit"
"""Stands for the trigger where a lever goes on in another unit."""


class Trail:
    """What was recorded of a track since its session number ``session`` opened, and where it stood before."""

    def __init__(self, slot: PlannedSlot, session: int, earlier: dict[str, Any]) -> None:
        self.slot = slot
        self.session = session
        self.earlier = earlier
        self.triggers: list[dict[str, Any]] = []
        self.asked: list[tuple[Scheme, ...]] = []
        """The schemes whose rules each trigger lists."""
        self.performed: list[str] = []

    def copy(self) -> Trail:
        """A trail of its own."""
        other = Trail(self.slot, self.session, self.earlier)
        other.triggers, other.asked, other.performed = self.triggers.copy(), self.asked.copy(), self.performed.copy()
        return other

    def after(self, before: Trail) -> Trail:
        """The trail that goes on where another one ends."""
        other = before.copy()
        other.session = self.session
        other.triggers += self.triggers
        other.asked += self.asked
        other.performed = self.performed
        return other

    def add(self, trigger: dict[str, Any], steps: Sequence[PlannedStep] = ()) -> None:
        """Append a trigger, which asked the rules of ``steps``."""
        self.triggers.append(trigger)
        self.asked.append(tuple(planned.bound.scheme for planned in steps))


class Tracer(FoldObserver):
    """Keeps a `Trail` of one track while a fold is made, from session number ``session`` on.

    Tracing costs some hundred times what folding does, so nothing else is traced.
    """

    def __init__(self, track: str, session: int) -> None:
        self._traced = track
        self._from_session = session
        self._tracks: Tracks
        self._trail: Trail | None = None
        self._trail_before: Trail | None = None
        """That of the session before."""
        self._version = 0
        self._event: Event | None = None
        self._folded_until: Instant | None = None
        self._events: dict[int, Event] = {}
        self._baselines: dict[str, str] = {}
        self._counted: tuple[int, ...] = ()
        """The versions of the work set that was counted last."""
        self._readings: dict[int, Reading] = {}
        """How sets are read, by version."""
        self._performed: set[int] = set()
        """The versions of all work sets that were counted."""
        self._notes: list[tuple[int, dict[str, Any]]] = []
        """By number of the session what was read in it before it performed the track."""
        self._asked: list[dict[str, Any]] = []
        """The rules that run just now, scheme by scheme."""
        self._before: dict[str, Any] = {}
        """The track as it was before they ran."""
        self._steps: Sequence[PlannedStep] = ()

    def attach(self, tracks: Tracks) -> None:
        """Read the facts and the state of this fold."""
        self._tracks = tracks

    def for_duplicate(self) -> Tracer:
        """A tracer with a trail of its own."""
        other = copy.copy(self)
        other._trail = None if self._trail is None else self._trail.copy()  # noqa: SLF001 - its own class
        other._readings, other._performed = dict(self._readings), set(self._performed)  # noqa: SLF001 - likewise
        other._notes = list(self._notes)  # noqa: SLF001 - likewise
        return other

    def trail(self, slot: PlannedSlot) -> Trail:
        """The trail of the slot's track; one that was never performed has only its beginning."""
        if self._trail is None:
            standing = {
                "as_of": None if self._folded_until is None else render(self._folded_until),
                "baseline": self._baselines.get(slot.exercise.id),
                "state": self._json(slot, self._tracks.of(slot)),
            }
            self._trail = Trail(slot, self._session, standing)
        return self._trail

    # What the fold tells

    def event_begins(self, version: int, event: Event) -> None:
        """Know at each trigger which event caused it."""
        self._version, self._event = version, event
        self._events[version] = event

    def event_ended(self, event: Event) -> None:
        """Know that no event causes what comes next."""
        self._event = None
        self._folded_until = event.occurred_at

    def track_begins(self, slot: PlannedSlot) -> None:
        """Begin a new trail with a track's first work set of a session; what was read of it before goes along."""
        if self._is_traced(slot):
            if self._trail is not None and self._trail.session != self._session:
                self._trail_before, self._trail = self._trail, None
            for session, note in self._notes:
                if session == self._session and note not in self.trail(slot).triggers:
                    self.trail(slot).add(note)
            self.trail(slot)
            self._notes = []

    def track_is_lighter(self, slot: PlannedSlot) -> None:
        """Go on with the trail of the session before: what was due then is still to be asked."""
        if self._is_traced(slot) and self._trail_before is not None:
            self._trail = self.trail(slot).after(self._trail_before)

    def track_is_as_it_opened(self, slot: PlannedSlot) -> None:
        """Go back to the trail that the open session found."""
        if slot.track == self._traced and self._trail is not None:
            self._trail = self._trail_before or Trail(slot, self._trail.session, self._trail.earlier)

    def time_begins(self, slot: PlannedSlot) -> None:
        """Begin the trail, if there is none, before time changes anything."""
        if self._is_traced(slot):
            self.trail(slot)

    def set_passed_over(self, slot: PlannedSlot) -> None:
        """Note a set that no rule saw."""
        if self._is_traced(slot):
            why = f"not measured in {slot.measure}: no rule sees it"
            self._note(slot, {"trigger": None, **self._cause(), "set": self._set_json(self._version), "why": why})

    def set_read(self, slot: PlannedSlot, version: int, reading: Reading) -> None:
        """Note how a set was read; of work that is said with the rules that it sets off."""
        if not self._is_traced(slot):
            return
        self._readings[version] = reading
        if reading.how in (How.PLACE, How.EXTRA) and version not in self._performed:
            return
        self._note(
            slot,
            {
                "trigger": None,
                **self.cause(version),
                "set": self._set_json(version),
                "reading": reading_json(reading),
                "why": reading.sentence(),
            },
        )

    def set_counted(self, _slot: PlannedSlot, _session: Session, _number: int, versions: tuple[int, ...]) -> None:
        """Know which events the set is made of whose rules come next."""
        self._counted = versions
        self._performed.update(versions)

    def rules_begin(self, trigger: Trigger, steps: Sequence[PlannedStep], track: Track) -> None:
        """Write down each rule that will be considered, and what it reads."""
        trail = self._trail_of(track)
        if trail is None:
            return
        self._before = self._json(trail.slot, track)
        self._steps = steps
        self._asked = [
            {
                "scheme": planned.scheme,
                "role": planned.role,
                "rules": consider(planned.bound, trigger, self._tracks.facts, track, track.own[planned.scheme])[1],
            }
            for planned in steps
        ]

    def rules_ended(self, trigger: Trigger, fired: Sequence[Firing], lost: frozenset[int], track: Track) -> None:
        """Write down what the rules came to."""
        trail = self._trail_of(track)
        if trail is None:
            return
        moves = [
            {
                "scheme": planned.scheme,
                "rule": planned.bound.scheme.rules[trigger][result[0]].name,
                "from": self._before["lever"],
                "to": value_json(result[1], self._unit),
                "applied": place not in lost,
            }
            for place, (planned, result) in enumerate(fired)
        ]
        facts_from: dict[str, Any] = {"history": "earlier", "baseline": self._baselines.get(trail.slot.exercise.id)}
        cause = self._cause()
        if trigger is Trigger.AFTER_SET:
            last = self._counted[-1]
            cause = {
                **self.cause(last),
                "set": self._set_json(last),
                "reading": reading_json(self._readings[last]),
            }
            facts_from["set"] = [self._events[version].event_id for version in self._counted]
            trail.performed.extend(facts_from["set"])
        facts_from["session"] = list(trail.performed)
        trail.add(
            {
                "trigger": str(trigger),
                **cause,
                "facts_from": facts_from,
                "schemes": self._asked,
                "before": self._before,
                "moves": moves,
                "after": self._json(trail.slot, track),
            },
            self._steps,
        )

    def slot_skipped(self, slot: PlannedSlot, reason: str | None) -> None:
        """Note a session that was not to be."""
        if self._is_traced(slot):
            why = "skipped" if reason is None else f"skipped: {reason}"
            self._note(slot, {"trigger": None, **self._cause(), "slot": slot.id, "why": why})

    def asked_otherwise(self, slot: PlannedSlot, once: Once) -> None:
        """Note the load that was asked in place of that of the rules, which are not asked about it."""
        if self._is_traced(slot) and once.load is not None:
            said = "no rule of its progression is asked about sets with a one-off load"
            why = said if once.reason is None else f"{said}: {once.reason}"
            load = value_json(once.load.value, once.load.unit)
            self._note(slot, {"trigger": None, **self.cause(once.version), "slot": slot.id, "load": load, "why": why})

    def baseline_set(self, exercise: str) -> None:
        """Remember which event a baseline came from."""
        self._baselines[exercise] = self._events[self._version].event_id

    def lever_begins_anew(self, slot: PlannedSlot, track: Track, lever: Decimal) -> None:
        """Note a lever that no rule has moved."""
        if not self._is_traced(slot):
            return
        trail = self.trail(slot)
        before = self._json(slot, track)
        moved = track.copy()
        moved.move(lever)
        move = {"scheme": None, "rule": BASELINE, "from": before["lever"], "to": value_json(lever, self._unit)}
        trail.add(
            {
                "trigger": BASELINE,
                **self._cause(),
                "facts_from": {"baseline": self._baselines[slot.exercise.id]},
                "schemes": [],
                "before": before,
                "moves": [{**move, "applied": True}],
                "after": self._json(slot, moved),
            }
        )

    def unit_changes(self, unit: Unit) -> None:
        """Note a lever that is what it was, in another unit."""
        track = self._tracks.state.tracks.get(self._traced)
        if self._trail is None or track is None or track.lever is None:
            return
        slot = self._trail.slot
        before = self._json(slot, track)
        carried = track.copy()
        carried.unit = self._unit
        carry_track_over(carried, slot.rule_set.schemes, unit)
        move = {"scheme": None, "rule": UNIT, "from": before["lever"], "to": value_json(carried.lever, unit)}
        self._trail.add(
            {
                "trigger": UNIT,
                **self._cause(),
                "facts_from": {},
                "schemes": [],
                "before": before,
                "moves": [{**move, "applied": True}],
                "after": track_json(slot, carried, unit),
            }
        )

    # What is written down of it

    def _trail_of(self, track: Track) -> Trail | None:
        return self._trail if self._tracks.state.tracks.get(self._traced) is track else None

    def _is_traced(self, slot: PlannedSlot) -> bool:
        return slot.track == self._traced and self._session >= self._from_session

    def _cause(self) -> dict[str, Any]:
        """The event that brought a trigger about; time, where there is none."""
        return {"cause": "time"} if self._event is None else self.cause(self._version)

    def cause(self, version: int) -> dict[str, Any]:
        """The event of a version, as what brought something about."""
        event = self._events[version]
        return {
            "cause": "event",
            "version": version,
            "event_id": event.event_id,
            "type": event.type,
            "occurred_at": render(event.occurred_at),
        }

    def _set_json(self, version: int) -> dict[str, Any]:
        """The set of a version as logged; its kind is null where nobody said one."""
        data = cast(SetLogged, self._events[version].data)
        return {
            "exercise": data.exercise,
            "load": value_json(data.load.value, data.load.unit),
            **({"seconds": data.seconds} if data.reps is None else {"reps": data.reps}),
            "rir": None if data.rir is None else canonical(data.rir),
            "kind": data.kind,
        }

    def _note(self, slot: PlannedSlot, note: dict[str, Any]) -> None:
        """Add what set off no rule; of a session that has not performed the track yet, also to that one's trail."""
        trail = self.trail(slot)
        trail.add(note)
        if trail.session != self._session:
            self._notes.append((self._session, note))

    @property
    def _session(self) -> int:
        return self._tracks.state.shared.session.number

    @property
    def _unit(self) -> Unit:
        return self._tracks.state.shared.working_unit

    def _json(self, slot: PlannedSlot, track: Track) -> dict[str, Any]:
        return track_json(slot, track, self._unit)
