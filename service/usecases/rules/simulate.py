"""Simulating: what rules, published or not, would prescribe along a log that is written nowhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from service.domain.errors import InvalidInput, NotFound, Poisoned, Problem, RuleSetInvalid, pointer
from service.domain.events import Event, EventData, ProgrammeAssigned
from service.domain.exercises import Exercise
from service.domain.loads import Unit
from service.domain.standing_sets import StandingSets
from service.engine.files.assembling import assembled
from service.engine.files.library import Library
from service.engine.replay.bound_programme import Plans
from service.engine.ruleset.known_exercises import KnownExercises
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_training import MONDAY, Course, Done, Training
from service.engine.simulate.simulation import Simulated, Simulation, TooMuch, simulated
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.log.assistance import assistance_problems
from service.usecases.log.batch import Submission
from service.usecases.log.check_assignment import Assignable, resolved
from service.usecases.log.checked_events import target_problems
from service.usecases.log.exercise_ids import with_ids
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.services import Services

MOST_EVENTS: Final = 5_000
MOST_FILES: Final = 64
MOST_BYTES: Final = 256 * 1024
"""In all files together: each costs milliseconds a kilobyte to check."""
_MOST_PROBLEMS: Final = 50


class OwnRules(NamedTuple):
    """Rule files of the caller's own (path to text), and the programme that is followed, theirs or a published one."""

    files: Mapping[str, str]
    programme: str


def simulate(
    services: Services, rules: OwnRules | str, events: Sequence[Submission], *, gym: str | None = None
) -> Simulated:
    """What rules, own ones or those of a digest that the gym may see, prescribe along events. Raises `InvalidInput`."""
    seen = GymRuleSets(services, gym)
    return simulate_under(named_rule_set(services, rules, "rule_set", gym=gym), seen, events)


def named_rule_set(services: Services, rules: OwnRules | str, field: str, *, gym: str | None) -> RuleSet:
    """The rule set of own rules, or of a digest that a gym may see.

    Raises `InvalidInput` that leads into the request's field.
    """
    if not isinstance(rules, str):
        return _assembled(rules, services.rule_sets.library(), field)
    try:
        return GymRuleSets(services, gym).get(rules)
    except NotFound:
        place = pointer(field, "digest")
        raise InvalidInput(Problem(place, "no rule set of this digest is in the archive")) from None


def simulate_under(
    rule_set: RuleSet,
    others: Assignable,
    events: Sequence[Submission],
    *,
    after_sets: bool = False,
) -> Simulated:
    """The same under a rule set; ``others`` are those that events may name, the default one included.

    ``after_sets``: keep what follows each set as well.
    """
    known = Beside(rule_set, others)
    log = events_of(events, known, rule_set.exercises)
    assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
    try:
        return simulated(Plans(known), assigned, known.default_digest(), log, after_sets=after_sets)
    except Poisoned as poisoned:
        place = pointer("events", poisoned.version - 1)
        raise InvalidInput(Problem(place, f"cannot be replayed: {poisoned.why}")) from None
    except TooMuch as error:
        raise InvalidInput(Problem("/events", str(error))) from None


def course_of(
    lifter: str, days: int, *, weeks: int, per_week: int | None = None, unit: Unit = "kg", seed: int = 1
) -> Course:
    """How a made-up lifter trains by a programme of so many days."""
    return Course(lifter, weeks, per_week or min(max(days, 3), 7), unit, seed)


class Trained(NamedTuple):
    """A made-up lifter's course: slot by slot what was done, and what was prescribed after each session."""

    course: Course
    done: list[Done]
    simulated: Simulated
    events: list[Event]


def train_under(rule_set: RuleSet, others: Assignable, course: Course) -> Trained:
    """Let a made-up lifter train by a rule set. Raises `NoDays` for a programme that names no exercises."""
    known = Beside(rule_set, others)
    assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
    simulation = Simulation(Plans(known), assigned, MONDAY, known.default_digest(), course.unit)
    training = Training(simulation, rule_set, course)
    initial = simulation.every_slot()
    try:
        done = list(training.train())
    except TooMuch as error:
        raise InvalidInput(Problem("/weeks", str(error))) from None
    return Trained(course, done, Simulated(initial, simulation.sessions, []), training.events)


class LibraryRuleSets:
    """The programmes of a library as rule sets, for where nothing is published."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._made: dict[str, RuleSet] = {}

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest that `newest` gave; `NotFound`."""
        if digest not in self._made:
            raise NotFound(f"no rule set with digest {digest} is at hand")
        return self._made[digest]

    def newest(self, programme: str) -> str | None:
        """The digest of a programme; None where the library has none of that name."""
        if programme not in self._library.programmes:
            return None
        made = self._library.rule_set(programme)
        self._made[made.digest] = made
        return made.digest

    def published(self) -> Collection[str]:
        """The programmes of the library."""
        return self._library.programmes


class Beside:
    """A rule set, and the others that there are: what events of a log may name."""

    def __init__(self, own: RuleSet, others: Assignable) -> None:
        self._own = own
        self._others = others

    def __getitem__(self, digest: str) -> RuleSet:
        return self.get(digest)

    def get(self, digest: str) -> RuleSet:
        """The rule set of a digest; `NotFound`."""
        return self._own if digest == self._own.digest else self._others.get(digest)

    def newest(self, programme: str) -> str | None:
        """The digest of a programme; None where there is none of that name."""
        return self._own.digest if programme == self._own.programme.id else self._others.newest(programme)

    def published(self) -> Collection[str]:
        """The programmes that there are."""
        return [self._own.programme.id, *self._others.published()]

    def default_digest(self) -> str:
        """The digest of the programme for exercises that no slot is of; `NotFound`."""
        digest = self.newest(DEFAULT_PROGRAMME)
        if digest is None:
            raise NotFound(f"the library has no programme {DEFAULT_PROGRAMME!r}, for exercises that no slot is of")
        return digest


def _assembled(rules: OwnRules, library: Library, field: str) -> RuleSet:
    files = {path: text.encode() for path, text in rules.files.items()}
    try:
        return assembled(files, rules.programme, library)
    except RuleSetInvalid as error:
        raise InvalidInput(*mistakes(error, field, "files")) from None
    except NotFound as error:
        raise InvalidInput(Problem(pointer(field, "programme"), str(error), error.did_you_mean)) from None


def mistakes(error: RuleSetInvalid, *field: str) -> list[Problem]:
    """The mistakes in files as problems of the request's field that holds them, path to text."""
    return [Problem(pointer(*field, each.file), str(each)) for each in error.errors[:_MOST_PROBLEMS]]


def events_of(submissions: Sequence[Submission], known: Assignable, exercises: Mapping[str, Exercise]) -> list[Event]:
    """The events as a log would have them; raises `InvalidInput` with what it would refuse."""
    problems: list[Problem] = []
    seen: dict[str, EventData] = {}
    log = []
    sets = StandingSets()
    names = KnownExercises(exercises)
    for number, (event_id, occurred_at, given) in enumerate(submissions):
        data, found = with_ids(names, given)
        if event_id in seen:
            found.append(Problem("/event_id", "is the id of an earlier event as well"))
        found += target_problems(data, seen)
        event = Event(event_id, data.schema_version, occurred_at, occurred_at, "simulation", data)
        found += assistance_problems(lambda: exercises, event, seen, lambda: sets)
        if isinstance(data, ProgrammeAssigned):
            data, refused = resolved(known, data)
            found += refused
        problems += [each.within("events", number) for each in found]
        if len(problems) >= _MOST_PROBLEMS:
            break
        seen[event_id] = data
        log.append(msgspec.structs.replace(event, data=data))
        sets.read(event)
    if problems:
        raise InvalidInput(*problems)
    return log
