"""Rule files on a workbench: copies of what is published, and lifters, made up or real, who train by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from service.domain.errors import InvalidInput, NotFound, Poisoned, Problem
from service.domain.identifiers import LifterRef
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_training import NoDays
from service.engine.simulate.simulation import Simulated
from service.usecases.rules.backtest import submissions_of
from service.usecases.rules.compare_rule_sets import as_followed
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.rules.library_texts import readable_exercise, readable_programme, readable_scheme
from service.usecases.rules.simulate import MOST_EVENTS, course_of, simulate_under, train_under
from service.usecases.services import Services

OWN: Final = "our-"
"""What begins the id of a copy whose original is the library's: a gym's programme has an id of its own."""

_LONGEST_ID: Final = 64

_PROGRAMME: Final = """\
programme: our-programme
title: Our programme
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots:
      - {slot: squat, exercise: squat, progression: PROGRESSION}
"""

_SCHEME: Final = """\
scheme: our-scheme
title: Heavier once every set is done
sources: [{title: our own, gives: all}]
params:
  sets:     {type: int, default: 3, from: 1, to: 10}
  reps:     {type: int, default: 5, from: 1, to: 30}
  increase: {type: load, default: {kg: 2.5, lb: 5}, from: 0}
state:
  load: {type: load, initial: baseline.load}
after exercise:
  - rule: all-done
    when: rows(performed) >= sets and min(each.load for each in performed) >= load and
      min(each.reps for each in performed) >= reps
    then: {load: load + increase}
    outcome: raise
    because: "{sets} × {reps} at {load} done: {round_load(load + increase)} next."
  - otherwise: hold
    because: "Not every set at {load} was done: the same again."
prescribe:
  - {count: sets, load: load, reps: reps}
examples:
  - name: every set is done
    baseline: 100 kg
    log: ["100x5, 100x5, 100x5, end -> 3x102.5x5 raise"]
  - name: one is not
    baseline: 100 kg
    log: ["100x5, 100x5, 100x4, end -> 3x100x5 hold"]
"""

NEW: Final = {
    "programme": {"programme": _PROGRAMME.replace("PROGRESSION", "{linear: {sets: 3, reps: 5}}")},
    "scheme": {"scheme": _SCHEME, "programme": _PROGRAMME.replace("PROGRESSION", "our-scheme")},
}
"""What one begins with that is no copy, by what is wanted: texts by their kinds."""

_FOLDERS: Final = {"programme": "programmes", "scheme": "progression"}


class Copied(NamedTuple):
    """Files (path to text) to be changed, and the published programme that one of them is a copy of, if it is."""

    files: Mapping[str, str]
    base: str | None = None


class SlotCourse(NamedTuple):
    """How the heaviest load of a slot went, from the first time that it was asked for to the last."""

    slot: str
    exercise: str
    unit: str
    first: float
    highest: float
    last: float
    falls: int


def copied(services: Services, kind: str, name: str, *, gym: str) -> Copied:
    """A copy of a published ``programme`` (the gym's own among them), ``scheme`` or ``exercise``, or of a ``new`` one.

    Raises `NotFound`.
    """
    if kind == "new" and name in NEW:
        return Copied({f"{_FOLDERS[each]}/{OWN}{each}.yaml": text for each, text in NEW[name].items()})
    if kind == "programme":
        return _copied_programme(services, name, gym)
    if kind == "scheme":
        return Copied(readable_scheme(services, name)[1].files)
    if kind == "exercise":
        exercise, readable = readable_exercise(services, name)
        ((path, text),) = readable.files.items()
        folder, _, file = path.partition("/")
        if folder != "catalogue":
            return Copied(readable.files)
        own = f"{OWN}{exercise.id}"[:_LONGEST_ID]  # it is one of many in its file, of which a copy has this one
        return Copied({f"catalogue/{own}.yaml": _renamed("catalogue", text, file.removesuffix(".yaml"), own)})
    raise NotFound(f"there is no {kind} {name} to copy")


def as_original(files: Mapping[str, str], programme: str, original: str) -> dict[str, str]:
    """Files with a programme's copy under the id of its original, to be held against that."""
    path = f"programmes/{programme}.yaml"
    if path not in files or programme == original:
        return dict(files)
    rest = {each: text for each, text in files.items() if each != path}
    return {**rest, f"programmes/{original}.yaml": _renamed("programme", files[path], programme, original)}


def trained(services: Services, rule_set: RuleSet, lifter: str, weeks: int, *, gym: str) -> Simulated:
    """What a made-up lifter would be prescribed who trains by a rule set. Raises `InvalidInput`."""
    course = course_of(lifter, len(rule_set.programme.days), weeks=weeks)
    try:
        return train_under(rule_set, GymRuleSets(services, gym), course).simulated
    except (NoDays, Poisoned) as error:
        raise InvalidInput(Problem("/programme", f"cannot be followed: {error}")) from None


def followed(services: Services, rule_set: RuleSet, lifter: LifterRef) -> Simulated:
    """What a lifter would have been prescribed along their own log, had they followed a rule set all along.

    Raises `NotFound` for somebody without a log, and `InvalidInput` for a log that cannot be tried.
    """
    length = services.log.head(lifter)
    if not length:
        raise NotFound(f"nobody has logged anything of {lifter.lifter!r}")
    if length > MOST_EVENTS:
        raise InvalidInput(Problem("/lifter", f"has more than {MOST_EVENTS} events, too many to be tried here"))
    log = as_followed(rule_set.programme.id, submissions_of(lifter, services))
    return simulate_under(rule_set, GymRuleSets(services, lifter.gym), log)


def slot_courses(simulated: Simulated) -> list[SlotCourse]:
    """How the loads of each slot went, those first that were asked for first."""
    courses: dict[str, SlotCourse] = {}
    for each in simulated.prescriptions:
        loads = [made.load for made in each.sets if made.load is not None and made.kind != "warmup"]
        if not loads:
            continue
        heaviest = max(loads, key=lambda load: load.value)
        value = float(heaviest.value)
        known = courses.get(each.slot) or SlotCourse(each.slot, each.exercise, heaviest.unit, value, value, value, 0)
        courses[each.slot] = known._replace(
            highest=max(known.highest, value), last=value, falls=known.falls + (value < known.last), unit=heaviest.unit
        )
    return list(courses.values())


def _copied_programme(services: Services, programme: str, gym: str) -> Copied:
    rule_set, readable = readable_programme(services, programme, gym=gym)
    if services.gym_programmes.find(gym, programme) is not None:
        return Copied(readable.files, programme)
    own = f"{OWN}{programme}"[:_LONGEST_ID]
    text = _renamed("programme", readable.files[rule_set.programme.file], programme, own)
    return Copied({f"programmes/{own}.yaml": text}, programme)


def _renamed(kind: str, text: str, before: str, after: str) -> str:
    """A file with another id than it had."""
    said = re.compile(rf"^({kind}[ \t]*:[ \t]*){re.escape(before)}\b", re.MULTILINE)
    return said.sub(rf"\g<1>{after}", text, count=1)
