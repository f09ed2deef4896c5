"""Clients that log events over HTTP all the time, whatever is killed, and remember what was acknowledged."""

import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from service.domain.instants import render
from tests.support.running import PATIENCE_SECONDS

_START = 1_700_000_000_000_000
_MINUTE = 60_000_000


class Acknowledged(NamedTuple):
    """An event that the server said it has: of whom, which, and at what version."""

    lifter: str
    event_id: str
    version: int


class Client:
    """Posts events and, like any client of the service, sends one again until it is answered."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._hang_up()

    def append(self, lifter: str, event: dict[str, Any]) -> Acknowledged:
        """Have an event logged; fails when it is refused, or not answered within five minutes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            answer = self._try(lifter, event)
            if answer is not None:
                status, body = answer
                if status in (200, 201):
                    return Acknowledged(lifter, event["event_id"], body["version"])
                assert status == 503, (status, json.dumps(body))
            time.sleep(0.02)
        raise AssertionError(f"{event['event_id']} was not answered in {PATIENCE_SECONDS} s")

    def _try(self, lifter: str, event: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Post once; None when no answer came."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            self._connection.request("POST", f"/v1/lifters/{lifter}/events", json.dumps(event), self._headers)
            response = self._connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            self._hang_up()
            return None

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Writers:
    """Some clients at once, each in a thread; a context manager that stops them and raises what went wrong."""

    def __init__(
        self, port: int, key: str, lifters: Sequence[str], *, seed: int, number: int = 3, act: bool = True
    ) -> None:
        """``act``: also correct and void, which only works out where nothing acknowledged is lost."""
        self._act = act
        self.acknowledged: list[Acknowledged] = []
        self._port, self._key, self._lifters = port, key, lifters
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(seed, writer)) for writer in range(number)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _work(self, seed: int, writer: int) -> None:
        try:
            with Client(self._port, self._key) as client:
                self._write(client, random.Random(f"{seed} {writer}"), writer)
        except BaseException as error:  # noqa: BLE001 - raised where the test can see it
            self._failures.append(error)

    def _write(self, client: Client, chance: random.Random, writer: int) -> None:
        mine: list[Acknowledged] = []
        while not self._stop.is_set():
            lifter = chance.choice(self._lifters)
            earlier = [e for e in mine if e.lifter == lifter] if self._act else []
            event = an_event(chance, f"{writer}-{len(mine)}", len(mine), earlier)
            mine.append(client.append(lifter, event))
            self.acknowledged.append(mine[-1])
            time.sleep(0.02)  # all that is written is replayed and told anew afterwards


def an_event(chance: random.Random, event_id: str, number: int, earlier: Sequence[Acknowledged]) -> dict[str, Any]:
    """The number-th event of a writer: mostly sets in order, now and then late ones, corrections and voids."""
    sets = [event for event in earlier if event.event_id.endswith("s")]
    kind = chance.random()
    minutes = number - (chance.randrange(600) if kind < 0.03 else 0)
    base = {"occurred_at": render(_START + minutes * _MINUTE)}
    if kind > 0.98 and sets:
        return base | _acting_on(event_id + "v", "set_voided", {"voids": chance.choice(sets).event_id})
    if kind > 0.96 and sets:
        data = {"corrects": chance.choice(sets).event_id, "reps": chance.randrange(1, 12), "rir": None}
        return base | _acting_on(event_id + "c", "set_corrected", data)
    if kind > 0.94 and sets:
        return base | chance.choice(
            [
                _acting_on(event_id + "w", "session_voided", {"session_id": session_of(chance.choice(sets).event_id)}),
                _acting_on(event_id + "k", "session_skipped", {"reason": "ill"}),
                _acting_on(event_id + "o", "overridden", {"slot": "default/deadlift", "load": load_of(chance)}),
            ]
        )
    exercise = chance.choice(("deadlift", "barbell-row", "face-pull"))
    data = {"exercise": exercise, "load": load_of(chance), "reps": chance.randrange(3, 8)}
    data["session_id"] = session_of(event_id)
    return base | {"event_id": event_id + "s", "type": "set_logged", "data": data}


def load_of(chance: random.Random) -> dict[str, Any]:
    """A load of a deadlift."""
    return {"value": 2.5 * chance.randrange(40, 50), "unit": "kg"}


def session_of(event_id: str) -> str:
    """The session of a set by its id, ``<writer>-<number>s``: twenty events of a writer are one."""
    writer, number = event_id.removesuffix("s").rsplit("-", 1)
    return f"{writer}-{int(number) // 20}"


def _acting_on(event_id: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"event_id": event_id, "type": kind, "data": data}
