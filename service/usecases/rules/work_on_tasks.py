"""What workers do with tasks that take long: a lifter at a time, in turn, between the work that they always have."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import lru_cache
from heapq import nlargest, nsmallest
from typing import Final

from msgspec.structs import replace

from service.domain.errors import Unavailable
from service.domain.identifiers import LifterRef
from service.engine.changes.rollout_effect import Effect, Left
from service.engine.simulate.walk_forward import Measure
from service.store.long_tasks import Finding, OpenTask
from service.usecases.rules.backtest import Rules, Wanted, backtested, unpacked
from service.usecases.rules.draft_effect import MOST_EVENTS, DraftEffect, effect_of_draft
from service.usecases.rules.draft_effect import unpacked as overlay
from service.usecases.rules.long_tasks import BacktestTask, Concerned, DraftTask, RolloutTask, Task, decode, encode
from service.usecases.rules.rollout import effect_on, move
from service.usecases.services import Services

_TURN_S: Final = 0.5
"""After this long a worker makes room for whatever else waits."""

_SLICE_S: Final = 0.1
"""After this long with one task others have a turn."""

_MOST_NAMED: Final = 100
"""Lifters who stay, or could not be tried, that a task names."""

_MOST_MOVED: Final = 200
"""Lifters whom a task names for whom a draft changes something: those for whom most."""


def work_on(services: Services, taker: str) -> int:
    """Work on every open task in turn for a while; how many lifters it came to.

    ``taker`` names who works. May be killed anywhere.
    """
    lifters, ends = 0, time.monotonic() + _TURN_S
    while time.monotonic() < ends:
        done = sum(_work_on_one(services, taker, task) for task in services.long_tasks.open())
        lifters += done
        if not done:  # there are none, or others are at them
            break
    services.wake.let_tasks_sleep()
    if lifters and services.long_tasks.open():
        services.wake.wake_tasks()
    return lifters


def _work_on_one(services: Services, taker: str, open_task: OpenTask) -> int:
    """Take a task further for a while; by how many lifters."""
    gym, task_id = open_task
    if not services.long_tasks.lease(gym, task_id, taker):
        return 0
    done, ends = 0, time.monotonic() + _SLICE_S
    try:
        while time.monotonic() < ends and services.long_tasks.lease(gym, task_id, taker):
            services.wake.keep_tasks_awake()
            if not _step(services, gym, task_id):
                break
            done += 1
    finally:
        with suppress(Unavailable):  # it passes to others after some seconds
            services.long_tasks.release(gym, task_id, taker)
    return done


def _step(services: Services, gym: str, task_id: str) -> bool:
    """Take a task further by a lifter; False where it has come to its end."""
    said = services.long_tasks.find(gym, task_id)
    task = None if said is None else decode(said)
    if said is None or task is None or task.status != "running":
        services.long_tasks.close(gym, task_id)
        return False
    found: Concerned | None = None
    if task.total is None:
        total = sum(1 for _ in services.log.lifters_of(gym)) if task.lifters is None else len(task.lifters)
        after: Task = replace(task, total=total)
    elif (name := _next(services, gym, task)) is None:
        after = replace(task, status="done", ended_at=services.clock(), total=task.done, after=None)
    else:
        after = task
        if name:  # who was named and then erased has none any more
            after, found = _with(services, task, LifterRef(gym, name))
        after = replace(after, done=task.done + 1, after=name)
    # Where somebody stopped it meanwhile, or erased a lifter, this is not kept, and what is next is looked at anew.
    finding = None if found is None else Finding(found.lifter, encode(found))
    services.long_tasks.replace(gym, task_id, said, encode(after), finding)
    return True


def _next(services: Services, gym: str, task: Task) -> str | None:
    """The lifter who comes next; None at the end."""
    if task.lifters is not None:
        return task.lifters[task.done] if task.done < len(task.lifters) else None
    following = next(services.log.lifters_of(gym, task.after), None)
    return None if following is None else following.lifter


def _with(services: Services, task: Task, lifter: LifterRef) -> tuple[Task, Concerned | None]:
    """A task that is through with one lifter more, and whom of them a rollout concerns."""
    if isinstance(task, BacktestTask):
        return _tried(services, task, lifter), None
    if isinstance(task, DraftTask):
        return _laid_over(services, task, lifter), None
    return _previewed(services, task, lifter) if task.preview else _moved(services, task, lifter)


def _previewed(services: Services, task: RolloutTask, lifter: LifterRef) -> tuple[RolloutTask, Concerned | None]:
    effect = effect_on(services, task.rollout, [lifter], services.now(lifter.gym), lambda: None)
    after = replace(task, effect=_bounded(task.effect + effect))
    if effect.left:
        return after, Concerned(lifter.lifter, why=effect.left[0].why)
    return after, Concerned(lifter.lifter, effect.changed) if effect.lifters else None


def _moved(services: Services, task: RolloutTask, lifter: LifterRef) -> tuple[RolloutTask, Concerned | None]:
    became = move(services, task.rollout, lifter)
    if isinstance(became, Left):
        stays = Concerned(lifter.lifter, why=became.why)
        return replace(task, effect=_bounded(task.effect + Effect(left=(became,)))), stays
    return replace(task, moved=task.moved + became), Concerned(lifter.lifter) if became else None


def _tried(services: Services, task: BacktestTask, lifter: LifterRef) -> BacktestTask:
    rules = _rules(services.long_tasks.rules(lifter.gym, task.id) or b"")
    if rules is None:
        return _troubled(task, lifter, "cannot be tried: the rules of the task are gone")
    if services.log.head(lifter) > MOST_EVENTS:
        return _troubled(task, lifter, f"has more than {MOST_EVENTS} events, too many to be tried")
    found = backtested(rules, lifter, services, Wanted(task.most_worst))
    exercises = dict(task.exercises)
    for exercise, measure in found.measures.items():
        exercises.setdefault(exercise, Measure()).add(measure)
    cases = [*task.worst, *((lifter.lifter, case) for case in found.worst)]
    worst = tuple(nlargest(task.most_worst, cases, key=lambda pair: pair[1].apart))
    task = replace(task, exercises=exercises, worst=worst)
    return task if found.trouble is None else _troubled(task, lifter, found.trouble)


def _laid_over(services: Services, task: DraftTask, lifter: LifterRef) -> DraftTask:
    files = services.long_tasks.rules(lifter.gym, task.id)
    found: DraftEffect | None
    if files is None:
        found = DraftEffect(Effect(left=(Left(*lifter, "cannot be tried: the rules of the task are gone"),)))
    else:
        found = effect_of_draft(services, overlay(files), lifter, services.now(lifter.gym))
    if found is None:
        return task
    task = replace(task, effect=_bounded(task.effect + found.next))
    if found.moved is None:
        return task
    moved = tuple(nsmallest(_MOST_MOVED, (*task.moved, found.moved), key=lambda each: each.rank))
    return replace(task, changed=task.changed + 1, moved=moved)


def _troubled(task: BacktestTask, lifter: LifterRef, why: str) -> BacktestTask:
    if len(task.troubles) >= _MOST_NAMED:
        return task
    return replace(task, troubles={**task.troubles, lifter.lifter: why})


def _bounded(effect: Effect) -> Effect:
    return replace(effect, left=effect.left[:_MOST_NAMED])


@lru_cache(maxsize=4)
def _rules(packed: bytes) -> Rules | None:
    return unpacked(packed) if packed else None
