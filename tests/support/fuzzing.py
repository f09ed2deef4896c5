"""Hooks for Schemathesis, named in schemathesis.toml: how NDJSON is written and read, and bodies that can be meant."""

import hashlib
import json
import os
import re
from typing import Any

import schemathesis
from schemathesis import HookContext
from schemathesis.core.transport import Response

_LIFTERS = {"ann", "bob", "cy", "dan", "eve", "flo"}
_OWN_KEY = f"k_{hashlib.sha256(os.environ.get('SPOTTER_API_KEY', '').encode()).hexdigest()[:16]}"
_YEAR = re.compile(r"\d{4}(?=-\d\d-\d\d[Tt])")


@schemathesis.serializer("application/x-ndjson")
def write_lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Write what a schema of lines describes, a JSON document a line."""
    lines = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


@schemathesis.deserializer("application/x-ndjson")
def read_lines(_: schemathesis.DeserializationContext, response: Response) -> Any:
    """Read it back."""
    return [json.loads(line) for line in response.content.splitlines()]


@schemathesis.hook
def map_body(_: HookContext, body: Any) -> Any:
    """Bring what is drawn from all of time to where it can be taken, for little of it would be.

    It makes nothing of the wrong form right: times are times already.
    """
    match body:
        case dict():
            return {name: map_body(_, value) for name, value in body.items()}
        case list():
            return [map_body(_, value) for value in body]
        case str():
            return _YEAR.sub("2024", body, count=1)
    return body


@schemathesis.hook
def before_call(_: HookContext, case: schemathesis.Case[Any], **__: Any) -> None:
    """Keep those whom requests are about, and the key that they come with: erased and revoked are for good."""
    at = case.path_parameters
    match case.operation.definition.raw["operationId"]:
        case "erase_lifter" if at["lifter"] in _LIFTERS:
            at["lifter"] = "zoe"
        case "revoke_key" | "rotate_key" if at["key_id"] == _OWN_KEY:
            at["key_id"] = "k_0000000000000000"
