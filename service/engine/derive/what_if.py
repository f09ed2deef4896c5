"""What would have changed a prescription: the smallest change to the last session's sets that leads elsewhere.

A change is made of steps, and its distance is their number: one repetition (or five seconds), one load that the
equipment can make up or down, or one repetition in reserve where any was logged, of one set. (Reserves are left alone
where no rule reads them: then they change nothing.) All changes of a distance
are tried before any of the next, each by folding what follows the first of the sets again, so whatever is found is
proven to be the smallest. Only sets that rules have seen are changed: work sets of the track's last session.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.effective_history import Entry
from service.domain.events import SetLogged
from service.domain.exact import exact
from service.domain.hash_chain import canonical_json
from service.domain.limits import MOST_REPS, MOST_RIR, MOST_SECONDS
from service.domain.loads import DEFAULT_UNIT, LARGEST, Load, Unit
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.derive.derivation import Proof, prove
from service.engine.derive.json_values import value_json
from service.engine.language.compiler import expressions_of
from service.engine.language.tree_queries import walk
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import PlannedSlot, Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import Run, beginning, decoded
from service.engine.replay.state import LifterState
from service.engine.ruleset.typed_tree import Cell, FactName
from service.engine.version import ENGINE_VERSION

BOUND: Final = 6
"""No change of more steps is tried: so different a session was another session."""

MOST_FOLDS: Final = 2000
_MOST_EVENTS: Final = 40_000
"""So many changes are tried at most, or as many as fold so many events: some four seconds."""

MOST_WAYS: Final = 10
"""So many changes of the smallest distance are told."""

_SECONDS: Final = 5

Field: TypeAlias = Literal["load", "reps", "seconds", "rir"]
Steps: TypeAlias = tuple[int, ...]
"""How far each dial is turned, up or down."""


class Dial(NamedTuple):
    """A number of the set at ``place`` in the history: what it would be after so many steps, 0 included."""

    place: int
    field: Field
    values: Mapping[int, Any]


class Way(NamedTuple):
    """A change, and what would be prescribed after it."""

    steps: Steps
    prescription: Prescription


class Search(NamedTuple):
    """What was found: the ways of the smallest distance, which is None if there are none.

    Every change of at most ``searched`` steps was tried, in ``folds`` folds.
    """

    ways: list[Way]
    distance: int | None
    searched: int
    folds: int


class Alternatives:
    """A prescription's last session, ready to be changed."""

    @exact
    def __init__(self, run: Run, plans: Plans, lifter: str, asked: PrescriptionId) -> None:
        self.proof: Proof = prove(run, plans, lifter, asked)
        self._plans, self._lifter, self._asked = plans, lifter, asked
        state, self._history = beginning(decoded(run), run, asked.valid_from)
        seen = _performed(self.proof.document)
        places = [place for place, entry in enumerate(self._history) if entry.event.event_id in seen]
        self._start = places[0] if places else len(self._history)
        Fold(state, plans).apply_all(self._history[: self._start])
        state.shared.version = run.last
        self._before = state.fields()
        unit = _unit(self.proof, self._history)
        self.dials = [
            dial
            for place in places
            for dial in _dials(place, self._history[place], self.proof.slot, unit)
            if dial.field != "rir" or _reads_reserve(self.proof)
        ]

    def after(self, steps: Steps) -> Prescription | None:
        """What would be prescribed had the sets been otherwise; None where rules cannot compute with such sets."""
        state = LifterState(ENGINE_VERSION, self._before)
        with suppress(ArithmeticError):
            fold = Fold(state, self._plans)
            fold.apply_all(self._changed(steps))
            fold.assume(self._asked.digest)
            prescriber = Prescriber(fold, self._asked.valid_from)
            return prescriber.prescription(self._lifter, prescriber.due_in(self._asked.slot))[0]
        return None

    def search(self, outcome: str | None) -> Search:
        """The smallest changes that lead to an outcome; without one, to another outcome or to another load."""
        now = self.proof.prescription
        budget = max(min(MOST_FOLDS, _MOST_EVENTS // max(len(self._history) - self._start, 1)), 1)
        folds = 0
        for distance in range(BOUND + 1):
            ways: list[Way] = []
            for steps in at_distance([dial.values.keys() for dial in self.dials], distance):
                if folds == budget:
                    return Search(ways, distance if ways else None, distance - 1, folds)
                folds += 1
                there = self.after(steps)
                if there is not None and (_differs(there, now) if outcome is None else there.outcome == outcome):
                    ways.append(Way(steps, there))
                    if len(ways) == MOST_WAYS:
                        break
            if ways:
                return Search(ways, distance, max(distance - 1, 0), folds)
        return Search([], None, BOUND, folds)

    def changes(self, steps: Steps) -> list[dict[str, Any]]:
        """What a change says of each set that it touches, as JSON values."""
        told = []
        for dial, turned in zip(self.dials, steps, strict=True):
            if turned:
                version, event = self._history[dial.place]
                change = {"event_id": event.event_id, "version": version, "field": dial.field, "steps": turned}
                told.append({**change, "from": _field_json(dial.values[0]), "to": _field_json(dial.values[turned])})
        return told

    def _changed(self, steps: Steps) -> list[Entry]:
        history = self._history[self._start :]
        for dial, turned in zip(self.dials, steps, strict=True):
            if turned:
                version, event = history[dial.place - self._start]
                data = msgspec.structs.replace(event.data, **{dial.field: dial.values[turned]})
                history[dial.place - self._start] = Entry(version, msgspec.structs.replace(event, data=data))
        return history


def what_if(run: Run, plans: Plans, lifter: str, asked: PrescriptionId, outcome: str | None = None) -> dict[str, Any]:
    """The smallest change to the last session that leads elsewhere, or to ``outcome``; `NotFound` as `prove` says."""
    alternatives = Alternatives(run, plans, lifter, asked)
    found = alternatives.search(outcome)
    now = alternatives.proof.prescription
    document: dict[str, Any] = msgspec.json.decode(
        canonical_json(
            {
                "prescription_id": now.prescription_id,
                "wanted": outcome,
                "outcome": now.outcome,
                "distance": found.distance,
                "bound": BOUND,
                "searched": found.searched,
                "folds": found.folds,
                "ways": [
                    {
                        "changes": alternatives.changes(way.steps),
                        "outcome": way.prescription.outcome,
                        "because": list(way.prescription.because),
                        "sets": msgspec.to_builtins(way.prescription.sets, builtin_types=(Decimal,)),
                    }
                    for way in found.ways
                ],
            }
        )
    )
    return {**document, "said": _said(document, changeable=bool(alternatives.dials))}


def at_distance(dials: Sequence[Any], distance: int) -> Iterator[Steps]:
    """Every way to turn dials that makes so many steps in all; each dial says what turns it has. In a fixed order."""
    if not dials:
        if distance == 0:
            yield ()
        return
    first, *others = dials
    for size in range(distance, -1, -1):
        for turned in (size, -size) if size else (0,):
            if turned in first:
                for rest in at_distance(others, distance - size):
                    yield (turned, *rest)


def _performed(document: Mapping[str, Any]) -> set[str]:
    """The ids of the sets that the rules have seen since the session opened."""
    return {event_id for trigger in document["triggers"] for event_id in trigger.get("facts_from", {}).get("set", ())}


def _reads_reserve(proof: Proof) -> bool:
    """Whether any rule that was asked, or may be, reads what was left in reserve."""
    schemes = [bound.scheme for bound in proof.slot.schemes.values()] + [
        each for asked in proof.asked for each in asked
    ]
    return any(
        (isinstance(node, FactName) and node.fact.name == "set.rir")
        or (isinstance(node, Cell) and node.column.name == "rir")
        for scheme in schemes
        for expression in expressions_of(scheme)
        for node in walk(expression.root)
    )


def _unit(proof: Proof, history: Sequence[Entry]) -> Unit:
    """The lifter's working unit: every prescribed load is in it, and else the sets themselves say it."""
    for each in proof.prescription.sets:
        if each.load is not None:
            return each.load.unit
    return next(
        (entry.event.data.load.unit for entry in history if isinstance(entry.event.data, SetLogged)), DEFAULT_UNIT
    )


def _dials(place: int, entry: Entry, slot: PlannedSlot, unit: Unit) -> Iterator[Dial]:
    data = entry.event.data
    if not isinstance(data, SetLogged):
        return
    if data.reps is not None:
        yield Dial(place, "reps", _numbers(data.reps, 1, MOST_REPS))
    elif data.seconds is not None:
        yield Dial(place, "seconds", _numbers(data.seconds, _SECONDS, MOST_SECONDS))
    yield Dial(place, "load", _loads(data.load, slot, unit))
    if data.rir is not None:
        yield Dial(place, "rir", _numbers(data.rir, 1, MOST_RIR))


def _numbers(logged: Any, step: int, most: int) -> dict[int, Any]:
    turned = {steps: logged + steps * step for steps in range(-BOUND, BOUND + 1)}
    return {steps: value for steps, value in turned.items() if 0 <= value <= most}


def _loads(logged: Load, slot: PlannedSlot, unit: Unit) -> dict[int, Load]:
    """The loads that can be made around the one logged, which itself stays as it was logged."""
    values = {0: logged}
    least = -LARGEST[unit] if slot.exercise.load == "added" else 0
    for steps in (steps for steps in range(-BOUND, BOUND + 1) if steps):
        made = slot.loading.stepped(logged.in_unit(unit), steps)
        if made is not None and least <= made <= LARGEST[unit]:
            values[steps] = Load(made, unit)
    return values


def _field_json(value: Any) -> Any:
    return value_json(value.value, value.unit) if isinstance(value, Load) else value


def _differs(one: Prescription, other: Prescription) -> bool:
    """Whether the outcome, or the load of any set that both have, is another."""
    loads = {each.index: each.load for each in other.sets if each.kind != "warmup"}
    return one.outcome != other.outcome or any(
        each.load != loads[each.index] for each in one.sets if each.index in loads and each.kind != "warmup"
    )


def _said(document: Mapping[str, Any], *, changeable: bool) -> str:
    wanted, distance = document["wanted"], document["distance"]
    goal = "another outcome or load" if wanted is None else f"the outcome {wanted}"
    if distance == 0:
        return f"{wanted} is what came out."
    if not changeable:
        return "There is no session to change: no work set of it counts towards this prescription."
    if distance is None:
        cut = "" if document["searched"] == BOUND else f" (the search ended there, after {document['folds']} folds)"
        return f"No change of at most {_steps(document['searched'])} to the last session leads to {goal}{cut}."
    if distance == 1:
        return f"One step leads to {goal}."
    return f"{_steps(distance)} lead to {goal}, and none of fewer does."


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'}"
