"""Proof bundles of logs that no server has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from service.domain.events import BaselineSet, Event, SetLogged, content_sha256, encode
from service.domain.exports import LoggedEntry
from service.domain.prescription import PrescriptionId
from service.domain.sealing import seal
from service.engine.derive.derivation import prove
from service.engine.files.library import library_from_files
from service.engine.replay.bound_programme import Plans
from service.engine.ruleset.rule_set import RuleSet
from service.engine.verify.proof_bundle import run_of, write
from tests.support.training import DEFAULT


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
