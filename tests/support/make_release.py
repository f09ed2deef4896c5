"""Keep what this Spotter makes as test data: `.venv/bin/python -m tests.support.make_release VERSION`.

Each is made once, by the release itself: that every later Spotter can go on with it is what `tests/e2e/test_upgrade.py`
shows. It runs Spotter as anybody does, and writes and asks over HTTP. What occurred does not depend on today; keys, ids
of webhooks and the times of recording are those of the day on which it was made.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from tests.support.gyms import Gym, Reply
from tests.support.hooks import Receiver, receiving
from tests.support.release import DATA, REVOKED, Answer, Keys, ask, gyms_of, take_database, write_answers, write_keys
from tests.support.running import RunningSpotter, eventually

RULES = DATA.parents[1] / "rules"

API_KEY = "test-key-of-a-kept-release"

FIRST_DAY = datetime(2025, 1, 6, 17, tzinfo=UTC)
MOMENTS = ("2025-01-20T17:05:00Z", "2025-03-10T12:00:00Z")
"""As of when everybody is asked about: two weeks on, with some of them in a session, and after a layoff."""

PROGRAMMES = ("default", "upper-back", "stronglifts", "gzclp", "boring-but-big", "nsuns")
"""What is published. The others would only make the database larger."""


class Diary:
    """Writes a lifter's log: events are numbered, their times are given by day (0 is a Monday) and minute."""

    def __init__(self, gym: Gym, lifter: str) -> None:
        self.gym = gym
        self.lifter = lifter
        self.count = 0

    def write(self, day: int, *events: tuple[str, dict[str, Any]], minute: int = 0) -> list[str]:
        """Append events in one request, a minute apart, and give their ids."""
        ids = [f"{self.lifter}-{self.count + number}" for number in range(1, len(events) + 1)]
        self.count += len(events)
        lines = [
            {"lifter": self.lifter, "event_id": event_id, "type": kind, "occurred_at": _at(day, at), "data": data}
            for at, (event_id, (kind, data)) in enumerate(zip(ids, events, strict=True), minute)
        ]
        answer = self.gym.send("POST", "/v1/events", "\n".join(map(json.dumps, lines)).encode())
        outcomes = [json.loads(line) for line in answer.body.splitlines()]
        assert all(outcome["outcome"] == "appended" for outcome in outcomes), outcomes
        return ids

    def train(self, first: int, days: int, start: dict[str, Any], *, every: float = 7 / 3) -> None:
        """Do what is prescribed, from day ``first`` on for so many days; ``start`` is lifted where no load is known.

        Repetitions vary around what is asked for, by a chance that is the same every time.
        """
        random = Random(self.lifter)
        day = float(first)
        while day < first + days:
            path = f"/v1/lifters/{self.lifter}/prescriptions?as_of={_at(int(day), 0)}"
            sets = [
                ("set_logged", _performed(prescription, each, start, random))
                for prescription in _done(self.gym.get(path)).json["prescriptions"]
                for each in prescription["sets"]
                if each["kind"] != "warmup"
            ]
            self.write(int(day), *sets, ("session_completed", {}), minute=1)
            day += every


def _performed(
    prescription: dict[str, Any], target: dict[str, Any], start: dict[str, Any], random: Random
) -> dict[str, Any]:
    """A set as it was done: mostly what was asked for, now and then a repetition less or some more."""
    done = {"exercise": prescription["exercise"], "slot": prescription["slot"], "load": target["load"] or start}
    if "seconds" in target:
        return done | {"seconds": target["seconds"]["min"] + random.choice([-5, 0, 5, 10])}
    reps = (target.get("reps") or {"min": 5})["min"] + random.choice([-1, 0, 0, 0, 1, 2])
    return done | {"reps": max(reps, 0)} | ({"rir": 1} if "rir" in target else {})


def a_set(exercise: str, load: float, unit: str, reps: int, **more: Any) -> tuple[str, dict[str, Any]]:
    return "set_logged", {"exercise": exercise, "load": {"value": load, "unit": unit}, "reps": reps, **more}


def assigned(programme: str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "programme_assigned", {"programme": programme, **more}


def baselines(gives: str, unit: str, **loads: float) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("baseline_set", {"exercise": exercise.replace("_", "-"), gives: {"value": load, "unit": unit}})
        for exercise, load in loads.items()
    ]


def write_ann(gym: Gym) -> None:
    """Follows upper-back in lb, with all that is put right afterwards."""
    ann = Diary(gym, "ann")
    ann.write(0, assigned("upper-back"), ("profile_changed", {"unit": "lb", "time_zone": "America/New_York"}))
    ann.write(0, *baselines("load", "lb", deadlift=225), minute=2)
    first, second, third = ann.write(0, *[a_set("deadlift", 225, "lb", reps, rir=1) for reps in (6, 3, 5)], minute=4)
    ann.write(0, ("session_completed", {}), minute=30)
    ann.write(0, ("set_corrected", {"corrects": second, "reps": 5}), minute=40)
    (void,) = ann.write(1, ("set_voided", {"voids": third, "reason": "never happened"}))
    ann.train(2, 20, {"value": 45, "unit": "lb"}, every=3.5)
    ann.write(1, a_set("barbell-row", 95, "lb", 8, rir=2, note="logged late: Grüße, 3 × 8"), minute=30)
    ann.write(23, ("set_voided", {"voids": void, "reason": "it did happen"}))
    ann.write(23, ("set_corrected", {"corrects": first, "load": {"value": 230, "unit": "lb"}}), minute=1)
    ann.write(
        24, ("lifter_noted", {"note": "the left wrist", "flag": "pain"}), ("deload_requested", {"reason": "tired"})
    )


def write_ben(gym: Gym) -> None:
    """Follows stronglifts in kg with equipment of his own, long enough for older checkpoints; then gzclp."""
    ben = Diary(gym, "ben")
    plates = [{"load": {"value": load, "unit": "kg"}, "count": 2} for load in (20, 15, 10, 5, 2.5, 1.25)]
    equipment = {"bar": {"value": 20, "unit": "kg"}, "plates": plates, "rounding": "down"}
    profile = {"unit": "kg", "time_zone": "Europe/Vienna", "body_weight": {"value": 82.4, "unit": "kg"}}
    ben.write(0, assigned("stronglifts"), ("profile_changed", {**profile, "equipment": equipment}))
    ben.write(0, *baselines("load", "kg", squat=60, bench_press=50, barbell_row=45, overhead_press=35, deadlift=80))
    ben.train(0, 28, {"value": 20, "unit": "kg"})
    ben.write(29, *baselines("one_rep_max", "kg", squat=120, bench_press=90, overhead_press=60, deadlift=150))
    ben.write(29, assigned("gzclp"), minute=10)
    ben.train(30, 10, {"value": 30, "unit": "kg"})


def write_cid(gym: Gym) -> None:
    """Follows gzclp in lb."""
    cid = Diary(gym, "cid")
    cid.write(0, assigned("gzclp"), ("profile_changed", {"unit": "lb"}))
    cid.write(0, *baselines("one_rep_max", "lb", squat=315, bench_press=225, overhead_press=135, deadlift=405))
    cid.train(1, 12, {"value": 60, "unit": "lb"})


def write_dee(gym: Gym) -> None:
    """Follows boring-but-big in kg, with chin-ups, and parameters of her own."""
    dee = Diary(gym, "dee")
    dee.write(0, assigned("boring-but-big", params={"press/main": {"increase": {"kg": 1, "lb": 2.5}}}))
    dee.write(0, ("profile_changed", {"unit": "kg", "body_weight": {"value": 64, "unit": "kg"}}), minute=1)
    dee.write(0, *baselines("training_max", "kg", squat=90, bench_press=60, overhead_press=40, deadlift=110), minute=2)
    dee.train(0, 30, {"value": 0, "unit": "kg"}, every=3.5)


def write_eve(gym: Gym) -> None:
    """Follows no programme: by body weight, in seconds, one side at a time, an exercise of her own."""
    eve = Diary(gym, "eve")
    body = {"body_weight": {"value": 70, "unit": "kg"}}
    for day in (0, 3, 7, 14):
        eve.write(
            day,
            *[a_set("pull-up", 2.5, "kg", reps, **body) for reps in (6, 6, 5)],
            *[("set_logged", {"exercise": "plank", "load": {"value": 0, "unit": "kg"}, "seconds": 60, "rpe": 8.5})] * 2,
            *[a_set("single-arm-dumbbell-row", 22.5, "kg", 10, side=side) for side in ("left", "right")],
            a_set("sandbag-carry", 50, "kg", 3, kind="warmup"),
            a_set("sandbag-carry", 80, "kg", 5, session_id="park"),
            a_set("bench-press", 60, "kg", 9 + day % 2, kind="amrap"),
        )


def write_fay(gym: Gym) -> None:
    """Follows nsuns in lb, and ends it."""
    fay = Diary(gym, "fay")
    fay.write(0, assigned("nsuns"), *baselines("one_rep_max", "lb", squat=185, bench_press=115, deadlift=225))
    fay.write(0, *baselines("one_rep_max", "lb", overhead_press=80), minute=10)
    fay.train(1, 8, {"value": 45, "unit": "lb"}, every=3.5)
    fay.write(15, ("programme_ended", {"programme": "nsuns"}))


def write_all(spotter: RunningSpotter, receiver: Receiver) -> Keys:
    """Write what is kept, and give the keys of who wrote it."""
    added = spotter.command("gyms", "add", "north", "--name", "Gym North")
    keys = {"default": API_KEY, "north": added.stdout.strip()}
    gyms = gyms_of(keys, spotter)
    gym, north = gyms["default"], gyms["north"]
    made = _done(gym.send("POST", "/v1/keys", {"name": "front desk", "scopes": ["read", "write"]})).json
    keys[REVOKED] = made["secret"]
    _done(gym.send("POST", f"/v1/keys/{made['key']['key_id']}/revocation"))
    _done(gym.send("POST", "/v1/webhooks", {"url": receiver.url, "description": "the app"}))
    for write in (write_ann, write_ben, write_cid, write_dee, write_eve, write_fay):
        write(gym)
    Diary(north, "ben").write(0, *[a_set("deadlift", 140, "kg", 5)] * 3)  # somebody else than the other gym's
    Diary(gym, "zoe").write(0, assigned("upper-back"), *[a_set("deadlift", 100, "kg", reps) for reps in (6, 4, 4)])
    _done(north.send("POST", "/v1/lifters/zoe/import", gym.get("/v1/lifters/zoe/export").body))
    _done(gym.send("DELETE", "/v1/lifters/zoe"))
    return keys


def settle(spotter: RunningSpotter, keys: Keys) -> None:
    """Wait until everything is projected, told and delivered."""
    gyms = gyms_of(keys, spotter)

    def settled() -> bool:
        metrics = gyms["default"].get("/metrics").body.decode()
        (hook,) = gyms["default"].get("/v1/webhooks").json["webhooks"]
        told = {change["lifter"] for change in gyms["north"].get("/v1/changes").json["changes"]}
        return (
            re.search(r"^spotter_dirty_lifters 0\.0$", metrics, re.MULTILINE) is not None
            and hook["behind"] == 0
            and hook["status"] == "active"
            and told == {"ben", "zoe"}
        )

    eventually(settled, "all is told")


def everything(spotter: RunningSpotter, keys: Keys) -> Iterator[Answer]:
    """Ask all that is kept."""
    gyms = gyms_of(keys, spotter)
    for name, lifters in {"default": ("ann", "ben", "cid", "dee", "eve", "fay"), "north": ("ben", "zoe")}.items():
        for path in ("/v1/keys", "/v1/webhooks", "/v1/changes?limit=5"):
            yield ask(gyms[name], path)
        for lifter in lifters:
            yield from _about(gyms[name], f"/v1/lifters/{lifter}")
    yield ask(gyms[REVOKED], "/v1/lifters/ann/state")
    for part in ("state", "events", "prescriptions", "export"):
        yield ask(gyms["default"], f"/v1/lifters/zoe/{part}")


def _about(gym: Gym, lifter: str) -> Iterator[Answer]:
    """What a lifter's log says, what follows from it, and the derivation of all that is prescribed.

    Histories are asked of what the lifter began with. That of any other exercise begins with the newest default rules,
    for a log pins none before its first set, so it would not stay the same.
    """
    yield ask(gym, f"{lifter}/events?limit=1000")
    prescribed: list[list[dict[str, str]]] = []
    for query in (f"as_of={MOMENTS[0]}", f"as_of={MOMENTS[1]}", f"as_of={MOMENTS[0]}&at_version=3"):
        yield ask(gym, f"{lifter}/state?{query}")
        yield (answer := ask(gym, f"{lifter}/prescriptions?{query}"))
        prescribed.append(answer.body["prescriptions"])
    for exercise in dict.fromkeys(each["exercise"] for each in prescribed[0]):
        yield ask(gym, f"{lifter}/prescriptions/{exercise}/history?limit=3")
    for derivation in dict.fromkeys(each["derivation"] for each in chain(*prescribed)):
        yield ask(gym, derivation)


def compact(spotter: RunningSpotter, gym: Gym) -> None:
    """Have the database write its file anew, small and without the erased, which erasing again asks for."""
    manifest = spotter.data_dir / "log" / "appendonlydir" / "appendonly.aof.manifest"
    before = manifest.read_text()
    _done(gym.send("DELETE", "/v1/lifters/zoe"))
    eventually(lambda: manifest.read_text() != before and "type h" not in manifest.read_text(), "the file is written")


def make(version: str) -> None:
    """Make the folder of a release."""
    folder = DATA / f"release-{version}"
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="spotter-") as data, receiving() as receiver:
        rules = shutil.copytree(RULES, Path(data) / "rules")
        for file in rules.glob("programmes/*.yaml"):
            if file.stem not in PROGRAMMES:
                file.unlink()
        running = RunningSpotter(
            Path(data),
            SPOTTER_API_KEY=API_KEY,
            SPOTTER_RULES_DIR=str(rules),
            SPOTTER_CHANGES_KEPT="40",  # so few for the same reason as so few programmes
            SPOTTER_WEBHOOKS_PRIVATE_TARGETS="yes",
        )
        with running as spotter:
            keys = write_all(spotter, receiver)
            settle(spotter, keys)
            write_keys(folder, keys)
            write_answers(folder, everything(spotter, keys))
            verified = spotter.command("verify", "--write-anchors", str(folder / "anchors.jsonl"))
            assert verified.returncode == 0, verified.stdout
            compact(spotter, gyms_of(keys, spotter)["default"])
            assert spotter.stop() == 0
        take_database(Path(data), folder)


def _at(day: int, minute: int) -> str:
    return f"{FIRST_DAY + timedelta(days=day, minutes=minute):%Y-%m-%dT%H:%M:%SZ}"


def _done(reply: Reply) -> Reply:
    assert reply.status in (200, 201), reply.body
    return reply


if __name__ == "__main__":
    make(sys.argv[1])
