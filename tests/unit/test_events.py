"""Events: what is written reads back as it was, and the same content has the same hash."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec
import pytest

from service.domain.counting import Counting
from service.domain.equipment import Equipment, Plates
from service.domain.event_encoding import decode, encode
from service.domain.events import (
    BaselineCorrected,
    BaselineSet,
    DeloadRequested,
    Event,
    EventData,
    LifterNoted,
    Overridden,
    ProfileChanged,
    ProgrammeAssigned,
    ProgrammeEnded,
    SessionCompleted,
    SessionEndCorrected,
    SessionSkipped,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.loads import Load
from service.domain.same_event import canonical_data, content_sha256

NOON = 1_767_614_400_000_000
LOAD = Load(Decimal("102.5"), "kg")
EVERY_TYPE: list[tuple[str, EventData]] = [
    (
        "set_logged",
        SetLogged(
            "deadlift",
            LOAD,
            reps=5,
            rir=Decimal("1.5"),
            kind="work",
            session_id="monday",
            slot="a/hinge",
            side="left",
            body_weight=Load(Decimal(80), "kg"),
            note="belt",
        ),
    ),
    ("set_logged", SetLogged("plank", Load(Decimal(0), "kg"), seconds=60)),
    ("set_corrected", SetCorrected("e1", occurred_at=NOON, exercise="rack-pull", load=LOAD)),
    ("set_corrected", SetCorrected("e1", cleared=("kind", "rir"))),
    ("set_voided", SetVoided("e1", reason="twice")),
    ("session_completed", SessionCompleted("monday")),
    ("session_skipped", SessionSkipped()),
    ("session_skipped", SessionSkipped(("a/hinge", "a/row"), "knee")),
    ("session_voided", SessionVoided("monday", "not mine")),
    ("session_end_corrected", SessionEndCorrected("e1", occurred_at=NOON, cleared=("session_id",))),
    ("overridden", Overridden("a/hinge", LOAD, "back from a cold")),
    ("baseline_corrected", BaselineCorrected("e1", exercise="squat", training_max=LOAD)),
    ("programme_assigned", ProgrammeAssigned("upper-back", "a" * 64, {"a/hinge": {"reps": [4, 6], "sets": "5"}})),
    ("programme_ended", ProgrammeEnded("upper-back")),
    ("baseline_set", BaselineSet("deadlift", training_max=LOAD)),
    (
        "profile_changed",
        ProfileChanged(
            unit="lb",
            time_zone="Europe/Vienna",
            body_weight=LOAD,
            equipment=Equipment(
                bar=LOAD,
                plates=(Plates(LOAD, 4),),
                dumbbells=(LOAD,),
                stack=LOAD,
                rounding="down",
            ),
            counting={"kettlebell": Counting("kg"), "barbell-row": Counting(uncounted=LOAD)},
        ),
    ),
    ("deload_requested", DeloadRequested("tired")),
    ("lifter_noted", LifterNoted("shoulder", "pain")),
]


def event(data: EventData) -> Event:
    return Event("e1", data.schema_version, NOON, NOON + 1, "k_1", data)


@pytest.mark.parametrize(("type_", "data"), EVERY_TYPE)
def test_what_is_written_reads_back(type_: str, data: EventData) -> None:
    written = event(data)
    assert decode(encode(written)) == written
    assert written.type == type_


def test_an_entry_is_legible() -> None:
    assert encode(event(SetLogged("deadlift", LOAD, reps=5))) == (
        b'["e1",1,1767614400000000,1767614400000001,"k_1",'
        b'{"type":"set_logged","exercise":"deadlift","load":["102.5","kg"],"reps":5}]'
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'["e1",1,0,0,"k_1",{"type":"set_sung"}]',
        b'["e1",1,0,0,"k_1",{"type":"set_voided"}]',
        b'["e1",1,0,0,"k_1",{"type":"session_completed","colour":"red"}]',
        b'["e1",1,0.5,0,"k_1",{"type":"session_completed"}]',
    ],
)
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(raw)


@pytest.mark.parametrize("other", ["225.0", "225.00", "2.25E+2"])
def test_one_number_in_other_words_is_the_same_content(other: str) -> None:
    def sha256(value: str) -> bytes:
        data = canonical_data(SetLogged("deadlift", Load(Decimal(value), "lb"), reps=5, rir=Decimal(value) / 225))
        return content_sha256("e1", NOON, data)

    assert sha256(other) == sha256("225")


def test_canonical_data_reaches_every_number() -> None:
    loose = Load(Decimal("20.00"), "kg")
    plain = Load(Decimal(20), "kg")
    profile = ProfileChanged(equipment=Equipment(bar=loose, plates=(Plates(loose, 2),), dumbbells=(loose, loose)))
    expected = ProfileChanged(equipment=Equipment(bar=plain, plates=(Plates(plain, 2),), dumbbells=(plain, plain)))
    assert encode(event(canonical_data(profile))) == encode(event(expected))


def test_the_order_of_parameters_says_nothing() -> None:
    one = ProgrammeAssigned("upper-back", params={"a/hinge": {"sets": 3, "reps": [4, 6]}, "a/row": {}})
    other = ProgrammeAssigned("upper-back", params={"a/row": {}, "a/hinge": {"reps": [4, 6], "sets": 3}})
    assert content_sha256("e1", NOON, one) == content_sha256("e1", NOON, other)


@pytest.mark.parametrize(
    ("event_id", "occurred_at", "data"),
    [
        ("e2", NOON, SetLogged("deadlift", LOAD, reps=5)),
        ("e1", NOON + 1, SetLogged("deadlift", LOAD, reps=5)),
        ("e1", NOON, SetLogged("rack-pull", LOAD, reps=5)),
        ("e1", NOON, SetLogged("deadlift", Load(Decimal("102.5"), "lb"), reps=5)),
        ("e1", NOON, SetLogged("deadlift", LOAD, seconds=5)),
        ("e1", NOON, SetLogged("deadlift", LOAD, reps=5, rir=Decimal(0))),
        ("e1", NOON, SetVoided("e0")),
    ],
)
def test_anything_else_is_other_content(event_id: str, occurred_at: int, data: EventData) -> None:
    said = content_sha256("e1", NOON, SetLogged("deadlift", LOAD, reps=5))
    assert content_sha256(event_id, occurred_at, data) != said


def test_the_hash_is_of_compact_json_and_stays_what_it_was() -> None:
    """It is stored with every event: were it made in another way one day, every retry would be a conflict."""
    said = (
        b'["e1",1767614400000000,'
        b'{"type":"set_logged","exercise":"deadlift","load":["102.5","kg"],"reps":5,"rir":"1.5"}]'
    )
    data = SetLogged("deadlift", LOAD, reps=5, rir=Decimal("1.5"))
    assert content_sha256("e1", NOON, data) == hashlib.sha256(said).digest()
