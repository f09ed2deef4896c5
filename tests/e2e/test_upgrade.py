"""Today's Spotter, started on the database that a release left, answers as that release did.

What was written and what follows from it are shown apart. The former stays for ever. Where a later engine prescribes
otherwise on purpose, only the latter may differ, and it is to say there what does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.gyms import Gym
from tests.support.release import REVOKED, Answer, ask, give_database, gyms_of, read_answers, read_keys, releases
from tests.support.running import RunningSpotter, eventually

TRAINS_ON = "cid"

pytestmark = pytest.mark.long


class Upgraded(NamedTuple):
    """A Spotter on what a release left: who can ask it, what they were answered then, and what when it had started."""

    folder: Path
    spotter: RunningSpotter
    gyms: dict[str, Gym]
    then: list[Answer]
    now: list[Answer]

    def asked(self, pattern: str, status: int = 200) -> list[tuple[Answer, Answer]]:
        """What requests for paths of this pattern were answered then, with this status, and now."""
        pairs = zip(self.then, self.now, strict=True)
        found = [(then, now) for then, now in pairs if then.status == status and re.fullmatch(pattern, then.path)]
        assert found
        return found

    def differing(self, pattern: str) -> list[tuple[str, str]]:
        """The gym and the path of each of them that is not answered by the same bytes."""
        return [
            (then.gym, then.path)
            for then, now in self.asked(pattern)
            if (then.status, then.text) != (now.status, now.text)
        ]


@pytest.fixture(scope="module", params=releases(), ids=lambda folder: folder.name)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    folder: Path = request.param
    data_dir = tmp_path_factory.mktemp("spotter")
    give_database(folder, data_dir)
    with RunningSpotter(data_dir) as spotter:
        gyms = gyms_of(read_keys(folder), spotter)
        then = read_answers(folder)
        yield Upgraded(folder, spotter, gyms, then, [ask(gyms[answer.gym], answer.path) for answer in then])


class TestWhatWasWritten:
    def test_logs(self, upgraded: Upgraded) -> None:
        """Byte for byte, but for the schema by which an event is read: a later one where its type has grown since."""

        def without_schemas(text: str) -> str:
            return re.sub(r'"schema_version": ?\d+', "", text)

        asked = upgraded.asked(r"/v1/lifters/\w+/events.*")
        assert [then.path for then, now in asked if without_schemas(then.text) != without_schemas(now.text)] == []

    def test_nothing_is_amiss(self, upgraded: Upgraded) -> None:
        anchors = str(upgraded.folder / "anchors.jsonl")
        verified = upgraded.spotter.command("verify", "--anchors", anchors, "--processes", "1")
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert "nothing is amiss" in verified.stdout

    def test_who_was_erased_is_gone(self, upgraded: Upgraded) -> None:
        erased = upgraded.asked(r"/v1/lifters/zoe/.*", status=410)
        assert [_without(now.body, "request_id") for _, now in erased] == [
            _without(then.body, "request_id") for then, _ in erased
        ]
        gym = upgraded.gyms["default"]
        assert gym.send("POST", "/v1/lifters/zoe/events", _a_set("new", datetime.now(UTC))).status == 410

    def test_keys(self, upgraded: Upgraded) -> None:
        """When a key was last used is the one thing that has changed: it has just been used."""
        for then, now in upgraded.asked("/v1/keys"):
            assert [_without(key, "last_used_at") for key in now.body["keys"]] == [
                _without(key, "last_used_at") for key in then.body["keys"]
            ]
        ((then, now),) = upgraded.asked("/v1/lifters/ann/state", status=401)
        assert then.gym == REVOKED
        assert _without(now.body, "request_id") == _without(then.body, "request_id")

    def test_webhooks(self, upgraded: Upgraded) -> None:
        """How far each has been told goes on from the start, for time itself may have brought changes."""
        for then, now in upgraded.asked("/v1/webhooks"):
            lasting = ("webhook_id", "url", "description", "created_at", "disabled_at", "last_delivered_at")
            assert [[hook[name] for name in lasting] for hook in now.body["webhooks"]] == [
                [hook[name] for name in lasting] for hook in then.body["webhooks"]
            ]

    def test_changes(self, upgraded: Upgraded) -> None:
        """What was told stands, but for longer ids; then comes what another engine prescribes otherwise."""
        for then, now in upgraded.asked(r"/v1/changes.*"):
            told = len(then.body["changes"])
            assert [_without(change, "change_id") for change in now.body["changes"][:told]] == [
                _without(change, "change_id") for change in then.body["changes"]
            ]
            assert {change["cause"]["type"] for change in now.body["changes"][told:]} <= {"engine", "time"}

    def test_ids_of_changes_are_still_places_in_the_feed(self, upgraded: Upgraded) -> None:
        """Of the same changes as then, which today's ids name as well."""
        for then, now in upgraded.asked(r"/v1/changes.*"):
            gym = upgraded.gyms[then.gym]
            for told, (told_now, following) in zip(then.body["changes"], pairwise(now.body["changes"]), strict=False):
                for change in (told, told_now):
                    reply = gym.get(f"/v1/changes?after={change['change_id']}&limit=1")
                    assert reply.json["changes"] == [following]

    def test_an_event_sent_again_is_known(self, upgraded: Upgraded) -> None:
        for then, _ in upgraded.asked(r"/v1/lifters/\w+/events.*"):
            kept = next(each for each in then.body["events"] if each["type"] == "set_logged")
            event = {name: kept[name] for name in ("event_id", "type", "occurred_at", "data")}
            reply = upgraded.gyms[then.gym].send("POST", then.path.partition("?")[0], event)
            assert (reply.status, reply.json["outcome"]) == (200, "already_appended"), reply.body
            assert reply.json["version"] == kept["version"]

    def test_the_log_goes_on(self, upgraded: Upgraded) -> None:
        """The next event is appended, prescribed from, and told by the workers."""
        gym = upgraded.gyms["default"]
        lifter = f"/v1/lifters/{TRAINS_ON}"
        ((then, _),) = upgraded.asked(rf"{lifter}/events.*")
        place = gym.get("/v1/changes?after=now").json["next"]
        reply = gym.send("POST", f"{lifter}/events", _a_set("goes-on", datetime.now(UTC)))
        assert (reply.status, reply.json["version"]) == (201, len(then.body["events"]) + 1)
        assert gym.get(f"{lifter}/prescriptions/squat").json["version"] == reply.json["version"]
        cause = {"type": "event", "event_id": "goes-on"}
        eventually(lambda: cause in [each["cause"] for each in gym.get(place).json["changes"]], "the change is told")


class TestWhatFollowsFromIt:
    """Engine 3 reads sets by their places, where engine 2 took half the usual load for work.

    So loads, outcomes and reasons may differ. Who there is, what they follow, which slots they have, that each of
    these has an answer, and what the log came to by its hash chain may not. Without a programme only what is usual is
    listed by now; every exercise is for who asks for the dormant ones too.
    """

    def test_states(self, upgraded: Upgraded) -> None:
        lasting = ("version", "unit", "time_zone", "programme", "log_head")
        for then, now in upgraded.asked(r"/v1/lifters/\w+/state.*"):
            assert [now.body[name] for name in lasting] == [then.body[name] for name in lasting]
            assert _names(now.body["tracks"], "track") == _names(then.body["tracks"], "track")

    def test_prescriptions(self, upgraded: Upgraded) -> None:
        for then, now in upgraded.asked(r"/v1/lifters/\w+/prescriptions\?.*"):
            mine = now.body["prescriptions"]
            every = upgraded.gyms[now.gym].get(f"{now.path}&include=dormant").json["prescriptions"]
            listed = set(_names(mine, "slot"))
            # A slot in which a set only waits is begun as well, so an open session may have more of them left to do.
            assert set(_names(every, "slot")) >= listed | set(_names(then.body["prescriptions"], "slot"))
            assert listed >= {each["slot"] for each in then.body["prescriptions"] if _has_programme(each)}
            assert all(each["sets"] and each["because"] for each in mine)
            for each in mine:
                derivation = upgraded.gyms[now.gym].get(each["derivation"])
                assert derivation.json["prescription"]["because"] == each["because"]

    def test_histories(self, upgraded: Upgraded) -> None:
        for then, now in upgraded.asked(r"/v1/lifters/\w+/prescriptions/.*/history.*"):
            assert len(now.body["recommendations"]) == len(then.body["recommendations"])

    def test_derivations(self, upgraded: Upgraded) -> None:
        """An id that another engine gave has one answer, which says so."""
        derivations = upgraded.asked(r"/v1/lifters/\w+/derivations/.*")
        assert {(now.status, now.body["type"]) for _, now in derivations} == {(404, "/problems/not-found")}
        assert all("engine 2" in now.body["detail"] for _, now in derivations)


def _names(rows: list[dict[str, Any]], name: str) -> list[str]:
    return sorted(each[name] for each in rows)


def _has_programme(prescription: dict[str, Any]) -> bool:
    return bool(prescription["rule_set"]["programme"] != "default")


def _a_set(event_id: str, at: datetime) -> dict[str, Any]:
    data = {"exercise": "squat", "load": {"value": 135, "unit": "lb"}, "reps": 5}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": at.isoformat(), "data": data}


def _without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}
