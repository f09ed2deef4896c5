"""Sets a second through each of the library's programmes: full rules, in memory, nothing written.

Each log is two years of a made-up lifter who does what the programme prescribes, fails at times and misses a fortnight
now and then. Whoever has no programme does the sets of one that has days, and names no slots.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from service.domain.event_encoding import encode
from service.domain.events import Event, ProgrammeAssigned, SetLogged
from service.domain.same_event import content_sha256
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import Run, decoded, replay_whole
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.made_up_training import MONDAY, Course, Training
from service.engine.simulate.simulation import Simulation
from service.store.rule_sets import DEFAULT_PROGRAMME, RuleSets

WEEKS: Final = 104
_REPEATS: Final = 5


def programmes(rule_sets: RuleSets, plans: Plans) -> dict[str, dict[str, Any]]:
    """For every published programme its sets a second; the floor decodes the same log and does no more."""
    published = {name: rule_sets.get(digest) for name, digest in sorted(rule_sets.published().items())}
    default = published[DEFAULT_PROGRAMME]
    return {f"programme {name}": _measured(log, default.digest, plans) for name, log in logs(published, plans).items()}


def logs(published: dict[str, RuleSet], plans: Plans, weeks: int = WEEKS) -> dict[str, list[Event]]:
    """Somebody's log of each programme."""
    default = published[DEFAULT_PROGRAMME].digest
    with_days = {name: each for name, each in published.items() if each.programme.days}
    made = {name: _trained(rule_set, default, plans, weeks) for name, rule_set in with_days.items()}
    for name in published.keys() - with_days.keys():
        made[name] = [_without_slot(event) for event in made[min(with_days)][1:]]
    return made


def _trained(rule_set: RuleSet, default: str, plans: Plans, weeks: int) -> list[Event]:
    assigned = ProgrammeAssigned(rule_set.programme.id, rule_set.digest)
    simulation = Simulation(plans, assigned, MONDAY, default, "kg")
    course = Course("typical", weeks, max(3, min(7, len(rule_set.programme.days))), "kg")
    training = Training(simulation, rule_set, course)
    for _ in training.train():
        pass
    return [Event("assigned", assigned.schema_version, MONDAY, MONDAY, "training", assigned), *training.events]


def _without_slot(event: Event) -> Event:
    if not isinstance(event.data, SetLogged):
        return event
    return msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, slot=None))


def _measured(log: list[Event], default: str, plans: Plans) -> dict[str, Any]:
    hashes = [content_sha256(event.event_id, event.occurred_at, event.data) for event in log]
    run = Run(1, [encode(event) for event in log], hashes, default, 1)
    sets = sum(isinstance(event.data, SetLogged) for event in log)
    value, limit = sets / _best(lambda: replay_whole(run, plans)), sets / _best(lambda: decoded(run))
    return {"value": round(value), "unit": "sets/s", "floor": round(limit), "ratio": round(value / limit, 3)}


def _best(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(_REPEATS):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return min(taken)
