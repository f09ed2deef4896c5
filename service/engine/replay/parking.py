"""What is done when an event cannot be folded: whatever it breaks, only its lifter stops, and is told where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from service.domain.errors import Poisoned, Unavailable
from service.domain.events import Event
from service.domain.prescription import Parked
from service.engine.replay.fold import Fold
from service.engine.replay.state import Shared


def fold_events(fold: Fold, history: Sequence[tuple[int, Event]]) -> None:
    """Fold events (each with its version); `Poisoned` for one that cannot be."""

    def at_fault() -> tuple[int, str]:
        return fold.version, next((event.event_id for version, event in history if version == fold.version), "")

    with blaming(at_fault):
        fold.apply_all(history)


@contextmanager
def blaming(at_fault: Callable[[], tuple[int, str]], no_fault: type[Exception] = Unavailable) -> Iterator[None]:
    """Raise `Poisoned` with the version and the id of the event at fault for what is raised, except for ``no_fault``.

    `Unavailable`: a rule set could not be fetched just now, which is no event's fault.
    """
    try:
        yield
    except no_fault:
        raise
    except Exception as error:
        version, event_id = at_fault()
        raise Poisoned(version, event_id, f"{type(error).__name__}: {error}") from error


def park(shared: Shared, poisoned: Poisoned) -> None:
    """Name the poison, unless what remained before it had another of its own: the first version is what stops."""
    if shared.parked is None:
        shared.parked = Parked(poisoned.version, poisoned.event_id, poisoned.why)
