"""What a request says of a lifter's token."""

from __future__ import annotations

from typing import Final

from service.domain.lifter_tokens import TOKEN_SCOPES
from service.http.schemas.fields import Whole
from service.http.schemas.keys import ScopesField
from service.http.schemas.strict_schema import StrictSchema
from service.usecases.gym.lifter_tokens import LIFETIME_S, LONGEST_S, SHORTEST_S


class NewTokenSchema(StrictSchema):
    """A token to be made."""

    scopes = ScopesField(TOKEN_SCOPES, required=True)
    lifetime_s = Whole(SHORTEST_S, LONGEST_S, load_default=LIFETIME_S)


NEW_TOKEN: Final = NewTokenSchema()
