"""What a receipt warns of: an event that was taken as it is, but is probably not what its client meant.

Warnings are a function of the log up to the event and of the published catalogue, so a retry repeats them. The append
says enough of the log for nearly every event; the log itself is read where that says that there may be a warning, or
where it cannot say (`service/store/lua/append.lua`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.effective_history import Entry, changes_the_past, effective_history
from service.domain.errors import NeedsNewerSpotter, NotFound, SpotterError
from service.domain.events import (
    BaselineCorrected,
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    Overridden,
    ProfileChanged,
    SessionCompleted,
    SessionSkipped,
    SetCorrected,
    SetLogged,
)
from service.domain.exercises import Measure
from service.domain.identifiers import LifterRef
from service.domain.loads import KILOGRAMS_PER_POUND
from service.engine.replay.bound_programme import DEFAULT_DAY, facts_read_by
from service.engine.replay.earlier_sessions import followed_before, is_outlier, proves_strength
from service.engine.ruleset.known_exercises import KnownExercises, muscle_meant_by
from service.engine.ruleset.programme import Slot
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.suggestions import nearest
from service.store.log import UNKNOWN, Before, Outcome
from service.usecases.log.exercise_ids import described_by_gym
from service.usecases.log.known_sessions import is_session_known
from service.usecases.log.loadable import may_be_under_a_bar, not_loadable
from service.usecases.log.read import readable
from service.usecases.services import Services

Code: TypeAlias = Literal[
    "outlier",
    "not_read",
    "not_loadable",
    "unknown_exercise",
    "unknown_muscle",
    "unknown_session",
    "unknown_slot",
    "substitution",
    "other_measure",
]

_POUND: Final = float(KILOGRAMS_PER_POUND)
_READ_FOR_EACH: Final = 50
"""Events of a log that are read for each event in doubt of a batch, whatever this process replays for a request."""

_ROUNDING: Final = 0.01
"""Kilograms by which what the append compares may be off: it knows loads as binary fractions."""


class EventWarning(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to look at: where in the event (a JSON pointer), and what was probably meant, if anything is near."""

    code: Code
    pointer: str
    detail: str
    did_you_mean: str | None = None

    def within(self, *parts: str | int) -> EventWarning:
        """The same of an event that stands at a place of a request."""
        return msgspec.structs.replace(self, pointer="".join(f"/{part}" for part in parts) + self.pointer)


Warnings: TypeAlias = tuple[EventWarning, ...]


class Warned(SpotterError):
    """An event that would be taken with warnings, from a client that would rather have it refused (HTTP 422)."""

    def __init__(self, warnings: Warnings) -> None:
        super().__init__("; ".join(f"{each.pointer}: {each.detail}" for each in warnings))
        self.warnings = warnings


class Taken(NamedTuple):
    """An event and what the append said of it. Nothing is warned of in a conflict: the log has another of its id.

    ``is_logged``: it is in the log, and not only asked about as what would come next.
    """

    event: Event
    outcome: Outcome
    version: int
    before: Before
    is_logged: bool = True


def warnings_of(
    services: Services, known: KnownExercises, lifter: LifterRef, taken: Sequence[Taken]
) -> list[Warnings | None]:
    """What to warn of each event of a lifter's batch, in the batch's order.

    None where the log would have to be read for it, and is too long for this process.
    """
    doubtful = {place: each for place, each in enumerate(taken) if _needs_log(each)}
    newest = max((each.version for each in doubtful.values()), default=0)
    is_read = newest <= max(services.most_replayed, _READ_FOR_EACH * len(doubtful))
    asked = [each for each in taken if not each.is_logged]
    told = iter(_from_log(services, known, lifter, list(doubtful.values()), asked) if doubtful and is_read else ())
    found = [
        next(told, None) if place in doubtful else _warnings(services, known, lifter, each.event, each.before.followed)
        for place, each in enumerate(taken)
    ]
    for place, warnings in enumerate(found):
        if warnings is not None and (unknown := _unknown_session(services, lifter, taken, place)) is not None:
            found[place] = (*warnings, unknown)
    return found


def _unknown_session(services: Services, lifter: LifterRef, taken: Sequence[Taken], place: int) -> EventWarning | None:
    """What to warn of the end of a session that neither the log nor the batch before it names."""
    event, outcome, version, *_ = taken[place]
    session_id = event.data.session_id if isinstance(event.data, SessionCompleted) else None
    if session_id is None or outcome == "idempotency_conflict":
        return None
    before = (each.event.data for each in taken[:place] if each.version < version and each.outcome == "appended")
    others = (data for data in before if not isinstance(data, SessionCompleted))
    if any(getattr(data, "session_id", None) == session_id for data in others):
        return None
    if is_session_known(services, lifter, session_id, version):
        return None
    detail = f"nothing was logged under the session {session_id}: send it without one to end the open session"
    return EventWarning("unknown_session", "/data/session_id", detail)


def asks_for_programme(data: EventData) -> bool:
    """Whether the warnings about an event depend on the programme that is followed."""
    if isinstance(data, SetLogged):
        return data.slot is not None
    if isinstance(data, SessionSkipped):
        return data.slots is not None
    return isinstance(data, BaselineSet | DeloadRequested | Overridden) or (
        isinstance(data, LifterNoted) and data.flag is not None
    )


def kilograms(data: SetLogged) -> float:
    """A set's load as the append compares it."""
    value = float(data.load.value)
    return value if data.load.unit == "kg" else value * _POUND


def _needs_log(taken: Taken) -> bool:
    data = taken.event.data
    if taken.outcome == "idempotency_conflict":
        return False
    if taken.before.followed == UNKNOWN and asks_for_programme(data):
        return True
    if isinstance(data, Overridden) and may_be_under_a_bar(data):
        return True
    top = taken.before.top
    if not top or not isinstance(data, SetLogged) or not proves_strength(data):
        return False
    # Who lifts no more than twice what each of the last two sessions saw is not warned.
    return top == UNKNOWN or kilograms(data) > 2 * float(top) - _ROUNDING


def _from_log(
    services: Services, known: KnownExercises, lifter: LifterRef, taken: Sequence[Taken], asked: Sequence[Taken]
) -> Iterator[Warnings]:
    """The same for events of whom the append cannot say enough: by the log as it was before each.

    ``asked``: those of the batch that are not in the log, and would come next.
    """
    last = min((each.version for each in asked), default=max(each.version for each in taken) + 1) - 1
    run = services.log.whole(lifter, last)
    entries = chain(readable(run), (Entry(each.version, each.event) for each in asked))
    found = {}
    for version, event, earlier in _each_with_history(entries, {each.version for each in taken}):
        followed = followed_before(earlier) or f"-{run.default or '' if run.pinned_at < version else ''}"
        found[version] = _warnings(services, known, lifter, event, followed, earlier)
    return (found.get(each.version, ()) for each in taken)


def _each_with_history(entries: Iterable[Entry], versions: set[int]) -> Iterator[tuple[int, Event, Sequence[Entry]]]:
    """Each event of those versions, with the effective history of the log before it, up to when it occurred."""
    log: list[Entry] = []
    history: list[Entry] | None = []
    for entry in entries:
        version, event = entry
        if version in versions:
            if history is None:
                history = effective_history(log)
            end = len(history)
            while end and history[end - 1].event.occurred_at > event.occurred_at:
                end -= 1
            yield version, event, history[:end] if end < len(history) else history
        log.append(entry)
        if changes_the_past(event):
            history = None
        elif history is not None:
            insort(history, entry, key=_place)


def _place(entry: Entry) -> tuple[int, int]:
    return entry.event.occurred_at, entry.version


def _warnings(
    services: Services,
    known: KnownExercises,
    lifter: LifterRef,
    event: Event,
    followed: str,
    earlier: Sequence[Entry] = (),
) -> Warnings:
    """What to warn of an event where so much is known: ``followed`` as the append says it, ``earlier`` for outliers."""
    data = event.data
    own = partial(described_by_gym, services, lifter.gym)
    if isinstance(data, SetLogged) and data.slot is None and not earlier and data.exercise in known.by_id:
        return of_exercise(known, own, data)  # nearly every event there is
    found = list(of_exercise(known, own, data))
    if isinstance(data, SetCorrected):
        found += _of_measure(services, known, lifter, data)
    if isinstance(data, LifterNoted) and data.muscle is not None and data.muscle not in known.muscles:
        found.append(_unknown_muscle(known, data.muscle))
    if asks_for_programme(data):
        found += _of_programme(services, data, followed)
    if isinstance(data, Overridden):
        found += _of_override(services, known, data, followed, earlier)
    if earlier and isinstance(data, SetLogged):
        catalogued = known.by_id.get(data.exercise)
        is_added = catalogued is not None and catalogued.load == "added"
        if is_outlier(earlier, event.occurred_at, data, is_added=is_added):
            found.append(outlier(data))
    return tuple(found)


def of_exercise(known: KnownExercises, own: Callable[[], Collection[str]], data: EventData) -> Warnings:
    """What to warn of the exercise that an event names, by the catalogue alone.

    ``own`` gives the exercises that the gym describes itself; it is asked for what the catalogue does not know.
    """
    if isinstance(data, SetLogged) and (catalogued := known.by_id.get(data.exercise)) is not None:
        differs = (data.reps is None) != (catalogued.measure == "seconds")
        return (_other_measure(data.exercise, catalogued.measure),) if differs else ()
    if isinstance(data, SetLogged | SetCorrected | BaselineSet | BaselineCorrected | LifterNoted):
        exercise = data.exercise
        return () if exercise is None else of_name(known, own, exercise, "/data/exercise")
    return ()


def of_name(known: KnownExercises, own: Callable[[], Collection[str]], exercise: str, pointer: str) -> Warnings:
    """What to warn of an exercise that is named at ``pointer``, by the catalogue and ``own`` alone."""
    if exercise in known.by_id or exercise in own():
        return ()
    detail = f"no catalogue knows {exercise}: it is taken as an exercise of your own"
    return (EventWarning("unknown_exercise", pointer, detail, known.meant_by(exercise) or None),)


def _unknown_muscle(known: KnownExercises, muscle: str) -> EventWarning:
    detail = f"no exercise of the catalogue trains {muscle}: the note is about none"
    return EventWarning("unknown_muscle", "/data/muscle", detail, muscle_meant_by(muscle, known.muscles) or None)


def _of_measure(services: Services, known: KnownExercises, lifter: LifterRef, data: SetCorrected) -> Warnings:
    """A correction to an amount in which the exercise that it names, or that was logged, is not measured."""
    if data.reps is None and data.seconds is None:
        return ()
    exercise = data.exercise
    if exercise is None:
        entry = services.log.find(lifter, [data.corrects]).get(data.corrects)
        exercise = entry.event.data.exercise if entry and isinstance(entry.event.data, SetLogged) else ""
    catalogued = known.by_id.get(exercise)
    if catalogued is None or (data.reps is None) == (catalogued.measure == "seconds"):
        return ()
    return (_other_measure(exercise, catalogued.measure),)


def _other_measure(exercise: str, measure: Measure) -> EventWarning:
    said, measured = ("seconds", "repetitions") if measure == "reps" else ("reps", "seconds")
    detail = f"{exercise} is measured in {measured}: it is taken as a set of {said}, beside all others of it"
    return EventWarning("other_measure", f"/data/{said}", detail, measure)


def outlier(data: SetLogged) -> EventWarning:
    """What to warn of a set whose load is an outlier."""
    detail = f"{data.load} is over twice the best of the last three sessions of {data.exercise}: correct a slip"
    return EventWarning("outlier", "/data/load", detail)


def _of_override(
    services: Services, known: KnownExercises, data: Overridden, followed: str, earlier: Sequence[Entry]
) -> Warnings:
    """A load that the slot's exercise cannot be done with, by the equipment that the lifter described by then."""
    try:
        rule_set = None if followed.startswith("-") else _rule_set(services, followed)
    except (NotFound, NeedsNewerSpotter):
        return ()
    profile = [each.event.data for each in earlier if isinstance(each.event.data, ProfileChanged)]
    why = not_loadable(rule_set, known, data, profile)
    return () if why is None else (EventWarning("not_loadable", "/data/load", why),)


def _rule_set(services: Services, followed: str) -> RuleSet | None:
    return services.rule_sets.get(digest) if (digest := followed.removeprefix("-")) else None


def _of_programme(services: Services, data: EventData, followed: str) -> Warnings:
    """What of an event the programme followed has no use for."""
    try:
        rule_set = _rule_set(services, followed)
    except (NotFound, NeedsNewerSpotter):
        return ()  # Replaying is what parks a lifter whose rules are gone, and reading what says that it cannot.
    if isinstance(data, SetLogged):
        return _of_slot(None if followed.startswith("-") else rule_set, data)
    if isinstance(data, SessionSkipped | Overridden):
        return tuple(_of_slots(None if followed.startswith("-") else rule_set, data))
    if rule_set is None:
        return ()
    return _of_baseline(rule_set, data) if isinstance(data, BaselineSet) else _of_request(rule_set, data)


def _of_baseline(rule_set: RuleSet, data: BaselineSet) -> Warnings:
    """A baseline of an exercise that no slot of a programme of days is for."""
    slots = _slots(rule_set)
    if not slots or any(slot.exercise == data.exercise for slot in slots):
        return ()
    detail = f"no slot of {rule_set.programme.id} is for {data.exercise}: only the rules for any exercise read it"
    return (EventWarning("not_read", "/data/exercise", detail),)


def _of_request(rule_set: RuleSet, data: EventData) -> Warnings:
    """A flag, or a deload asked for, of which no rule wants to know."""
    fact, pointer = ("flag", "/data/flag") if isinstance(data, LifterNoted) else ("deload_requested", "/type")
    if f"lifter.{fact}" in facts_read_by(rule_set):
        return ()
    return (EventWarning("not_read", pointer, f"no rule of {rule_set.programme.id} reads it: it changes nothing"),)


def _of_slots(rule_set: RuleSet | None, data: SessionSkipped | Overridden) -> Iterator[EventWarning]:
    """Slots that are skipped or overridden and that there are not; without a rule set no programme is followed."""
    if isinstance(data, Overridden):
        named = {"/data/slot": data.slot}
    else:
        named = {f"/data/slots/{place}": slot for place, slot in enumerate(data.slots or ())}
    ids = [] if rule_set is None else [slot.id for slot in _slots(rule_set)]
    for place, slot in named.items():
        if slot not in ids and not slot.startswith(f"{DEFAULT_DAY}/"):
            whose = "without a programme there is" if rule_set is None else f"{rule_set.programme.id} has"
            detail = f"{whose} no slot {slot}: it changes nothing"
            yield EventWarning("unknown_slot", place, detail, nearest(slot, ids) or None)


def _of_slot(rule_set: RuleSet | None, data: SetLogged) -> Warnings:
    """What is wrong with the slot that a set names; without a rule set no programme is followed."""
    exercise, slot_id = data.exercise, data.slot or ""
    own = f"{DEFAULT_DAY}/{exercise}"
    slots = () if rule_set is None else _slots(rule_set)
    named = next((slot for slot in slots if slot.id == slot_id), None)
    if named is None:
        if slot_id == own:
            return ()
        ids = [slot.id for slot in slots]
        of_exercise = [slot.id for slot in slots if slot.exercise == exercise]
        meant = nearest(slot_id, of_exercise) or next(iter(of_exercise), "") or nearest(slot_id, ids) or own
        without = f"without a programme there is no slot {slot_id}"
        detail = without if rule_set is None else f"{rule_set.programme.id} has no slot {slot_id}"
        return (EventWarning("unknown_slot", "/data/slot", detail, meant),)
    if named.exercise == exercise or any(slot.exercise == exercise for slot in slots if slot.day == named.day):
        return ()
    detail = f"{slot_id} is for {named.exercise}, and no slot of its day is for {exercise}: it is read in {own}"
    return (EventWarning("substitution", "/data/slot", detail),)


def _slots(rule_set: RuleSet) -> Sequence[Slot]:
    """The slots of a programme's days, in order; none of one for any exercise."""
    return [slot for day in rule_set.programme.days for slot in day.slots]
