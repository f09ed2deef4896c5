"""The fold with tracing on: every trigger of a track since its last performed session opened, as a proof shows it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self

from service.domain.events import Event, SetLogged
from service.domain.instants import Instant, render
from service.domain.loads import Unit, canonical
from service.engine.arbitration import settle
from service.engine.evaluation import consider
from service.engine.fold import Fold
from service.engine.model import Trigger
from service.engine.plan import PlannedSlot, PlannedStep, Plans
from service.engine.state import LifterState, Track, Value


class Trail:
    """What was recorded of one track, and where it stood before."""

    def __init__(self, slot: PlannedSlot, earlier: dict[str, Any]) -> None:
        self.slot = slot
        self.earlier = earlier
        self.triggers: list[dict[str, Any]] = []
        self.performed: list[str] = []


class TracingFold(Fold):
    """A fold that answers as `Fold` does and keeps a `Trail` for each track."""

    def __init__(self, state: LifterState, plans: Plans) -> None:
        super().__init__(state, plans)
        self.trails: dict[str, Trail] = {}
        self._event: Event | None = None
        self.standing_since: Instant | None = None
        self.ids: dict[int, str] = {}

    def apply_all(self, history: Iterable[tuple[int, Event]]) -> None:
        """Fold as `Fold` does, knowing at each trigger which event caused it."""
        for version, event in history:
            self._event = event
            self.ids[version] = event.event_id
            super().apply_all(((version, event),))
            self.standing_since = event.occurred_at
        self._event = None

    def duplicate(self) -> Self:
        """A fold of its own that stands where this one does, its trails included."""
        other = super().duplicate()
        other.version, other.standing_since, other.ids = self.version, self.standing_since, self.ids
        for key, trail in self.trails.items():
            kept = other.trails[key] = Trail(trail.slot, trail.earlier)
            kept.triggers, kept.performed = copy.copy(trail.triggers), copy.copy(trail.performed)
        return other

    def trail(self, slot: PlannedSlot) -> Trail:
        """The trail of a slot's track; one that was never performed has only its beginning."""
        known = self.trails.get(slot.track)
        return known if known is not None else self._new_trail(slot)

    def _new_trail(self, slot: PlannedSlot) -> Trail:
        standing = {
            "as_of": None if self.standing_since is None else render(self.standing_since),
            "state": self._shown(slot, self.track(slot)),
        }
        trail = self.trails[slot.track] = Trail(slot, standing)
        return trail

    def begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Begin a new trail with a track's first set of a session."""
        self._new_trail(slot)
        super().begin(at, slot, track)

    def let_time_speak(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Consider what time alone has caused, on the slot's trail."""
        self.trail(slot)
        super().let_time_speak(at, slot, track)

    def pass_over(self, slot: PlannedSlot) -> None:
        """Note a set that no rule saw."""
        self.trail(slot).triggers.append({"trigger": None, **self._cause(), "why": "not a work set: no rule sees it"})

    def consider(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules as `Fold` does, writing down each one considered."""
        trail = next(trail for key, trail in self.trails.items() if self.state.tracks.get(key) is track)
        unit = self._unit
        before = self._shown(trail.slot, track)
        lever = track.lever
        fired = []
        schemes = []
        for planned in steps:
            result, rules = consider(planned.bound, trigger, self.facts, track, track.own[planned.scheme])
            schemes.append({"scheme": planned.scheme, "role": planned.role, "rules": rules})
            if result is not None:
                fired.append((planned, (*result,)))
        lost = settle(fired, track, trigger, self.version)
        moves = [
            {
                "scheme": planned.scheme,
                "rule": planned.bound.scheme.rules[trigger][result[0]].name,
                "from": shown(lever, unit),
                "to": shown(result[1], unit),
                "applied": place not in lost,
            }
            for place, (planned, result) in enumerate(fired)
        ]
        facts_from: dict[str, Any] = {"history": "earlier"}
        if trigger is Trigger.AFTER_SET:
            facts_from["set"] = [self.ids[version] for version in self.pair or (self.version,)]
            trail.performed.extend(facts_from["set"])
        facts_from["session"] = list(trail.performed)
        trail.triggers.append(
            {
                "trigger": str(trigger),
                **self._cause(),
                "facts_from": facts_from,
                "schemes": schemes,
                "before": before,
                "moves": moves,
                "after": self._shown(trail.slot, track),
            }
        )

    def _cause(self) -> dict[str, Any]:
        """The event that brought a trigger about; time, where there is none."""
        event = self._event
        if event is None:
            return {"cause": "time"}
        cause: dict[str, Any] = {
            "cause": "event",
            "version": self.version,
            "event_id": event.event_id,
            "type": event.type,
            "occurred_at": render(event.occurred_at),
        }
        if isinstance(event.data, SetLogged):
            data = event.data
            cause["set"] = {
                "exercise": data.exercise,
                "load": shown(data.load.value, data.load.unit),
                "reps": data.reps,
                "seconds": data.seconds,
                "rir": None if data.rir is None else canonical(data.rir),
                "kind": data.kind or "inferred from the load",
            }
        return cause

    @property
    def _unit(self) -> Unit:
        return self.state.shared.unit or "kg"

    def _shown(self, slot: PlannedSlot, track: Track) -> dict[str, Any]:
        return shown_track(slot, track, self._unit)


def shown_track(slot: PlannedSlot, track: Track, unit: Unit) -> dict[str, Any]:
    """A track's lever, counts and scheme state by name, as JSON values."""
    own: dict[str, dict[str, Any]] = {}
    for scheme_id, values in sorted(track.own.items()):
        variables = slot.rule_set.schemes[scheme_id].state
        if variables:
            own[scheme_id] = {
                variable.name: shown(value, unit if variable.type == "load" else None)
                for variable, value in zip(variables, values, strict=True)
            }
    return {
        "lever": shown(track.lever, unit),
        "schemes": own,
        "sessions": track.sessions,
        "sessions_since_change": track.sessions_since_change,
        "sessions_since_record": track.sessions_since_record,
        "deloaded": track.deloaded,
        "last_performed_at": None if track.last_at is None else render(track.last_at),
    }


def shown(value: Value, unit: Unit | None) -> Any:
    """A value as JSON shows it: canonical decimals, loads with their unit, ranges as objects."""
    if isinstance(value, Decimal):
        exact = Decimal(canonical(value))
        return exact if unit is None else {"value": exact, "unit": unit}
    if isinstance(value, tuple):
        return {"min": value[0], "max": value[1]}
    return value
