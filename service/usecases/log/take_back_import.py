"""Taking an import back as a whole: each of its events is voided, and can be imported anew under another id."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from service.domain.errors import Erased, NotFound, SpotterError
from service.domain.event_encoding import decode
from service.domain.events import Event, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant
from service.store.imports_under_way import UnderWay
from service.trackers.exercise_names import TAG_LENGTH
from service.usecases.log.append import BATCH, append_in_turn
from service.usecases.log.batch import Submission
from service.usecases.services import Services

_REASON: Final = "the import was taken back"
_IMPORTED: Final = "import:"
_TAKEN_BACK: Final = "take-back:"


def actor_of(app: str, import_id: str) -> str:
    """Who writes the events of an import; the log says by it which events are whose."""
    return f"{_IMPORTED}{app}:{import_id}"


def is_of_import(event: Event) -> bool:
    """Whether an event was written by an import of another app's export."""
    return event.actor.startswith(_IMPORTED)


class LoggedImport(NamedTuple):
    """What a log has of an import: how many events were appended, and how many of them were taken back with it.

    ``recorded_at`` is when the first was; None before there is any. ``under_way`` says how far it is while it is being
    appended, or taken back.
    """

    import_id: str
    app: str
    appended: int = 0
    taken_back: int = 0
    recorded_at: Instant | None = None
    under_way: UnderWay | None = None


def find_import(services: Services, lifter: LifterRef, import_id: str) -> LoggedImport:
    """What the log has of an import by now. Raises `NotFound` where that is nothing, and `Erased`."""
    under_way = services.imports_under_way.find(lifter, import_id)
    found = _by_id(_naming(services, lifter, import_id)).get(import_id)
    if found is None and under_way is not None:
        found = LoggedImport(import_id, under_way.app)
    if found is not None:
        return found._replace(under_way=under_way)
    if services.erasures.find(lifter) is not None:
        raise Erased(lifter.lifter)
    raise _unknown(lifter, import_id)


def logged_imports(services: Services, lifter: LifterRef) -> list[LoggedImport]:
    """The imports that a log has, the newest first; none where there is no log."""
    found = _by_id(_naming(services, lifter, _IMPORTED, _TAKEN_BACK))
    under_way = services.imports_under_way.of(lifter)
    if under_way is not None and (logged := found.get(under_way.import_id)) is not None:
        found[logged.import_id] = logged._replace(under_way=under_way)
    return sorted(found.values(), key=lambda each: (each.recorded_at, each.import_id), reverse=True)


def _by_id(events: Iterable[Event]) -> dict[str, LoggedImport]:
    first: dict[str, Event] = {}
    appended, voids = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for event in events:
        import_id = event.actor.rpartition(":")[2]
        if is_of_import(event):
            first.setdefault(import_id, event)
            appended[import_id].add(event.event_id)
        elif event.actor.startswith(_TAKEN_BACK) and isinstance(event.data, SetVoided):
            voids[import_id].add(event.data.voids)
    return {
        import_id: LoggedImport(
            import_id, _app_of(event), len(ids := appended[import_id]), len(voids[import_id] & ids), event.recorded_at
        )
        for import_id, event in first.items()
    }


def _unknown(lifter: LifterRef, import_id: str) -> NotFound:
    return NotFound(f"the log of {lifter.lifter!r} has no event of an import {import_id!r}")


def take_back_import(
    services: Services, lifter: LifterRef, import_id: str, on_progress: Callable[[int, int], None] = lambda *_: None
) -> int:
    """Void every event that an import appended; how many there were. Doing it again voids nothing twice.

    ``on_progress`` is told how many events of how many are done, and `find_import` says so meanwhile. Raises `NotFound`
    where the log has no event of this import, `Erased` and `Unavailable`; after the last, doing it again goes on.
    """
    imported = [event for event in _naming(services, lifter, import_id) if _is_of(event, import_id)]
    if not imported:
        if services.erasures.find(lifter) is not None:
            raise Erased(lifter.lifter)
        raise _unknown(lifter, import_id)
    app = _app_of(imported[0])
    voids = [_void(event) for event in imported]
    batches = [voids[start : start + BATCH] for start in range(0, len(voids), BATCH)]
    done = 0

    def tell() -> None:
        services.imports_under_way.tell(lifter, UnderWay(import_id, app, done, len(voids)))
        on_progress(done, len(voids))

    tell()
    for receipts in append_in_turn(services, lifter, batches, actor=f"{_TAKEN_BACK}{import_id}"):
        for receipt in receipts:
            if isinstance(receipt, SpotterError):
                raise receipt
        done += len(receipts)
        tell()
    services.imports_under_way.end(lifter)
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


def _void(event: Event) -> Submission:
    return Submission(_void_id(event.event_id), event.recorded_at, SetVoided(event.event_id, _REASON))


def _naming(services: Services, lifter: LifterRef, *words: str) -> Iterator[Event]:
    """The events that have any of these words anywhere, such as an import's id: no others are decoded."""
    named = [word.encode() for word in words]
    every = (raw for run in services.log.runs(lifter) for raw in run.events)
    return (decode(raw) for raw in every if any(word in raw for word in named))


def _is_of(event: Event, import_id: str) -> bool:
    return is_of_import(event) and event.actor.endswith(f":{import_id}")


def _app_of(event: Event) -> str:
    return event.actor.split(":")[1]


def _void_id(event_id: str) -> str:
    return f"take-back-{hashlib.sha256(event_id.encode()).hexdigest()[:40]}"
