"""Trying two rule sets on the same logs: a file's, made-up lifters', or those of the lifters who follow one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from service.domain.effective_history import acts_on
from service.domain.errors import InvalidInput, NotFound, Poisoned, Problem, pointer
from service.domain.events import Event, ProgrammeAssigned, ProgrammeEnded
from service.domain.identifiers import LifterRef
from service.engine.files.file_diff import Differing, differences
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_lifter import CHARACTERS
from service.engine.simulate.made_up_training import Course, NoDays
from service.engine.simulate.prescription_diff import Divergence, diverging
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.batch import Submission
from service.usecases.log.check_assignment import Assignable
from service.usecases.rules.simulate import MOST_EVENTS, simulate_under, train_under
from service.usecases.services import Services

_PAGE: Final = 1000
_TRIED_WEEKS: Final = 12


class Side(NamedTuple):
    """A rule set, and those that its logs may name beside it."""

    rule_set: RuleSet
    others: Assignable


class Comparison(NamedTuple):
    """How two rule sets differ: file by file, and along the logs of made-up lifters, by what kind they are.

    ``untried`` says why there are no logs.
    """

    files: Mapping[str, list[Differing]]
    logs: Mapping[str, list[Divergence]]
    untried: str | None


def compare(before: Side, after: Side, weeks: int) -> Comparison:
    """Compare two rule sets, also along logs of made-up lifters who train by the first for so many weeks.

    Raises `InvalidInput` where the second cannot take those logs.
    """
    files = differences(before.rule_set.files, after.rule_set.files)
    if before.rule_set.digest == after.rule_set.digest or not weeks:
        return Comparison(files, {}, None)
    try:
        logs = made_up_logs(before, weeks)
    except NoDays as error:
        return Comparison(files, {}, str(error))
    return Comparison(files, {kind: differing(before, after, log) for kind, log in logs.items()}, None)


def differing(before: Side, after: Side, log: list[Submission]) -> list[Divergence]:
    """Where the two prescribe otherwise along a log. Raises `InvalidInput` for a log that one of them cannot take."""
    one, other = (
        simulate_under(side.rule_set, side.others, as_followed(side.rule_set.programme.id, log), after_sets=True)
        for side in (before, after)
    )
    return diverging(one, other)


def made_up_logs(side: Side, weeks: int) -> Mapping[str, list[Submission]]:
    """What each kind of made-up lifter would log who trains by a rule set; raises `NoDays`."""
    per_week = sessions_per_week(side.rule_set)
    return {
        lifter: [
            Submission(event.event_id, event.occurred_at, event.data)
            for event in train_under(side.rule_set, side.others, Course(lifter, weeks, per_week, "kg")).events
        ]
        for lifter in CHARACTERS
    }


def sessions_per_week(rule_set: RuleSet) -> int:
    """How often made-up lifters train by a rule set."""
    return min(max(len(rule_set.programme.days), 3), 7)


def try_out(rule_set: RuleSet, others: Assignable, field: str) -> None:
    """Have a made-up lifter train by a rule set for some weeks, so that one that cannot be followed is not kept.

    Nor is one that takes more work than a request may. Raises `InvalidInput` that leads into the request's field.
    """
    try:
        train_under(rule_set, others, Course("typical", _TRIED_WEEKS, sessions_per_week(rule_set), "kg"))
    except NoDays:
        return
    except (InvalidInput, Poisoned) as error:
        raise InvalidInput(Problem(pointer(field), f"cannot be followed: {error}")) from None


def followers_logs(services: Services, programme: str) -> Iterator[tuple[LifterRef, list[Submission] | None]]:
    """The logs of everybody who follows a programme; None for one that is too long to be tried."""
    for lifter in services.log.lifters():
        try:
            assignment = state_at(services, lifter).shared.assignment
        except NotFound:  # erased meanwhile
            continue
        if assignment is not None and assignment.programme == programme:
            yield lifter, _log(services, lifter)


def _log(services: Services, lifter: LifterRef) -> list[Submission] | None:
    events: list[Event] = []
    while entries := services.log.read(lifter, len(events), _PAGE):
        events += [entry.event for entry in entries]
        if len(events) > MOST_EVENTS:
            return None
    return [Submission(event.event_id, event.occurred_at, event.data) for event in events]


def as_followed(programme: str, log: Sequence[Submission]) -> list[Submission]:
    """The log as that of a lifter who has followed a programme all along, with the parameters they had."""
    kept = []
    gone = set()
    for each in log:
        data = each.data
        if isinstance(data, ProgrammeAssigned) and data.programme == programme:
            kept.append(each._replace(data=msgspec.structs.replace(data, digest=None)))  # the side's own, that is
        elif isinstance(data, ProgrammeAssigned | ProgrammeEnded) or acts_on(data) in gone:
            gone.add(each.event_id)
        else:
            kept.append(each)
    return kept


def refused(error: InvalidInput) -> str:
    """Why a log could not be tried, as a sentence."""
    return "; ".join(_said(problem) for problem in error.problems[:3])


def _said(problem: Problem) -> str:
    return f"{problem.pointer} {problem.message}"
