"""Importing what `service.usecases.lifter.export` wrote: held against its own hashes first, then taken in whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from service.domain.errors import Erased, InvalidInput, LogNotEmpty, NotFound, Problem, RuleSetInvalid
from service.domain.event_encoding import decode
from service.domain.events import BaselineSet, Event, ProgrammeAssigned, SetLogged
from service.domain.exports import FORMAT, End, Line, LoggedEntry, Manifest, RuleSetFiles, decode_line
from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.identifiers import EVENT_ID, GYM_OR_LIFTER, LifterRef
from service.domain.instants import Instant, render
from service.domain.sealing import Origins, contents_of, is_sealed, known_up_to, origin_of
from service.engine.files.library import digest_of, library_from_files
from service.store import key_names
from service.store.durability import Durability
from service.store.log import effective_at
from service.store.log_transfer import Staging, StoredEntry
from service.usecases.gym.sandbox import recording_at
from service.usecases.log.checked_events import MOST_AHEAD
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.services import Services

LONGEST_LINE: Final = 2 * 1024 * 1024
"""Bytes in a line; the longest by far are rule sets, which hold every file of a programme."""

MOST_RULE_SETS: Final = 50
_BATCH: Final = 500
_MOST_ORIGINS: Final = 100
"""How often a lifter may have moved."""


class Restored(NamedTuple):
    """A lifter who was imported: where the log stands, and how safe it is there."""

    lifter: str
    version: int
    log_head: str
    durability: Durability


class Arrival:
    """Lines as they arrive, of one export or of several that follow each other.

    ``before`` is how many lines of a file came before these.
    """

    def __init__(self, lines: Iterator[bytes], *, before: int = 0, most_rule_sets: int = MOST_RULE_SETS) -> None:
        self._lines = lines
        self._number = before
        self._most_rule_sets = most_rule_sets
        self._within = False
        self.rule_sets: dict[str, Mapping[str, bytes]] = {}
        """What earlier exports of the same file brought stays good for later ones."""

    def manifest(self) -> Manifest | None:
        """The line that an export begins with; None at the end."""
        line = self._next()
        if line is None or isinstance(line, Manifest):
            self._within = line is not None
            return line
        raise self.refusal("is not the manifest that an export begins with")

    def content(self) -> RuleSetFiles | LoggedEntry | End:
        """A line of the export that has begun."""
        line = self._next()
        if line is None:
            raise self.refusal("is the last: the export was cut off")
        if isinstance(line, Manifest):
            raise self.refusal("begins another export: the one before was cut off")
        self._within = not isinstance(line, End)
        return line

    def keep(self, line: RuleSetFiles) -> None:
        """Check a rule set, and keep it at hand."""
        files = {path: text.encode() for path, text in line.files.items()}
        if digest_of(files) != line.digest:
            raise self.refusal("holds a rule set with another digest than it says")
        if len(self.rule_sets) >= self._most_rule_sets:
            raise self.refusal(f"is one rule set too many: at most {self._most_rule_sets} are taken at once")
        try:
            programmes = library_from_files(files).programmes
        except RuleSetInvalid as error:
            raise self.refusal(f"holds a rule set that does not check: {error}") from None
        if len(programmes) != 1:
            raise self.refusal("holds a rule set that is not of one programme")
        self.rule_sets[line.digest] = files

    def pass_over(self) -> None:
        """Read the rest of the export that has begun, for the rule sets in it alone."""
        while self._within:
            line = self.content()
            if isinstance(line, RuleSetFiles) and line.digest not in self.rule_sets:
                self.keep(line)

    def refusal(self, why: str) -> InvalidInput:
        """What is wrong with the line that was read last."""
        return InvalidInput(Problem("", f"line {self._number} {why}"))

    def _next(self) -> Line | None:
        raw = next(self._lines, None)
        if raw is None:
            return None
        self._number += 1
        try:
            line: Line = decode_line(raw)
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise self.refusal(f"is no line of an export: {error}") from None
        return line


def restore_lifter(services: Services, lifter: LifterRef, lines: Iterator[bytes]) -> Restored:
    """Import a lifter's export, which must be all that the lines hold; all of it or nothing.

    Before the last line was read, and all fits together, nobody sees any of it. Raises `InvalidInput`, `LogNotEmpty`,
    `Erased` and `Unavailable`.
    """
    arrival = Arrival(lines)
    manifest = arrival.manifest()
    if manifest is None:
        raise arrival.refusal("is missing: there is nothing to import")
    if manifest.lifter != lifter.lifter:
        raise arrival.refusal(f"begins the export of {manifest.lifter!r}, not of {lifter.lifter!r}")
    now = recording_at(services, lifter.gym)
    restored = take_in(services, lifter.gym, manifest, arrival, alone=True, now=now)
    services.wake.wake(key_names.group(lifter))
    return restored


def restore_lifters(
    services: Services, gym: str, lines: Iterator[bytes]
) -> Iterator[tuple[str, Restored | LogNotEmpty | Erased]]:
    """Import one export after the other into a gym: each lifter, with what became of it.

    Whoever is there already, or was erased, is left as is. Raises `InvalidInput` and `Unavailable` for the lifter at
    whom it stops; those before are imported.
    """
    arrival = Arrival(lines)
    while (manifest := arrival.manifest()) is not None:
        try:
            restored = take_in(services, gym, manifest, arrival, now=recording_at(services, gym))
            services.wake.wake(key_names.group(LifterRef(gym, manifest.lifter)))
            yield manifest.lifter, restored
        except (LogNotEmpty, Erased) as left:
            arrival.pass_over()
            yield manifest.lifter, left


def take_in(
    services: Services,
    gym: str,
    manifest: Manifest,
    arrival: Arrival,
    *,
    alone: bool = False,
    is_backup: bool = False,
    now: Instant | None = None,
) -> Restored:
    """Take in the export that a manifest begins; nobody is woken. ``alone``: nothing may follow it.

    Its log may pin rule sets that came with it and those that the gym may see; ``is_backup``: any that is here. What
    says that it was recorded after ``now``, if that is given, is refused: a sandbox may be ahead of its time. Raises
    `InvalidInput`, `LogNotEmpty`, `Erased` and `Unavailable`, with nothing of it kept.
    """
    lifter = _lifter(services, gym, manifest, arrival)
    durability = services.promise.now().durability
    with services.log_transfers.staging(lifter) as staging:
        log = _ArrivingLog(arrival, staging, manifest.origins, now)
        end = log.take()
        if (log.version, log.head.hex()) != (manifest.version, manifest.log_head):
            raise arrival.refusal("ends a log that is not the one of the manifest")
        if end != End(log.version, log.rule_sets, manifest.log_head):
            raise arrival.refusal("counts other lines than were there")
        if alone and arrival.manifest() is not None:
            raise arrival.refusal("stands behind the end of the export")
        here = _is_archived(services) if is_backup else _may_be_seen(services, gym)
        _archive(services, gym, log.digests, arrival, here)
        staging.restore(log.newest, log.default, manifest.origins or [(log.version, "")])
    return Restored(lifter.lifter, log.version, manifest.log_head, durability)


def _lifter(services: Services, gym: str, manifest: Manifest, arrival: Arrival) -> LifterRef:
    """Whom a manifest is about, if such a one can be taken in."""
    if manifest.format != FORMAT:
        raise arrival.refusal(f"is of format {manifest.format}; this Spotter reads format {FORMAT}")
    if not GYM_OR_LIFTER.fullmatch(manifest.lifter):
        raise arrival.refusal("names no lifter")
    if len(manifest.origins) > _MOST_ORIGINS or known_up_to(manifest.version, manifest.origins) != manifest.origins:
        raise arrival.refusal("has origins that are not those of its versions")
    lifter = LifterRef(gym, manifest.lifter)
    if services.erasures.find(lifter) is not None:
        raise Erased(lifter.lifter)
    if head := services.log.head(lifter):
        raise LogNotEmpty(lifter.lifter, head)
    return lifter


def _is_archived(services: Services) -> Callable[[str], bool]:
    return lambda digest: services.archive.get(digest) is not None


def _may_be_seen(services: Services, gym: str) -> Callable[[str], bool]:
    """Whether a gym may see a rule set: else whoever knows another gym's digest could have its rules by an import."""
    seen = GymRuleSets(services, gym)

    def may_be_seen(digest: str) -> bool:
        try:
            return seen.get(digest).digest == digest
        except NotFound:
            return False

    return may_be_seen


def _archive(services: Services, gym: str, digests: set[str], arrival: Arrival, here: Callable[[str], bool]) -> None:
    """Archive the rule sets that a log pins, for its gym to see; every one must have come with it, or be ``here``."""
    brought = {digest: files for digest, files in arrival.rule_sets.items() if digest in digests}
    for digest in sorted(digests - brought.keys()):
        if not here(digest):
            raise arrival.refusal(f"ends a log that needs the rule set {digest}, which is neither in it nor here")
    for digest, files in brought.items():
        services.archive.put({digest: files})
    services.gym_programmes.note(gym, digests)


class _ArrivingLog:
    """The lines between a manifest and its end, each held against all that it must fit."""

    def __init__(self, arrival: Arrival, staging: Staging, origins: Origins, now: Instant | None) -> None:
        self._now = now
        self._arrival = arrival
        self._staging = staging
        self._origins = origins
        self._batch: list[tuple[str, StoredEntry]] = []
        self.version = 0
        self.head = GENESIS
        self.rule_sets = 0
        self.newest: Instant | None = None
        self.default: str | None = None
        self.digests: set[str] = set()

    def take(self) -> End:
        """Take every line up to the end."""
        while not isinstance(line := self._arrival.content(), End):
            if isinstance(line, RuleSetFiles):
                self._arrival.keep(line)
                self.rule_sets += 1
            else:
                self._take_entry(line)
        self._flush()
        return line

    def _take_entry(self, line: LoggedEntry) -> None:
        raw = bytes(line.event)
        try:
            entry = StoredEntry(
                raw, bytes.fromhex(line.sha256), bytes.fromhex(line.seal), (line.default or "").encode()
            )
            contents, event = contents_of(raw), decode(raw)
            compact = msgspec.json.encode(msgspec.json.decode(raw))
        except (msgspec.MsgspecError, ValueError) as error:
            raise self._arrival.refusal(f"holds no event that this Spotter can read: {error}") from None
        if line.version != self.version + 1:
            raise self._arrival.refusal(f"is not version {self.version + 1} of the log, which follows")
        if raw != compact or not EVENT_ID.fullmatch(contents.event_id):
            raise self._arrival.refusal("holds an event that no Spotter has written")
        origin = origin_of(line.version, self._origins)
        if entry.sha256 not in contents.sha256s or not is_sealed(entry.seal, raw, entry.sha256, origin):
            raise self._arrival.refusal("holds an event that was changed since it was logged: its hashes do not fit")
        if self._now is not None and event.recorded_at > self._now + MOST_AHEAD:
            raise self._arrival.refusal(
                f"was recorded at {render(event.recorded_at)}, and here it is only {render(self._now)}: it comes from "
                "a sandbox whose clock is ahead, and can be taken into one whose clock is set as far"
            )
        self._pin(line, event)
        self.version += 1
        self.head = extend_chain(self.head, [entry.sha256])
        if instant := effective_at(event):
            self.newest = max(int(instant), self.newest if self.newest is not None else int(instant))
        self._batch.append((contents.event_id, entry))
        if len(self._batch) == _BATCH:
            self._flush()

    def _pin(self, line: LoggedEntry, event: Event) -> None:
        """Note the rule sets that an entry pins; the default one by the first set or baseline, and by no other."""
        due = self.default is None and isinstance(event.data, SetLogged | BaselineSet)
        if due != (line.default is not None):
            raise self._arrival.refusal("pins a default rule set where none is due, or none where it is")
        if line.default is not None:
            self.default = line.default
            self.digests.add(line.default)
        if isinstance(event.data, ProgrammeAssigned) and event.data.digest is not None:
            self.digests.add(event.data.digest)

    def _flush(self) -> None:
        twice = self._staging.add(self._batch) if self._batch else None
        if twice is not None:
            raise self._arrival.refusal(f"comes after version {twice}, whose event id was there before")
        self._batch = []
