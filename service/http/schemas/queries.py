"""Query parameters: each is known, given once, and of the right form."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, ClassVar, Final, get_args

from flask import request
from marshmallow import ValidationError, validates_schema

from service.domain.errors import InvalidInput, Problem, meant
from service.domain.exercises import Level
from service.domain.instants import Instant
from service.engine.derive.why import OUTCOMES
from service.engine.files.exercise_files import EQUIPMENT as EQUIPMENT_KINDS
from service.engine.ruleset.tags import MOST_DAYS_A_WEEK, MOST_MINUTES, Goal
from service.http.schemas.events import DATA_SCHEMAS
from service.http.schemas.fields import Choice, Identifier, StrictField, Text, TimeField, Whole, respelt
from service.http.schemas.identifiers import EQUIPMENT, EXERCISE, MUSCLE, PRESCRIPTION, RULE, SLOT
from service.http.schemas.loading import loaded
from service.http.schemas.strict_schema import StrictSchema
from service.http.schemas.submissions import LATEST_VERSION
from service.usecases.gym.lifters import ONLY

MOST_AHEAD: Final = 8
"""Sessions after the next that can be asked for."""


class WholeParameter(Whole):
    """A whole number in digits."""

    DIGITS: Final = re.compile(r"[0-9]{1,12}")

    def _take(self, value: Any) -> int:
        number = int(value) if self.DIGITS.fullmatch(value) else None
        return super()._take(number)


class TimeParameter(TimeField):
    """A time; knows what becomes of a ``+`` that was not escaped."""

    def _take(self, value: Any) -> Instant:
        try:
            return super()._take(value)
        except ValidationError:
            if " " in value:
                raise ValidationError("holds a space: write the + of an offset as %2B, or use Z") from None
            raise


class NoQuerySchema(StrictSchema):
    """Of what takes no parameters."""


class PageSchema(StrictSchema):
    """Of a list."""

    limit = WholeParameter(1, 1000, load_default=100)
    after = Text(longest=200)


class StreamSchema(PageSchema):
    """Of a stream that is opened with a ticket."""

    ticket = Text(longest=100)


class TimesSchema(StrictSchema):
    """Of what can be asked for a stretch of time; ``to`` is not in it any more."""

    class Meta(StrictSchema.Meta):
        """`from` is no name that Python would take for a field."""

        include: ClassVar = {"from": TimeParameter(), "to": TimeParameter()}

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "from" in data and "to" in data and data["to"] <= data["from"]:
            raise ValidationError("must be later than from", "to")


class EventsSchema(PageSchema, TimesSchema):
    """Of a log."""

    class Meta(TimesSchema.Meta):
        """Its times."""

    exercise = Identifier(*EXERCISE)
    type = Choice(*DATA_SCHEMAS)


class LiftersSchema(PageSchema):
    """Of a gym's lifters."""

    class Meta(PageSchema.Meta):
        """`only` means something to marshmallow."""

        include: ClassVar = {"only": Choice(*ONLY)}


class LibrarySchema(PageSchema):
    """Of a list of the library that can be searched."""

    q = Text(longest=100)


class ExercisesSchema(LibrarySchema):
    """Of exercises."""

    muscle = Identifier(*MUSCLE)
    equipment = Identifier(*EQUIPMENT)


class ChoicesParameter(StrictField[frozenset[str]]):
    """Some of a few words, commas between."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**options)
        self._choice = Choice(*words)
        self.pattern = "^({0})(,({0}))*$".format("|".join(words))

    def _take(self, value: Any) -> frozenset[str]:
        return frozenset(map(self._choice.take, value.split(",")))


class ProgrammesSchema(LibrarySchema):
    """Of programmes."""

    goal = Choice(*get_args(Goal))
    level = Choice(*get_args(Level))
    days_a_week = WholeParameter(1, MOST_DAYS_A_WEEK)
    equipment = ChoicesParameter(*EQUIPMENT_KINDS)
    minutes = WholeParameter(1, MOST_MINUTES)


class AsOfSchema(StrictSchema):
    """Of what can be asked for any time and any version."""

    as_of = TimeParameter()
    at_version = WholeParameter(1, LATEST_VERSION)


class StatisticsSchema(AsOfSchema, TimesSchema):
    """Of numbers over time."""

    class Meta(TimesSchema.Meta):
        """Their times."""

    exercise = Identifier(*EXERCISE)


class SessionSchema(AsOfSchema):
    """Of the next session's prescriptions."""

    include = Choice("dormant")
    ahead = WholeParameter(1, MOST_AHEAD)


class SlotSchema(AsOfSchema):
    """Of an exercise's prescription."""

    slot = Identifier(*SLOT)


class WhyNotSchema(StrictSchema):
    """Of what somebody expected instead: an outcome or a rule."""

    outcome = Choice(*OUTCOMES)
    rule = Identifier(*RULE)

    @validates_schema
    def _one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("give either an outcome or a rule", "outcome")


class WhatIfSchema(StrictSchema):
    """Of the outcome that somebody would like."""

    outcome = Choice(*OUTCOMES)


class DiffSchema(StrictSchema):
    """Of a comparison."""

    against = Identifier(*PRESCRIPTION, required=True)


NO_QUERY: Final = NoQuerySchema()
PAGE: Final = PageSchema()
STREAM: Final = StreamSchema()
EVENTS_QUERY: Final = EventsSchema()
LIFTERS_QUERY: Final = LiftersSchema()
LIBRARY_QUERY: Final = LibrarySchema()
EXERCISE_QUERY: Final = ExercisesSchema()
PROGRAMMES_QUERY: Final = ProgrammesSchema()
AS_OF: Final = AsOfSchema()
STATISTICS_QUERY: Final = StatisticsSchema()
SESSION_QUERY: Final = SessionSchema()
SLOT_QUERY: Final = SlotSchema()
WHY_NOT: Final = WhyNotSchema()
WHAT_IF: Final = WhatIfSchema()
DIFF: Final = DiffSchema()


def query(schema: StrictSchema) -> dict[str, Any]:
    """The request's parameters; raises `InvalidInput` for those that are unknown, repeated or malformed."""
    if not request.query_string:
        return dict(_without_any(schema))
    given = request.args
    repeated = [name for name, values in given.lists() if len(values) > 1]
    if repeated:
        raise InvalidInput(*(Problem(f"/{name}", "is given more than once") for name in repeated))
    return loaded(schema, given.to_dict())


@cache
def _without_any(schema: StrictSchema) -> dict[str, Any]:
    """What a request without parameters says, as most are; reading it each time costs a tenth of a 304."""
    return loaded(schema, {})


def in_path(name: str, given: str, pattern: re.Pattern[str], shape: str) -> str:
    """An identifier in a path; raises `InvalidInput` for what is none."""
    if not pattern.fullmatch(given):
        raise InvalidInput(meant(f"/{name}", f"must be {shape}", respelt(given, pattern)))
    return given


def exercise_of(name: str) -> str:
    """An exercise in a path; raises `InvalidInput` for what no exercise can be called."""
    return in_path("exercise", name, *EXERCISE)
