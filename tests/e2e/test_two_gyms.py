"""Two gyms on one running server, at once, with the same ids: neither sees, guesses or disturbs anything of the other.

docs/faults.md, 22.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import NamedTuple

import pytest

from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.api_keys import SCOPES
from service.usecases.gym.api_keys import make_key
from tests.support.gyms import Gym, Reply, whole_suite
from tests.support.hooks import Receiver, receiving
from tests.support.running import RunningSpotter, eventually
from tests.support.waking import await_told

pytestmark = pytest.mark.long


class Stage(NamedTuple):
    """The server's two gyms after both ran everything at once; how that went for one of them, and how alone."""

    north: Gym
    south: Gym
    at_once: list[object]
    alone: list[object]
    told: dict[str, Receiver]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("spotter")
    spotter = RunningSpotter(folder, SPOTTER_API_KEY="unused", SPOTTER_WEBHOOKS_PRIVATE_TARGETS="yes")
    with spotter as running, receiving() as a, receiving() as b:
        services = bootstrap(Settings.from_environment({"SPOTTER_DATA_DIR": str(running.data_dir)}))

        def gym(name: str, load: float) -> Gym:
            return Gym(name, make_key(services, name, SCOPES).secret, running.port, load)

        origin = gym("origin", 95)
        origin.train("dan")
        export = origin.get("/v1/lifters/dan/export").body
        alone = whole_suite(gym("quiet", 333.25), export)
        north, south = gym("north", 333.25), gym("south", 177.75)
        told = {"north": a, "south": b}
        for each in (north, south):
            assert each.send("POST", "/v1/webhooks", {"url": told[each.name].url}).status == 201
        with ThreadPoolExecutor(2) as threads:
            at_once, _ = threads.map(whole_suite, (north, south), (export, export))
        await_told(services)
        yield Stage(north, south, list(at_once), list(alone), told)


@pytest.fixture(params=[(0, 1), (1, 0)], ids=["north looks at south", "south looks at north"])
def pair(request: pytest.FixtureRequest, stage: Stage) -> tuple[Gym, Gym]:
    """Who looks, and at whom."""
    gyms = (stage.north, stage.south)
    looks, looked_at = request.param
    return gyms[looks], gyms[looked_at]


def test_the_other_disturbs_nothing(stage: Stage) -> None:
    assert len(stage.alone) > 75
    for alone, beside in zip(stage.alone, stage.at_once, strict=True):
        assert beside == alone


def test_neither_is_ever_told_of_the_other(stage: Stage) -> None:
    for gym, other in permutations((stage.north, stage.south)):
        told = "".join(f"{reply.headers}{reply.body.decode()}" for _, reply in gym.answers)
        assert gym.mark in told
        assert str(gym.load) in told
        secrets = {other.mark, str(other.load), other.name, other.key, *_names(other)} - _names(gym)
        assert [secret for secret in secrets if secret in told] == []
        assert _names(gym).isdisjoint(_names(other))


def test_each_lists_its_own_lifters_only(pair: tuple[Gym, Gym]) -> None:
    looks, other = pair
    other.log(f"{other.name}-only", "n", 1, "lifter_noted", note=other.mark)
    named = {each["lifter"] for each in looks.get("/v1/lifters?limit=1000").json["lifters"]}
    assert {"ann", "cat", "dan"} <= named
    assert "ben" not in named
    assert not any(lifter.startswith(other.name) for lifter in named)


def test_an_idempotency_key_is_its_gyms_own(pair: tuple[Gym, Gym]) -> None:
    """Both sent other bodies under the same key, and each was answered; what was kept answers nobody else."""
    looks, other = pair
    for gym in pair:
        sent = [reply for request, reply in gym.answers if request == "POST /v1/events"][:2]
        assert [reply.status for reply in sent] == [200, 200]
        assert [reply.headers.get("idempotent-replayed") for reply in sent] == [None, "true"]
    other.log_many(("ann",), f"key-of-{other.name}")
    looks.log_many(("ann", "ben"), f"key-of-{other.name}")
    first, again = [reply for request, reply in looks.answers if request == "POST /v1/events"][-2:]
    assert "idempotent-replayed" not in first.headers
    # Answered anew, for an answer that names somebody who was erased is not kept.
    assert "idempotent-replayed" not in again.headers
    assert _alike(first, "ben") == _alike(again, "ben")


def test_each_is_told_of_its_own_changes_only(pair: tuple[Gym, Gym]) -> None:
    looks, other = pair
    mine, theirs = f"{looks.name}-listens", f"{other.name}-is-not-heard"
    with looks.listening() as heard, other.listening() as others_heard:
        for gym, lifter, told in ((other, theirs, others_heard), (looks, mine, heard)):
            load = {"value": gym.load, "unit": "lb"}
            gym.log(lifter, "s1", 1, exercise="deadlift", load=load, reps=6)
            assert next(told)["lifter"] == lifter
    changes = looks.changes()
    assert {mine, "ann"} <= {change["lifter"] for change in changes}
    assert not any(change["lifter"].startswith(other.name) for change in changes)
    assert str(other.load) not in json.dumps(changes)
    places = [f"/v1/changes?after={change['change_id']}" for change in other.changes()[-3:]]
    for place in places:
        seen = looks.get(place)
        assert seen.status in (200, 410), "a place is a number in one's own feed, be it one that is not there"
        assert other.name not in seen.body.decode()


def test_webhooks_tell_each_of_its_own_only(stage: Stage, pair: tuple[Gym, Gym]) -> None:
    looks, other = pair
    mine, theirs = f"{looks.name}-is-told", f"{other.name}-is-not-told"
    for gym, lifter in ((other, theirs), (looks, mine)):
        gym.log(lifter, "s1", 1, exercise="deadlift", load={"value": gym.load, "unit": "lb"}, reps=6)
        _until_told(stage.told[gym.name], lifter)
    assert "ann" in _lifters(stage.told[looks.name])
    assert not any(lifter.startswith(other.name) for lifter in _lifters(stage.told[looks.name]))
    (hook,) = other.get("/v1/webhooks").json["webhooks"]
    path = f"/v1/webhooks/{hook['webhook_id']}"
    for method, part in (("GET", ""), ("DELETE", ""), ("POST", "/rotation"), ("POST", "/resumption"), *_LETTERS):
        seen, nobody = looks.send(method, path + part), looks.send(method, f"/v1/webhooks/wh_0000000000000000{part}")
        assert seen.status == 404
        assert _alike(seen, hook["webhook_id"]) == _alike(nobody, "wh_0000000000000000")
    assert other.get(path).status == 200


def test_what_only_the_other_has_is_answered_like_what_nobody_has(pair: tuple[Gym, Gym]) -> None:
    looks, other = pair
    lifter = f"{other.name}-eve"
    other.train(lifter)
    other.read(lifter)
    now = [f"/v1/lifters/{lifter}/prescriptions{of}" for of in ("", "/deadlift") for _ in range(4)]  # of each process
    for path in [*dict.fromkeys(other.paths(lifter)), *now]:
        tag = other.get(path).headers.get("etag", "*")
        seen = looks.get(path, If_None_Match=tag)
        assert seen.status == 404, path
        assert _alike(seen, lifter) == _alike(
            looks.get(path.replace(lifter, "no-such-lifter"), If_None_Match=tag), "no-such-lifter"
        )
    for method, path in (("DELETE", ""), ("GET", "/export")):
        assert looks.send(method, f"/v1/lifters/{lifter}{path}").status == 404
    assert other.get(f"/v1/lifters/{lifter}/state").status == 200


def test_the_others_ids_lead_to_ones_own_or_to_nothing(pair: tuple[Gym, Gym]) -> None:
    """Derivation ids, cursors and entity tags name places in a lifter's log; whose log it is, only the key says."""
    looks, other = pair
    begun = len(looks.answers)
    other.log("ann", f"more-{other.name}", 20, exercise="deadlift", load={"value": other.load, "unit": "lb"}, reps=6)
    other.read("ann")
    for given in other.derivations("ann"):
        for part in ("", "/why", "/what-if"):
            assert looks.get(f"/v1/lifters/ann/derivations/{given}{part}").status in (200, 404)
    for request, reply in list(other.answers):
        if request.startswith("GET /v1/lifters/ann/") and "link" in reply.headers:
            assert looks.get(re.sub(r"^<(.*)>.*", r"\1", reply.headers["link"])).status == 200
        if request.startswith("GET /v1/lifters/ann/prescr") and "etag" in reply.headers:
            looks.get(request.removeprefix("GET "), If_None_Match=reply.headers["etag"])
    told = "".join(reply.body.decode() for _, reply in looks.answers[begun:])
    assert str(looks.load) in told
    assert other.mark not in told
    assert str(other.load) not in told


def test_the_others_keys_do_not_exist(pair: tuple[Gym, Gym]) -> None:
    looks, other = pair
    for key in other.get("/v1/keys").json["keys"]:
        path = f"/v1/keys/{key['key_id']}"
        for method, part, body in (("GET", "", None), ("POST", "/rotation", {}), ("POST", "/revocation", None)):
            seen = looks.send(method, path + part, body)
            nobody = looks.send(method, f"/v1/keys/k_0000000000000000{part}", body)
            assert seen.status == 404
            assert _alike(seen, key["key_id"]) == _alike(nobody, "k_0000000000000000")
        assert other.get(path).json["status"] == key["status"]


_LETTERS = (("GET", "/dead-letters"), ("POST", "/dead-letters/msg_0000000000000000_1/resend"))


def _until_told(receiver: Receiver, lifter: str) -> None:
    eventually(lambda: lifter in _lifters(receiver), f"a webhook is told of {lifter}")


def _lifters(receiver: Receiver) -> set[str]:
    """The lifters of whom a webhook was told."""
    return {change["lifter"] for message in list(receiver.received) for change in message.changes}


def _names(gym: Gym) -> set[str]:
    """Everything that only this gym may know by name: its keys, as they sign what they wrote."""
    return {key["key_id"] for key in gym.get("/v1/keys").json["keys"]}


def _alike(reply: Reply, name: str) -> tuple[int, str]:
    """An answer without what it was asked about."""
    return reply.status, re.sub(r'"request_id":"[^"]*"', "", reply.body.decode()).replace(name, "…")
