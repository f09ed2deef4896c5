"""Moving lifters between real servers: whole or not at all, and only what nobody changed on the way."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import CliRunner, Result

from service.bootstrap import Services, bootstrap
from service.cli import main
from service.config import Settings
from service.domain.errors import Erased, InvalidInput, LogNotEmpty, NotFound
from service.domain.event_encoding import NEWEST_SCHEMAS, decode, encode
from service.domain.events import BaselineSet, EventData, ProgrammeAssigned, SetLogged, SetVoided
from service.domain.identifiers import LifterRef
from service.domain.loads import Load
from service.domain.sealing import seal
from service.engine.version import ENGINE_VERSION
from service.store import key_names
from service.usecases.lifter.erase import erase
from service.usecases.lifter.explain import derivation
from service.usecases.lifter.export import ExportCutOff, export
from service.usecases.lifter.prescribe import lifter_state, next_session
from service.usecases.lifter.restore import restore_lifter, restore_lifters
from service.usecases.log.append import append_events
from service.usecases.log.batch import Receipt, Submission
from service.usecases.projection.drain import drain, replay_lag
from service.usecases.rules.publish import publish_rules
from tests.conftest import running_server

START = 1_400_000_000_000_000
DAY = 86_400_000_000
_SINCE_V3 = {"session_skipped", "session_voided", "session_end_corrected", "baseline_corrected", "overridden"}
LOGS = Path(__file__).parents[1] / "data" / "logs"


def a_set(reps: int = 5) -> SetLogged:
    return SetLogged("deadlift", Load(Decimal("102.5"), "kg"), reps=reps)


def append(services: Services, lifter: LifterRef, *data: EventData) -> None:
    head = services.log.head(lifter)
    batch = [Submission(f"e{head + place}", START + (head + place) * DAY, each) for place, each in enumerate(data, 1)]
    for result in append_events(services, lifter, batch, actor="k_theirs"):
        assert isinstance(result, Receipt), result


def exported(services: Services, lifter: LifterRef) -> list[bytes]:
    return b"".join(export(services, lifter)).splitlines()


@pytest.fixture
def elsewhere(queue_url: str) -> Iterator[Services]:
    """Another Spotter, on a server of its own, which has never seen a rule."""
    with running_server("always") as url:
        yield bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": url, "SPOTTER_QUEUE_URL": queue_url}))


@pytest.fixture
def trained(services: Services, lifter: LifterRef) -> list[bytes]:
    """The export of a lifter who has trained."""
    append(services, lifter, ProgrammeAssigned("upper-back"), BaselineSet("deadlift", load=Load(Decimal(100), "kg")))
    append(services, lifter, *map(a_set, (6, 6, 5, 3)), SetVoided("e4"), a_set(6))
    return exported(services, lifter)


def test_elsewhere_everything_is_the_same(
    services: Services, lifter: LifterRef, trained: list[bytes], elsewhere: Services
) -> None:
    restored = restore_lifter(elsewhere, lifter, iter(trained))
    assert (restored.version, restored.durability) == (8, "fsync")
    assert elsewhere.log.read(lifter) == services.log.read(lifter), "who wrote it and when included"
    publish_rules(elsewhere)
    as_of = START + 30 * DAY
    assert lifter_state(elsewhere, lifter) == lifter_state(services, lifter)
    assert restored.log_head == lifter_state(services, lifter)["log_head"]
    prescriptions = next_session(services, lifter, as_of=as_of)
    assert prescriptions
    assert next_session(elsewhere, lifter, as_of=as_of) == prescriptions
    for each in prescriptions:
        assert derivation(elsewhere, lifter, each.prescription_id) == derivation(services, lifter, each.prescription_id)


def test_an_imported_lifter_goes_on_as_any_other(
    lifter: LifterRef, trained: list[bytes], elsewhere: Services, services: Services
) -> None:
    restore_lifter(elsewhere, lifter, iter(trained))
    assert replay_lag(elsewhere).lifters == 1, "its projection is to be made"
    drain(elsewhere, key_names.group(lifter))
    publish_rules(elsewhere)
    for each in (services, elsewhere):
        append(each, lifter, a_set())
        (receipt,) = append_events(each, lifter, [Submission("e3", START + 3 * DAY, a_set(6))], actor="k_theirs")
        assert isinstance(receipt, Receipt)
        assert (receipt.outcome, receipt.version) == ("already_appended", 3), "ids are known"
        (late,) = append_events(each, lifter, [Submission("late", START, a_set(6))], actor="k_theirs")
        assert isinstance(late, Receipt)
        assert late.late, "the newest instant is known"
    assert list(elsewhere.log.lifters()) == [lifter]
    assert [entry.sha256 for entry in elsewhere.log.read(lifter)] == [
        entry.sha256 for entry in services.log.read(lifter)
    ]


def test_a_log_of_many_pages_is_moved_whole(services: Services, lifter: LifterRef, elsewhere: Services) -> None:
    for _ in range(3):
        append(services, lifter, *[a_set()] * 900)
    lines = exported(services, lifter)
    assert restore_lifter(elsewhere, lifter, iter(lines)).version == 2700
    assert exported(elsewhere, lifter) == lines


def _changed(line: bytes, **change: Any) -> bytes:
    return json.dumps({**json.loads(line), **change}, separators=(",", ":")).encode()


def _forged(lines: list[bytes]) -> list[bytes]:
    """With a lighter set, resealed by somebody who knows how."""
    (place,) = [place for place, line in enumerate(lines) if b'"e3"' in line and b"set_logged" in line]
    document = json.loads(lines[place])
    event = decode(json.dumps(document["event"], separators=(",", ":")).encode())
    raw = encode(event).replace(b"102.5", b"202.5")
    sealed = seal(raw, bytes.fromhex(document["sha256"])).hex()
    lines[place] = _changed(lines[place], event=json.loads(raw), seal=sealed)
    return lines


def _swapped(lines: list[bytes]) -> list[bytes]:
    first, second = lines[-4], lines[-3]
    lines[-4] = first.replace(b'"version":6', b'"version":7')
    lines[-3] = second.replace(b'"version":7', b'"version":6')
    return [*lines[:-4], lines[-3], lines[-4], *lines[-2:]]


def _named(lines: list[bytes], old: bytes, new: bytes) -> list[bytes]:
    found = [line.replace(old, new) for line in lines]
    assert found != lines
    return found


def _unruled(lines: list[bytes]) -> list[bytes]:
    kept = [line for line in lines if not line.startswith(b'{"line":"rule_set"')]
    return [*kept[:-1], _changed(kept[-1], rule_sets=0)]


def _unpinned(lines: list[bytes]) -> list[bytes]:
    return [line.split(b',"default":')[0] + b"}" if b',"default":' in line else line for line in lines]


SPOILT: list[tuple[str, Callable[[list[bytes]], list[bytes]], str]] = [
    ("cut off", lambda lines: lines[:-1], "cut off"),
    ("cut off in a line", lambda lines: [*lines[:-2], lines[-2][:50]], "is no line of an export"),
    ("empty", lambda _: [], "there is nothing to import"),
    ("no manifest", lambda lines: lines[1:], "is not the manifest"),
    ("more behind it", lambda lines: lines + lines, "behind the end"),
    ("a line missing", lambda lines: lines[:-3] + lines[-2:], "is not version 7"),
    ("the last event missing", lambda lines: lines[:-2] + lines[-1:], "not the one of the manifest"),
    ("two lines swapped", _swapped, "not the one of the manifest"),
    ("an event changed", _forged, "was changed since it was logged"),
    ("a writer changed", lambda lines: _named(lines, b"k_theirs", b"k_others"), "was changed since it was logged"),
    ("another head", lambda lines: [_changed(lines[0], log_head="0" * 64), *lines[1:]], "not the one of the manifest"),
    ("another count", lambda lines: [*lines[:-1], _changed(lines[-1], rule_sets=0)], "counts other lines"),
    ("another format", lambda lines: [_changed(lines[0], format=2), *lines[1:]], "is of format 2"),
    ("another lifter", lambda lines: [_changed(lines[0], lifter="bob"), *lines[1:]], "the export of 'bob'"),
    ("a rule changed", lambda lines: _named(lines, b"Double progression", b"Treble progression"), "another digest"),
    ("without the rules", _unruled, "needs the rule set"),
    ("a pin missing", _unpinned, "pins a default"),
    ("white space", lambda lines: _named(lines, b'"reps":3', b'"reps": 3'), "no Spotter has written"),
    ("unknown fields", lambda lines: [_changed(lines[0], colour="red"), *lines[1:]], "is no line of an export"),
]


@pytest.mark.parametrize(("spoil", "told"), [each[1:] for each in SPOILT], ids=[each[0] for each in SPOILT])
def test_what_does_not_fit_together_leaves_nothing(
    lifter: LifterRef, trained: list[bytes], elsewhere: Services, spoil: Callable[[list[bytes]], list[bytes]], told: str
) -> None:
    with pytest.raises(InvalidInput, match=told):
        restore_lifter(elsewhere, lifter, iter(spoil(list(trained))))
    assert elsewhere.log.head(lifter) == 0
    with redis.Redis.from_url(elsewhere.settings.redis_url) as server:
        assert list(server.scan_iter()) == []


def test_nothing_is_seen_before_the_last_line(lifter: LifterRef, trained: list[bytes], elsewhere: Services) -> None:
    def lines() -> Iterator[bytes]:
        for line in trained:
            assert elsewhere.log.head(lifter) == 0
            assert list(elsewhere.log.lifters()) == []
            yield line

    restore_lifter(elsewhere, lifter, lines())
    assert elsewhere.log.head(lifter) == 8


def test_an_import_that_was_killed_is_swept_away_by_time(
    services: Services, lifter: LifterRef, trained: list[bytes], valkey: redis.Redis
) -> None:
    staging = services.log_transfers.staging(LifterRef(lifter.gym, "other"))
    staging.add([("e1", next(services.log_transfers.pages(lifter, 1))[0])])
    assert trained
    assert [0 < valkey.pttl(key) <= 600_000 for key in valkey.scan_iter("*staged*")] == [True, True]


def test_who_has_a_log_is_left_alone(services: Services, lifter: LifterRef, trained: list[bytes]) -> None:
    with pytest.raises(LogNotEmpty, match="at version 8"):
        restore_lifter(services, lifter, iter(trained))
    assert exported(services, lifter) == trained


def test_of_two_imports_at_once_one_wins(lifter: LifterRef, trained: list[bytes], elsewhere: Services) -> None:
    def lines() -> Iterator[bytes]:
        yield from trained[:-1]
        restore_lifter(elsewhere, lifter, iter(trained))
        yield trained[-1]

    with pytest.raises(LogNotEmpty):
        restore_lifter(elsewhere, lifter, lines())
    assert elsewhere.log.head(lifter) == 8


def test_who_was_erased_stays_so(services: Services, lifter: LifterRef, trained: list[bytes]) -> None:
    erase(services, lifter, by="k_admin")
    with pytest.raises(Erased):
        restore_lifter(services, lifter, iter(trained))
    with pytest.raises(Erased):
        export(services, lifter)
    with pytest.raises(NotFound):
        export(services, LifterRef(lifter.gym, "nobody"))


def test_who_is_erased_while_exported_gets_no_end(services: Services, lifter: LifterRef) -> None:
    append(services, lifter, *[a_set()] * 500)
    lines = export(services, lifter)
    first = next(lines)
    erase(services, lifter, by="k_admin")
    rest: list[bytes] = []
    with pytest.raises(ExportCutOff, match="was erased"):
        rest.extend(lines)
    assert b'"line":"manifest"' in first
    assert not any(b'"line":"end"' in line for line in rest)


def test_a_gym_is_moved_with_each_rule_set_once(
    services: Services, gym: str, trained: list[bytes], elsewhere: Services
) -> None:
    del trained
    for name in ("ann", "ben"):
        append(services, LifterRef(gym, name), a_set(), a_set())
    said = set[str]()
    everybody = [lifter for lifter in services.log.lifters() if lifter.gym == gym]
    lines = [line for lifter in everybody for line in b"".join(export(services, lifter, said=said)).splitlines()]
    assert len([line for line in lines if line.startswith(b'{"line":"rule_set"')]) == 2
    first = exported(services, everybody[0])
    restore_lifter(elsewhere, everybody[0], iter(first))
    became = dict(restore_lifters(elsewhere, gym, iter(lines)))
    assert {name: type(each).__name__ for name, each in became.items()} == {
        each.lifter: "LogNotEmpty" if each == everybody[0] else "Restored" for each in everybody
    }
    for each in everybody:
        assert elsewhere.log.read(each) == services.log.read(each)


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.ndjson")), ids=lambda path: path.stem)
def test_logs_of_every_schema_ever_written_are_read(elsewhere: Services, path: Path) -> None:
    lifter = LifterRef("museum", "golden")
    restored = restore_lifter(elsewhere, lifter, iter(path.read_bytes().splitlines()))
    publish_rules(elsewhere)
    events = [entry.event for entry in elsewhere.log.read(lifter)]
    assert len(events) == restored.version
    types = {event.type for event in events}
    assert types >= NEWEST_SCHEMAS.keys() - _SINCE_V3
    assert (types == NEWEST_SCHEMAS.keys()) == (path.stem == "v3")
    state = lifter_state(elsewhere, lifter)
    assert "parked" not in state
    assert (state["version"], state["log_head"]) == (restored.version, restored.log_head)
    # All but the engine that wrote it comes out as it was, byte for byte.
    written = re.sub(rb'"engine":\d+', b'"engine":%d' % ENGINE_VERSION, path.read_bytes(), count=1)
    assert b"".join(export(elsewhere, lifter)) == written


def test_the_same_in_two_schemas_leads_to_the_same_state(elsewhere: Services) -> None:
    publish_rules(elsewhere)
    states = []
    for path in (LOGS / "v1.ndjson", LOGS / "v2.ndjson"):
        lifter = LifterRef(f"museum-{path.stem}", "golden")
        restore_lifter(elsewhere, lifter, iter(path.read_bytes().splitlines()))
        states.append(lifter_state(elsewhere, lifter))
    assert states[0] == states[1]


class TestCommands:
    @pytest.fixture
    def spotter(self, environment: dict[str, str], services: Services) -> Callable[..., Result]:
        del services
        runner = CliRunner(env={**environment, "COLUMNS": "200"})
        return lambda *words: runner.invoke(main, list(map(str, words)), catch_exceptions=False)

    def test_a_gym_leaves_and_arrives(
        self, spotter: Callable[..., Result], services: Services, gym: str, tmp_path: Path
    ) -> None:
        for name in ("ann", "ben"):
            append(services, LifterRef(gym, name), a_set())
        file = tmp_path / "gym.ndjson"
        told = spotter("export", "--all", "--gym", gym, file)
        assert (told.exit_code, "Exported 2 lifter(s)" in told.output) == (0, True), told.output
        assert spotter("export", "ann", "--gym", gym, file).exit_code == 2, "a file is not written over"
        told = spotter("import", "lifters", file, "--gym", f"{gym}-2")
        assert (told.exit_code, "Imported 2 events of 2 lifter(s)." in told.output) == (0, True), told.output
        told = spotter("import", "lifters", file, "--gym", f"{gym}-2")
        assert told.exit_code == 1
        assert "Left alone: lifter 'ann' has a log already, at version 1" in told.output

    def test_an_export_names_lifters_or_all(self, spotter: Callable[..., Result], tmp_path: Path) -> None:
        assert spotter("export", tmp_path / "x").exit_code == 2
        assert spotter("export", "ann", "--all", tmp_path / "x").exit_code == 2
        told = spotter("export", "nobody", tmp_path / "x")
        assert (told.exit_code, "nobody has written about" in told.output) == (1, True)
        assert list(tmp_path.iterdir()) == []

    def test_erasing_asks_first(self, spotter: Callable[..., Result], services: Services, gym: str) -> None:
        lifter = LifterRef(gym, "ann")
        append(services, lifter, a_set())
        assert spotter("erase", "ann", "--gym", gym).exit_code == 1
        assert services.log.head(lifter) == 1
        told = spotter("erase", "ann", "--gym", gym, "--yes")
        assert (told.exit_code, "Erased 1 event(s) of ann" in told.output) == (0, True)
        assert spotter("next", "ann", "--gym", gym).exit_code == 1
