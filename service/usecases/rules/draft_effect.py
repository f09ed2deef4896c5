"""What rule files that somebody is writing change for lifters: their logs replayed as if the files had always held.

The files are laid over the rule sets that a log names, each as it is: whoever follows an older version is tried by that
version with the files in it. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from service.domain.effective_history import effective_history
from service.domain.errors import Erased, NotFound, Poisoned, RuleSetInvalid
from service.domain.events import Event, ProgrammeAssigned
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.domain.prescription import PrescribedSet, Prescription
from service.engine.changes.rollout_effect import Difference, Effect, Left, effect_of
from service.engine.files.assembling import assembled, place_of
from service.engine.files.library import Library
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import decoded, replay_whole
from service.engine.ruleset.rule_set import RuleSet
from service.engine.simulate.session_walk import Walk
from service.usecases.lifter.prescribe import fold_of, state_at
from service.usecases.log.late_event_changes import due_by_slot
from service.usecases.rules.drafts import drafted
from service.usecases.services import Services

MOST_EVENTS: Final = 5_000
"""Of a log that is tried: those of longer ones are too much for a worker that others wait for."""

_CATALOGUE: Final = "catalogue/"

_Asked: TypeAlias = Mapping[tuple[Instant, str], tuple[PrescribedSet, ...]]
"""The sets that were asked for, by the time of the session and the exercise."""


class Moved(msgspec.Struct, frozen=True):
    """A lifter for whom something changes, with the slot whose next prescription changes most, if any does.

    ``slots`` counts the slots whose next prescription changes, and ``proof`` is the id of the one that stands.
    Of the ``sessions`` that were logged, ``otherwise`` would have been asked for with other sets.
    """

    lifter: str
    slots: int
    most: Difference | None
    proof: str | None
    otherwise: int
    sessions: int

    @property
    def rank(self) -> tuple[bool, int, int, str]:
        """Those whose next session changes first, and of them those whose load changes most."""
        change = 0 if self.most is None else self.most.change or 0
        return self.most is None, -abs(change), -self.otherwise, self.lifter


class DraftEffect(msgspec.Struct, frozen=True):
    """What files change for one lifter: of the next prescriptions, and who they are where any of it changes."""

    next: Effect
    moved: Moved | None = None


class Overlay:
    """Rule files of somebody's own, to be laid over rule sets."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._texts = files
        written = {path: text.encode() for path, text in files.items()}
        self._files = {place_of(path, data): data for path, data in written.items()}
        self._library: Library | None = None
        self._exercises: frozenset[str] = frozenset()
        self._made: dict[str, RuleSet] = {}

    def over(self, rule_set: RuleSet, library: Library) -> RuleSet:
        """A rule set with the files in it; itself where it uses none of them. Raises `RuleSetInvalid`."""
        if library is not self._library:
            self._library, self._exercises = library, frozenset(drafted(self._texts, library).exercises)
            self._made.clear()
        known = self._made.get(rule_set.digest)
        if known is None:
            known = self._made[rule_set.digest] = self._over(rule_set, library)
        return known

    def _over(self, rule_set: RuleSet, library: Library) -> RuleSet:
        used = self._files.keys() & rule_set.files.keys() or self._exercises & rule_set.exercises.keys()
        if not used:
            return rule_set
        anew = any(path.startswith(_CATALOGUE) for path in self._files)
        kept = {path: data for path, data in rule_set.files.items() if not (anew and path.startswith(_CATALOGUE))}
        return assembled({**kept, **self._files}, rule_set.programme.id, library)


class _Laid:
    """The rule sets of a Spotter under their digests, each with files laid over it."""

    def __init__(self, services: Services, overlay: Overlay) -> None:
        self._services = services
        self._overlay = overlay
        self._library = services.rule_sets.library()

    def __getitem__(self, digest: str) -> RuleSet:
        return self._overlay.over(self._services.rule_sets[digest], self._library)

    def changes(self, digest: str) -> bool:
        """Whether the rule set of a digest is another one with the files."""
        return self[digest].digest != digest


def effect_of_draft(services: Services, overlay: Overlay, lifter: LifterRef, now: Instant) -> DraftEffect | None:
    """What files would change for a lifter; None for one whose log names no rules that use them."""
    try:
        return _effect(services, overlay, lifter, now)
    except (NotFound, Erased):  # meanwhile
        return None
    except RuleSetInvalid as error:
        return _left(lifter, f"cannot be tried by them: {error.errors[0]}")
    except Poisoned as error:
        return _left(lifter, f"cannot be tried: {error}")


def packed(files: Mapping[str, str]) -> bytes:
    """Files (path to text) as they are kept for whoever works on them."""
    return msgspec.msgpack.encode(files)


@lru_cache(maxsize=4)
def unpacked(files: bytes) -> Overlay:
    """The files that `packed` wrote."""
    return Overlay(msgspec.msgpack.decode(files, type=dict[str, str]))


def _effect(services: Services, overlay: Overlay, lifter: LifterRef, now: Instant) -> DraftEffect | None:
    state = state_at(services, lifter)
    laid = _Laid(services, overlay)
    run = services.log.whole(lifter)
    events = decoded(run)
    default = state.shared.default_digest or services.default_digest()
    followed = {each.data.digest for each in events if isinstance(each.data, ProgrammeAssigned)}
    if not any(laid.changes(digest) for digest in {*followed, default} if digest is not None):
        return None
    if state.shared.parked is not None:
        return _left(lifter, f"is parked at event {state.shared.parked.event_id}")
    if len(events) > MOST_EVENTS:
        return _left(lifter, f"has more than {MOST_EVENTS} events, too many to be tried")
    plans = Plans(laid)
    after = replay_whole(run, plans)
    if after.shared.parked is not None:
        return _left(lifter, f"could not have gone on: {after.shared.parked.why}")
    assignment = state.shared.assignment
    digest = default if assignment is None else assignment.digest
    fold = Fold(after, plans)
    fold.assume(default)
    before, then = due_by_slot(fold_of(services, state), lifter, now), due_by_slot(fold, lifter, now)
    effect = effect_of(lifter, digest, before, then)
    past = _sessions(*(_asked(each, events, default) for each in (services.plans, plans)))
    return DraftEffect(effect, _moved(lifter, effect, before, past))


def _moved(
    lifter: LifterRef, effect: Effect, before: Mapping[str, Prescription], past: tuple[int, int]
) -> Moved | None:
    otherwise, sessions = past
    if not effect.changed and not otherwise:
        return None
    most = effect.most[0] if effect.most else None
    stands = None if most is None else before.get(most.slot)
    proof = None if stands is None else stands.prescription_id
    return Moved(lifter.lifter, effect.changed, most, proof, otherwise, sessions)


def _sessions(before: _Asked, after: _Asked) -> tuple[int, int]:
    """In how many sessions two ask for other sets, and of how many that is."""
    every = before.keys() | after.keys()
    differ = {at for at, exercise in every if before.get((at, exercise)) != after.get((at, exercise))}
    return len(differ), len({at for at, _ in every})


def _asked(plans: Plans, events: Iterable[Event], default: str) -> _Asked:
    """What was asked for before each session, by its time and the exercise, wherever it can be held against a set."""
    walk = Walk(plans, None, default)
    history = effective_history(enumerate(events, 1))
    return {(case.at, case.exercise): case.prescription.sets for case in walk.cases(history)}


def _left(lifter: LifterRef, why: str) -> DraftEffect:
    return DraftEffect(Effect(left=(Left(*lifter, why),)))
