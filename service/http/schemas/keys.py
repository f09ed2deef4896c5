"""What a request says of an API key."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError

from service.config import MOST_REQUESTS
from service.domain.api_keys import SCOPES
from service.http.schemas.fields import StrictField, Text, TimeField, Whole
from service.http.schemas.strict_schema import StrictSchema
from service.usecases.gym.api_keys import GRACE_S, LONGEST_GRACE_S


class ScopesField(StrictField[tuple[str, ...]]):
    """At least one of some scopes, none of them twice."""

    def __init__(self, known: tuple[str, ...] = SCOPES, **options: Any) -> None:
        super().__init__(**options)
        self.known = known
        self.error_messages["required"] = f"is required: a list of some of {', '.join(known)}"

    def _take(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise ValidationError(f"must be a list of at least one of {', '.join(self.known)}")
        known = f"must be one of {', '.join(self.known)}"
        unknown = {place: [known] for place, scope in enumerate(value) if scope not in self.known}
        if unknown:
            raise ValidationError(unknown)
        if len(set(value)) < len(value):
            raise ValidationError("must name no scope twice")
        return tuple(scope for scope in self.known if scope in value)


class NewKeySchema(StrictSchema):
    """A key to be made."""

    name = Text(longest=100)
    scopes = ScopesField(required=True)
    expires_at = TimeField()
    rate_limit = Whole(1, MOST_REQUESTS)


class RotationSchema(StrictSchema):
    """How a key is to be replaced."""

    grace_s = Whole(0, LONGEST_GRACE_S, load_default=GRACE_S)
    expires_at = TimeField()


NEW_KEY: Final = NewKeySchema()
ROTATION: Final = RotationSchema()
