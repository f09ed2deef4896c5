"""The fold with tracing on: every trigger of a track since its last performed session opened, as a proof shows it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Self, cast

from service.domain.events import BaselineSet, Event, SetLogged
from service.domain.instants import Instant, render
from service.domain.loads import Unit, canonical
from service.engine.language.interpreter import consider
from service.engine.replay.arbitration import settle
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep, Plans
from service.engine.replay.fold import BASELINE, Fold
from service.engine.replay.state import LifterState, Track, Value
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger


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

    def add(self, trigger: dict[str, Any], steps: tuple[PlannedStep, ...] = ()) -> None:
        """Append a trigger, which asked the rules of ``steps``."""
        self.triggers.append(trigger)
        self.asked.append(tuple(planned.bound.scheme for planned in steps))


class TracingFold(Fold):
    """A fold that answers as `Fold` does and keeps a `Trail` of one track, from session number ``session`` on.

    Tracing costs some hundred times what folding does, so nothing else is traced.
    """

    def __init__(self, state: LifterState, plans: Plans, track: str, session: int) -> None:
        super().__init__(state, plans)
        self._traced = track
        self._from_session = session
        self._trail: Trail | None = None
        self._event: Event | None = None
        self._folded_until: Instant | None = None
        self._events: dict[int, Event] = {}
        self._baselines: dict[str, str] = {}

    def apply_all(self, history: Iterable[tuple[int, Event]]) -> None:
        """Fold as `Fold` does, knowing at each trigger which event caused it."""
        for version, event in history:
            self._event = event
            self._events[version] = event
            super().apply_all(((version, event),))
            self._folded_until = event.occurred_at
        self._event = None

    def duplicate(self) -> Self:
        """A fold of its own that stands where this one does, its trail included."""
        other = super().duplicate()
        other._trail = None if self._trail is None else self._trail.copy()  # noqa: SLF001 - its own class
        return other

    def trail(self, slot: PlannedSlot) -> Trail:
        """The trail of the slot's track; one that was never performed has only its beginning."""
        if self._trail is None:
            standing = {
                "as_of": None if self._folded_until is None else render(self._folded_until),
                "baseline": self._baselines.get(slot.exercise.id),
                "state": self._shown(slot, self.track(slot)),
            }
            self._trail = Trail(slot, self.state.shared.session.number, standing)
        return self._trail

    def _is_traced(self, slot: PlannedSlot) -> bool:
        return slot.track == self._traced and self.state.shared.session.number >= self._from_session

    def baseline_set(self, data: BaselineSet) -> None:
        """Remember which event a baseline came from."""
        self._baselines[data.exercise] = self._events[self.version].event_id
        super().baseline_set(data)

    def start_anew(self, slot: PlannedSlot, track: Track, lever: Decimal) -> None:
        """Note a lever that no rule has moved."""
        if not self._is_traced(slot):
            super().start_anew(slot, track, lever)
            return
        trail = self.trail(slot)
        before = self._shown(slot, track)
        move = {"scheme": None, "rule": BASELINE, "from": before["lever"], "to": shown(lever, self._unit)}
        super().start_anew(slot, track, lever)
        trail.add(
            {
                "trigger": BASELINE,
                **self._cause(),
                "facts_from": {"baseline": self._baselines[slot.exercise.id]},
                "schemes": [],
                "before": before,
                "moves": [{**move, "applied": True}],
                "after": self._shown(slot, track),
            }
        )

    def begin(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Begin a new trail with a track's first set of a session."""
        if self._is_traced(slot):
            if self._trail is not None and self._trail.session != self.state.shared.session.number:
                self._trail = None
            self.trail(slot)
        super().begin(at, slot, track)

    def let_time_speak(self, at: Instant, slot: PlannedSlot, track: Track) -> None:
        """Consider what time alone has caused, on the trail."""
        if self._is_traced(slot):
            self.trail(slot)
        super().let_time_speak(at, slot, track)

    def pass_over(self, slot: PlannedSlot) -> None:
        """Note a set that no rule saw."""
        if self._is_traced(slot):
            performed = self._performed("warmup")
            measured = performed[slot.measure] is not None
            why = "not a work set: no rule sees it" if measured else f"not measured in {slot.measure}: no rule sees it"
            self.trail(slot).add({"trigger": None, **self._cause(), "set": performed, "why": why})

    def consider(self, trigger: Trigger, steps: tuple[PlannedStep, ...], track: Track) -> None:
        """Run the rules as `Fold` does, writing down each one considered."""
        trail = self._trail
        if trail is None or self.state.tracks.get(self._traced) is not track:
            super().consider(trigger, steps, track)
            return
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
        facts_from: dict[str, Any] = {"history": "earlier", "baseline": self._baselines.get(trail.slot.exercise.id)}
        cause = self._cause()
        if trigger is Trigger.AFTER_SET:
            cause["set"] = self._performed("work")
            facts_from["set"] = [self._events[version].event_id for version in self.pair or (self.version,)]
            trail.performed.extend(facts_from["set"])
        facts_from["session"] = list(trail.performed)
        trail.add(
            {
                "trigger": str(trigger),
                **cause,
                "facts_from": facts_from,
                "schemes": schemes,
                "before": before,
                "moves": moves,
                "after": self._shown(trail.slot, track),
            },
            steps,
        )

    def _cause(self) -> dict[str, Any]:
        """The event that brought a trigger about; time, where there is none."""
        event = self._event
        if event is None:
            return {"cause": "time"}
        return {
            "cause": "event",
            "version": self.version,
            "event_id": event.event_id,
            "type": event.type,
            "occurred_at": render(event.occurred_at),
        }

    def _performed(self, counts_as: str) -> dict[str, Any]:
        """The set at hand as logged, of a pair the later one; ``counts_as`` is its kind where it named none."""
        data = cast(SetLogged, self._events[self.pair[-1] if self.pair else self.version].data)
        return {
            "exercise": data.exercise,
            "load": shown(data.load.value, data.load.unit),
            "reps": data.reps,
            "seconds": data.seconds,
            "rir": None if data.rir is None else canonical(data.rir),
            "kind": data.kind or f"{counts_as}, inferred from the load",
        }

    @property
    def _unit(self) -> Unit:
        return self.state.shared.unit or "kg"

    def _shown(self, slot: PlannedSlot, track: Track) -> dict[str, Any]:
        return shown_track(slot, track, self._unit)


def shown_track(slot: PlannedSlot, track: Track, unit: Unit) -> dict[str, Any]:
    """A track's lever, counts and scheme state by name, as JSON values."""
    own: dict[str, dict[str, Any]] = {}
    for scheme_id, values in sorted(track.own.items()):
        scheme = slot.rule_set.schemes.get(scheme_id)
        if scheme is not None and scheme.state:
            own[scheme_id] = {
                variable.name: shown(value, unit if variable.type == "load" else None)
                for variable, value in zip(scheme.state, values, strict=True)
            }
    return {
        "lever": shown(track.lever, unit),
        "schemes": own,
        "sessions": track.sessions,
        "sessions_since_change": track.sessions_since_change,
        "sessions_since_raise": track.sessions_since_raise,
        "sessions_since_record": track.sessions_since_record,
        "deloaded": track.deloaded,
        "adjusted": None
        if track.adjusted is None
        else {
            "scheme": track.adjusted[0],
            "load": shown(track.adjusted[1], None),
            "sets": shown(track.adjusted[2], None),
        },
        "last_performed_at": None if track.last_at is None else render(track.last_at),
    }


def _adjusted(track: Track) -> dict[str, Any] | None:
    """The deload scheme that adjusts the session, and the percentages of loads and sets that it leaves."""
    if track.adjusted is None:
        return None
    scheme, load, sets = track.adjusted
    return {"scheme": scheme, "load": shown(load, None), "sets": shown(sets, None)}


def shown(value: Value, unit: Unit | None) -> Any:
    """A value as JSON shows it: canonical decimals, loads with their unit, ranges as objects."""
    if isinstance(value, Decimal):
        exact = Decimal(canonical(value))
        return exact if unit is None else {"value": exact, "unit": unit}
    if isinstance(value, tuple):
        return {"min": value[0], "max": value[1]}
    return value
