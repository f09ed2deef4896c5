"""The envelope that an event is posted in."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from marshmallow import Schema, ValidationError, fields

from service.domain.errors import InvalidInput, Problem, pointer
from service.domain.events import EventData
from service.domain.instants import Instant
from service.http.schemas.events import DATA_SCHEMAS, StrictSchema
from service.http.schemas.fields import MESSAGES, Choice, Identifier, Moment, Whole
from service.http.schemas.identifiers import EVENT_ID

LATEST_VERSION: Final = 2**31 - 1


class Posted(NamedTuple):
    """An event as a client posted it; the optimistic check is made where ``expected_version`` is not None."""

    event_id: str
    occurred_at: Instant
    data: EventData
    expected_version: int | None


class EnvelopeSchema(StrictSchema):
    """What every event has around its data."""

    event_id = Identifier(*EVENT_ID, required=True)
    type = Choice(*DATA_SCHEMAS, required=True)
    occurred_at = Moment(required=True)
    expected_version = Whole(0, LATEST_VERSION)


def _enveloped(data: fields.Field[Any]) -> Schema:
    return EnvelopeSchema.from_dict({"data": data}, name="SubmissionSchema")()


SUBMISSION_SCHEMAS: Final[dict[str, Schema]] = {
    name: _enveloped(fields.Nested(schema, required=True, error_messages=MESSAGES))
    for name, schema in DATA_SCHEMAS.items()
}
"""The schema of a whole request, by the type of its event."""

_OF_UNKNOWN_TYPE: Final = _enveloped(fields.Raw(required=True, error_messages=MESSAGES))


def posted(document: Any) -> Posted:
    """An event out of a request's document; raises `InvalidInput` with everything that is wrong with it."""
    name = document.get("type") if isinstance(document, dict) else None
    schema = SUBMISSION_SCHEMAS.get(name, _OF_UNKNOWN_TYPE) if isinstance(name, str) else _OF_UNKNOWN_TYPE
    try:
        values = schema.load(document)
    except ValidationError as error:
        raise InvalidInput(*problems(error)) from None
    return Posted(values["event_id"], values["occurred_at"], values["data"], values.get("expected_version"))


def problems(error: ValidationError) -> list[Problem]:
    """What marshmallow found, as JSON pointers into the document."""
    return list(_problems("", error.messages))


def _problems(place: str, messages: Any) -> list[Problem]:
    if not isinstance(messages, dict):
        return [Problem(place, str(message)) for message in messages]
    found: list[Problem] = []
    for name, inner in messages.items():
        # Marshmallow files what concerns a whole object under this name.
        found += _problems(place if name == "_schema" else place + pointer(name), inner)
    return found
