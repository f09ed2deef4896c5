"""What others notice of eight simulations at once, each of 5,000 sets in four slots."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Final

from bench.client import Target, Timings, load
from bench.logs import START
from service.domain.instants import DAY, SECOND, render

_AT_ONCE: Final = 8
_SETS: Final = 5_000
_SECONDS: Final = 8.0
_EXERCISES: Final = ("deadlift", "barbell-row", "single-arm-dumbbell-row", "face-pull")
_SETS_A_SESSION: Final = 12


def with_simulations(target: Target, requests: Iterator[bytes]) -> tuple[Timings, Timings]:
    """The timings of requests from 2 connections without simulations, and with them."""
    context = get_context("spawn")
    ready, begin, stop = context.Event(), context.Event(), context.Event()
    # A process of their own, which costs who measures nothing.
    clients = context.Process(target=_simulate, args=(target, ready, begin, stop))
    clients.start()
    ready.wait()
    with target.connections(2) as connections:
        alone = load(connections, requests, seconds=_SECONDS)
        begin.set()
        beside = load(connections, requests, seconds=_SECONDS)
    stop.set()
    clients.join()
    return alone, beside


def _simulate(target: Target, ready: Event, begin: Event, stop: Event) -> None:
    body = _body()
    for _ in range(2 * _AT_ONCE):
        _ask(target, "{}")  # what answers it is there from now on, in each web process
    threads = [threading.Thread(target=_go_on, args=(target, body, stop)) for _ in range(_AT_ONCE)]
    ready.set()
    begin.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _go_on(target: Target, body: str, stop: Event) -> None:
    while not stop.is_set():
        if _ask(target, body) != http.client.OK:
            time.sleep(0.5)


def _ask(target: Target, body: str) -> int:
    connection = http.client.HTTPConnection(target.host, target.port)
    headers = {"Authorization": f"Bearer {target.key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/simulations", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _body() -> str:
    sets = []
    for number in range(_SETS):
        session, place = divmod(number, _SETS_A_SESSION)
        exercise = _EXERCISES[place * len(_EXERCISES) // _SETS_A_SESSION]
        at = render(START + session * 2 * DAY + place * 180 * SECOND)
        data = {"exercise": exercise, "load": {"value": 100, "unit": "lb"}, "reps": 4 + number % 3}
        sets.append({"type": "set_logged", "occurred_at": at, "data": data})
    return json.dumps({"rule_set": {"files": {}, "programme": "upper-back"}, "events": sets})
