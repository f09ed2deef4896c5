"""Plain requests to a running Spotter while something is wrong with it, and a Spotter on databases of a test's own."""

from __future__ import annotations

import http.client
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.support.database import Database
from tests.support.running import RunningSpotter

KEY: Final = "the-key-of-this-test"
PRESCRIPTION: Final = "/v1/lifters/ann/prescriptions/deadlift"


class Reply(NamedTuple):
    """What came back."""

    status: int
    retry_after: str | None
    text: str

    @property
    def problem(self) -> str:
        """The kind of problem."""
        return str(json.loads(self.text)["type"])


class Beside(NamedTuple):
    """A running Spotter, and the databases of the log and of the queue that it was given."""

    spotter: RunningSpotter
    log: Database
    queue: Database


@contextmanager
def beside_databases(data_dir: Path | None = None, *, several: bool = False) -> Iterator[Beside]:
    """Run a Spotter on databases of its own, which stand elsewhere than its data (by default beside them)."""
    with tempfile.TemporaryDirectory(prefix="spotter-") as name:
        folder = Path(name)
        with (
            Database(folder / "log") as log,
            Database(folder / "queue") as queue,
            RunningSpotter(
                data_dir or folder / "data",
                SPOTTER_API_KEY=KEY,
                SPOTTER_REDIS_URL=log.embedded.url,
                SPOTTER_QUEUE_URL=queue.embedded.url,
                several=several,
            ) as spotter,
        ):
            yield Beside(spotter, log, queue)


def send(
    spotter: RunningSpotter, method: str, path: str, body: str | None = None, media: str = "application/json"
) -> Reply:
    """Send a request."""
    connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=30)
    try:
        connection.request(method, path, body, {"Authorization": f"Bearer {KEY}", "Content-Type": media})
        response = connection.getresponse()
        return Reply(response.status, response.headers["Retry-After"], response.read().decode())
    finally:
        connection.close()


def status_of(spotter: RunningSpotter, path: str) -> int | None:
    """How a GET is answered; None where nobody listens yet."""
    try:
        return send(spotter, "GET", path).status
    except OSError:
        return None


def post(spotter: RunningSpotter, event_id: str, **more: str) -> Reply:
    """Log a set of Ann's."""
    return send(spotter, "POST", "/v1/lifters/ann/events", json.dumps(_a_set(event_id, more)))


def post_lines(spotter: RunningSpotter, *event_ids: str, **more: str) -> list[dict[str, Any]]:
    """Log sets of Ann's as lines; the answers."""
    lines = "\n".join(json.dumps({"lifter": "ann", **_a_set(event_id, more)}) for event_id in event_ids)
    reply = send(spotter, "POST", "/v1/events", lines, "application/x-ndjson")
    assert reply.status == 200
    return [json.loads(line) for line in reply.text.splitlines()]


def _a_set(event_id: str, more: dict[str, str]) -> dict[str, Any]:
    data = {"exercise": "deadlift", "load": {"value": 100, "unit": "kg"}, "reps": 5, **more}
    return {"event_id": event_id, "type": "set_logged", "occurred_at": "2026-11-01T10:00:00Z", "data": data}
