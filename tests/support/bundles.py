"""Proof bundles of logs that no server has, and what somebody may make of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from service.domain.event_encoding import encode
from service.domain.events import BaselineSet, Event, SetLogged
from service.domain.exports import Derived, LoggedEntry, decode_bundle_line, encode_line
from service.domain.hash_chain import canonical_json, sha256_of
from service.domain.instants import Instant
from service.domain.prescription import PrescriptionId
from service.domain.same_event import content_sha256
from service.domain.sealing import seal
from service.engine.derive.derivation import prove
from service.engine.files.library import library_from_files
from service.engine.prescribe.next_session import Prescriber
from service.engine.replay.bound_programme import Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import replay_whole
from service.engine.ruleset.rule_set import RuleSet
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read, run_of, write
from tests.support.training import DEFAULT, UPPER_BACK, Lifter

Lines: TypeAlias = list[bytes]

MANIFEST, FIRST_RULES, ASSIGNED, BASELINE, FIRST_SET, SECOND_SET, DERIVATION, END = 0, 1, 3, 4, 5, 6, -2, -1
"""Where what stands in `training_bundle`."""


def default_for(rule_set: RuleSet) -> RuleSet:
    """The default programme over the few exercises of another rule set: its files are a tenth of the real one's."""
    rules = {path: data for path, data in DEFAULT.files.items() if path.split("/")[0] not in ("exercises", "catalogue")}
    exercises = {
        path: data for path, data in rule_set.files.items() if path.split("/")[0] in ("exercises", "catalogue")
    }
    return library_from_files({**rules, **exercises}).rule_set("default")


def entries_of(events: Sequence[Event], default: str) -> list[LoggedEntry]:
    """A log as stored, the first set or baseline of which pins a default rule set."""
    pins = next((n for n, event in enumerate(events) if isinstance(event.data, SetLogged | BaselineSet)), -1)
    return [entry(n + 1, event, default if n == pins else None) for n, event in enumerate(events)]


def entry(version: int, event: Event, default: str | None = None) -> LoggedEntry:
    """An event as an export says it."""
    raw = encode(event)
    sha256 = content_sha256(event.event_id, event.occurred_at, event.data)
    return LoggedEntry(version, msgspec.Raw(raw), sha256.hex(), seal(raw, sha256).hex(), default)


def bundle_of(entries: Sequence[LoggedEntry], rule_sets: Mapping[str, RuleSet], prescription_id: str) -> list[bytes]:
    """The lines of the proof bundle of a prescription of the lifter ``ann``; the log is all that it is made from."""
    asked = PrescriptionId.decode(prescription_id)
    document = prove(run_of(entries), Plans(rule_sets), "ann", asked).document
    files = {digest: rule_set.files for digest, rule_set in rule_sets.items()}
    return list(write(entries, files, rule_sets[asked.digest].edition, document))


def asked_in(entries: Sequence[LoggedEntry], rule_sets: Mapping[str, RuleSet], slot: str, at: Instant) -> str:
    """The id of what is asked in a slot of the day that is due."""
    plans = Plans(rule_sets)
    prescriber = Prescriber(Fold(replay_whole(run_of(entries), plans), plans), at)
    (due,) = (each for each in prescriber.next_session() if each.slot.id.endswith(f"/{slot}"))
    return prescriber.prescription("ann", due)[0].prescription_id


SMALL_DEFAULT: Final = default_for(UPPER_BACK)
RULE_SETS: Final = {each.digest: each for each in (UPPER_BACK, SMALL_DEFAULT)}


def training_bundle(rule_set: RuleSet = UPPER_BACK) -> Lines:
    """The bundle of a baseline and two sets of the deadlift, by upper-back; versions 1 to 4."""
    lifter = Lifter().follows(rule_set).baseline("deadlift", "225 lb").does("deadlift", "225x6 rir 1", "235x3 rir 1")
    entries = entries_of(lifter.log, SMALL_DEFAULT.digest)
    rule_sets = {rule_set.digest: rule_set, SMALL_DEFAULT.digest: SMALL_DEFAULT}
    return bundle_of(entries, rule_sets, asked_in(entries, rule_sets, "hinge", lifter.now))


def flaws(lines: Lines) -> dict[str, list[tuple[int, str]]]:
    """What does not hold, by the part of the bundle."""
    return {each.part: [(flaw.line, flaw.message) for flaw in each.flaws] for each in check(read(lines)) if each.flaws}


def changed(line: bytes, **fields: Any) -> bytes:
    """A line with other fields, written as Spotter writes it."""
    return encode_line(msgspec.structs.replace(decode_bundle_line(line), **fields))


def replaced(lines: Lines, place: int, line: bytes) -> Lines:
    made = lines.copy()
    made[place] = line
    return made


def logged(line: bytes) -> LoggedEntry:
    made = decode_bundle_line(line)
    assert isinstance(made, LoggedEntry)
    return made


def document_of(lines: Lines) -> dict[str, Any]:
    derived = decode_bundle_line(lines[DERIVATION])
    assert isinstance(derived, Derived)
    document: dict[str, Any] = json.loads(bytes(derived.derivation))
    return document


def derived(lines: Lines, document: dict[str, Any], *, rehashed: bool = True, **fields: Any) -> Lines:
    """The bundle with another derivation, hashed anew by somebody who knows how."""
    if rehashed:
        document = {name: value for name, value in document.items() if name != "sha256"}
        document["sha256"] = sha256_of(document)
    raw = msgspec.Raw(canonical_json(document))
    return replaced(lines, DERIVATION, changed(lines[DERIVATION], derivation=raw, **fields))


def renamed(document: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """The derivation under an id of other parts."""
    prescription = document["prescription"]
    made = PrescriptionId.decode(prescription["prescription_id"])._replace(**parts).encode()
    return {**document, "prescription": {**prescription, "prescription_id": made}}
