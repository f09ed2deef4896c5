"""Appending through the use case: what is refused, what is filled in, who is woken."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import NoReturn

import pytest
import redis

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import IdempotencyConflict, InvalidInput, Unavailable, WrongExpectedVersion
from service.domain.events import (
    EventData,
    LifterNoted,
    ProgrammeAssigned,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.store.log import Batch, EventLog, NewBatch
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from tests.support.waking import await_wake_ups

MINUTE = 60_000_000


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal(100), "kg"), reps=reps)


def append(
    services: Services,
    lifter: LifterRef,
    event_id: str,
    data: EventData | None = None,
    *,
    ahead: int = 0,
    expected: int | None = None,
) -> Receipt:
    """Append one event that occurred an hour ago, or ``ahead`` of now (microseconds)."""
    at = services.clock() + ahead if ahead else 1_700_000_000_000_000
    submission = Submission(event_id, at, a_set() if data is None else data)
    return append_event(services, lifter, submission, actor="k_test", expected_version=expected)


def refusal(services: Services, lifter: LifterRef, data: EventData, *, ahead: int = 0, also: int = 0) -> list[str]:
    """The pointers of the problems for which an event is refused.

    Nothing must have been written for it, but for the ``also`` events that others appended meanwhile.
    """
    head = services.log.head(lifter)
    with pytest.raises(InvalidInput) as refused:
        append(services, lifter, "refused", data, ahead=ahead)
    assert services.log.head(lifter) == head + also
    return [problem.pointer for problem in refused.value.problems]


def test_a_receipt_says_where_the_event_is_and_how_safe(services: Services, lifter: LifterRef) -> None:
    receipt = append(services, lifter, "a")
    assert (receipt.event_id, receipt.version, receipt.outcome, receipt.durability) == ("a", 1, "appended", "fsync")
    again = append(services, lifter, "a")
    assert (again.version, again.outcome) == (1, "already_appended")
    (entry,) = services.log.read(lifter)
    assert (entry.event.actor, entry.event.schema_version, entry.event.data) == ("k_test", 1, a_set())
    assert entry.default == services.default_digest()


def test_other_content_under_the_same_id_is_refused(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a", a_set(5))
    with pytest.raises(IdempotencyConflict) as refused:
        append(services, lifter, "a", a_set(6))
    assert (refused.value.event_id, refused.value.version) == ("a", 1)


def test_the_expected_version_is_asked_of_the_log(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a", expected=0)
    with pytest.raises(WrongExpectedVersion):
        append(services, lifter, "b", expected=0)
    assert append(services, lifter, "b", expected=1).version == 2


@pytest.mark.parametrize("data", [a_set(), LifterNoted(note="rested")], ids=["set", "note"])
def test_five_minutes_ahead_is_the_most(services: Services, lifter: LifterRef, data: EventData) -> None:
    assert append(services, lifter, "a", data, ahead=4 * MINUTE).version == 1
    assert refusal(services, lifter, data, ahead=6 * MINUTE) == ["/occurred_at"]


def test_a_set_is_not_corrected_into_the_future(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a")
    later = services.clock() + 6 * MINUTE
    assert refusal(services, lifter, SetCorrected("a", occurred_at=later)) == ["/data/occurred_at"]


def test_what_acts_on_an_event_must_name_one_of_this_lifter(services: Services, gym: str) -> None:
    one, other = LifterRef(gym, "one"), LifterRef(gym, "other")
    append(services, other, "a")
    assert refusal(services, one, SetVoided("a")) == ["/data/voids"]
    assert refusal(services, one, SetCorrected("a", reps=4)) == ["/data/corrects"]
    assert refusal(services, one, SetVoided("refused")) == ["/data/voids"]


def test_only_sets_are_corrected(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "note", LifterNoted(note="rested"))
    assert refusal(services, lifter, SetCorrected("note", reps=4)) == ["/data/corrects"]


def test_any_event_is_voided_a_void_too(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a")
    append(services, lifter, "b", SetCorrected("a", reps=4))
    append(services, lifter, "c", SetVoided("b"))
    append(services, lifter, "d", SetVoided("a"))
    assert append(services, lifter, "e", SetVoided("d")).version == 5


def test_a_programme_is_pinned_to_the_newest_published(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a", ProgrammeAssigned("upper-back"))
    (entry,) = services.log.read(lifter)
    newest = services.archive.newest("upper-back")
    assert newest is not None
    assert entry.event.data == ProgrammeAssigned("upper-back", newest, digest_from="newest")


def test_an_assignment_sent_again_after_a_newer_publication_is_the_same_event(
    services: Services, lifter: LifterRef
) -> None:
    append(services, lifter, "a", ProgrammeAssigned("upper-back"))
    services.archive.publish({"upper-back": "f" * 64}, at=0)
    services.rule_sets._until = 0.0
    assert append(services, lifter, "a", ProgrammeAssigned("upper-back")).outcome == "already_appended"


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"a/hinges": {"sets": 3}}, "/data/params/a~1hinges"),
        ({"a/hinge": {"set": 3}}, "/data/params/a~1hinge/set"),
        ({"a/hinge": {"sets": 11}}, "/data/params/a~1hinge/sets"),
        ({"a/hinge": {"reps": [6, 4]}}, "/data/params/a~1hinge/reps"),
        ({"a/hinge": {"increase": {"kg": "5"}}}, "/data/params/a~1hinge/increase"),
    ],
)
def test_parameters_that_no_scheme_of_the_slot_takes_are_refused(
    services: Services, lifter: LifterRef, params: dict[str, dict[str, object]], pointer: str
) -> None:
    assert refusal(services, lifter, ProgrammeAssigned("upper-back", params=params)) == [pointer]


def test_a_programme_or_digest_that_is_not_there_is_refused(services: Services, lifter: LifterRef) -> None:
    default = services.default_digest()
    assert refusal(services, lifter, ProgrammeAssigned("nowhere")) == ["/data/programme"]
    assert refusal(services, lifter, ProgrammeAssigned("upper-back", "f" * 64)) == ["/data/digest"]
    assert refusal(services, lifter, ProgrammeAssigned("upper-back", default)) == ["/data/digest"]


def test_in_a_batch_each_is_judged_singly_and_may_name_one_before_it(services: Services, lifter: LifterRef) -> None:
    at = 1_700_000_000_000_000
    append(services, lifter, "taken", a_set(9))
    batch = [
        Submission("early", at, SetVoided("a")),
        Submission("a", at, a_set()),
        Submission("b", services.clock() + 6 * MINUTE, a_set()),
        Submission("taken", at, a_set(1)),
        Submission("c", at, SetVoided("a")),
        Submission("a", at, a_set()),
    ]
    results = append_events(services, lifter, batch, actor="k_test")
    assert [result.outcome if isinstance(result, Receipt) else type(result) for result in results] == [
        InvalidInput,
        "appended",
        InvalidInput,
        IdempotencyConflict,
        "appended",
        "already_appended",
    ]
    assert [entry.event.event_id for entry in services.log.read(lifter)] == ["taken", "a", "c"]


def test_a_batch_of_which_nothing_is_acceptable_writes_nothing(services: Services, lifter: LifterRef) -> None:
    (result,) = append_events(services, lifter, [Submission("a", 0, SetVoided("x"))], actor="k_test")
    assert isinstance(result, InvalidInput)
    assert services.log.head(lifter) == 0
    assert append_events(services, lifter, [], actor="k_test") == []


def test_workers_are_woken_once_while_a_drain_is_due(
    services: Services, lifter: LifterRef, queue_server: redis.Redis
) -> None:
    append(services, lifter, "a")
    await_wake_ups()
    append(services, lifter, "b")
    await_wake_ups()
    assert queue_server.llen("rq:queue:spotter") == 1


def test_a_process_that_ends_has_woken_somebody(
    environment: dict[str, str], services: Services, queue_server: redis.Redis
) -> None:
    del services  # publishes the rules
    program = """
import os
from service.bootstrap import Settings, bootstrap
from service.domain.events import DeloadRequested
from service.domain.identifiers import LifterRef
from service.usecases.log.append import append_event
from service.usecases.log.batch import Submission
services = bootstrap(Settings.from_environment(os.environ))
append_event(services, LifterRef("gym", "ann"), Submission("a", 0, DeloadRequested()), actor="k_test")
"""
    subprocess.run([sys.executable, "-c", program], env={**os.environ, **environment}, check=True)
    assert queue_server.llen("rq:queue:spotter") == 1


def test_without_a_thread_to_be_had_wake_ups_are_sent_all_the_same(
    services: Services, lifter: LifterRef, queue_server: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    append(services, lifter, "a")
    assert queue_server.llen("rq:queue:spotter") == 1


def test_an_append_succeeds_while_the_queue_cannot_be_reached(
    environment: dict[str, str], services: Services, lifter: LifterRef
) -> None:
    del services  # it has published the rules
    cut_off = bootstrap(Settings.from_environment(environment | {"SPOTTER_QUEUE_URL": "unix:///nowhere.sock"}))
    assert append(cut_off, lifter, "a").outcome == "appended"
    await_wake_ups()


class _RacingLog(EventLog):
    """A log to which somebody else appends what `theirs` says just before each append."""

    theirs: list[Callable[[], object]]

    def append_each(self, batches: Sequence[NewBatch], *, default_digest: str) -> list[Batch | Exception]:
        if self.theirs:
            self.theirs.pop(0)()
        return super().append_each(batches, default_digest=default_digest)


def racing(services: Services, *theirs: Callable[[], object]) -> Services:
    log = _RacingLog(services.log._client)
    log.theirs = list(theirs)
    return replace(services, log=log)


def test_two_corrections_at_once_never_leave_a_load_under_0(services: Services, lifter: LifterRef) -> None:
    """docs/faults.md, 29: each is right alone, and only one by one are they judged as the set will stand."""
    append(services, lifter, "a", SetLogged("pull-up", Load(Decimal(10), "kg"), reps=5))
    assist = SetCorrected("a", load=Load(Decimal(-10), "kg"))
    first = racing(services, lambda: append(services, lifter, "theirs", assist))
    assert refusal(first, lifter, SetCorrected("a", exercise="deadlift"), also=1) == ["/data/exercise"]


def test_what_is_right_whatever_others_do_is_taken(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a", SetLogged("pull-up", Load(Decimal(10), "kg"), reps=5))
    others = racing(services, *(partial(append, services, lifter, f"other-{number}") for number in range(3)))
    assist = SetCorrected("a", load=Load(Decimal(-10), "kg"))
    assert append(others, lifter, "mine", assist).version == 5
    for_ever = racing(services, *(partial(append, services, lifter, f"again-{number}") for number in range(50)))
    with pytest.raises(Unavailable):
        append(for_ever, lifter, "never", assist)
    assert services.log.find(lifter, ["never"]) == {}


def test_an_expected_version_is_the_clients_however_it_was_judged(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, "a", SetLogged("pull-up", Load(Decimal(10), "kg"), reps=5))
    other = racing(services, partial(append, services, lifter, "other"))
    assist = SetCorrected("a", load=Load(Decimal(-10), "kg"))
    with pytest.raises(WrongExpectedVersion) as refused:
        append(other, lifter, "mine", assist, expected=1)
    assert (refused.value.expected, refused.value.actual) == (1, 2)
    ahead = racing(services, partial(append, services, lifter, "another"))
    assert append(ahead, lifter, "mine", assist, expected=3).version == 4
