"""Moving lifters to another rule set of the programme that they follow: what that would change, and doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from service import logs
from service.domain.errors import (
    Erased,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    Problem,
    Unavailable,
    WrongExpectedVersion,
)
from service.domain.event_encoding import encode
from service.domain.events import Event, ProgrammeAssigned
from service.domain.gyms import may_be_sandbox
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.same_event import content_sha256
from service.engine.changes.rollout_effect import Effect, Left, effect_of
from service.engine.replay.projection import Run, carry_on
from service.engine.replay.sessions import is_open_at
from service.engine.replay.state import LifterState
from service.engine.ruleset.suggestions import nearest
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
from service.usecases.log.check_assignment import resolved
from service.usecases.log.late_event_changes import prescriptions_by_slot
from service.usecases.rules.find_rule_set import archived
from service.usecases.rules.gym_rule_sets import AssignableRuleSets
from service.usecases.services import Services

ACTOR: Final = "rollout"
"""Who the events of a rollout say has written them."""

_ATTEMPTS: Final = 5

_log = logs.logger("spotter.rollout")


class Rollout(NamedTuple):
    """Whoever follows ``programme`` under the rule set ``source`` (None: any other) goes on under ``target``."""

    programme: str
    target: str
    source: str | None

    def followed(self, state: LifterState) -> str | None:
        """The digest that the rollout would replace; None for a lifter whom it does not concern.

        Whoever has no programme follows the default rules that their log has pinned.
        """
        shared = state.shared
        if shared.assignment is None:
            digest = shared.default_digest if self.programme == DEFAULT_PROGRAMME else None
        else:
            digest = shared.assignment.digest if shared.assignment.programme == self.programme else None
        return digest if digest != self.target and self.source in (None, digest) else None


class Move(NamedTuple):
    """The one event that a rollout is for a lifter, and the state that it leads to."""

    submission: Submission
    after: LifterState


def rollout_of(services: Services, programme: str, source: str | None = None, target: str | None = None) -> Rollout:
    """The rollout to a rule set (default: the newest published) from one (default: all others).

    Both may be given by the first few digits of their digests. Raises `NotFound` and `InvalidInput`.
    """
    newest = services.archive.newest(programme)
    if newest is None:
        near = nearest(programme, services.rule_sets.published())
        raise NotFound(f"no programme {programme!r} is published; see `spotter rules publish`", near)
    to = newest if target is None else archived(services, target, programme).digest
    rollout = Rollout(programme, to, None if source is None else archived(services, source, programme).digest)
    if rollout.source == rollout.target:
        raise InvalidInput(Problem("", f"from {to[:12]} to {to[:12]} there is nothing to roll out"))
    return rollout


def effect_on(
    services: Services, rollout: Rollout, lifters: Iterable[LifterRef], now: Instant, beat: Callable[[], None]
) -> Effect:
    """What the rollout, made now, would change for lifters; ``beat`` is called before each. Writes nothing.

    Of a lifter of a sandbox it is as late as its clock says.
    """
    effect = Effect()
    for lifter in lifters:
        beat()
        state = _concerned(services, rollout, lifter)
        if state is None:
            continue
        try:
            at = services.now(lifter.gym) if may_be_sandbox(lifter.gym) else now
            effect += _effect_on_one(services, rollout, lifter, state, at)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours with one lifter hides nobody else's effect
            _log.exception(
                "cannot say what a rollout changes", target=rollout.target, gym=lifter.gym, lifter=lifter.log_name
            )
            effect += Effect(left=(Left(*lifter, f"cannot be foretold: {error}"),))
    return effect


def move(services: Services, rollout: Rollout, lifter: LifterRef) -> Left | bool:
    """Roll out to one lifter: whether there was anything to do, or why they stay.

    May be stopped anywhere and run again: who follows the target is not concerned any more, and the event is appended
    only to the very version that it was decided on. A fault of ours with one lifter keeps nobody else from being moved.
    Raises `Unavailable`.
    """
    try:
        return _move(services, rollout, lifter)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - see above; it is logged, and the lifter named with it
        _log.exception("cannot roll out", target=rollout.target, gym=lifter.gym, lifter=lifter.log_name)
        return Left(*lifter, f"cannot be moved: {type(error).__name__}")


def _move(services: Services, rollout: Rollout, lifter: LifterRef) -> Left | bool:
    for _ in range(_ATTEMPTS):
        state = _concerned(services, rollout, lifter)
        if state is None:
            return False
        planned = move_of(services, rollout, lifter, state, services.now(lifter.gym))
        if isinstance(planned, Left):
            return planned
        try:
            append_event(services, lifter, planned.submission, actor=ACTOR, expected_version=state.shared.version)
        except (WrongExpectedVersion, IdempotencyConflict, Erased):
            continue  # somebody else has written meanwhile: look again
        return True
    return Left(*lifter, "is being written about all the time")


def move_of(services: Services, rollout: Rollout, lifter: LifterRef, state: LifterState, now: Instant) -> Move | Left:
    """The event that moves a lifter from a state at which the rollout concerns them, or why they have to stay."""
    shared = state.shared
    if shared.parked is not None:
        return Left(*lifter, f"is parked at event {shared.parked.event_id} (version {shared.parked.version})")
    at = max(now, shared.newest_at or now)
    if is_open_at(shared.session, at):
        return Left(*lifter, "is in the middle of a session")
    params = {} if shared.assignment is None else shared.assignment.params
    seen = AssignableRuleSets(services, lifter.gym)
    assigned, problems = resolved(seen, ProgrammeAssigned(rollout.programme, rollout.target, params))
    if problems:
        return Left(*lifter, "; ".join(f"{problem.pointer} {problem.message}" for problem in problems))
    # The same wherever the same move is tried again; another one after a rollback, or after the move was voided.
    event_id = f"rollout-{rollout.target[:16]}-{shared.version + 1}"
    event = Event(event_id, assigned.schema_version, at, now, ACTOR, assigned)
    run = Run(shared.version + 1, [encode(event)], [content_sha256(event_id, at, assigned)])
    after = carry_on(state.fields(), run, services.plans)
    if after.shared.parked is not None:
        return Left(*lifter, f"cannot go on under it: {after.shared.parked.why}")
    return Move(Submission(event_id, at, assigned), after)


def _concerned(services: Services, rollout: Rollout, lifter: LifterRef) -> LifterState | None:
    """The lifter's state; None where there is none any more, or the rollout does not concern them."""
    try:
        state = state_at(services, lifter)
    except (NotFound, Erased):
        return None
    followed = rollout.followed(state)
    return None if followed is None or _is_of_another(services, rollout, lifter, followed) else state


def _is_of_another(services: Services, rollout: Rollout, lifter: LifterRef, followed: str) -> bool:
    """Whether what a lifter follows is a programme of their gym's own that has the id of the library's."""
    own = services.gym_programmes.find(lifter.gym, rollout.programme)
    return own is not None and own.has(followed) and not own.has(rollout.target)


def _effect_on_one(services: Services, rollout: Rollout, lifter: LifterRef, state: LifterState, now: Instant) -> Effect:
    followed = rollout.followed(state) or ""
    planned = move_of(services, rollout, lifter, state, now)
    if isinstance(planned, Left):
        return Effect(followed={followed: 1}, left=(planned,))
    before, after = (
        {
            slot: prescription
            for slot, prescription in prescriptions_by_slot(services, lifter, seen_from, now).items()
            if prescription.rule_set.programme == rollout.programme
        }
        for seen_from in (state, planned.after)
    )
    return effect_of(lifter, followed, before, after)
