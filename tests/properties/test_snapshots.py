"""The ladder: whatever comes late, carrying on from an older checkpoint is the same as replaying the whole."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.events import Event
from service.domain.instants import Instant
from service.engine.replay.projection import NeedsWholeLog, carry_on_late, replay_whole
from service.engine.replay.snapshots import STEP, dropped, rung_of, rungs_of, slot_between
from service.engine.replay.state import LifterState
from tests.support.histories import logs, run_of
from tests.support.training import DAY, MONDAY, PLANS, Lifter, a_set

LAW = settings(
    derandomize=True,
    deadline=None,
    max_examples=400,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def carried(events: list[Event], version: int, as_of: Instant | None = None) -> LifterState | None:
    """The state after a log, carried on from its first ``version`` events; None where that cannot be."""
    (rung,) = rungs_of({b"0": rung_of(replay_whole(run_of(events, last=version), PLANS))})
    try:
        return carry_on_late(rung.fields(), run_of(events, version + 1), PLANS, as_of=as_of)
    except NeedsWholeLog:
        return None


@LAW
@given(logs(ties=True), st.integers(0, 24), st.none() | st.integers(-30 * DAY, 90 * DAY))
def test_with_the_ladder_is_the_same_as_without(events: list[Event], version: int, since: int | None) -> None:
    as_of = None if since is None else MONDAY + since
    state = carried(events, min(version, len(events)), as_of)
    if state is not None:
        whole = replay_whole(run_of(events), PLANS, as_of=as_of)
        assert state.fields() == whole.fields()
        assert state.next_at == whole.next_at


def test_what_reaches_no_further_back_is_carried_on() -> None:
    lifter = Lifter().does("deadlift", "225x5", "225x5").rests(days=2).does("deadlift", "225x5", "225x4")
    lifter.rests(days=2).does("deadlift", "225x6")
    lifter.logs(a_set("squat", "185x5"), at=lifter.now - DAY)
    lifter.voids("e4")
    assert carried(lifter.log, 3) is not None
    assert carried(lifter.log, 4) is None, "the void acts on an event that is in it"
    assert carried(lifter.log, 5) is None, "the squat came before its last event"
    assert carried(lifter.log, 3, as_of=lifter.log[0].occurred_at) is None, "it knows what is left out"


@given(st.integers(1, 40_000), st.integers(1, 20_000), st.sampled_from([1, 7, 1000]))
def test_some_rung_is_not_much_further_back_than_what_comes_late(head: int, back: int, at_once: int) -> None:
    """At most four times as far, and a few steps or commits: whoever comes late pays for what follows."""
    rungs: dict[bytes, int] = {}
    for before in range(0, head, at_once):
        slot = slot_between(before, min(before + at_once, head))
        if slot is not None:
            rungs[slot] = min(before + at_once, head)
    usable = max((version for version in rungs.values() if version < head - back), default=0)
    assert head - usable <= 4 * back + 3 * max(STEP, at_once)
    assert len(rungs) <= 10


def test_the_rungs_after_a_version_are_dropped() -> None:
    lifter = Lifter().does("deadlift", "225x5", "225x5", "225x5")
    rungs = rungs_of({b"%d" % version: rung_of(lifter.state(version=version)) for version in (1, 3, 2)})
    assert [rung.version for rung in rungs] == [3, 2, 1]
    assert dropped(rungs, 1) == {b"3": b"", b"2": b""}
