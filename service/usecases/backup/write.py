"""Writing a backup of a whole Spotter, while it serves or while nobody does."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import BinaryIO, NamedTuple

from service.domain.backups import FORMAT, BackupLine, Begin, Finish, OfGym, encode_backup_line
from service.domain.errors import Erased, NotFound
from service.domain.exports import RuleSetFiles
from service.domain.identifiers import LifterRef
from service.engine.version import ENGINE_VERSION
from service.usecases.lifter.export import ExportCutOff, export
from service.usecases.services import Services


class Written(NamedTuple):
    """What a backup holds; of each of ``left_out`` the log cannot be read whole, and why."""

    finish: Finish
    left_out: dict[LifterRef, str]


def write_backup(
    services: Services,
    file: BinaryIO,
    *,
    erasures_only: bool = False,
    watch: Callable[[list[LifterRef]], Iterable[LifterRef]] = iter,
) -> Written:
    """Write all that cannot be derived to ``file``, which is empty and can be cut off.

    Every event that was acknowledged before this began is in it, and each log is in it up to some version. ``watch``
    sees the lifters go by. ``erasures_only``: nothing but the tombstones.
    """
    return _Writing(services, file).write(erasures_only=erasures_only, watch=watch)


class _Writing:
    def __init__(self, services: Services, file: BinaryIO) -> None:
        self._services = services
        self._file = file
        self._sha256 = hashlib.sha256()
        self._said: set[str] = set()
        self._lifters = self._events = 0
        self._left_out: dict[LifterRef, str] = {}

    def write(self, *, erasures_only: bool, watch: Callable[[list[LifterRef]], Iterable[LifterRef]]) -> Written:
        services = self._services
        self._line(Begin(FORMAT, ENGINE_VERSION, services.clock()))
        if not erasures_only:
            by_gym = self._by_gym()
            self._rule_sets(by_gym)
            for copy in services.backups.copies(by_gym):
                self._line(copy)
            gym = ""
            for lifter in watch([lifter for lifters in by_gym.values() for lifter in lifters]):
                gym = self._enter(gym, lifter.gym)
                self._export(lifter)
            for gym in by_gym:
                if not by_gym[gym]:
                    self._enter("", gym)
        erased = list(services.backups.tombstones())
        for tombstone in erased:
            self._line(tombstone)
        finish = Finish(self._lifters, self._events, len(erased), self._sha256.hexdigest())
        self._file.write(encode_backup_line(finish))
        return Written(finish, self._left_out)

    def _by_gym(self) -> dict[str, list[LifterRef]]:
        """The lifters of every gym that there is, with those that have none."""
        services = self._services
        by_gym: defaultdict[str, list[LifterRef]] = defaultdict(list)
        for lifter in services.log.lifters():
            by_gym[lifter.gym].append(lifter)
        others = {*services.gyms.all(), *services.webhooks.gyms(), *(key.gym for key in services.keys.all())}
        return {gym: by_gym[gym] for gym in sorted({*by_gym, *others})}

    def _rule_sets(self, gyms: Iterable[str]) -> None:
        """Every rule set that was ever published; others come with the first lifter whose log pins them."""
        archive, own = self._services.archive, self._services.gym_programmes
        digests = set(archive.published().values())
        for programme in archive.published():
            digests |= archive.ever_published(programme)
        digests |= {each.digest for gym in gyms for programme in own.of(gym).values() for each in programme.versions}
        for digest in sorted(digests):
            files = archive.get(digest)
            if files is not None:
                self._line(RuleSetFiles(digest, {path: content.decode() for path, content in files.items()}))
                self._said.add(digest)

    def _enter(self, before: str, gym: str) -> str:
        if gym != before:
            _, newest = self._services.feeds.ends(gym)
            self._line(OfGym(gym, newest))
        return gym

    def _export(self, lifter: LifterRef) -> None:
        """Write a lifter's export, all of it or nothing."""
        place, sha256, said = self._file.tell(), self._sha256.copy(), set(self._said)
        events = 0
        try:
            for piece in export(self._services, lifter, said=self._said):
                events += piece.count(b'{"line":"event",')
                self._write(piece)
        except (NotFound, Erased, ExportCutOff) as error:
            self._file.seek(place)
            self._file.truncate()
            self._sha256, self._said = sha256, said
            if self._services.erasures.find(lifter) is None:
                self._left_out[lifter] = str(error)
        else:
            self._lifters += 1
            self._events += events

    def _line(self, line: BackupLine) -> None:
        self._write(encode_backup_line(line))

    def _write(self, piece: bytes) -> None:
        self._file.write(piece)
        self._sha256.update(piece)
