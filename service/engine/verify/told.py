"""Holding what was told of a lifter, and the marks that say who is behind, against a replay. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.engine.changes.change import Told, told_of
from service.engine.changes.detect import Stand, Teller
from service.engine.replay.state import LifterState, Shared
from service.engine.verify.checks import Replay
from service.engine.verify.stored import Finding, Stored
from service.engine.version import ENGINE_VERSION


def check_marks(stored: Stored) -> Iterator[Finding]:
    """Hold what the server's lists say of a lifter against the lifter's own keys."""
    marks = stored.marks
    if marks.is_erased and marks.there:
        yield Finding(0, f"the lifter was erased, and there is still: {', '.join(marks.there)}")
    elif marks.there and not marks.is_listed:
        yield Finding(0, f"the lifter is in no list of lifters, and there is: {', '.join(marks.there)}")
    elif marks.is_listed and not stored.ids:
        yield Finding(0, "the lifter is listed and has no log: all of it was removed")
    if marks.expiring:
        yield Finding(0, f"the server was told to remove by itself: {', '.join(marks.expiring)}")
    shared = _shared(stored)
    if shared is not None and shared.engine == ENGINE_VERSION and marks.is_parked != (shared.parked is not None):
        yield Finding(shared.version, "the lifter is marked as parked and is not, or is and is not marked")
    if not marks.is_behind and marks.head:
        yield from _unnoticed(stored, shared)


def check_told(lifter: str, stored: Stored, replay: Replay) -> list[Finding]:
    """Hold what was told last of each slot against what is prescribed there as of the version and time of telling.

    What another engine told is left alone, and where nothing was told yet.
    """
    try:
        told, known = told_of(stored.told)
        if told.engine != ENGINE_VERSION or told.as_of is None:
            return []
        if not 0 < told.version <= replay.run.last:
            return [Finding(told.version, f"was told; without a gap the log goes to version {replay.run.last}")]
        stand = Stand.of(LifterState(ENGINE_VERSION, replay.fields_at(told.version)))
        if stand.shared.default_digest is None:  # what was told depends on the rules that were published then
            return []
        teller = Teller(lifter, replay.plans, lambda: None, told, known)
        message = "what was told of the slot {} is not what was prescribed there"
        findings = [Finding(told.version, message.format(slot)) for slot in teller.differing(stand)]
    except (msgspec.MsgspecError, UnicodeError, ValueError):
        return [Finding(0, "what was told of the lifter cannot be read")]
    if not findings and not stored.marks.is_behind and stand.shared.parked is None:
        findings += _unlooked(stored, teller, stand)
    return findings


def _unnoticed(stored: Stored, shared: Shared | None) -> Iterator[Finding]:
    """Of who is not marked as behind: whether projection and what was told are as far as the log."""
    head = stored.marks.head
    if shared is None:
        if not stored.projection:
            yield Finding(0, "the projection is missing, and the lifter is not marked as behind")
        return
    if shared.engine != ENGINE_VERSION:
        return
    if shared.version < head and shared.parked is None:
        message = "the projection ends here, and the lifter is not marked as behind, though the log goes to version {}"
        yield Finding(shared.version, message.format(head))
    told = _told(stored)
    if told is None or told.version == 0:
        yield Finding(0, "what was told of the lifter is missing")
    elif told.engine != ENGINE_VERSION:  # who made the projection would have told it too
        yield Finding(told.version, "what was told of the lifter is another engine's, and the projection is not")
    elif told.version < head:
        message = "told up to here, and the lifter is not marked as behind, though the log goes to version {}"
        yield Finding(told.version, message.format(head))


def _unlooked(stored: Stored, teller: Teller, stand: Stand) -> Iterator[Finding]:
    """Of who is not marked as behind: whether it will be looked again when time may have changed something."""
    latest = teller.next_look(stand, ahead=True)
    if latest is not None and (stored.marks.due is None or stored.marks.due > latest):
        yield Finding(teller.told.version, "it will not be looked in time what time alone changes: the mark is missing")


def _shared(stored: Stored) -> Shared | None:
    """What of the projection is shared; None where there is none, or it cannot be read."""
    if not stored.projection:
        return None
    try:
        return LifterState(ENGINE_VERSION, stored.projection).shared
    except (msgspec.MsgspecError, UnicodeError):
        return None  # named by `check_projection`


def _told(stored: Stored) -> Told | None:
    try:
        return told_of(stored.told)[0]
    except (msgspec.MsgspecError, UnicodeError, ValueError):
        return None
