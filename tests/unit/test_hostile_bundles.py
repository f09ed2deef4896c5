"""Whatever is given as a proof bundle is read within bounds, and refused in a sentence where it is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.event_encoding import decode
from service.domain.events import Event, SetVoided
from service.domain.exports import BundleLine, decode_bundle_line, encode_line
from service.domain.hash_chain import GENESIS, extend_chain
from service.engine.files.library import digest_of
from service.engine.verify import proof_bundle
from service.engine.verify.check_bundle import check
from service.engine.verify.proof_bundle import BundleUnreadable, read
from tests.support.bundles import (
    ASSIGNED,
    DERIVATION,
    END,
    FIRST_RULES,
    FIRST_SET,
    MANIFEST,
    SMALL_DEFAULT,
    Lines,
    changed,
    derived,
    document_of,
    entries_of,
    flaws,
    logged,
    renamed,
    replaced,
    training_bundle,
)
from tests.support.training import UPPER_BACK

PROGRAMME = "programmes/upper-back.yaml"

Tamper: TypeAlias = Callable[[Lines], Lines]


@pytest.fixture(scope="module")
def lines() -> Lines:
    return training_bundle()


DEEP = b"[" * 100_000
HUGE_NUMBER = b"9" * 5000


def in_place_of(place: int, line: bytes) -> Tamper:
    return lambda lines: replaced(lines, place, line)


def with_derivation(raw: bytes) -> Tamper:
    return lambda lines: replaced(lines, DERIVATION, b'{"line":"derivation","edition":1,"derivation":%b}\n' % raw)


def nested(levels: int) -> Tamper:
    def tamper(lines: Lines) -> Lines:
        return derived(lines, {**document_of(lines), "deep": json.loads("[" * levels + "]" * levels)})

    return tamper


UNREADABLE: dict[str, tuple[Tamper, str]] = {
    "nothing": (lambda _: [], "line 1 is missing: the bundle was cut off"),
    "cut off": (lambda lines: lines[:DERIVATION], "line 8 is missing"),
    "without its end": (lambda lines: lines[:END], "line 9 is missing"),
    "cut off in a line": (lambda lines: [*lines[:END], lines[END][:-1]], "line 9 is not written as Spotter writes it"),
    "more behind": (lambda lines: [*lines, lines[END]], "line 10 stands behind the end"),
    "an export": (lambda lines: [*lines[:DERIVATION], lines[END]], "line 8 is the end, where the derivation belongs"),
    "no manifest": (lambda lines: lines[1:], "line 1 is a rule set, where the manifest belongs"),
    "rules behind events": (
        lambda lines: [*lines[:DERIVATION], lines[FIRST_RULES], *lines[DERIVATION:]],
        "line 8 is a rule set, where the derivation belongs",
    ),
    "another format": (lambda lines: replaced(lines, 0, changed(lines[0], format=2)), "line 1 is of format 2"),
    "no lifter": (lambda lines: replaced(lines, 0, changed(lines[0], lifter="\x1b[2J")), "line 1 names no lifter"),
    "no JSON": (in_place_of(MANIFEST, b"PK\x03\x04\n"), "line 1 is no line of a proof bundle"),
    "no text": (in_place_of(MANIFEST, b'{"line":"\xff"}\n'), "line 1 is no line of a proof bundle"),
    "another kind": (in_place_of(MANIFEST, b'{"line":"secret"}\n'), "line 1 is no line of a proof bundle"),
    "a field too many": (lambda lines: replaced(lines, END, lines[END][:-2] + b',"a":1}\n'), "line 9 is no line of"),
    "white space": (lambda lines: replaced(lines, END, lines[END].replace(b":", b": ")), "line 9 is not written as"),
    "deep": (in_place_of(MANIFEST, DEEP), "line 1 is no line of a proof bundle"),
    "a deep event": (
        in_place_of(FIRST_SET, b'{"line":"event","version":3,"event":%b,"sha256":"","seal":""}\n' % DEEP),
        "line 6 is no line of a proof bundle: it nests too deeply",
    ),
    "a deep derivation": (with_derivation(DEEP), "line 8 is no line of a proof bundle: it nests too deeply"),
    "a rather deep derivation": (nested(60), "line 8 holds no derivation: it nests more than 40 levels deep"),
    "no derivation": (with_derivation(b"[]"), "line 8 holds no derivation"),
    "half a derivation": (with_derivation(b'{"prescription":{}}'), "line 8 holds no derivation"),
    "a huge number": (with_derivation(b'{"version":%b}' % HUGE_NUMBER), "line 8 "),
    "a lone surrogate": (with_derivation(b'{"a":"\\ud800"}'), "line 8 "),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_bundle_is_refused_in_a_sentence(lines: Lines, name: str) -> None:
    tamper, message = UNREADABLE[name]
    with pytest.raises(BundleUnreadable) as caught:
        read(tamper(lines))
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("limit", "most", "line"),
    [("LONGEST_LINE", 500, 2), ("LONGEST_RULE_SET", 500, 2), ("MOST_RULE_SETS", 1, 3), ("MOST_BYTES", 10_000, 2)],
)
def test_sizes_are_bounded(lines: Lines, monkeypatch: pytest.MonkeyPatch, limit: str, most: int, line: int) -> None:
    monkeypatch.setattr(proof_bundle, limit, most)
    with pytest.raises(BundleUnreadable, match=f"line {line} is too much"):
        read(lines)


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_no_bit_can_be_turned(lines: Lines, place: int, bit: int) -> None:
    content = bytearray(b"".join(lines))
    content[place % len(content)] ^= 1 << bit
    try:
        bundle = read(BytesIO(content))
    except BundleUnreadable:
        return
    assert any(each.flaws for each in check(bundle))


HOSTILE_RULES: dict[str, bytes] = {
    "a bomb": b"a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nc: [*b, *b, *b, *b, *b, *b, *b, *b]\n",
    "deep": b"[" * 60_000,
    "too large": b"a: " + b"x" * 100_000,
    "no programme": b"",
    "a zero": b"a: \0",
}


@pytest.mark.parametrize("name", HOSTILE_RULES)
def test_hostile_rules_are_refused_with_hashes_to_suit(lines: Lines, name: str) -> None:
    """Whoever makes rules up makes their digest up, and all that names it."""
    files = {**UPPER_BACK.files, PROGRAMME: HOSTILE_RULES[name]}
    digest = digest_of(files)
    events = [decode(bytes(logged(line).event)) for line in lines[ASSIGNED:DERIVATION]]
    assigned = msgspec.structs.replace(events[0], data=msgspec.structs.replace(events[0].data, digest=digest))
    entries = entries_of([assigned, *events[1:]], SMALL_DEFAULT.digest)
    head = extend_chain(GENESIS, (bytes.fromhex(each.sha256) for each in entries)).hex()
    document = renamed({**document_of(lines), "log_head": head}, digest=digest)
    document["prescription"] |= {"log_head": head, "rule_set": {"programme": "upper-back", "digest": digest}}
    sets: list[BundleLine] = [decode_bundle_line(line) for line in lines[FIRST_RULES:ASSIGNED]]
    made = [changed(lines[MANIFEST], log_head=head)]
    for each in sets:
        mine: Any = each
        own = mine.digest == UPPER_BACK.digest
        text = {path: data.decode() for path, data in files.items()}
        made.append(encode_line(msgspec.structs.replace(mine, digest=digest, files=text) if own else mine))
    made += [*map(encode_line, entries), lines[DERIVATION], changed(lines[END], log_head=head)]
    found = flaws(derived(made, document))
    assert found.keys() == {"made again"}
    assert f"cannot be made again: the rule set {digest} " in found["made again"][0][1]


def test_a_log_made_up_to_break_the_fold_breaks_nothing(lines: Lines) -> None:
    """Versions and times beyond all reason, in ids and events that fit together."""
    far = 2**62
    events = [decode(bytes(logged(line).event)) for line in lines[ASSIGNED:DERIVATION]]
    entries = entries_of([*events, Event("far", 1, far, far, "test", SetVoided("e3"))], SMALL_DEFAULT.digest)
    head = extend_chain(GENESIS, (bytes.fromhex(each.sha256) for each in entries)).hex()
    document = renamed({**document_of(lines), "log_head": head, "version": 5}, version=5, valid_from=far)
    document["prescription"] |= {"log_head": head, "version": 5}
    made = [changed(lines[MANIFEST], log_head=head, version=5), *lines[FIRST_RULES:ASSIGNED]]
    made += [*map(encode_line, entries), lines[DERIVATION], changed(lines[END], log_head=head, events=5)]
    found = flaws(derived(made, document))
    assert found.keys() == {"made again"}
    assert found["made again"][0][1].startswith("cannot be made again: ")
