"""What a request says of a webhook."""

from __future__ import annotations

from typing import Final

from service.domain.webhooks import LONGEST_URL
from service.http.schemas.fields import Text
from service.http.schemas.strict_schema import StrictSchema


class NewWebhookSchema(StrictSchema):
    """A webhook to be made."""

    url = Text(longest=LONGEST_URL, required=True)
    description = Text(longest=100)


NEW_WEBHOOK: Final = NewWebhookSchema()
