"""An erasure that is reported done, on a whole Spotter: no byte of the lifter is left in any file, and all is 410."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.support.running import RunningSpotter, eventually

_LIFTER, _OTHER = "lifter-whom-nobody-remembers", "lifter-who-stays"
_WORDS = (_LIFTER, "event-of-theirs", "a secret of theirs", "137.25")


@pytest.fixture
def spotter(tmp_path: Path) -> Any:
    with RunningSpotter(tmp_path / "data") as running:
        yield running


def test_after_it_is_done_no_file_holds_a_byte_of_the_lifter_and_all_is_410(spotter: RunningSpotter) -> None:
    """docs/faults.md, 30."""
    path = f"/v1/lifters/{_LIFTER}"
    with redis.Redis.from_url(f"unix://{spotter.data_dir}/log.sock") as server:
        server.config_set("rdbcompression", "no")  # so that what a file holds is found in it
    lines = b"\n".join(_line(lifter, number) for number in range(20) for lifter in (_LIFTER, _OTHER))
    bulk = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "once"}
    assert _send(spotter, "POST", "/v1/events", lines, bulk)[1].count(b'"appended"') == 40
    for what in ("state", "prescriptions", "events"):
        assert _send(spotter, "GET", f"{path}/{what}")[0] == 200
    assert _send(spotter, "GET", f"{path}/events?limit=wrong")[0] == 422
    eventually(lambda: _LIFTER.encode() in _send(spotter, "GET", "/v1/changes?limit=1000")[1], "they are in the feed")
    assert all(_found(spotter, word) for word in _WORDS)

    assert json.loads(_send(spotter, "DELETE", path)[1])["file_rewrite"] == "pending"
    eventually(lambda: json.loads(_send(spotter, "DELETE", path)[1])["file_rewrite"] == "done", "it is done")

    for what in ("state", "prescriptions", "events", "export"):
        assert _send(spotter, "GET", f"{path}/{what}")[0] == 410
    answers = [json.loads(line) for line in _send(spotter, "POST", "/v1/events", lines, bulk)[1].splitlines()]
    assert [answer["problem"]["status"] for answer in answers[::2]] == [410] * 20
    assert {answer["outcome"] for answer in answers[1::2]} == {"already_appended"}
    # The server deletes the file that it replaced a moment after it says that it is done.
    eventually(lambda: not any(_found(spotter, word) for word in _WORDS[:3]), "no file holds it")
    assert _found(spotter, _OTHER) != []


def _line(lifter: str, number: int) -> bytes:
    is_theirs = lifter == _LIFTER
    data = {"exercise": "deadlift", "load": {"value": 137.25 if is_theirs else 100, "unit": "kg"}, "reps": 5}
    if is_theirs:
        data["note"] = "a secret of theirs"
    event = {"event_id": f"event-of-{'theirs' if is_theirs else 'another'}-{number}", "type": "set_logged"}
    event["occurred_at"] = f"2026-01-{number + 1:02d}T10:00:00Z"
    return json.dumps({"lifter": lifter, **event, "data": data}).encode()


def _found(spotter: RunningSpotter, word: str) -> list[str]:
    """The files of the data directory that hold a word: databases' and logs."""
    found = []
    for file in spotter.data_dir.rglob("*"):
        try:
            if file.is_file() and word.encode() in file.read_bytes():
                found.append(file.name)
        except FileNotFoundError:
            continue
    return found


def _send(
    spotter: RunningSpotter, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {spotter.key}", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
