"""Spotter in lock step with a model that is too simple to be wrong, whatever is done to it and in whatever order.

The machine appends, mends, drains, rebuilds, erases and kills, on a real server; the model keeps the list of each
lifter's events and folds all of it from nothing whenever it is asked.
``pytest tests/properties/test_machine.py --hypothesis-profile=long`` runs many more histories, others each time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.domain.errors import Erased, IdempotencyConflict, InvalidInput, WrongExpectedVersion
from service.domain.events import (
    CORRECTED,
    BaselineCorrected,
    BaselineSet,
    Correction,
    Event,
    EventData,
    ProgrammeAssigned,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.identifiers import LifterRef
from service.domain.instants import HOUR, Instant
from service.domain.prescription import Prescription
from service.domain.same_event import canonical_data
from service.engine.replay import snapshots
from service.engine.replay.projection import checkpoint_of
from service.engine.replay.state import LifterState, is_state_field
from service.store import key_names
from service.store.projections import Commit
from service.usecases.lifter.erase import erase
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.prescribe import state_at
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.late_event_changes import Change, prescriptions_by_slot
from service.usecases.log.read import read_log
from service.usecases.log.warnings import Warnings
from service.usecases.projection import drain as draining
from service.usecases.projection.advance import advance
from service.usecases.projection.drain import drain, rebuild, replay_lag, sweep
from tests.support.database import Database
from tests.support.feed import ModelFeed, seen
from tests.support.histories import SESSION_VOIDS, SHARED, corrections, others, sets
from tests.support.model import ModelLifter
from tests.support.training import DAY, DEFAULT, LIBRARY, MINUTE, MONDAY, UPPER_BACK, rule_set_of


def _without_stalls(programme: str) -> str:
    return LIBRARY.files[f"programmes/{programme}.yaml"].decode().replace("[stall, layoff]", "[layoff]")


EDITED: Final = [
    rule_set_of({f"programmes/{programme}.yaml": _without_stalls(programme)}, programme)
    for programme in ("default", "upper-back")
]
LIFTERS: Final = [LifterRef("gym", f"lifter-{number}") for number in range(4)]
PARTITIONS: Final = sorted({key_names.partition(lifter) for lifter in LIFTERS})
WHO: Final = st.sampled_from([*LIFTERS[:1] * 4, *LIFTERS])
PLACE: Final = st.integers(0, 30)
GAPS: Final = st.sampled_from([0, MINUTE, 3 * MINUTE, 4 * HOUR, DAY, 3 * DAY, 15 * DAY])
CHANGES: Final = (
    st.builds(
        SetCorrected,
        st.just(""),
        occurred_at=st.sampled_from([None, None, MONDAY - 3 * DAY, MONDAY + HOUR]),
        exercise=st.sampled_from([None, None, "deadlift"]),
        reps=st.none() | st.integers(0, 12),
        seconds=st.sampled_from([None, None, 45]),
        kind=st.sampled_from([None, "work", "warmup"]),
        session_id=st.sampled_from([None, None, "friday"]),
        cleared=st.sampled_from([(), (), ("kind",), ("session_id",)]),
    )
    | corrections()
)


def _is_allowed(data: EventData) -> bool:
    """Whether no load is under nothing; the catalogue's own tests are about those that may be."""
    if not isinstance(data, SetLogged | BaselineSet | BaselineCorrected):
        return True
    loads = (getattr(data, name, None) for name in ("load", "one_rep_max", "training_max"))
    return all(load is None or load.value >= 0 for load in loads)


SETS: Final = sets().filter(_is_allowed)
OTHERS: Final = others().filter(_is_allowed) | st.just(ProgrammeAssigned("upper-back"))


class Answer(NamedTuple):
    """What was answered about a version at a time; ``default`` was assumed where the log had pinned none."""

    lifter: LifterRef
    version: int
    at: Instant
    default: str
    prescriptions: dict[str, Prescription]
    proofs: dict[str, str]


class Machine(RuleBasedStateMachine):
    """Every rule does one thing to the service and to the model; the invariants hold the two together."""

    def __init__(self, database: Database, services: Services) -> None:
        super().__init__()
        self.database = database
        self.now: Instant = MONDAY + DAY
        self.services = replace(services, clock=lambda: self.now)
        self.model = {lifter: ModelLifter(lifter.lifter) for lifter in LIFTERS}
        self.feeds = {lifter: ModelFeed(model) for lifter, model in self.model.items()}
        self.answers: list[Answer] = []
        self.slow: list[Commit] = []
        self.warned: dict[tuple[LifterRef, str], Warnings | None] = {}
        self.count = 0
        with redis.Redis.from_url(database.embedded.url) as client:
            client.flushall()
        for rule_set in (DEFAULT, UPPER_BACK, SHARED, *EDITED):
            self.services.archive.put({rule_set.digest: rule_set.files})
        self.newest: dict[str, str] = {}
        self.publishes((DEFAULT, UPPER_BACK, SHARED))

    # Writing

    def submission(self, data: EventData, at: Instant) -> Submission:
        self.count += 1
        return Submission(f"e{self.count}", at, canonical_data(data))

    def logged(self, said: Submission) -> Event:
        """The event as the log will have it."""
        data = said.data
        if isinstance(data, ProgrammeAssigned) and data.digest is None:
            data = msgspec.structs.replace(data, digest=self.newest[data.programme], digest_from="newest")
        return Event(said.event_id, data.schema_version, said.occurred_at, self.now, "k_machine", data)

    def appends(self, lifter: LifterRef, data: EventData, at: Instant) -> None:
        """One event, with everything that its receipt says."""
        model, said = self.model[lifter], self.submission(data, at)
        if model.erased:
            with pytest.raises(Erased):
                append_event(self.services, lifter, said, actor="k_machine")
            return
        self.now += 1  # what is recorded at one instant counts as one append
        event = self.logged(said)
        late, before = model.is_late(event), self.by_slot(lifter)
        receipt = append_event(
            self.services, lifter, said, actor="k_machine", expected_version=len(model.log) if self.count % 2 else None
        )
        model.append(said, event, self.newest["default"])
        self.feeds[lifter].append(self.now, self.newest["default"])
        changes = self.differences(before, self.by_slot(lifter)) if late else ()
        warned = self.warned[lifter, said.event_id] = receipt.warnings
        assert receipt == Receipt(said.event_id, len(model.log), "appended", "fsync", late, changes, warned)

    def by_slot(self, lifter: LifterRef) -> dict[str, Prescription]:
        model = self.model[lifter]
        return model.prescriptions(self.now, self.newest["default"]) if model.log else {}

    @staticmethod
    def differences(before: dict[str, Prescription], after: dict[str, Prescription]) -> tuple[Change, ...]:
        found = []
        for slot in sorted({*before, *after}):
            one, other = before.get(slot), after.get(slot)
            noticed = [each and (each.status, each.sets, each.outcome) for each in (one, other)]
            if noticed[0] != noticed[1]:
                (exercise, *_) = [each.exercise for each in (other, one) if each is not None]
                found.append(Change(slot, exercise, one, other))
        return tuple(found)

    @rule(lifter=WHO, data=SETS | OTHERS, gap=GAPS)
    def append_in_order(self, lifter: LifterRef, data: EventData, gap: Instant) -> None:
        self.now += gap
        self.appends(lifter, data, self.now)

    @rule(lifter=WHO, data=SETS | OTHERS, back=st.sampled_from([1, HOUR, 2 * DAY, 20 * DAY]))
    def append_late(self, lifter: LifterRef, data: EventData, back: Instant) -> None:
        self.appends(lifter, data, self.now - back)

    @rule(lifter=WHO, does=st.lists(SETS, min_size=2, max_size=6), gap=GAPS, again=st.booleans())
    def append_a_session(self, lifter: LifterRef, does: Sequence[SetLogged], gap: Instant, *, again: bool) -> None:
        """In one batch, of which the first event may come twice."""
        model = self.model[lifter]
        self.now += gap + len(does) * MINUTE + 1
        said = [self.submission(each, self.now - (len(does) - place) * MINUTE) for place, each in enumerate(does, 1)]
        said += said[:1] if again else []
        if model.erased:
            with pytest.raises(Erased):
                append_events(self.services, lifter, said, actor="k_machine")
            return
        expected, late = [], False
        for each in said:
            if model.said and each in model.said:
                expected.append((model.version_of(each.event_id), "already_appended"))
                continue
            late |= model.is_late(self.logged(each))
            model.append(each, self.logged(each), self.newest["default"])
            expected.append((len(model.log), "appended"))
        receipts = append_events(self.services, lifter, said, actor="k_machine")
        self.feeds[lifter].append(self.now, self.newest["default"])
        for each, receipt in zip(said, receipts, strict=True):
            assert isinstance(receipt, Receipt)
            assert self.warned.setdefault((lifter, each.event_id), receipt.warnings) == receipt.warnings
        assert receipts == [
            Receipt(each.event_id, version, outcome, "fsync", late and outcome == "appended", warnings=warned)  # type: ignore[arg-type]
            for each, (version, outcome) in zip(said, expected, strict=True)
            for warned in [self.warned[lifter, each.event_id]]
        ]

    @rule(lifter=WHO, place=PLACE)
    def void(self, lifter: LifterRef, place: int) -> None:
        """Any event, also a void, a correction, or what is voided already."""
        if log := self.model[lifter].log:
            self.appends(lifter, SetVoided(log[-1 - place % len(log)].event_id), self.now)

    @rule(lifter=WHO, void=SESSION_VOIDS)
    def void_a_session(self, lifter: LifterRef, void: SessionVoided) -> None:
        """With whatever is of it by then; one that nobody has named is refused."""
        named = {getattr(event.data, "session_id", None) for event in self.model[lifter].log}
        if void.session_id in named:
            self.appends(lifter, void, self.now)
        elif not self.model[lifter].erased:
            with pytest.raises(InvalidInput):
                append_event(self.services, lifter, Submission("no", self.now, void), actor="k_machine")

    @rule(lifter=WHO, place=st.integers(0, 2), change=CHANGES.filter(_is_allowed))
    def correct(self, lifter: LifterRef, place: int, change: Correction) -> None:
        corrected = CORRECTED[type(change)]
        if (change.occurred_at or 0) > self.now:  # which is refused, as any event that far ahead
            change = msgspec.structs.replace(change, occurred_at=None)
        if done := [event for event in self.model[lifter].log if isinstance(event.data, corrected)]:
            target = done[-1 - place % len(done)].event_id
            self.appends(lifter, msgspec.structs.replace(change, corrects=target), self.now)

    @rule(lifter=WHO, place=PLACE, moved=st.sampled_from([0, 1]))
    def send_again(self, lifter: LifterRef, place: int, moved: int) -> None:
        """The same, which is acknowledged as it was; or other content under the same id, which is refused."""
        model = self.model[lifter]
        if not model.said:
            return
        said = model.said[-1 - place % len(model.said)]
        said = said._replace(occurred_at=said.occurred_at - moved)
        if model.erased or moved:
            with pytest.raises(Erased if model.erased else IdempotencyConflict):
                append_event(self.services, lifter, said, actor="k_machine")
            return
        receipt = append_event(self.services, lifter, said, actor="k_another", expected_version=0)
        warned = self.warned[lifter, said.event_id]
        version = model.version_of(said.event_id)
        assert receipt == Receipt(said.event_id, version, "already_appended", "fsync", warnings=warned)

    @rule(lifter=WHO, data=SETS)
    def send_what_is_refused(self, lifter: LifterRef, data: EventData) -> None:
        model = self.model[lifter]
        refused: list[tuple[EventData, Instant, int | None, type[Exception]]] = [
            (SetVoided("nothing"), self.now, None, InvalidInput),
            (data, self.now + HOUR, None, InvalidInput),
            (data, self.now, len(model.log) + 1, WrongExpectedVersion),
        ]
        for what, at, expected, error in refused:
            with pytest.raises(Erased if model.erased else error):
                append_event(
                    self.services, lifter, Submission("no", at, what), actor="k_machine", expected_version=expected
                )

    @rule(rule_set=st.sampled_from([DEFAULT, UPPER_BACK, *EDITED]))
    def publish(self, rule_set: Any) -> None:
        self.publishes([rule_set])

    def publishes(self, rule_sets: Sequence[Any]) -> None:
        for rule_set in rule_sets:
            self.newest[rule_set.programme.id] = rule_set.digest
            self.services.archive.publish({rule_set.programme.id: rule_set.digest}, at=0)
        self.services.rule_sets._until = 0.0  # otherwise it believes for some seconds what it read before

    # What happens to projections and servers

    @rule(lifter=WHO)
    def drain_a_group(self, lifter: LifterRef) -> None:
        drain(self.services, key_names.group(lifter))

    @rule()
    def drain_all(self) -> None:
        for group in range(key_names.GROUPS):
            drain(self.services, group, turn_s=60)
        sweep(self.services)  # carries on what a worker left behind that committed and did no more
        assert replay_lag(self.services).lifters == 0
        for lifter, model in self.model.items():
            fields = self.services.projections.load(lifter)
            if model.erased or not model.log:
                assert fields == {}
            else:
                state = model.state()
                beside = {b"checkpoint": checkpoint_of(state), b"version": b"%d" % len(model.log)}
                assert fields == state.fields() | beside
        self.the_feed_tells_every_change_once()

    def the_feed_tells_every_change_once(self) -> None:
        told = [msgspec.json.decode(change) for _, change in self.services.feeds.read("gym", 0, 100_000)]
        for lifter, feed in self.feeds.items():
            feed.let_time_pass(self.now, self.newest["default"])
            theirs = [change for change in told if change["lifter"] == lifter.lifter]
            assert [seen(change) for change in theirs] == ([] if self.model[lifter].erased else feed.changes)

    @rule(days=st.sampled_from([1, 3, 30]))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY

    @rule(lifter=WHO)
    def rebuild(self, lifter: LifterRef) -> None:
        rebuild(self.services, lifter)

    @rule(lifter=WHO)
    def delete_the_projection(self, lifter: LifterRef) -> None:
        self.services.projections.delete(lifter)

    @rule(lifter=WHO)
    def a_slow_worker_reads(self, lifter: LifterRef) -> None:
        (loaded,) = self.services.projections.load_to_tell([lifter])
        if loaded.tail.events or loaded.fields:
            self.slow.append(advance(self.services, loaded).commit)

    @rule()
    def a_slow_worker_commits(self) -> None:
        self.services.projections.commit(self.slow)
        self.slow = []

    @rule()
    def crash(self) -> None:
        self.database.kill_and_start()

    @rule(lifter=st.sampled_from(LIFTERS))
    def erase(self, lifter: LifterRef) -> None:
        model = self.model[lifter]
        if len(model.log) < 8:
            return
        tombstone, _ = erase(self.services, lifter, by="k_machine")
        assert (tombstone.events, tombstone.log_head) == (len(model.log), model.chain(len(model.log)).hex())
        model.erased = True

    # Asking

    @rule(lifter=WHO, back=st.sampled_from([0, 0, HOUR, 3 * DAY]), place=PLACE)
    def ask(self, lifter: LifterRef, back: Instant, place: int) -> None:
        model = self.model[lifter]
        if model.erased or not model.log:
            return
        default = self.newest["default"]
        if back:
            as_of = self.now - back
            state = state_at(self.services, lifter, as_of=as_of)
            assert fields_of(state) == fields_of(model.state(as_of=as_of))
            return
        at = max([self.now, *(event.occurred_at for _, event in model.history(len(model.log)))])
        given = prescriptions_by_slot(self.services, lifter, state_at(self.services, lifter), self.now)
        assert given == model.prescriptions(self.now, default)
        some = sorted(given)[place % len(given) :][:2] if given else []
        ids = [given[slot].prescription_id for slot in some]
        proofs = {each: derivation(self.services, lifter, each)["sha256"] for each in ids}
        self.answers.append(Answer(lifter, len(model.log), at, default, given, proofs))

    @rule(place=PLACE)
    def ask_about_then(self, place: int) -> None:
        if self.answers:
            self.hold_to(self.answers[-1 - place % len(self.answers)])

    def hold_to(self, answer: Answer) -> None:
        """What was once answered about a version is answered for ever."""
        lifter, version, at, default, given, proofs = answer
        model = self.model[lifter]
        if model.erased:
            with pytest.raises(Erased):
                state_at(self.services, lifter, at_version=version)
            for each in proofs:
                with pytest.raises(Erased):
                    derivation(self.services, lifter, each)
            return
        if model.pinned(version) or default == self.newest["default"]:
            state = state_at(self.services, lifter, at_version=version, as_of=at)
            assert prescriptions_by_slot(self.services, lifter, state, at) == given
        assert {each: derivation(self.services, lifter, each)["sha256"] for each in proofs} == proofs

    @invariant()
    def every_state_is_its_log_folded_from_nothing(self) -> None:
        for lifter, model in self.model.items():
            if model.erased:
                with pytest.raises(Erased):
                    state_at(self.services, lifter)
            elif model.log:
                assert fields_of(state_at(self.services, lifter)) == fields_of(model.state())

    @invariant()
    def every_log_is_what_was_acknowledged(self) -> None:
        for lifter, model in self.model.items():
            if model.log and not model.erased:
                entries, _ = read_log(self.services, lifter, after=0, limit=1000)
                assert [(entry.version, entry.event) for entry in entries] == list(enumerate(model.log, 1))

    @invariant()
    def whoever_is_behind_is_marked(self) -> None:
        marked = {lifter for each in self.services.projections.dirty(PARTITIONS, 9, now=0) for lifter in each.oldest}
        for lifter, model in self.model.items():
            version = self.services.projections.load(lifter).get(b"version", b"0")
            assert model.erased or int(version) == len(model.log) or lifter in marked

    def teardown(self) -> None:
        self.crash()
        for answer in self.answers:
            self.hold_to(answer)
        self.drain_all()


def fields_of(state: LifterState) -> dict[bytes, bytes]:
    """What a projection would hold of a state, byte for byte."""
    return {name: value for name, value in state.fields().items() if is_state_field(name)}


@pytest.mark.parametrize("histories", [8, pytest.param(60, marks=pytest.mark.long)])
def test_spotter_does_what_the_model_does(monkeypatch: pytest.MonkeyPatch, histories: int) -> None:
    monkeypatch.setattr(draining, "LINGER_S", 0)  # nobody else writes whom a drain could wait for
    monkeypatch.setattr(snapshots, "STEP", 4)  # so that histories this short climb, too
    long = settings.get_current_profile_name() == "long"
    depth = settings(
        derandomize=not long,
        max_examples=400 if long else histories,
        stateful_step_count=150 if long else 60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with tempfile.TemporaryDirectory(prefix="spotter-") as folder, Database(Path(folder) / "log") as database:
        url = database.embedded.url
        services = bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": url, "SPOTTER_QUEUE_URL": url}))
        run_state_machine_as_test(lambda: Machine(database, services), settings=depth)  # type: ignore[arg-type]
