"""What a profile holds in a request: the lifter's equipment, and how loads are counted."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Final

from marshmallow import ValidationError, fields, post_load, validate

from service.domain import counting, equipment, events
from service.domain.equipment import are_few
from service.http.schemas.fields import MESSAGES, Choice, Identifier, LoadField, StrictField, TimeZone, Whole
from service.http.schemas.identifiers import COUNTED
from service.http.schemas.strict_schema import DataSchema, StrictSchema

MOST_PLATES: Final = 50
"""Sizes of plates."""

MOST_DUMBBELLS: Final = 200
"""Of dumbbells, of kettlebells and of fixed barbells."""

MOST_COUNTED: Final = 200
"""Exercises and kinds of equipment whose loads are counted otherwise."""

MOST_PLATE_SETS: Final = 100_000
"""Choices of plates that an equipment may allow, unless most of them weigh the same: few loads are found at once."""


_LIST: Final = {**MESSAGES, "invalid": "must be a list"}


class PlatesSchema(StrictSchema):
    """A size of plate and how many of it there are."""

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        "type": 'must be an object, such as {"load": {"value": 20, "unit": "kg"}, "count": 8}'
    }

    load = LoadField(positive=True, required=True)  # type: ignore[assignment]
    count = Whole(0, 100, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> equipment.Plates:
        """Build the domain's plates."""
        return equipment.Plates(**values)


def _list_of(item: fields.Field[Any], kind: str, least: int, most: int) -> fields.List[Any]:
    return fields.List(
        item, error_messages=_LIST, validate=validate.Length(least, most, error=f"must be {least} to {most} {kind}")
    )


class EquipmentSchema(StrictSchema):
    """What a lifter can load."""

    bar = LoadField()
    plates = _list_of(fields.Nested(PlatesSchema()), "sizes of plates", 0, MOST_PLATES)
    dumbbells = _list_of(LoadField(positive=True), "dumbbells", 1, MOST_DUMBBELLS)
    stack = LoadField(positive=True)
    rounding = Choice("nearest", "down", "up")
    ez_bar = LoadField(positive=True)
    barbells = _list_of(LoadField(positive=True), "barbells", 1, MOST_DUMBBELLS)
    kettlebells = _list_of(LoadField(positive=True), "kettlebells", 1, MOST_DUMBBELLS)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> equipment.Equipment:
        """Build the domain's equipment, small enough to be rounded to."""
        plates = [(size.load.value, size.count) for size in values.get("plates", ())]
        if prod(count // 2 + 1 for _, count in plates) > MOST_PLATE_SETS and not are_few(plates):
            raise ValidationError("more choices of plates than one bar needs: give fewer sizes or counts", "plates")
        settled: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return equipment.Equipment(**settled)


class CountingSchema(StrictSchema):
    """How the loads of an exercise are counted."""

    unit = Choice("kg", "lb")
    uncounted = LoadField()

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> counting.Counting:
        """Build the domain's counting."""
        if not values:
            raise ValidationError("a unit, an uncounted load or both must be given")
        return counting.Counting(**values)


class CountingField(StrictField[dict[str, counting.Counting]]):
    """How loads are counted, by exercise or kind of equipment."""

    def _take(self, value: Any) -> dict[str, counting.Counting]:
        if not isinstance(value, dict) or len(value) > MOST_COUNTED:
            raise ValidationError(f"must be an object of at most {MOST_COUNTED} exercises and kinds of equipment")
        taken: dict[str, counting.Counting] = {}
        problems: dict[str, Any] = {}
        for name, said in value.items():
            try:
                taken[Identifier(*COUNTED).take(name)] = CountingSchema().load(said)
            except ValidationError as error:
                problems[name] = error.messages
        if problems:
            raise ValidationError(problems)
        return taken


class ProfileChangedSchema(DataSchema):
    """Facts about the lifter."""

    makes = events.ProfileChanged

    unit = Choice("kg", "lb")
    time_zone = TimeZone()
    body_weight = LoadField(positive=True)
    equipment = fields.Nested(EquipmentSchema(), error_messages=MESSAGES)
    counting = CountingField()

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a change."""
        if not values:
            raise ValidationError("at least one fact must be given")
