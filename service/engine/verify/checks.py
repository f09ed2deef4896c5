"""Holding what is stored of a lifter against itself, against a replay from nothing and against anchors kept elsewhere.

Pure. Every check says what it found as a `Finding`; a log in which nothing is amiss yields none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

import msgspec

from service.domain.anchors import Anchor
from service.domain.hash_chain import GENESIS, extend_chain
from service.domain.instants import Instant
from service.domain.projection_fields import CHECKPOINT, VERSION
from service.domain.sealing import Contents, contents_of, is_sealed, origin_of
from service.engine.replay.bound_programme import Plans
from service.engine.replay.projection import NeedsWholeLog, Run, carry_on, checkpoint_of, replay_whole
from service.engine.replay.snapshots import rungs_of
from service.engine.replay.state import LifterState
from service.engine.verify.stored import Finding, Stored
from service.engine.version import ENGINE_VERSION


class CheckedLog(NamedTuple):
    """What was found amiss in a log, its entries up to the first gap, and the rule sets it needs.

    ``rule_sets`` has the first version that pins each digest.
    """

    findings: list[Finding]
    run: Run
    rule_sets: dict[str, int]


def check_log(stored: Stored) -> CheckedLog:
    """Hold the entries of a log against their hashes and seals, and the whole against the index and the head."""
    versions = [_version_of(entry_id) for entry_id in stored.ids]
    findings = list(_misplaced(stored, versions))
    contents: list[tuple[int, Contents]] = []
    for version, event, sha256, sealed in zip(versions, stored.events, stored.sha256s, stored.seals, strict=True):
        try:
            read = contents_of(event)
        except (msgspec.MsgspecError, UnicodeError):
            findings.append(Finding(version, "the entry is not an event that Spotter wrote"))
            continue
        contents.append((version, read))
        if sha256 not in read.sha256s:
            findings.append(Finding(version, "the entry was changed: its content has another hash than it had"))
        elif not is_sealed(sealed, event, sha256, origin_of(version, stored.origins)):
            findings.append(Finding(version, "the entry was changed, or is of another log: its seal is broken"))
    names = {version: each.event_id.encode() for version, each in contents}
    findings += _missing(stored, versions, names)
    findings += _misindexed(stored, names)
    findings += _mispinned(stored, next((version for version, each in contents if each.may_pin), 0))
    if not findings:
        findings += _misheaded(stored, max((each.at for _, each in contents if each.at is not None), default=None))
    rule_sets = {each.digest: version for version, each in reversed(contents) if each.digest is not None}
    default, pinned_at = None, 0
    for entry_id, digest in stored.pins.items():
        default, pinned_at = digest.decode(errors="replace"), _version_of(entry_id)
        rule_sets.setdefault(default, pinned_at)
    dense = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], enumerate(versions, 1)))
    run = Run(1, stored.events, stored.sha256s, default, pinned_at).until(dense)
    return CheckedLog(sorted(findings), run, rule_sets)


class Replay:
    """A replay of a log from nothing, which stops at the versions asked for; cheapest when asked in ascending order."""

    def __init__(self, run: Run, plans: Plans) -> None:
        self.run = run
        self.plans = plans
        self._at = 0
        self._fields = LifterState(ENGINE_VERSION).fields()

    def fields_at(self, version: int) -> Mapping[bytes, bytes]:
        """What the first ``version`` events lead to."""
        if version < self._at:
            return replay_whole(self.run.until(version), self.plans).fields()
        if version > self._at:
            try:
                state = carry_on(self._fields, self.run.after(self._at).until(version), self.plans)
            except NeedsWholeLog:
                state = replay_whole(self.run.until(version), self.plans)
            self._at, self._fields = version, state.fields()
        return self._fields


def check_projection(stored: Stored, replay: Replay) -> list[Finding]:
    """Hold a projection, byte by byte, against a replay of the log from nothing.

    One of another engine is left alone: whoever uses it next makes it again.
    """
    fields = stored.projection
    if not fields:
        return []
    try:
        state = LifterState(ENGINE_VERSION, fields)
    except (msgspec.MsgspecError, UnicodeError):
        return [Finding(0, "the projection cannot be read")]
    shared = state.shared
    if shared.engine != ENGINE_VERSION and _written(state).items() <= fields.items():
        return []
    # A lifter is parked at an event after the projection's version, for what the log said when it was read.
    end = replay.run.last
    until = (shared.version,) if shared.parked is None else (shared.parked.version, end)
    if not 0 <= min(until) <= max(until) <= end:
        message = f"the projection knows this version; without a gap the log goes to version {end}"
        return [Finding(max(until), message)]
    differing: list[bytes] = []
    for last in until:
        expected = _projected(replay.fields_at(last))
        differing = sorted(name for name in expected.keys() | fields if expected.get(name) != fields.get(name))
        if not differing:
            return []
    names = ", ".join(name.decode(errors="replace") for name in differing)
    return [Finding(shared.version, f"the projection differs from a replay of the log in: {names}")]


def check_ladder(stored: Stored, replay: Replay) -> list[Finding]:
    """Hold the older checkpoints of a lifter against a replay of the log from nothing."""
    findings = []
    end = replay.run.last
    for slot, raw in sorted(stored.ladder.items(), key=_version_of_rung):
        try:
            (rung,) = rungs_of({slot: raw})
            found = rung.fields()
            engine = LifterState(ENGINE_VERSION, found).shared.engine
        except (msgspec.MsgspecError, UnicodeError, zlib.error):
            findings.append(Finding(0, f"the older checkpoint {_quoted(slot)} cannot be read"))
            continue
        if engine != ENGINE_VERSION:  # never used again
            continue
        if not 0 < rung.version <= end:
            message = f"an older checkpoint is of this version; without a gap the log goes to version {end}"
            findings.append(Finding(rung.version, message))
        elif found != replay.fields_at(rung.version):
            findings.append(Finding(rung.version, "the older checkpoint of this version differs from a replay"))
    return findings


def check_heads(run: Run, anchors: Iterable[Anchor]) -> Iterator[Finding]:
    """Hold the chain over a log against the heads that somebody kept."""
    head, at = GENESIS, 0
    for anchor in sorted(anchors, key=lambda each: each.version):
        if anchor.version > run.last:
            yield Finding(
                anchor.version, f"an anchor knows this version; without a gap the log goes to version {run.last}"
            )
            continue
        head, at = extend_chain(head, run.sha256s[at : anchor.version]), anchor.version
        if head.hex() != anchor.log_head:
            yield Finding(anchor.version, f"the log's head is {head.hex()}; the anchor has {anchor.log_head}")


def check_tombstone(events: int, log_head: str, anchors: Iterable[Anchor]) -> Iterator[Finding]:
    """Hold what remains of an erased log, its length and last head, against what anchors say of that."""
    for anchor in anchors:
        if anchor.version > events:
            yield Finding(anchor.version, f"an anchor knows this version; the lifter was erased at version {events}")
        elif anchor.version == events and anchor.log_head != log_head:
            yield Finding(events, f"the head of the erased log was {log_head}; the anchor has {anchor.log_head}")


def _version_of_rung(stored: tuple[bytes, bytes]) -> int:
    try:
        return rungs_of(dict([stored]))[0].version
    except msgspec.MsgspecError:
        return 0


def _version_of(entry_id: bytes) -> int:
    """The version that an entry id stands for; 0 where it stands for none."""
    version, _, rest = entry_id.partition(b"-")
    return int(version) if rest == b"0" else 0


def _misplaced(stored: Stored, versions: Sequence[int]) -> Iterator[Finding]:
    for entry_id, version in zip(stored.ids, versions, strict=True):
        if not version:
            yield Finding(int(entry_id.partition(b"-")[0]), f"the entry {entry_id.decode()} has no place in the log")


def _missing(stored: Stored, versions: Sequence[int], names: Mapping[int, bytes]) -> Iterator[Finding]:
    """The versions that are not there, of all that anything in the store says there must be."""
    held = set(names.values())
    lost = {_number(version): event_id for event_id, version in stored.index.items() if event_id not in held}
    end = max(_number(stored.head.get(VERSION)), _version_of(stored.newest), *lost, *versions, 0)
    places = [0, *sorted(set(versions) - {0}), end + 1]
    for before, after in pairwise(places):
        if after == before + 2:
            event_id = lost.get(before + 1)
            yield Finding(
                before + 1, "the entry is missing" + (f"; it held event {_quoted(event_id)}" if event_id else "")
            )
        elif after > before + 2:
            yield Finding(before + 1, f"the entries from here to version {after - 1} are missing")


def _misindexed(stored: Stored, names: Mapping[int, bytes]) -> Iterator[Finding]:
    """Entries that the index does not know, or knows elsewhere, and events that it has and the log does not."""
    head = _number(stored.head.get(VERSION))
    for version, event_id in names.items():
        indexed = stored.index.get(event_id)
        if indexed is None:
            if not stored.before < version <= head:  # else appended while the index was read
                yield Finding(version, f"event {_quoted(event_id)} is not in the index of ids")
        elif indexed != b"%d" % version:
            yield Finding(version, f"event {_quoted(event_id)} is here; the index of ids has it at {_number(indexed)}")
    held = set(names.values())
    for event_id, indexed in stored.index.items():
        version = _number(indexed)
        if not version:
            yield Finding(
                0, f"the index of ids has event {_quoted(event_id)} at {_quoted(indexed)}, which is no version"
            )
        elif event_id not in held and version in names:
            yield Finding(version, f"the index has event {_quoted(event_id)} here, and the log another")


def _misheaded(stored: Stored, latest: Instant | None) -> Iterator[Finding]:
    """What appends go by, and leave beside the log, is what the log says."""
    if latest is not None and stored.head.get(b"newest") != b"%d" % latest:
        yield Finding(0, "the newest time that appends go by, to see which event is late, is not the log's")
    if stored.ids and _number(stored.head.get(VERSION)) != _version_of(stored.ids[-1]):
        yield Finding(0, "the version that appends leave beside the log is not that of its last entry")


def _mispinned(stored: Stored, first_to_pin: int) -> Iterator[Finding]:
    """The default rule set is pinned by one entry, the first set or baseline, and remembered by the head."""
    if len(stored.pins) > 1:
        for entry_id in list(stored.pins)[1:]:
            yield Finding(_version_of(entry_id), "the entry pins a default rule set, and so does an earlier one")
    pinned_at = _version_of(next(iter(stored.pins), b"0-0"))
    if pinned_at != first_to_pin:
        yield Finding(first_to_pin or pinned_at, "the default rule set is not pinned by the first set or baseline")
    remembered = stored.head.get(b"default")
    if (remembered is not None or stored.pins) and remembered not in stored.pins.values():
        yield Finding(pinned_at, "the default rule set that the log pins is not the one that appends go by")


def _number(value: bytes | None) -> int:
    return int(value) if value is not None and value.isdigit() else 0


def _quoted(value: bytes) -> str:
    return repr(value.decode(errors="replace"))


def _written(state: LifterState) -> dict[bytes, bytes]:
    """What a commit writes beside the fields of the state."""
    return {CHECKPOINT: checkpoint_of(state), VERSION: b"%d" % state.shared.version}


def _projected(fields: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    return {**fields, **_written(LifterState(ENGINE_VERSION, fields))}
