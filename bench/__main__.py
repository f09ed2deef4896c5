"""`make bench`: a table on the screen and ``var/bench.json``, every figure beside the floor of the same run.

It starts a Spotter of its own, in a temporary folder and on a free port, exactly as `make run` would.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.bulk import bulk
from bench.client import Target, Timings, exchange, in_turn, load
from bench.dripping import with_drippers
from bench.importing import importing
from bench.languages import languages
from bench.logs import START, training
from bench.pages import enrol, page_timings
from bench.programmes import programmes
from bench.simulating import with_simulations
from service.bootstrap import bootstrap
from service.config import Settings
from service.domain.errors import SpotterError
from service.domain.events import SetCorrected
from service.domain.identifiers import LifterRef
from service.domain.instants import DAY, SECOND, render
from service.engine.replay.projection import decoded, replay_in_order
from service.usecases.log.append import append_events
from service.usecases.log.batch import Submission
from service.usecases.projection.drain import replay_lag
from service.usecases.projection.replay_from_snapshot import climb
from service.usecases.services import Services

REPLAYED = 100_000
PROGRAMME = "upper-back"
_KEY = "bench-key-that-nobody-else-uses"
_REPEATS = 5
_WIDTH = 110
"""Columns of the table, so that a log of a machine without a screen holds all of it."""


def main() -> None:
    """Measure everything and say it."""
    with tempfile.TemporaryDirectory(prefix="spotter-bench-") as folder, spotter(Path(folder)) as (target, services):
        report = {
            **languages(),
            **programmes(services.rule_sets, services.plans),
            "replay": replay(services),
            **posting(target, services),
            "bulk": bulking(target, services),
            **importing_settled(services),
            "drip": dripping(target, services),
            **simulating(target, services),
            "fresh": fresh(target, services),
            **getting(target, services),
            **paging(target, services),
            **confirming(target),
            "correction_10k": correction(services),
        }
    report |= proxied()
    Path("var").mkdir(exist_ok=True)
    Path("var/bench.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    show(report)


def proxied() -> dict[str, Any]:
    """What leaving slow clients to a proxy is worth: some of the figures again, without that proxy's own share."""
    with (
        tempfile.TemporaryDirectory(prefix="spotter-bench-") as folder,
        spotter(Path(folder), SPOTTER_BEHIND_PROXY="yes") as (target, services),
    ):
        write_log(services, LifterRef("default", "history-100"), 100)
        figures = {**posting(target, services), "bulk": bulking(target, services)}
        settle(services)
        figures |= confirming(target)
    return {f"{name}_proxied": figure for name, figure in figures.items()}


@contextmanager
def spotter(folder: Path, **settings: str) -> Iterator[tuple[Target, Services]]:
    """A running Spotter, with a door to its store beside the one over HTTP."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SPOTTER_")},
        "SPOTTER_DATA_DIR": str(folder / "data"),
        "SPOTTER_PORT": str(port),
        "SPOTTER_API_KEY": _KEY,
        **settings,
    }
    command = [str(Path(sys.executable).with_name("spotter")), "run"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _await_ready(port, process)
            yield Target("127.0.0.1", port, _KEY), bootstrap(Settings.from_environment(environment))
        finally:
            process.send_signal(signal.SIGTERM)


def _await_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("Spotter did not start; run `make run` to see why.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("Spotter did not become ready within a minute.")


def write_log(services: Services, lifter: LifterRef, events: int) -> None:
    """Append a lifter's training, as an import would."""
    programme = services.rule_sets.get(services.rule_sets.newest(PROGRAMME) or "").programme
    submissions = list(training(programme, events, seed=events))
    for start in range(0, events, 1000):
        results = append_events(services, lifter, submissions[start : start + 1000], actor="bench")
        refused = [result for result in results if isinstance(result, SpotterError)]
        if refused:
            raise refused[0]


def replay(services: Services) -> dict[str, Any]:
    """Events a second through the programme's full rules; the floor reads and decodes the same log, no more."""
    lifter = LifterRef("bench", "replayed")
    write_log(services, lifter, REPLAYED)
    settle(services)

    def floor() -> None:
        for run in services.log.runs(lifter):
            decoded(run)

    def whole() -> None:
        replay_in_order(services.log.runs(lifter), services.plans)

    pairs = [(_seconds(floor), _seconds(whole)) for _ in range(_REPEATS)]
    floors, wholes = zip(*pairs, strict=True)
    value, limit = REPLAYED / min(wholes), REPLAYED / min(floors)
    return {"value": round(value), "unit": "events/s", "floor": round(limit), "ratio": round(value / limit, 3)}


def settle(services: Services) -> None:
    """Wait until the workers have nothing left to do, so that one figure does not pay for another."""
    while replay_lag(services).lifters:
        time.sleep(0.1)


def _seconds(work: Any) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def posting(target: Target, services: Services) -> dict[str, Any]:
    """Single POSTs a second from 8 connections, workers draining; the floor is `/livez` of the same server."""
    settle(services)
    with target.connections(8) as connections:
        constant = load(connections, _forever(target.get("/livez")), seconds=5)
        timings = load(connections, sets(target, "posting", lifters=200), seconds=10)
    return {"post": _rate(timings, constant)}


def bulking(target: Target, services: Services) -> dict[str, Any]:
    """Events a second in requests of 20,000 lines; the floor appends such events without HTTP and without reading."""
    settle(services)
    return bulk(target, services)


def importing_settled(services: Services) -> dict[str, Any]:
    """Rows a second of another app's export, of one lifter and of a hundred; see `importing`."""
    settle(services)
    return importing(services)


def dripping(target: Target, services: Services) -> dict[str, Any]:
    """The p99 of single POSTs beside 200 clients that drip headers and 200 that drip bodies; the floor is without."""
    settle(services)
    alone, beside = with_drippers(target, sets(target, "dripping", lifters=200))
    value, floor = beside.percentile(99), alone.percentile(99)
    shown = {"value": round(value, 3), "unit": "ms", "floor": round(floor, 3), "ratio": round(value / floor, 3)}
    return {**shown, **_percentiles(beside)}


def simulating(target: Target, services: Services) -> dict[str, Any]:
    """The median and the p99 of single POSTs beside eight simulations at once; the floor is without."""
    settle(services)
    alone, beside = with_simulations(target, sets(target, "simulating", lifters=200))
    return {
        f"simulations_p{percent}": {
            "value": round(value := beside.percentile(percent), 3),
            "unit": "ms",
            "floor": round(floor := alone.percentile(percent), 3),
            "ratio": round(value / floor, 3),
            **_percentiles(beside),
        }
        for percent in (50, 99)
    }


def fresh(target: Target, services: Services) -> dict[str, Any]:
    """From posting a set to holding the prescription that knows it, one after the other; the floor is two `/livez`."""
    posts = sets(target, "fresh", lifters=1)

    def once(connection: socket.socket) -> None:
        version = json.loads(exchange(connection, next(posts)))["version"]
        answer = json.loads(exchange(connection, target.get("/v1/lifters/fresh-0/prescriptions/deadlift")))
        if answer["version"] < version:
            raise SystemExit("a prescription lagged behind the log")

    def constant(connection: socket.socket) -> None:
        exchange(connection, target.get("/livez"))
        exchange(connection, target.get("/livez"))

    settle(services)
    floor = in_turn(target, constant, times=500)
    return _time(in_turn(target, once, times=1000), floor.percentile(50))


def getting(target: Target, services: Services) -> dict[str, Any]:
    """GET of a prescription after 100 events (floor: `/livez`), after 10,000 and by who has it (floor: after 100)."""
    for events in (100, 10_000):
        write_log(services, LifterRef("default", f"history-{events}"), events)
    settle(services)

    def asking(path: str, tag: str | None = None) -> Timings:
        request = target.get(path, tag)
        return in_turn(target, lambda connection: _ignore(exchange(connection, request)), times=1000)

    path = "/v1/lifters/history-{}/prescriptions/deadlift"
    tag = _tag(target, path.format(100))
    constant, short, long = asking("/livez"), asking(path.format(100)), asking(path.format(10_000))
    return {
        "get": _time(short, constant.percentile(50)),
        "get_304": _time(asking(path.format(100), tag), short.percentile(50)),
        "get_10k": _time(long, short.percentile(50)),
    }


def paging(target: Target, services: Services) -> dict[str, Any]:
    """Pages as a browser gets them, after `getting`; the floor is `/livez`."""
    enrol(services)
    settle(services)
    request = target.get("/livez")
    floor = in_turn(target, lambda connection: _ignore(exchange(connection, request)), times=200).percentile(50)
    timings = page_timings(target, "history-100", "history-10000")
    return {name: _time(each, floor) for name, each in timings}


def _tag(target: Target, path: str) -> str:
    """The entity tag of a prescription."""
    with closing(http.client.HTTPConnection(target.host, target.port)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {target.key}"})
        return str(connection.getresponse().headers["ETag"]).strip('"')


def confirming(target: Target) -> dict[str, Any]:
    """304s a second to 8 connections; the floor is the full GETs of the same that they spare."""
    path = "/v1/lifters/history-100/prescriptions/deadlift"
    tag = _tag(target, path)
    with target.connections(8) as connections:
        full = load(connections, _forever(target.get(path)), seconds=4)
        return {"304": _rate(load(connections, _forever(target.get(path, tag)), seconds=4), full)}


def correction(services: Services) -> dict[str, Any]:
    """Replaying after a correction of the 100th event from the end of 10,000; the floor replays the whole log."""
    lifter = LifterRef("default", "history-10000")
    append_events(services, lifter, [_correction(services, lifter)], actor="bench")
    head = services.log.head(lifter)
    rungs = services.projections.ladder(lifter)
    pairs = [
        (
            _seconds(lambda: climb(services, lifter, (), last=head)),
            _seconds(lambda: climb(services, lifter, rungs, last=head)),
        )
        for _ in range(_REPEATS)
    ]
    wholes, values = zip(*pairs, strict=True)
    limit, value = 1000 * min(wholes), 1000 * min(values)
    return {"value": round(value, 3), "unit": "ms", "floor": round(limit, 3), "ratio": round(value / limit, 3)}


def _correction(services: Services, lifter: LifterRef) -> Submission:
    (entry,) = services.log.read(lifter, services.log.head(lifter) - 100, 1)
    return Submission("correction", entry.event.occurred_at, SetCorrected(entry.event.event_id, reps=9))


def _ignore(_answer: bytes) -> None:
    """The time is all that counts."""


def _forever(request: bytes) -> Iterator[bytes]:
    while True:
        yield request


def sets(target: Target, name: str, *, lifters: int) -> Iterator[bytes]:
    """Posts of sets for several lifters in turn, each training every second day, 3 sets a session."""
    for number in count():
        turn, lifter = divmod(number, lifters)
        session, place = divmod(turn, 3)
        body = {
            "event_id": f"{name}-{number}",
            "type": "set_logged",
            "occurred_at": render(START + session * 2 * DAY + place * 180 * SECOND),
            "data": {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}, "reps": 5, "rir": 1},
        }
        yield target.post(f"/v1/lifters/{name}-{lifter}/events", json.dumps(body))


def _rate(timings: Timings, floor: Timings) -> dict[str, Any]:
    return {
        "value": round(timings.rate),
        "unit": "requests/s",
        "floor": round(floor.rate),
        "ratio": round(timings.rate / floor.rate, 3),
        **_percentiles(timings),
    }


def _time(timings: Timings, floor_ms: float) -> dict[str, Any]:
    p50 = timings.percentile(50)
    return {
        "value": round(p50, 3),
        "unit": "ms",
        "floor": round(floor_ms, 3),
        "ratio": round(p50 / floor_ms, 3),
        **_percentiles(timings),
    }


def _percentiles(timings: Timings) -> dict[str, float]:
    return {"p50_ms": round(timings.percentile(50), 3), "p99_ms": round(timings.percentile(99), 3)}


def show(report: dict[str, Any]) -> None:
    """The report as a table."""
    table = Table("figure", "value", "unit", "floor", "ratio", "bound", "p50 ms", "p99 ms")
    for name, figures in report.items():
        row = [figures.get(column, "") for column in ("value", "unit", "floor", "ratio", "bound", "p50_ms", "p99_ms")]
        table.add_row(name, *(f"{cell:,}" if isinstance(cell, int | float) else cell for cell in row))
    screen = Console()
    screen.width = max(screen.width, _WIDTH)
    screen.print(table)


if __name__ == "__main__":
    main()
