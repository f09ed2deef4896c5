"""Tasks of a gym that take long, rollouts, backtests, effects of drafts: begun and stopped here, worked on by workers.

A task says how far it is and what was found so far. Workers take it further lifter by lifter, each step replacing what
was read: so it may be stopped anywhere, and a worker that is killed loses no more than the lifter it was at.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec.structs import replace

from service.domain.errors import InvalidInput, NotFound, Problem, TaskUnderWay
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.prescription import UsedRuleSet
from service.engine.changes.rollout_effect import Effect
from service.engine.simulate.walk_forward import Case, Measure
from service.store.long_tasks import MOST_KEPT
from service.usecases.log.check_assignment import not_published
from service.usecases.rules.backtest import Rules
from service.usecases.rules.compare_rule_sets import try_out
from service.usecases.rules.draft_effect import Moved, packed
from service.usecases.rules.drafts import drafted
from service.usecases.rules.gym_rule_sets import AssignableRuleSets, GymRuleSets
from service.usecases.rules.rollout import Rollout
from service.usecases.rules.simulate import OwnRules, named_rule_set
from service.usecases.services import Services

Status: TypeAlias = Literal["running", "stopped", "done"]
"""What has become of a task; it runs from the start, also while it waits for a worker."""


class _Task(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every task says: of how many lifters (None: not counted yet) it is through with how many.

    ``lifters`` are those that were named, None for all of the gym; ``after`` is the last that it came to. ``erased``
    counts who was erased while it ran: so what was just being found of one of them finds the task changed.
    """

    id: str
    created_at: Instant
    lifters: tuple[str, ...] | None = None
    status: Status = "running"
    ended_at: Instant | None = None
    total: int | None = None
    done: int = 0
    after: str | None = None
    erased: int = 0


class Concerned(msgspec.Struct, frozen=True):
    """A lifter whom a rollout moves, or would, or who stays, and then ``why``.

    Of a preview, ``changed`` says how many of the lifter's prescriptions would be others; else None.
    """

    lifter: str
    changed: int | None = None
    why: str | None = None


class ConcernedPage(NamedTuple):
    """Some of those whom a rollout concerns, and the id after which more follow; None at the end."""

    lifters: list[Concerned]
    after: str | None


class RolloutTask(_Task, frozen=True, kw_only=True, tag="rollout"):
    """A rollout in a gym: only previewed, which finds the effect, or done, which moves lifters.

    Of an effect's ``left`` the first hundred are kept; beside the task, all whom it concerns (`concerned`).
    """

    programme: str
    target: str
    source: str | None
    preview: bool
    effect: Effect = Effect()
    moved: int = 0

    @property
    def rollout(self) -> Rollout:
        """What is rolled out."""
        return Rollout(self.programme, self.target, self.source)


class BacktestTask(_Task, frozen=True, kw_only=True, tag="backtest"):
    """A rule set tried on the logs of a gym: the measure by exercise, the worst cases, and who could not be tried."""

    rule_set: UsedRuleSet
    most_worst: int
    exercises: dict[str, Measure] = {}
    worst: tuple[tuple[str, Case], ...] = ()
    troubles: dict[str, str] = {}


class DraftTask(_Task, frozen=True, kw_only=True, tag="draft"):
    """Rule files laid over the rules of a gym's lifters: what changes, for ``changed`` of them and for whom most.

    Of them ``moved`` names those for whom it changes most, and of an effect's ``left`` the first hundred are kept.
    """

    files: tuple[str, ...]
    effect: Effect = Effect()
    changed: int = 0
    moved: tuple[Moved, ...] = ()


Task: TypeAlias = RolloutTask | BacktestTask | DraftTask
AnyTask = TypeVar("AnyTask", RolloutTask, BacktestTask, DraftTask)

encode: Final = msgspec.msgpack.Encoder().encode
decode: Final = msgspec.msgpack.Decoder(RolloutTask | BacktestTask | DraftTask).decode
_concerned: Final = msgspec.msgpack.Decoder(Concerned).decode

_PREFIX: Final[dict[type[Task], str]] = {RolloutTask: "ro", BacktestTask: "bt", DraftTask: "dr"}


def _new_id(kind: type[Task]) -> str:
    """An id for a task that nobody had."""
    return f"{_PREFIX[kind]}_{secrets.token_hex(8)}"


def gyms_rollout(services: Services, gym: str, programme: str, source: str | None, target: str | None) -> Rollout:
    """The rollout to a rule set that the gym may assign (default: the newest) from one (default: all others).

    Raises `InvalidInput`.
    """
    seen = AssignableRuleSets(services, gym)
    newest = seen.newest(programme)
    if newest is None:
        raise InvalidInput(not_published("/programme", programme, seen))
    for field, digest in (("to", target), ("from", source)):
        if digest is not None:
            _check_version(seen, programme, field, digest)
    to = target or newest
    if source == to:
        raise InvalidInput(Problem("/from", "is where it leads: there is nothing to roll out"))
    return Rollout(programme, to, source)


def begin_rollout(
    services: Services, gym: str, rollout: Rollout, *, lifters: tuple[str, ...] | None, preview: bool
) -> RolloutTask:
    """Have a rollout previewed, or done, for a gym or some of its lifters. Raises `TaskUnderWay`."""
    programme, target, source = rollout
    task = RolloutTask(
        id=_new_id(RolloutTask),
        created_at=services.clock(),
        lifters=lifters,
        programme=programme,
        target=target,
        source=source,
        preview=preview,
    )
    _begin(services, gym, task)
    return task


def begin_backtest(
    services: Services, gym: str, rules: OwnRules | str, *, lifters: tuple[str, ...] | None, most_worst: int
) -> BacktestTask:
    """Have rules tried on the logs of a gym, or of some of its lifters. Raises `InvalidInput` and `TaskUnderWay`."""
    rule_set = named_rule_set(services, rules, "rule_set", gym=gym)
    if not isinstance(rules, str):
        try_out(rule_set, GymRuleSets(services, gym), "rule_set")
    tried = Rules(rule_set, services.rule_sets.get(services.default_digest()))
    task = BacktestTask(
        id=_new_id(BacktestTask),
        created_at=services.clock(),
        lifters=lifters,
        rule_set=UsedRuleSet(rule_set.programme.id, rule_set.digest),
        most_worst=most_worst,
    )
    _begin(services, gym, task, tried.packed())
    return task


def begin_draft(services: Services, gym: str, files: Mapping[str, str]) -> DraftTask:
    """Have it found out what files (path to text) would change for a gym's lifters.

    Raises `RuleSetInvalid` where they do not check, and `TaskUnderWay`.
    """
    draft = drafted(files, services.rule_sets.library())
    task = DraftTask(id=_new_id(DraftTask), created_at=services.clock(), files=tuple(draft.files))
    _begin(services, gym, task, packed(files))
    return task


def _begin(services: Services, gym: str, task: Task, rules: bytes | None = None) -> None:
    """Have workers do a task; raises `TaskUnderWay` while another of its kind runs."""
    known = {name: decode(said) for name, said in services.long_tasks.of(gym).items()}
    for other in known.values():
        if type(other) is type(task) and other.status == "running":
            raise TaskUnderWay(f"{other.id} is under way: wait for its end, or stop it")
    ended = sorted((each for each in known.values() if each.status != "running"), key=lambda each: each.created_at)
    for each in ended[: max(0, len(known) + 1 - MOST_KEPT)]:
        services.long_tasks.forget(gym, each.id)
    services.long_tasks.begin(gym, task.id, encode(task), rules)
    services.wake.wake_tasks()


def listed(services: Services, gym: str) -> list[Task]:
    """The tasks of a gym that are remembered, the newest first."""
    known = map(decode, services.long_tasks.of(gym).values())
    return sorted(known, key=lambda each: -each.created_at)


def find(services: Services, gym: str, kind: type[AnyTask], task: str) -> AnyTask:
    """A task of a gym; raises `NotFound` for another gym's, and for one that was forgotten."""
    said = services.long_tasks.find(gym, task)
    found = None if said is None else decode(said)
    if not isinstance(found, kind):
        raise NotFound(f"your gym has no task {task!r}; a task is remembered for a week")
    return found


def concerned(services: Services, gym: str, task: str, *, after: str | None, limit: int) -> ConcernedPage:
    """Up to ``limit`` of those whom a rollout concerns, as far as it has come, by their ids, those after ``after``.

    Raises `NotFound`.
    """
    rollout = find(services, gym, RolloutTask, task)
    found = services.long_tasks.findings(gym, rollout.id, after, limit + 1)
    lifters = [_concerned(each.says) for each in found[:limit]]
    return ConcernedPage(lifters, lifters[-1].lifter if len(found) > limit else None)


def stop(services: Services, gym: str, kind: type[AnyTask], task: str) -> AnyTask:
    """Stop a task where it is; what it has done stays. One that has ended stays as it is. Raises `NotFound`."""
    now = services.clock()

    def stopped(each: Task) -> Task:
        return each if each.status != "running" else replace(each, status="stopped", ended_at=now, after=None)

    amend(services, gym, task, stopped)
    services.long_tasks.close(gym, task)
    return find(services, gym, kind, task)


def forget_in_tasks(services: Services, lifter: LifterRef) -> None:
    """Take a lifter who was erased out of what was found."""

    def without(task: Task) -> Task:
        name = lifter.lifter
        named = None if task.lifters is None else tuple("" if each == name else each for each in task.lifters)
        task = replace(task, lifters=named, erased=task.erased + (task.status == "running"))
        if isinstance(task, BacktestTask):
            worst = tuple(pair for pair in task.worst if pair[0] != name)
            troubles = {each: why for each, why in task.troubles.items() if each != name}
            return replace(task, worst=worst, troubles=troubles)
        if isinstance(task, DraftTask):
            task = replace(task, moved=tuple(each for each in task.moved if each.lifter != name))
        most = tuple(each for each in task.effect.most if each.lifter != name)
        left = tuple(each for each in task.effect.left if each.lifter != name)
        return replace(task, effect=replace(task.effect, most=most, left=left))

    for task in services.long_tasks.of(lifter.gym):
        amend(services, lifter.gym, task, without)
        services.long_tasks.forget_lifter(lifter.gym, task, lifter.lifter)


def amend(services: Services, gym: str, task: str, change: Callable[[Task], Task]) -> None:
    """Store what ``change`` makes of a task, which is asked again when somebody else changed it meanwhile."""
    while (said := services.long_tasks.find(gym, task)) is not None:
        after = encode(change(decode(said)))
        if after == said or services.long_tasks.replace(gym, task, said, after):
            return


def _check_version(seen: AssignableRuleSets, programme: str, field: str, digest: str) -> None:
    try:
        of = seen.get(digest).programme.id
    except NotFound:
        raise InvalidInput(Problem(f"/{field}", "no rule set of this digest is in the archive")) from None
    if of != programme:
        raise InvalidInput(Problem(f"/{field}", f"is a rule set of the programme {of!r}"))
