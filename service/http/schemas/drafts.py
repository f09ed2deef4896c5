"""What is asked of rule files that somebody is writing."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple

from marshmallow import ValidationError, fields

from service.http.schemas.fields import Flag, Identifier, StrictField, Whole
from service.http.schemas.identifiers import DIGEST, LIFTER, PROGRAMME
from service.http.schemas.loading import loaded
from service.http.schemas.simulations import RULES_MESSAGES, FilesField, RulesSchema, rules_of
from service.http.schemas.strict_schema import StrictSchema
from service.usecases.rules.simulate import OwnRules

MOST_LIFTERS: Final = 1000
"""Lifters that a request names; without names it is about all of the gym."""


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

    before = fields.Nested(RulesSchema(), required=True, error_messages=RULES_MESSAGES)
    after = fields.Nested(RulesSchema(), required=True, error_messages=RULES_MESSAGES)
    weeks = Whole(0, 52, load_default=12)


class LiftersField(StrictField[tuple[str, ...]]):
    """Ids of lifters, each once."""

    def _take(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_LIFTERS:
            raise ValidationError(f"must be a list of 1 to {MOST_LIFTERS} lifters")
        pattern, shape = LIFTER
        wrong = {
            place: [f"must be {shape}"]
            for place, each in enumerate(value)
            if not isinstance(each, str) or not pattern.fullmatch(each)
        }
        if wrong:
            raise ValidationError(wrong)
        return tuple(dict.fromkeys(value))


class RolloutSchema(StrictSchema):
    """A rollout."""

    class Meta(StrictSchema.Meta):
        """`from` is no name that Python would take for a field."""

        include: ClassVar = {"from": Identifier(*DIGEST)}

    programme = Identifier(*PROGRAMME, required=True)
    to = Identifier(*DIGEST)
    lifters = LiftersField()
    preview = Flag(required=True)


class BacktestSchema(StrictSchema):
    """Rules to be tried on logs."""

    rule_set = fields.Nested(RulesSchema(), required=True, error_messages=RULES_MESSAGES)
    lifters = LiftersField()
    worst = Whole(0, 20, load_default=5)


ROLLOUT: Final = RolloutSchema()
BACKTEST: Final = BacktestSchema()
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
