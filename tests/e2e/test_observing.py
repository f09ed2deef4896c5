"""A request seen from outside: its lines in the logs of every process, and its trace, from the reply to the drain."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from typing import Any, NamedTuple

import pytest

from service.domain.identifiers import LifterRef
from tests.support.receiver import ReceivedSpan, Receiver
from tests.support.running import RunningSpotter, eventually

KEY = "a-key-for-tests"
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
_ANN = LifterRef("default", "ann").log_name
A_SET = {
    "event_id": "a1",
    "type": "set_logged",
    "occurred_at": "2026-11-22T18:03:00+01:00",
    "data": {
        "exercise": "deadlift",
        "load": {"value": 225, "unit": "lb"},
        "reps": 6,
        "note": "my knee aches",
    },
}


class Seen(NamedTuple):
    """The lines that every process of Spotter logged, by process, and the spans that it sent, before it had ended."""

    lines: dict[str, list[dict[str, Any]]]
    spans: list[ReceivedSpan]
    text: str


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A Spotter to which Ann's set was posted, and what was seen of it."""
    folder = tmp_path_factory.mktemp("spotter")
    with (
        Receiver() as receiver,
        RunningSpotter(
            folder,
            several=True,
            SPOTTER_API_KEY=KEY,
            SPOTTER_LOG_LEVEL="debug",
            OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
            OTEL_BSP_SCHEDULE_DELAY="600000",  # so what it sends, it sends as it ends
        ) as spotter,
    ):
        headers = {
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/json",
            "X-Request-Id": "the-request",
            "traceparent": f"00-{TRACE}-{CALLER}-01",
        }
        assert call(spotter, "POST", "/v1/lifters/ann/events", json.dumps(A_SET), headers) == 201
        assert call(spotter, "GET", "/v1/lifters/ann@example.org/state", None, headers) == 422
        logs = {log.stem: log for log in folder.glob("*.log") if not log.stem.startswith("valkey")}
        eventually(lambda: any('"drain done"' in log.read_text() for log in logs.values()), "a drain was logged")
        assert spotter.stop() == 0
    lines = {name: [json.loads(line) for line in log.read_text().splitlines()] for name, log in logs.items()}
    return Seen(lines, receiver.spans, "".join(log.read_text() for log in logs.values()))


def call(spotter: RunningSpotter, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", spotter.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def the(lines: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """The one line that has these fields."""
    (found,) = [line for line in lines if fields.items() <= line.items()]
    return found


def test_every_process_logs_json(seen: Seen) -> None:
    assert seen.lines.keys() >= {"web", "worker-1", "worker-2", "sweeper"}
    for line in [line for lines in seen.lines.values() for line in lines]:
        assert line.keys() >= {"event", "level", "part", "timestamp"}, line


def test_a_request_is_found_by_its_id_wherever_it_led(seen: Seen) -> None:
    answered = the(seen.lines["web"], operation="append_event")
    assert (answered["event"], answered["request_id"], answered["status"]) == ("answered", "the-request", 201)
    assert (answered["gym"], answered["lifter"], answered["version"]) == ("default", _ANN, 1)
    worked = seen.lines["worker-1"] + seen.lines["worker-2"]
    projected = the(worked, event="projected", lifter=_ANN, version=1)
    drained = the(worked, event="drain done", commits=1)
    for line in (answered, projected, drained):
        assert (line["request_id"], line["trace_id"]) == ("the-request", TRACE)


def test_no_line_holds_what_is_nobody_elses_business(seen: Seen) -> None:
    refused = the(seen.lines["web"], operation="get_state")
    assert (refused["status"], refused["problem"]) == (422, "invalid-input")
    for secret in (KEY, "knee", "225", "example.org"):
        assert secret not in seen.text


def test_a_trace_leads_from_the_request_to_the_drain(seen: Seen) -> None:
    spans = {span.id: span for span in seen.spans if span.trace == TRACE}
    (drain,) = [span for span in spans.values() if span.name == "drain"]
    path = [drain]
    while path[-1].parent != CALLER:
        path.append(spans[path[-1].parent])
    assert [(span.part, span.name) for span in path] == [
        ("worker", "drain"),
        ("web", "wake"),
        ("web", "POST /v1/lifters/{lifter}/events"),
    ]
    request = path[-1]
    assert request.attributes["http.response.status_code"] == 201
    assert request.attributes["spotter.lifter"] == _ANN
    below = {(spans[span.parent].name, span.name) for span in spans.values() if span.parent in spans}
    assert {("drain", "fold"), ("drain", "EVALSHA commit"), (request.name, "EVALSHA append")} <= below


def test_who_sends_no_traces_needs_nothing_for_them() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"  # as where it is not installed
        "import service.http.app, service.cli, workers.worker\n"
        "from service import traces\n"
        "traces.configure_traces('web', send=False)\n"
        "with traces.span('nothing') as span: span.set_attribute('a', 1)\n"
        "traces.configure_traces('web', send=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "SpotterError: OTEL_EXPORTER_OTLP_ENDPOINT is set" in done.stderr.splitlines()[-1]
