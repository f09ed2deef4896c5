"""Checking an assignment: which rule set it means, and whether its parameters suit that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, Protocol

import msgspec

from service.domain.errors import NotFound, Problem, meant, pointer
from service.domain.events import ProgrammeAssigned
from service.engine.ruleset.parameters import value_of
from service.engine.ruleset.rule_set import RuleSet
from service.engine.ruleset.scheme import unknown_parameter
from service.engine.ruleset.search import meant_among
from service.engine.ruleset.suggestions import nearest

_LISTED: Final = "GET /v1/programmes lists them"


class ProgrammeArchived(NotFound):
    """A rule set of a programme that nobody is assigned any more; the message says so of its digest."""


class Assignable(Protocol):
    """The rule sets that may be assigned."""

    def get(self, digest: str, /) -> RuleSet:
        """The rule set of a digest; `NotFound` where there is none."""

    def newest(self, programme: str, /) -> str | None:
        """The digest that a programme means where none is given; None where there is no such programme."""

    def published(self) -> Collection[str]:
        """The programmes that there are."""


def resolved(rule_sets: Assignable, data: ProgrammeAssigned) -> tuple[ProgrammeAssigned, list[Problem]]:
    """The assignment with the digest that it means, and what is wrong with it."""
    digest = data.digest or rule_sets.newest(data.programme)
    if digest is None:
        return data, [not_published("/data/programme", data.programme, rule_sets)]
    try:
        rule_set = rule_sets.get(digest)
    except ProgrammeArchived as error:
        return data, [Problem("/data/digest", str(error))]
    except NotFound:
        return data, [Problem("/data/digest", "no rule set of this digest is in the archive")]
    if rule_set.programme.id != data.programme:
        return data, [Problem("/data/digest", f"is a rule set of the programme {rule_set.programme.id!r}")]
    if data.digest is None:
        data = msgspec.structs.replace(data, digest=digest, digest_from="newest")
    return data, _parameter_problems(rule_set, data.params)


def not_published(pointer: str, programme: str, rule_sets: Assignable) -> Problem:
    """What to say of a programme that there is not, and which was probably meant."""
    near = meant_among(programme, rule_sets.published())
    return meant(pointer, "no programme of this name is published", near, _LISTED)


def _parameter_problems(rule_set: RuleSet, params: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """What of an assignment's parameters no slot, or no scheme of the slot, can take."""
    slots = {slot.id: slot for day in rule_set.programme.days for slot in day.slots}
    problems = []
    for slot_id, given in params.items():
        slot = slots.get(slot_id)
        if slot is None:
            known = f"it has {', '.join(slots) or 'none whose parameters can be set'}"
            place = pointer("data", "params", slot_id)
            problems.append(meant(place, "is no slot of the programme", nearest(slot_id, slots), known))
            continue
        schemes = [rule_set.schemes[use.scheme] for use in (slot.progression, *slot.deloads)]
        for name, value in given.items():
            place = pointer("data", "params", slot_id, name)
            takers = [scheme for scheme in schemes if name in scheme.parameters]
            if not takers:
                near = nearest(name, schemes[0].parameters)
                problems.append(Problem(place, unknown_parameter(schemes[0], name), near))
            for scheme in takers:
                try:
                    value_of(scheme.parameters[name], value)
                except ValueError as error:
                    problems.append(Problem(place, str(error)))
    return problems
