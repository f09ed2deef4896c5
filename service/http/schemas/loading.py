"""Reading documents by marshmallow's schemas, with what is wrong told as the contract tells it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError

from service.domain.errors import InvalidInput, Problem, pointer


def loaded(schema: Schema, document: Any) -> dict[str, Any]:
    """The fields of a request's document; raises `InvalidInput` with everything that is wrong with it."""
    try:
        values: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise InvalidInput(*_problems("", error.messages)) from None
    return values


def _problems(place: str, messages: Any) -> list[Problem]:
    if not isinstance(messages, dict):
        return [Problem(place, str(message), getattr(message, "did_you_mean", "")) for message in messages]
    found: list[Problem] = []
    for name, inner in messages.items():
        # Marshmallow files what concerns a whole object under this name.
        found += _problems(place if name == "_schema" else place + pointer(name), inner)
    return found
