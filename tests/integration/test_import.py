"""Importing Strong's exports into real logs: what is appended, what is not, and what is said about it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from service.bootstrap import Services
from service.domain.errors import InvalidInput
from service.domain.events import EventData, LifterNoted, ProfileChanged, SetKind, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.instants import SECOND, parse, render
from service.domain.loads import Load
from service.trackers.export import ExportUnreadable, Unanswered
from service.usecases.lifter.prescribe import next_for, state_at
from service.usecases.log.append import BATCH, append_events
from service.usecases.log.batch import Submission
from service.usecases.log.import_tracker import (
    Said,
    already_there,
    append_prepared,
    import_export,
    prepare_import,
)
from service.usecases.log.take_back_import import take_back_import

DATA = Path(__file__).parents[1] / "data"
COMMA = (DATA / "strong_comma.csv").read_bytes()
SEMICOLON = (DATA / "strong_semicolon.csv").read_bytes()


@pytest.fixture
def lifter(services: Services, lifter: LifterRef) -> LifterRef:
    """A lifter whose log begins with what these exports leave open: kilograms, and UTC."""
    profile = Submission("profile", parse("2024-01-01T00:00:00Z"), ProfileChanged(unit="kg", time_zone="UTC"))
    append_events(services, lifter, [profile], actor="k_test")
    return lifter


def log_of(services: Services, lifter: LifterRef) -> list[tuple[str, EventData]]:
    """When each event of the log but the first profile occurred, and what it holds."""
    return [(render(entry.event.occurred_at), entry.event.data) for entry in services.log.read(lifter, 1)]


def sets_of(services: Services, lifter: LifterRef) -> list[tuple[str, Load, int | None, int | None, SetKind | None]]:
    """The sets of the log, in short."""
    return [
        (data.exercise, data.load, data.reps, data.seconds, data.kind)
        for _, data in log_of(services, lifter)
        if isinstance(data, SetLogged)
    ]


def kg(value: int | str) -> Load:
    return Load(Decimal(value), "kg")


def test_an_export_becomes_sets_and_notes(services: Services, lifter: LifterRef) -> None:
    imported = import_export(services, lifter, COMMA)
    assert imported.outcomes == {"appended": 10}
    assert sets_of(services, lifter) == [
        ("deadlift", kg(60), 5, None, "warmup"),
        ("deadlift", kg("102.5"), 6, None, None),
        ("deadlift", kg("107.5"), 4, None, None),
        ("assisted-pull-up", kg(-15), 8, None, None),
        ("pull-up", kg(0), 7, None, "failure"),
        ("rudern-am-geraet", kg(40), 12, None, None),
        ("rudern-am-geraet", kg(30), 9, None, "drop"),
        ("plank", kg(0), None, 75, None),
        ("squat", kg(80), 5, None, None),
    ]
    assert log_of(services, lifter)[0] == ("2024-03-04T18:05:10Z", LifterNoted(note="slept badly"))
    assert imported.prepared.matched == {
        "Deadlift (Barbell)": "deadlift",
        "Pull Up (Assisted)": "assisted-pull-up",
        "Pull Up": "pull-up",
        "Plank": "plank",
        "Squat (Barbell)": "squat",
    }
    assert imported.prepared.own == {"Rudern am Gerät": "rudern-am-geraet"}
    assert (imported.prepared.assumed.unit, imported.prepared.assumed.time_zone) == ("kg", "UTC")


def test_the_newer_layout_says_its_unit_itself(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, SEMICOLON, Said(unit="kg"))
    assert {load.unit for _, load, *_ in sets_of(services, lifter)} == {"lb"}
    assert LifterNoted(note="Face Pull (Cable): rope; long") in [data for _, data in log_of(services, lifter)]


def test_importing_again_appends_nothing(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, COMMA, Said(time_zone="Europe/Vienna"))
    head = services.log.head(lifter)
    for again in (
        import_export(services, lifter, COMMA, Said(time_zone="Europe/Vienna")),
        import_export(services, lifter, COMMA),
    ):
        assert again.outcomes.keys() == {"already_appended"}
        assert (again.differing, again.refused) == ([], {})
    assert services.log.head(lifter) == head


def test_an_export_that_has_grown_appends_what_is_new(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, COMMA)
    grown = COMMA + b'2024-03-09 18:00:00,"Neu",1h,"Deadlift (Barbell)",1,105.0,6,0,0,,,\n'
    assert import_export(services, lifter, grown).outcomes == {"already_appended": 10, "appended": 1}
    assert sets_of(services, lifter)[-1] == ("deadlift", kg(105), 6, None, None)


def test_a_row_edited_since_is_named_and_the_log_kept(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, COMMA)
    before = log_of(services, lifter)
    again = import_export(services, lifter, COMMA.replace(b"102.5", b"112.5"))
    assert again.differing == [3]
    assert log_of(services, lifter) == before


def test_a_time_zone_given_is_the_lifters_from_the_first_session_on(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, COMMA, Said(time_zone="Europe/Vienna"))
    assert log_of(services, lifter)[:2] == [
        ("2024-03-04T17:05:09Z", ProfileChanged(time_zone="Europe/Vienna")),
        ("2024-03-04T17:05:10Z", LifterNoted(note="slept badly")),
    ]
    assert state_at(services, lifter).shared.time_zone == "Europe/Vienna"


def test_what_the_export_leaves_open_is_the_lifters(services: Services, lifter: LifterRef) -> None:
    profile = Submission("p", parse("2024-01-01T00:00:00Z"), ProfileChanged(unit="lb", time_zone="Asia/Tokyo"))
    append_events(services, lifter, [profile], actor="k_test")
    imported = import_export(services, lifter, COMMA)
    assert (imported.prepared.assumed.unit, imported.prepared.assumed.time_zone) == ("lb", "Asia/Tokyo")
    assert log_of(services, lifter)[1][0] == "2024-03-04T09:05:10Z"
    assert {load.unit for _, load, *_ in sets_of(services, lifter)} == {"lb"}


def test_a_band_that_helps_is_assistance_and_one_that_resists_is_not(services: Services, lifter: LifterRef) -> None:
    header = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n"
    rows = [
        f"2024-03-04 18:00:00,A,{name},1,20,8" for name in ("Pull Up (Band)", "Chest Fly (Band)", "Eigene (Assisted)")
    ]
    import_export(services, lifter, (header + "\n".join(rows)).encode())
    assert [(exercise, load) for exercise, load, *_ in sets_of(services, lifter)] == [
        ("band-assisted-pull-up", kg(-20)),
        ("band-chest-fly", kg(20)),
        ("eigene-assisted", kg(-20)),
    ]


def test_what_nobody_said_is_asked_for_before_anything_is_written(services: Services, gym: str) -> None:
    unknown = LifterRef(gym, "unknown")
    for unit, time_zone, question in ((None, None, "time_zone"), (None, "UTC", "unit")):
        with pytest.raises(Unanswered) as asked:
            import_export(services, unknown, COMMA, Said(unit=unit, time_zone=time_zone))
        assert (asked.value.question, services.log.head(unknown)) == (question, 0)
    import_export(services, unknown, COMMA, Said(unit="lb", time_zone="UTC"))
    assert {load.unit for _, load, *_ in sets_of(services, unknown)} == {"lb"}


def test_an_import_taken_back_counts_no_longer_and_can_be_done_again_right(
    services: Services, lifter: LifterRef
) -> None:
    wrong = import_export(services, lifter, COMMA, Said(unit="lb"))
    taken_back = take_back_import(services, lifter, wrong.prepared.import_id)
    assert (taken_back, wrong.outcomes) == (10, {"appended": 10})
    head = services.log.head(lifter)
    assert take_back_import(services, lifter, wrong.prepared.import_id) == taken_back
    assert services.log.head(lifter) == head
    assert state_at(services, lifter).exercises.get("deadlift") is None
    right = import_export(services, lifter, COMMA, Said(unit="kg"))
    assert right.outcomes == {"appended": 10}
    assert import_export(services, lifter, COMMA, Said(unit="kg")).outcomes == {"already_appended": 10}
    assert state_at(services, lifter).exercises.get("deadlift") is not None
    take_back_import(services, lifter, right.prepared.import_id)
    assert import_export(services, lifter, COMMA, Said(unit="kg")).outcomes == {"appended": 10}


def test_a_set_that_was_voided_alone_stays_so_when_the_file_is_imported_again(
    services: Services, lifter: LifterRef
) -> None:
    imported = import_export(services, lifter, COMMA)
    event_id = imported.prepared.lines[3].submission.event_id
    append_events(services, lifter, [Submission("v", parse("2024-04-01T00:00:00Z"), SetVoided(event_id))], actor="k")
    assert import_export(services, lifter, COMMA).outcomes == {"already_appended": 10}


def test_what_is_prepared_is_not_yet_written(services: Services, lifter: LifterRef) -> None:
    prepared = prepare_import(services, lifter, COMMA)
    assert (services.log.head(lifter), already_there(services, lifter, prepared)) == (1, 0)
    append_prepared(services, lifter, prepared)
    assert already_there(services, lifter, prepared) == len(prepared.lines) == 10


def test_rows_that_the_log_refuses_are_named_and_the_others_taken(services: Services, lifter: LifterRef) -> None:
    ahead = render(services.clock() + 86_400 * SECOND)[:19].replace("T", " ")
    imported = import_export(services, lifter, COMMA + f'{ahead},"A",1h,"Plank",1,0,0,0,60,,,\n'.encode())
    assert imported.outcomes == {"appended": 10}
    assert imported.refused == {"/occurred_at: is more than 5 minutes in the future": [14]}


@pytest.mark.parametrize("time_zone", ["Mars", "Europe", "../etc/passwd", ""])
def test_an_unknown_time_zone_is_refused_before_anything_is_written(
    services: Services, lifter: LifterRef, time_zone: str
) -> None:
    with pytest.raises(InvalidInput, match="not a time zone"):
        import_export(services, lifter, COMMA, Said(time_zone=time_zone))
    assert services.log.head(lifter) == 1


def test_a_file_that_is_no_export_is_refused_before_anything_is_written(services: Services, lifter: LifterRef) -> None:
    with pytest.raises(ExportUnreadable):
        import_export(services, lifter, b"Datum;Gewicht\n")
    assert services.log.head(lifter) == 1


def test_a_long_export_goes_in_batches_and_tells_of_each(services: Services, lifter: LifterRef) -> None:
    header = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n"
    rows = [f"2024-03-04 18:00:00,A,Squat (Barbell),{n},100,5" for n in range(BATCH + 1)]
    told: list[tuple[int, int]] = []
    import_export(
        services,
        lifter,
        (header + "\n".join(rows)).encode(),
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(0, BATCH + 1), (BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]
    assert services.log.head(lifter) == 1 + BATCH + 1


def test_imported_sets_lead_to_a_prescription(services: Services, lifter: LifterRef) -> None:
    import_export(services, lifter, COMMA)
    as_of = parse("2024-03-08T18:00:00Z")
    prescription = next_for(services, lifter, "deadlift", as_of=as_of)
    # As many sets as were done, at the heaviest load that was done.
    assert [each.load.value for each in prescription.sets if each.load] == [Decimal("107.5")] * 2


def test_a_unit_that_waits_for_the_open_session_to_end_is_the_lifters(services: Services, lifter: LifterRef) -> None:
    at = services.clock()
    said: list[EventData] = [SetLogged("squat", kg(60), reps=5), ProfileChanged(unit="lb")]
    append_events(services, lifter, [Submission(f"e{n}", at + n, each) for n, each in enumerate(said)], actor="k")
    imported = import_export(services, lifter, COMMA)
    assert (imported.prepared.assumed.unit, imported.prepared.assumed.unit_from) == ("lb", "the lifter's")
