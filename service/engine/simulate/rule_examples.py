"""Running the examples of rule files: each line logged through the fold, what comes next compared with what is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from string import ascii_lowercase
from typing import Final, NamedTuple

from service.domain.events import (
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    ProfileChanged,
    ProgrammeAssigned,
    SessionCompleted,
    SessionSkipped,
    SetLogged,
)
from service.domain.exercises import Exercise
from service.domain.instants import HOUR, SECOND, Instant, parse
from service.domain.loads import CONTEXT, Load, Unit, canonical
from service.domain.prescription import Prescription
from service.engine.files.library import Library
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.state import LifterState
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.examples import (
    Act,
    Based,
    Example,
    Expected,
    ExpectedSet,
    Flagged,
    Line,
    Pause,
    Performed,
    ProgrammeExample,
    UsedScheme,
    Weighed,
)
from service.engine.ruleset.programme import Day, Programme, SchemeUse, Slot
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import Scheme, checked
from service.engine.simulate.read_sets import ReadSet
from service.engine.simulate.rule_coverage import AskedRule, RuleNotes
from service.engine.version import ENGINE_VERSION

_START: Final = parse("2026-01-05T10:00:00Z")
"""A Monday."""
_MINUTE: Final = 60 * SECOND
_DAY: Final = 24 * HOUR
_EXERCISE: Final = "example"
_OTHER: Final = "another-example"
"""What is done in a session that skips the example's exercise."""
_DIGEST: Final = "e" * 64
_FOURTH_DECIMAL: Final = Decimal("0.0001")
"""To which loads are compared and told: estimates have no end."""


class Failure(NamedTuple):
    """A line of an example that does not come true: what it says, what is prescribed, and the reasons given for that.

    ``of`` is the id of the scheme or programme; ``expected`` and ``got`` are written as in the file.
    """

    file: str
    line: int
    column: int
    of: str
    example: str
    text: str
    expected: str
    got: str
    because: tuple[str, ...]


class Rehearsed(NamedTuple):
    """What came of an example: the lines that do not come true, the rules that were asked, how its sets were read."""

    failures: tuple[Failure, ...]
    asked: frozenset[AskedRule]
    read: tuple[ReadSet, ...]


def rehearse(scheme: Scheme, example: Example, library: Library) -> Rehearsed:
    """Run one example of a scheme; what it names beside that is the library's."""
    return _rehearsed(scheme, example, lambda: _of_scheme(scheme, example, library))


def rehearse_programme(programme: Programme, example: ProgrammeExample, library: Library) -> Rehearsed:
    """Run one example of a programme of a library."""
    return _rehearsed(programme, example, lambda: _of_programme(programme, example, library))


def _rehearsed(
    of: Scheme | Programme, example: Example | ProgrammeExample, begin: Callable[[], _Rehearsal]
) -> Rehearsed:
    failures: list[Failure] = []
    line = None
    rehearsal = None
    try:
        rehearsal = begin()
        for line in example.lines:
            failure = rehearsal.follow(line)
            if failure is not None:
                failures.append(failure)
    except Exception as error:  # noqa: BLE001 - whatever breaks is the example's failure, and the next goes on
        at = example.at if line is None else line.at
        text = "" if line is None else line.text
        what = str(error) if isinstance(error, ValueError | LookupError) else f"{type(error).__name__}: {error}"
        failures.append(Failure(of.file, at.line, at.column, of.id, example.name, text, "", f"it breaks: {what}", ()))
    if rehearsal is None:
        return Rehearsed(tuple(failures), frozenset(), ())
    return Rehearsed(tuple(failures), frozenset(rehearsal.asked), tuple(rehearsal.notes.take()))


class _Rehearsal:
    """One example being run, under a rule set and in a unit; ``of`` and ``example`` name it in what fails."""

    def __init__(self, of: Scheme | Programme, example: Example | ProgrammeExample, rule_set: RuleSet) -> None:
        self._of = of
        self._example = example
        self._rule_set = rule_set
        self.exercise = rule_set.programme.days[0].slots[0].exercise or ""
        """What a line is about that says nothing: the only exercise of a scheme's example."""
        state = LifterState(ENGINE_VERSION)
        state.shared.unit = example.unit
        self.asked: set[AskedRule] = set()
        """The rules that were asked so far."""
        self.notes = RuleNotes(self.asked)
        self._fold = Fold(state, Plans({rule_set.digest: rule_set}), self.notes)
        self._now: Instant = _START
        self._logged = 0
        self._log(ProgrammeAssigned(rule_set.programme.id, rule_set.digest))

    def start(self, exercise: str, name: str, load: Decimal) -> None:
        """Let the lifter start from a baseline."""
        self._log(_baseline(exercise, name, Load(load, self._example.unit)))

    def follow(self, line: Line) -> Failure | None:
        """Do what a line says, and compare what comes next."""
        for act in line.acts:
            for data in self._events(act, line.of):
                self._log(data)
        if line.expected is None:
            return None
        prescription, raw = self._next(line.of)
        if _agrees(line.expected, prescription.outcome, raw):
            return None
        return Failure(
            self._of.file,
            line.at.line,
            line.at.column,
            self._of.id,
            self._example.name,
            f"{line.of}: {line.text}" if line.of else line.text,
            line.text.partition("->")[2].strip(),
            f"{_written(raw)} {prescription.outcome}",
            prescription.because,
        )

    def _log(self, data: EventData) -> None:
        self._now += _MINUTE
        self._logged += 1
        event = Event(f"e{self._logged}", data.schema_version, self._now, self._now, "example", data)
        self._fold.apply_all([(self._logged, event)])
        self._fold.state.shared.version = self._logged

    def _events(self, act: Act, of: str) -> Iterator[EventData]:
        unit = self._example.unit
        exercise, slot = self._place(of)
        match act:
            case Performed(load=load, reps=reps, seconds=seconds, rir=rir, kind=kind, side=side):
                yield SetLogged(exercise, Load(load, unit), reps, seconds, rir, kind=kind, side=side, slot=slot)
            case Pause(days=days):
                self._now += days * _DAY
            case Flagged() | Weighed() | Based():
                yield _said(act, exercise, unit)
            case "end":
                yield SessionCompleted()
            case "skipped":
                yield from self._skipped()
            case "deload requested":
                yield DeloadRequested()
            case "as prescribed":
                for asked in [of] if of or isinstance(self._of, Scheme) else self._due():
                    yield from self._prescribed_sets(asked)

    def _skipped(self) -> Iterator[EventData]:
        """A day of a programme that is passed by; in a scheme's example, a session of another exercise."""
        if isinstance(self._of, Programme):
            yield SessionSkipped()
            return
        yield SessionCompleted()
        yield SetLogged(_OTHER, Load(Decimal(1), self._example.unit), 1, kind="work")
        yield SessionCompleted()

    def _place(self, of: str) -> tuple[str, str | None]:
        """The exercise that a line is about, and the slot if it names one."""
        slots = {slot.id: slot.exercise for slot in self._rule_set.programme.slots}
        return (slots[of] or "", of) if of in slots else (of or self.exercise, None)

    def _due(self) -> list[str]:
        """The slots of the session that is due."""
        return [each.slot.id for each in Prescriber(self._fold.duplicate(), self._now).next_session()]

    def _prescribed_sets(self, of: str) -> Iterator[EventData]:
        exercise, slot = self._place(of)
        for each in self._next(of)[0].sets:
            if each.optional:
                continue
            load = None if each.load is None else Load(each.load.value, each.load.unit)
            if load is None and self._rule_set.exercises[exercise].load == "added" and slot is not None:
                load = Load(Decimal(0), self._example.unit)
            if load is None:
                said = f"nobody can do as prescribed where no load is known, as here of {exercise}"
                raise ValueError(f"{said}: name a baseline, or log a set")
            yield SetLogged(
                exercise,
                load,
                None if each.reps is None else int(each.reps.min),
                None if each.seconds is None else int(each.seconds.min),
                None if each.rir is None else Decimal(each.rir.max),
                kind=each.logged_as,
                slot=slot,
            )

    def _next(self, of: str) -> tuple[Prescription, list[RawSet]]:
        exercise, slot = self._place(of)
        prescriber = Prescriber(self._fold.duplicate(), self._now)
        due = prescriber.due(exercise) if slot is None else prescriber.due_in(slot)
        prescription, raw = prescriber.prescription("lifter", due)
        return prescription, [each for each in raw if each.kind != "warmup"]


def _said(act: Flagged | Weighed | Based, exercise: str, unit: Unit) -> EventData:
    """What a lifter tells beside sets."""
    match act:
        case Flagged(flag=flag):
            return LifterNoted(flag=flag)
        case Weighed(weight=weight):
            return ProfileChanged(body_weight=Load(weight, unit))
        case Based(load=load):
            return BaselineSet(exercise, load=Load(load, unit))


def _of_scheme(scheme: Scheme, example: Example, library: Library) -> _Rehearsal:
    rehearsal = _Rehearsal(scheme, example, _rule_set(scheme, example, library))
    for name, load in example.baselines.items():
        rehearsal.start(rehearsal.exercise, name, load)
    return rehearsal


def _of_programme(programme: Programme, example: ProgrammeExample, library: Library) -> _Rehearsal:
    rehearsal = _Rehearsal(programme, example, library.rule_set(programme.id))
    for exercise, name, load in example.baselines:
        rehearsal.start(exercise, name, load)
    return rehearsal


def _rule_set(scheme: Scheme, example: Example, library: Library) -> RuleSet:
    """A programme whose days have one slot each, which run the scheme as the example says, on one track."""
    schemes = {**library.schemes, scheme.id: scheme}
    exercise = Exercise(_EXERCISE, "Example", "other", measure=scheme.measure or "reps")
    if example.exercise is not None:
        if example.exercise not in library.exercises:
            raise ValueError(f"the catalogue has no exercise {example.exercise}")
        exercise = library.exercises[example.exercise]
    own = SchemeUse(scheme.id, example.params)
    deloads = tuple(_use(each, schemes) for each in example.deloads)
    if scheme.role == "progression":
        progression = own
    elif example.progression is not None:
        progression = _use(example.progression, schemes)
        deloads = (own, *deloads)
    else:
        raise ValueError("the example of a deload names the progression that it accompanies, as progression: ...")
    other = Exercise(_OTHER, "Another example", "other", measure=exercise.measure)
    days = []
    for day in ascii_lowercase[: example.days]:
        slot = Slot(f"{day}/slot", day, exercise.id, progression, deloads, measure=exercise.measure)
        slots = [slot]
        if any("skipped" in line.acts for line in example.lines):
            slots.append(replace(slot, id=f"{day}/other", exercise=other.id, deloads=()))
        days.append(Day(day, day.upper(), tuple(slots)))
    programme = Programme("example", "Example", tuple(days), (), "", (), "programmes/example.yaml", weeks=example.weeks)
    return RuleSet(_DIGEST, programme, schemes, {exercise.id: exercise, other.id: other}, {})


def _use(used: UsedScheme, schemes: dict[str, Scheme]) -> SchemeUse:
    if used.scheme not in schemes:
        raise ValueError(f"there is no scheme {used.scheme}")
    return SchemeUse(used.scheme, checked(schemes[used.scheme], used.params))


def _baseline(exercise: str, name: str, load: Load) -> BaselineSet:
    match name:
        case "one_rep_max":
            return BaselineSet(exercise, one_rep_max=load)
        case "training_max":
            return BaselineSet(exercise, training_max=load)
        case _:
            return BaselineSet(exercise, load=load)


def _agrees(expected: Expected, outcome: str, raw: list[RawSet]) -> bool:
    if expected.outcome not in (None, outcome):
        return False
    if expected.whole:
        if len(expected.sets) != len(raw):
            return False
    elif len(raw) < len(expected.sets):
        return False
    return all(
        _is_as_expected(each, made, whole=expected.whole)
        for each, made in zip(expected.sets, raw, strict=expected.whole)
    )


def _is_as_expected(expected: ExpectedSet, made: RawSet, *, whole: bool) -> bool:
    kind = expected.kind or ("amrap" if not whole and made.kind == "amrap" else None)
    return (
        made.load is not None
        and _to_fourth_decimal(expected.load) == _to_fourth_decimal(made.load)
        and expected.amount in (None, made.reps or made.seconds)
        and (kind == made.kind if kind is not None else made.kind != "amrap")
        and expected.rir in (None, made.rir)
        and expected.total in (None, made.total)
        and expected.rest_s in (None, made.rest_s)
        and (expected.optional == made.optional or not whole)
    )


def _to_fourth_decimal(load: Decimal) -> Decimal:
    return load.quantize(_FOURTH_DECIMAL, context=CONTEXT)


def _written(raw: list[RawSet]) -> str:
    """Sets as an example would say them."""
    alike = ((len(list(same)), text) for text, same in groupby(map(_set_written, raw)))
    return ", ".join(text if count == 1 else f"{count}x{text}" for count, text in alike) or "nothing"


def _set_written(made: RawSet) -> str:
    text = "any load" if made.load is None else canonical(_to_fourth_decimal(made.load))
    amount = made.reps or made.seconds
    if amount is not None:
        text += f"x{_span(amount)}{'s' if made.reps is None else ''}"
    if made.kind == "amrap":
        text += "+"
    if made.total is not None:
        text += f" total {_span(made.total)}"
    if made.rir is not None:
        text += f" rir {_span(made.rir)}"
    if made.rest_s is not None:
        text += f" rest {made.rest_s}"
    text += "" if made.kind in ("work", "amrap") else f" {made.kind}"
    return f"{text} optional" if made.optional else text


def _span(ends: tuple[int | Decimal, int | Decimal]) -> str:
    low, high = (canonical(Decimal(end)) for end in ends)
    return low if low == high else f"{low}-{high}"
