"""What a newer Spotter made is left to it: while one machine after the other is upgraded, and after going back."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
import redis

from service.bootstrap import Services
from service.domain.errors import NeedsNewerSpotter
from service.domain.events import Event, EventData, ProgrammeAssigned, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.projection_fields import CHECKPOINT
from service.domain.same_event import content_sha256
from service.engine.changes.change import TOLD
from service.engine.files.library import digest_of
from service.engine.replay.state import SHARED
from service.engine.version import ENGINE_VERSION, NEWEST_EDITION
from service.store import key_names
from service.store.log import NewEvent
from service.store.projections import Commit
from service.usecases.lifter.prescribe import lifter_state, next_session
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.projection.drain import drain, forget_outdated, rebuild, replay_lag

START = 1_700_000_000_000_000
DAY = 86_400_000_000
AS_OF = START + 100 * DAY
SETS = 70
"""Enough for a rung of the ladder."""


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal(100), "kg"), reps=reps)


def append(services: Services, lifter: LifterRef, *data: EventData) -> None:
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + place}", START + (head + place) * DAY, each) for place, each in enumerate(data)]
    for result in append_events(services, lifter, batch, actor="k_test"):
        assert isinstance(result, Receipt), result


def stored(services: Services, lifter: LifterRef) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    return services.projections.load(lifter), services.projections.told(lifter)


@pytest.fixture
def newer(services: Services, lifter: LifterRef, valkey: redis.Redis) -> LifterRef:
    """A lifter whom a newer Spotter has brought up to date; it writes everything otherwise."""
    append(services, lifter, *[a_set()] * SETS)
    drain(services, key_names.group(lifter), turn_s=60.0)
    fields, told = stored(services, lifter)
    version, newest_at, _, default = msgspec.json.decode(fields[CHECKPOINT])
    checkpoint = msgspec.json.encode((version, newest_at, ENGINE_VERSION + 1, default, "more"))
    shared = msgspec.json.encode((ENGINE_VERSION + 1, {"version": "of another shape"}))
    valkey.hset(key_names.state(lifter), mapping={CHECKPOINT: checkpoint, SHARED: shared})
    version, as_of, _ = msgspec.json.decode(told[TOLD])
    valkey.hset(key_names.told(lifter), TOLD, msgspec.json.encode((version, as_of, ENGINE_VERSION + 1, "more")))
    rungs = valkey.hkeys(key_names.ladder(lifter))
    assert rungs
    valkey.hset(key_names.ladder(lifter), mapping=dict.fromkeys(rungs, b"of another shape"))
    return lifter


def test_it_is_answered_from_the_log_alone(services: Services, newer: LifterRef) -> None:
    """And the same as where no newer one ever was."""
    alone = LifterRef(newer.gym, "alone")
    append(services, alone, *[a_set()] * SETS)
    assert lifter_state(services, newer, as_of=AS_OF) == lifter_state(services, alone, as_of=AS_OF)
    asked = [next_session(services, each, as_of=AS_OF, at_version=SETS) for each in (newer, alone)]
    assert [[each.sets for each in session] for session in asked] == [[each.sets for each in asked[1]]] * 2
    late = Submission("late", START, a_set(9))
    of_newer, of_alone = (append_event(services, each, late, actor="k_test") for each in (newer, alone))
    assert of_newer.changes == of_alone.changes


def test_it_is_not_committed_over(services: Services, newer: LifterRef) -> None:
    other = LifterRef(newer.gym, "other")
    append(services, newer, a_set(), a_set())
    append(services, other, a_set())
    before = stored(services, newer)
    for group in {key_names.group(newer), key_names.group(other)}:
        drain(services, group, turn_s=60.0)
    assert stored(services, newer) == before
    assert services.projections.load(other), "everybody else goes on"
    assert replay_lag(services).lifters == 1, "left for a newer Spotter's workers"
    assert forget_outdated(services) == 0


@pytest.mark.parametrize("by", ["checkpoint", "told"])
def test_the_commit_itself_refuses(services: Services, lifter: LifterRef, valkey: redis.Redis, by: str) -> None:
    """Whatever a worker had seen before."""
    append(services, lifter, a_set())

    def checkpoint(engine: int) -> bytes:
        return msgspec.json.encode((1, START, engine, None))

    def commit(expected: bytes, engine: int) -> bool:
        made = Commit(lifter, expected, checkpoint(engine), 1, 1, {b"x": b"%d" % engine}, (), parked=False)
        return services.projections.commit([made])[0]

    assert commit(b"", 7)
    if by == "told":
        valkey.hset(key_names.told(lifter), TOLD, msgspec.json.encode((1, START, 8)))
        expected = checkpoint(7)
    else:
        assert commit(checkpoint(7), 8)
        expected = checkpoint(8)
    before = services.projections.load(lifter)
    assert not commit(expected, 7)
    assert services.projections.load(lifter) == before
    assert commit(expected, 8)
    assert commit(checkpoint(8), 9)


def test_going_back_takes_a_replay(services: Services, newer: LifterRef, valkey: redis.Redis) -> None:
    """`spotter replay`, which forgets what the newer one made and told up to."""
    rebuild(services, newer)
    fields, told = stored(services, newer)
    assert msgspec.json.decode(fields[CHECKPOINT])[2] == ENGINE_VERSION
    assert msgspec.json.decode(told[TOLD])[2] == ENGINE_VERSION
    append(services, newer, a_set())
    drain(services, key_names.group(newer), turn_s=60.0)
    assert replay_lag(services).lifters == 0
    assert valkey.hget(key_names.state(newer), "version") == b"%d" % (SETS + 1)


class TestRulesOfANewerSpotter:
    @pytest.fixture
    def follows(self, services: Services, lifter: LifterRef) -> LifterRef:
        """A lifter whom a newer Spotter has assigned a programme of an edition that this one has not."""
        digest = services.archive.newest("upper-back")
        assert digest is not None
        files = dict(services.archive.get(digest) or {})
        (path,) = (path for path in files if path.startswith("programmes/"))
        files[path] = b"edition: %d\n" % (NEWEST_EDITION + 1) + files[path].replace(b"edition: ", b"# edition: ")
        newer = digest_of(files)
        services.archive.put({newer: files})
        append(services, lifter, a_set())
        data = ProgrammeAssigned("upper-back", digest=newer)
        event = Event("assigned", 1, START + DAY, START + DAY, "k_test", data)
        new = NewEvent(event, content_sha256("assigned", START + DAY, data))
        services.log.append(lifter, [new], expected_version=None, default_digest=services.default_digest())
        return lifter

    def test_are_503_and_hold_up_nobody_else(self, services: Services, follows: LifterRef) -> None:
        other = LifterRef(follows.gym, "other")
        append(services, other, a_set())
        with pytest.raises(NeedsNewerSpotter):
            next_session(services, follows)
        for group in {key_names.group(follows), key_names.group(other)}:
            drain(services, group, turn_s=60.0)
        assert services.projections.load(other)
        assert services.projections.load(follows) == {}
        assert services.projections.parked() == 0

    def test_take_events_all_the_same(self, services: Services, follows: LifterRef) -> None:
        append(services, follows, SetLogged("barbell-row", Load(Decimal(60), "kg"), reps=8, slot="a/pull"))
        assert services.log.head(follows) == 3
