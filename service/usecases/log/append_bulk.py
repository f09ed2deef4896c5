"""Appending lines of many lifters at once, as fast as the store takes them, each treated as if it came alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from service.domain.errors import SpotterError, Unavailable
from service.domain.identifiers import LifterRef
from service.store.log import MAXIMUM_BATCH
from service.usecases.log.append import append_batches
from service.usecases.log.batch import Batch, Receipt, Submission
from service.usecases.services import Services

MOST_LINES: Final = MAXIMUM_BATCH
"""Lines that are appended together: enough that round trips cost little, few enough to hold in memory."""


class Line(NamedTuple):
    """An event of some lifter; the optimistic check is made where ``expected_version`` is not None."""

    lifter: LifterRef
    submission: Submission
    expected_version: int | None


class LineAppender:
    """Appends the lines of one request, part by part; ``actor`` is the id of the key that writes.

    ``strict``: a line of whose event there is something to warn is refused.
    """

    def __init__(self, services: Services, *, actor: str, strict: bool = False) -> None:
        self._services = services
        self._actor = actor
        self._strict = strict
        self._unavailable: Unavailable | None = None

    def append(self, lines: Sequence[Line | SpotterError]) -> list[Receipt | Exception]:
        """Append up to `MOST_LINES` lines; of each, what became of it. What could not even be read is refused as is.

        Once the store did not answer for some, the rest of the request is not tried.
        """
        readable = [line for line in lines if isinstance(line, Line)]
        appended = iter(self._appended(readable))
        return [next(appended) if isinstance(line, Line) else line for line in lines]

    def _appended(self, lines: Sequence[Line]) -> Sequence[Receipt | Exception]:
        if self._unavailable is None:
            try:
                return append_lines(self._services, lines, actor=self._actor, strict=self._strict)
            except Unavailable as error:
                self._unavailable = error
        return [self._unavailable for _ in lines]


def append_lines(
    services: Services, lines: Sequence[Line], *, actor: str, strict: bool = False
) -> list[Receipt | Exception]:
    """Append up to `MOST_LINES` events, those of a lifter in the order of their lines; of each, what became of it.

    Two lines are as far apart as two requests: whatever is refused of one, the other is checked and appended by itself.
    Raises `Unavailable` where nobody can know what was appended; appending all of it again is safe.
    """
    found: list[Receipt | Exception] = [NotImplementedError()] * len(lines)
    for turn in _turns(lines, strict=strict):
        batches = [
            Batch(
                lines[run[0]].lifter, [lines[place].submission for place in run], lines[run[0]].expected_version, strict
            )
            for run in turn
        ]
        for run, became in zip(turn, append_batches(services, batches, actor=actor), strict=True):
            for position, place in enumerate(run):
                found[place] = became if isinstance(became, Exception) else became[position]
    return found


def _turns(lines: Sequence[Line], *, strict: bool) -> Iterator[list[list[int]]]:
    """The places of lines that can be appended together, in runs of one lifter; each turn after the one before.

    A batch is refused as a whole when its expected version is not the log's, so a line that expects one is a run of
    its own; and as a later line may act on its event, that is checked only when it is known what became of it. So is
    each line where warnings refuse it, for what is warned of depends on the lines before it that were taken.
    """
    runs: dict[LifterRef, list[list[int]]] = {}
    for place, line in enumerate(lines):
        own = runs.setdefault(line.lifter, [])
        alone = strict or line.expected_version is not None
        if own and not alone and lines[own[-1][0]].expected_version is None:
            own[-1].append(place)
        else:
            own.append([place])
    turn = 0
    while together := [own[turn] for own in runs.values() if turn < len(own)]:
        yield together
        turn += 1
