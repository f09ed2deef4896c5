"""Appending what a client says happened: checked, completed, logged once, and the workers woken.

Whether an event is new, there already or in conflict with the one of its id is decided where the log is written, by
``service/store/lua/append.lua``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.effective_history import acts_on
from service.domain.errors import (
    Erased,
    IdempotencyConflict,
    InvalidInput,
    Problem,
    SpotterError,
    TooMuchToReplay,
    Unavailable,
    WrongExpectedVersion,
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
from service.store import key_names
from service.store.durability import Durability
from service.store.log import MAXIMUM_BATCH, NewBatch, NewEvent
from service.store.log import Batch as Appended
from service.usecases.gym.sandbox import recording_at
from service.usecases.log.assistance import assistance_problems, read_sets
from service.usecases.log.check_assignment import resolved
from service.usecases.log.exercise_ids import with_ids
from service.usecases.log.known_sessions import session_problems
from service.usecases.log.late_event_changes import Change, changes_between
from service.usecases.log.warnings import (
    EventWarning,
    Taken,
    Warned,
    Warnings,
    asks_for_programme,
    warnings_of,
)
from service.usecases.rules.gym_rule_sets import AssignableRuleSets
from service.usecases.rules.published_library import catalogue
from service.usecases.services import Services

MOST_AHEAD: Final[Instant] = 5 * 60 * SECOND
"""How far a client's clock may be ahead of ours."""

_MOST_JUDGEMENTS: Final = 8
"""How often a batch is judged anew because others wrote meanwhile."""

_NO_VERSION: Final = -1
_KEPT_CHANGING: Final = "the log went on each time that this was judged by it; send it again"
_NO_EVENT: Final = "names no event of this lifter"
_OTHER_TYPE: Final = "{correction} corrects a {target}, and this event is none; a set_voided can void it"


class Submission(NamedTuple):
    """An event as a client submits it; ``data`` is as `canonical_data` makes it."""

    event_id: str
    occurred_at: Instant
    data: EventData


class Batch(NamedTuple):
    """Events of one lifter, in order; all are refused where ``expected_version`` is another than the log's.

    ``atomic``: all are refused too where one is; what is wrong is told at ``/events/<place>``.
    ``strict``: an event is refused where there is something to warn of. Such a batch has one event, or is atomic.
    ``with_warnings``: receipts say what there is to warn of, for which the log may have to be read.
    """

    lifter: LifterRef
    submissions: Sequence[Submission]
    expected_version: int | None = None
    strict: bool = False
    atomic: bool = False
    with_warnings: bool = True


class Receipt(NamedTuple):
    """Where the log has a submitted event, whether it was new, and how safe it is there.

    ``late``: it was new and takes effect before what was already there, or acts on it. ``changes`` then says what is
    prescribed otherwise now; only `append_event` finds that out. ``warnings`` are the same whenever it is sent again.
    Either is None where too much of the log would have to be replayed for it: see `complete_receipt`.
    """

    event_id: str
    version: int
    outcome: Literal["appended", "already_appended"]
    durability: Durability
    late: bool = False
    changes: tuple[Change, ...] | None = ()
    warnings: Warnings | None = ()


Checked: TypeAlias = NewEvent | SpotterError
_Written: TypeAlias = Future[list[Appended | Exception]]


def append_event(
    services: Services,
    lifter: LifterRef,
    submission: Submission,
    *,
    actor: str,
    expected_version: int | None = None,
    with_changes: bool = True,
    strict: bool = False,
) -> Receipt:
    """Append one event; ``actor`` is the id of the key that writes.

    What a late event changes costs two replays to find out, which ``with_changes`` spares. ``strict``: append nothing
    where there is something to warn of, unless it is there already.

    Raises `InvalidInput`, `IdempotencyConflict`, `WrongExpectedVersion`, `Erased` or `Unavailable`; after the last,
    trying again is safe. If strict also `Warned`, and `TooMuchToReplay` where this process cannot tell.
    """
    (found,) = append_batches(services, [Batch(lifter, [submission], expected_version, strict)], actor=actor)
    if isinstance(found, Exception):
        raise found
    (result,) = found
    if isinstance(result, SpotterError):
        raise result
    if result.late and with_changes:
        try:
            return result._replace(changes=tuple(changes_between(services, lifter, result.version - 1, result.version)))
        except TooMuchToReplay:
            return result._replace(changes=None)
    return result


def append_events(
    services: Services,
    lifter: LifterRef,
    submissions: Sequence[Submission],
    *,
    actor: str,
    expected_version: int | None = None,
    atomic: bool = False,
    strict: bool = False,
) -> list[Receipt | SpotterError]:
    """Append up to `MAXIMUM_BATCH` events of one lifter in order: for each its receipt, or why it is refused.

    ``atomic``: where one is refused, none is appended, and the refusal is raised; then they may be ``strict``, too.
    Raises `WrongExpectedVersion`, `Erased` and `Unavailable`, which concern all of them alike.
    """
    return append_batch(services, Batch(lifter, submissions, expected_version, strict, atomic), actor=actor)


def append_batch(services: Services, batch: Batch, *, actor: str) -> list[Receipt | SpotterError]:
    """Append a batch as `append_events` does."""
    if len(batch.submissions) > MAXIMUM_BATCH:
        raise InvalidInput(Problem("", f"at most {MAXIMUM_BATCH} events of a lifter can be appended at once"))
    (found,) = append_batches(services, [batch], actor=actor)
    if isinstance(found, Exception):
        raise found
    return found


def append_batches(
    services: Services, batches: Sequence[Batch], *, actor: str
) -> list[list[Receipt | SpotterError] | Exception]:
    """Append each batch as `append_events` does, of any lifters, in the order given and in one round trip.

    Of each: its receipts, or what concerns all of its events; a lifter's trouble is nobody else's. Raises
    `Unavailable` where nobody can know what was appended; appending all of it again is safe.
    """
    found: list[list[Receipt | SpotterError] | Exception | None] = [None] * len(batches)
    for _ in range(_MOST_JUDGEMENTS):
        places = [place for place, said in enumerate(found) if said is None]
        if not places:
            break
        tried = _try_to_append(services, [batches[place] for place in places], actor)
        for place, said in zip(places, tried, strict=True):
            found[place] = said
    return [Unavailable(_KEPT_CHANGING) if said is None else said for said in found]


def append_in_turn(
    services: Services, lifter: LifterRef, batches: Iterable[Sequence[Submission]], *, actor: str
) -> Iterator[list[Receipt | SpotterError]]:
    """Append long histories of one lifter, batch by batch in order: of each what became of it, without warnings.

    The next batch is checked while the server writes one, so none may act on events of others. Raises `Erased` and
    `Unavailable`; after the last, appending all of it again is safe.
    """
    digest = services.default_digest()

    def became(
        accepting: _Accepting, written: Future[list[Appended | Exception]] | None
    ) -> list[Receipt | SpotterError]:
        (appended,) = [None] if written is None else written.result()
        if isinstance(appended, Exception):
            raise appended
        if appended is not None and appended.newly_dirty:
            services.wake.wake_soon({key_names.group(lifter)})
        return accepting.receipts(appended, services.promise.now().durability)

    with ThreadPoolExecutor(1) as server:
        before: tuple[_Accepting, _Written | None] | None = None
        for submissions in batches:
            accepting = _Accepting(services, Batch(lifter, submissions, with_warnings=False), actor, digest)
            if before is not None:
                yield became(*before)
            append = partial(services.log.append_each, [accepting.to_append()], default_digest=digest)
            before = accepting, server.submit(append) if accepting.events else None
        if before is not None:
            yield became(*before)


def _try_to_append(
    services: Services, batches: Sequence[Batch], actor: str
) -> list[list[Receipt | SpotterError] | Exception | None]:
    """What became of each batch; None where its log went on since it was judged by it, and nothing was written."""
    durability = services.promise.now().durability
    digest = services.default_digest()
    found: list[list[Receipt | SpotterError] | Exception | None] = [None] * len(batches)
    sent: list[tuple[int, _Accepting]] = []
    for place, batch in enumerate(batches):
        try:
            accepting = _Accepting(services, batch, actor, digest)
        except SpotterError as error:
            found[place] = error
            continue
        if accepting.events:
            sent.append((place, accepting))
        else:
            found[place] = accepting.receipts(None)
    sent = _without_warned(services, sent, found, digest)
    groups = set()
    new = [accepting.to_append() for _, accepting in sent]
    for (place, accepting), became in zip(sent, services.log.append_each(new, default_digest=digest), strict=True):
        if isinstance(became, Exception):
            found[place] = accepting.refused(became)
        else:
            found[place] = accepting.receipts(became, durability)
            if became.newly_dirty:
                groups.add(key_names.group(accepting.batch.lifter))
    services.wake.wake_soon(groups)
    return found


def _without_warned(
    services: Services,
    batches: list[tuple[int, _Accepting]],
    found: list[list[Receipt | SpotterError] | Exception | None],
    digest: str,
) -> list[tuple[int, _Accepting]]:
    """Those that may be appended; of strict ones that may not, or not yet, what to say is put into ``found``."""
    strict = [each for each in batches if each[1].batch.strict]
    if not strict:
        return batches
    asked = services.log.append_each([each.to_append(only_asked=True) for _, each in strict], default_digest=digest)
    held = set()
    for (place, accepting), became in zip(strict, asked, strict=True):
        if isinstance(became, Exception):
            found[place] = accepting.refused(became)
        elif warned := accepting.warned(became):
            found[place] = warned if accepting.batch.atomic else [warned]
        else:
            continue
        held.add(place)
    return [each for each in batches if each[0] not in held]


class _Accepting:
    """A batch, checked before it is appended: the ``events`` that are to be. Raises `Erased`."""

    def __init__(self, services: Services, batch: Batch, actor: str, default_digest: str) -> None:
        self.batch = batch
        self._services = services
        self._known_exercises = services.rule_sets.known_exercises(default_digest)
        self._checked, self._judged_at = _checked(services, batch, actor, self._known_exercises)
        self.events = [event for event in self._checked if not isinstance(event, SpotterError)]
        if len(self.events) < len(self._checked) and services.erasures.find(batch.lifter) is not None:
            raise Erased(batch.lifter.lifter)  # whatever else may be wrong with what was sent
        if batch.atomic and len(self.events) < len(self._checked):
            raise InvalidInput(*_problems_by_place(self._checked))

    def to_append(self, *, only_asked: bool = False) -> NewBatch:
        """The events, for the log at the client's expected version, and at that by which the batch was judged."""
        expected = self.batch.expected_version
        if self._judged_at is not None:
            expected = self._judged_at if expected in (None, self._judged_at) else _NO_VERSION
        return NewBatch(self.batch.lifter, self.events, expected, only_asked, self.batch.atomic)

    def refused(self, why: Exception) -> Exception | None:
        """What to say where the log refused the batch; None where it is only to be judged anew."""
        if not isinstance(why, WrongExpectedVersion):
            return why
        asked = self.batch.expected_version
        return None if asked in (None, why.actual) else WrongExpectedVersion(asked, why.actual)

    def warned(self, asked: Appended) -> SpotterError | None:
        """Why a strict batch is refused, by what would become of it; None: it may be appended."""
        new = [became.version for became in asked.results if became.outcome == "appended"]
        if not new:
            return None
        self._judged_at = min(new) - 1
        found: list[EventWarning] = []
        told = self._warnings(asked, is_logged=False)
        for place, (became, warnings) in enumerate(zip(asked.results, told, strict=True)):
            if became.outcome != "appended":
                continue
            if warnings is None:
                return TooMuchToReplay(became.version)
            found += (each.within("events", place) if self.batch.atomic else each for each in warnings)
        return Warned(tuple(found)) if found else None

    def receipts(self, appended: Appended | None, durability: Durability = "memory") -> list[Receipt | SpotterError]:
        """What to say of every submission, by what the log said of ``events``: None where it was not asked."""
        results = iter(appended.results if appended else ())
        warnings = iter(self._warnings(appended) if appended else ())
        receipts: list[Receipt | SpotterError] = []
        for submission, event in zip(self.batch.submissions, self._checked, strict=True):
            if isinstance(event, SpotterError):
                receipts.append(event)
                continue
            outcome, version = next(results)
            warned = next(warnings)
            if outcome == "idempotency_conflict":
                receipts.append(IdempotencyConflict(submission.event_id, version))
            else:
                late = appended is not None and appended.late and outcome == "appended"
                receipts.append(Receipt(submission.event_id, version, outcome, durability, late, warnings=warned))
        return receipts

    def _warnings(self, appended: Appended, *, is_logged: bool = True) -> list[Warnings | None]:
        if not self.batch.with_warnings:
            return [()] * len(self.events)
        each = zip(self.events, appended.results, appended.before, strict=True)
        taken = [
            Taken(new.event, became.outcome, became.version, before, is_logged or became.outcome != "appended")
            for new, became, before in each
        ]
        return warnings_of(self._services, self._known_exercises, self.batch.lifter, taken)


def _checked(
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


def _problems_by_place(checked: Sequence[Checked]) -> list[Problem]:
    """What is wrong with the events of a batch, each by its place."""
    return [
        problem.within("events", place)
        for place, found in enumerate(checked)
        if isinstance(found, InvalidInput)
        for problem in found.problems
    ]


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
    ahead = "is more than 5 minutes in the future"
    if may_be_sandbox(lifter.gym):
        ahead += f": it is {render(now)} there"
    problems = []
    if occurred_at > now + MOST_AHEAD:
        problems.append(Problem("/occurred_at", ahead))
    if isinstance(data, Correction) and (data.occurred_at or 0) > now + MOST_AHEAD:
        problems.append(Problem("/data/occurred_at", ahead))
    return problems


def target_problems(data: EventData, known: Mapping[str, EventData]) -> list[Problem]:
    """What is wrong with the event that another acts on; ``known`` are those there are, by id."""
    if isinstance(data, TimelineData | SessionVoided):
        return []
    if isinstance(data, SetVoided):
        return [] if data.voids in known else [Problem("/data/voids", _NO_EVENT)]
    if data.corrects not in known:
        return [Problem("/data/corrects", _NO_EVENT)]
    if isinstance(known[data.corrects], CORRECTED[type(data)]):
        return []
    correction, target = (made.__struct_config__.tag for made in (type(data), CORRECTED[type(data)]))
    return [Problem("/data/corrects", _OTHER_TYPE.format(correction=correction, target=target))]
