"""Appending what a client says happened: checked, completed, logged once, and the workers woken.

Whether an event is new, there already or in conflict with the one of its id is decided where the log is written, by
``service/store/lua/append.lua``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Final, TypeAlias

from service.domain.errors import (
    InvalidInput,
    Problem,
    SpotterError,
    TooMuchToReplay,
    Unavailable,
)
from service.domain.identifiers import LifterRef
from service.store import key_names
from service.store.log import MAXIMUM_BATCH
from service.store.log import Batch as Appended
from service.usecases.log.accepting import Accepting
from service.usecases.log.batch import Batch, Receipt, Submission
from service.usecases.log.late_event_changes import changes_between
from service.usecases.services import Services

BATCH: Final = 1000
"""Events of a long history in one append: enough to be quick, few enough for progress to show."""

_MOST_JUDGEMENTS: Final = 8
"""How often a batch is judged anew because others wrote meanwhile."""

_KEPT_CHANGING: Final = "the log went on each time that this was judged by it; send it again"


_Written: TypeAlias = Future[list[Appended | Exception]]


def append_event(
    services: Services,
    lifter: LifterRef,
    submission: Submission,
    *,
    actor: str,
    expected_version: int | None = None,
    with_changes: bool = True,
    strict: bool = False,
) -> Receipt:
    """Append one event; ``actor`` is the id of the key that writes.

    What a late event changes costs two replays to find out, which ``with_changes`` spares. ``strict``: append nothing
    where there is something to warn of, unless it is there already.

    Raises `InvalidInput`, `IdempotencyConflict`, `WrongExpectedVersion`, `Erased` or `Unavailable`; after the last,
    trying again is safe. If strict also `Warned`, and `TooMuchToReplay` where this process cannot tell.
    """
    (found,) = append_batches(services, [Batch(lifter, [submission], expected_version, strict)], actor=actor)
    if isinstance(found, Exception):
        raise found
    (result,) = found
    if isinstance(result, SpotterError):
        raise result
    if result.late and with_changes:
        try:
            return result._replace(changes=tuple(changes_between(services, lifter, result.version - 1, result.version)))
        except TooMuchToReplay:
            return result._replace(changes=None)
    return result


def append_events(
    services: Services,
    lifter: LifterRef,
    submissions: Sequence[Submission],
    *,
    actor: str,
    expected_version: int | None = None,
    atomic: bool = False,
    strict: bool = False,
) -> list[Receipt | SpotterError]:
    """Append up to `MAXIMUM_BATCH` events of one lifter in order: for each its receipt, or why it is refused.

    ``atomic``: where one is refused, none is appended, and the refusal is raised; then they may be ``strict``, too.
    Raises `WrongExpectedVersion`, `Erased` and `Unavailable`, which concern all of them alike.
    """
    return append_batch(services, Batch(lifter, submissions, expected_version, strict, atomic), actor=actor)


def append_batch(services: Services, batch: Batch, *, actor: str) -> list[Receipt | SpotterError]:
    """Append a batch as `append_events` does."""
    if len(batch.submissions) > MAXIMUM_BATCH:
        raise InvalidInput(Problem("", f"at most {MAXIMUM_BATCH} events of a lifter can be appended at once"))
    (found,) = append_batches(services, [batch], actor=actor)
    if isinstance(found, Exception):
        raise found
    return found


def append_batches(
    services: Services, batches: Sequence[Batch], *, actor: str
) -> list[list[Receipt | SpotterError] | Exception]:
    """Append each batch as `append_events` does, of any lifters, in the order given and in one round trip.

    Of each: its receipts, or what concerns all of its events; a lifter's trouble is nobody else's. Raises
    `Unavailable` where nobody can know what was appended; appending all of it again is safe.
    """
    found: list[list[Receipt | SpotterError] | Exception | None] = [None] * len(batches)
    for _ in range(_MOST_JUDGEMENTS):
        places = [place for place, said in enumerate(found) if said is None]
        if not places:
            break
        tried = _try_to_append(services, [batches[place] for place in places], actor)
        for place, said in zip(places, tried, strict=True):
            found[place] = said
    return [Unavailable(_KEPT_CHANGING) if said is None else said for said in found]


def append_in_turn(
    services: Services, lifter: LifterRef, batches: Iterable[Sequence[Submission]], *, actor: str
) -> Iterator[list[Receipt | SpotterError]]:
    """Append long histories of one lifter, batch by batch in order: of each what became of it, without warnings.

    The next batch is checked while the server writes one, so none may act on events of others. The workers are woken
    at the end: before it, what they made would stand behind the log again. Raises `Erased` and `Unavailable`; after
    the last, appending all of it again is safe.
    """
    digest = services.default_digest()

    def became(
        accepting: Accepting, written: Future[list[Appended | Exception]] | None
    ) -> list[Receipt | SpotterError]:
        (appended,) = [None] if written is None else written.result()
        if isinstance(appended, Exception):
            raise appended
        return accepting.receipts(appended, services.promise.now().durability)

    try:
        with ThreadPoolExecutor(1) as server:
            before: tuple[Accepting, _Written | None] | None = None
            for submissions in batches:
                accepting = Accepting(services, Batch(lifter, submissions, with_warnings=False), actor, digest)
                if before is not None:
                    yield became(*before)
                append = partial(services.log.append_each, [accepting.to_append()], default_digest=digest)
                before = accepting, server.submit(append) if accepting.events else None
            if before is not None:
                yield became(*before)
    finally:
        services.wake.wake_soon({key_names.group(lifter)})


def _try_to_append(
    services: Services, batches: Sequence[Batch], actor: str
) -> list[list[Receipt | SpotterError] | Exception | None]:
    """What became of each batch; None where its log went on since it was judged by it, and nothing was written."""
    durability = services.promise.now().durability
    digest = services.default_digest()
    found: list[list[Receipt | SpotterError] | Exception | None] = [None] * len(batches)
    sent: list[tuple[int, Accepting]] = []
    for place, batch in enumerate(batches):
        try:
            accepting = Accepting(services, batch, actor, digest)
        except SpotterError as error:
            found[place] = error
            continue
        if accepting.events:
            sent.append((place, accepting))
        else:
            found[place] = accepting.receipts(None)
    sent = _without_warned(services, sent, found, digest)
    groups = set()
    new = [accepting.to_append() for _, accepting in sent]
    for (place, accepting), became in zip(sent, services.log.append_each(new, default_digest=digest), strict=True):
        if isinstance(became, Exception):
            found[place] = accepting.refused(became)
        else:
            found[place] = accepting.receipts(became, durability)
            if became.newly_dirty:
                groups.add(key_names.group(accepting.batch.lifter))
    services.wake.wake_soon(groups)
    return found


def _without_warned(
    services: Services,
    batches: list[tuple[int, Accepting]],
    found: list[list[Receipt | SpotterError] | Exception | None],
    digest: str,
) -> list[tuple[int, Accepting]]:
    """Those that may be appended; of strict ones that may not, or not yet, what to say is put into ``found``."""
    strict = [each for each in batches if each[1].batch.strict]
    if not strict:
        return batches
    asked = services.log.append_each([each.to_append(only_asked=True) for _, each in strict], default_digest=digest)
    held = set()
    for (place, accepting), became in zip(strict, asked, strict=True):
        if isinstance(became, Exception):
            found[place] = accepting.refused(became)
        elif warned := accepting.warned(became):
            found[place] = warned if accepting.batch.atomic else [warned]
        else:
            continue
        held.add(place)
    return [each for each in batches if each[0] not in held]
