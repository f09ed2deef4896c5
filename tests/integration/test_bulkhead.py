"""What is behind the bulkhead, in real processes: the same answers, and an end to whatever takes too much."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
import redis
from werkzeug.exceptions import ClientDisconnected

from service.bootstrap import Services, bootstrap
from service.config import Settings
from service.costly_requests import COMMAND
from service.domain.api_keys import ApiKey
from service.http.app import create_app
from service.http.bulkhead import Bulkhead, Limits, Patience, Task, TooCostly
from service.http.places import Busy
from service.usecases.rules.publish import publish_rules
from tests.support.running import eventually, standing_of

_PATIENCE = Patience(60.0, 60.0, 60.0)
_LIMITS = Limits(60.0, 1 << 30)
_BY = ApiKey("k_1", "", "a-gym", ("read",), 0)
_SETS = [
    {
        "type": "set_logged",
        "occurred_at": f"{2000 + day // 336}-{1 + day // 28 % 12:02}-{1 + day % 28:02}T18:00:00Z",
        "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 5},
    }
    for day in range(2000)
]


def _task(method: str, path: str, document: object = None, limits: Limits = _LIMITS) -> Task:
    body = b"" if document is None else json.dumps(document).encode()
    path, _, query = path.partition("?")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "x"}
    environ |= {"SERVER_PORT": "80", "wsgi.url_scheme": "http", "HTTP_HOST": "x", "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "HTTP_X_REQUEST_ID": "one"}
    return Task(environ, body, _BY, limits)


_SHORT = _task("GET", "/v1/exercises?limit=2")
_SIMULATION = {"rule_set": {"files": {}, "programme": "upper-back"}, "events": _SETS}
_LONG = _task("POST", "/v1/simulations", _SIMULATION)
"""A simulation that takes seconds."""


@pytest.fixture(scope="module")
def services(log_url: str, queue_url: str) -> Services:
    for url in (log_url, queue_url):
        with redis.Redis.from_url(url) as client:
            client.flushall()
    made = bootstrap(Settings.from_environment({"SPOTTER_REDIS_URL": log_url, "SPOTTER_QUEUE_URL": queue_url}))
    publish_rules(made)
    return made


@pytest.fixture(scope="module")
def bulkhead(services: Services) -> Iterator[Bulkhead]:
    """One for all tests: it takes seconds to load."""
    made = Bulkhead(COMMAND, 4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOTTER_REDIS_URL", services.settings.redis_url)
        patch.setenv("SPOTTER_QUEUE_URL", services.settings.queue_url)
        yield made
    made.close()
    eventually(lambda: _starters() == [], "nothing is left behind the bulkhead")


def _answered(bulkhead: Bulkhead, task: Task, is_gone: Callable[[], bool] = lambda: False) -> tuple[int, bytes]:
    with closing(bulkhead.answer(task, _PATIENCE, is_gone)) as answer:
        return answer.head.status, b"".join(answer.pieces())


def _starters() -> list[int]:
    """The processes of this one that start those which answer; there is one at most."""
    return [each for each in _children(os.getpid()) if "service.costly_requests" in _command(each)]


def _answering() -> list[int]:
    """The processes that answer just now."""
    return [each for starter in _starters() for each in _children(starter)]


def _children(process: int) -> list[int]:
    """The processes that one has started, zombies among them."""
    found = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
    return [each for each in found if (standing := standing_of(each)) and standing.parent == process]


def _command(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def test_an_answer_is_the_same_behind_the_bulkhead(bulkhead: Bulkhead, services: Services) -> None:
    services.keys.add(_BY.gym, "a-key", created_at=0)
    client = create_app(services).test_client()
    for path in ("/v1/exercises?limit=2", "/v1/lifters/nobody/prescriptions"):
        here = client.get(path, headers={"Authorization": "Bearer a-key", "X-Request-Id": "one"})
        assert _answered(bulkhead, _task("GET", path)) == (here.status_code, here.data)
    eventually(lambda: _answering() == [], "nothing is left of those that answered")


@pytest.mark.parametrize(
    ("limits", "why"),
    [(Limits(0.0, 1 << 30), "seconds of a processor"), (Limits(60.0, 0), "MiB of memory")],
    ids=["time", "memory"],
)
def test_what_takes_too_much_is_given_up(bulkhead: Bulkhead, limits: Limits, why: str) -> None:
    with pytest.raises(TooCostly, match=why):
        _answered(bulkhead, _task("POST", "/v1/simulations", _SIMULATION, limits))


def test_a_programme_that_takes_too_much_is_not_published(bulkhead: Bulkhead, services: Services) -> None:
    text = services.rule_sets.library().files["programmes/upper-back.yaml"].decode()
    files = {"ours.yaml": text.replace("programme: upper-back", "programme: ours")}
    for limits, became in ((Limits(0.0, 1 << 30), {}), (_LIMITS, {"ours"})):
        with suppress(TooCostly):
            _answered(bulkhead, _task("PUT", "/v1/programmes/ours", {"files": files}, limits))
        assert services.gym_programmes.of(_BY.gym).keys() == set(became)


def test_whatever_ends_too_early_costs_its_own_request(bulkhead: Bulkhead) -> None:
    """The client leaves, the process that answers is killed, and the one that starts those."""
    seen: list[int] = []

    def is_gone() -> bool:
        seen.extend(_answering())
        return bool(seen)

    with pytest.raises(ClientDisconnected):
        _answered(bulkhead, _LONG, is_gone)
    eventually(lambda: _answering() == [], "nobody works on what nobody waits for")
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(_answered, bulkhead, _LONG)
        eventually(lambda: _answering() != [], "it is worked on")
        for each in _answering():
            os.kill(each, signal.SIGKILL)
        with pytest.raises(Busy, match="ended before it had answered"):
            asked.result()
        (starter,) = _starters()
        os.kill(starter, signal.SIGSTOP)
        asked = threads.submit(_answered, bulkhead, _SHORT)
        os.kill(starter, signal.SIGKILL)
        with pytest.raises(Busy, match="ended before it had answered"):
            asked.result()
    eventually(lambda: _starters() == [], "nothing is left of it")
    assert _answered(bulkhead, _SHORT)[0] == 200
