"""The contract is a valid OpenAPI document, is all that the application serves, and its examples are true."""

import json
import re
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.http.auth import OF_A_LIFTER, scope_of
from service.http.schemas.submissions import posted
from service.http.strict_json import read
from tests.support.contract import CONTRACT, operations, problems_of, resolved


def _examples(content: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in content.get("examples", {}).values()]
    return [*named, content["example"]] if "example" in content else named


def _documented_examples() -> list[Any]:
    found = []
    for path, method, operation in operations():
        bodies = [("request", operation.get("requestBody", {}))]
        bodies += [(status, resolved(response)) for status, response in operation["responses"].items()]
        for part, body in bodies:
            for media_type, content in body.get("content", {}).items():
                found += [
                    pytest.param(example, content["schema"], id=f"{method} {path} {part} {media_type} {number}")
                    for number, example in enumerate(_examples(content))
                ]
    return found


def test_the_document_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(CONTRACT).iter_errors()] == []


def test_its_version_is_the_packages() -> None:
    assert CONTRACT["info"]["version"] == version("spotter")


def test_it_has_every_operation_that_is_served_and_no_other(app: Flask) -> None:
    served = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower(), rule.endpoint)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(("pages.", "mcp."))  # for people, and for assistants by a protocol of theirs
        for method in (rule.methods or set()) - {"HEAD"}
    }
    assert served == {(path, method, operation["operationId"]) for path, method, operation in operations()}


def test_path_parameters_are_those_of_the_path() -> None:
    """Each operation names its own: Swagger UI shows no references that stand beside the operations of a path."""
    assert not [path for path, item in CONTRACT["paths"].items() if "parameters" in item]
    for path, method, operation in operations():
        parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
        declared = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", path)), f"{method} {path}"


@pytest.mark.parametrize(("example", "schema"), _documented_examples())
def test_examples_fit_their_schema(example: Any, schema: dict[str, Any]) -> None:
    assert problems_of(example, schema) == []


def test_every_type_of_event_has_an_example_that_is_taken() -> None:
    content = CONTRACT["paths"]["/v1/lifters/{lifter}/events"]["post"]["requestBody"]["content"]["application/json"]
    for example in _examples(content):
        posted(read(json.dumps(example).encode()))
    assert {example["type"] for example in _examples(content)} == set(
        CONTRACT["components"]["schemas"]["EventType"]["enum"]
    )


def test_operations_under_v1_need_a_key_and_name_all_their_errors() -> None:
    for path, method, operation in operations():
        if path.startswith("/v1/"):
            name, scopes = operation["operationId"], [scope_of(operation["operationId"], method.upper())]
            schemes = ["key", "token"] if name in OF_A_LIFTER else ["key"]
            tickets: list[dict[str, list[str]]] = [{"ticket": []}] if name == "list_changes" else []
            assert operation["security"] == [*({scheme: scopes} for scheme in schemes), *tickets], (method, path)
            assert {"401", "403", "422", "429", "500", "503"} <= operation["responses"].keys(), (method, path)
        else:
            assert operation["security"] == []


def test_every_reply_to_a_valid_key_tells_of_its_limit() -> None:
    for path, method, operation in operations():
        for status, response in operation["responses"].items():
            if path.startswith("/v1/") and status != "401":
                assert {"RateLimit", "RateLimit-Policy"} <= resolved(response)["headers"].keys(), (method, path, status)


def test_whoever_is_told_to_come_back_is_told_when() -> None:
    for path, method, operation in operations():
        for status in {"429", "503"} & operation["responses"].keys():
            assert "Retry-After" in resolved(operation["responses"][status])["headers"], (method, path, status)


def test_whatever_is_asked_of_a_lifter_may_be_gone() -> None:
    for path, method, operation in operations():
        if path.startswith("/v1/lifters/{lifter}/"):
            assert "410" in operation["responses"], (method, path)


def test_every_component_is_used() -> None:
    text = str(CONTRACT)
    for kind, components in CONTRACT["components"].items():
        if kind != "securitySchemes":
            unused = [name for name in components if f"#/components/{kind}/{name}'" not in text]
            assert unused == []
