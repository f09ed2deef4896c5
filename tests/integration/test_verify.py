"""What somebody changed behind Spotter's back is found and named; what nobody touched is clean."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import redis
from click.testing import CliRunner, Result

from service.bootstrap import Services, bootstrap
from service.cli import main
from service.domain.anchors import Anchor
from service.domain.event_encoding import decode, encode
from service.domain.events import (
    BaselineSet,
    Event,
    EventData,
    ProfileChanged,
    ProgrammeAssigned,
    SetCorrected,
    SetLogged,
    SetVoided,
)
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.same_event import content_sha256
from service.domain.sealing import seal
from service.engine.changes.change import Known
from service.engine.replay.snapshots import rung_of, rungs_of
from service.engine.replay.state import LifterState
from service.engine.verify.checks import Replay, check_ladder, check_log, check_projection
from service.engine.verify.stored import Finding
from service.store import key_names
from service.usecases.lifter.erase import erase
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.prescribe import lifter_state, next_for
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.verify import Verified, verify
from service.usecases.log.verify_store import check_store
from service.usecases.projection.drain import drain

START = 1_400_000_000_000_000
HOUR = 3_600_000_000

Entries: TypeAlias = list[tuple[bytes, dict[bytes, bytes]]]


def a_set(reps: int = 5, load: int = 100) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal(load), "kg"), reps=reps)


def append(services: Services, lifter: LifterRef, *data: EventData) -> None:
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + n}", START + (head + n) * 10 * HOUR, each) for n, each in enumerate(data, 1)]
    for result in append_events(services, lifter, batch, actor="k_test"):
        assert isinstance(result, Receipt), result


def drain_all(services: Services) -> None:
    for group in range(key_names.GROUPS):
        drain(services, group, turn_s=60)


@pytest.fixture
def ann(services: Services, lifter: LifterRef) -> LifterRef:
    """A lifter of ten events of most kinds, projected."""
    append(
        services,
        lifter,
        ProgrammeAssigned("upper-back", params={"a/hinge": {"sets": 2, "reps": [5, 8]}}),
        BaselineSet("deadlift", load=Load(Decimal(100), "kg")),
        a_set(6),
        a_set(7),
        ProfileChanged(time_zone="Europe/Vienna"),
        a_set(8),
        SetCorrected("e4", reps=5, note="counted ☃ twice", cleared=("rir",)),
        SetVoided("e3"),
        a_set(4),
        a_set(5),
    )
    drain_all(services)
    return lifter


def verified(services: Services, lifter: LifterRef, *anchors: Anchor) -> Verified:
    (result,) = verify(services, [lifter], {lifter: anchors}, processes=1, start=bootstrap)
    return result


def findings(services: Services, lifter: LifterRef, *anchors: Anchor) -> list[Finding]:
    return verified(services, lifter, *anchors).findings


def rewrite(server: redis.Redis, lifter: LifterRef, change: Callable[[Entries], Any]) -> None:
    """Write a log anew as somebody would who has the server to themselves."""
    entries: Entries = list(server.xrange(key_names.log(lifter)))  # type: ignore[arg-type]
    change(entries)
    pipeline = server.pipeline(transaction=True)  # one write to the disk, not one an entry
    pipeline.delete(key_names.log(lifter))
    for entry_id, fields in entries:
        pipeline.xadd(key_names.log(lifter), fields, id=entry_id)  # type: ignore[arg-type]
    pipeline.execute()


def forge(services: Services, server: redis.Redis, lifter: LifterRef, version: int, data: EventData) -> None:
    """Change what an event says, with hash, seal and projection to suit."""

    def change(entries: Entries) -> None:
        fields = entries[version - 1][1]
        old = decode(fields[b"event"])
        event = Event(old.event_id, old.schema_version, old.occurred_at, old.recorded_at, old.actor, data)
        sha256 = content_sha256(event.event_id, event.occurred_at, data)
        fields |= {b"event": encode(event), b"sha256": sha256, b"seal": seal(encode(event), sha256)}

    rewrite(server, lifter, change)
    services.projections.delete(lifter)
    drain_all(services)


def head_of(services: Services, lifter: LifterRef, version: int) -> Anchor:
    """What a client keeps that asks for the state."""
    state = lifter_state(services, lifter, at_version=version)
    return Anchor(lifter.lifter, version, state["log_head"], lifter.gym)


def proof_of(services: Services, lifter: LifterRef) -> Anchor:
    """What a client keeps of a derivation."""
    proof = derivation(services, lifter, next_for(services, lifter, "deadlift").prescription_id)
    prescription_id = proof["prescription"]["prescription_id"]
    return Anchor(lifter.lifter, proof["version"], proof["log_head"], lifter.gym, prescription_id, proof["sha256"])


def test_what_nobody_touched_is_clean(services: Services, ann: LifterRef) -> None:
    anchors = [*(head_of(services, ann, version) for version in range(1, 11)), proof_of(services, ann)]
    result = verified(services, ann, *anchors)
    assert result.findings == []
    assert (result.events, result.log_head.hex()) == (10, anchors[-1].log_head)
    assert check_store(services) == []


def test_what_is_not_yet_projected_is_clean(services: Services, ann: LifterRef) -> None:
    append(services, ann, a_set())
    assert findings(services, ann) == []


@pytest.mark.parametrize("version", [1, 4, 7, 8, 10])
def test_any_byte_of_an_entry_is_guarded(services: Services, valkey: redis.Redis, ann: LifterRef, version: int) -> None:
    original: Entries = list(valkey.xrange(key_names.log(ann)))  # type: ignore[arg-type]
    fields = original[version - 1][1]
    for field in (b"event", b"sha256", b"seal"):
        for place in range(0, len(fields[field]), 3):
            flipped = bytearray(fields[field])
            flipped[place] ^= 1

            def flip(entries: Entries, field: bytes = field, flipped: bytes = bytes(flipped)) -> None:
                entries[version - 1][1][field] = flipped

            rewrite(valkey, ann, flip)
            found = findings(services, ann)
            assert version in {each.version for each in found if "entry" in each.message}, (field, place)
            rewrite(valkey, ann, lambda entries: entries.__setitem__(slice(None), original))
    assert findings(services, ann) == []


def test_a_deleted_entry_is_named_with_its_event(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.xdel(key_names.log(ann), "6-0")
    assert Finding(6, "the entry is missing; it held event 'e6'") in findings(services, ann)


@pytest.mark.parametrize("version", [1, 6, 10])
def test_an_entry_left_out_of_a_log_written_anew_is_named(
    services: Services, valkey: redis.Redis, ann: LifterRef, version: int
) -> None:
    rewrite(valkey, ann, lambda entries: entries.pop(version - 1))
    assert Finding(version, f"the entry is missing; it held event 'e{version}'") in findings(services, ann)


def test_a_log_cut_short_with_all_its_marks_is_found_by_its_projection_and_by_anchors(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    anchor = head_of(services, ann, 10)
    rewrite(valkey, ann, lambda entries: entries.pop())
    valkey.hdel(key_names.ids(ann), "e10")
    valkey.hset(key_names.head(ann), "version", 9)
    valkey.hset(key_names.head(ann), "newest", START + 9 * 10 * HOUR)
    assert findings(services, ann) == [
        Finding(10, "the projection knows this version; without a gap the log goes to version 9"),
        Finding(10, "was told; without a gap the log goes to version 9"),
    ]
    services.projections.delete(ann)
    drain_all(services)
    assert findings(services, ann) == []
    assert findings(services, ann, anchor) == [
        Finding(10, "an anchor knows this version; without a gap the log goes to version 9")
    ]


def test_a_log_deleted_whole_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.delete(key_names.log(ann))
    assert Finding(1, "the entries from here to version 10 are missing") in findings(services, ann)


def test_a_lifter_listed_without_any_key_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.delete(*key_names.of_lifter(ann))
    assert [message for _, message in findings(services, ann)] == [
        "the lifter is listed and has no log: all of it was removed"
    ]


def test_another_lifters_whole_log_copied_in_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    bob = LifterRef(ann.gym, "bob")
    append(services, bob, *[a_set(4 + n % 3) for n in range(10)])
    for source, target in zip(key_names.of_lifter(bob), key_names.of_lifter(ann), strict=True):
        valkey.delete(target)
        if (kept := valkey.dump(source)) is not None:
            valkey.restore(target, 0, kept)
    services.projections.delete(ann)
    drain_all(services)
    assert findings(services, bob) == []
    assert [version for version, message in findings(services, ann) if "its seal is broken" in message] == [
        *range(1, 11)
    ]


def test_seals_of_version_1_hold(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    def as_0_1_0_sealed_them(entries: Entries) -> None:
        for _, fields in entries:
            fields[b"seal"] = seal(fields[b"event"], fields[b"sha256"])

    rewrite(valkey, ann, as_0_1_0_sealed_them)
    append(services, ann, a_set(6))
    drain_all(services)
    assert findings(services, ann) == []


def test_a_newest_time_that_was_lowered_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.hset(key_names.head(ann), "newest", START)  # late events would then carry no changes
    (found,) = findings(services, ann)
    assert "the newest time that appends go by" in found.message


def test_what_was_told_altered_or_deleted_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    key = key_names.told(ann)
    told: dict[Any, Any] = valkey.hgetall(key)
    slot = next(field for field in told if field != b"told")
    known = Known.decode(told[slot])
    valkey.hset(key, slot, known._replace(substance=known.substance.replace(b'"reps"', b'"sper"')).encode())
    assert [message for _, message in findings(services, ann)] == [
        f"what was told of the slot {slot.decode()} is not what was prescribed there"
    ]
    valkey.hdel(key, slot)
    assert len(findings(services, ann)) == 1
    valkey.delete(key)
    assert findings(services, ann) == [Finding(0, "what was told of the lifter is missing")]


def put_back(server: redis.Redis, services: Services, lifter: LifterRef, *keys: str) -> None:
    """Put keys back as they stood before one more set."""
    before = {key: kept for key in keys if (kept := server.dump(key)) is not None}
    append(services, lifter, a_set(8, 120))
    drain_all(services)
    for key, kept in before.items():
        server.restore(key, 0, kept, replace=True)


def pin_later(server: redis.Redis, lifter: LifterRef) -> None:
    def move(entries: Entries) -> None:
        entries[4][1][b"default"] = entries[1][1].pop(b"default")

    rewrite(server, lifter, move)


def pin(server: redis.Redis, services: Services, lifter: LifterRef, digest: str | None) -> None:
    """Pin another default rule set, or none, with what appends go by and the projection to suit."""

    def change(entries: Entries) -> None:
        del entries[1][1][b"default"]
        if digest is not None:
            entries[1][1][b"default"] = digest.encode()

    rewrite(server, lifter, change)
    server.hdel(key_names.head(lifter), "default")
    if digest is not None:
        server.hset(key_names.head(lifter), "default", digest)
    services.projections.delete(lifter)
    drain_all(services)


def name_otherwise(server: redis.Redis, lifter: LifterRef) -> None:
    slot, stored = next((slot, each) for slot, each in _told(server, lifter).items() if slot != b"told")
    server.hset(key_names.told(lifter), slot, Known.decode(stored)._replace(exercise="squat").encode())


def _told(server: redis.Redis, lifter: LifterRef) -> dict[Any, Any]:
    told: dict[Any, Any] = server.hgetall(key_names.told(lifter))
    return told


def of_partition(name: Callable[[int], str], lifter: LifterRef) -> str:
    return name(key_names.partition(lifter))


Tampering: TypeAlias = Callable[[redis.Redis, Services, LifterRef], object]

TAMPERED: dict[str, Tampering] = {
    "the projection is missing": lambda server, _, ann: server.delete(*key_names.of_lifter(ann)[3:]),
    "the projection ends here, and the lifter is not marked as behind": lambda server, services, ann: put_back(
        server, services, ann, *key_names.of_lifter(ann)[3:]
    ),
    "told up to here, and the lifter is not marked as behind": lambda server, services, ann: put_back(
        server, services, ann, key_names.told(ann)
    ),
    "what was told of the lifter is missing": lambda server, _, ann: server.hdel(key_names.told(ann), "told"),
    "what was told of the lifter is another engine's": lambda server, _, ann: server.hset(
        key_names.told(ann), "told", f"[10,{START},2]"
    ),
    "is not what was prescribed there": lambda server, _, ann: name_otherwise(server, ann),
    "the lifter is marked as parked and is not": lambda server, _, ann: server.sadd(
        of_partition(key_names.parked, ann), key_names.member(ann)
    ),
    "it will not be looked in time": lambda server, _, ann: server.zrem(
        of_partition(key_names.due, ann), key_names.member(ann)
    ),
    "the lifter was erased, and there is still": lambda server, _, ann: server.hset(
        of_partition(key_names.erased, ann), ann.pseudonym, "{}"
    ),
    "the lifter is in no list of lifters": lambda server, _, ann: server.srem(
        of_partition(key_names.lifters, ann), key_names.member(ann)
    ),
    "the server was told to remove by itself": lambda server, _, ann: server.expire(key_names.log(ann), 10**6),
    "the version that appends leave beside the log": lambda server, _, ann: server.hset(
        key_names.head(ann), "version", 3
    ),
    "at '-3', which is no version": lambda server, _, ann: server.hset(key_names.ids(ann), "never", "-3"),
    "at 'x', which is no version": lambda server, _, ann: server.hset(key_names.ids(ann), "never", "x"),
    "not pinned by the first set or baseline": lambda server, _, ann: pin_later(server, ann),
    "the default rule set is not pinned": lambda server, services, ann: pin(server, services, ann, None),
    "is one of upper-back": lambda server, services, ann: pin(
        server, services, ann, services.rule_sets.newest("upper-back")
    ),
}


@pytest.mark.parametrize("found", TAMPERED)
def test_what_was_done_to_a_lifters_keys_and_marks_is_found(
    services: Services, valkey: redis.Redis, ann: LifterRef, found: str
) -> None:
    TAMPERED[found](valkey, services, ann)
    assert [message for _, message in findings(services, ann) if found in message] != []


def test_what_was_done_to_what_is_of_no_one_lifter_is_found(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    partition = key_names.partition(ann)
    other = (partition + 1) % key_names.PARTITIONS
    valkey.sadd(key_names.lifters(other), key_names.member(ann), "nobody")
    valkey.hset(key_names.erased(partition), "0" * 64, "{}")
    valkey.expire(key_names.lifters(partition), 10**6)
    stray = key_names.log(ann).replace(f"p{partition:02d}", f"p{other:02d}")
    valkey.xadd(stray, {"event": "x"}, id="1-0")
    valkey.hset(key_names.PUBLISHED, "upper-back", services.rule_sets.newest("gzclp") or "")
    valkey.rpush(key_names.publications("gzclp"), f"{START} {'0' * 64}")
    valkey.hset(key_names.LIBRARY, "digest", "0" * 64)
    sentences = check_store(services)
    for expected in (
        f"has {key_names.member(ann)}, who is of another",
        "has b'nobody', which names nobody",
        f"an erased lifter, {'0' * 64} in {key_names.erased(partition)}, cannot be read",
        f"the server was told to remove by itself: {key_names.lifters(partition)}",
        f"the key {stray} lies where nobody looks for it",
        "upper-back: the published rule set is one of the programme gzclp",
        f"gzclp: the rule set {'0' * 64}, which was published, is missing from the archive",
        "the published library was changed",
    ):
        assert [each for each in sentences if expected in each] != [], expected
    valkey.delete(key_names.lifters(other))
    valkey.set(key_names.lifters(other), "x")
    assert [each for each in check_store(services) if "cannot be read: WRONGTYPE" in each] != []
    assert ann in services.raw_reads.lifters()


def test_two_swapped_entries_are_both_named(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    def swap(entries: Entries) -> None:
        third, sixth = entries[2][1], entries[5][1]
        entries[2], entries[5] = (b"3-0", sixth), (b"6-0", third)

    rewrite(valkey, ann, swap)
    found = findings(services, ann)
    assert Finding(3, "event 'e6' is here; the index of ids has it at 6") in found
    assert Finding(6, "event 'e3' is here; the index of ids has it at 3") in found


def test_an_entry_slipped_in_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    event = encode(Event("x", 1, START, START, "k_test", a_set(30)))
    fields: Any = {"event": event, "sha256": bytes(32), "seal": bytes(16)}
    valkey.xadd(key_names.log(ann), fields, id="10-1")
    valkey.xadd(key_names.log(ann), fields, id="11-0")
    found = findings(services, ann)
    assert Finding(10, "the entry 10-1 has no place in the log") in found
    assert Finding(11, "event 'x' is not in the index of ids") in found


def test_an_index_that_tells_otherwise_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.hset(key_names.ids(ann), mapping={"e3": 4, "never": 5})
    valkey.hdel(key_names.ids(ann), "e9")
    assert findings(services, ann) == [
        Finding(3, "event 'e3' is here; the index of ids has it at 4"),
        Finding(5, "the index has event 'never' here, and the log another"),
        Finding(9, "event 'e9' is not in the index of ids"),
    ]


def test_a_default_rule_set_pinned_otherwise_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    other = services.rule_sets.newest("upper-back")
    assert other is not None
    rewrite(valkey, ann, lambda entries: entries[1][1].update({b"default": other.encode()}))
    found = findings(services, ann)
    assert Finding(2, "the default rule set that the log pins is not the one that appends go by") in found
    assert Finding(10, "the projection differs from a replay of the log in: checkpoint, shared") in found


@pytest.mark.parametrize("field", ["shared", "track:deadlift/double-progression", "exercise:deadlift", "checkpoint"])
def test_an_edited_projection_is_named_by_field(
    services: Services, valkey: redis.Redis, ann: LifterRef, field: str
) -> None:
    value = valkey.hget(key_names.state(ann), field)
    assert isinstance(value, bytes)
    edited = value.replace(b"10", b"11", 1)
    assert edited != value
    valkey.hset(key_names.state(ann), field, edited)
    (finding,) = findings(services, ann)
    assert finding.version == 10 if field != "shared" else finding.version in (10, 11)
    assert field in finding.message or "the projection knows this version" in finding.message


def test_a_field_that_no_replay_writes_is_found(services: Services, valkey: redis.Redis, ann: LifterRef) -> None:
    valkey.hset(key_names.state(ann), "track:squat/none", b"[]")
    assert findings(services, ann) == [
        Finding(10, "the projection differs from a replay of the log in: track:squat/none")
    ]


def test_an_edited_or_misplaced_older_checkpoint_is_found(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    append(services, ann, *[a_set(4 + number % 4) for number in range(60)])
    drain_all(services)
    assert findings(services, ann) == []
    stored: Any = valkey.hgetall(key_names.ladder(ann))
    ((slot, rung),) = stored.items()
    (found,) = rungs_of(stored)
    state = LifterState(1, found.fields())
    state.shared.body_weight = Decimal(80)
    valkey.hset(key_names.ladder(ann), slot, rung_of(state))
    assert findings(services, ann) == [Finding(70, "the older checkpoint of this version differs from a replay")]
    state.shared.version = 99
    valkey.hset(key_names.ladder(ann), slot, rung_of(state))
    assert [finding.version for finding in findings(services, ann)] == [99]
    valkey.hset(key_names.ladder(ann), slot, rung[:-9])
    assert [finding.version for finding in findings(services, ann)] == [0]


def test_an_older_checkpoint_committed_after_the_projection_was_read_is_clean(
    services: Services, ann: LifterRef
) -> None:
    before = services.projections.load(ann)
    append(services, ann, *[a_set(4 + number % 4) for number in range(60)])
    drain_all(services)
    stored = replace(services.raw_reads.read(ann), projection=before)
    replay = Replay(check_log(stored).run, services.plans)
    assert check_ladder(stored, replay) == check_projection(stored, replay) == []


def test_a_parked_lifter_is_no_other_than_a_replay_parks(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    """An event of a later version is reported as what this one cannot read; the projection before it is right."""
    valkey.xadd(key_names.log(ann), {"event": b'["x",99]', "sha256": bytes(32), "seal": bytes(16)}, id="11-0")
    valkey.hset(key_names.head(ann), "version", 11)
    append(services, ann, a_set())
    drain_all(services)
    assert services.projections.parked() == 1
    assert findings(services, ann) == [Finding(11, "the entry is not an event that Spotter wrote")]


def test_what_is_forged_with_everything_to_suit_is_found_by_a_head_kept_outside(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    anchors = [head_of(services, ann, version) for version in (5, 6, 10)]
    forge(services, valkey, ann, 6, a_set(12))
    assert findings(services, ann) == []
    found = findings(services, ann, *anchors)
    assert [finding.version for finding in found] == [6, 10]
    assert found[0].message.endswith(f"the anchor has {anchors[1].log_head}")


def test_a_derivation_that_no_longer_reproduces_is_found(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    anchor = proof_of(services, ann)
    assert findings(services, ann, anchor) == []
    forge(services, valkey, ann, 10, a_set(9, 140))
    otherwise = f"prescription {anchor.prescription_id} is derived otherwise now: as "
    assert [finding for finding in findings(services, ann, anchor) if finding.message.startswith(otherwise)] != []
    wrong = Anchor(anchor.lifter, 9, "0" * 64, anchor.gym, anchor.prescription_id, "0" * 64)
    assert f"prescription {anchor.prescription_id} is of version 10" in [
        finding.message for finding in findings(services, ann, wrong)
    ]


def test_a_rule_set_missing_or_changed_is_named_with_the_version_that_pins_it(
    services: Services, valkey: redis.Redis, ann: LifterRef
) -> None:
    digest = services.rule_sets.newest("upper-back")
    assert digest is not None
    archived = valkey.get(key_names.rule_set(digest))
    assert isinstance(archived, bytes)
    valkey.delete(key_names.rule_set(digest))
    missing = f"the rule set that this version pins, {digest}, is missing from the archive"
    assert findings(services, ann) == [Finding(1, missing)]
    assert check_store(services) == ["upper-back: the published rule set is missing from the archive"]
    valkey.set(key_names.rule_set(digest), archived.replace(b"10", b"11", 1))
    (finding,) = findings(services, ann)
    assert finding.version == 1
    assert "was changed in the archive: its files have the digest" in finding.message


def test_an_erased_lifter_is_held_against_the_tombstone(services: Services, ann: LifterRef) -> None:
    anchors = [head_of(services, ann, 5), head_of(services, ann, 10)]
    erase(services, ann, by="k_test")
    assert findings(services, ann, *anchors) == []
    other = Anchor(ann.lifter, 10, "0" * 64)
    assert [finding.version for finding in findings(services, ann, other, Anchor(ann.lifter, 11, "0" * 64))] == [10, 11]


# The command


@pytest.fixture
def spotter(environment: dict[str, str]) -> Callable[..., Result]:
    runner = CliRunner(env={**environment, "COLUMNS": "200"})
    return lambda *arguments: runner.invoke(main, ["verify", *map(str, arguments)], catch_exceptions=False)


def test_several_processes_verify_several_lifters_and_the_exit_status_tells(
    services: Services, valkey: redis.Redis, spotter: Callable[..., Result], tmp_path: Path
) -> None:
    lifters = [LifterRef("default", f"lifter-{number}") for number in range(5)]
    for number, lifter in enumerate(lifters):
        append(services, lifter, *[a_set(reps) for reps in range(3, 5 + number)])
    drain_all(services)
    anchors = tmp_path / "anchors"
    clean = spotter("--processes", 2, "--write-anchors", anchors)
    assert clean.exit_code == 0, clean.output
    assert "Verified 20 events of 5 lifter(s)" in clean.output
    kept = [json.loads(line) for line in anchors.read_text().splitlines()]
    assert {(each["gym"], each["lifter"], each["version"]) for each in kept} == {
        ("default", f"lifter-{number}", number + 2) for number in range(5)
    }
    forge(services, valkey, lifters[2], 3, a_set(20))
    assert spotter("--processes", 1).exit_code == 0
    found = spotter("--processes", 2, "--anchors", anchors)
    assert found.exit_code == 1
    assert "lifter-2 of default version 4: the log's head is" in found.output
    assert "1 finding(s)" in found.output
    assert spotter("--lifter", "lifter-1", "--anchors", anchors).exit_code == 0


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        '{"lifter": "a:b", "version": 1, "log_head": "%s"}' % ("0" * 64),
        '{"lifter": "a", "version": 0, "log_head": "%s"}' % ("0" * 64),
        '{"lifter": "a", "version": 1, "log_head": "x"}',
        '{"lifter": "a", "version": 1, "log_head": "%s", "sha256": null, "prescription_id": "x"}' % ("0" * 64),
    ],
)
def test_a_line_that_is_no_anchor_is_named(spotter: Callable[..., Result], tmp_path: Path, line: str) -> None:
    anchors = tmp_path / "anchors"
    anchors.write_text(f"\n{line}\n")
    result = spotter("--anchors", anchors)
    assert result.exit_code == 2
    assert "line 2 is no anchor" in result.output


def test_an_anchor_of_a_lifter_that_is_gone_is_a_finding(spotter: Callable[..., Result], tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    anchors.write_text(json.dumps({"lifter": "gone", "version": 3, "log_head": "0" * 64}))
    result = spotter("--anchors", anchors)
    assert result.exit_code == 1
    assert "gone of default version 3: an anchor knows this version" in result.output
