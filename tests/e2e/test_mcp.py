"""An assistant with nothing but the tools, connected in both ways to a running Spotter by the protocol's own SDK."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from service.http.mcp.tools import TOOLS
from tests.support.asking import KEY, send
from tests.support.running import PATIENCE_SECONDS, RunningSpotter, free_port

_PROGRAM: Final = str(Path(sys.executable).with_name("spotter"))
_MODES: Final = ("legacy", "auto")
"""How a client begins: as before 2026, or as since then."""


def _sample_log() -> str:
    """A lifter's log, as lines: a programme, a load to begin with, and a session that earned no more."""
    loads: list[tuple[str, dict[str, Any]]] = [
        ("programme_assigned", {"programme": "upper-back"}),
        ("baseline_set", {"exercise": "deadlift", "load": {"value": 225, "unit": "lb"}}),
    ]
    for load, reps in ((225, 5), (225, 4), (225, 4)):
        loads.append(("set_logged", {"exercise": "deadlift", "load": {"value": load, "unit": "lb"}, "reps": reps}))
    return "".join(
        json.dumps(
            {
                "lifter": "mia",
                "event_id": f"e{number}",
                "type": kind,
                "occurred_at": f"2026-11-20T18:{number:02}:00Z",
                "data": data,
            }
        )
        + "\n"
        for number, (kind, data) in enumerate(loads)
    )


@pytest.fixture(scope="module")
def spotter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSpotter]:
    """A Spotter that holds a log."""
    with RunningSpotter(tmp_path_factory.mktemp("spotter"), SPOTTER_API_KEY=KEY) as running:
        reply = send(running, "POST", "/v1/events", _sample_log(), "application/x-ndjson")
        assert reply.text.count('"appended"') == _sample_log().count("\n")
        yield running


@asynccontextmanager
async def _connected(spotter: RunningSpotter, way: str, mode: str, key: str = KEY) -> AsyncIterator[Client]:
    if way == "stdio":
        variables = {"SPOTTER_URL": spotter.url, "SPOTTER_API_KEY": key}
        program = StdioServerParameters(command=_PROGRAM, args=["mcp"], env=variables)
        async with Client(program, mode=mode) as client:
            yield client
        return
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS) as sender:
        transport = streamable_http_client(f"{spotter.url}/mcp", http_client=sender)
        async with Client(transport, mode=mode) as client:
            yield client


async def _called(client: Client, tool: str, **arguments: Any) -> Any:
    result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    assert not result.is_error, result
    return result.structured_content


async def _questions(client: Client) -> None:
    """What is next for the lifter, why, and what would have been needed for more, knowing nothing but the tools."""
    (lifter,) = (await _called(client, "lifters"))["lifters"]
    whose = {"lifter": lifter["lifter"]}
    newest = (await _called(client, "log", **whose, type="set_logged"))["events"][-1]
    now = {"as_of": newest["occurred_at"]}
    assert (await _called(client, "next_session", **whose, **now))["prescriptions"]
    held = await _called(client, "next_of_exercise", **whose, exercise=newest["data"]["exercise"], **now)
    assert (held["outcome"], held["sets"][0]["load"]) == ("hold", {"value": 225, "unit": "lb"})
    asked = {**whose, "prescription_id": held["prescription_id"]}
    why = await _called(client, "why", **asked)
    assert any(held["because"][0] in sentence for sentence in why["why"]), why
    why_not = await _called(client, "why_not", **asked, outcome="raise")
    assert why_not["outcome"] == "hold"
    (way, *_) = (await _called(client, "what_if", **asked, outcome="raise"))["ways"]
    assert (way["outcome"], bool(way["changes"]), bool(way["sets"])) == ("raise", True, True)


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("way", ["http", "stdio"])
def test_what_is_next_and_why_and_what_more_would_have_taken(spotter: RunningSpotter, way: str, mode: str) -> None:
    async def ask() -> None:
        async with _connected(spotter, way, mode) as client:
            assert client.server_info is not None
            assert client.server_info.name == "spotter"
            assert client.instructions is not None
            assert "never instructions" in client.instructions
            assert {tool.name for tool in (await client.list_tools()).tools} == {*TOOLS}
            await _questions(client)

    asyncio.run(ask())


def _refusal(error: BaseException) -> str:
    """What is in an error, or in the group of errors that one became on its way through tasks."""
    return " ".join(map(_refusal, error.exceptions)) if isinstance(error, BaseExceptionGroup) else str(error)


@pytest.mark.parametrize("mode", _MODES)
@pytest.mark.parametrize("way", ["http", "stdio"])
def test_a_key_that_is_none_is_refused(spotter: RunningSpotter, way: str, mode: str) -> None:
    async def ask() -> None:
        async with _connected(spotter, way, mode, key="no-key") as client:
            await client.list_tools()

    with pytest.raises((MCPError, BaseExceptionGroup)) as refused:
        asyncio.run(ask())
    assert way == "http" or "A valid API key is needed" in _refusal(refused.value)


def test_what_a_tool_refuses_is_told_to_the_assistant(spotter: RunningSpotter) -> None:
    async def ask() -> CallToolResult:
        async with _connected(spotter, "stdio", "auto") as client:
            result = await client.call_tool("next_session", {"lifter": "nobody"})
            assert isinstance(result, CallToolResult)
            return result

    result = asyncio.run(ask())
    assert result.is_error
    assert result.structured_content["type"] == "/problems/not-found"


def _piped(said: bytes, **variables: str) -> tuple[list[Any], str]:
    """What `spotter mcp` answers lines of its standard input, each of it as JSON, and what it says otherwise."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPOTTER_")} | variables
    done = subprocess.run(
        [_PROGRAM, "mcp"], input=said, env=environment, capture_output=True, check=False, timeout=PATIENCE_SECONDS
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


def test_whatever_comes_in_only_messages_go_out(spotter: RunningSpotter) -> None:
    ping = b'{"jsonrpc": "2.0", "id": 7, "method": "ping"}\n'
    notification = b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n'
    lines = [b"\n", b"not JSON\n", b"[" * 10_000 + b"\n", b" " * 100_000 + b"\n", b"[" + ping[:-1] + b"]\n"]
    answers, said = _piped(b"".join([*lines, notification, ping]), SPOTTER_URL=spotter.url, SPOTTER_API_KEY=KEY)
    assert [answer.get("error", {}).get("code") for answer in answers] == [-32700, -32700, -32600, -32600, None]
    assert answers[-1] == {"jsonrpc": "2.0", "id": 7, "result": {}}
    assert said == ""


def test_where_nobody_answers_every_request_says_so() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    answers, said = _piped(
        b'{"jsonrpc": "2.0", "id": "a", "method": "ping"}\n{"jsonrpc": "2.0", "method": "note"}\n',
        SPOTTER_URL=address,
        SPOTTER_API_KEY=KEY,
    )
    assert [(answer["id"], address in answer["error"]["message"]) for answer in answers] == [("a", True)]
    assert said == ""


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SPOTTER_API_KEY"),
        ({"SPOTTER_API_KEY": KEY, "SPOTTER_URL": "ftp://127.0.0.1"}, "SPOTTER_URL"),
        ({"SPOTTER_API_KEY": KEY, "SPOTTER_URL": "http://me:secret@127.0.0.1"}, "SPOTTER_URL"),
        ({"SPOTTER_API_KEY": KEY, "SPOTTER_URL": "http://127.0.0.1:port"}, "SPOTTER_URL"),
    ],
)
def test_what_it_cannot_begin_with_is_said_in_a_sentence(variables: dict[str, str], named: str) -> None:
    answers, said = _piped(b"", **variables)
    assert answers == []
    assert said.startswith(f"Error: {named} must ")
    assert KEY not in said
    assert "Traceback" not in said


def test_a_call_is_logged_under_its_tool_and_its_key_in_no_line(spotter: RunningSpotter) -> None:
    """The last test of this server: it ends it, to read what it wrote."""
    call = {"name": "lifters", "arguments": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    assert send(spotter, "POST", "/mcp", json.dumps(message)).status == 200
    spotter.stop()
    logged = spotter.output + "".join(file.read_text() for file in spotter.data_dir.glob("*.log"))
    assert '"tool":"lifters"' in logged
    assert '"operation":"list_lifters"' in logged
    assert KEY not in logged
