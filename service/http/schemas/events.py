"""What each type of event holds in a request: one schema per type, turned into the domain's own data."""

from __future__ import annotations

import re
from decimal import Decimal
from math import prod
from typing import Any, ClassVar, Final

from marshmallow import RAISE, Schema, ValidationError, fields, post_load

from service.domain import events, identifiers
from service.domain.events import EventData
from service.domain.loads import CONTEXT, Load, canonical
from service.http.schemas.fields import Choice, Identifier, LoadField, Moment, Number, Text, TimeZone, Whole, exact

EVENT_ID: Final = (identifiers.EVENT_ID, "1 to 64 visible ASCII characters without spaces")
EXERCISE: Final = (identifiers.EXERCISE_ID, "an exercise id: kebab-case, at most 64 characters, such as barbell-row")
PROGRAMME: Final = (identifiers.EXERCISE_ID, "a programme id: kebab-case, at most 64 characters, such as upper-back")
SESSION_ID: Final = (identifiers.SESSION_ID, "1 to 64 visible ASCII characters without spaces")
SLOT: Final = (
    re.compile(rf"(?=.{{3,129}}\Z){identifiers.SLOT_ID.pattern}"),
    "a slot id: a day and a slot, such as day-1/deadlift",
)
DIGEST: Final = (identifiers.DIGEST, "the digest of a rule set: 64 hexadecimal digits in lower case")
FLAG: Final = (re.compile(r"[a-z][a-z0-9_]{0,31}"), "a word in lower case, such as pain or illness")
PARAMETER: Final = (re.compile(r"[a-z][a-z0-9_]{0,63}"), "the name of a parameter, such as increase")

MOST_SLOTS: Final = 100
MOST_PARAMETERS: Final = 50
MOST_WORDS: Final = 20
MOST_PLATE_SETS: Final = 100_000
"""Choices of plates that an equipment may allow; a bar that holds every common plate has a few thousand."""


class StrictSchema(Schema):
    """A schema that refuses what it does not know."""

    error_messages: ClassVar[dict[str, str]] = {"unknown": "unknown field", "type": "must be an object"}  # type: ignore[misc]

    class Meta:
        """Unknown fields are refused, so that a misspelt one is noticed."""

        unknown = RAISE


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

    reps = Whole(0, 1000)
    seconds = Whole(0, 86_400)
    rir = Number(0, 10)
    rpe = Number(0, 10)
    kind = Choice("work", "warmup", "amrap", "drop", "failure")
    session_id = Identifier(*SESSION_ID)
    slot = Identifier(*SLOT)
    side = Choice("left", "right")
    body_weight = LoadField(positive=True)
    note = Text(longest=2000)

    def settle(self, values: dict[str, Any]) -> None:
        """Take an RPE as what it leaves in reserve."""
        if "reps" in values and "seconds" in values:
            raise ValidationError("must not stand beside reps: a set is counted or timed", "seconds")
        rpe = values.pop("rpe", None)
        if rpe is None:
            return
        left = Decimal(canonical(CONTEXT.subtract(Decimal(10), rpe)))
        if values.setdefault("rir", left) != left:
            raise ValidationError("must be 10 - rpe where both are given", "rir")


class SetLoggedSchema(SetFieldsSchema):
    """A set that was performed."""

    makes = events.SetLogged

    exercise = Identifier(*EXERCISE, required=True)
    load = LoadField(negative=True, required=True)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for what was counted."""
        if "reps" not in values and "seconds" not in values:
            raise ValidationError("is required (or seconds, for a timed set)", "reps")
        super().settle(values)


class SetCorrectedSchema(SetFieldsSchema):
    """What was wrong about a set."""

    makes = events.SetCorrected

    corrects = Identifier(*EVENT_ID, required=True)
    occurred_at = Moment()
    exercise = Identifier(*EXERCISE)
    load = LoadField(negative=True)

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


class SlotParametersField(fields.Field[dict[str, dict[str, Any]]]):
    """Parameters by slot id. Numbers are kept as canonical text, ``2.5``, for the log has no other decimals."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, dict[str, Any]]:
        if not isinstance(value, dict) or len(value) > MOST_SLOTS:
            raise ValidationError(f"must be an object of at most {MOST_SLOTS} slots")
        problems: dict[str, Any] = {}
        taken: dict[str, dict[str, Any]] = {}
        for slot, parameters in value.items():
            try:
                taken[slot] = _parameters(slot, parameters)
            except ValidationError as error:
                problems[slot] = error.messages
        if problems:
            raise ValidationError(problems)
        return taken


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
    load = LoadField(negative=True)
    one_rep_max = LoadField(negative=True)
    training_max = LoadField(negative=True)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for one start, not two."""
        if len(values) != 2:
            raise ValidationError("exactly one of load, one_rep_max and training_max must be given")


class PlatesSchema(StrictSchema):
    """A size of plate and how many of it there are."""

    load = LoadField(positive=True, required=True)
    count = Whole(0, 100, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> events.Plates:
        """Build the domain's plates."""
        return events.Plates(**values)


class EquipmentSchema(StrictSchema):
    """What a lifter can load."""

    bar = LoadField()
    plates = fields.List(fields.Nested(PlatesSchema()))
    dumbbells = fields.List(LoadField(positive=True))
    stack = LoadField(positive=True)
    rounding = Choice("nearest", "down", "up")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> events.Equipment:
        """Build the domain's equipment, small enough to be rounded to."""
        plates: list[events.Plates] = values.get("plates", [])
        dumbbells: list[Load] = values.get("dumbbells", [])
        if prod(size.count // 2 + 1 for size in plates) > MOST_PLATE_SETS:
            raise ValidationError("more choices of plates than one bar needs: give fewer sizes or counts", "plates")
        if not 1 <= len(dumbbells) <= 200 and "dumbbells" in values:
            raise ValidationError("must be 1 to 200 dumbbells", "dumbbells")
        lists = {name: tuple(values[name]) for name in ("plates", "dumbbells") if name in values}
        return events.Equipment(**{**values, **lists})


class ProfileChangedSchema(DataSchema):
    """Facts about the lifter."""

    makes = events.ProfileChanged

    unit = Choice("kg", "lb")
    time_zone = TimeZone()
    body_weight = LoadField(positive=True)
    equipment = fields.Nested(EquipmentSchema())

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a change."""
        if not values:
            raise ValidationError("at least one fact must be given")


class DeloadRequestedSchema(DataSchema):
    """The wish for a deload."""

    makes = events.DeloadRequested

    reason = Text(longest=500)


class LifterNotedSchema(DataSchema):
    """A note or a flag."""

    makes = events.LifterNoted

    note = Text(longest=2000)
    flag = Identifier(*FLAG)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a note."""
        if not values:
            raise ValidationError("a note or a flag must be given")


DATA_SCHEMAS: Final[dict[str, DataSchema]] = {
    str(schema.makes.__struct_config__.tag): schema
    for schema in (
        SetLoggedSchema(),
        SetCorrectedSchema(),
        SetVoidedSchema(),
        SessionCompletedSchema(),
        ProgrammeAssignedSchema(),
        ProgrammeEndedSchema(),
        BaselineSetSchema(),
        ProfileChangedSchema(),
        DeloadRequestedSchema(),
        LifterNotedSchema(),
    )
}
"""The schema of every type of event, by the type's name."""


def _parameters(slot: str, parameters: Any) -> dict[str, Any]:
    if not SLOT[0].fullmatch(slot):
        raise ValidationError(f"the name must be {SLOT[1]}")
    if not isinstance(parameters, dict) or len(parameters) > MOST_PARAMETERS:
        raise ValidationError(f"must be an object of at most {MOST_PARAMETERS} parameters")
    problems: dict[str, Any] = {}
    taken: dict[str, Any] = {}
    for name, value in parameters.items():
        try:
            taken[name] = _parameter(name, value)
        except ValidationError as error:
            problems[name] = error.messages
    if problems:
        raise ValidationError(problems)
    return taken


def _parameter(name: str, value: Any) -> Any:
    if not PARAMETER[0].fullmatch(name):
        raise ValidationError(f"the name must be {PARAMETER[1]}")
    if isinstance(value, list):
        if len(value) > MOST_WORDS:
            raise ValidationError(f"must have at most {MOST_WORDS} items")
        return [_scalar(item) for item in value]
    if isinstance(value, dict):
        if value.keys() != {"lb", "kg"}:
            raise ValidationError('must be a load in both units, such as {"lb": 5, "kg": 2.5}')
        return {unit: _scalar(value[unit]) for unit in ("lb", "kg")}
    return _scalar(value)


def _scalar(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _WORD.deserialize(value)
    return canonical(exact(value, -100_000, 100_000))


_WORD: Final = Text(longest=200)
