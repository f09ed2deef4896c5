"""Messages of the Model Context Protocol: JSON-RPC 2.0, one message a request, nothing kept between two of them.

Clients of two kinds are understood (https://modelcontextprotocol.io/specification). Up to 2025-11-25 they begin with
``initialize``, and agree on a version there. Since 2026-07-28 each request says its version itself, in ``_meta`` of its
parameters, and repeats in its headers what somebody on the way may go by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from service.domain.errors import SpotterError

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMETERS: Final = -32602
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022

BEGUN_VERSIONS: Final = ("2025-06-18", "2025-11-25")
"""Versions that a client agrees on by ``initialize``; those before had several messages in one request."""

SAID_VERSIONS: Final = ("2026-07-28",)
"""Versions that a client says with each request."""

VERSIONS: Final = (*BEGUN_VERSIONS, *SAID_VERSIONS)

VERSION_HEADER: Final = "MCP-Protocol-Version"
METHOD_HEADER: Final = "Mcp-Method"
NAME_HEADER: Final = "Mcp-Name"

_META: Final = "io.modelcontextprotocol/"
SERVER: Final = f"{_META}serverInfo"
_VERSION: Final = f"{_META}protocolVersion"
_CAPABILITIES: Final = f"{_META}clientCapabilities"

_STATUSES: Final = {
    INVALID_PARAMETERS: 400,
    HEADER_MISMATCH: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}
"""The status of an error where each request says its version; before, a client took 404 for the end of a session, and
only a header that names no known version was 400."""


class NotAnswered(SpotterError):
    """A message that is answered with an error of the protocol; ``code`` is JSON-RPC's or the protocol's."""

    def __init__(self, code: int, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class Message(NamedTuple):
    """A request, or without an id a notification. ``says_version``: it is of a client of the newer kind."""

    id: str | int | None
    method: str
    parameters: Mapping[str, Any]
    says_version: bool

    def reply(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """What answers it."""
        said = {"resultType": "complete"} if self.says_version else {}
        return {"jsonrpc": "2.0", "id": self.id, "result": {**result, **said}}

    def refusal(self, error: NotAnswered) -> tuple[dict[str, Any], int]:
        """What answers it instead, and under which status of HTTP."""
        of_its_kind = self.says_version or error.code == UNSUPPORTED_VERSION  # of any client, as all versions have it
        return refusal(error, self.id), _STATUSES.get(error.code, 200) if of_its_kind else 200


def refusal(error: NotAnswered, of: str | int | None = None) -> dict[str, Any]:
    """An error as JSON-RPC writes it, of a message with an id, or of one that could not be read."""
    said = {"code": error.code, "message": str(error)}
    return {"jsonrpc": "2.0", "id": of, "error": {**said, "data": error.data} if error.data else said}


def message_of(document: Any) -> Message:
    """The message that a document is; raises `NotAnswered` for what is none, and for several in one."""
    if isinstance(document, list):
        raise NotAnswered(INVALID_REQUEST, "send one message at a time, as an object: several in a list are not taken")
    if not isinstance(document, dict) or document.get("jsonrpc") != "2.0":
        raise NotAnswered(INVALID_REQUEST, 'a message is a JSON object with "jsonrpc": "2.0"')
    method, parameters = document.get("method"), document.get("params", {})
    if not isinstance(method, str):
        raise NotAnswered(INVALID_REQUEST, "a message names its method; nothing here waits for an answer")
    if not isinstance(parameters, dict):
        raise NotAnswered(INVALID_REQUEST, "params is an object")
    name = document.get("id")
    if "id" in document and (isinstance(name, bool) or not isinstance(name, (str, int))):
        raise NotAnswered(INVALID_REQUEST, "an id is a text or a whole number")
    meta = parameters.get("_meta")
    return Message(name, method, parameters, isinstance(meta, dict) and _VERSION in meta)


def check_version(message: Message, header_of: Callable[[str], str | None]) -> None:
    """Raise `NotAnswered` unless what a message and its headers say of its version is known and the same."""
    header = header_of(VERSION_HEADER)
    if not message.says_version:
        if header in SAID_VERSIONS and message.id is not None:
            raise NotAnswered(INVALID_PARAMETERS, f"params._meta of a request of that version has {_VERSION!r}")
        if header is not None and header not in VERSIONS:
            raise _unsupported(header)
        return
    meta = message.parameters["_meta"]
    version = meta[_VERSION]
    if not isinstance(version, str):
        raise NotAnswered(INVALID_PARAMETERS, f"{_VERSION!r} of params._meta is a text")
    if not isinstance(meta.get(_CAPABILITIES), dict):
        raise NotAnswered(INVALID_PARAMETERS, f"params._meta of a request has {_CAPABILITIES!r}, an object")
    name = message.parameters.get("name") if message.method == "tools/call" else None
    for what, said, meant in (
        (VERSION_HEADER, header, version),
        (METHOD_HEADER, header_of(METHOD_HEADER), message.method),
        (NAME_HEADER, header_of(NAME_HEADER), name),
    ):
        if meant is not None and said != meant:
            raise NotAnswered(HEADER_MISMATCH, f"the header {what} does not say what the message says")
    if version not in SAID_VERSIONS:
        raise _unsupported(version)


def agreed_version(message: Message) -> str:
    """The version that ``initialize`` agrees on: the one that was asked for where it is known, else the newest."""
    wanted = message.parameters.get("protocolVersion")
    return wanted if isinstance(wanted, str) and wanted in BEGUN_VERSIONS else BEGUN_VERSIONS[-1]


def headers_of(document: Any, agreed: str | None) -> dict[str, str]:
    """The headers that a message is sent with over HTTP, which it comes without where there are none.

    ``agreed`` is the version that ``initialize`` led to, if it was called. For what is no message they say nothing.
    """
    if not isinstance(document, dict) or not isinstance(document.get("params", {}), dict):
        return {}
    parameters = document.get("params", {})
    meta = parameters.get("_meta")
    version = meta.get(_VERSION, agreed) if isinstance(meta, dict) else agreed
    said = {VERSION_HEADER: version, METHOD_HEADER: document.get("method"), NAME_HEADER: parameters.get("name")}
    return {name: value for name, value in said.items() if isinstance(value, str) and value.isprintable()}


def _unsupported(version: str) -> NotAnswered:
    return NotAnswered(
        UNSUPPORTED_VERSION, "this version of the protocol is not known", supported=list(VERSIONS), requested=version
    )
