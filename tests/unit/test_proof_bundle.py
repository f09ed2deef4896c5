"""A proof bundle holds as it was written; whatever part of it somebody changes is named, with its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
import pytest

from service.domain.event_encoding import decode
from service.domain.events import (
    BaselineCorrected,
    Event,
    Overridden,
    SessionSkipped,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.exports import decode_bundle_line, encode_line
from service.engine.files.library import digest_of, library_from_files
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import read
from service.engine.version import ENGINE_VERSION, NEWEST_EDITION
from tests.support.bundles import (
    BASELINE,
    DERIVATION,
    END,
    FIRST_RULES,
    FIRST_SET,
    MANIFEST,
    RULE_SETS,
    SECOND_SET,
    SMALL_DEFAULT,
    Lines,
    asked_in,
    bundle_of,
    changed,
    derived,
    document_of,
    entries_of,
    entry,
    flaws,
    logged,
    renamed,
    replaced,
    training_bundle,
)
from tests.support.training import MONDAY, UPPER_BACK, Lifter, load

PROGRAMME: Final = "programmes/upper-back.yaml"

Tamper: TypeAlias = Callable[[Lines], Lines]


@pytest.fixture(scope="module")
def lines() -> Lines:
    return training_bundle()


def test_it_holds_as_it_was_written(lines: Lines) -> None:
    checks = check(read(lines))
    assert [each.part for each in checks] == ["log", "hash chain", "rule sets", "derivation", "made again"]
    assert all(each.done and each.said and not each.flaws for each in checks)
    document = document_of(lines)
    assert [each["load"]["value"] for each in document["prescription"]["sets"]] == ["230"]


def test_the_same_prescription_gives_the_same_bytes(lines: Lines) -> None:
    assert training_bundle() == lines


def test_it_goes_through_a_file_line_by_line(lines: Lines) -> None:
    assert b"".join(lines).splitlines(keepends=True) == lines


def test_a_bundle_of_every_event_about_sessions_holds() -> None:
    lifter = Lifter().follows(UPPER_BACK).baseline("deadlift", "205 lb")
    lifter.logs(BaselineCorrected("e2", load=load("225 lb")))
    lifter.does("deadlift", "100x9", session_id="not-hers").logs(SessionVoided("not-hers"))
    lifter.logs(SessionSkipped(("a/row",), "sore"))
    overridden = lifter.logs(Overridden("a/hinge", load("185 lb"), "back from a cold"))
    lifter.does("deadlift", "185x6 rir 1")
    lifter.logs(SetCorrected("e8", cleared=("rir",)))
    lifter.logs(SessionSkipped(reason="ill"), at=MONDAY)
    lifter.logs(SetVoided("e10"))
    entries = entries_of(lifter.log, SMALL_DEFAULT.digest)
    lines = bundle_of(entries, RULE_SETS, asked_in(entries, RULE_SETS, "hinge", lifter.now))
    assert flaws(lines) == {}
    document = document_of(lines)
    assert document["overridden"]["event_id"] == overridden
    assert [each["load"]["value"] for each in document["prescription"]["sets"]] == ["185", "185"]


# An entry


def lighter(line: bytes) -> Event:
    event = decode(bytes(logged(line).event))
    assert isinstance(event.data, SetLogged)
    return msgspec.structs.replace(event, data=msgspec.structs.replace(event.data, reps=7))


def event_changed(lines: Lines) -> Lines:
    raw = entry(3, lighter(lines[FIRST_SET])).event
    return replaced(lines, FIRST_SET, changed(lines[FIRST_SET], event=raw))


def actor_changed(lines: Lines) -> Lines:
    raw = bytes(logged(lines[FIRST_SET]).event).replace(b'"test"', b'"them"')
    return replaced(lines, FIRST_SET, changed(lines[FIRST_SET], event=msgspec.Raw(raw)))


def event_forged(lines: Lines) -> Lines:
    """With hash and seal to suit."""
    return replaced(lines, FIRST_SET, encode_line(entry(3, lighter(lines[FIRST_SET]))))


def no_event(lines: Lines) -> Lines:
    return replaced(lines, FIRST_SET, changed(lines[FIRST_SET], event=msgspec.Raw(b'["e3"]')))


def no_hash(lines: Lines) -> Lines:
    return replaced(lines, FIRST_SET, changed(lines[FIRST_SET], sha256="none"))


def entry_dropped(lines: Lines) -> Lines:
    return [*lines[:FIRST_SET], *lines[SECOND_SET:]]


def newest_dropped(lines: Lines) -> Lines:
    return [*lines[:SECOND_SET], *lines[DERIVATION:]]


def entries_swapped(lines: Lines) -> Lines:
    return [*lines[:FIRST_SET], lines[SECOND_SET], lines[FIRST_SET], *lines[DERIVATION:]]


def entries_swapped_and_renumbered(lines: Lines) -> Lines:
    first, second = changed(lines[SECOND_SET], version=3), changed(lines[FIRST_SET], version=4)
    return [*lines[:FIRST_SET], first, second, *lines[DERIVATION:]]


def entry_twice(lines: Lines) -> Lines:
    return [*lines[:DERIVATION], changed(lines[SECOND_SET], version=5), *lines[DERIVATION:]]


def pin_moved(lines: Lines) -> Lines:
    unpinned = changed(lines[BASELINE], default=None)
    return replaced(
        replaced(lines, BASELINE, unpinned), FIRST_SET, changed(lines[FIRST_SET], default=SMALL_DEFAULT.digest)
    )


# The chain


def head_changed(lines: Lines) -> Lines:
    return replaced(lines, MANIFEST, changed(lines[MANIFEST], log_head="0" * 64))


def last_head_changed(lines: Lines) -> Lines:
    return replaced(lines, END, changed(lines[END], log_head="0" * 64))


# The rules


def files_changed(lines: Lines, old: str, new: str) -> Lines:
    place = next(place for place, line in enumerate(lines) if PROGRAMME.encode() in line)
    line: Any = decode_bundle_line(lines[place])
    text = line.files[PROGRAMME]
    assert old in text
    return replaced(lines, place, changed(lines[place], files={**line.files, PROGRAMME: text.replace(old, new, 1)}))


def rule_byte_changed(lines: Lines) -> Lines:
    return files_changed(lines, "title: ", "title:  ")


def rule_set_dropped(lines: Lines) -> Lines:
    return [lines[MANIFEST], *lines[FIRST_RULES + 1 :]]


def rule_set_twice(lines: Lines) -> Lines:
    return [*lines[:FIRST_RULES], lines[FIRST_RULES], *lines[FIRST_RULES:]]


def bad_digest(lines: Lines) -> Lines:
    return replaced(lines, FIRST_RULES, changed(lines[FIRST_RULES], digest="../../etc/passwd"))


# The derivation


def prescription_changed(lines: Lines) -> Lines:
    document = document_of(lines)
    document["prescription"]["sets"][0]["load"]["value"] = "245"
    return derived(lines, document, rehashed=False)


def prescription_forged(lines: Lines) -> Lines:
    document = document_of(lines)
    document["prescription"]["sets"][0]["load"]["value"] = "245"
    return derived(lines, document)


def rule_result_forged(lines: Lines) -> Lines:
    document = document_of(lines)
    document["triggers"][0]["schemes"][0]["rules"][0]["result"] = "shadowed"
    return derived(lines, document)


def lifter_changed(lines: Lines) -> Lines:
    return replaced(lines, MANIFEST, changed(lines[MANIFEST], lifter="ben"))


def slot_changed(lines: Lines) -> Lines:
    document = document_of(lines)
    document["prescription"]["slot"] = "a/row"
    return derived(lines, document)


def other_white_space(lines: Lines) -> Lines:
    raw = json.dumps(document_of(lines), sort_keys=True, ensure_ascii=False).encode()
    return replaced(lines, DERIVATION, changed(lines[DERIVATION], derivation=msgspec.Raw(raw)))


def edition_changed(lines: Lines) -> Lines:
    return replaced(lines, DERIVATION, changed(lines[DERIVATION], edition=NEWEST_EDITION + 1))


TAMPERED: dict[Tamper, tuple[str, int, str]] = {
    event_changed: ("log", 6, "(event 'e3'): its content hash and seal do not fit"),
    actor_changed: ("log", 6, "version 3 was changed since it was logged (event 'e3'): its seal does not fit"),
    event_forged: ("hash chain", 1, "the manifest has the head "),
    no_event: ("log", 6, "version 3 holds no event that this Spotter can read"),
    no_hash: ("log", 6, "version 3 holds no event that this Spotter can read"),
    entry_dropped: ("log", 6, "is version 4, where version 3 follows: an event was dropped, added or moved"),
    newest_dropped: ("log", 1, "counts 4 event(s) of the log, and 3 are here"),
    entries_swapped: ("log", 6, "is version 4, where version 3 follows"),
    entries_swapped_and_renumbered: ("hash chain", 8, "the derivation has the head "),
    entry_twice: ("log", 8, "version 5 has the event id of version 4"),
    pin_moved: ("log", 5, "version 2 pins a default rule set where none is due, or none where it is"),
    head_changed: ("hash chain", 1, f"the manifest has the head {'0' * 64}; over the events that are here it is "),
    last_head_changed: ("hash chain", 9, f"the end has the head {'0' * 64}"),
    rule_byte_changed: ("rule sets", 0, f"the rule set {UPPER_BACK.digest} was changed: its files have the digest "),
    rule_set_dropped: ("rule sets", 0, "which is not in the bundle"),
    rule_set_twice: ("rule sets", 3, "is there twice, or named by nothing"),
    bad_digest: ("rule sets", 2, "the rule set ../../etc/passwd was changed: its files have the digest "),
    prescription_changed: ("derivation", 8, "the derivation was changed: it says that its SHA-256 is "),
    prescription_forged: ("made again", 8, "the prescription comes out otherwise: /sets is "),
    rule_result_forged: ("made again", 8, "the derivation comes out otherwise: /triggers is "),
    lifter_changed: ("derivation", 8, "the derivation is of the lifter 'ann'; id and manifest say 'ben'"),
    slot_changed: ("derivation", 8, "the derivation is of the slot 'a/row'"),
    other_white_space: ("derivation", 8, "the derivation is not in canonical JSON, to the byte"),
    edition_changed: ("derivation", 8, "the derivation is of edition 2; its rule set is of edition 1"),
}  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
def test_what_was_changed_is_named_with_its_place(lines: Lines, tamper: Tamper) -> None:
    part, line, message = TAMPERED[tamper]
    found = flaws(tamper(lines))
    assert any(message in said and line in (0, at) for at, said in found[part]), found


def test_nothing_is_made_again_from_what_does_not_hold(lines: Lines) -> None:
    last = check(read(event_changed(lines)))[-1]
    assert (last.part, last.done, last.flaws) == ("made again", False, ())


# What this Spotter has not


def test_a_bundle_of_another_engine_is_said_to_be_one_and_its_hashes_are_checked(lines: Lines) -> None:
    engine = ENGINE_VERSION + 1
    document = renamed({**document_of(lines), "engine": engine}, engine=engine)
    foreign = derived(replaced(lines, MANIFEST, changed(lines[MANIFEST], engine=engine)), document)
    said = (
        f"unknown engine: the derivation was made by engine {engine}, this Spotter has engine {ENGINE_VERSION} "
        "and cannot make it again"
    )
    assert flaws(foreign) == {"made again": [(8, said)]}
    assert flaws(event_changed(foreign)).keys() == {"log", "made again"}


def test_a_bundle_of_another_edition_is_said_to_be_one_and_its_hashes_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edition = NEWEST_EDITION + 1
    files = {**UPPER_BACK.files, PROGRAMME: UPPER_BACK.files[PROGRAMME] + f"edition: {edition}\n".encode()}
    with monkeypatch.context() as newer:
        newer.setattr("service.engine.files.editions.EDITIONS", (1, edition))
        rule_set = library_from_files(files).rule_set("upper-back")
    assert rule_set.digest == digest_of(files)
    made = training_bundle(rule_set)
    (flaw,) = flaws(made).pop("made again")
    assert flaw[1].startswith(f"unknown edition: its rules are of edition {edition}, which this Spotter has not")
    assert flaws(made).keys() == {"made again"}
