"""A client that holds every answer to the contract: its status, media type, headers and body, no field more or less."""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from werkzeug.datastructures import Headers

CONTRACT_FILE = Path(__file__).parents[2] / "openapi.yaml"
CONTRACT: dict[str, Any] = yaml.load(CONTRACT_FILE.read_bytes(), Loader=yaml.CSafeLoader)
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "application/problem+json"
_SOMETIMES = ("Link", "Preference-Applied", "Idempotent-Replayed")
"""Headers that a reply has only where they say something."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything in the contract."""
    for path, item in CONTRACT["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """A part of the contract, or the component that it refers to."""
    while "$ref" in part:
        target: Any = CONTRACT
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


def _strict(part: Any) -> Any:
    """The contract without room for fields that it does not name: what a server of this version may answer."""
    if isinstance(part, list):
        return [_strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    stricter = {name: _strict(item) for name, item in part.items()}
    if "properties" in part and "object" in part.get("type", ()):
        stricter.setdefault("additionalProperties", False)
    return stricter


_REGISTRY: Registry[Any] = Registry().with_resources(
    [
        ("urn:contract", DRAFT202012.create_resource(CONTRACT)),
        ("urn:strict", DRAFT202012.create_resource(_strict(copy.deepcopy(CONTRACT)))),
    ]
)


def problems_of(document: Any, schema: dict[str, Any], *, strict: bool = True) -> list[str]:
    """What is wrong with a document by a schema of the contract."""
    errors = _validator(json.dumps(schema), strict=strict).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _validator(schema: str, *, strict: bool) -> Draft202012Validator:
    base = "urn:strict" if strict else "urn:contract"
    wanted = json.dumps(_strict(json.loads(schema))) if strict else schema
    absolute = json.loads(wanted.replace('"#/', f'"{base}#/'))
    return Draft202012Validator(absolute, registry=_REGISTRY, format_checker=FormatChecker())


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Headers
    data: bytes

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return str(self.headers.get("Content-Type", "")).partition(";")[0]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.data.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.data)


class ContractClient:
    """Requests with one key, each answer checked against the contract."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._client = app.test_client()
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def get(self, path: str, **headers: str) -> Answer:
        """GET with further headers, ``If_None_Match="..."``."""
        return self.send("GET", path, headers=headers)

    def post(self, path: str, event: Mapping[str, Any], **headers: str) -> Answer:
        """POST a JSON object."""
        return self.send("POST", path, data=json.dumps(event), headers={"Content-Type": "application/json", **headers})

    def send(
        self, method: str, path: str, *, data: str | bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send anything, and check what comes back."""
        named = {name.replace("_", "-"): value for name, value in {**self._headers, **(headers or {})}.items()}
        response = self._client.open(path, method=method, data=data, headers=named)
        answer = Answer(response.status_code, response.headers, response.get_data())
        check(method, path, answer)
        return answer


def check(method: str, path: str, answer: Answer) -> None:
    """Fail unless the contract allows this answer to this request."""
    documented = _documented(method, unquote(path.partition("?")[0]))
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["X-Request-Id"])
    if documented is None:  # a path or a method that does not exist, or a key was missing for it
        if method == "OPTIONS" and answer.status == 204:
            return
        assert answer.status in (401, 404, 405), answer.status
        _check_body(answer, {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}})
        return
    assert str(answer.status) in documented["responses"], (answer.status, answer.text)
    expected = resolved(documented["responses"][str(answer.status)])
    # Before it is known who asks, and for whom nothing is served, there are no limits to tell of.
    unlimited = answer.status in (500, 503) or not documented.get("security") or b"gym-suspended" in answer.data
    for name in expected.get("headers", {}):
        assert name in answer.headers or name in _SOMETIMES or (unlimited and name.startswith("RateLimit")), name
    if method == "HEAD" or "content" not in expected:
        assert answer.data == b""
    else:
        _check_body(answer, expected["content"])


def _check_body(answer: Answer, content: dict[str, Any]) -> None:
    assert answer.media_type in content, answer.media_type
    if not answer.media_type.endswith("json"):
        return
    if answer.media_type.endswith("ndjson"):  # the schema is that of all lines, as a list
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert problems_of(lines, content[answer.media_type]["schema"]) == []
        return
    document = answer.json
    assert problems_of(document, content[answer.media_type]["schema"]) == []
    if answer.media_type == PROBLEM:
        assert document["status"] == answer.status
        assert document["request_id"] == answer.headers["X-Request-Id"]


def _documented(method: str, path: str) -> dict[str, Any] | None:
    wanted = "get" if method == "HEAD" else method.lower()
    for template, item in CONTRACT["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, path) and wanted in item:
            return dict(item[wanted])
    return None
