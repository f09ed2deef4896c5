"""Who has the answer already is told so without replaying, and only while it is the answer."""

import dataclasses
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from service.bootstrap import Services
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, HOUR, Instant, parse
from service.http.app import create_app
from service.store import key_names
from service.store.connections import Client
from service.store.projections import Loaded, Projections
from service.usecases.lifter.erase import erase
from service.usecases.rules.publish import publish_rules
from tests.support.contract import ContractClient, operations

_LIFTER = "/v1/lifters/ann"
_DEADLIFT = f"{_LIFTER}/prescriptions/deadlift"
_SESSION = f"{_LIFTER}/prescriptions"
_TODAY = parse("2026-11-20T18:30:00Z")


class _Counted(Projections):
    """Projections that count how often one is loaded."""

    loads = 0

    def load_with_tail(self, lifters: Sequence[LifterRef]) -> list[Loaded]:
        self.loads += 1
        return super().load_with_tail(lifters)


@dataclass
class _House:
    """A Spotter whose clock can be set and whose loads are counted."""

    services: Services
    gym: str
    now: Instant = _TODAY
    projections: _Counted = field(init=False)
    api: ContractClient = field(init=False)

    def __post_init__(self) -> None:
        self.projections = _Counted(self.services.projections._client)
        self.services = dataclasses.replace(self.services, clock=lambda: self.now, projections=self.projections)
        self.services.keys.add(self.gym, f"key-of-{self.gym}", created_at=0)
        self.api = ContractClient(create_app(self.services), f"key-of-{self.gym}")

    def log(self, event_id: str, kind: str, data: dict[str, Any]) -> None:
        event = {"event_id": event_id, "type": kind, "occurred_at": "2026-11-20T18:00:00Z", "data": data}
        assert self.api.post(f"{_LIFTER}/events", event).status == 201

    def log_set(self, event_id: str, exercise: str = "deadlift", reps: int = 6) -> None:
        self.log(event_id, "set_logged", {"exercise": exercise, "load": {"value": 225, "unit": "lb"}, "reps": reps})

    def has(self, path: str, tag: str) -> bool:
        """Whether a client that has the tag is told that this is still the answer, and then without a replay."""
        first = self.api.get(path, If_None_Match=tag)
        before = self.projections.loads
        answer = self.api.get(path, If_None_Match=tag)
        assert answer.status == first.status
        if answer.status == 304:
            assert answer.headers["ETag"] == tag
            assert self.projections.loads == before
        else:
            assert (answer.status, answer.headers["ETag"] == tag) == (200, False)
        return answer.status == 304


@pytest.fixture
def house(services: Services, gym: str) -> _House:
    """A lifter who has done a set of the programme upper-back and one of an exercise outside it."""
    made = _House(services, gym)
    made.log("p", "programme_assigned", {"programme": "upper-back"})
    made.log_set("s1")
    return made


@pytest.mark.parametrize("path", [_DEADLIFT, f"{_DEADLIFT}?slot=a/hinge", _SESSION])
class TestAnAnswer:
    def test_is_confirmed_until_something_is_logged(self, house: _House, path: str) -> None:
        tag = house.api.get(path).headers["ETag"]
        assert house.has(path, tag)
        house.log_set("s2")
        assert not house.has(path, tag)
        assert house.has(path, house.api.get(path).headers["ETag"])

    def test_is_confirmed_until_time_alone_may_change_it(self, house: _House, path: str) -> None:
        tag = house.api.get(path).headers["ETag"]
        house.now = parse("2026-11-20T21:59:59Z")
        assert house.has(path, tag)
        house.now += HOUR
        assert not house.has(path, tag), "the session's gap has ended"
        tag = house.api.get(path).headers["ETag"]
        house.now += DAY
        assert not house.has(path, tag)

    def test_is_not_confirmed_before_its_time(self, house: _House, path: str) -> None:
        house.now += DAY
        tag = house.api.get(path).headers["ETag"]
        house.now = _TODAY
        assert not house.has(path, tag)

    def test_is_confirmed_of_the_present_only(self, house: _House, path: str) -> None:
        tag = house.api.get(path).headers["ETag"]
        before = house.projections.loads
        other = f"{path}{'&' if '?' in path else '?'}as_of=2026-11-20T18:10:00Z"
        assert house.api.get(other, If_None_Match=tag).status == 304
        assert house.projections.loads == before + 1, "the same id, but worked out"

    def test_is_not_confirmed_to_another_gym(self, house: _House, services: Services, path: str) -> None:
        tag = house.api.get(path).headers["ETag"]
        stranger = f"stranger-to-{house.gym}"
        services.keys.add(stranger, f"key-of-{stranger}", created_at=0)
        api = ContractClient(create_app(house.services), f"key-of-{stranger}")
        assert api.get(path, If_None_Match=tag).status == 404

    def test_is_not_confirmed_of_who_was_erased(self, house: _House, path: str) -> None:
        tag = house.api.get(path).headers["ETag"]
        erase(house.services, LifterRef(house.gym, "ann"), by="k")
        assert house.api.get(path, If_None_Match=tag).status == 410


def test_the_tag_of_one_answer_does_not_confirm_another(house: _House) -> None:
    house.log_set("s2", "bench-press")
    paths = [_DEADLIFT, f"{_LIFTER}/prescriptions/bench-press", _SESSION]
    tags = [house.api.get(path).headers["ETag"] for path in paths]
    for path in paths:
        assert [house.has(path, tag) for tag in tags] == [path == other for other in paths]


def test_what_a_failover_lost_is_not_confirmed_by_what_took_its_version(house: _House, log_server: Client) -> None:
    """docs/faults.md, 3: the replica that takes over lacks the newest set, and the client's next one is another."""
    ann = LifterRef(house.gym, "ann")
    replica = {key: log_server.execute_command("DUMP", key) for key in key_names.of_lifter(ann)}
    house.log_set("s2", reps=6)
    tags = {path: house.api.get(path).headers["ETag"] for path in (_DEADLIFT, _SESSION)}
    for key, kept in replica.items():
        log_server.execute_command("DEL", key)
        if kept is not None:
            log_server.execute_command("RESTORE", key, 0, kept)
    house.log_set("s2", reps=3)
    for path, tag in tags.items():
        assert not house.has(path, tag)


def _asked(made: dict[str, str]) -> list[str]:
    """Every GET of the contract that needs a key, with the parameters that it needs."""
    query = {"get_objections": "?outcome=raise", "get_comparison": f"?against={made['prescription_id']}"}
    return [
        path.format(**made) + query.get(operation["operationId"], "")
        for path, method, operation in operations()
        if method == "get" and operation["security"]
    ]


def test_no_tag_of_one_gym_confirms_anything_to_another(house: _House) -> None:
    """Two gyms whose lifters are called the same and did the same; every GET of the contract."""
    other = _House(house.services, f"other-than-{house.gym}")
    other.log("p", "programme_assigned", {"programme": "upper-back"})
    other.log_set("s1")
    made = {"lifter": "ann", "exercise": "deadlift", "scheme": "linear", "programme": "upper-back"}
    made["digest"] = house.services.archive.newest("upper-back") or ""
    made |= dict.fromkeys(("webhook_id", "message_id", "key_id", "import_id", "rollout", "backtest"), "none")
    made["prescription_id"] = house.api.get(_DEADLIFT).json["prescription_id"]
    assert other.api.get(_DEADLIFT).json["prescription_id"] == made["prescription_id"]
    paths = _asked(made)
    assert len(paths) > 15
    for path in paths:
        mine, theirs = house.api.get(path), other.api.get(path)
        assert mine.status == theirs.status
        assert "Authorization" in mine.headers["Vary"].split(", ")
        assert mine.headers["Cache-Control"] == "private, no-cache"
        if tag := mine.headers.get("ETag"):
            assert other.api.get(path, If_None_Match=tag).status == 200
            confirmed = house.api.get(path, If_None_Match=tag)
            assert (confirmed.status, confirmed.headers["Vary"]) == (304, mine.headers["Vary"])


def test_whoever_has_no_rules_pinned_learns_of_new_default_ones(house: _House, tmp_path: Path) -> None:
    path = "/v1/lifters/bob/prescriptions/deadlift"
    event = {"event_id": "n", "type": "lifter_noted", "occurred_at": "2026-11-20T18:00:00Z", "data": {"note": "hello"}}
    assert house.api.post("/v1/lifters/bob/events", event).status == 201
    tag = house.api.get(path).headers["ETag"]
    assert house.has(path, tag)
    rules = tmp_path / "rules"
    shutil.copytree(house.services.settings.rules_dir, rules)
    default = rules / "programmes" / "default.yaml"
    default.write_bytes(default.read_bytes() + b"\n# edited\n")
    publish_rules(
        dataclasses.replace(house.services, settings=dataclasses.replace(house.services.settings, rules_dir=rules))
    )
    house.services.rule_sets._until = time.monotonic()  # what is published is believed for some seconds
    assert not house.has(path, tag)
