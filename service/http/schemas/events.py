"""What each type of event holds in a request: one schema per type, turned into the domain's own data.

A field may be called ``load`` as `Schema.load` is: marshmallow takes the fields off the class.
"""

from __future__ import annotations

from decimal import Decimal
from math import prod
from typing import Any, ClassVar, Final, assert_never, get_args

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from service.domain import counting, equipment, events
from service.domain.equipment import are_few
from service.domain.events import LONGEST_NOTE, SET_KINDS, SIDES, EventData
from service.domain.limits import MOST_REPS, MOST_RIR, MOST_SECONDS
from service.domain.loads import CONTEXT, canonical
from service.http.schemas.fields import (
    MESSAGES,
    UNKNOWN_FIELD,
    Choice,
    Identifier,
    LoadField,
    Number,
    StrictField,
    Text,
    TimeField,
    TimeZone,
    Whole,
    unknown_fields,
)
from service.http.schemas.identifiers import (
    COUNTED,
    DIGEST,
    EVENT_ID,
    EXERCISE,
    FLAG,
    MUSCLE,
    PROGRAMME,
    SESSION_ID,
    SLOT,
)
from service.http.schemas.parameters import SlotParametersField

MOST_PLATES: Final = 50
"""Sizes of plates."""

MOST_DUMBBELLS: Final = 200
"""Of dumbbells, of kettlebells and of fixed barbells."""

MOST_COUNTED: Final = 200
"""Exercises and kinds of equipment whose loads are counted otherwise."""

MOST_PLATE_SETS: Final = 100_000
"""Choices of plates that an equipment may allow, unless most of them weigh the same: few loads are found at once."""


NO_LOAD: Final = 'is required; of a set with the body weight alone it is {{"value": 0, "unit": "kg"}}'

_LIST: Final = {**MESSAGES, "invalid": "must be a list"}


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


class SetFieldsSchema(DataSchema):
    """What a set says, posted or corrected."""

    reps = Whole(0, MOST_REPS)
    seconds = Whole(0, MOST_SECONDS)
    rir = Number(0, MOST_RIR)
    rpe = Number(0, MOST_RIR)
    kind = Choice(*SET_KINDS)
    session_id = Identifier(*SESSION_ID)
    slot = Identifier(*SLOT)
    side = Choice(*SIDES)
    body_weight = LoadField(positive=True)
    note = Text(longest=LONGEST_NOTE)

    def settle(self, values: dict[str, Any]) -> None:
        """Take an RPE as what it leaves in reserve."""
        if "reps" in values and "seconds" in values:
            raise ValidationError("must not stand beside reps: a set is counted or timed", "seconds")
        rpe = values.pop("rpe", None)
        if rpe is None:
            return
        left = Decimal(canonical(CONTEXT.subtract(Decimal(MOST_RIR), rpe)))
        if values.setdefault("rir", left) != left:
            raise ValidationError("must be 10 - rpe where both are given", "rir")


class SetLoggedSchema(SetFieldsSchema):
    """A set that was performed."""

    makes = events.SetLogged

    exercise = Identifier(*EXERCISE, required=True)
    load = LoadField(negative=True, required=True, error_messages={"required": NO_LOAD, "null": NO_LOAD})  # type: ignore[assignment]

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for what was counted."""
        if "reps" not in values and "seconds" not in values:
            raise ValidationError("is required (or seconds, for a timed set)", "reps")
        super().settle(values)


class SetCorrectedSchema(SetFieldsSchema):
    """What was wrong about a set."""

    makes = events.SetCorrected

    corrects = Identifier(*EVENT_ID, required=True)
    occurred_at = TimeField()
    exercise = Identifier(*EXERCISE)
    load = LoadField(negative=True)  # type: ignore[assignment]

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a correction."""
        if len(values) == 1:
            raise ValidationError("at least one field of the set must be corrected")
        super().settle(values)


class SetVoidedSchema(DataSchema):
    """An event that counts no longer."""

    makes = events.SetVoided

    voids = Identifier(*EVENT_ID, required=True)
    reason = Text(longest=500)


class SessionCompletedSchema(DataSchema):
    """The end of a session."""

    makes = events.SessionCompleted

    session_id = Identifier(*SESSION_ID)


class ProgrammeAssignedSchema(DataSchema):
    """The programme that a lifter follows from now on."""

    makes = events.ProgrammeAssigned

    programme = Identifier(*PROGRAMME, required=True)
    digest = Identifier(*DIGEST)
    params = SlotParametersField()


class ProgrammeEndedSchema(DataSchema):
    """The end of a programme."""

    makes = events.ProgrammeEnded

    programme = Identifier(*PROGRAMME)


class BaselineSetSchema(DataSchema):
    """Where an exercise starts."""

    makes = events.BaselineSet

    exercise = Identifier(*EXERCISE, required=True)
    load = LoadField(negative=True)  # type: ignore[assignment]
    one_rep_max = LoadField(negative=True)
    training_max = LoadField(negative=True)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for one start, not two."""
        if len(values) != 2:
            raise ValidationError("exactly one of load, one_rep_max and training_max must be given")


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


class DeloadRequestedSchema(DataSchema):
    """The wish for a deload."""

    makes = events.DeloadRequested

    reason = Text(longest=500)


class LifterNotedSchema(DataSchema):
    """A note or a flag, about the lifter or about one exercise or muscle."""

    makes = events.LifterNoted

    note = Text(longest=LONGEST_NOTE)
    flag = Identifier(*FLAG)
    exercise = Identifier(*EXERCISE)
    muscle = Identifier(*MUSCLE)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a note, about one thing."""
        if values.keys().isdisjoint({"note", "flag"}):
            raise ValidationError("a note or a flag must be given")
        if {"exercise", "muscle"} <= values.keys():
            raise ValidationError("an exercise or a muscle, not both")


def _schema_of(made: type[EventData]) -> DataSchema:  # noqa: C901, PLR0911 - a branch for each type of event
    """The schema of a type of event. Written like this, mypy names the type that was forgotten."""
    if issubclass(made, events.SetLogged):
        return SetLoggedSchema()
    if issubclass(made, events.SetCorrected):
        return SetCorrectedSchema()
    if issubclass(made, events.SetVoided):
        return SetVoidedSchema()
    if issubclass(made, events.SessionCompleted):
        return SessionCompletedSchema()
    if issubclass(made, events.ProgrammeAssigned):
        return ProgrammeAssignedSchema()
    if issubclass(made, events.ProgrammeEnded):
        return ProgrammeEndedSchema()
    if issubclass(made, events.BaselineSet):
        return BaselineSetSchema()
    if issubclass(made, events.ProfileChanged):
        return ProfileChangedSchema()
    if issubclass(made, events.DeloadRequested):
        return DeloadRequestedSchema()
    if issubclass(made, events.LifterNoted):
        return LifterNotedSchema()
    assert_never(made)


DATA_SCHEMAS: Final[dict[str, DataSchema]] = {
    str(made.__struct_config__.tag): _schema_of(made) for made in get_args(EventData)
}
"""The schema of every type of event, by the type's name."""
