"""What a gym says that names in other apps' exports mean: for every later import, and for what was imported before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from service.domain.errors import InvalidInput, Problem, SpotterError
from service.domain.events import Event, SetCorrected, SetLogged
from service.domain.exercises import Exercise
from service.domain.identifiers import EXERCISE_ID, LifterRef
from service.domain.loads import Load
from service.domain.mapped_names import MappedName
from service.domain.standing_sets import StandingSets
from service.trackers.exercise_names import TAG_LENGTH, is_assisted, name_key, name_tag
from service.trackers.fields import tidy
from service.usecases.log.append import append_batch
from service.usecases.log.batch import Batch, Submission
from service.usecases.log.exercise_ids import described_by_gym, published_names
from service.usecases.log.read import readable
from service.usecases.log.take_back_import import is_of_import
from service.usecases.log.warnings import Warnings, of_name
from service.usecases.services import Services

MOST_NAMES: Final = 5000
"""Names that a gym may map."""

LONGEST_NAME: Final = 200
_BATCH: Final = 500
_MAPPED: Final = "mapped-"


class Corrected(NamedTuple):
    """What became of sets whose exercise's name means another now: how many were corrected, and why others were not."""

    sets: int
    refused: Mapping[str, int]


def mapped_names(services: Services, gym: str) -> list[MappedName]:
    """What a gym mapped, by name."""
    return list(services.mapped_names.of(gym).values())


def map_name(services: Services, gym: str, name: str, exercise: str) -> MappedName:
    """Have a name mean an exercise in every later import of a gym; `correct_logged` sees to those before.

    ``exercise`` is an id or an alias of the catalogue, or the id of one of the gym's own. Saying the same again changes
    nothing. Raises `InvalidInput`.
    """
    written, key = tidy(name), name_key(name)
    exercise_id = published_names(services).id_of(exercise)
    known = services.mapped_names.of(gym)
    problems = []
    if not written or len(written) > LONGEST_NAME or not written.isprintable():
        problems.append(Problem("/name", f"must be 1 to {LONGEST_NAME} printable characters"))
    if EXERCISE_ID.fullmatch(exercise_id) is None:
        problems.append(Problem("/exercise", "must be an exercise id: lower-case words joined by hyphens"))
    if key not in known and len(known) >= MOST_NAMES:
        problems.append(Problem("/name", f"would be one more than the {MOST_NAMES} that a gym may map"))
    if problems:
        raise InvalidInput(*problems)
    before = known.get(key)
    if before is not None and before.exercise == exercise_id:
        return before
    mapped = MappedName(written, exercise_id, services.clock())
    services.mapped_names.put(gym, key, mapped)
    return mapped


def warnings_of(services: Services, gym: str, mapped: MappedName) -> Warnings:
    """What to warn of the exercise that a name means."""
    known = published_names(services)
    return of_name(known, lambda: described_by_gym(services, gym), mapped.exercise, "/exercise")


def correct_gym(
    services: Services, gym: str, *, actor: str, on_progress: Callable[[LifterRef], None] = lambda _: None
) -> Corrected:
    """`correct_logged` for every lifter of a gym; doing it again corrects only what is left."""
    sets, refused = 0, Counter[str]()
    for lifter in services.log.lifters_of(gym):
        corrected = correct_logged(services, lifter, actor=actor)
        sets += corrected.sets
        refused.update(corrected.refused)
        on_progress(lifter)
    return Corrected(sets, refused)


def correct_logged(services: Services, lifter: LifterRef, *, actor: str) -> Corrected:
    """Correct the exercise of each set that was imported under a name which means another to the gym by now.

    A set whose exercise somebody corrected singly stays as it is. Raises `Erased` and `Unavailable`; after that, doing
    it again corrects only what is left.
    """
    by_tag = {name_tag(each.name): each for each in mapped_names(services, lifter.gym)}
    corrections = list(_corrections(services, lifter, by_tag)) if by_tag else []
    sets, refused = 0, Counter[str]()
    for start in range(0, len(corrections), _BATCH):
        batch = Batch(lifter, corrections[start : start + _BATCH], with_warnings=False)
        for receipt in append_batch(services, batch, actor=actor):
            if isinstance(receipt, SpotterError):
                refused[str(receipt)] += 1
            else:
                sets += 1
    return Corrected(sets, refused)


def _corrections(services: Services, lifter: LifterRef, by_tag: Mapping[str, MappedName]) -> Iterator[Submission]:
    standing = StandingSets()
    imported: dict[str, tuple[Event, MappedName]] = {}
    newest: dict[str, str] = {}
    singly: set[str] = set()
    for run in services.log.runs(lifter):
        for _, event in readable(run):
            standing.read(event)
            data = event.data
            if isinstance(data, SetLogged) and is_of_import(event):
                tag = event.event_id.partition("-")[2][:TAG_LENGTH]
                if (mapped := by_tag.get(tag)) is not None:
                    imported[event.event_id] = event, mapped
            elif isinstance(data, SetCorrected) and data.exercise is not None:
                if event.event_id.startswith(_MAPPED):
                    newest[data.corrects] = event.event_id
                else:
                    singly.add(data.corrects)
    exercises = published_names(services).by_id
    for event_id, (event, mapped) in imported.items():
        stands = standing.before(event)
        if not isinstance(stands, SetLogged) or stands.exercise == mapped.exercise or event_id in singly:
            continue
        load = _load(stands.load, mapped, exercises.get(mapped.exercise))
        said = f"{event_id} {newest.get(event_id, '')} {mapped.exercise}"
        yield Submission(
            f"{_MAPPED}{hashlib.sha256(said.encode()).hexdigest()[:40]}",
            mapped.mapped_at,
            SetCorrected(event_id, exercise=mapped.exercise, load=None if load == stands.load else load),
        )


def _load(load: Load, mapped: MappedName, exercise: Exercise | None) -> Load:
    """The load of a set once its exercise is another: assistance counts below 0 where it can help, and only there."""
    if exercise is not None and exercise.load != "added":
        return Load(abs(load.value), load.unit)
    helps = is_assisted(mapped.name, mapped.exercise) and load.value > 0
    return Load(0 - load.value, load.unit) if helps else load
