"""Answering what a lifter's state is and what to do next, now or at any earlier point."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from service.domain.errors import Erased, InvalidInput, NotFound, Problem, SpotterError
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, parse, render
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.derive.json_values import track_json
from service.engine.prescribe.next_session import Next, Prescriber
from service.engine.replay.fold import Fold
from service.engine.replay.projection import NeedsWholeLog, carry_on
from service.engine.replay.state import Assignment, LifterState, Shared
from service.engine.simulate.sessions_ahead import SessionAhead, sessions_ahead
from service.store.log import PAGE
from service.usecases.lifter.erased_or_unknown import erased_or_unknown
from service.usecases.log.exercise_ids import (
    exercise_outside,
    own_or_published,
    published_names,
    slot_id,
    unknown_exercise,
)
from service.usecases.projection.replay_from_snapshot import climb
from service.usecases.services import Services


def state_at(
    services: Services, lifter: LifterRef, *, as_of: Instant | None = None, at_version: int | None = None
) -> LifterState:
    """The lifter's state: of the whole log, of its first ``at_version`` events, without what came after ``as_of``.

    Never lags the log: what no worker has folded yet is folded here. Raises `NotFound` for a lifter nobody wrote about,
    `Erased`, and `InvalidInput` for a version that the log has not reached.
    """
    if at_version is None:
        state = _newest(services, lifter)
        newest_at = state.shared.newest_at
        if as_of is None or newest_at is None or newest_at <= as_of:
            return state
    state, read, _ = climb(services, lifter, services.projections.ladder(lifter), last=at_version, as_of=as_of)
    if not read:
        raise erased_or_unknown(services, lifter)
    check_reached(services, lifter, at_version, read)
    return state


def check_reached(services: Services, lifter: LifterRef, at_version: int | None, read: int) -> None:
    """Raise `InvalidInput` for a version that a log, which was read up to ``read``, has not reached; or `Erased`."""
    if at_version is not None and at_version > read:
        _check_not_erased(services, lifter)  # just now: a checkpoint was there, and the log no longer
        raise InvalidInput(Problem("/at_version", f"the log is at version {read}: ask for at most that"))


def _newest(services: Services, lifter: LifterRef) -> LifterState:
    (loaded,) = services.projections.load_with_tail([lifter])
    if not loaded.fields and not loaded.tail.events:
        raise erased_or_unknown(services, lifter)
    if len(loaded.tail.events) < PAGE:
        services.check_replay(len(loaded.tail.events))
        with suppress(NeedsWholeLog):
            return carry_on(loaded.fields, loaded.tail, services.plans)
    state, read, _ = climb(services, lifter, services.projections.ladder(lifter))
    if read < loaded.tail.last:
        _check_not_erased(services, lifter)
    return state


def _check_not_erased(services: Services, lifter: LifterRef) -> None:
    if services.erasures.find(lifter) is not None:
        raise Erased(lifter.lifter)


def moment(services: Services, gym: str, state: LifterState, as_of: Instant | None) -> Instant:
    """The time asked about; by default the later of now and the newest event."""
    return as_of if as_of is not None else max(services.now(gym), state.shared.newest_at or 0)


def fold_of(services: Services, state: LifterState, as_of: Instant | None = None) -> Fold:
    """A fold over a state, which can answer also before the first load and the first set.

    Before the log pins default rules, those are used that were the newest ``as_of``.
    """
    fold = Fold(state, services.plans)
    default = state.shared.default_digest
    if default is None:
        default = services.default_digest() if as_of is None else services.default_digest_at()(as_of)
    fold.assume(default)
    return fold


def next_session(
    services: Services,
    lifter: LifterRef,
    *,
    as_of: Instant | None = None,
    at_version: int | None = None,
    dormant: bool = False,
    displayed: bool = False,
) -> list[Prescription]:
    """What is left of the open session, else the whole next one, a prescription a slot.

    Without a programme that is what is usual in such a session; if ``dormant``, whatever was ever logged. If
    ``displayed``, each has all that a screen shows beside it.
    """
    state = state_at(services, lifter, as_of=as_of, at_version=at_version)
    asked = Prescriber(fold_of(services, state, as_of), moment(services, lifter.gym, state, as_of))
    return [_answer(asked, lifter, due, displayed=displayed) for due in asked.next_session(dormant=dormant)]


def following_sessions(
    services: Services,
    lifter: LifterRef,
    due: Sequence[Prescription],
    count: int,
    *,
    as_of: Instant | None = None,
    at_version: int | None = None,
) -> list[SessionAhead]:
    """Up to ``count`` sessions after the one that is ``due``, as if each were done as prescribed; none after nothing.

    They are seen from the moment since which what is due has been prescribed, so they are the same for as long.
    """
    if not due or due[0].parked is not None:
        return []
    state = state_at(services, lifter, as_of=as_of, at_version=at_version)
    return sessions_ahead(fold_of(services, state, as_of), lifter.lifter, parse(due[0].valid_from), count)


def next_for(
    services: Services,
    lifter: LifterRef,
    exercise: str,
    *,
    slot: str | None = None,
    as_of: Instant | None = None,
    at_version: int | None = None,
    displayed: bool = False,
) -> Prescription:
    """The next prescription for an exercise: in the slot that is due next, or in the one named.

    Raises as `state_at` does, and `NotFound` for an exercise that nobody knows and a slot that there is not.
    """
    state = state_at(services, lifter, as_of=as_of, at_version=at_version)
    fold = fold_of(services, state, as_of)
    exercise = own_or_published(services, fold.rules.knows, exercise)
    slot = slot and slot_id(published_names(services), slot)
    for named in (exercise, exercise_outside(slot or "")):
        if named and not fold.rules.knows(named):
            raise unknown_exercise(services, named)
    asked = Prescriber(fold, moment(services, lifter.gym, state, as_of))
    if slot is None:
        due = asked.due(exercise)
    else:
        due = asked.due_in(slot)
        if due.slot.exercise.id != exercise:
            slots = ", ".join(each.id for each in fold.rules.slots_of(exercise))
            raise NotFound(f"slot {slot!r} is not a slot of {exercise!r}, which has {slots}")
    return _answer(asked, lifter, due, displayed=displayed)


def prescription_of(services: Services, lifter: LifterRef, prescription_id: str) -> tuple[Prescription, str] | None:
    """The prescription of an id as projections alone lead to it, which proves nothing, and the lifter's time zone now.

    None where they lead to none: the proof says why.
    """
    try:
        named = PrescriptionId.decode(prescription_id)
        state = state_at(services, lifter, as_of=named.valid_from, at_version=named.version)
        fold = fold_of(services, state, named.valid_from)
        fold.assume(named.digest)
        asked = Prescriber(fold, named.valid_from)
        found = asked.prescription(lifter.lifter, asked.due_in(named.slot))[0]
        zone = state_at(services, lifter).shared.time_zone
    except (SpotterError, LookupError, ValueError):
        return None
    return (found, zone) if found.prescription_id == prescription_id else None


def _answer(asked: Prescriber, lifter: LifterRef, due: Next, *, displayed: bool) -> Prescription:
    """What is due, as prescribed, or with all that a screen shows beside it."""
    return asked.shown(lifter.lifter, due) if displayed else asked.prescription(lifter.lifter, due)[0]


def lifter_state(
    services: Services, lifter: LifterRef, *, as_of: Instant | None = None, at_version: int | None = None
) -> dict[str, Any]:
    """The lifter's state as the contract shows it; decimals are canonical."""
    state = state_at(services, lifter, as_of=as_of, at_version=at_version)
    fold = fold_of(services, state, as_of)
    fold.volume.asked_at = moment(services, lifter.gym, state, as_of)
    fold.let_session_end(fold.volume.asked_at)
    return _state_json(services, fold)


def state_and_next_session(services: Services, lifter: LifterRef) -> tuple[dict[str, Any], list[Prescription]]:
    """What `lifter_state` and `next_session`, displayed, say now, from one replay."""
    state = state_at(services, lifter)
    fold = fold_of(services, state)
    asked = Prescriber(fold, moment(services, lifter.gym, state, None))
    due = [_answer(asked, lifter, each, displayed=True) for each in asked.next_session()]
    return _state_json(services, fold), due


def _state_json(services: Services, fold: Fold) -> dict[str, Any]:
    state = fold.state
    shared = state.shared
    session = shared.session
    shown: dict[str, Any] = {
        "version": shared.version,
        "unit": shared.unit,
        "time_zone": shared.time_zone,
        "programme": None if shared.assignment is None else _followed(services, shared, shared.assignment),
        "session": {
            "number": session.number,
            "open": session.open,
            "session_id": session.id,
            "last_at": render(session.last_at) if session.number else None,
            "slots": dict(session.slots),
        },
        "volume": dict(sorted(fold.volume.by_muscle().items())),
        "log_head": shared.head.hex(),
        "tracks": [
            {"track": slot.track, "exercise": slot.exercise.id, **track_json(slot, track, shared.working_unit)}
            for slot, track in fold.tracks.existing()
        ],
    }
    if shared.parked is not None:
        shown["parked"] = {name: getattr(shared.parked, name) for name in ("version", "event_id", "why")}
    return shown


def _followed(services: Services, shared: Shared, assignment: Assignment) -> dict[str, Any]:
    """The programme that the lifter follows, and where in it they are."""
    weeks = services.plans.rule_set(assignment.digest).programme.weeks
    return {
        "programme": assignment.programme,
        "digest": assignment.digest,
        "day": shared.day,
        "week": shared.rounds % weeks + 1,
        "cycle": shared.rounds // weeks + 1,
    }
