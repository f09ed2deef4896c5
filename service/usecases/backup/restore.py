"""Restoring a backup into a place that is empty: all of what it holds, without whom either of them knows as erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from service.domain.backups import KeyCopy, OfGym
from service.domain.errors import Conflict, Erased, InvalidInput, LogNotEmpty
from service.domain.exports import RuleSetFiles
from service.domain.identifiers import GYM_OR_LIFTER, LifterRef
from service.engine.files.library import digest_of
from service.store.backups import may_be_copied
from service.usecases.backup.check import BackupUnusable, Whole, line_of, lines_of
from service.usecases.lifter.restore import Arrival, take_in
from service.usecases.services import Services

_MOST_RULE_SETS: Final = 100_000

_AFTER_LIFTERS: Final = (b'{"line":"gym"', b'{"line":"erased"', b'{"line":"backup_end"')
"""How the line begins that follows a gym's exports."""


class PlaceNotEmpty(Conflict):
    """A backup is restored only where nothing is."""


class RestoreUnfinished(Conflict):
    """A backup was being restored here, and is not yet all there."""


class Restored(NamedTuple):
    """What came of restoring: ``erased`` lifters of the backup stay erased, ``left_out`` are those refused, and why."""

    lifters: int
    events: int
    erased: int
    left_out: dict[LifterRef, str]


def check_finished(services: Services) -> None:
    """Raise `RestoreUnfinished` where a backup is not yet all there."""
    if (sha256 := services.backups.restoring()) is not None:
        raise RestoreUnfinished(
            f"a backup (of SHA-256 {sha256[:16]}...) is not wholly restored here: do `spotter restore` with it again"
        )


def restore_backup(
    services: Services,
    backup: Whole,
    *,
    erasures: Iterable[Whole] = (),
    watch: Callable[[int], None] = lambda _: None,
) -> Restored:
    """Restore a backup that was found whole into an empty place, or go on where that was stopped.

    Who is erased in it, in any of ``erasures`` or in the place itself stays so. ``watch`` is told of the bytes that
    were read. Raises `PlaceNotEmpty`, `RestoreUnfinished`, `BackupUnusable` and `Unavailable`.
    """
    begun = services.backups.restoring()
    if begun is None and not services.backups.is_empty():
        raise PlaceNotEmpty(
            "there is something here already, and a backup is restored over nothing: take an empty place"
        )
    if begun not in (None, backup.finish.sha256):
        check_finished(services)
    services.backups.begin(backup.finish.sha256)
    for each in (backup, *erasures):
        services.backups.bury(each.erased)
    restored = _Restoring(services, backup, watch).run()
    services.backups.finish()
    return restored


class _Restoring:
    def __init__(self, services: Services, backup: Whole, watch: Callable[[int], None]) -> None:
        self._services = services
        self._path = backup.path
        self._watch = watch
        self._lines = lines_of(backup.path)
        self._number = 0
        self._ahead: bytes | None = None
        self._lifters = self._events = self._erased = 0
        self._left_out: dict[LifterRef, str] = {}

    def run(self) -> Restored:
        copies: list[KeyCopy] = []
        gyms: dict[str, int] = {}
        while (raw := self._next()) is not None:
            match line_of(self._path, self._number, raw):
                case RuleSetFiles() as line:
                    self._archive(line)
                case KeyCopy() as line:
                    self._check(may_be_copied(line.key), f"has a key that is none of a backup: {line.key!r}")
                    copies.append(line)
                case OfGym() as line:
                    self._check(GYM_OR_LIFTER.fullmatch(line.gym) is not None, "names no gym")
                    gyms[line.gym] = line.newest_change
                    self._take_in(line.gym)
                case _:
                    pass
        self._services.backups.put(copies)
        self._services.backups.begin_feeds(gyms, self._services.clock())
        return Restored(self._lifters, self._events, self._erased, self._left_out)

    def _take_in(self, gym: str) -> None:
        """Take in the exports of a gym's lifters."""
        arrival = Arrival(self._of_lifters(), before=self._number, most_rule_sets=_MOST_RULE_SETS)
        while (manifest := arrival.manifest()) is not None:
            lifter = LifterRef(gym, manifest.lifter)
            try:
                self._events += take_in(self._services, gym, manifest, arrival, is_backup=True).version
                self._lifters += 1
            except Erased:
                self._erased += 1
                arrival.pass_over()
            except LogNotEmpty as there:  # taken in before this was stopped
                self._lifters, self._events = self._lifters + 1, self._events + there.version
                arrival.pass_over()
            except InvalidInput as error:  # it was so where the backup was made, and keeps nobody else out
                self._left_out[lifter] = str(error)
                arrival.pass_over()

    def _archive(self, line: RuleSetFiles) -> None:
        files = {path: text.encode() for path, text in line.files.items()}
        self._check(digest_of(files) == line.digest, "holds a rule set with another digest than it says")
        self._services.archive.put({line.digest: files})

    def _of_lifters(self) -> Iterator[bytes]:
        while (raw := self._next()) is not None:
            if raw.startswith(_AFTER_LIFTERS):
                self._ahead = raw
                self._number -= 1
                return
            yield raw

    def _next(self) -> bytes | None:
        self._number += 1
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return ahead
        raw = next(self._lines, None)
        self._watch(len(raw or b""))
        return raw

    def _check(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - read as a sentence where it is called
        if not holds:
            raise BackupUnusable(f"{self._path}, line {self._number} {otherwise}")
