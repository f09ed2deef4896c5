"""Taking another app's export into a lifter's log, through the same append as everything else."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from service.domain.errors import IdempotencyConflict, InvalidInput, NotFound, Problem, SpotterError
from service.domain.events import EventData, LifterNoted, ProfileChanged, SetLogged
from service.domain.exercises import Exercise
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND
from service.domain.loads import Load, Unit
from service.domain.time_zones import UnknownTimeZone, zone
from service.store.imports_under_way import UnderWay
from service.trackers.dates import DateOrder
from service.trackers.exercise_names import ExerciseNames, is_assisted
from service.trackers.export import Export, PerformedSet
from service.trackers.reader import Answers, read_export
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.append import BATCH, append_batch, append_in_turn
from service.usecases.log.batch import Batch, Receipt, Submission
from service.usecases.log.exercise_ids import described_by_gym, published_names
from service.usecases.log.import_warnings import Line, import_warnings
from service.usecases.log.take_back_import import actor_of, not_taken_back
from service.usecases.log.warnings import Code
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services


class Said(NamedTuple):
    """What whoever imports says of what the file may leave open; what is None is as the lifter's profile says.

    ``time_zone`` is where the lifter trained, by its name; the rest is as in `service.trackers.reader.Answers`.
    """

    unit: Unit | None = None
    time_zone: str | None = None
    date_order: DateOrder | None = None
    columns: Mapping[str, str] | None = None


NOTHING: Final = Said()


def columns_said(text: str) -> dict[str, str] | None:
    """What ``date=Datum, exercise=Übung`` says that columns mean, by the columns; None for what is not like it."""
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    if not pairs or not all(equals and column.strip() for _, equals, column in pairs):
        return None
    return {column.strip(): meaning.strip() for meaning, _, column in pairs}


class UnitAndZone(NamedTuple):
    """The unit and the time zone of what an export leaves open, and where each is from; None where nobody said."""

    unit: Unit | None
    unit_from: str
    time_zone: str | None
    time_zone_from: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an import would append, and how the file was read; nothing is written yet.

    ``import_id`` names the import, the same for the same file read alike. ``matched``, ``mapped`` and ``own`` are the
    file's names of exercises with their ids: of the catalogue, as the gym says, and the gym's own. ``lines`` are the
    events in the order in which they happened. Every row of the file is in ``sets``, ``notes`` or ``skipped`` of
    ``export``. ``warned`` are lines of which there is something to warn, each with what, by code.
    """

    import_id: str
    export: Export
    assumed: UnitAndZone
    matched: Mapping[str, str]
    mapped: Mapping[str, str]
    own: Mapping[str, str]
    lines: Sequence[Line]
    warned: Mapping[Code, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an export; lines count from 1, the header included.

    ``outcomes`` counts the events by what the append said. ``differing`` are lines that the log has with other content,
    which was kept; ``refused`` those that it does not take, by reason.
    """

    prepared: Prepared
    outcomes: Mapping[str, int]
    differing: Sequence[int]
    refused: Mapping[str, Sequence[int]]

    @property
    def export(self) -> Export:
        """What was read."""
        return self.prepared.export


def import_export(
    services: Services,
    lifter: LifterRef,
    content: bytes,
    said: Said = NOTHING,
    *,
    app: str | None = None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Imported:
    """Import an export of another app: see `prepare_import` and `append_prepared`."""
    return append_prepared(services, lifter, prepare_import(services, lifter, content, said, app=app), on_progress)


def prepare_import(
    services: Services, lifter: LifterRef, content: bytes, said: Said = NOTHING, *, app: str | None = None
) -> Prepared:
    """Read an export of another app, and find its exercises.

    ``app`` is one of `service.trackers.reader.APPS`, by default the one that the file shows. A time zone that is said
    becomes the lifter's from the first session on. Raises `ExportUnreadable` and `InvalidInput`, and among them
    `Unanswered` where the file leaves open what nobody says.
    """
    assumed = _unit_and_zone(services, lifter, said)
    known_zone = None if assumed.time_zone is None else _zone(assumed.time_zone)
    export = read_export(content, Answers(assumed.unit, known_zone, said.date_order, said.columns), app)
    exercises = catalogue(services).exercises
    mapped = services.mapped_names.of(lifter.gym)
    names = ExerciseNames(exercises.values(), {key: each.exercise for key, each in mapped.items()})
    lines = lines_of(export, names, exercises)
    if said.time_zone is not None and lines:
        lines.insert(0, _profile(lines[0], said.time_zone))
    # What the file says itself is the same whatever the lifter's profile has come to say since.
    unit = None if export.says_unit else assumed.unit
    time_zone = None if export.says_zone else assumed.time_zone
    read_with = repr((export.app, unit, time_zone, said.date_order, export.columns))
    import_id = hashlib.sha256(content + read_with.encode()).hexdigest()[:12]
    warned = import_warnings(published_names(services), described_by_gym(services, lifter.gym), lines)
    return Prepared(import_id, export, assumed, names.matched, names.mapped, names.own, lines, warned)


def append_prepared(
    services: Services,
    lifter: LifterRef,
    prepared: Prepared,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Imported:
    """Append what was prepared; doing it again appends only what is new.

    ``on_progress`` is told how many events of how many are done, and `find_import` says so meanwhile. After
    `Unavailable`, doing it again goes on where it stopped.
    """
    actor = actor_of(prepared.export.app, prepared.import_id)
    lines = prepared.lines
    outcomes: Counter[str] = Counter()
    differing: list[int] = []
    refused: dict[str, list[int]] = {}
    done = 0

    def tell() -> None:
        far = UnderWay(prepared.import_id, prepared.export.app, done, len(lines))
        services.imports_under_way.tell(lifter, far)
        on_progress(done, len(lines))

    tell()
    batches = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    submissions = ([submission for _, submission in batch] for batch in batches)
    for batch, first in zip(batches, append_in_turn(services, lifter, submissions, actor=actor), strict=True):
        receipts = _renewed(services, lifter, batch, first, actor)
        for (line, submission), receipt in zip(batch, receipts, strict=True):
            if isinstance(receipt, IdempotencyConflict):
                if _is_mapped_since(services, lifter, submission, receipt):
                    outcomes["already_appended"] += 1
                else:
                    differing.append(line)
            elif isinstance(receipt, SpotterError):
                refused.setdefault(str(receipt), []).append(line)
            else:
                outcomes[receipt.outcome] += 1
        done += len(batch)
        tell()
    services.imports_under_way.end(lifter)
    return Imported(prepared, outcomes, differing, refused)


def _is_mapped_since(
    services: Services, lifter: LifterRef, submission: Submission, conflict: IdempotencyConflict
) -> bool:
    """Whether the log has the same set, but of the exercise that its name meant when it was imported."""
    data = submission.data
    logged = next((entry.event.data for entry in services.log.read(lifter, conflict.version - 1, 1)), None)
    if not isinstance(data, SetLogged) or not isinstance(logged, SetLogged):
        return False
    as_then = msgspec.structs.replace(data, exercise=logged.exercise, load=logged.load)
    alike = abs(data.load.value) == abs(logged.load.value) and data.load.unit == logged.load.unit
    return alike and as_then == logged and data.exercise != logged.exercise


def _renewed(
    services: Services, lifter: LifterRef, batch: Sequence[Line], receipts: list[Receipt | SpotterError], actor: str
) -> list[Receipt | SpotterError]:
    """The receipts, once what the log has from an import that was taken back is appended under another id."""
    there = [
        place
        for place, receipt in enumerate(receipts)
        if isinstance(receipt, IdempotencyConflict)
        or (isinstance(receipt, Receipt) and receipt.outcome == "already_appended")
    ]
    current = not_taken_back(services, lifter, [batch[place].submission for place in there])
    again = {
        place: submission
        for place, submission in zip(there, current, strict=True)
        if submission.event_id != batch[place].submission.event_id
    }
    if not again:
        return receipts
    appended = append_batch(services, Batch(lifter, list(again.values()), with_warnings=False), actor=actor)
    became = dict(zip(again, appended, strict=True))
    return [became.get(place, receipt) for place, receipt in enumerate(receipts)]


def already_there(services: Services, lifter: LifterRef, prepared: Prepared) -> int:
    """How many of the prepared events the log has, whatever it has of them."""
    count = 0
    for start in range(0, len(prepared.lines), BATCH):
        batch = [submission for _, submission in prepared.lines[start : start + BATCH]]
        ids = [submission.event_id for submission in not_taken_back(services, lifter, batch)]
        count += len(services.log.versions(lifter, ids))
    return count


def _unit_and_zone(services: Services, lifter: LifterRef, said: Said) -> UnitAndZone:
    try:
        shared = state_at(services, lifter).shared
        # A unit that was said in a session which is still open holds from the next one; it is the lifter's already.
        known_unit, known_zone = shared.next_unit or shared.unit, shared.time_zone
    except NotFound:
        known_unit, known_zone = None, None
    return UnitAndZone(
        said.unit or known_unit,
        "as you said" if said.unit else "the lifter's",
        known_zone if said.time_zone is None else said.time_zone,
        "the lifter's" if said.time_zone is None else "as you said",
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return zone(name)
    except UnknownTimeZone:
        message = f"{name!r} is not a time zone that the IANA database has, such as Europe/Berlin"
        raise InvalidInput(Problem("/time_zone", message)) from None


def lines_of(export: Export, names: ExerciseNames, exercises: Mapping[str, Exercise]) -> list[Line]:
    """The events of an export in the order in which they happened, which is also that in which names get their ids."""
    notes = [
        Line(note.line, Submission(note.event_id, note.occurred_at, LifterNoted(note=note.text)))
        for note in (*export.workout_notes, *export.notes)
    ]
    in_order = sorted(export.sets, key=lambda performed: performed.occurred_at)
    names.tell_apart((performed.occurred_at, performed.exercise) for performed in in_order)
    sets = [
        Line(performed.line, Submission(performed.event_id, performed.occurred_at, _set(performed, names, exercises)))
        for performed in in_order
    ]
    return sorted([*notes, *sets], key=lambda line: line.submission.occurred_at)


def _set(performed: PerformedSet, names: ExerciseNames, exercises: Mapping[str, Exercise]) -> EventData:
    """The set as the log holds it: counted or timed, as the exercise is measured and else as there is a count."""
    exercise_id = names.id_of(performed.exercise)
    exercise = exercises.get(exercise_id)
    timed = not performed.reps or (exercise is not None and exercise.measure == "seconds" and performed.seconds > 0)
    load = performed.load
    adds = exercise is None or exercise.load == "added"
    if adds and load.value > 0 and is_assisted(performed.exercise, exercise_id):
        load = Load(0 - load.value, load.unit)
    return SetLogged(
        exercise=exercise_id,
        load=load,
        reps=None if timed else performed.reps,
        seconds=performed.seconds if timed else None,
        rir=performed.rir,
        kind=performed.kind,
        session_id=performed.session_id,
        note=performed.note,
    )


def _profile(first: Line, time_zone: str) -> Line:
    """The lifter's time zone, from a second before the first event on."""
    occurred_at = first.submission.occurred_at - SECOND
    identity = hashlib.sha256(f"profile {occurred_at} {time_zone}".encode()).hexdigest()[:40]
    return Line(1, Submission(f"strong-{identity}", occurred_at, ProfileChanged(time_zone=time_zone)))
