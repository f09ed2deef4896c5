"""Rolling rules out on real servers: foretold exactly, done once, stopped and taken up again, and nobody hurt."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis
from click.testing import CliRunner, Result

from service.bootstrap import Services
from service.cli import main
from service.domain.errors import InvalidInput, NotFound
from service.domain.events import BaselineSet, EventData, ProgrammeAssigned, SessionCompleted, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.instants import HOUR
from service.domain.loads import Load
from service.domain.prescription import Prescription
from service.engine.changes.rollout_effect import Effect, Left
from service.store import key_names
from service.usecases.lifter.prescribe import lifter_state, next_session, state_at
from service.usecases.log.append import append_event, append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.late_event_changes import prescriptions_by_slot
from service.usecases.rules.publish import publish_rules
from service.usecases.rules.rollout import Rollout, move, rollout_of
from service.usecases.rules.rollout_preview import preview_rollout
from tests.support.running import eventually

DAY = 24 * HOUR


class Versions(NamedTuple):
    """Services that have published a programme twice, and the digests."""

    services: Services
    old: str
    new: str

    @property
    def rollout(self) -> Rollout:
        return rollout_of(self.services, "upper-back")


def publish_edited(services: Services, file: str, *edits: tuple[str, str]) -> None:
    path = services.settings.rules_dir / file
    text = path.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    publish_rules(services)


@pytest.fixture
def own_rules(services: Services, tmp_path: Path) -> Services:
    """Services whose rule files may be edited."""
    rules = tmp_path / "rules"
    shutil.copytree(services.settings.rules_dir, rules)
    return replace(services, settings=replace(services.settings, rules_dir=rules))


@pytest.fixture
def versions(own_rules: Services) -> Versions:
    """The upper-back programme, and a newer one that asks for nine tenths of the load and renames a slot."""
    old = own_rules.archive.newest("upper-back")
    own_rules_programme = own_rules.settings.rules_dir / "programmes/upper-back.yaml"
    own_rules_programme.write_text(own_rules_programme.read_text().replace("slot: row", "slot: heavy-row"))
    publish_edited(
        own_rules, "progression/double-progression.yaml", ("load: load, reps", 'load: "percent_of(90, load)", reps')
    )
    new = own_rules.archive.newest("upper-back")
    assert old is not None
    assert new is not None
    return Versions(own_rules, old, new)


def append(services: Services, lifter: LifterRef, *data: EventData, days_ago: float = 2) -> None:
    head = services.log.head(lifter)
    at = services.clock() - int(days_ago * DAY)
    batch = [Submission(f"e{head + place}", at + place, each) for place, each in enumerate(data)]
    for result in append_events(services, lifter, batch, actor="k_test"):
        assert isinstance(result, Receipt), result


def a_set(exercise: str = "deadlift", load: int = 100) -> SetLogged:
    return SetLogged(exercise, Load(Decimal(load), "kg"), reps=5)


def follower(versions: Versions, name: LifterRef, load: int = 100, **params: dict[str, object]) -> LifterRef:
    """A lifter who has done a session of the older version, of the day's first two slots."""
    by_slot = {slot.replace("__", "/"): values for slot, values in params.items()}
    assigned = ProgrammeAssigned("upper-back", versions.old, by_slot)
    sets = (a_set(load=load), a_set("barbell-row", load // 2), SessionCompleted())
    append(versions.services, name, assigned, *sets)
    return name


@pytest.fixture
def followers(versions: Versions, gym: str) -> list[LifterRef]:
    return [follower(versions, LifterRef(gym, f"lifter-{number}"), 80 + 5 * number) for number in range(9)]


def told(services: Services, lifter: LifterRef) -> dict[str, Prescription]:
    return prescriptions_by_slot(services, lifter, state_at(services, lifter), services.clock())


def followed(services: Services, lifter: LifterRef) -> str | None:
    programme = lifter_state(services, lifter)["programme"]
    return programme and str(programme["digest"])


def foretold(versions: Versions) -> Effect:
    return preview_rollout(versions.services, versions.rollout, lambda _done, _total: None)


def rollout_events(services: Services, lifter: LifterRef) -> int:
    return sum(entry.event.actor == "rollout" for entry in services.log.read(lifter))


@contextmanager
def worker(environment: dict[str, str], *command: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = command or ("-m", "workers.worker")
    with subprocess.Popen([sys.executable, *arguments], env=environment, cwd=Path(__file__).parents[2]) as process:
        try:
            yield process
        finally:
            process.kill()


# What it would change


def test_what_is_foretold_is_what_happens(versions: Versions, followers: list[LifterRef]) -> None:
    services = versions.services
    effect = foretold(versions)
    before = {lifter: told(services, lifter) for lifter in followers}
    assert all(move(services, versions.rollout, lifter) is True for lifter in followers)
    after = {lifter: told(services, lifter) for lifter in followers}
    differing = [
        (lifter, slot)
        for lifter in followers
        for slot in before[lifter].keys() | after[lifter].keys()
        if slot not in before[lifter]
        or slot not in after[lifter]
        or before[lifter][slot].sets != after[lifter][slot].sets
    ]
    assert effect.changed == len(differing) > 0
    assert effect.lifters == effect.lifters_changed == len({lifter for lifter, _ in differing}) == len(followers)
    assert effect.prescriptions == sum(len(before[each].keys() | after[each].keys()) for each in followers)
    assert len(effect.most) == len(followers)
    for each in effect.most:
        lifter = LifterRef(each.gym, each.lifter)
        assert each.before == before[lifter][each.slot].sets
        assert each.after == after[lifter][each.slot].sets
        assert each.change is not None
        assert -1500 < each.change < -500


def test_a_dry_run_changes_nothing(
    versions: Versions, followers: list[LifterRef], environment: dict[str, str], tmp_path: Path
) -> None:
    services = versions.services
    heads = [services.log.head(lifter) for lifter in followers]
    output = spotter(
        environment, "--dry-run", "--json", str(tmp_path / "effect.json"), "--svg", str(tmp_path / "e.svg")
    )
    assert "9 of 9 (100.0%)" in output
    assert [services.log.head(lifter) for lifter in followers] == heads
    assert {followed(services, lifter) for lifter in followers} == {versions.old}
    shown = json.loads((tmp_path / "effect.json").read_text())
    assert shown["followed"] == {versions.old: 9}
    assert shown["to"] == versions.new
    assert sum(each["prescriptions"] for each in shown["histogram"]) == sum(
        count for change, count in shown["loads"].items() if change != "0"
    )
    assert (tmp_path / "e.svg").read_text().startswith("<svg")


def test_it_asks_before_it_moves_anybody(
    versions: Versions, followers: list[LifterRef], environment: dict[str, str]
) -> None:
    asked = invoke(environment, "n\n")
    assert asked.exit_code == 1
    assert f"Move 9 lifter(s) to {versions.new[:12]}? [y/N]" in asked.output
    assert "No worker is running" in asked.output
    assert {followed(versions.services, lifter) for lifter in followers} == {versions.old}
    assert invoke(environment, "y\n").exit_code == 0
    assert {followed(versions.services, lifter) for lifter in followers} == {versions.new}


def test_whom_it_does_not_concern(versions: Versions, followers: list[LifterRef], gym: str) -> None:
    services = versions.services
    append(services, LifterRef(gym, "without-programme"), a_set())
    append(services, LifterRef(gym, "newest"), ProgrammeAssigned("upper-back", versions.new), a_set())
    append(services, LifterRef(gym, "other"), ProgrammeAssigned("default"), a_set())
    assert foretold(versions).followed == {versions.old: len(followers)}


def test_only_who_follows_the_rule_set_that_is_named(versions: Versions, followers: list[LifterRef]) -> None:
    services = versions.services
    publish_edited(services, "programmes/upper-back.yaml", ("rest_s: 180", "rest_s: 200"))
    assert move(services, rollout_of(services, "upper-back", target=versions.new[:8]), followers[0]) is True
    from_new = rollout_of(services, "upper-back", source=versions.new[:8])
    assert [move(services, from_new, lifter) for lifter in followers[:2]] == [True, False]


def test_a_beginning_of_a_digest_that_names_none_is_refused(versions: Versions) -> None:
    services = versions.services
    for programme, source in (("upper-back", "zzzz"), ("no-such", None), ("upper-back", services.default_digest())):
        with pytest.raises(NotFound):
            rollout_of(services, programme, source)
    for source in ("", versions.new):
        with pytest.raises(InvalidInput):
            rollout_of(services, "upper-back", source)


# Doing it


def test_it_goes_on_where_the_lifter_was(versions: Versions, gym: str) -> None:
    services = versions.services
    lifter = follower(versions, LifterRef(gym, "ann"), a__hinge={"sets": 2})
    before = told(services, lifter)
    assert [each.slot.partition("/")[0] for each in next_session(services, lifter)] == ["b"] * 4
    assert move(services, versions.rollout, lifter) is True
    assert followed(services, lifter) == versions.new
    assert [each.slot.partition("/")[0] for each in next_session(services, lifter)] == ["b"] * 4
    after = told(services, lifter)["a/hinge"]
    assert len(after.sets) == len(before["a/hinge"].sets) == 2
    assert after.because == before["a/hinge"].because
    assert after.sets[0].load is not None
    assert after.sets[0].load.value == 90


def test_who_cannot_go_on_stays_and_is_named(versions: Versions, gym: str, valkey: redis.Redis) -> None:
    services = versions.services
    tuned = follower(versions, LifterRef(gym, "tuned"), a__row={"reps": [6, 9]})
    training = follower(versions, LifterRef(gym, "training"))
    append(services, training, a_set("romanian-deadlift"), days_ago=0.01)
    parked = follower(versions, LifterRef(gym, "parked"))
    valkey.xadd(key_names.log(parked), {"event": b'["x",99]', "sha256": b"\0" * 32, "seal": b"\0" * 32}, id="5-0")
    effect = foretold(versions)
    assert effect.lifters == 0
    assert effect.followed == {versions.old: 3}
    assert [(left.lifter, left.why) for left in effect.left][1:] == [
        ("training", "is in the middle of a session"),
        ("tuned", "/data/params/a~1row is no slot of the programme; it has " + ", ".join(_slots(versions))),
    ]
    assert effect.left[0].lifter == "parked"
    assert effect.left[0].why.startswith("is parked at event")
    for lifter in (tuned, training, parked):
        assert isinstance(move(services, versions.rollout, lifter), Left)
        assert services.log.head(lifter) == 5 - (lifter == tuned)


def _slots(versions: Versions) -> list[str]:
    days = versions.services.rule_sets.get(versions.new).programme.days
    return [slot.id for day in days for slot in day.slots]


def test_stopped_and_taken_up_again(versions: Versions, gym: str, environment: dict[str, str]) -> None:
    services = versions.services
    lifters = [follower(versions, LifterRef(gym, f"lifter-{number}")) for number in range(60)]
    command = [sys.executable, "-c", "from service.cli import main; main()", "rules", "rollout", "upper-back", "--yes"]
    with subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as stopped:
        eventually(lambda: any(services.log.head(each) > 4 for each in lifters), "somebody is moved")
        stopped.kill()
    spotter(environment, "--yes")
    assert {followed(services, lifter) for lifter in lifters} == {versions.new}
    assert {rollout_events(services, lifter) for lifter in lifters} == {1}
    assert "Nobody to move" in spotter(environment, "--yes")
    assert {rollout_events(services, lifter) for lifter in lifters} == {1}


def test_a_fault_with_one_lifter_keeps_nobody_else(
    versions: Versions, followers: list[LifterRef], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, unlucky = versions.services, followers[3]

    def fails_for_one(services: Services, lifter: LifterRef, *arguments: Any, **named: Any) -> Receipt:
        if lifter == unlucky:
            raise LookupError
        return append_event(services, lifter, *arguments, **named)

    monkeypatch.setattr("service.usecases.rules.rollout.append_event", fails_for_one)
    assert f"{unlucky.lifter} of {unlucky.gym}: cannot be moved: LookupError" in spotter(environment, "--yes")
    digests = {lifter: followed(services, lifter) for lifter in followers}
    assert digests.pop(unlucky) == versions.old
    assert set(digests.values()) == {versions.new}


def test_back_and_forth(versions: Versions, followers: list[LifterRef]) -> None:
    services, lifter = versions.services, followers[0]
    first = told(services, lifter)
    back = rollout_of(services, "upper-back", target=versions.old)
    for rollout, digest in ((versions.rollout, versions.new), (back, versions.old)) * 2:
        assert move(services, rollout, lifter) is True
        assert followed(services, lifter) == digest
        assert move(services, rollout, lifter) is False
    assert {slot: each.sets for slot, each in told(services, lifter).items()} == {
        slot: each.sets for slot, each in first.items()
    }


def test_a_move_that_was_voided_can_be_made_again(versions: Versions, followers: list[LifterRef]) -> None:
    services, lifter = versions.services, followers[0]
    assert move(services, versions.rollout, lifter) is True
    event_id = services.log.read(lifter)[-1].event.event_id
    append(services, lifter, SetVoided(event_id))
    assert followed(services, lifter) == versions.old
    assert move(services, versions.rollout, lifter) is True
    assert followed(services, lifter) == versions.new


def test_what_is_written_meanwhile_is_looked_at(versions: Versions, followers: list[LifterRef]) -> None:
    """The clock is read between looking at the log and appending to it: just then somebody else writes."""
    services, lifter = versions.services, followers[0]

    def clock_beside(write: Callable[[], None]) -> Callable[[], int]:
        writes = iter([write])

        def clock() -> int:
            next(writes, lambda: None)()
            return services.clock()

        return clock

    def writes() -> None:
        append(services, lifter, BaselineSet("deadlift", load=Load(Decimal(200), "kg")))

    assert move(replace(services, clock=clock_beside(writes)), versions.rollout, lifter) is True
    assert [entry.event.actor for entry in services.log.read(lifter)][-2:] == ["k_test", "rollout"]
    load = told(services, lifter)["a/hinge"].sets[0].load
    assert load is not None
    assert load.value == 180

    def moves() -> None:
        assert move(services, versions.rollout, followers[1]) is True

    assert move(replace(services, clock=clock_beside(moves)), versions.rollout, followers[1]) is False
    assert rollout_events(services, followers[1]) == 1


def test_lifters_without_a_programme_go_on_under_newer_default_rules(own_rules: Services, gym: str) -> None:
    lifter = LifterRef(gym, "free")
    append(own_rules, lifter, a_set(), a_set("lateral-raise", 8))
    old, before = own_rules.default_digest(), told(own_rules, lifter)
    path = "programmes/default.yaml"
    publish_edited(own_rules, path, ("programme: default", "programme: default # newer"))
    rollout = rollout_of(own_rules, "default")
    assert preview_rollout(own_rules, rollout, lambda _done, _total: None).followed == {old: 1}
    assert move(own_rules, rollout, lifter) is True
    after = told(own_rules, lifter)
    assert {each.rule_set.digest for each in after.values()} == {rollout.target} != {old}
    assert {slot: (each.sets, each.because) for slot, each in after.items()} == {
        slot: (each.sets, each.because) for slot, each in before.items()
    }


# With workers


def test_workers_find_the_same(
    versions: Versions, followers: list[LifterRef], environment: dict[str, str], queue_server: redis.Redis
) -> None:
    alone = foretold(versions)
    assert len(followers) == alone.lifters
    with worker(environment), worker(environment):
        eventually(lambda: versions.services.rollout_previews.worker_count() == 2, "workers are there")
        seen: list[int] = []
        shared = preview_rollout(versions.services, versions.rollout, lambda done, _total: seen.append(done))
    assert shared == alone
    assert seen == sorted(seen)
    assert seen[-1] == key_names.PARTITIONS
    assert queue_server.keys("spotter:preview:*")


_DIES_AT_WORK = """
import os, signal
from service.usecases.rules import rollout_preview
from workers import worker
rollout_preview._effect = lambda services, partition, rollout, now, beat: (beat(), os.kill(os.getpid(), signal.SIGKILL))
worker.main()
"""


def test_what_a_killed_worker_had_begun_is_done_by_another(
    versions: Versions, followers: list[LifterRef], environment: dict[str, str]
) -> None:
    alone = foretold(versions)
    assert len(followers) == alone.lifters
    with worker(environment, "-c", _DIES_AT_WORK) as killed:
        eventually(lambda: versions.services.rollout_previews.worker_count() == 1, "a worker is there")
        with worker(environment):
            eventually(lambda: versions.services.rollout_previews.worker_count() == 2, "workers are there")
            assert foretold(versions) == alone
        assert killed.wait(timeout=60) == -9


def invoke(environment: dict[str, str], typed: str, *arguments: str) -> Result:
    runner = CliRunner(env={**environment, "COLUMNS": "200"})
    return runner.invoke(main, ["rules", "rollout", "upper-back", *arguments], input=typed, catch_exceptions=False)


def spotter(environment: dict[str, str], *arguments: str) -> str:
    result = invoke(environment, "", *arguments)
    assert result.exit_code == 0, result.output
    return result.output
