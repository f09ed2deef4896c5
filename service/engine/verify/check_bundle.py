"""Checking a proof bundle: every hash in it, and the derivation by making it again from the bundle alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.errors import RuleSetInvalid, SpotterError
from service.domain.event_encoding import decode
from service.domain.events import BaselineSet, Event, ProgrammeAssigned, SetLogged
from service.domain.exports import LoggedEntry
from service.domain.hash_chain import GENESIS, canonical_json, extend_chain, sha256_of
from service.domain.sealing import contents_of, is_sealed, origin_of
from service.engine.derive.derivation import prove
from service.engine.derive.diff import differences
from service.engine.files.editions import edition_of
from service.engine.files.library import digest_of, library_from_files
from service.engine.replay.bound_programme import Plans
from service.engine.ruleset.rule_set import RuleSet
from service.engine.verify.proof_bundle import Bundle, run_of
from service.engine.version import EDITIONS, ENGINE_VERSION

Part: TypeAlias = Literal["log", "hash chain", "rule sets", "derivation", "made again"]
_SHOWN_DIFFERENCES: Final = 3


class Flaw(NamedTuple):
    """Something that does not hold, and the line of the bundle where it stands."""

    line: int
    message: str


class Check(NamedTuple):
    """What was checked of one part of a bundle: ``said`` is what holds, where there are no flaws.

    ``done`` is false where what was found before left nothing to check; ``said`` says why.
    """

    part: Part
    said: str
    flaws: tuple[Flaw, ...] = ()
    done: bool = True


def check(bundle: Bundle) -> list[Check]:
    """All that can be checked of a bundle without anything beside it, in the order in which one rests on the other.

    The bundle holds if no check has a flaw. One of an engine or an edition that this Spotter has not has that flaw at
    least; its hashes are checked all the same.
    """
    checks = [_log(bundle), _hash_chain(bundle), _rule_sets(bundle), _derivation(bundle)]
    foreign = tuple(_foreign(bundle))
    if foreign:
        return [*checks, Check("made again", "", foreign)]
    if any(each.flaws for each in checks):
        why = "not tried, for what it would be made from does not hold"
        return [*checks, Check("made again", why, done=False)]
    return [*checks, _made_again(bundle)]


def _log(bundle: Bundle) -> Check:
    flaws = list(_log_flaws(bundle))
    count = len(bundle.entries)
    said = f"{count:,} event(s), versions 1 to {count}, each with the content hash and the seal that it was logged with"
    return Check("log", said, tuple(flaws))


def _log_flaws(bundle: Bundle) -> Iterator[Flaw]:
    seen: dict[str, int] = {}
    before, pinned = 0, False
    for place, entry in enumerate(bundle.entries):
        line = bundle.line_of_entry(place)
        if entry.version != before + 1:
            message = (
                f"is version {entry.version}, where version {before + 1} follows: an event was dropped, added or moved"
            )
            yield Flaw(line, message)
        before = entry.version
        event, flaw = _event(entry, origin_of(entry.version, bundle.manifest.origins))
        if flaw is not None:
            yield Flaw(line, f"version {entry.version} {flaw}")
        if event is None:
            continue
        if (first := seen.setdefault(event.event_id, entry.version)) != entry.version:
            yield Flaw(line, f"version {entry.version} has the event id of version {first}")
        due = not pinned and isinstance(event.data, SetLogged | BaselineSet)
        if due != (entry.default is not None):
            yield Flaw(line, f"version {entry.version} pins a default rule set where none is due, or none where it is")
        pinned = pinned or due
    for line, said in ((1, bundle.manifest.version), (bundle.line_of_derivation + 1, bundle.end.events)):
        if said != len(bundle.entries):
            yield Flaw(line, f"counts {said} event(s) of the log, and {len(bundle.entries)} are here")


def _event(entry: LoggedEntry, origin: str) -> tuple[Event | None, str | None]:
    """The event of an entry, if it can be read, and what is wrong with it."""
    raw = bytes(entry.event)
    try:
        sha256, sealed = bytes.fromhex(entry.sha256), bytes.fromhex(entry.seal)
        contents, event = contents_of(raw), decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return None, f"holds no event that this Spotter can read: {error}"
    if (sha256.hex(), sealed.hex()) != (entry.sha256, entry.seal):
        return event, "has hashes that are not written as Spotter writes them"
    fitting = {"content hash": sha256 in contents.sha256s, "seal": is_sealed(sealed, raw, sha256, origin)}
    broken = [name for name, fits in fitting.items() if not fits]
    if broken:
        what = f"{' and '.join(broken)} do{'' if len(broken) > 1 else 'es'} not fit"
        return event, f"was changed since it was logged (event {event.event_id!r}): its {what}"
    return event, None


def _hash_chain(bundle: Bundle) -> Check:
    try:
        head = extend_chain(GENESIS, (bytes.fromhex(entry.sha256) for entry in bundle.entries)).hex()
    except ValueError:
        return Check("hash chain", "not tried, for a content hash is none", done=False)
    derivation = bundle.line_of_derivation
    stated = {
        "the manifest": (1, bundle.manifest.log_head),
        "the derivation": (derivation, bundle.stated.log_head),
        "the prescription": (derivation, bundle.stated.prescription.log_head),
        "the end": (derivation + 1, bundle.end.log_head),
    }
    flaws = [
        Flaw(line, f"{name} has the head {said}; over the events that are here it is {head}")
        for name, (line, said) in stated.items()
        if said != head
    ]
    return Check(
        "hash chain",
        f"over these content hashes it has the head {head}, as manifest, derivation and end say",
        tuple(flaws),
    )


def _rule_sets(bundle: Bundle) -> Check:
    digests = [rule_set.digest for rule_set in bundle.rule_sets]
    said = f"{len(digests)}, whose files have, byte for byte, the digests that log and prescription name"
    return Check("rule sets", said, tuple(_rule_set_flaws(bundle, digests)))


def _rule_set_flaws(bundle: Bundle, digests: list[str]) -> Iterator[Flaw]:
    for place, rule_set in enumerate(bundle.rule_sets):
        actual = digest_of(_bytes(rule_set.files))
        if actual != rule_set.digest:
            message = f"the rule set {rule_set.digest} was changed: its files have the digest {actual}"
            yield Flaw(bundle.line_of_rule_set(place), message)
    needed = dict(_pinned(bundle))
    for digest, line in needed.items():
        if digest not in digests:
            yield Flaw(line, f"names the rule set {digest}, which is not in the bundle")
    for place, digest in enumerate(digests):
        if digest not in needed or digest in digests[:place]:
            yield Flaw(bundle.line_of_rule_set(place), f"the rule set {digest} is there twice, or named by nothing")
    if bundle.end.rule_sets != len(digests):
        message = f"counts {bundle.end.rule_sets} rule set(s), and {len(digests)} are here"
        yield Flaw(bundle.line_of_derivation + 1, message)


def _pinned(bundle: Bundle) -> Iterator[tuple[str, int]]:
    """The digests of the rule sets that the bundle needs, and a line that names each."""
    yield bundle.asked.digest, bundle.line_of_derivation
    for place, entry in enumerate(bundle.entries):
        line = bundle.line_of_entry(place)
        if entry.default is not None:
            yield entry.default, line
        event, _ = _event(entry, origin_of(entry.version, bundle.manifest.origins))
        if event is not None and isinstance(event.data, ProgrammeAssigned) and event.data.digest is not None:
            yield event.data.digest, line


def _derivation(bundle: Bundle) -> Check:
    flaws = [Flaw(bundle.line_of_derivation, message) for message in _derivation_flaws(bundle)]
    return Check("derivation", f"its SHA-256 is {bundle.stated.sha256}, as it says itself", tuple(flaws))


def _derivation_flaws(bundle: Bundle) -> Iterator[str]:
    stated, asked = bundle.stated, bundle.asked
    hashed = sha256_of({name: value for name, value in bundle.document.items() if name != "sha256"})
    if hashed != stated.sha256:
        yield f"the derivation was changed: it says that its SHA-256 is {stated.sha256}, and it is {hashed}"
    if bytes(bundle.derived.derivation) != canonical_json(bundle.document):
        yield "the derivation is not in canonical JSON, to the byte"
    prescription = stated.prescription
    for name, said, due in (
        ("slot", prescription.slot, asked.slot),
        ("version", prescription.version, asked.version),
        ("version of the log", stated.version, asked.version),
        ("rule set", prescription.rule_set.digest, asked.digest),
        ("engine", stated.engine, asked.engine),
        ("lifter", prescription.lifter, bundle.manifest.lifter),
    ):
        if said != due:
            yield f"the derivation is of the {name} {said!r}; id and manifest say {due!r}"
    if (bundle.manifest.version, bundle.manifest.engine) != (asked.version, asked.engine):
        yield "the manifest is of another version or engine than the prescription"
    files = {rule_set.digest: rule_set.files for rule_set in bundle.rule_sets}
    if asked.digest in files and (named := edition_of(_bytes(files[asked.digest]))) != bundle.derived.edition:
        yield f"the derivation is of edition {bundle.derived.edition}; its rule set is of edition {named}"


def _foreign(bundle: Bundle) -> Iterator[Flaw]:
    """The engine and the editions that this Spotter has not."""
    line = bundle.line_of_derivation
    if bundle.asked.engine != ENGINE_VERSION:
        message = (
            f"unknown engine: the derivation was made by engine {bundle.asked.engine}, this Spotter has engine "
            f"{ENGINE_VERSION} and cannot make it again"
        )
        yield Flaw(line, message)
        return
    editions = {bundle.derived.edition, *(edition_of(_bytes(rule_set.files)) for rule_set in bundle.rule_sets)}
    for edition in sorted(editions - set(EDITIONS)):
        message = (
            f"unknown edition: its rules are of edition {edition}, which this Spotter has not: it cannot be made again"
        )
        yield Flaw(line, message)


def _made_again(bundle: Bundle) -> Check:
    said = (
        f"engine {ENGINE_VERSION} folds this log by these rules, of edition {bundle.derived.edition}, to the same "
        "prescription and the same derivation, byte for byte"
    )
    return Check("made again", said, tuple(_differences(bundle)))


def _differences(bundle: Bundle) -> Iterator[Flaw]:
    line = bundle.line_of_derivation
    try:
        plans = Plans({rule_set.digest: _loaded(rule_set.digest, rule_set.files) for rule_set in bundle.rule_sets})
        made = prove(run_of(bundle.entries), plans, bundle.manifest.lifter, bundle.asked).document
    except SpotterError as error:
        yield Flaw(line, f"cannot be made again: {error}")
        return
    except Exception as error:  # noqa: BLE001 - whoever makes up a log and rules may think of what nobody foresaw
        yield Flaw(line, f"cannot be made again: {type(error).__name__}: {error}")
        return
    if canonical_json(made) == bytes(bundle.derived.derivation):
        return
    for name, ours, theirs in (
        ("prescription", made["prescription"], bundle.document["prescription"]),
        ("derivation", {**made, "prescription": None}, {**bundle.document, "prescription": None}),
    ):
        found = [
            f"{each['path']} is {each['before']!r}, and the bundle has {each['after']!r}"
            for each in differences(ours, theirs)
        ]
        if found:
            yield Flaw(line, f"the {name} comes out otherwise: {'; '.join(found[:_SHOWN_DIFFERENCES])}")


def _loaded(digest: str, files: Mapping[str, str]) -> RuleSet:
    try:
        library = library_from_files(_bytes(files))
    except RuleSetInvalid as error:
        raise SpotterError(f"the rule set {digest} does not check: {error.errors[0]}") from None
    if len(library.programmes) != 1:
        raise SpotterError(f"the rule set {digest} is not of one programme")
    return library.rule_set(*library.programmes)


def _bytes(files: Mapping[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}
