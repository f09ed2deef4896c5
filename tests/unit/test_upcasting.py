"""Upcasting: what was written once stays readable, and steps that would leave something out stop the start."""

import msgspec
import pytest

from service.domain.event_encoding import NEWEST_SCHEMAS, check_schemas, decode, decode_all, encode
from service.domain.events import Event, ProgrammeAssigned, SetVoided
from service.domain.same_event import content_sha256
from service.domain.sealing import Contents, contents_of
from service.domain.upcasting import Data, Upcaster, UpcastersBroken, upcast, upcasters_by_schema

DIGEST = "2274b45df49e50281d1c0d7a922c9757fc605896446a4260fef0f239ca0d6d35"
FIRST = (
    b'["p1",1,1795366800000000,1795366801000000,"k_1",{"type":"programme_assigned","programme":"upper-back",'
    b'"digest":"' + DIGEST.encode() + b'","params":{"a/hinge":{"sets":4}}}]'
)
A_VOID = b'["v1",1,1795366800000000,1795366801000000,"k_1",{"type":"set_voided","voids":"e1"}]'


def marked(name: str) -> Upcaster:
    """A step of type t, such as ``1-2``, that leaves its mark in the data."""
    from_, to = map(int, name.split("-"))
    return Upcaster(("t", from_), ("t", to), lambda data: {**data, "way": [*data.get("way", ()), name]})


def test_what_spotter_starts_with_is_whole() -> None:
    check_schemas()
    assert NEWEST_SCHEMAS["programme_assigned"] == 2
    assert NEWEST_SCHEMAS["set_logged"] == 1


def test_an_assignment_of_the_first_schema_says_that_nobody_knows_whose_choice_its_digest_was() -> None:
    event = decode(FIRST)
    assert event.data == ProgrammeAssigned("upper-back", DIGEST, {"a/hinge": {"sets": 4}}, "unknown")
    assert (event.schema_version, event.event_id, event.actor) == (2, "p1", "k_1")
    assert (event.occurred_at, event.recorded_at) == (1795366800000000, 1795366801000000)


def test_many_are_read_as_each_is() -> None:
    newest = encode(decode(FIRST))
    assert newest != FIRST
    lines = [A_VOID, FIRST, newest, A_VOID]
    assert decode_all(lines) == [decode(line) for line in lines]
    assert decode_all([]) == []


@pytest.mark.parametrize("line", [FIRST.replace(b'"p1",1,', b'"p1",3,'), A_VOID.replace(b'"v1",1,', b'"v1",2,')])
def test_a_schema_of_the_future_is_refused(line: bytes) -> None:
    for read in (decode, lambda line: decode_all([A_VOID, line])):
        with pytest.raises(msgspec.ValidationError, match=r"schema version [23] was not written by this Spotter"):
            read(line)


def test_an_old_event_that_never_was_one_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(FIRST.replace(b'"programme"', b'"program"'))


@pytest.mark.parametrize("digest_from", ["client", "newest"])
def test_an_entry_says_what_its_client_said(digest_from: str) -> None:
    said = ProgrammeAssigned("upper-back", DIGEST if digest_from == "client" else None)
    kept = msgspec.structs.replace(said, digest=DIGEST, digest_from=digest_from)
    contents = contents_of(encode(Event("p1", kept.schema_version, 5, 6, "k_1", kept)))
    assert contents == Contents("p1", (content_sha256("p1", 5, said),), DIGEST, 5)


def test_an_entry_of_the_first_schema_may_have_either_hash() -> None:
    given = ProgrammeAssigned("upper-back", DIGEST, {"a/hinge": {"sets": 4}})
    left_out = msgspec.structs.replace(given, digest=None)
    at = 1795366800000000
    assert contents_of(FIRST).sha256s == (content_sha256("p1", at, given), content_sha256("p1", at, left_out))


def test_steps_are_taken_one_after_the_other() -> None:
    steps = upcasters_by_schema([marked("2-3"), marked("1-2"), marked("3-5"), marked("4-5")], {"t": 5})
    data: Data = {"a": 1}
    assert upcast(("t", 1), data, steps) == (("t", 5), {"a": 1, "way": ["1-2", "2-3", "3-5"]})
    assert upcast(("t", 5), data, steps) == (("t", 5), {"a": 1})
    assert data == {"a": 1}, "what is given stays as it is"


def test_a_type_can_become_another() -> None:
    renamed = Upcaster(("set_deleted", 1), ("t", 2), lambda data: data)
    steps = upcasters_by_schema([renamed, marked("1-2")], {"t": 2})
    assert upcast(("set_deleted", 1), {}, steps) == (("t", 2), {})


@pytest.mark.parametrize(
    ("steps", "newest", "told"),
    [
        ([], 2, "no step leads on from t version 1"),
        (["1-2"], 3, "no step leads on from t version 2"),
        (["2-3"], 3, "no step leads on from t version 1"),
        (["1-2", "1-2"], 2, "two steps lead on from t version 1"),
        (["1-2", "2-1"], 3, "steps lead in a circle: t version 1, t version 2, t version 1"),
        (["1-1"], 2, "steps lead in a circle: t version 1, t version 1"),
        (["1-2", "2-3"], 2, "a step leads on from t version 2, which is the newest"),
        (["1-3"], 2, "a step leads to t version 3, and none leads on"),
    ],
)
def test_broken_steps_are_named(steps: list[str], newest: int, told: str) -> None:
    with pytest.raises(UpcastersBroken, match=told):
        upcasters_by_schema(map(marked, steps), {"t": newest})


def test_a_void_needs_no_step() -> None:
    assert decode(A_VOID).data == SetVoided("e1")
