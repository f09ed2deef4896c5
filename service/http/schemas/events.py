"""What each type of event holds in a request: one schema per type, turned into the domain's own data."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final, get_args

from marshmallow import ValidationError

from service.domain import events
from service.domain.events import LONGEST_NOTE, SET_KINDS, SIDES, EventData
from service.domain.limits import MOST_REPS, MOST_RIR, MOST_SECONDS
from service.domain.loads import CONTEXT, canonical
from service.http.schemas.fields import Choice, Identifier, LoadField, Number, StrictField, Text, TimeField, Whole
from service.http.schemas.identifiers import (
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
from service.http.schemas.profiles import ProfileChangedSchema
from service.http.schemas.strict_schema import DataSchema

MOST_SKIPPED: Final = 50
"""Slots that are skipped at once."""


NO_LOAD: Final = 'is required; of a set with the body weight alone it is {{"value": 0, "unit": "kg"}}'


NOT_CLEARED: Final = "cannot be cleared: say what it should be, or leave it out"


class SlotsField(StrictField[tuple[str, ...]]):
    """Slots, each once; their order means nothing."""

    def _take(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_SKIPPED:
            raise ValidationError(f'must be a list of 1 to {MOST_SKIPPED} slots, such as ["day-1/deadlift"]')
        taken: set[str] = set()
        problems: dict[int, Any] = {}
        for place, slot in enumerate(value):
            try:
                taken.add(Identifier(*SLOT).take(slot))
            except ValidationError as error:
                problems[place] = error.messages
        if problems:
            raise ValidationError(problems)
        return tuple(sorted(taken))


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


class CorrectionSchema(DataSchema):
    """What was wrong about an event: fields that should say something else, and null for one that should say nothing.

    ``may_be_cleared`` are the fields that null clears, each with the name that the domain has for it.
    """

    may_be_cleared: ClassVar[Mapping[str, str]] = {}

    corrects = Identifier(*EVENT_ID, required=True)
    occurred_at = TimeField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name, field in self.fields.items():
            field.allow_none = name in self.may_be_cleared
            field.error_messages = {**field.error_messages, "null": NOT_CLEARED}  # the field of a schema shares its own

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for a correction, and sort what is cleared."""
        if len(values) == 1:
            raise ValidationError("at least one field must be corrected")
        null = [name for name, value in values.items() if value is None]
        for name in null:
            del values[name]
        super().settle(values)
        cleared = {self.may_be_cleared[name] for name in null} - values.keys()
        if cleared:
            values["cleared"] = tuple(sorted(cleared))


class SetCorrectedSchema(CorrectionSchema, SetFieldsSchema):
    """What was wrong about a set."""

    makes = events.SetCorrected
    may_be_cleared: ClassVar[Mapping[str, str]] = {
        **{name: name for name in ("rir", "kind", "session_id", "slot", "side", "body_weight", "note")},
        "rpe": "rir",
    }

    exercise = Identifier(*EXERCISE)
    load = LoadField(negative=True)  # type: ignore[assignment]


class BaselineCorrectedSchema(CorrectionSchema):
    """What was wrong about a baseline."""

    makes = events.BaselineCorrected

    exercise = Identifier(*EXERCISE)
    load = LoadField(negative=True)  # type: ignore[assignment]
    one_rep_max = LoadField(negative=True)
    training_max = LoadField(negative=True)

    def settle(self, values: dict[str, Any]) -> None:
        """Ask for one start, not two."""
        super().settle(values)
        if len(values.keys() & {"load", "one_rep_max", "training_max"}) > 1:
            raise ValidationError("at most one of load, one_rep_max and training_max may be given")


class SessionEndCorrectedSchema(CorrectionSchema):
    """What was wrong about the end of a session."""

    makes = events.SessionEndCorrected
    may_be_cleared: ClassVar[Mapping[str, str]] = {"session_id": "session_id"}

    session_id = Identifier(*SESSION_ID)


class SetVoidedSchema(DataSchema):
    """An event that counts no longer."""

    makes = events.SetVoided

    voids = Identifier(*EVENT_ID, required=True)
    reason = Text(longest=500)


class SessionVoidedSchema(DataSchema):
    """A session that counts no longer."""

    makes = events.SessionVoided

    session_id = Identifier(*SESSION_ID, required=True)
    reason = Text(longest=500)


class SessionCompletedSchema(DataSchema):
    """The end of a session."""

    makes = events.SessionCompleted

    session_id = Identifier(*SESSION_ID)


class SessionSkippedSchema(DataSchema):
    """A session, or slots of it, that is passed by."""

    makes = events.SessionSkipped

    slots = SlotsField()
    reason = Text(longest=500)


class OverriddenSchema(DataSchema):
    """A load that a slot is asked with once."""

    makes = events.Overridden

    slot = Identifier(*SLOT, required=True)
    load = LoadField(negative=True, required=True)  # type: ignore[assignment]
    reason = Text(longest=500)


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


_SCHEMAS: Final = (
    SetLoggedSchema,
    SetCorrectedSchema,
    SetVoidedSchema,
    SessionCompletedSchema,
    SessionSkippedSchema,
    SessionVoidedSchema,
    SessionEndCorrectedSchema,
    ProgrammeAssignedSchema,
    ProgrammeEndedSchema,
    BaselineSetSchema,
    BaselineCorrectedSchema,
    OverriddenSchema,
    ProfileChangedSchema,
    DeloadRequestedSchema,
    LifterNotedSchema,
)
_BY_DATA: Final[dict[type[EventData], type[DataSchema]]] = {schema.makes: schema for schema in _SCHEMAS}

DATA_SCHEMAS: Final[dict[str, DataSchema]] = {
    str(made.__struct_config__.tag): _BY_DATA[made]() for made in get_args(EventData)
}
"""The schema of every type of event, by the type's name."""
