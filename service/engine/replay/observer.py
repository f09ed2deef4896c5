"""What a fold tells whoever watches it: tracing, counting and simulating are observers of the same fold."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Self

from service.domain.events import Event
from service.engine.replay.arbitration import Firing
from service.engine.replay.bound_programme import PlannedSlot, PlannedStep
from service.engine.replay.state import Session, Track
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
        """The event's set, which goes to the slot, is no work: no rule sees it."""

    def set_counted(self, slot: PlannedSlot, session: Session, versions: tuple[int, ...]) -> None:
        """A work set was counted for the slot, and its rules come next; of a pair of sides these are both versions."""

    def track_begins(self, slot: PlannedSlot) -> None:
        """The first set of a session is about to reach the track of the slot."""

    def time_begins(self, slot: PlannedSlot) -> None:
        """What time alone has caused is about to be considered for the track of the slot."""

    def rules_begin(self, trigger: Trigger, steps: Sequence[PlannedStep], track: Track) -> None:
        """The rules of a trigger are about to run on a track."""

    def rules_ended(self, trigger: Trigger, fired: Sequence[Firing], lost: frozenset[int], track: Track) -> None:
        """The rules of a trigger have run: those that ``fired`` were applied, but for the places that have ``lost``."""

    def baseline_set(self, exercise: str) -> None:
        """The event sets a new baseline of an exercise."""

    def lever_begins_anew(self, slot: PlannedSlot, track: Track, lever: Decimal) -> None:
        """A new baseline is about to give the slot's track another lever."""

    def session_closed(self) -> None:
        """The open session has been closed."""
