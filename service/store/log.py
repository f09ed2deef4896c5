"""The event log: one stream per lifter, appended to once per event id, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from service.domain.effective_history import changes_the_past, takes_effect_at
from service.domain.errors import Erased, IdempotencyConflict, SpotterError, WrongExpectedVersion
from service.domain.event_encoding import encode
from service.domain.events import (
    BaselineSet,
    Event,
    ProgrammeAssigned,
    ProgrammeEnded,
    SetLogged,
    SetVoided,
)
from service.domain.identifiers import LifterRef
from service.domain.loads import KILOGRAMS_PER_POUND, Load
from service.domain.log_entry import LogEntry, Tip
from service.domain.sealing import seal
from service.engine.replay.earlier_sessions import ends_session, proves_strength
from service.engine.replay.projection import Run, decoded
from service.engine.replay.sessions import SESSION_GAP
from service.store import key_names
from service.store.connections import Client, answering
from service.store.scripts import Argument, Call, Script

Outcome: TypeAlias = Literal["appended", "already_appended", "idempotency_conflict"]

MAXIMUM_BATCH: Final = 1000
"""Events in one append."""

PAGE: Final = 1000
"""Entries read at once: few enough that no other client waits long for the server."""

UNKNOWN: Final = "?"
"""What `Before` says of what only the log itself can say."""

_SHA256_SIZE: Final = 32
_POUND: Final = float(KILOGRAMS_PER_POUND)


class NewEvent(NamedTuple):
    """An event to append, and the SHA-256 of what its client said (see `content_sha256`).

    ``as_said``: that of the same with its exercises as the client named them, under which it may be there already.
    ``acts_on_set``: an event that acts on another acts on a set, or on what corrects one. ``asks_for_programme``: the
    programme followed before it is to be said.
    """

    event: Event
    sha256: bytes
    as_said: bytes = b""
    acts_on_set: bool = False
    asks_for_programme: bool = False


class Appended(NamedTuple):
    """What became of one event; ``version`` is where the log has the event of that id."""

    outcome: Outcome
    version: int


class Before(NamedTuple):
    """What a log was before an event, as far as that is kept up beside the log, else `UNKNOWN`.

    ``top``: the heaviest set (kg) of a set's exercise in the lighter of its two sessions before, empty for no two.
    ``followed``: the digest of the programme, or where there is none the default rule set pinned by then (or nothing)
    after a minus.
    """

    top: str = UNKNOWN
    followed: str = UNKNOWN


class Batch(NamedTuple):
    """What became of a batch: one result per event, and where the log stands after it.

    ``late``: an event takes effect before one that was already there, or acts on earlier ones, so history changed.
    ``newly_dirty``: the lifter's projection was not behind before. ``before``: of each event, what came before it.
    """

    results: list[Appended]
    head: int
    late: bool
    newly_dirty: bool
    before: list[Before]


class NewBatch(NamedTuple):
    """Events to append to a lifter's log in order; with what version it must be at, if with any.

    All that is new is written or none of it; ``atomic``: none too where the log has another event of one's id.
    ``only_asked``: nothing is appended, and the reply says what would become of them.
    """

    lifter: LifterRef
    events: Sequence[NewEvent]
    expected_version: int | None = None
    only_asked: bool = False
    atomic: bool = False


class EventLog:
    """The logs of all lifters."""

    def __init__(self, client: Client, replicas: int = 0) -> None:
        """``replicas``: how many must confirm an append before it counts as done."""
        self._client = client
        self._replicas = replicas
        self._append = Script(client, "append")
        self._read = Script(client, "read")

    def append(
        self, lifter: LifterRef, events: Sequence[NewEvent], *, expected_version: int | None, default_digest: str
    ) -> Batch:
        """Append what is new of up to `MAXIMUM_BATCH` events, all or nothing, and mark the lifter dirty.

        ``default_digest`` is pinned on the lifter's first set or baseline. Raises `WrongExpectedVersion` when there
        is something new and the log stands elsewhere, `Erased` for an erased lifter, `Unavailable` when it is not
        certain that all is stored; trying again with the same events is always safe.
        """
        (outcome,) = self.append_each([NewBatch(lifter, events, expected_version)], default_digest=default_digest)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def append_each(self, batches: Sequence[NewBatch], *, default_digest: str) -> list[Batch | Exception]:
        """`append` each batch in the order given, in one round trip: what became of it, or why it was refused.

        What is refused of one lifter is nothing to the others. Raises `Unavailable` only where it is not certain what
        became of any.
        """
        replies = self._append.confirmed_each([_call(new, default_digest) for new in batches], self._replicas)
        return [_outcome(new, reply) for new, reply in zip(batches, replies, strict=True)]

    def head(self, lifter: LifterRef) -> int:
        """The version of the newest entry; 0 for a lifter nobody wrote about."""
        with answering():
            return int(self._client.execute_command("XLEN", key_names.log(lifter)))

    def tip(self, lifter: LifterRef) -> Tip:
        """The newest entry: two logs of a lifter that were ever different never have the same one.

        An entry says at which microsecond it was recorded; a version alone names another one after a failover that
        lost some.
        """
        with answering():
            newest = self._client.execute_command("XREVRANGE", key_names.log(lifter), "+", "-", "COUNT", 1)
        if not newest:
            return Tip(0, b"")
        entry_id, fields = newest[0]
        return Tip(int(entry_id.partition(b"-")[0]), hashlib.sha256(b"".join(fields.values())).digest())

    def read(self, lifter: LifterRef, after: int = 0, limit: int = PAGE) -> list[LogEntry]:
        """Up to ``limit`` entries that follow version ``after``, in order; `Poisoned` where one cannot be read."""
        reply = self._read([key_names.log(lifter)], [after, "+", limit])
        run = run_of(reply)
        return [
            LogEntry(version, event, sha256, run.default if version == run.pinned_at else None)
            for version, (event, sha256) in enumerate(zip(decoded(run), run.sha256s, strict=True), run.first)
        ]

    def runs(self, lifter: LifterRef, after: int = 0, last: int | None = None) -> Iterator[Run]:
        """The entries after version ``after`` up to ``last`` (default: all), a page at a time, in order."""
        while True:
            page = self._page(lifter, after, last)
            if page.events:
                yield page
            if len(page.events) < PAGE:
                return
            after = page.last

    def _page(self, lifter: LifterRef, after: int, last: int | None) -> Run:
        return run_of(self._read([key_names.log(lifter)], [after, "+" if last is None else last, PAGE]))

    def whole(self, lifter: LifterRef, last: int | None = None, *, after: int = 0) -> Run:
        """All entries that follow version ``after`` up to ``last`` (default: all), as one run."""
        return joined(self.runs(lifter, after, last), after + 1)

    def find(self, lifter: LifterRef, event_ids: Sequence[str]) -> dict[str, LogEntry]:
        """The entries of those ids that the log has."""
        found = self.versions(lifter, event_ids)
        entries = {entry.version: entry for entry in self._at(lifter, sorted(found.values()))}
        return {event_id: entries[version] for event_id, version in found.items() if version in entries}

    def _at(self, lifter: LifterRef, versions: Sequence[int]) -> Iterator[LogEntry]:
        """The entries of versions in order, those that follow each other read at once; none: erased just now."""
        begin = 0
        for end in range(1, len(versions) + 1):
            if end == len(versions) or versions[end] != versions[end - 1] + 1 or end - begin == PAGE:
                yield from self.read(lifter, versions[begin] - 1, end - begin)
                begin = end

    def versions(self, lifter: LifterRef, event_ids: Sequence[str]) -> dict[str, int]:
        """Where the log has the events of those ids that it has."""
        if not event_ids:
            return {}
        with answering():
            versions = self._client.execute_command("HMGET", key_names.ids(lifter), *event_ids)
        return {event_id: int(version) for event_id, version in zip(event_ids, versions, strict=True) if version}

    def is_listed(self, lifter: LifterRef) -> bool:
        """Whether a lifter is among those who have a log."""
        with answering():
            names = key_names.lifters(key_names.partition(lifter))
            return bool(self._client.execute_command("SISMEMBER", names, key_names.member(lifter)))

    def lifters(self, partitions: Iterable[int] = range(key_names.PARTITIONS)) -> Iterator[LifterRef]:
        """Every lifter of the partitions who has a log."""
        for partition in partitions:
            with answering():
                names = self._client.execute_command("SMEMBERS", key_names.lifters(partition))
            yield from sorted(map(key_names.lifter_of, names))

    def lifters_of(self, gym: str, after: str | None = None) -> Iterator[LifterRef]:
        """The lifters of a gym who have a log: by partition, and within one by id; those that follow ``after``.

        Reads a partition when it is come to. The server passes over other gyms' lifters, a portion at a time.
        """
        begin = 0 if after is None else key_names.partition(LifterRef(gym, after))
        for partition in range(begin, key_names.PARTITIONS):
            names = sorted(lifter.lifter for lifter in self._of_gym(gym, partition))
            yield from (LifterRef(gym, name) for name in names if partition > begin or after is None or name > after)

    def _of_gym(self, gym: str, partition: int) -> set[LifterRef]:
        found: set[bytes] = set()
        cursor, pattern = 0, key_names.member(LifterRef(gym, "*"))
        while True:
            with answering():
                cursor, names = self._client.execute_command(
                    "SSCAN", key_names.lifters(partition), cursor, "MATCH", pattern, "COUNT", PAGE
                )
            found.update(names)
            if cursor == 0:
                return set(map(key_names.lifter_of, found))


def _call(new: NewBatch, default_digest: str) -> Call:
    """The run of ``append.lua`` that appends a batch."""
    lifter, events, expected_version, only_asked, atomic = new
    member = key_names.member(lifter)
    if len(events) > MAXIMUM_BATCH:
        raise ValueError(f"{len(events)} events in one append, of at most {MAXIMUM_BATCH}")
    arguments: list[Argument] = [
        "" if expected_version is None else expected_version,
        default_digest,
        member,
        lifter.pseudonym,
        SESSION_GAP,
        "1" if only_asked else "0",
        "1" if atomic else "0",
    ]
    for each in events:
        event, sha256 = each.event, each.sha256
        stored = encode(event)
        arguments += (event.event_id, stored, sha256, each.as_said, seal(stored, sha256, member))
        arguments += (effective_at(event), _may_pin(event))
        arguments += _noticed(each)
        arguments.append("1" if each.asks_for_programme else "0")
    partition = key_names.partition(lifter)
    names = [key_names.log(lifter), key_names.ids(lifter), key_names.head(lifter)]
    names += [key_names.dirty(partition), key_names.lifters(partition), key_names.erased(partition)]
    return Call(names, arguments)


def _appended(new: NewBatch, reply: Sequence[Any]) -> Batch:
    """What became of a batch, by the reply of ``append.lua``; raises where that is a refusal."""
    status, *rest = reply
    if status == b"erased":
        raise Erased(new.lifter.lifter)
    if status == b"idempotency_conflict":
        raise IdempotencyConflict(rest[0].decode(), rest[1])
    if status == b"wrong_expected_version":
        raise WrongExpectedVersion(new.expected_version or 0, rest[0])
    head, late, newly_dirty, *said = rest
    results = [Appended(outcome.decode(), version) for outcome, version in zip(said[::4], said[1::4], strict=True)]
    before = [Before(top.decode(), followed.decode()) for top, followed in zip(said[2::4], said[3::4], strict=True)]
    rewrites = any(
        result.outcome == "appended" and changes_the_past(each.event)
        for result, each in zip(results, new.events, strict=True)
    )
    return Batch(results, head, bool(late) or rewrites, bool(newly_dirty), before)


def _outcome(new: NewBatch, reply: Any) -> Batch | Exception:
    if isinstance(reply, Exception):
        return reply
    try:
        return _appended(new, reply)
    except SpotterError as error:
        return error


def run_of(reply: Sequence[Any]) -> Run:
    """The entries in a reply of ``read.lua``."""
    _, first, count, lines, digests, default, pinned_by, *_ = reply
    events: list[bytes] = lines.split(b"\n") if count else []
    sha256s = [digests[start : start + _SHA256_SIZE] for start in range(0, len(digests), _SHA256_SIZE)]
    return Run(first, events, sha256s, None if default is None else default.decode(), pinned_by)


def joined(runs: Iterable[Run], first: int = 1) -> Run:
    """One run of runs that follow each other, the first of which starts at version ``first``."""
    events: list[bytes] = []
    sha256s: list[bytes] = []
    default, pinned_at = None, 0
    for run in runs:
        events += run.events
        sha256s += run.sha256s
        if run.default is not None:
            default, pinned_at = run.default, run.pinned_at
    return Run(first, events, sha256s, default, pinned_at)


def effective_at(event: Event) -> str:
    """When an event takes its place in the timeline; empty for one that only acts on others."""
    at = takes_effect_at(event)
    return "" if at is None else str(at)


def _noticed(new: NewEvent) -> tuple[str, str, str, str]:
    """What ``append.lua`` keeps up by an event: what it does, and of what, how heavy and in which session."""
    data = new.event.data
    match data:
        case SetLogged():
            return "set", data.exercise, _kilograms(data.load) if proves_strength(data) else "", data.session_id or ""
        case ProgrammeAssigned():
            return "follows", f"{data.digest} {data.programme}", "", ""
        case ProgrammeEnded():
            return "leaves", data.programme or "", "", ""
    is_acting = changes_the_past(new.event)
    may_be_of_programme = isinstance(data, SetVoided) and not new.acts_on_set
    does = ("acts!" if may_be_of_programme else "acts") if is_acting else "ends" if ends_session(data) else ""
    return does, "", "", ""


def _kilograms(load: Load) -> str:
    """A load for comparing."""
    return str(load.value) if load.unit == "kg" else repr(float(load.value) * _POUND)


def _may_pin(event: Event) -> str:
    """``1`` for what the default rule set would be used for first."""
    return "1" if isinstance(event.data, SetLogged | BaselineSet) else "0"
