"""Replay: bringing a projection up to the log. Pure; whoever calls it reads and writes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import NamedTuple

import msgspec

from service.domain.effective_history import Entry, acts_on, changes_the_past, effective_history
from service.domain.errors import Poisoned
from service.domain.event_encoding import decode, decode_all
from service.domain.events import Event, SessionVoided, SetLogged
from service.domain.hash_chain import extend_chain
from service.domain.instants import Instant
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.observer import FoldObserver
from service.engine.replay.parking import fold_events, park
from service.engine.replay.state import LifterState, Shared, engine_of_state
from service.engine.version import ENGINE_VERSION


class Run(NamedTuple):
    """Consecutive entries of a log as stored: ``events[i]`` is version ``first + i``, with its content hash.

    ``default`` is the digest of the default rule set, where one of these entries, version ``pinned_at``, pins it.
    """

    first: int
    events: Sequence[bytes]
    sha256s: Sequence[bytes]
    default: str | None = None
    pinned_at: int = 0

    @property
    def last(self) -> int:
        """The version of the last entry."""
        return self.first + len(self.events) - 1

    def after(self, version: int) -> Run:
        """The entries after ``version``, which is not before the first of them by more than one."""
        start = version + 1 - self.first
        default = self.default if self.pinned_at > version else None
        return Run(version + 1, self.events[start:], self.sha256s[start:], default, self.pinned_at if default else 0)

    def until(self, version: int) -> Run:
        """The entries up to ``version``."""
        count = max(version + 1 - self.first, 0)
        default = self.default if self.pinned_at <= version else None
        return Run(self.first, self.events[:count], self.sha256s[:count], default, self.pinned_at if default else 0)


class NeedsWholeLog(Exception):
    """The projection cannot be carried on from where it is: replay the log from version 1 over nothing."""


def checkpoint_of(state: LifterState) -> bytes:
    """What a projection stands on; a commit is refused unless the stored one is still the one it started from."""
    shared = state.shared
    return msgspec.json.encode((shared.version, shared.newest_at, shared.engine, shared.default_digest))


def engine_of(checkpoint: bytes) -> int:
    """The engine version that made the projection which stands on a checkpoint; a newer one may write more into it."""
    return int(msgspec.json.decode(checkpoint)[2])


def carry_on(fields: Mapping[bytes, bytes], run: Run, plans: Plans) -> LifterState:
    """Fold a run that follows a projection; `NeedsWholeLog` where that cannot be done piecemeal.

    An event that cannot be folded leaves the state of the version before it, marked as parked. A parked lifter stays
    so until the whole log is replayed.
    """
    state = _ours(fields)
    shared = state.shared
    if run.first != shared.version + 1:
        raise NeedsWholeLog
    if run.first == 1:
        return replay_whole(run, plans)
    if shared.parked is not None:
        if _heals(run):
            raise NeedsWholeLog
        return state
    try:
        _fold_run(Fold(state, plans), run)
    except Poisoned as poisoned:
        state = carry_on(fields, run.until(poisoned.version - 1), plans)
        park(state.shared, poisoned)
    return state


def carry_on_late(
    fields: Mapping[bytes, bytes], run: Run, plans: Plans, *, as_of: Instant | None = None
) -> LifterState:
    """Fold all that follows an older projection, in the order in which it happened; ``as_of`` leaves out what is later.

    `NeedsWholeLog` where something in the run reaches back before the projection, or cannot be folded.
    """
    state = _ours(fields)
    shared = state.shared
    since = shared.newest_at
    if shared.parked is not None or run.first != shared.version + 1:
        raise NeedsWholeLog
    try:
        events = decoded(run)
        known = {event.event_id for event in events}
        history = _up_to(as_of, effective_history(enumerate(events, run.first)), state)
        if (
            any(_acts_on_what_is_not_in(known, event) for event in events)
            or (since is not None and as_of is not None and since > as_of)
            or (since is not None and history and history[0].event.occurred_at < since)
        ):
            raise NeedsWholeLog
        shared.default_digest = run.default or shared.default_digest
        fold_events(Fold(state, plans), history)
    except Poisoned as poisoned:
        raise NeedsWholeLog from poisoned
    _conclude(state, run)
    return state


def _acts_on_what_is_not_in(known: AbstractSet[str], event: Event) -> bool:
    """Whether an event acts on one that is not among the known ids, or may: a session can reach back any far."""
    target = acts_on(event.data)
    return isinstance(event.data, SessionVoided) if target is None else target not in known


def _ours(fields: Mapping[bytes, bytes]) -> LifterState:
    """The state in a projection's fields; `NeedsWholeLog` where another engine made it: that may write it otherwise."""
    if engine_of_state(fields) not in (None, ENGINE_VERSION):
        raise NeedsWholeLog
    return LifterState(ENGINE_VERSION, fields)


def replay_whole(run: Run, plans: Plans, *, as_of: Instant | None = None) -> LifterState:
    """Fold a whole log over nothing; ``as_of`` leaves out what occurred later."""
    return fold_whole(run, plans, as_of=as_of).state


def replay_in_order(runs: Iterable[Run], plans: Plans) -> LifterState:
    """Fold a whole log over nothing, run by run; `NeedsWholeLog` where an event is not later than all before it.

    The same as `replay_whole`, at a fraction of the memory. An event that cannot be folded needs the whole log too.
    """
    state = LifterState(ENGINE_VERSION)
    fold = Fold(state, plans)
    for run in runs:
        try:
            _fold_run(fold, run)
        except Poisoned as poisoned:
            raise NeedsWholeLog from poisoned
    return state


def fold_whole(
    run: Run, plans: Plans, observed_by: Callable[[], FoldObserver] | None = None, *, as_of: Instant | None = None
) -> Fold:
    """Fold a whole log over nothing; ``observed_by`` makes who watches, anew for each attempt."""
    try:
        return _fold_whole(decoded(run), run, plans, observed_by, as_of)
    except Poisoned as poisoned:
        fold = fold_whole(run.until(poisoned.version - 1), plans, observed_by, as_of=as_of)
        park(fold.state.shared, poisoned)
        return fold


def decoded(run: Run) -> list[Event]:
    """The events of a run; `Poisoned` where one is no event that this Spotter knows."""
    try:
        return decode_all(run.events)
    except (msgspec.MsgspecError, UnicodeError):
        for version, raw in enumerate(run.events, run.first):
            try:
                decode(raw)
            except (msgspec.MsgspecError, UnicodeError) as error:
                raise Poisoned(version, "", f"not an event that this version of Spotter can read: {error}") from error
        raise


def _fold_run(fold: Fold, run: Run) -> None:
    shared = fold.state.shared
    events = decoded(run)
    newest = shared.newest_at
    for event in events:
        at = event.occurred_at
        if (newest is not None and at < newest) or (type(event.data) is not SetLogged and changes_the_past(event)):
            raise NeedsWholeLog
        newest = at
    if run.default is not None:
        shared.default_digest = run.default
        fold.look_up_rules()
    fold_events(fold, list(enumerate(events, run.first)))
    _conclude(fold.state, run)


def beginning(events: list[Event], run: Run, as_of: Instant | None) -> tuple[LifterState, list[Entry]]:
    """Where a whole log's fold begins: the state before its first event, and the effective history to fold."""
    state = LifterState(ENGINE_VERSION)
    history = effective_history(enumerate(events, run.first))
    history = _up_to(as_of, history, state)
    state.shared.default_digest = run.default
    return state, history


def _fold_whole(
    events: list[Event], run: Run, plans: Plans, observed_by: Callable[[], FoldObserver] | None, as_of: Instant | None
) -> Fold:
    state, history = beginning(events, run, as_of)
    fold = Fold(state, plans, None if observed_by is None else observed_by())
    fold_events(fold, history)
    _conclude(state, run)
    return fold


def _up_to(as_of: Instant | None, history: list[Entry], state: LifterState) -> list[Entry]:
    """The history without what came after a time; the state remembers when that begins."""
    if as_of is None:
        return history
    count = bisect_right(history, as_of, key=lambda entry: entry.event.occurred_at)
    state.next_at = history[count].event.occurred_at if count < len(history) else None
    return history[:count]


def _conclude(state: LifterState, run: Run) -> None:
    state.shared.version = run.last
    state.shared.head = extend_chain(state.shared.head, run.sha256s)


def follows(event: Event, shared: Shared) -> bool:
    """Whether an event can be folded onto a state; where not, the history before it reads otherwise."""
    return (shared.newest_at is None or event.occurred_at >= shared.newest_at) and not changes_the_past(event)


def _heals(run: Run) -> bool:
    """Whether anything in a run could take the poison out of the history before it."""
    for raw in run.events:
        with suppress(msgspec.MsgspecError, UnicodeError):
            if changes_the_past(decode(raw)):
                return True
    return False
