"""The envelope that an event is posted in: alone, or as a line among those of many lifters.

Marshmallow alone says what is wrong with an event. Taking one that is right costs it ten times what its fields' own
checks cost, most of it in bookkeeping for errors; so an event is first tried with nothing but these checks, and only
where that fails, whatever the reason, marshmallow is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from marshmallow import Schema, ValidationError, fields

from service.domain.errors import InvalidInput, Problem
from service.domain.events import EventData
from service.domain.instants import Instant
from service.http.schemas.events import DATA_SCHEMAS
from service.http.schemas.fields import MESSAGES, Choice, Identifier, StrictField, TimeField, Whole
from service.http.schemas.identifiers import EVENT_ID, LIFTER
from service.http.schemas.loading import loaded
from service.http.schemas.strict_schema import DataSchema, StrictSchema

ADDRESSES: Final = (
    'one event belongs to /v1/lifters/{lifter}/events, a session as {"events": [...]} to '
    "/v1/lifters/{lifter}/sessions, and lines of NDJSON to /v1/events"
)
"""Where what is posted belongs."""

LATEST_VERSION: Final = 2**31 - 1


class Posted(NamedTuple):
    """An event as a client posted it; the optimistic check is made where ``expected_version`` is not None.

    ``lifter`` is whose it is, where a line says so and not the path.
    """

    event_id: str
    occurred_at: Instant
    data: EventData
    expected_version: int | None
    lifter: str = ""


class EnvelopeSchema(StrictSchema):
    """What every event has around its data."""

    event_id = Identifier(*EVENT_ID, required=True)
    type = Choice(*DATA_SCHEMAS, required=True)
    occurred_at = TimeField(required=True)
    expected_version = Whole(0, LATEST_VERSION)


class LineEnvelopeSchema(EnvelopeSchema):
    """What a line has around its event's data."""

    lifter = Identifier(*LIFTER, required=True)


class Schemas(NamedTuple):
    """The schemas of events in an envelope of a kind: by the event's type, and for one of no known type."""

    of_type: Mapping[str, Schema]
    of_unknown_type: Schema


def _enveloped(envelope: type[EnvelopeSchema]) -> Schemas:
    def schema(data: fields.Field[Any]) -> Schema:
        return envelope.from_dict({"data": data}, name="SubmissionSchema")()

    return Schemas(
        {
            name: schema(fields.Nested(of_data, required=True, error_messages=MESSAGES))
            for name, of_data in DATA_SCHEMAS.items()
        },
        schema(fields.Raw(required=True, error_messages=MESSAGES)),
    )


ALONE: Final = _enveloped(EnvelopeSchema)
"""What a request with one event holds; its path says whose it is."""

LINE: Final = _enveloped(LineEnvelopeSchema)
"""What a line among those of many lifters holds."""


def posted(document: Any, schemas: Schemas = ALONE) -> Posted:
    """An event out of a request's document; raises `InvalidInput` with everything that is wrong with it."""
    if isinstance(document, list) or (isinstance(document, dict) and "events" in document):
        raise InvalidInput(Problem("", f"must be one event: {ADDRESSES}"))
    name = document.get("type") if isinstance(document, dict) else None
    schema = schemas.of_type.get(name) if isinstance(name, str) else None
    try:
        values = _taken(schema, document)
    except (ValidationError, _Doubt):
        values = loaded(schema or schemas.of_unknown_type, document)
    return Posted(
        values["event_id"],
        values["occurred_at"],
        values["data"],
        values.get("expected_version"),
        values.get("lifter", ""),
    )


class _Doubt(Exception):
    """Something is unusual, and marshmallow is to decide."""


def _taken(schema: Schema | None, document: Any) -> dict[str, Any]:
    """What `loaded` makes of a document, by the same fields' checks alone; raises for any that it would refuse."""
    if schema is None or not isinstance(document, dict):
        raise _Doubt
    known = schema.fields
    values: dict[str, Any] = {}
    for name, value in document.items():
        field = known.get(name)
        if isinstance(field, StrictField):
            values[name] = field.take(value) if value is not None or not field.allow_none else None
        elif isinstance(field, fields.Nested) and isinstance(field.schema, DataSchema):
            values[name] = field.schema.make(_taken(field.schema, value))
        elif field is not None:
            values[name] = field.deserialize(value)
        else:
            raise _Doubt
    for name, field in known.items():
        if field.required and name not in values:
            raise _Doubt
    return values
