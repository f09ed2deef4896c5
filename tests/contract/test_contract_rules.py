"""A linter for the contract, of this house's own rules; each test is a rule and its name says which.

The document's validity is `test_openapi`'s. What general linters ask for beyond these (Spectral's ``oas`` rules and
Redocly's recommended ones) is kept to as well, where it means something for this contract.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.contract import CONTRACT, CONTRACT_FILE, operations, problems_of, resolved

_OPERATIONS = {operation["operationId"]: (path, method, operation) for path, method, operation in operations()}
_BOUNDS = {"enum", "const", "pattern", "maxLength", "format"}


def _parameters(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {parameter["name"]: parameter for parameter in map(resolved, operation.get("parameters", ()))}


def _responses() -> Iterator[Any]:
    for name, (_, _, operation) in _OPERATIONS.items():
        for status, response in operation["responses"].items():
            yield pytest.param(status, resolved(response), id=f"{name} {status}")


def _contents(part: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(part.get("content", {}).items())


def _has_example(content: dict[str, Any]) -> bool:
    return "example" in content or bool(content.get("examples"))


def _within(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
    """A schema and all in it, references followed once."""
    if isinstance(schema, list):
        for item in schema:
            yield from _within(item, seen)
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        if schema["$ref"] not in seen:
            yield from _within(resolved(schema), seen | {schema["$ref"]})
        return
    yield schema
    for word in ("properties", "patternProperties"):
        for part in schema.get(word, {}).values():
            yield from _within(part, seen)
    for word in ("items", "additionalProperties", "propertyNames", "allOf", "anyOf", "oneOf"):
        yield from _within(schema.get(word), seen)


@pytest.mark.parametrize("name", list(_OPERATIONS))
class TestOperations:
    def test_have_an_id_a_tag_a_summary_without_a_full_stop_and_a_description(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        assert re.fullmatch(r"[a-z]+(?:_[a-z]+)+", name)
        assert len(operation["tags"]) == 1
        assert operation["tags"][0] in {tag["name"] for tag in CONTRACT["tags"]}
        assert re.fullmatch(r"[A-Z].*[^.]", operation["summary"])
        assert operation["description"].rstrip().endswith(".")

    def test_describe_each_parameter_and_say_how_long_it_may_be(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        for parameter in _parameters(operation).values():
            assert parameter["description"].rstrip().endswith("."), parameter["name"]
            if parameter["in"] != "header":  # the server bounds headers, whatever they are
                _check_bounded(parameter["schema"])

    def test_give_an_example_of_what_they_need(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        for parameter in _parameters(operation).values():
            said = parameter.keys() | resolved(parameter["schema"]).keys()
            assert said & {"example", "examples", "enum", "default", "minimum"}, parameter["name"]
            if "example" in parameter:
                assert problems_of(parameter["example"], parameter["schema"]) == [], parameter["name"]
        for media_type, content in _contents(operation.get("requestBody", {})):
            assert _has_example(content), media_type

    def test_take_nothing_without_bounds(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        for media_type, content in _contents(operation.get("requestBody", {})):
            if not media_type.endswith("ndjson"):  # an export has the bounds of what wrote it, and those of its bytes
                _check_bounded(content["schema"])

    def test_with_a_body_say_what_is_wrong_with_one(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        assert ("requestBody" in operation) == ({"413", "415"} <= operation["responses"].keys())

    def test_that_can_succeed_say_with_what(self, name: str) -> None:
        _, _, operation = _OPERATIONS[name]
        assert any(status.startswith("2") for status in operation["responses"])

    def test_of_a_lifter_lead_on(self, name: str) -> None:
        path, method, operation = _OPERATIONS[name]
        if "{lifter}" in path and (method != "get" or "derivations/{prescription_id}/" not in path):
            leads = [
                resolved(response).get("links")
                for status, response in operation["responses"].items()
                if status[0] == "2"
            ]
            assert all(leads)


@pytest.mark.parametrize(("status", "response"), list(_responses()))
class TestResponses:
    def test_are_described_and_carry_a_request_id(self, status: str, response: dict[str, Any]) -> None:
        del status
        assert response["description"].strip().endswith((".", '".'))
        assert "X-Request-Id" in response["headers"]

    def test_are_problems_when_they_are_none_of_success(self, status: str, response: dict[str, Any]) -> None:
        if status.startswith(("4", "5")):
            ((media_type, content),) = _contents(response)
            assert (media_type, content["schema"]) == (
                "application/problem+json",
                {"$ref": "#/components/schemas/Problem"},
            )
            assert _has_example(content)

    def test_say_when_to_come_back(self, status: str, response: dict[str, Any]) -> None:
        assert "Retry-After" in response["headers"] or status not in ("429", "503")

    def test_in_json_have_an_example(self, status: str, response: dict[str, Any]) -> None:
        del status
        for media_type, content in _contents(response):
            assert _has_example(content) or not media_type.endswith("json"), media_type


def _links() -> Iterator[Any]:
    for name, (_, _, operation) in _OPERATIONS.items():
        for status, response in operation["responses"].items():
            for link, target in resolved(response).get("links", {}).items():
                yield pytest.param(name, status, resolved(target), id=f"{name} {status} {link}")


@pytest.mark.parametrize(("name", "status", "link"), list(_links()))
def test_links_lead_from_the_example_to_what_can_be_asked(name: str, status: str, link: dict[str, Any]) -> None:
    _, _, operation = _OPERATIONS[name]
    _, _, target = _OPERATIONS[link["operationId"]]
    taken = _parameters(target)
    required = {parameter for parameter in taken if taken[parameter].get("required")}
    assert required <= link["parameters"].keys() <= taken.keys()
    for parameter, expression in link["parameters"].items():
        value = _evaluated(expression, operation, resolved(operation["responses"][status]))
        assert problems_of(value, taken[parameter]["schema"]) == [], (parameter, value)


def _evaluated(expression: str, operation: dict[str, Any], response: dict[str, Any]) -> Any:
    """What a runtime expression comes to over the examples."""
    if not expression.startswith("$"):
        return expression
    source, _, rest = expression.partition("#" if "body" in expression else ".path.")
    if source == "$request":
        return _parameters(operation)[rest]["example"]
    body = operation["requestBody"] if source == "$request.body" else response
    content = dict(_contents(body))["application/json"]
    value = content["example"] if "example" in content else next(iter(content["examples"].values()))["value"]
    for step in rest.split("/")[1:]:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def _check_bounded(schema: dict[str, Any]) -> None:
    """Fail where a client may send as much as it likes: a text, a list or an object without end, a number without."""
    for part in _within(schema):
        kinds = part.get("type", ())
        said = json.dumps(part)[:200]
        if "string" in kinds:
            assert part.keys() & _BOUNDS, said
        if "array" in kinds:
            assert "maxItems" in part, said
        if "integer" in kinds or "number" in kinds:
            assert {"minimum", "exclusiveMinimum"} & part.keys(), said
            assert "maximum" in part, said
        if "object" in kinds:
            assert part.get("additionalProperties") is False or "maxProperties" in part, said


def test_every_operation_of_a_lifter_is_reached_by_a_link() -> None:
    reached = {resolved(link)["operationId"] for link in CONTRACT["components"]["links"].values()}
    wanted = {name for name, (path, method, _) in _OPERATIONS.items() if "{lifter}" in path and method != "post"}
    assert wanted <= reached


def test_schemas_of_lists_say_of_what() -> None:
    for name, schema in CONTRACT["components"]["schemas"].items():
        for part in _within(schema):
            assert "array" not in part.get("type", ()) or "items" in part, name


def test_no_name_stands_twice_in_a_mapping() -> None:
    """Readers differ in what they make of it: PyYAML takes the last, others refuse the file."""
    todo, twice = [yaml.compose(CONTRACT_FILE.read_bytes(), Loader=yaml.CSafeLoader)], []
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.MappingNode):
            names = [name.value for name, _ in node.value]
            twice += [(node.start_mark.line + 1, name) for name in set(names) if names.count(name) > 1]
            todo += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
    assert twice == []
