"""What a gym says that names mean: for later imports, and by corrections for what was imported before."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.bootstrap import Services
from service.domain.errors import InvalidInput
from service.domain.events import SetCorrected, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.instants import parse
from service.domain.loads import Load
from service.usecases.gym.exercise_names import correct_gym, correct_logged, map_name, mapped_names
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.append import append_events
from service.usecases.log.batch import Submission
from service.usecases.log.import_tracker import Imported, Said, import_export
from service.usecases.log.take_back_import import take_back_import

SAID = Said("kg", "UTC")
HEADER = "Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n"
ROWS = [
    "2024-03-04 18:00:00,A,Brustpresse,1,40,8",
    "2024-03-04 18:00:00,A,Brustpresse,2,42.5,7",
    "2024-03-04 18:00:00,A,Helfer (Assisted),1,20,8",
    "2024-03-04 18:00:00,A,Bench Press (Barbell),1,60,5",
]


def file(*more: str) -> bytes:
    return (HEADER + "\n".join([*ROWS, *more])).encode()


def imported(services: Services, lifter: LifterRef, *more: str) -> Imported:
    return import_export(services, lifter, file(*more), SAID)


def test_a_name_once_mapped_holds_for_every_later_import_of_the_gym(services: Services, lifter: LifterRef) -> None:
    mapped = map_name(services, lifter.gym, " BRUSTPRESSE ", "chest-press-machine-of-ours")
    assert map_name(services, lifter.gym, "brustpresse", "chest-press-machine-of-ours") == mapped
    assert imported(services, lifter).prepared.mapped == {"Brustpresse": "chest-press-machine-of-ours"}
    elsewhere = LifterRef(f"{lifter.gym}-2", "ann")
    assert "Brustpresse" in imported(services, elsewhere).prepared.own
    assert [each.name for each in mapped_names(services, lifter.gym)] == ["BRUSTPRESSE"]
    assert mapped_names(services, elsewhere.gym) == []


def exercises(services: Services, lifter: LifterRef) -> set[str]:
    return set(state_at(services, lifter).exercises.names())


def test_what_was_imported_under_a_name_is_corrected_and_can_be_again(services: Services, lifter: LifterRef) -> None:
    imported(services, lifter)
    assert exercises(services, lifter) == {"brustpresse", "helfer-assisted", "bench-press"}
    for exercise in ("machine-chest-press", "leg-press", "machine-chest-press"):
        map_name(services, lifter.gym, "Brustpresse", exercise)
        assert correct_logged(services, lifter, actor="k") == (2, {})
        assert exercises(services, lifter) == {exercise, "helfer-assisted", "bench-press"}
        assert correct_gym(services, lifter.gym, actor="k") == (0, {})
    again = imported(services, lifter, "2024-03-06 18:00:00,A,Brustpresse,1,45,8")
    assert (again.outcomes, again.differing) == ({"already_appended": 5, "appended": 1}, [])


def test_help_counts_below_0_only_where_it_can_help(services: Services, lifter: LifterRef) -> None:
    imported(services, lifter)
    loads = []
    for exercise in ("leg-press", "assisted-pull-up"):
        map_name(services, lifter.gym, "Helfer (Assisted)", exercise)
        assert correct_logged(services, lifter, actor="k") == (1, {})
        newest = services.log.read(lifter, services.log.head(lifter) - 1)[0].event.data
        assert isinstance(newest, SetCorrected)
        loads.append((newest.exercise, newest.load))
    assert loads == [("leg-press", Load(Decimal(20), "kg")), ("assisted-pull-up", Load(Decimal(-20), "kg"))]


def test_what_somebody_corrected_singly_or_logged_otherwise_stays(services: Services, lifter: LifterRef) -> None:
    first = next(
        line for line in imported(services, lifter).prepared.lines if isinstance(line.submission.data, SetLogged)
    )
    at = parse("2024-04-01T00:00:00Z")
    own = SetLogged("brustpresse", Load(Decimal(50), "kg"), reps=5)
    singly = SetCorrected(first.submission.event_id, exercise="leg-press")
    append_events(services, lifter, [Submission("own", at, own), Submission("singly", at, singly)], actor="k")
    map_name(services, lifter.gym, "Brustpresse", "machine-chest-press")
    assert correct_logged(services, lifter, actor="k") == (1, {})
    expected = {"leg-press", "machine-chest-press", "brustpresse", "helfer-assisted", "bench-press"}
    assert exercises(services, lifter) == expected


def test_an_import_that_was_taken_back_and_done_again_is_still_found_by_name(
    services: Services, lifter: LifterRef
) -> None:
    take_back_import(services, lifter, imported(services, lifter).prepared.import_id)
    imported(services, lifter)
    map_name(services, lifter.gym, "Brustpresse", "machine-chest-press")
    assert correct_logged(services, lifter, actor="k") == (2, {})
    assert exercises(services, lifter) == {"machine-chest-press", "helfer-assisted", "bench-press"}


@pytest.mark.parametrize(
    ("name", "exercise", "pointer"),
    [(" ", "squat", "/name"), ("x" * 201, "squat", "/name"), ("a\x00b", "squat", "/name"), ("a", "No Id", "/exercise")],
)
def test_what_cannot_be_a_name_or_an_exercise_is_refused(
    services: Services, gym: str, name: str, exercise: str, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        map_name(services, gym, name, exercise)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]


def test_an_alias_of_the_catalogue_stands_for_its_exercise(services: Services, gym: str) -> None:
    known = services.rule_sets.known_exercises(services.default_digest())
    alias, exercise = next(iter(known._aliases.items()))
    assert map_name(services, gym, "Any", alias).exercise == exercise
