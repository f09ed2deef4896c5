"""`spotter rules backtest` against the same measure taken over HTTP, session by session, of a running Spotter."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Self
from urllib.parse import quote

import pytest

from tests.support.running import RunningSpotter

_KEY = "a-key-for-tests"
_POUND = 0.45359237

Session = list[dict[str, Any]]


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=_KEY) as running:
        yield running


def _training(seed: int, unit: str) -> list[Session]:
    """Twenty-five sessions of somebody who ramps, drops, fails, varies, goes away, and trains twice on some days."""
    random = Random(seed)
    at = datetime(2025, 1, 6, 18)  # noqa: DTZ001 - written as UTC
    loads = {"squat": 60.0, "bench-press": 45.0, "pull-up": -20.0, "my-own-machine": 30.0}
    sessions: list[Session] = []
    for number in range(25):
        long_break = 25 if number == 20 else 0
        # Every eighth session begins before the one before it has ended.
        at += timedelta(minutes=4) if number % 8 == 7 else timedelta(days=random.choice([1, 2, 3]) + long_break)
        data: list[dict[str, Any]] = []
        for exercise in random.sample(sorted(loads), 3):
            load = loads[exercise]
            if exercise == "squat":
                data += [
                    {"exercise": exercise, "load": load * share, "reps": 5, "kind": "warmup"} for share in (0.5, 0.8)
                ]
            for place in range(3):
                reps = random.choice([4, 6, 8, 8, 10, 12, 12, 15])
                kinds: list[dict[str, Any]] = [{}, {}, {"kind": "work"}, {"kind": "failure"}, {"rpe": 8}]
                kind = random.choice(kinds)
                data.append(
                    {"exercise": exercise, "load": load - 2.5 * random.choice([0, 0, place]), "reps": reps, **kind}
                )
            data.append({"exercise": exercise, "load": load + 10, "reps": 3, "kind": "drop"})
            loads[exercise] += random.choice([-5.0, 0, 0, 0, 1.25, 2.5, 5])
        data.append({"exercise": "plank", "load": 0, "seconds": 60 + number})
        sessions.append(
            [
                {
                    "event_id": f"{number}-{place}",
                    "type": "set_logged",
                    "occurred_at": _written(at + timedelta(minutes=place)),
                    "data": {**each, "load": {"value": each["load"], "unit": unit}, "session_id": f"s{number}"},
                }
                for place, each in enumerate(data)
            ]
        )
    return sessions


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


class _Client:
    """Asks and posts over one connection; a context manager that closes it."""

    def __init__(self, spotter: RunningSpotter) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[int, Any]:
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {_KEY}"})
        reply = self._connection.getresponse()
        return reply.status, json.loads(reply.read())

    def post(self, lifter: str, events: Session) -> None:
        lines = "".join(json.dumps({"lifter": lifter, **event}) + "\n" for event in events)
        headers = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/x-ndjson"}
        self._connection.request("POST", "/v1/events", lines, headers)
        reply = self._connection.getresponse()
        answers = reply.read().splitlines()
        assert reply.status == 200
        assert all(b'"outcome"' in line for line in answers), answers


def _measured(client: _Client, lifter: str, sessions: list[Session]) -> Counter[str]:
    """The measure as a client takes it: ask for every exercise before its session, then post what was lifted."""
    counts: Counter[str] = Counter()
    last: dict[str, tuple[float, float]] = {}
    for session in sessions:
        done: dict[str, list[Any]] = {}
        for event in session:
            data = event["data"]
            if event["type"] == "set_logged" and data.get("kind") not in ("warmup", "drop") and data.get("reps"):
                done.setdefault(data["exercise"], []).append(data)
        for exercise, sets in done.items():
            top = max(sets, key=lambda each: (each["load"]["value"], each["reps"]))
            load = top["load"]["value"]
            if exercise in last and load > 0 and last[exercise][0] > 0:
                at = quote(session[0]["occurred_at"])
                status, prescription = client.get(f"/v1/lifters/{lifter}/prescriptions/{exercise}?as_of={at}")
                assert status == 200
                work = [each for each in prescription["sets"] if each["kind"] != "warmup" and each.get("load")]
                if work:
                    _count(counts, work, top["load"]["unit"], sets, load, *last[exercise])
            last[exercise] = (load, max(last.get(exercise, (0, 0))[1], load))
        client.post(lifter, session)
    return counts


def _count(
    counts: Counter[str], work: list[Any], unit: str, sets: list[Any], load: float, last: float, highest: float
) -> None:
    asked = max(work, key=lambda each: each["load"]["value"])
    value = asked["load"]["value"] * {("kg", "lb"): 1 / _POUND, ("lb", "kg"): _POUND}.get(
        (asked["load"]["unit"], unit), 1
    )
    best = max(_estimate(each["load"]["value"], each["reps"]) for each in sets)
    estimate = _estimate(value, asked["reps"]["min"])
    counts["exercise_sessions"] += 1
    counts["within_5_percent"] += abs(value / load - 1) <= 0.05
    counts["within_10_percent"] += abs(value / load - 1) <= 0.1
    counts["last_time_within_5_percent"] += abs(last / load - 1) <= 0.05
    counts["last_time_within_10_percent"] += abs(last / load - 1) <= 0.1
    counts["raises"] += load > last * 1.005
    counts["raises asked"] += value > last * 1.005
    counts["raises_right"] += load > last * 1.005 < value
    counts["records"] += load > highest * 1.005
    counts["records asked"] += value > highest * 1.005
    counts["records_right"] += load > highest * 1.005 < value
    counts["lowered_in_vain"] += value < last * 0.995 <= load
    counts["estimate_within_5_percent"] += abs(estimate / best - 1) <= 0.05
    counts["asked_too_much"] += estimate > 1.05 * best


def _estimate(load: float, reps: int) -> float:
    return load * (1 + min(reps, 12) / 30)


def _counted(measure: Mapping[str, Any]) -> Counter[str]:
    """What the command says, by the names of the counts above."""
    shares = {name: share for name, share in measure.items() if isinstance(share, dict)}
    counts = Counter({name: share["count"] for name, share in shares.items()})
    counts["exercise_sessions"] = measure["exercise_sessions"]
    counts["raises"], counts["raises asked"] = shares["raises_foreseen"]["of"], shares["raises_right"]["of"]
    counts["records"], counts["records asked"] = shares["records_foreseen"]["of"], shares["records_right"]["of"]
    assert counts.pop("raises_foreseen") == counts["raises_right"]
    assert counts.pop("records_foreseen") == counts["records_right"]
    del counts["loads_their_gym_has"]  # which no client knows
    return counts


def _backtest(spotter: RunningSpotter, *arguments: str) -> Any:
    result = spotter.command("rules", "backtest", *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.long
@pytest.mark.parametrize(
    ("programme", "unit", "profile", "seed"),
    [("default", "kg", None, 7), ("upper-lower", "kg", "lb", 19)],
)
def test_it_counts_what_a_client_counts_who_asks_before_each_session(
    spotter: RunningSpotter, tmp_path: Path, programme: str, unit: str, profile: str | None, seed: int
) -> None:
    sessions = _training(seed, unit)
    begin = datetime.fromisoformat(sessions[0][0]["occurred_at"])
    if profile is not None:
        begin -= timedelta(hours=1)
        change = {"event_id": "unit", "type": "profile_changed", "data": {"unit": profile}}
        sessions.insert(0, [{**change, "occurred_at": _written(begin)}])
    assigned = {"event_id": "assigned", "type": "programme_assigned", "data": {"programme": programme}}
    with _Client(spotter) as client:
        if programme != "default":
            client.post(programme, [{**assigned, "occurred_at": _written(begin - timedelta(minutes=1))}])
        expected = _measured(client, programme, sessions)
    assert min(expected.values()) > 0, "the log shows everything that is counted"
    file = tmp_path / "log.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for session in sessions for event in session))
    from_file = _backtest(spotter, programme, "--log", str(file))
    assert _counted(from_file["total"]) == expected
    assert {case["derivation"] for case in from_file["worst"]} == {None}
    # So it does of the lifter; and the worst cases can be derived from a log that was led by the rules that are tried.
    of_lifter = _backtest(spotter, programme, "--log", programme, "--worst", "3")
    assert of_lifter["total"] == from_file["total"]
    with _Client(spotter) as client:
        for case in of_lifter["worst"]:
            status, derivation = client.get(case["derivation"])
            made = derivation["prescription"]
            assert (status, made["slot"], made["because"]) == (200, case["slot"], case["because"])
