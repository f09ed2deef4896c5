"""A lifter's whole log from the Strong app: imported, prescribed from, and replayed to the same bytes.

The same laws are held by a log made up here, which always runs, and by a real export, which runs where there is one: at
``SPOTTER_STRONG_EXPORT``, or as ``tests/data/strong_export.csv``.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
import redis
from msgspec import structs

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.event_encoding import decode
from service.domain.events import SetCorrected, SetLogged
from service.domain.hash_chain import canonical_json
from service.domain.identifiers import LifterRef
from service.domain.instants import HOUR, Instant
from service.domain.loads import Load
from service.domain.prescription import Prescription
from service.store import key_names
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.prescribe import next_for
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Submission
from service.usecases.log.import_tracker import Imported, Said, import_export
from service.usecases.projection.drain import drain, rebuild
from service.usecases.rules.publish import publish_rules

LIFTER = LifterRef("default", "imported")
TIME_ZONE = "Europe/Vienna"


def made_up_export() -> bytes:
    """Sixty sessions of a lifter who warms up, varies, travels, changes machines and trains things of their own."""
    random = Random(1851)
    lines = ["Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"]
    at = datetime(2023, 1, 9, 18, 0, 7)  # noqa: DTZ001 - Strong's times are those of the gym's clock
    for session in range(60):
        at += timedelta(
            days=random.choice([2, 2, 3, 3, 4, 17 if session % 20 == 19 else 3]), minutes=random.randint(-40, 40)
        )
        for name, sets in _session(random, session):
            lines += [
                f'{at:%Y-%m-%d %H:%M:%S},"Day {session % 2}",1h 10m,"{name}",{order},{weight},{reps},0,{seconds},"",,'
                for order, (weight, reps, seconds) in enumerate(sets, 1)
            ]
    return "\n".join(lines).encode()


def _session(random: Random, session: int) -> list[tuple[str, list[tuple[float, int, int]]]]:
    """The exercises of a session, each with its sets: weight, reps, seconds."""
    grown = session // 4
    press, pull = 60 + 2.5 * grown, 80 + 5 * grown

    def straight(weight: float, low: int, high: int, count: int = 3) -> list[tuple[float, int, int]]:
        return [(weight, random.randint(low, high), 0) for _ in range(count)]

    if session % 2 == 0:
        return [
            ("Bench Press (Barbell)", [(20.0, 10, 0), (press / 2 - 5, 6, 0), *straight(press, 5, 9)]),
            ("Lateral Raise (Dumbbell)", straight(8.0 + grown // 4, 10, 15)),
            ("Kabelzug im Keller", straight(25.0 if session < 30 else 8.0, 10, 12)),
            ("Plank", [(0, 0, 60 + 5 * (grown // 2)), (0, 0, 50)]),
        ]
    return [
        ("Deadlift (Barbell)", [(60.0, 5, 0), *straight(pull, 3, 6)]),
        ("Pull Up", [*straight(0.0, 5, 8), *([(5.0, 4, 0)] if session % 6 == 1 else [])]),
        ("Pull Up (Assisted)", straight(20.0 - grown // 2, 6, 9, 2)),
        ("Hanging Leg Raise", straight(0, 8, 12)),
    ]


def real_export() -> bytes:
    """The export that the machine has, if it has one."""
    named = os.environ.get("SPOTTER_STRONG_EXPORT")
    path = Path(named) if named else Path(__file__).parents[1] / "data" / "strong_export.csv"
    if not named and not path.exists():
        pytest.skip("no real export here: name one with SPOTTER_STRONG_EXPORT")
    return path.read_bytes()


class Log(NamedTuple):
    """An export and the Spotter that has imported it.

    ``last`` are the sets of each exercise's last session, ``before`` those of the session before it.
    """

    services: Services
    content: bytes
    imported: Imported
    last: dict[str, list[SetLogged]]
    before: dict[str, list[SetLogged]]
    ended: dict[str, Instant]

    def next(self, exercise: str) -> Prescription:
        """What was next when the exercise's last session was over."""
        return next_for(self.services, LIFTER, exercise, as_of=self.ended[exercise] + 5 * HOUR)


@pytest.fixture(params=[made_up_export, real_export], ids=["made-up", "real"])
def log(
    request: pytest.FixtureRequest, log_url: str, queue_url: str, valkey: redis.Redis, queue_server: redis.Redis
) -> Log:
    del valkey, queue_server  # they empty the servers
    read: Callable[[], bytes] = request.param
    content = read()
    environment = {"SPOTTER_REDIS_URL": log_url, "SPOTTER_QUEUE_URL": queue_url}
    services = bootstrap(Settings.from_environment(environment))
    publish_rules(services)
    imported = import_export(services, LIFTER, content, Said(unit="kg", time_zone=TIME_ZONE))
    project(services)
    last: dict[str, list[SetLogged]] = {}
    before: dict[str, list[SetLogged]] = {}
    ended: dict[str, Instant] = {}
    for event in map(decode, services.log.whole(LIFTER).events):
        if isinstance(event.data, SetLogged):
            exercise, same = event.data.exercise, last.get(event.data.exercise, [])
            if same and same[-1].session_id != event.data.session_id:
                before[exercise], same = same, []
            last[exercise] = [*same, event.data]
            ended[exercise] = event.occurred_at
    return Log(services, content, imported, last, before, ended)


def project(services: Services) -> None:
    """Bring every projection up to date, so that reads go on from there."""
    for group in range(key_names.GROUPS):
        drain(services, group, turn_s=60.0)  # whatever else the machine has to do


def test_every_row_is_accounted_for(log: Log) -> None:
    export = log.imported.export
    rows = len(list(csv.reader(io.StringIO(log.content.decode("utf-8-sig"), newline="")))) - 1
    assert rows == export.rows == len(export.sets) + len(export.notes) + len(export.skipped)
    assert (log.imported.differing, log.imported.refused) == ([], {})
    events = map(decode, log.services.log.whole(LIFTER).events)
    assert sum(isinstance(event.data, SetLogged) for event in events) == len(export.sets)
    assert set(log.last) == {*log.imported.prepared.matched.values(), *log.imported.prepared.own.values()}


def test_importing_again_changes_no_version(log: Log) -> None:
    head = log.services.log.head(LIFTER)
    again = import_export(log.services, LIFTER, log.content, Said(unit="kg", time_zone=TIME_ZONE))
    assert (again.outcomes, again.differing) == ({"already_appended": head}, [])
    assert log.services.log.head(LIFTER) == head


def test_every_exercise_goes_on_near_its_last_session_or_says_why_not(log: Log) -> None:
    """Near what was lifted last, or a deload, or near the session before a single lighter one: each says so."""
    astray = {}
    for exercise, sets in log.last.items():
        for prescription in (log.next(exercise), next_for(log.services, LIFTER, exercise)):
            assert prescription.sets, exercise
            # The heaviest set: the lifter's own pattern may begin with a lighter one.
            prescribed = max(each.load.value for each in prescription.sets if each.load is not None)
            near = is_near(prescribed, heaviest(sets)) or (
                any("one lighter session changes nothing" in reason for reason in prescription.because)
                and is_near(prescribed, heaviest(log.before[exercise]))
            )
            if not near and not names_a_deload(log.services, prescription):
                astray[exercise] = (heaviest(sets), prescribed, prescription.because)
    assert astray == {}


def heaviest(sets: list[SetLogged]) -> Decimal:
    return max(each.load.value for each in sets)


def is_near(prescribed: Decimal, lifted: Decimal) -> bool:
    """Within 0.75 to 1.25 of what was lifted; body weight alone goes on with body weight alone."""
    if not lifted:
        return not prescribed
    return Decimal("0.75") <= prescribed / lifted <= Decimal("1.25")


def names_a_deload(services: Services, prescription: Prescription) -> bool:
    proof = derivation(services, LIFTER, prescription.prescription_id)
    return any(
        (rule["outcome"], rule["result"]) == ("deload", "fired")
        for trigger in proof["triggers"]
        for scheme in trigger.get("schemes", ())
        for rule in scheme["rules"]
    )


def test_a_replay_from_nothing_gives_the_same_bytes(log: Log) -> None:
    services = log.services
    projected = services.projections.load(LIFTER)
    assert int(projected[b"version"]) == services.log.head(LIFTER)
    now, prescriptions = outlook(log, LIFTER), prescriptions_of(log)
    proofs = proofs_of(services, prescriptions)

    services.projections.delete(LIFTER)
    assert services.projections.load(LIFTER) == {}
    assert prescriptions_of(log) == prescriptions

    rebuild(services, LIFTER)
    assert services.projections.load(LIFTER) == projected
    assert outlook(log, LIFTER) == now
    assert prescriptions_of(log) == prescriptions
    assert proofs_of(services, prescriptions) == proofs


MOST_REPLAYED = 12
"""Exercises whose prescriptions are made from the log's first event on, which takes a real log a while."""


def replayed(log: Log) -> list[str]:
    """Exercises to look at that closely, spread over the times of their last sessions."""
    by_end = sorted(log.ended, key=lambda exercise: (log.ended[exercise], exercise))
    most = min(MOST_REPLAYED, len(by_end))
    return [by_end[place * (len(by_end) - 1) // max(most - 1, 1)] for place in range(most)]


def prescriptions_of(log: Log) -> list[Prescription]:
    """The exercises' next prescriptions, when their last sessions were over."""
    return [log.next(exercise) for exercise in replayed(log)]


def proofs_of(services: Services, prescriptions: list[Prescription]) -> list[bytes]:
    """The derivations of prescriptions."""
    return [canonical_json(derivation(services, LIFTER, each.prescription_id)) for each in prescriptions]


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_corrected_deadlift_changes_what_the_two_histories_differ_in(log: Log, which: int) -> None:
    """The reply to a correction, against the same log written anew with the set as it should have been."""
    services, copied = log.services, LifterRef("default", "written-anew")
    events = [decode(raw) for raw in services.log.whole(LIFTER).events]
    wrong = [event for event in events if getattr(event.data, "exercise", None) == "deadlift"][which]
    assert isinstance(wrong.data, SetLogged)
    right = Load(wrong.data.load.value + 60, wrong.data.load.unit)
    anew = [
        Submission(event.event_id, event.occurred_at, structs.replace(event.data, load=right))
        if event is wrong
        else Submission(event.event_id, event.occurred_at, event.data)
        for event in events
    ]
    for start in range(0, len(anew), 1000):
        append_events(services, copied, anew[start : start + 1000], actor="test")
    project(services)
    before = outlook(log, LIFTER)
    correction = Submission("it-was-more", wrong.occurred_at, SetCorrected(wrong.event_id, load=right))
    changes = append_event(services, LIFTER, correction, actor="test").changes
    project(services)
    after = outlook(log, copied)
    differing = {
        exercise: (before[exercise], after[exercise]) for exercise in before if before[exercise] != after[exercise]
    }
    assert changes is not None
    assert {change.exercise: (seen(change.before), seen(change.after)) for change in changes} == differing
    assert outlook(log, LIFTER) == after
    assert differing or which == 0


def outlook(log: Log, lifter: LifterRef) -> dict[str, object]:
    """What each exercise's next prescription asks of a lifter, seen from now."""
    return {exercise: seen(next_for(log.services, lifter, exercise)) for exercise in sorted(log.last)}


def seen(prescription: Prescription | None) -> object:
    return prescription and (prescription.status, prescription.sets, prescription.outcome)
