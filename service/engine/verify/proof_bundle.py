"""A proof bundle: log, rule sets and derivation of one prescription in one file, written and read. Pure.

Its lines are those of an export (see `service.domain.exports`), in this order: the manifest, each rule set, each entry
of the log up to the prescription's version, the derivation, the end. The same parts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from service.domain.errors import SpotterError
from service.domain.exports import (
    FORMAT,
    BundleLine,
    Derived,
    End,
    LoggedEntry,
    Manifest,
    RuleSetFiles,
    decode_bundle_line,
    encode_line,
)
from service.domain.hash_chain import canonical_json
from service.domain.identifiers import GYM_OR_LIFTER
from service.domain.prescription import PrescriptionId, UsedRuleSet
from service.domain.sealing import Origins, known_up_to
from service.engine.replay.projection import Run

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes in a line; the longest are the derivations of sessions of many hundred sets."""

LONGEST_RULE_SET: Final = 2 * 1024 * 1024
"""Bytes in the line of a rule set."""

MOST_BYTES: Final = 256 * 1024 * 1024
MOST_RULE_SETS: Final = 50
_DEEPEST: Final = 40
"""Levels of a derivation; those that Spotter makes have some ten."""


class BundleUnreadable(SpotterError):
    """A file that is no proof bundle, or not a whole one: nothing can be said of what it proves."""


class StatedPrescription(msgspec.Struct, frozen=True):
    """What a derivation says of its prescription that can be held against the rest of the bundle."""

    prescription_id: str
    lifter: str
    slot: str
    version: int
    log_head: str
    rule_set: UsedRuleSet


class Stated(msgspec.Struct, frozen=True):
    """What a derivation says of itself."""

    prescription: StatedPrescription
    version: int
    engine: int
    log_head: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A proof bundle as read: of the right shape, with nothing checked yet.

    ``document`` is the derivation, ``stated`` what it says of itself, ``asked`` what the prescription's id says.
    """

    manifest: Manifest
    rule_sets: Sequence[RuleSetFiles]
    entries: Sequence[LoggedEntry]
    derived: Derived
    document: Mapping[str, Any]
    stated: Stated
    asked: PrescriptionId
    end: End

    def line_of_rule_set(self, place: int) -> int:
        """The line of a rule set, by its place from 0."""
        return 2 + place

    def line_of_entry(self, place: int) -> int:
        """The line of an entry, by its place from 0."""
        return 2 + len(self.rule_sets) + place

    @property
    def line_of_derivation(self) -> int:
        """The line of the derivation; the end follows it."""
        return self.line_of_entry(len(self.entries))


def write(
    entries: Sequence[LoggedEntry],
    rule_sets: Mapping[str, Mapping[str, bytes]],
    edition: int,
    derivation: Mapping[str, Any],
    origins: Origins = (),
) -> Iterator[bytes]:
    """The lines of a bundle: the log up to the derivation's version, rule sets by digest (path to bytes)."""
    head, version = derivation["log_head"], derivation["version"]
    lifter = derivation["prescription"]["lifter"]
    yield encode_line(Manifest(FORMAT, derivation["engine"], lifter, version, head, known_up_to(version, origins)))
    for digest, files in sorted(rule_sets.items()):
        yield encode_line(RuleSetFiles(digest, {path: data.decode() for path, data in sorted(files.items())}))
    yield from map(encode_line, entries)
    yield encode_line(Derived(edition, msgspec.Raw(canonical_json(derivation))))
    yield encode_line(End(len(entries), len(rule_sets), head))


def read(lines: Iterable[bytes]) -> Bundle:
    """Read a bundle, of which each line ends in a line feed; `BundleUnreadable` says what is wrong with which line.

    Lines may be given in pieces of more than `LONGEST_LINE` bytes: such a line is refused, whatever comes after it.
    """
    reader = _Reader(lines)
    manifest = reader.expect(Manifest, reader.take())
    if manifest.format != FORMAT:
        raise reader.refusal(f"is of format {manifest.format}; this Spotter reads format {FORMAT}")
    if not GYM_OR_LIFTER.fullmatch(manifest.lifter):
        raise reader.refusal("names no lifter")
    rule_sets, entries = list[RuleSetFiles](), list[LoggedEntry]()
    while isinstance(line := reader.take(), RuleSetFiles):
        if reader.size > LONGEST_RULE_SET or len(rule_sets) == MOST_RULE_SETS:
            most = f"{MOST_RULE_SETS} rule sets of {LONGEST_RULE_SET:,} bytes"
            raise reader.refusal(f"is too much: a bundle has up to {most}")
        rule_sets.append(line)
    while isinstance(line, LoggedEntry):
        entries.append(line)
        line = reader.take()
    derived = reader.expect(Derived, line)
    document, stated, asked = _stated(reader, derived)
    end = reader.expect(End, reader.take())
    reader.finish()
    return Bundle(manifest, rule_sets, entries, derived, document, stated, asked, end)


def run_of(entries: Sequence[LoggedEntry]) -> Run:
    """A log from version 1 on as it is folded; ``ValueError`` where a content hash is none."""
    pin = next((entry for entry in entries if entry.default is not None), None)
    default, pinned_at = (None, 0) if pin is None else (pin.default, pin.version)
    events, sha256s = [bytes(entry.event) for entry in entries], [bytes.fromhex(entry.sha256) for entry in entries]
    return Run(1, events, sha256s, default, pinned_at)


_Kind = TypeVar("_Kind")
_NAMES: Final[Mapping[type, str]] = {
    Manifest: "the manifest",
    RuleSetFiles: "a rule set",
    LoggedEntry: "an event of the log",
    Derived: "the derivation",
    End: "the end",
}


class _Reader:
    """Takes line after line, each of a kind that may stand there."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._number = 0
        self._total = 0
        self.size = 0
        """Bytes in the line that was taken last."""

    def take(self) -> BundleLine:
        """The next line."""
        raw = next(self._lines, b"")
        self._number += 1
        self.size = len(raw)
        self._total += self.size
        if not raw:
            raise self.refusal("is missing: the bundle was cut off")
        if self.size > LONGEST_LINE or self._total > MOST_BYTES:
            raise self.refusal(f"is too much: lines have up to {LONGEST_LINE:,} bytes, bundles up to {MOST_BYTES:,}")
        try:
            line: BundleLine = decode_bundle_line(raw)
            same = encode_line(line) == raw
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise self.refusal(f"is no line of a proof bundle: {error}") from None
        except RecursionError:
            raise self.refusal("is no line of a proof bundle: it nests too deeply") from None
        if not same:
            raise self.refusal("is not written as Spotter writes it, to the byte")
        return line

    def expect(self, kind: type[_Kind], line: BundleLine) -> _Kind:
        """The line that was taken last, which must be of a kind."""
        if isinstance(line, kind):
            return line
        order = "a bundle is a manifest, rule sets, the events of a log, a derivation and an end"
        raise self.refusal(f"is {_NAMES[type(line)]}, where {_NAMES[kind]} belongs: {order}")

    def finish(self) -> None:
        """Nothing may follow."""
        if next(self._lines, None) is not None:
            self._number += 1
            raise self.refusal("stands behind the end of the bundle")

    def refusal(self, why: str) -> BundleUnreadable:
        """What is wrong with the line that was taken last."""
        return BundleUnreadable(f"line {self._number} {why}")


def _stated(reader: _Reader, line: Derived) -> tuple[Mapping[str, Any], Stated, PrescriptionId]:
    """The derivation, what it says of itself and what its prescription's id says."""
    try:
        document = msgspec.json.decode(line.derivation)
        stated = msgspec.convert(document, Stated)
        asked = PrescriptionId.decode(stated.prescription.prescription_id)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise reader.refusal(f"holds no derivation: {error}") from None
    if _is_deeper(document, _DEEPEST):
        raise reader.refusal(f"holds no derivation: it nests more than {_DEEPEST} levels deep")
    return document, stated, asked


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    children = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in children)
