"""Each marshmallow schema says the same as its component of the contract: fields, what is required, every bound."""

from typing import Any

import pytest
from marshmallow import Schema, fields, validate

from service.domain.api_keys import SCOPES
from service.domain.lifter_tokens import TOKEN_SCOPES
from service.domain.loads import LARGEST, Unit
from service.http.schemas import events, profiles, queries
from service.http.schemas.events import MOST_SKIPPED, SlotsField
from service.http.schemas.fields import (
    PLACES,
    PRINTABLE,
    Choice,
    Identifier,
    LoadField,
    Number,
    Text,
    TimeField,
    TimeZone,
    Whole,
)
from service.http.schemas.identifiers import PARAMETER
from service.http.schemas.imports import IMPORT_QUERY
from service.http.schemas.keys import NEW_KEY, ROTATION, ScopesField
from service.http.schemas.parameters import MOST_PARAMETERS, MOST_SLOTS, SlotParametersField
from service.http.schemas.profiles import MOST_COUNTED, CountingField
from service.http.schemas.strict_schema import DataSchema
from service.http.schemas.submissions import ALONE, LINE
from service.http.schemas.tokens import NEW_TOKEN
from service.http.schemas.webhooks import NEW_WEBHOOK
from tests.support.contract import CONTRACT, operations, resolved

_COMPONENTS = CONTRACT["components"]["schemas"]
_UNITS: tuple[Unit, ...] = ("kg", "lb")


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _documented(schema: dict[str, Any]) -> dict[str, Any]:
    """The constraints of a schema of the contract, words about it left out."""
    silent = {"description", "example", "examples", "default"}
    return {name: value for name, value in resolved(schema).items() if name not in silent}


def _load(field: LoadField) -> str:
    return "Load" if field.negative else "PositiveLoad" if field.positive else "LoadFromZero"


def _as_written(field: fields.Field[Any]) -> dict[str, Any]:  # noqa: C901, PLR0911 - a table
    """The constraints of a field in the words of JSON Schema."""
    match field:
        case Text():
            shape = f"^{PRINTABLE.pattern}$"
            return {"type": "string", "minLength": 1, "maxLength": field.longest, "pattern": shape}
        case SlotsField():
            slot = {"$ref": "#/components/schemas/SlotId"}
            return {"type": "array", "minItems": 1, "maxItems": MOST_SKIPPED, "items": slot}
        case ScopesField():
            scope = {"$ref": f"#/components/schemas/{'Scope' if field.known is SCOPES else 'TokenScope'}"}
            return {"type": "array", "minItems": 1, "maxItems": len(field.known), "uniqueItems": True, "items": scope}
        case queries.ChoicesParameter():
            return {"type": "string", "pattern": field.pattern}
        case Choice():
            return {"enum": list(field.words)}
        case Whole():
            return {"type": "integer", "minimum": field.low, "maximum": field.high}
        case Number():
            return {"type": "number", "minimum": field.low, "maximum": field.high}
        case TimeField():
            return {"type": "string", "format": "date-time"}
        case TimeZone():
            return {"type": "string", "maxLength": 98}
        case CountingField():
            return {
                "type": "object",
                "maxProperties": MOST_COUNTED,
                "propertyNames": {"$ref": "#/components/schemas/ExerciseId"},
                "additionalProperties": {"$ref": "#/components/schemas/Counting"},
            }
        case SlotParametersField():
            return {
                "type": "object",
                "maxProperties": MOST_SLOTS,
                "propertyNames": {"$ref": "#/components/schemas/SlotId"},
                "additionalProperties": {
                    "type": "object",
                    "maxProperties": MOST_PARAMETERS,
                    "propertyNames": {"pattern": f"^{PARAMETER[0].pattern}$"},
                    "additionalProperties": {"$ref": "#/components/schemas/ParameterValue"},
                },
            }
    raise AssertionError(f"no words for {field!r}")


def _assert_same(field: fields.Field[Any], schema: dict[str, Any]) -> None:
    if field.allow_none:
        schema, null = schema["anyOf"]
        assert null == {"type": "null"}
    written = _documented(schema)
    match field:
        case Identifier():
            # The one pattern has a look-ahead for the length where the contract says maxLength.
            assert written.keys() <= {"type", "pattern", "maxLength"}
            assert written["pattern"].strip("^$") == field.pattern.pattern.rpartition(r"\Z)")[2]
            assert ("maxLength" in written) == (r"\Z)" in field.pattern.pattern)
        case fields.List():
            (length,) = field.validators
            assert isinstance(length, validate.Length)
            assert (written["type"], written.get("minItems", 0), written["maxItems"]) == (
                "array",
                length.min,
                length.max,
            )
            _assert_same(field.inner, written["items"])
        case fields.Nested() if isinstance(field.schema, DataSchema):
            assert resolved(schema) is _COMPONENTS[type(field.schema).__name__.removesuffix("Schema")]
        case fields.Nested() | LoadField():
            name = _load(field) if isinstance(field, LoadField) else type(field.schema).__name__.removesuffix("Schema")
            assert resolved(schema) is _COMPONENTS[name]
        case _:
            assert written == _as_written(field)


def _assert_schema(schema: Schema, component: dict[str, Any]) -> None:
    assert component["additionalProperties"] is False
    assert component["properties"].keys() == schema.fields.keys()
    required = {name for name, field in schema.fields.items() if field.required}
    assert set(component.get("required", ())) == required
    for name, field in schema.fields.items():
        if name != "type":
            _assert_same(field, component["properties"][name])


@pytest.mark.parametrize("name", events.DATA_SCHEMAS)
def test_data_of_each_type(name: str) -> None:
    _assert_schema(events.DATA_SCHEMAS[name], _COMPONENTS[_camel(name)])


_ENVELOPES = {"Submission": ALONE, "Line": LINE}


@pytest.mark.parametrize("kind", list(_ENVELOPES))
@pytest.mark.parametrize("name", list(events.DATA_SCHEMAS))
def test_envelope_of_each_type(name: str, kind: str) -> None:
    component = _COMPONENTS[f"{_camel(name)}{kind}"]
    _assert_schema(_ENVELOPES[kind].of_type[name], component)
    assert component["properties"]["type"] == {"const": name}


@pytest.mark.parametrize(
    "schema",
    [profiles.EquipmentSchema(), profiles.PlatesSchema(), profiles.CountingSchema()],
    ids=["equipment", "plates", "counting"],
)
def test_what_a_profile_holds(schema: Schema) -> None:
    _assert_schema(schema, _COMPONENTS[type(schema).__name__.removesuffix("Schema")])


def test_what_is_said_of_a_webhook() -> None:
    _assert_schema(NEW_WEBHOOK, _COMPONENTS["NewWebhook"])


@pytest.mark.parametrize("schema", [NEW_KEY, ROTATION, NEW_TOKEN], ids=["new key", "rotation", "new token"])
def test_what_is_said_of_keys(schema: Schema) -> None:
    _assert_schema(schema, _COMPONENTS[type(schema).__name__.removesuffix("Schema")])
    assert _COMPONENTS["Scope"]["enum"] == list(SCOPES)
    assert _COMPONENTS["TokenScope"]["enum"] == list(TOKEN_SCOPES)


@pytest.mark.parametrize(("whole", "kind"), [("Submission", "Submission"), ("EventLine", "Line")])
def test_every_type_can_be_submitted(whole: str, kind: str) -> None:
    component = _COMPONENTS[whole]
    references = {name: f"#/components/schemas/{_camel(name)}{kind}" for name in events.DATA_SCHEMAS}
    assert component["discriminator"]["mapping"] == references
    assert [option["$ref"] for option in component["oneOf"]] == list(references.values())
    assert _COMPONENTS["EventType"]["enum"] == list(events.DATA_SCHEMAS)


def test_an_event_of_a_session_expects_no_version_of_its_own() -> None:
    of_one = _COMPONENTS["SessionSubmission"]["properties"]["events"]["items"]
    assert of_one == {"$ref": "#/components/schemas/Submission", "not": {"required": ["expected_version"]}}


@pytest.mark.parametrize("name", ["Load", "LoadFromZero", "PositiveLoad"])
def test_loads_have_the_bounds_of_their_unit(name: str) -> None:
    component = _COMPONENTS[name]
    assert component["properties"]["value"]["maximum"] == LARGEST["lb"]
    assert component["then"]["properties"]["value"]["maximum"] == LARGEST["kg"]
    least = {"Load": -LARGEST["lb"], "LoadFromZero": 0, "PositiveLoad": float(PLACES)}
    assert component["properties"]["value"]["minimum"] == least[name]
    assert _COMPONENTS["Unit"]["enum"] == list(_UNITS)


def test_query_parameters() -> None:
    schemas = {
        "list_lifters": queries.LIFTERS_QUERY,
        "list_events": queries.EVENTS_QUERY,
        "get_state": queries.AS_OF,
        "get_profile": queries.AS_OF,
        "get_statistics": queries.STATISTICS_QUERY,
        "get_next_session": queries.SESSION_QUERY,
        "get_prescription": queries.SLOT_QUERY,
        "list_recommendations": queries.PAGE,
        "get_objections": queries.WHY_NOT,
        "get_alternatives": queries.WHAT_IF,
        "get_comparison": queries.DIFF,
        "list_changes": queries.PAGE,
        "import_log": IMPORT_QUERY,
        "list_exercises": queries.EXERCISE_QUERY,
        "list_schemes": queries.LIBRARY_QUERY,
        "list_programmes": queries.PROGRAMMES_QUERY,
        "list_keys": queries.PAGE,
        "list_dead_letters": queries.PAGE,
        "list_rollout_lifters": queries.PAGE,
    }
    for _, _, operation in operations():
        parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
        documented = {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"}
        schema = schemas.get(operation["operationId"], queries.NO_QUERY)
        assert documented.keys() == schema.fields.keys(), operation["operationId"]
        for name, field in schema.fields.items():
            _assert_same(field, documented[name]["schema"])
