"""What a request says of a sandbox's clock."""

from __future__ import annotations

from typing import Final

from service.http.schemas.fields import TimeField
from service.http.schemas.strict_schema import StrictSchema


class ClockSchema(StrictSchema):
    """What a clock is to be set to."""

    now = TimeField(required=True)


class ResetSchema(StrictSchema):
    """What the clock of a sandbox is to be set to that begins anew."""

    now = TimeField()


CLOCK: Final = ClockSchema()
RESET: Final = ResetSchema()
