"""A lifter's training written down in a few words, folded by the real engine over the real rules; no server.

::

    lifter = Lifter().follows("upper-back").baseline("deadlift", "225 lb")
    lifter.does("deadlift", "225x6 rir 1")
    assert loads(lifter.next("deadlift")) == ["235", "235"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Self, cast

from service.domain.equipment import HOUSE_PLATES, Equipment, Plates
from service.domain.event_encoding import encode
from service.domain.events import (
    BaselineSet,
    Event,
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    SessionCompleted,
    SetLogged,
    SetVoided,
)
from service.domain.instants import HOUR, SECOND, Instant, parse
from service.domain.loads import Load, Unit, canonical
from service.domain.prescription import Prescription, PrescriptionId
from service.domain.same_event import canonical_data, content_sha256
from service.engine.files.library import Library, library_from_files, load_library
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import Run, replay_whole
from service.engine.replay.state import LifterState
from service.engine.replay.track import Track
from service.engine.ruleset.rule_set import RuleSet
from service.usecases.lifter.explain import derive

RULES = Path(__file__).parents[2] / "rules"
LIBRARY: Library = load_library(RULES)
DEFAULT: RuleSet = LIBRARY.rule_set("default")
UPPER_BACK: RuleSet = LIBRARY.rule_set("upper-back")
RULE_SETS: dict[str, RuleSet] = {rule_set.digest: rule_set for rule_set in (DEFAULT, UPPER_BACK)}
PLANS = Plans(RULE_SETS)

MINUTE = 60 * SECOND
DAY = 24 * HOUR
MONDAY: Instant = parse("2026-01-05T18:00:00Z")
"""When a lifter's log begins."""

_SMALL: dict[Unit, Decimal] = {"kg": Decimal("0.5"), "lb": Decimal("1.25")}

SMALL_PLATES: dict[Unit, Equipment] = {
    unit: Equipment(plates=tuple(Plates(Load(size, unit), count) for size, count in (*plates, (_SMALL[unit], 2))))
    for unit, plates in HOUSE_PLATES.items()
}
"""The house's plates and the small pair that few gyms have, for tests in which loads lie closer than the house's."""

_LOAD = re.compile(r"(-?[\d.]+) (kg|lb)")
_SET = re.compile(r"(?P<load>-?[\d.]+)x(?P<amount>\d+)(?P<timed>s?)(?: rir (?P<rir>[\d.]+))?")


def load(text: str) -> Load:
    """``225 lb``."""
    match = _LOAD.fullmatch(text)
    assert match, text
    return Load(Decimal(match[1]), cast(Unit, match[2]))


def a_set(exercise: str, text: str, unit: Unit = "lb", **fields: Any) -> SetLogged:
    """``225x6``, ``225x6 rir 1``, ``0x30s``."""
    match = _SET.fullmatch(text)
    assert match, text
    amount = int(match["amount"])
    return SetLogged(
        exercise,
        Load(Decimal(match["load"]), unit),
        reps=None if match["timed"] else amount,
        seconds=amount if match["timed"] else None,
        rir=Decimal(match["rir"]) if match["rir"] else None,
        **fields,
    )


def rule_set_of(files: Mapping[str, str], programme: str) -> RuleSet:
    """A programme out of files of a test's own beside the published ones; known to `PLANS` from now on."""
    own = {path: text.encode() for path, text in files.items()}
    made = library_from_files({**LIBRARY.files, **own}).rule_set(programme)
    return RULE_SETS.setdefault(made.digest, made)


class Lifter:
    """A log that grows by one event a call, each a minute after the one before unless ``at`` says when."""

    def __init__(self, unit: Unit = "lb", plans: Plans = PLANS) -> None:
        self.unit: Unit = unit
        self.plans = plans
        self.now: Instant = MONDAY
        self.log: list[Event] = []

    # What is logged

    def logs(self, data: EventData, *, at: Instant | None = None) -> str:
        """Append an event; its id, ``e1``, ``e2``, ..."""
        if at is None:
            self.now += MINUTE
        event_id = f"e{len(self.log) + 1}"
        occurred_at = self.now if at is None else at
        self.log.append(Event(event_id, data.schema_version, occurred_at, self.now, "test", canonical_data(data)))
        return event_id

    def does(self, exercise: str, *sets: str, at: Instant | None = None, **fields: Any) -> Self:
        """Perform sets of an exercise, such as ``225x6``, in the lifter's unit."""
        for text in sets:
            self.logs(a_set(exercise, text, self.unit, **fields), at=at)
        return self

    def follows(self, programme: str | RuleSet, **params: dict[str, Any]) -> Self:
        """Take up a programme, with parameters by slot (``a/hinge`` is written ``a__hinge``)."""
        rule_set = LIBRARY.rule_set(programme) if isinstance(programme, str) else programme
        by_slot = {slot.replace("__", "/").replace("_", "-"): values for slot, values in params.items()}
        self.logs(ProgrammeAssigned(rule_set.programme.id, rule_set.digest, by_slot))
        return self

    def baseline(self, exercise: str, text: str) -> Self:
        """Set the start load of an exercise, such as ``225 lb``."""
        self.logs(BaselineSet(exercise, load=load(text)))
        return self

    def profile(self, **facts: Any) -> Self:
        """Change the profile."""
        self.logs(ProfileChanged(**facts))
        return self

    def owns_small_plates(self) -> Self:
        """Have a pair of 0.5 kg or 1.25 lb beside the house's plates."""
        return self.profile(equipment=SMALL_PLATES[self.unit])

    def voids(self, event_id: str) -> Self:
        """Take an event back."""
        self.logs(SetVoided(event_id))
        return self

    def ends(self) -> Self:
        """Complete the session."""
        self.logs(SessionCompleted())
        return self

    def rests(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> Self:
        """Let time pass."""
        self.now += days * DAY + hours * HOUR + minutes * MINUTE
        return self

    # What comes of it

    def run(self, first: int = 1, last: int | None = None) -> Run:
        """The log as stored, or the versions ``first`` to ``last`` of it."""
        events = self.log[first - 1 : last]
        hashes = [content_sha256(event.event_id, event.occurred_at, event.data) for event in events]
        pins = next((n for n, event in enumerate(self.log, 1) if isinstance(event.data, SetLogged | BaselineSet)), 0)
        pinned = (DEFAULT.digest, pins) if first <= pins < first + len(events) else (None, 0)
        return Run(first, [encode(event) for event in events], hashes, *pinned)

    def state(self, *, version: int | None = None, as_of: Instant | None = None) -> LifterState:
        """The state that the log, or its first ``version`` events, or those up to ``as_of`` lead to."""
        return replay_whole(self.run(last=version), self.plans, as_of=as_of)

    def track(self, exercise: str) -> Track:
        """The one track of an exercise."""
        tracks = self.state().tracks
        keys = [key for key in sorted(tracks.names()) if key.startswith(f"{exercise}/")]
        track = tracks.get(*keys)
        assert track is not None
        return track

    def asked(self, *, as_of: Instant | None = None, version: int | None = None) -> Prescriber:
        """Ask, as of a time: by default now."""
        at = self.now if as_of is None else as_of
        return asked(self.state(version=version, as_of=at), at, self.plans)

    def next(
        self, exercise: str, slot: str | None = None, *, as_of: Instant | None = None, version: int | None = None
    ) -> Prescription:
        """What to do next of an exercise, or in a slot."""
        prescriber = self.asked(as_of=as_of, version=version)
        due = prescriber.due(exercise) if slot is None else prescriber.due_in(slot)
        return prescriber.prescription("lifter", due)[0]

    def next_session(self, *, as_of: Instant | None = None, dormant: bool = False) -> list[Prescription]:
        """What is left of the open session, else the next."""
        prescriber = self.asked(as_of=as_of)
        return [prescriber.prescription("lifter", due)[0] for due in prescriber.next_session(dormant=dormant)]

    def resolved(self, prescription_id: str) -> Prescription:
        """The prescription of an id, made again."""
        slot, version, _, _, valid_from = PrescriptionId.decode(prescription_id)
        return self.next("", slot, as_of=valid_from, version=version)

    def derivation(self, prescription: Prescription) -> dict[str, Any]:
        """The proof of a prescription."""
        asked_for = PrescriptionId.decode(prescription.prescription_id)
        return derive(self.run(last=asked_for.version), self.plans, "lifter", asked_for)


def asked(state: LifterState, as_of: Instant, plans: Plans = PLANS) -> Prescriber:
    """What may be asked of a state, as of a time."""
    fold = Fold(state, plans)
    fold.assume(DEFAULT.digest)
    return Prescriber(fold, as_of)


def loads(prescription: Prescription) -> list[str | None]:
    """The loads of the sets to do, as text."""
    return [None if each.load is None else canonical(each.load.value) for each in prescription.sets]
