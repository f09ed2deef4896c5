"""What a fold tells whoever watches it: tracing, counting and simulating are observers of the same fold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from service.domain.events import Event
from service.domain.loads import Unit
from service.engine.reading.readings import Reading
from service.engine.replay.arbitration import Firing
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep
from service.engine.replay.state import Once, Session
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.triggers import Trigger


class FoldObserver:
    """Told what a fold does, at each step; it may look at everything and must change nothing.

    Every method does nothing here, so that an observer says only what it cares for.
    """

    def attach(self, tracks: Tracks) -> None:
        """The fold that is watched from now on, by its tracks."""

    def for_duplicate(self) -> Self | None:
        """Who watches a duplicate of the fold; None: nobody."""

    def event_begins(self, version: int, event: Event) -> None:
        """An event of the log is about to be folded."""

    def event_ended(self, event: Event) -> None:
        """An event has been folded; whatever happens until the next is done by time alone."""

    def set_passed_over(self, slot: PlannedSlot) -> None:
        """The event's set, which goes to the slot, is not measured as that is: nothing comes of it."""

    def set_read(self, slot: PlannedSlot, version: int, reading: Reading) -> None:
        """The set of a version was read, or is read anew now that the session is over."""

    def set_counted(self, slot: PlannedSlot, session: Session, number: int, versions: tuple[int, ...]) -> None:
        """A work set was counted as the slot's ``number`` (from 1) of the session, and its rules come next.

        Of a pair of sides ``versions`` are both.
        """

    def record_fell(self, slot: PlannedSlot, version: int, load: Decimal, amount: int) -> None:
        """The set of a version is heavier than any before it with as many repetitions (or seconds)."""

    def track_begins(self, slot: PlannedSlot) -> None:
        """The first set of a session is about to reach the track of the slot."""

    def track_is_lighter(self, slot: PlannedSlot) -> None:
        """That session is made lighter: what was due of the track before it still is."""

    def track_is_as_it_opened(self, slot: PlannedSlot) -> None:
        """What comes next of the slot's track is shown as the open session found it, and time goes on from there."""

    def time_begins(self, slot: PlannedSlot) -> None:
        """What time alone has caused is about to be considered for the track of the slot."""

    def rules_begin(self, trigger: Trigger, steps: Sequence[PlannedStep], track: Track) -> None:
        """The rules of a trigger are about to run on a track."""

    def rules_ended(self, trigger: Trigger, fired: Sequence[Firing], lost: frozenset[int], track: Track) -> None:
        """The rules of a trigger have run: those that ``fired`` were applied, but for the places that have ``lost``."""

    def slot_skipped(self, slot: PlannedSlot, reason: str | None) -> None:
        """The event passes by the slot's next session, or what is left of it in the open one."""

    def asked_otherwise(self, slot: PlannedSlot, once: Once) -> None:
        """A slot is performed of which something was said for this session alone: a load, or that it is skipped."""

    def baseline_set(self, exercise: str) -> None:
        """The event sets a new baseline of an exercise."""

    def lever_begins_anew(self, slot: PlannedSlot, track: Track, lever: Decimal) -> None:
        """A new baseline is about to give the slot's track another lever."""

    def unit_changes(self, unit: Unit) -> None:
        """Every load is about to be converted to another working unit."""

    def session_closed(self) -> None:
        """The open session has been closed."""
