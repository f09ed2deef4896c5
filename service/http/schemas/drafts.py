"""What is asked of rule files that somebody is writing."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from marshmallow import fields

from service.http.schemas.fields import MESSAGES, Whole
from service.http.schemas.loading import loaded
from service.http.schemas.simulations import FilesField, RulesSchema, rules_of
from service.http.schemas.strict_schema import StrictSchema
from service.usecases.rules.simulate import OwnRules


class RequestedDiff(NamedTuple):
    """The two sides, own rules or archived digests, and for how many weeks made-up lifters train by them."""

    before: OwnRules | str
    after: OwnRules | str
    weeks: int


class DraftSchema(StrictSchema):
    """Rule files."""

    files = FilesField(least=1, required=True)


class DiffSchema(StrictSchema):
    """Two sides."""

    before = fields.Nested(RulesSchema(), required=True, error_messages=MESSAGES)
    after = fields.Nested(RulesSchema(), required=True, error_messages=MESSAGES)
    weeks = Whole(0, 52, load_default=12)


_DRAFT: Final = DraftSchema()
_DIFF: Final = DiffSchema()


def files_of(document: Any) -> dict[str, str]:
    """Rule files (path to text) out of a request's document; raises `InvalidInput`."""
    files: dict[str, str] = loaded(_DRAFT, document)["files"]
    return files


def diff_of(document: Any) -> RequestedDiff:
    """A comparison out of a request's document; raises `InvalidInput`."""
    values = loaded(_DIFF, document)
    return RequestedDiff(rules_of(values["before"]), rules_of(values["after"]), values["weeks"])
