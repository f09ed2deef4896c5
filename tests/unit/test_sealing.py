"""The hash of what a client said can be taken again from the very bytes that were stored of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given

from service.domain.event_encoding import encode
from service.domain.events import BaselineSet, Event, ProgrammeAssigned, SetLogged
from service.domain.loads import Load
from service.domain.same_event import content_sha256
from service.domain.sealing import Contents, contents_of, seal
from tests.support.histories import logs

DIGEST = "d" * 64


@given(logs())
def test_every_event_hashes_from_its_stored_bytes_to_what_its_client_said(log: list[Event]) -> None:
    for event in log:
        assert content_sha256(event.event_id, event.occurred_at, event.data) in contents_of(encode(event)).sha256s


@given(logs())
def test_sets_and_baselines_alone_may_pin_a_default_rule_set(log: list[Event]) -> None:
    for event in log:
        assert contents_of(encode(event)).may_pin == isinstance(event.data, SetLogged | BaselineSet)


@pytest.mark.parametrize("posted", [DIGEST, None])
def test_an_assignment_may_have_been_posted_with_its_digest_or_without(posted: str | None) -> None:
    params: dict[str, dict[str, Any]] = {"b/row": {"sets": 3, "increase": "2.5"}, "a/hinge": {"reps": [5, 8]}}
    sha256 = content_sha256("p", 7, ProgrammeAssigned("upper-back", posted, params))
    stored = encode(Event("p", 1, 7, 8, "k_test", ProgrammeAssigned("upper-back", DIGEST, params)))
    contents = contents_of(stored)
    assert sha256 in contents.sha256s
    assert contents.digest == DIGEST


def test_what_names_an_assignment_elsewhere_is_none() -> None:
    data = SetLogged("deadlift", Load(Decimal(100), "kg"), reps=5, note='{"type":"programme_assigned"')
    contents = contents_of(encode(Event("s", 1, 7, 8, "k_test", data)))
    assert contents == Contents("s", (content_sha256("s", 7, data),), None, 7, may_pin=True)


@pytest.mark.parametrize("raw", [b"", b"{}", b'["x",99]', b'["x",1,1,1,"k",{"type":"programme_assigned"}]', b"\xff"])
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeError)):
        contents_of(raw)


def test_a_seal_covers_the_event_and_the_hash() -> None:
    whole = seal(b"event", bytes(32))
    assert len(whole) == 16
    assert seal(b"event", bytes(32), "gym:ann") not in (whole, seal(b"event", bytes(32), "gym:bob"))
    assert len({whole, seal(b"evenu", bytes(32)), seal(b"event", b"1" * 32)}) == 3
