"""Replay: one history, one state, however it is cut, in whatever order it arrived, whenever anybody asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.effective_history import effective_history
from service.domain.events import (
    Event,
    ProgrammeAssigned,
    SessionCompleted,
    SessionVoided,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.instants import HOUR, Instant
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.replay.projection import NeedsWholeLog, Run, carry_on, replay_in_order, replay_whole
from service.engine.replay.state import LifterState
from service.engine.replay.track import Track
from service.usecases.lifter.explain import derive
from tests.support.histories import event, logs, run_of, sets
from tests.support.training import DAY, DEFAULT, PLANS, asked

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=250,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
FEW = settings(LAW, max_examples=100)
CUTS = st.lists(st.integers(1, 8), min_size=24, max_size=24)


def carried(events: Sequence[Event], cuts: Sequence[int]) -> LifterState:
    """The state after reading a log in pieces, its fields written and read again between any two."""
    fields: dict[bytes, bytes] = {}
    read = 0
    for cut in cuts:
        read = min(read + cut, len(events))
        fields = after_reading(fields, events, read).fields()
    return LifterState(1, fields)


def after_reading(fields: dict[bytes, bytes], events: Sequence[Event], until: int) -> LifterState:
    """What a drain commits that finds the log at ``until``, over the fields of the drain before it."""
    version = LifterState(1, fields).shared.version
    try:
        return carry_on(fields, run_of(events, version + 1, until), PLANS)
    except NeedsWholeLog:
        return replay_whole(run_of(events, last=until), PLANS)


def pinned(events: Sequence[Event], last: int | None = None) -> Run:
    """A log whose first event has pinned the default rules, whatever it is."""
    return run_of(events, last=last)._replace(default=DEFAULT.digest, pinned_at=1)


def answers(state: LifterState, as_of: Instant) -> list[Prescription]:
    """The prescription of every slot."""
    prescriber = asked(state, as_of)
    return [prescriber.prescription("lifter", due)[0] for due in prescriber.every_slot()]


def substance(prescriptions: Sequence[Prescription]) -> list[tuple[Any, ...]]:
    """What a lifter would notice, and when it holds."""
    return [
        (each.slot, each.status, each.sets, each.outcome, each.because, each.valid_from, each.valid_until)
        for each in prescriptions
    ]


def settled(state: LifterState, events: Sequence[Event]) -> dict[str, Any]:
    """A state without what tells logs of the same history apart: versions are told by the ids of their events."""
    ids = {version: each.event_id for version, each in enumerate(events, 1)}
    once = {slot: (ids[said.version], *plain(said)[1:]) for slot, said in sorted(state.shared.once.items())}
    shared = msgspec.structs.replace(state.shared, version=0, head=b"", once={})
    tracks = {}
    for name in state.tracks.names():
        track = state.tracks.get(name)
        assert track is not None
        tracks[name] = settled_track(track, ids)
    exercises = {name: plain(state.exercises.get(name)) for name in state.exercises.names()}
    return {"shared": plain(shared), "once": once, "tracks": tracks, "exercises": exercises}


def settled_track(track: Track, ids: Mapping[int, str]) -> list[Any]:
    """A track, likewise."""
    reasons = [(ids[reason.version], *plain(reason)[1:]) for reason in track.reasons]
    read = {
        slot: ([(ids[each.version], *plain(each)[1:]) for each in sets.sets], *plain(sets)[1:])
        for slot, sets in track.read.items()
    }
    opening = None if track.opening is None else settled_track(track.opening, ids)
    return [plain(msgspec.structs.replace(track, reasons=[], read={}, opening=None)), reasons, read, opening]


def plain(value: Any) -> Any:
    """Structs as lists, whose bytes tell 225 from 225.0 as a projection's do."""
    return msgspec.to_builtins(value, builtin_types=(bytes,))


def end_of(events: Sequence[Event]) -> Instant:
    """A time after everything."""
    return max((each.occurred_at for each in events), default=0) + 40 * DAY


@LAW
@given(logs(ties=True), CUTS)
def test_the_whole_is_the_same_as_any_pieces(events: list[Event], cuts: list[int]) -> None:
    assert carried(events, [*cuts, len(events)]).fields() == replay_whole(run_of(events), PLANS).fields()


@LAW
@given(logs(in_order=True, acting=False, ties=True), CUTS)
def test_pieces_in_order_are_carried_on_without_looking_back(events: list[Event], cuts: list[int]) -> None:
    assert carried(events, [*cuts, len(events)]).fields() == replay_whole(run_of(events), PLANS).fields()


@LAW
@given(logs(in_order=True, acting=False, ties=True), CUTS)
def test_replay_in_order_is_the_same_as_the_whole(events: list[Event], cuts: list[int]) -> None:
    ends = [0, *(sum(cuts[: count + 1]) for count in range(len(cuts)))]
    runs = [run_of(events, first + 1, last) for first, last in pairwise(ends) if first < len(events)]
    try:
        state = replay_in_order(runs, PLANS)
    except NeedsWholeLog:
        return
    assert state.fields() == replay_whole(run_of(events), PLANS).fields()


@LAW
@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_the_state(events: list[Event], chance: Any) -> None:
    arrived = rearranged(events, chance)
    as_planned, as_arrived = replay_whole(pinned(events), PLANS), replay_whole(pinned(arrived), PLANS)
    assert settled(as_arrived, arrived) == settled(as_planned, events)
    assert substance(answers(as_arrived, end_of(events))) == substance(answers(as_planned, end_of(events)))


def rearranged(events: Sequence[Event], chance: Any) -> list[Event]:
    """The events in another order: whatever acts on another still after it, and of a session what its void is of."""
    places = {each.event_id: place for place, each in enumerate(events)}
    waiting = list(events)
    chance.shuffle(waiting)
    arrived: list[Event] = []
    here: set[str] = set()
    while waiting:
        for each in waiting:
            target = getattr(each.data, "voids", None) or getattr(each.data, "corrects", None)
            before = events[: places[each.event_id]]
            if (target is None or target in here) and all(
                other.event_id in here or not parted_by_a_void(each, other) for other in before
            ):
                break
        waiting.remove(each)
        arrived.append(each)
        here.add(each.event_id)
    return arrived


def parted_by_a_void(one: Event, other: Event) -> bool:
    """Whether one of them voids a session, and the other may say that it is of it."""
    voids = [isinstance(each.data, SessionVoided) for each in (one, other)]
    return any(voids) and all(
        void or hasattr(each.data, "session_id") for void, each in zip(voids, (one, other), strict=True)
    )


@LAW
@given(logs(ties=True), st.data())
def test_a_voided_event_was_never_logged(events: list[Event], data: st.DataObject) -> None:
    acted_on = {getattr(each.data, "voids", None) or getattr(each.data, "corrects", None) for each in events}
    free = [each for each in events if each.event_id not in acted_on]
    if not free:
        return
    gone = data.draw(st.sampled_from(free))
    version = len(events) + 1
    voided = [*events, event(version, end_of(events), SetVoided(gone.event_id))]
    without = [each for each in events if each is not gone]
    one, other = replay_whole(pinned(voided), PLANS), replay_whole(pinned(without), PLANS)
    assert settled(one, voided) == settled(other, without)
    assert substance(answers(one, end_of(events))) == substance(answers(other, end_of(events)))


@LAW
@given(logs(ties=True), st.sampled_from(["monday", "friday"]))
def test_a_session_taken_back_was_never_logged(events: list[Event], session_id: str) -> None:
    version = len(events) + 1
    gone = {id_ for id_, named in sessions_named(events).items() if named == session_id}
    voided = [*events, event(version, end_of(events), SessionVoided(session_id))]
    singly = [*events, *(event(version + n, end_of(events), SetVoided(id_)) for n, id_ in enumerate(sorted(gone)))]
    one, other = replay_whole(pinned(voided), PLANS), replay_whole(pinned(singly), PLANS)
    assert settled(one, voided) == settled(other, singly)
    assert substance(answers(one, end_of(events))) == substance(answers(other, end_of(events)))


def sessions_named(events: list[Event]) -> dict[str, str | None]:
    """The session that each set and each end of one names in effective history."""
    history = effective_history(enumerate(events, 1))
    return {
        each.event_id: each.data.session_id
        for _, each in history
        if isinstance(each.data, SetLogged | SessionCompleted)
    }


@LAW
@given(logs(ties=True), sets(), sets(), st.integers(0, 24), st.sampled_from([0, 1, HOUR, -5 * HOUR, 3 * DAY]))
def test_a_corrected_set_was_logged_right_at_first(
    events: list[Event], right: SetLogged, wrong: SetLogged, place: int, moved: Instant
) -> None:
    at = events[place % len(events)].occurred_at if events else 0
    fields = {name: value for name in right.__struct_fields__ if (value := getattr(right, name)) is not None}
    cleared = tuple(sorted({"rir", "kind", "session_id", "slot", "side", "body_weight", "note"} - fields.keys()))
    version = len(events) + 1
    amended = [
        *events,
        event(version, at + moved, wrong, "set"),
        event(version + 1, at, SetCorrected("set", occurred_at=at, cleared=cleared, **fields)),
    ]
    straight = [*events, event(version, at, right, "set")]
    one, other = replay_whole(pinned(amended), PLANS), replay_whole(pinned(straight), PLANS)
    assert settled(one, amended) == settled(other, straight)
    assert substance(answers(one, end_of(events))) == substance(answers(other, end_of(events)))


@FEW
@given(logs(), CUTS, st.sampled_from([0, 1, 4 * HOUR, DAY, 15 * DAY]))
def test_an_earlier_version_answers_what_was_answered_then(
    events: list[Event], cuts: list[int], later: Instant
) -> None:
    fields: dict[bytes, bytes] = {}
    read = 0
    for cut in cuts:
        read = min(read + cut, len(events))
        state = after_reading(fields, events, read)
        fields = state.fields()
        now = (state.shared.newest_at or 0) + later
        then = answers(state, now)
        assert answers(replay_whole(run_of(events, last=read), PLANS, as_of=now), now) == then
        if read == len(events):
            break


@LAW
@given(logs(ties=True), st.integers(-30 * 24, 90 * 24))
def test_every_id_leads_back_to_its_prescription(events: list[Event], hours: int) -> None:
    """Asked about any time, before, within or after the log."""
    as_of = (events[0].occurred_at if events else 0) + hours * HOUR
    given_ = answers(replay_whole(run_of(events), PLANS, as_of=as_of), as_of)
    for prescription in given_:
        slot, version, _, _, valid_from = PrescriptionId.decode(prescription.prescription_id)
        prescriber = asked(replay_whole(run_of(events, last=version), PLANS, as_of=valid_from), valid_from)
        again, _ = prescriber.prescription("lifter", prescriber.due_in(slot))
        assert again.prescription_id == prescription.prescription_id
        assert substance([again]) == substance([prescription])


@FEW
@given(logs(ties=True), st.sampled_from([0, 5 * HOUR, 20 * DAY]))
def test_every_prescription_has_its_proof(events: list[Event], later: Instant) -> None:
    """Tracing walks the rules' own expressions; the fold runs generated code. They must never differ."""
    state = replay_whole(run_of(events), PLANS)
    for prescription in answers(state, end_of(events) + later)[:4]:
        asked_for = PrescriptionId.decode(prescription.prescription_id)
        proof = derive(run_of(events, last=asked_for.version), PLANS, "lifter", asked_for)["prescription"]
        assert proof["prescription_id"] == prescription.prescription_id
        assert (proof["outcome"], tuple(proof["because"])) == (prescription.outcome, prescription.because)
        assert len(proof["sets"]) == len(prescription.sets)


@FEW
@given(logs(in_order=True, acting=False), st.integers(0, 24), CUTS)
def test_poison_parks_at_the_version_before_and_changes_nothing_else(
    events: list[Event], place: int, cuts: list[int]
) -> None:
    place = min(place, len(events))
    at = events[place - 1].occurred_at if place else 0
    poisoned = [*events[:place], event(0, at, ProgrammeAssigned("ghost", "0" * 64), "poison"), *events[place:]]
    state = carried(poisoned, [*cuts, len(poisoned)])
    parked = state.shared.parked
    assert parked is not None
    assert (parked.version, parked.event_id) == (place + 1, "poison")
    before = replay_whole(run_of(poisoned, last=place), PLANS)
    before.shared.parked = parked
    assert state.fields() == before.fields()

    healed = [*poisoned, event(len(poisoned) + 1, end_of(events), SetVoided("poison"))]
    one = replay_whole(pinned(healed), PLANS)
    assert settled(one, healed) == settled(replay_whole(pinned(events), PLANS), events)
    assert after_reading(state.fields(), healed, len(healed)).fields() == replay_whole(run_of(healed), PLANS).fields()
