"""Taking an import back as a whole: each of its events is voided, and can be imported anew under another id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from service.domain.errors import Erased, NotFound, SpotterError
from service.domain.event_encoding import decode
from service.domain.events import Event, SetVoided
from service.domain.identifiers import LifterRef
from service.store.imports_under_way import UnderWay
from service.trackers.exercise_names import TAG_LENGTH
from service.usecases.log.append import append_batch
from service.usecases.log.batch import Batch, Submission
from service.usecases.services import Services

_BATCH: Final = 500
_REASON: Final = "the import was taken back"


def actor_of(app: str, import_id: str) -> str:
    """Who writes the events of an import; the log says by it which events are whose."""
    return f"import:{app}:{import_id}"


def is_of_import(event: Event) -> bool:
    """Whether an event was written by an import of another app's export."""
    return event.actor.startswith("import:")


class LoggedImport(NamedTuple):
    """What a log has of an import: how many events were appended, and how many of them were taken back with it.

    ``under_way`` says how far it is while it is being appended.
    """

    import_id: str
    app: str
    appended: int
    taken_back: int
    under_way: UnderWay | None = None


def find_import(services: Services, lifter: LifterRef, import_id: str) -> LoggedImport:
    """What the log has of an import by now. Raises `NotFound` where that is nothing, and `Erased`."""
    far = services.imports_under_way.find(lifter, import_id)
    app, events, voids = "", 0, set[str]()
    found: set[str] = set()
    for event in _naming(services, lifter, import_id):
        if _is_of(event, import_id):
            app, events = event.actor.split(":")[1], events + 1
            found.add(event.event_id)
        elif event.actor == f"take-back:{import_id}" and isinstance(event.data, SetVoided):
            voids.add(event.data.voids)
    if far is not None:
        return LoggedImport(import_id, far.app, events, len(voids & found), far)
    if not events:
        if services.erasures.find(lifter) is not None:
            raise Erased(lifter.lifter)
        raise _unknown(lifter, import_id)
    return LoggedImport(import_id, app, events, len(voids & found))


def _unknown(lifter: LifterRef, import_id: str) -> NotFound:
    return NotFound(f"the log of {lifter.lifter!r} has no event of an import {import_id!r}")


def take_back_import(
    services: Services, lifter: LifterRef, import_id: str, on_progress: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Void every event that an import appended; how many there were. Doing it again voids nothing twice.

    Raises `NotFound` where the log has no event of this import, `Erased` and `Unavailable`.
    """
    voids = list(_voids(services, lifter, import_id))
    if not voids:
        if services.erasures.find(lifter) is not None:
            raise Erased(lifter.lifter)
        raise _unknown(lifter, import_id)
    for start in range(0, len(voids), _BATCH):
        batch = Batch(lifter, voids[start : start + _BATCH], with_warnings=False)
        for receipt in append_batch(services, batch, actor=f"take-back:{import_id}"):
            if isinstance(receipt, SpotterError):
                raise receipt
        on_progress(start + len(batch.submissions), len(voids))
    return len(voids)


def not_taken_back(services: Services, lifter: LifterRef, submissions: Sequence[Submission]) -> list[Submission]:
    """Events under the ids that they can be imported with: another one for each time that they were taken back."""
    current = list(submissions)
    again = list(range(len(current)))
    while again:
        voids = {_void_id(current[place].event_id): place for place in again}
        again = [voids[void] for void in services.log.versions(lifter, list(voids))]
        for place in again:
            event_id = current[place].event_id
            kept = event_id[: event_id.index("-") + 1 + TAG_LENGTH]  # the app, and the tag of the exercise's name
            renewed = f"{kept}{hashlib.sha256(event_id.encode()).hexdigest()[:32]}"
            current[place] = current[place]._replace(event_id=renewed)
    return current


def _voids(services: Services, lifter: LifterRef, import_id: str) -> Iterator[Submission]:
    for event in _naming(services, lifter, import_id):
        if _is_of(event, import_id):
            yield Submission(_void_id(event.event_id), event.recorded_at, SetVoided(event.event_id, _REASON))


def _naming(services: Services, lifter: LifterRef, import_id: str) -> Iterator[Event]:
    """The events that name an import anywhere: no others are decoded."""
    named = import_id.encode()
    return (decode(raw) for run in services.log.runs(lifter) for raw in run.events if named in raw)


def _is_of(event: Event, import_id: str) -> bool:
    return is_of_import(event) and event.actor.endswith(f":{import_id}")


def _void_id(event_id: str) -> str:
    return f"take-back-{hashlib.sha256(event_id.encode()).hexdigest()[:40]}"
