"""Bringing one lifter up to date: the projection at the head of the log, and the changes on the way for the feed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from service import logs
from service.domain.errors import NeedsNewerSpotter, Unavailable
from service.domain.identifiers import LifterRef
from service.domain.projection_fields import CHECKPOINT, VERSION
from service.engine.changes.append_batches import Part, parts_of
from service.engine.changes.change import TOLD, engine_told, told_of
from service.engine.changes.detect import Stand, Teller
from service.engine.replay.projection import NeedsWholeLog, Run, carry_on, checkpoint_of, engine_of
from service.engine.replay.snapshots import Rung, dropped, rung_of, slot_between
from service.engine.replay.state import LifterState
from service.engine.version import ENGINE_VERSION
from service.store.log import PAGE
from service.store.projections import Commit, Loaded, Telling
from service.store.rule_sets import DEFAULT_PROGRAMME
from service.usecases.projection.replay_from_snapshot import climb
from service.usecases.services import Services

MOST_CLIMBS = 16
"""Appends that reach back in time are told singly, each at the cost of a climb: so many before others have a turn."""

_log = logs.logger("spotter.replay")


class Advanced(NamedTuple):
    """What to commit for a lifter; ``whole`` is false where what is to be told could not be said, and stays undone."""

    commit: Commit
    whole: bool


def advance(services: Services, loaded: Loaded) -> Advanced:
    """The projection carried on by the rest of its log, and the changes; where those fail, the projection alone.

    Raises `NeedsNewerSpotter` where a newer engine's workers go on: what this one makes of it would be refused.
    """
    if _is_newer(loaded):
        raise NeedsNewerSpotter("a newer engine has brought this lifter up to date")
    commit, whole = _commit(services, loaded)
    place = commit.read - loaded.tail.first
    if 0 <= place < len(loaded.tail.events):
        commit = commit._replace(event=loaded.tail.events[place])
    return Advanced(commit, whole)


def _commit(services: Services, loaded: Loaded) -> tuple[Commit, bool]:
    try:
        return _Advance(services, loaded).commit(), True
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - logged, and tried again at the next drain
        _log.exception("cannot tell what changes", gym=loaded.lifter.gym, lifter=loaded.lifter.log_name)
    state, read, rungs = _replayed(services, loaded)
    return commit_of(loaded.lifter, loaded.fields, state, read, rungs)._replace(settles=False), False


def _is_newer(loaded: Loaded) -> bool:
    """Whether a newer engine made a lifter's projection, or has told of it: then a commit of this one is refused."""
    made_by = engine_of(loaded.checkpoint) if loaded.checkpoint else 0
    return max(made_by, engine_told(loaded.told)) > ENGINE_VERSION


def commit_of(
    lifter: LifterRef,
    before: Mapping[bytes, bytes],
    state: LifterState,
    read: int,
    rungs: Mapping[bytes, bytes] = MappingProxyType({}),
    *,
    after: Mapping[bytes, bytes] | None = None,
) -> Commit:
    """What leads from a projection's fields to a state, whose fields may be at hand as ``after``."""
    after = state.fields() if after is None else after
    slot = slot_between(int(before.get(VERSION, 0)), state.shared.version)
    if slot is not None and state.shared.parked is None:
        rungs = {**rungs, slot: rung_of(state)}
    return Commit(
        lifter,
        expected=before.get(CHECKPOINT, b""),
        checkpoint=checkpoint_of(state),
        version=state.shared.version,
        read=read,
        changed={field: value for field, value in after.items() if before.get(field) != value},
        removed=[field for field in before if field not in after and field not in (CHECKPOINT, VERSION)],
        parked=state.shared.parked is not None,
        rungs=rungs,
    )


class _Advance:
    """The way from the last change that the feed has of a lifter to the head of the log, append by append."""

    def __init__(self, services: Services, loaded: Loaded) -> None:
        self._services = services
        self._loaded = loaded
        self._now = services.now(loaded.lifter.gym)
        told, known = told_of(loaded.told)
        newest_default = partial(services.rule_sets.newest, DEFAULT_PROGRAMME)
        self._teller = Teller(loaded.lifter.lifter, services.plans, newest_default, told, known)
        self._stand = Stand(loaded.fields, LifterState(ENGINE_VERSION, loaded.fields).shared)
        self._state: LifterState | None = None
        self._rungs: list[Rung] | None = None
        self._useless: dict[bytes, bytes] = {}
        self._climbs = 0
        self._appended = False
        self._is_cut = False

    def commit(self) -> Commit:
        """All of it, or as much as fits into a turn."""
        teller, shared = self._teller, self._stand.shared
        told = teller.told
        in_step = shared.engine == ENGINE_VERSION and (
            told.version == shared.version or (shared.parked is not None and told.version > shared.version)
        )
        if not in_step:
            self._go(self._climb(told.version) if told.version else LifterState(ENGINE_VERSION))
        if told.engine != ENGINE_VERSION:
            teller.begin_anew(self._stand, self._now)
        if in_step and shared.parked is not None:
            self._go_on_parked()
        else:
            self._go_on(self._loaded.tail if in_step else self._page_after(teller.told.version))
        if not self._is_cut:
            teller.let_time_pass(self._stand, self._now)
        loaded, state, read = self._loaded, self._state or self._stand.state(), teller.told.version
        made = commit_of(loaded.lifter, loaded.fields, state, read, self._useless, after=self._stand.fields)
        return made._replace(telling=self._telling())

    def _go(self, state: LifterState) -> None:
        self._state, self._stand = state, Stand.of(state)

    def _go_on(self, rest: Run) -> None:
        parts = list(parts_of(rest))
        if len(rest.events) >= PAGE and len(parts) > 1:
            del parts[-1]  # it may be cut off in the middle
        for part in parts:
            before = self._stand
            if part.recorded_at is not None and not self._teller.let_time_pass(before, part.recorded_at):
                self._is_cut = True
                return
            self._appended = True
            self._go(self._carried_on(part))
            self._teller.append(before, self._stand, part)
            if self._climbs > MOST_CLIMBS:
                return
            if self._stand.shared.parked is not None:
                self._go_on_parked()
                return

    def _carried_on(self, part: Part) -> LifterState:
        try:
            return carry_on(self._stand.fields, part.run, self._services.plans)
        except NeedsWholeLog:
            return self._climb(part.run.last)

    def _go_on_parked(self) -> None:
        """Go on from a parked state: nothing changes, unless something further down takes the poison out."""
        rest = self._services.log.whole(self._loaded.lifter, after=self._stand.shared.version)
        try:
            self._go(carry_on(self._stand.fields, rest, self._services.plans))
        except NeedsWholeLog:
            before = self._stand
            self._go(self._climb(rest.last))
            for part in list(parts_of(rest))[-1:]:
                self._teller.append(before, self._stand, part)
        self._teller.told = self._teller.told._replace(version=rest.last)

    def _page_after(self, version: int) -> Run:
        return next(self._services.log.runs(self._loaded.lifter, version), Run(version + 1, [], []))

    def _climb(self, last: int) -> LifterState:
        """The state of the first ``last`` events."""
        if self._rungs is None:
            self._rungs = self._services.projections.ladder(self._loaded.lifter)
        self._climbs += 1
        state, read, since = climb(self._services, self._loaded.lifter, self._rungs, last=last)
        self._useless |= {rung.slot: b"" for rung in self._rungs if since < rung.version <= last}
        if read < last:  # the log is not what it was: it was set back
            self._teller.told = self._teller.told._replace(version=read)
        return state

    def _telling(self) -> Telling:
        teller = self._teller
        return Telling(
            self._loaded.told.get(TOLD, b""),
            teller.told.encode(),
            teller.next_look(self._stand, ahead=not self._appended),
            teller.forgotten(),
            teller.remembered(),
            teller.changes,
        )


def _replayed(services: Services, loaded: Loaded) -> tuple[LifterState, int, Mapping[bytes, bytes]]:
    """The state at the head of the log, up to where that was read, and the rungs that are of no use any more."""
    run = loaded.tail
    try:
        state = carry_on(loaded.fields, run, services.plans)
        # What would let a parked lifter go on may stand further down than a page.
        if state.shared.parked is None or len(run.events) < PAGE:
            return state, run.last, {}
    except NeedsWholeLog:
        pass
    rungs = services.projections.ladder(loaded.lifter)
    state, read, since = climb(services, loaded.lifter, rungs)
    return state, read, dropped(rungs, since)


def told_up_to(stored: Mapping[bytes, bytes], version: int) -> bool:
    """Whether all of a log up to a version was told by this engine."""
    told, _ = told_of(stored)
    return told.version == version and told.engine == ENGINE_VERSION
