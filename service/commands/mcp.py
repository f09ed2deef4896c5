"""`spotter mcp`: the door for assistants that start a program of their own and talk to it over stdin and stdout.

It asks a running Spotter over HTTP, message by message: what may be asked, and what is answered, is said there.
"""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import click
import msgspec

from service.config import InvalidSetting, Settings
from service.http.mcp.messages import headers_of

_LONGEST: Final = 64 * 1024
"""Bytes of a message that Spotter takes."""

_PATIENCE_S: Final = 120.0
"""How long an answer is waited for; nothing that Spotter works on takes so long."""

_BROKEN: Final = -32000
"""JSON-RPC's first code for what the protocol has none for."""


class _Spotter(NamedTuple):
    """Where the messages go, and the key or token that they go with."""

    url: str
    key: str

    def ask(self, line: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send a message; the status and body that come back. Raises `OSError` and `HTTPException`."""
        place = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if place.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(place.netloc, timeout=_PATIENCE_S, context=context)
        else:
            connection = http.client.HTTPConnection(place.netloc, timeout=_PATIENCE_S)
        try:
            said = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
            connection.request("POST", f"{place.path.rstrip('/')}/mcp", line, said)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@click.command("mcp")
@click.option(
    "--url", envvar="SPOTTER_URL", show_envvar=True, help="Of a running Spotter. Default: the one that runs here."
)
def mcp_command(url: str | None) -> None:
    """Serve an assistant beside this program: the Model Context Protocol over stdin and stdout, for reading only.

    SPOTTER_API_KEY holds a key, or a token of one lifter, which says what can be asked for. Assistants that speak HTTP
    need no program: they find the same tools at /mcp.
    """
    settings = Settings.from_environment(os.environ)
    if settings.api_key is None:
        raise InvalidSetting("SPOTTER_API_KEY must hold a key of a gym, or a token of a lifter, for the assistant.")
    url = url or f"http://127.0.0.1:{settings.port}"
    if not _is_address(url):
        raise InvalidSetting("SPOTTER_URL must be the address of a Spotter, such as https://spotter.example.")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever started this ends it, and wants no traceback
    for answer in _answers(_Spotter(url, settings.api_key)):
        sys.stdout.buffer.write(answer.strip() + b"\n")
        sys.stdout.buffer.flush()


def _is_address(url: str) -> bool:
    """Whether it says where, and nothing else."""
    try:
        place = urlsplit(url)
        named = bool(place.hostname) and place.port != 0
    except ValueError:  # of a port that is none
        return False
    return named and place.scheme in ("http", "https") and not (place.query or place.fragment or "@" in url)


def _answers(spotter: _Spotter) -> Iterator[bytes]:
    """An answer, of one line, to each line that comes and wants one."""
    agreed: str | None = None
    while line := sys.stdin.buffer.readline(_LONGEST + 1):
        if len(line) > _LONGEST:
            while line and not line.endswith(b"\n"):
                line = sys.stdin.buffer.readline(_LONGEST)
            yield _error(None, -32600, f"a message has at most {_LONGEST} bytes")
            continue
        if not line.strip():
            continue
        message = _read(line)
        try:
            status, body = spotter.ask(line, headers_of(message, agreed))
        except (OSError, http.client.HTTPException) as error:
            status, body = 0, f"there is no answer from {spotter.url}: {error}".encode()
        answer = _read(body)
        if isinstance(answer, dict) and answer.get("jsonrpc") == "2.0":
            result = answer.get("result")
            if isinstance(message, dict) and message.get("method") == "initialize" and isinstance(result, dict):
                agreed = result.get("protocolVersion")
            yield body.replace(b"\n", b" ")  # in JSON it is white space, and here the end of a message
        elif not isinstance(message, dict) or "id" in message:
            yield _error(message, _BROKEN, _said(status, body, answer))


def _read(text: bytes) -> Any:
    """The document that a text is; None for what is none, which Spotter says itself."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _said(status: int, body: bytes, problem: Any) -> str:
    """What somebody said who did not answer by the protocol: Spotter of a key, or a proxy before it."""
    if isinstance(problem, dict) and "title" in problem:
        return f"{problem['title']}: {problem.get('detail', '')}"
    return f"the answer has status {status}" if status else body.decode(errors="replace")


def _error(message: Any, code: int, said: str) -> bytes:
    of = message.get("id") if isinstance(message, dict) else None
    return msgspec.json.encode({"jsonrpc": "2.0", "id": of, "error": {"code": code, "message": said}})
