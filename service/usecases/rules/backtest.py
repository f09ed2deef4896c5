"""Backtesting rules: what they would have asked of real lifters before each session, beside what those then lifted.

A log is taken as that of somebody who has followed the programme all along, with the parameters that they had; what it
says of programmes otherwise is left out. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from heapq import nlargest
from itertools import repeat
from multiprocessing import get_context
from typing import NamedTuple

import msgspec

from service.config import Settings
from service.domain.effective_history import Entry, effective_history
from service.domain.errors import InvalidInput, Poisoned, SpotterError
from service.domain.events import Event, ProgrammeAssigned
from service.domain.identifiers import LifterRef
from service.domain.prescription import Prescription
from service.engine.files.library import Library, library_from_files
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import decoded
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.session_walk import Walk
from service.engine.simulate.walk_forward import Case, Measure, total
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.lifter.prescribe import next_for
from service.usecases.log.batch import Submission
from service.usecases.rules.compare_rule_sets import as_followed, refused
from service.usecases.rules.simulate import events_of
from service.usecases.services import Services


class FileLog(NamedTuple):
    """A log from elsewhere, under a name of its own."""

    name: str
    submissions: Sequence[Submission]


class Wanted(NamedTuple):
    """Which cases are wanted beside the counts: so many of the ``worst``, and all of the exercise to be ``drawn``."""

    worst: int
    drawn: str | None = None


class Backtested(NamedTuple):
    """What came of a log: the measure by exercise, and the cases that were wanted.

    The worst are those that are furthest off, of each exercise one. ``trouble`` says why the log could not be tried, or
    was not tried to its end.
    """

    log: LifterRef | str
    measures: Mapping[str, Measure] = {}
    worst: Sequence[Case] = ()
    drawn: Sequence[Case] = ()
    trouble: str | None = None


class Findings:
    """What came of many logs, however many: the measure of each and of each exercise, and the cases that were wanted.

    ``worst`` and ``drawn`` have each case, or all of them, with the log that it is of.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.total = Measure()
        self.logs: list[tuple[LifterRef | str, Measure]] = []
        self.troubles: dict[LifterRef | str, str] = {}
        self.worst: list[tuple[LifterRef | str, Case]] = []
        self.drawn: list[tuple[LifterRef | str, Sequence[Case]]] = []
        self._exercises: dict[str, Measure] = {}

    def take(self, backtested: Backtested) -> None:
        """Add what came of one more log."""
        log = backtested.log
        measure = total(backtested.measures.values())
        self.total.add(measure)
        self.logs.append((log, measure))
        for exercise, of_exercise in backtested.measures.items():
            self._exercises.setdefault(exercise, Measure()).add(of_exercise)
        cases = [*self.worst, *((log, case) for case in backtested.worst)]
        self.worst = nlargest(self._wanted.worst, cases, key=lambda pair: pair[1].apart)
        if backtested.drawn:
            self.drawn.append((log, backtested.drawn))
        if backtested.trouble is not None:
            self.troubles[log] = backtested.trouble

    def by_exercise(self) -> dict[str, Measure]:
        """The measure of each exercise, those with the most cases first."""
        return dict(sorted(self._exercises.items(), key=lambda item: (-item[1].cases, item[0])))


class Rules:
    """A rule set to be tried, and the default one for whatever its programme has no slot for."""

    def __init__(self, own: RuleSet, default: RuleSet) -> None:
        self.own = own
        self.default = own if own.programme.id == DEFAULT_PROGRAMME else default
        self.plans = Plans({each.digest: each for each in (self.default, self.own)})

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest."""
        return self.plans.rule_set(digest)

    def newest(self, programme: str) -> str | None:
        """The digest of a programme, where it is one of the two."""
        return next((each.digest for each in (self.own, self.default) if each.programme.id == programme), None)

    def published(self) -> list[str]:
        """The programmes of the two."""
        return [self.own.programme.id, self.default.programme.id]

    def packed(self) -> bytes:
        """All that another process needs to make them again."""
        return msgspec.msgpack.encode((dict(self.own.files), dict(self.default.files)))


def default_of(library: Library) -> RuleSet:
    """The rules for whatever a programme has no slot for."""
    return library.rule_set(DEFAULT_PROGRAMME)


def backtest(
    rules: Rules,
    logs: Sequence[LifterRef | FileLog],
    *,
    services: Services | None,
    wanted: Wanted,
    processes: int,
    start: Callable[[Settings], Services],
) -> Iterator[Backtested]:
    """Try rules on logs, of files or of lifters, in that many processes; results come in the order of the logs.

    ``services`` has the lifters; ``start`` gives another process services of its own. Raises `Unavailable` when the
    database does not answer.
    """
    if processes == 1:
        yield from (backtested(rules, log, services, wanted) for log in logs)
        return
    settings = None if services is None else services.settings
    # Not forked: a process of many threads and open connections cannot be copied safely.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        one = partial(_backtest_one, rules.packed(), start, settings)
        yield from pool.map(one, logs, repeat(wanted))


def backtested(rules: Rules, log: LifterRef | FileLog, services: Services | None, wanted: Wanted) -> Backtested:
    """Try rules on one log."""
    name: LifterRef | str = log.name if isinstance(log, FileLog) else log
    try:
        history = _history(rules, submissions_of(log, services))
    except InvalidInput as error:
        return Backtested(name, trouble=f"cannot be tried: {refused(error)}")
    except Poisoned as error:
        return Backtested(name, trouble=f"cannot be tried: {error}")
    measures: dict[str, Measure] = {}
    worst: dict[str, Case] = {}
    drawn: list[Case] = []
    walk = Walk(rules.plans, _assigned(rules.own), rules.default.digest)
    for case in walk.cases(history):
        measures.setdefault(case.exercise, Measure()).take(case)
        worst[case.exercise] = max(worst.get(case.exercise, case), case, key=lambda each: each.apart)
        if case.exercise == wanted.drawn:
            drawn.append(case)
    trouble = None if walk.parked is None else f"is parked at event {walk.parked.event_id}: {walk.parked.why}"
    furthest = nlargest(wanted.worst, worst.values(), key=lambda each: each.apart)
    return Backtested(name, measures, furthest, drawn, trouble)


def in_their_log(services: Services, lifter: LifterRef, case: Case) -> Prescription | None:
    """The prescription that a lifter's own log leads to at the time of a case, where it asks for the same.

    It does when they follow the rule set that was tried; then what was asked for can be derived again from the log.
    """
    try:
        given = next_for(services, lifter, case.exercise, as_of=case.at, at_version=case.version)
    except SpotterError:
        return None
    tried = case.prescription
    same = (given.rule_set, given.slot, given.sets) == (tried.rule_set, tried.slot, tried.sets)
    return given if same else None


def _assigned(rule_set: RuleSet) -> ProgrammeAssigned | None:
    """How a lifter comes to follow a rule set; the default one is everybody's without that."""
    programme = rule_set.programme.id
    return None if programme == DEFAULT_PROGRAMME else ProgrammeAssigned(programme, rule_set.digest)


def submissions_of(log: LifterRef | FileLog, services: Services | None) -> Sequence[Submission]:
    """What a log says, in its order."""
    if isinstance(log, FileLog):
        return log.submissions
    if services is None:
        raise ValueError("a lifter's log without services to read it")
    return [_submission(event) for event in decoded(services.log.whole(log))]


def _submission(event: Event) -> Submission:
    return Submission(event.event_id, event.occurred_at, event.data)


def _history(rules: Rules, submissions: Sequence[Submission]) -> list[Entry]:
    """The effective history of a log as if the programme had been followed, under the versions of the log itself."""
    versions = {each.event_id: version for version, each in enumerate(submissions, 1)}
    followed = as_followed(rules.own.programme.id, submissions)
    events = events_of(followed, rules, {**rules.default.exercises, **rules.own.exercises})
    return effective_history((versions[event.event_id], event) for event in events)


def _backtest_one(
    packed: bytes,
    start: Callable[[Settings], Services],
    settings: Settings | None,
    log: LifterRef | FileLog,
    wanted: Wanted,
) -> Backtested:
    return backtested(_rules(packed), log, None if settings is None else _services(start, settings), wanted)


def unpacked(packed: bytes) -> Rules:
    """The rules that `Rules.packed` wrote."""
    own, default = (
        next(library.rule_set(programme) for programme in library.programmes)
        for library in map(library_from_files, msgspec.msgpack.decode(packed))
    )
    return Rules(own, default)


_rules = cache(unpacked)
"""The rules of this process."""


@cache
def _services(start: Callable[[Settings], Services], settings: Settings) -> Services:
    """The services of this process."""
    return start(settings)
