"""Backups between real servers: whole or refused, over nothing, and who was erased stays so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from service.bootstrap import Services, bootstrap
from service.cli import main
from service.config import Settings
from service.domain.errors import Erased, NotASandbox, NotFound, SpotterError
from service.domain.events import BaselineSet, EventData, ProgrammeAssigned, SetLogged
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.store import key_names
from service.store.connections import Client
from service.usecases.backup.check import BackupUnusable, check_backup
from service.usecases.backup.restore import PlaceNotEmpty, RestoreUnfinished, check_finished, restore_backup
from service.usecases.backup.write import Written, write_backup
from service.usecases.gym.gyms import add_gym, remove_gym
from service.usecases.gym.sandbox import reset, set_clock
from service.usecases.lifter.erase import erase
from service.usecases.lifter.export import export
from service.usecases.lifter.prescribe import lifter_state
from service.usecases.lifter.restore import restore_lifter
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.log.verify_store import check_store
from service.usecases.projection.drain import drain
from service.usecases.rules.gym_programmes import publish_own
from service.usecases.rules.gym_rule_sets import GymRuleSets
from service.usecases.webhooks.manage import add_webhook
from tests.conftest import running_server
from tests.support.small_disk import small_disk

_OURS = """programme: ours
title: One lift
sources: [{title: our own, gives: all}]
days:
  - day: a
    slots:
      - {slot: pull, exercise: deadlift, progression: {double-progression: {reps: [3, 5]}}}
"""
START = 1_700_000_000_000_000
DAY = 86_400_000_000
ANN, BEN, CID = LifterRef("default", "ann"), LifterRef("default", "benno"), LifterRef("north", "cid")


def append(services: Services, lifter: LifterRef, *data: EventData) -> None:
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + place}", START + (head + place) * DAY, each) for place, each in enumerate(data, 1)]
    for result in append_events(services, lifter, batch, actor="k_theirs"):
        assert isinstance(result, Receipt), result


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal("102.5"), "kg"), reps=reps)


def exported(services: Services, lifter: LifterRef) -> bytes:
    return b"".join(export(services, lifter))


def back_up(services: Services, file: Path) -> Written:
    with file.open("xb") as output:
        return write_backup(services, output)


@pytest.fixture
def elsewhere(queue_url: str) -> Iterator[Services]:
    """Another place, on a server of its own, in which there is nothing."""
    with running_server("always") as url:
        yield bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": url, "SPOTTER_QUEUE_URL": queue_url}))


@pytest.fixture
def trained(services: Services) -> Services:
    """Three lifters of two gyms, one of whom follows a programme."""
    for lifter in (ANN, BEN, CID):
        append(services, lifter, BaselineSet("deadlift", load=Load(Decimal(100), "kg")), *map(a_set, (6, 6, 5, 3)))
    append(services, CID, ProgrammeAssigned("upper-back"), a_set(6))
    return services


@pytest.fixture
def backup(trained: Services, tmp_path: Path) -> Path:
    file = tmp_path / "one.backup"
    back_up(trained, file)
    return file


class TestWhatComesBack:
    def test_logs_and_what_follows_from_them(self, trained: Services, backup: Path, elsewhere: Services) -> None:
        restored = restore_backup(elsewhere, check_backup(backup))
        assert (restored.lifters, restored.events, restored.erased, restored.left_out) == (3, 17, 0, {})
        for lifter in (ANN, BEN, CID):
            assert exported(elsewhere, lifter) == exported(trained, lifter)
            assert lifter_state(elsewhere, lifter) == lifter_state(trained, lifter)

    def test_gyms_keys_webhooks_and_rules(self, trained: Services, tmp_path: Path, elsewhere: Services) -> None:
        add_gym(trained, "south", name="South")
        hook = add_webhook(trained, "north", "https://1.1.1.1/")
        file = tmp_path / "one.backup"
        back_up(trained, file)
        restore_backup(elsewhere, check_backup(file))
        assert elsewhere.gyms.all() == trained.gyms.all()
        assert elsewhere.keys.all() == trained.keys.all()
        assert elsewhere.keys.verify("the-first-key") is not None
        assert elsewhere.webhooks.of("north") == trained.webhooks.of("north")
        assert elsewhere.webhooks.gyms() == {"north"}
        assert elsewhere.archive.published() == trained.archive.published()
        assert elsewhere.archive.publications("default") == trained.archive.publications("default")
        assert elsewhere.archive.library() == trained.archive.library()
        assert elsewhere.webhooks.get("north", hook.id) == hook, "secrets included"

    def test_sandboxes_their_clocks_and_the_ids_that_come_back(
        self, trained: Services, tmp_path: Path, elsewhere: Services
    ) -> None:
        gone, there = LifterRef("sandbox-x", "gone"), LifterRef("sandbox-x", "there")
        add_gym(trained, "sandbox-x", sandbox=True)
        for lifter in (gone, there):
            append(trained, lifter, a_set())
        erase(trained, gone, by="k")
        set_clock(trained, "sandbox-x", trained.now("sandbox-x") + 100 * DAY)
        file = tmp_path / "one.backup"
        back_up(trained, file)
        restore_backup(elsewhere, check_backup(file))
        assert elsewhere.now("sandbox-x") == trained.now("sandbox-x")
        with pytest.raises(Erased):
            append(elsewhere, gone, a_set())
        assert reset(elsewhere, "sandbox-x").lifters == 1
        for lifter in (gone, there):
            append(elsewhere, lifter, a_set())
        with pytest.raises(NotASandbox):
            reset(elsewhere, "default")

    def test_gyms_own_programmes_and_what_they_may_see(
        self, trained: Services, tmp_path: Path, elsewhere: Services
    ) -> None:
        add_gym(trained, "south")
        unused = publish_own(trained, "south", "ours", {"ours.yaml": _OURS}).rule_set.digest
        used = publish_own(trained, "north", "ours", {"ours.yaml": _OURS + "# ours\n"}).rule_set.digest
        append(trained, CID, ProgrammeAssigned("ours"), a_set(6))
        assert check_store(trained) == []
        file = tmp_path / "one.backup"
        back_up(trained, file)
        restored = restore_backup(elsewhere, check_backup(file))
        assert restored.left_out == {}
        assert check_store(elsewhere) == []
        for gym, digest, other in (("south", unused, "north"), ("north", used, "south")):
            assert elsewhere.gym_programmes.of(gym) == trained.gym_programmes.of(gym)
            assert GymRuleSets(elsewhere, gym).get(digest).programme.id == "ours"
            with pytest.raises(NotFound):
                GymRuleSets(elsewhere, other).get(digest)
        assert lifter_state(elsewhere, CID) == lifter_state(trained, CID)
        remove_gym(elsewhere, "south")
        assert elsewhere.gym_programmes.of("south") == {}

    def test_no_place_in_a_feed_of_before_is_one_of_after(
        self, trained: Services, backup: Path, elsewhere: Services
    ) -> None:
        drain(trained, key_names.group(ANN))
        _, before = trained.feeds.ends("default")
        restore_backup(elsewhere, check_backup(backup))
        oldest, newest = elsewhere.feeds.ends("default")
        assert oldest == newest > before
        drain(elsewhere, key_names.group(ANN))
        told = elsewhere.feeds.read("default", newest, 100)
        assert [each.number for each in told] == [*range(newest + 1, newest + 1 + len(told))]
        assert told
        assert {json.loads(each.json)["cause"]["type"] for each in told} == {"import"}


class TestErasures:
    def test_who_was_erased_by_then_stays_so(self, trained: Services, tmp_path: Path, elsewhere: Services) -> None:
        erase(trained, BEN, by="k_x")
        file = tmp_path / "one.backup"
        assert back_up(trained, file).finish.erased == 1
        assert b"benno" not in file.read_bytes()
        restore_backup(elsewhere, check_backup(file))
        assert elsewhere.erasures.find(BEN) == trained.erasures.find(BEN)
        with pytest.raises(Erased):
            lifter_state(elsewhere, BEN)

    def test_who_was_erased_since_by_a_list_of_erasures(
        self, trained: Services, backup: Path, tmp_path: Path, elsewhere: Services
    ) -> None:
        erase(trained, BEN, by="k_x")
        later = tmp_path / "erasures"
        with later.open("xb") as output:
            write_backup(trained, output, erasures_only=True)
        assert b'"ann"' not in later.read_bytes()
        restored = restore_backup(elsewhere, check_backup(backup), erasures=[check_backup(later)])
        assert (restored.lifters, restored.erased) == (2, 1)
        assert elsewhere.log.head(BEN) == 0
        assert elsewhere.erasures.find(BEN) == trained.erasures.find(BEN)

    def test_who_was_erased_since_by_the_place_itself(
        self, trained: Services, backup: Path, elsewhere: Services
    ) -> None:
        restore_lifter(elsewhere, BEN, iter(exported(trained, BEN).splitlines()))
        erase(elsewhere, BEN, by="k_x")
        assert restore_backup(elsewhere, check_backup(backup)).erased == 1

    def test_who_is_erased_while_it_is_written(self, trained: Services, tmp_path: Path, elsewhere: Services) -> None:
        def erasing(lifters: list[LifterRef]) -> Iterator[LifterRef]:
            for lifter in lifters:
                if lifter == BEN:
                    erase(trained, ANN, by="k_x")
                    erase(trained, BEN, by="k_x")
                yield lifter

        file = tmp_path / "one.backup"
        with file.open("xb") as output:
            written = write_backup(trained, output, watch=erasing)
        assert (written.finish.lifters, written.finish.erased, written.left_out) == (2, 2, {})
        restored = restore_backup(elsewhere, check_backup(file))
        assert (restored.lifters, restored.erased) == (1, 1), "ann had been written by then, ben had not"
        assert list(elsewhere.log.lifters()) == [CID]


class TestRefusals:
    def test_over_something(self, trained: Services, backup: Path) -> None:
        with pytest.raises(PlaceNotEmpty):
            restore_backup(trained, check_backup(backup))

    @pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99, 0.99999])
    def test_cut_off(self, backup: Path, part: float) -> None:
        whole = backup.read_bytes()
        backup.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(BackupUnusable):
            check_backup(backup)

    def test_cut_off_after_any_line(self, backup: Path) -> None:
        lines = backup.read_bytes().splitlines(keepends=True)
        for count in (*range(8), len(lines) - 1):
            backup.write_bytes(b"".join(lines[:count]))
            with pytest.raises(BackupUnusable):
                check_backup(backup)

    @pytest.mark.parametrize("part", [0.001, 0.3, 0.7, 0.999])
    def test_tampered_with(self, backup: Path, part: float) -> None:
        content = bytearray(backup.read_bytes())
        content[int(len(content) * part)] ^= 1
        backup.write_bytes(content)
        with pytest.raises(BackupUnusable):
            check_backup(backup)

    def test_lines_left_out_twice_or_behind_the_end(self, backup: Path) -> None:
        lines = backup.read_bytes().splitlines(keepends=True)
        for changed in ([*lines[:5], *lines[6:]], [*lines[:5], *lines[4:]], [*lines, lines[3]], [*lines, lines[-1]]):
            backup.write_bytes(b"".join(changed))
            with pytest.raises(BackupUnusable):
                check_backup(backup)

    def test_no_backup(self, tmp_path: Path) -> None:
        for content in (b"", b"\n", b"{}\n", b"\xff\xfe", b'{"line":"manifest"}\n', b"x" * 1000):
            (tmp_path / "none").write_bytes(content)
            with pytest.raises(BackupUnusable):
                check_backup(tmp_path / "none")

    def test_another_format(self, backup: Path) -> None:
        backup.write_bytes(backup.read_bytes().replace(b'"format":1', b'"format":2', 1))
        with pytest.raises(BackupUnusable, match="format 2"):
            check_backup(backup)

    def test_a_log_changed_and_everything_made_to_fit(
        self, trained: Services, tmp_path: Path, elsewhere: Services, valkey: Client
    ) -> None:
        """Somebody changed an entry in the store before the backup: its lifter is left out, and named."""
        entries: Any = valkey.execute_command("XRANGE", key_names.log(BEN), "-", "+")
        valkey.execute_command("DEL", key_names.log(BEN))
        for entry_id, fields in entries:
            changed = [part.replace(b"102.5", b"142.5") for field in fields.items() for part in field]
            valkey.execute_command("XADD", key_names.log(BEN), entry_id, *changed)
        file = tmp_path / "one.backup"
        back_up(trained, file)
        restored = restore_backup(elsewhere, check_backup(file))
        assert (restored.lifters, list(restored.left_out)) == (2, [BEN])
        assert "its hashes do not fit" in restored.left_out[BEN]

    def test_a_log_with_gaps(self, trained: Services, tmp_path: Path, valkey: Client) -> None:
        valkey.execute_command("XDEL", key_names.log(BEN), "3-0")
        written = back_up(trained, tmp_path / "one.backup")
        assert (written.finish.lifters, list(written.left_out)) == (2, [BEN])
        check_backup(tmp_path / "one.backup")


class TestStopped:
    def test_it_goes_on_with_the_same_backup_only(
        self, trained: Services, backup: Path, tmp_path: Path, elsewhere: Services
    ) -> None:
        whole = check_backup(backup)

        class Killed(Exception):
            pass

        def kill(_: int) -> None:
            if elsewhere.log.head(ANN):
                raise Killed

        with pytest.raises(Killed):
            restore_backup(elsewhere, whole, watch=kill)
        assert elsewhere.log.head(ANN) == 5
        with pytest.raises(RestoreUnfinished):
            check_finished(elsewhere)
        append(trained, ANN, a_set())
        back_up(trained, tmp_path / "another")
        with pytest.raises(RestoreUnfinished):
            restore_backup(elsewhere, check_backup(tmp_path / "another"))
        assert restore_backup(elsewhere, whole)[:2] == (3, 17)
        check_finished(elsewhere)
        assert elsewhere.archive.publications("default") == trained.archive.publications("default")
        with pytest.raises(PlaceNotEmpty):
            restore_backup(elsewhere, whole)


class TestCommands:
    @pytest.fixture
    def spotter(self, trained: Services, environment: dict[str, str]) -> CliRunner:
        del trained
        return CliRunner(env=environment)

    def run(self, spotter: CliRunner, *arguments: object) -> Result:
        return spotter.invoke(main, [*map(str, arguments)])

    def test_one_file_for_its_owner_alone(self, spotter: CliRunner, tmp_path: Path) -> None:
        file = tmp_path / "one.backup"
        done = self.run(spotter, "backup", file)
        assert done.exit_code == 0, done.output
        assert "Backed up 17 events of 3 lifter(s), and 0 erasure(s)" in done.output
        assert file.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in tmp_path.iterdir()] == [file.name]
        assert self.run(spotter, "backup", file).exit_code == 2, "never over another one"
        looked = self.run(spotter, "restore", "--check", file)
        assert (looked.exit_code, "is whole: 17 events" in looked.output) == (0, True)
        refused = self.run(spotter, "restore", file)
        assert (refused.exit_code, "restored over nothing" in refused.output) == (1, True)

    def test_a_full_disk(self, spotter: CliRunner) -> None:
        with small_disk(1) as disk:
            done = self.run(spotter, "backup", disk / "one.backup")
            assert done.exit_code == 1
            assert "cannot be written: No space left on device. Nothing of it was kept." in done.output
            assert list(disk.iterdir()) == []

    def test_where_there_is_no_spotter(self, tmp_path: Path) -> None:
        done = self.run(CliRunner(env={"SPOTTER_DATA_DIR": str(tmp_path / "none")}), "backup", tmp_path / "file")
        assert done.exit_code == 1
        assert "There is no Spotter on" in done.output
        assert list(tmp_path.iterdir()) == []


def test_refusals_are_of_spotter() -> None:
    """So that the command line shows them as a sentence."""
    assert all(issubclass(each, SpotterError) for each in (BackupUnusable, PlaceNotEmpty, RestoreUnfinished))
