"""Whether events can be appended: what is wrong with each, by the log, by those before it in its batch, and by time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec

from service.domain.effective_history import acts_on
from service.domain.errors import (
    InvalidInput,
    Problem,
    SpotterError,
)
from service.domain.events import (
    CORRECTED,
    Correction,
    Event,
    EventData,
    ProgrammeAssigned,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
    TimelineData,
)
from service.domain.exercises import Exercise
from service.domain.gyms import may_be_sandbox
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND, Instant, render
from service.domain.log_entry import LogEntry
from service.domain.same_event import content_sha256
from service.domain.standing_sets import StandingSets
from service.engine.ruleset.known_exercises import KnownExercises
from service.store.log import NewEvent
from service.usecases.gym.sandbox import recording_at
from service.usecases.log.assistance import assistance_problems, read_sets
from service.usecases.log.batch import Batch
from service.usecases.log.check_assignment import resolved
from service.usecases.log.exercise_ids import with_ids
from service.usecases.log.known_sessions import session_problems
from service.usecases.log.warnings import (
    asks_for_programme,
)
from service.usecases.rules.gym_rule_sets import AssignableRuleSets
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services

MOST_AHEAD: Final[Instant] = 5 * 60 * SECOND
"""How far a client's clock may be ahead of ours."""

_NO_EVENT: Final = "names no event of this lifter"

_OTHER_TYPE: Final = "{correction} corrects a {target}, and this is a {actual}; {instead}"

_CORRECTED_BY: Final[Mapping[type[EventData], type[Correction]]] = {target: made for made, target in CORRECTED.items()}


Checked: TypeAlias = NewEvent | SpotterError
"""An event that can be appended, or why it cannot."""


def checked_events(
    services: Services, batch: Batch, actor: str, known_exercises: KnownExercises
) -> tuple[list[Checked], int | None]:
    """Each submission as it can be appended, or why not; and the version by which that was judged, if by any."""
    lifter, submissions = batch.lifter, batch.submissions
    now = recording_at(services, lifter.gym)
    targets = [target for submission in submissions if (target := acts_on(submission.data)) is not None]
    found = services.log.find(lifter, targets)
    known = {event_id: entry.event.data for event_id, entry in found.items()}
    sets = _Sets(services, lifter, found)
    checked: list[Checked] = []
    for submission in submissions:
        event_id, occurred_at, said = submission
        data, problems = with_ids(known_exercises, said)
        event = Event(event_id, data.schema_version, occurred_at, now, actor, data)
        problems += _time_problems(lifter, occurred_at, data, now)
        problems += target_problems(data, known)
        problems += assistance_problems(sets.exercises, event, known, sets.so_far)
        taken = (each.event for each in checked if isinstance(each, NewEvent))
        problems += session_problems(services, lifter, event, taken)
        # What the client said is what identifies it, so it is hashed before anything is filled in: an exercise by its
        # id, or, of an event that was logged before the library had an alias, as it was said.
        sha256 = content_sha256(event_id, occurred_at, data)
        as_said = b"" if data is said else content_sha256(event_id, occurred_at, said)
        if isinstance(data, ProgrammeAssigned):
            data, refused = resolved(AssignableRuleSets(services, lifter.gym), data)
            problems += refused
        if problems and not _is_logged(services, lifter, event_id, (sha256, as_said)):
            checked.append(InvalidInput(*problems))
            continue
        known.setdefault(event_id, data)
        if data is not event.data:
            event = msgspec.structs.replace(event, data=data)
        sets.taken.append(event)
        acts_on_set = bool(targets) and isinstance(known.get(acts_on(data) or ""), SetLogged | SetCorrected)
        checked.append(NewEvent(event, sha256, as_said, acts_on_set, asks_for_programme(data)))
    return checked, sets.version


def problems_by_place(checked: Sequence[Checked]) -> list[Problem]:
    """What is wrong with the events of a batch, each by its place."""
    return [
        problem.within("events", place)
        for place, found in enumerate(checked)
        if isinstance(found, InvalidInput)
        for problem in found.problems
    ]


def said_otherwise(checked: Sequence[Checked]) -> Iterator[Problem]:
    """Events of a batch that have the id of one before them and other content: each is one at most."""
    said: dict[str, bytes] = {}
    for place, new in enumerate(checked):
        if isinstance(new, NewEvent) and said.setdefault(new.event.event_id, new.sha256) != new.sha256:
            yield Problem("/event_id", "is that of an event before it, with other content").within("events", place)


class _Sets:
    """The sets that a batch acts on, and what exercises there are; ``taken`` are the batch's own events so far.

    The log is read when first asked, up to ``version``.
    """

    def __init__(self, services: Services, lifter: LifterRef, targets: Mapping[str, LogEntry]) -> None:
        self._read = partial(read_sets, services, lifter, targets)
        self._services = services
        self._sets: StandingSets | None = None
        self._exercises: Mapping[str, Exercise] | None = None
        self.version: int | None = None
        self.taken: list[Event] = []

    def exercises(self) -> Mapping[str, Exercise]:
        """The exercises that the catalogue knows, gathered when first asked."""
        if self._exercises is None:
            self._exercises = catalogue(self._services).exercises
        return self._exercises

    def so_far(self) -> StandingSets:
        """How they stand after the log and the batch's events so far."""
        if self._sets is None:
            self._sets, self.version = self._read()
        for event in self.taken:
            self._sets.read(event)
        self.taken.clear()
        return self._sets


def _is_logged(services: Services, lifter: LifterRef, event_id: str, sha256s: Collection[bytes]) -> bool:
    """Whether this very event was taken before; then what has become of programmes since is no reason to refuse it."""
    found = services.log.find(lifter, [event_id]).get(event_id)
    return found is not None and found.sha256 in sha256s


def _time_problems(lifter: LifterRef, occurred_at: Instant, data: EventData, now: Instant) -> list[Problem]:
    said = [("/occurred_at", occurred_at)]
    if isinstance(data, Correction) and data.occurred_at is not None:
        said.append(("/data/occurred_at", data.occurred_at))
    ahead = [pointer for pointer, instant in said if instant > now + MOST_AHEAD]
    if not ahead:
        return []
    in_sandbox = f": it is {render(now)} there" if may_be_sandbox(lifter.gym) else ""
    return [Problem(pointer, f"is more than 5 minutes in the future{in_sandbox}") for pointer in ahead]


def target_problems(data: EventData, known: Mapping[str, EventData]) -> list[Problem]:
    """What is wrong with the event that another acts on; ``known`` are those there are, by id."""
    if isinstance(data, TimelineData | SessionVoided):
        return []
    if isinstance(data, SetVoided):
        return [] if data.voids in known else [Problem("/data/voids", _NO_EVENT)]
    if data.corrects not in known:
        return [Problem("/data/corrects", _NO_EVENT)]
    target = type(known[data.corrects])
    if target is CORRECTED[type(data)]:
        return []
    instead = "a set_voided can void it"
    if isinstance(known[data.corrects], Correction):
        instead = "correct what that corrects once more, or void it with a set_voided"
    elif (proper := _CORRECTED_BY.get(target)) is not None:
        instead = f"a {_tag(proper)} corrects it"
    names = {"correction": _tag(type(data)), "target": _tag(CORRECTED[type(data)]), "actual": _tag(target)}
    return [Problem("/data/corrects", _OTHER_TYPE.format(**names, instead=instead))]


def _tag(made: type[EventData]) -> str:
    return str(made.__struct_config__.tag)
