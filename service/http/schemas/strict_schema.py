"""Schemas that refuse what they do not know, and those of what events hold.

A field may be called ``load`` as `Schema.load` is: marshmallow takes the fields off the class.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, post_load

from service.domain.events import EventData
from service.http.schemas.fields import UNKNOWN_FIELD, unknown_fields


class StrictSchema(Schema):
    """A schema that refuses what it does not know."""

    error_messages: ClassVar[dict[str, str]] = {"unknown": UNKNOWN_FIELD, "type": "must be an object"}  # type: ignore[misc]

    class Meta:
        """Unknown fields are refused, so that a misspelt one is noticed."""

        unknown = RAISE

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> None:
        """Say beside an unknown field which one was probably meant."""
        said = error.messages_dict
        unknown = [str(name) for name, messages in said.items() if messages == [UNKNOWN_FIELD]]
        said.update(unknown_fields(unknown, [field.data_key or name for name, field in self.fields.items()]))


class DataSchema(StrictSchema):
    """The ``data`` of one type of event; loads to an instance of ``makes``."""

    makes: ClassVar[type[EventData]]

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> EventData:
        """Check what concerns several fields, and build the domain's data."""
        self.settle(values)
        return self.makes(**values)

    def settle(self, values: dict[str, Any]) -> None:
        """Check and mend what concerns several fields; raises ``ValidationError``."""
