"""The events of a lifter's log: what they hold, how they are written, when two of them are the same.

An entry is written as compact JSON, ``[event_id, schema_version, occurred_at, recorded_at, actor, data]``, with the
times in microseconds since the epoch and ``data`` an object that names its ``type``: legible in ``redis-cli``, small,
and decoded straight into the classes below.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

import msgspec

from service.domain.counting import Counting
from service.domain.equipment import Equipment
from service.domain.instants import Instant
from service.domain.loads import Load, Unit

LONGEST_NOTE: Final = 2000
"""Characters in a note."""

SetKind: TypeAlias = Literal["work", "warmup", "amrap", "drop", "failure"]
Side: TypeAlias = Literal["left", "right"]
SET_KINDS: Final[tuple[SetKind, ...]] = get_args(SetKind)
SIDES: Final[tuple[Side, ...]] = get_args(Side)
DigestFrom: TypeAlias = Literal["client", "newest", "unknown"]
"""Whose choice a digest was: the client's, the newest published, or written before that was kept."""


class _Data(msgspec.Struct, frozen=True, tag_field="type", omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Common settings of what events hold.

    ``schema_version`` counts how often what a type holds has changed; `service.domain.upcasting` reads the older ones.
    """

    schema_version: ClassVar[int] = 1


class SetLogged(_Data, frozen=True, tag="set_logged"):
    """A set was performed: ``reps`` (0-1000) or ``seconds``; ``rir`` in reps, also where an RPE was posted."""

    exercise: str
    load: Load
    reps: int | None = None
    seconds: int | None = None
    rir: Decimal | None = None
    kind: SetKind | None = None
    session_id: str | None = None
    slot: str | None = None
    side: Side | None = None
    body_weight: Load | None = None
    note: str | None = None


class SetCorrected(_Data, frozen=True, tag="set_corrected"):
    """Fields of an earlier set that were wrong, with what they should have been; None leaves a field.

    ``cleared`` names, in alphabetical order, those that should not have been said. Version 2 may clear fields.
    """

    schema_version: ClassVar[int] = 2

    corrects: str
    occurred_at: Instant | None = None
    exercise: str | None = None
    load: Load | None = None
    reps: int | None = None
    seconds: int | None = None
    rir: Decimal | None = None
    kind: SetKind | None = None
    session_id: str | None = None
    slot: str | None = None
    side: Side | None = None
    body_weight: Load | None = None
    note: str | None = None
    cleared: tuple[str, ...] = ()


class BaselineCorrected(_Data, frozen=True, tag="baseline_corrected"):
    """What was wrong of an earlier baseline; a load, one-rep max or training max replaces whichever was said."""

    corrects: str
    occurred_at: Instant | None = None
    exercise: str | None = None
    load: Load | None = None
    one_rep_max: Load | None = None
    training_max: Load | None = None


class SessionEndCorrected(_Data, frozen=True, tag="session_end_corrected"):
    """What was wrong of an earlier end of a session: its time, or which session it ended."""

    corrects: str
    occurred_at: Instant | None = None
    session_id: str | None = None
    cleared: tuple[str, ...] = ()


class SetVoided(_Data, frozen=True, tag="set_voided"):
    """An earlier event counts no longer."""

    voids: str
    reason: str | None = None


class SessionVoided(_Data, frozen=True, tag="session_voided"):
    """Of a session, every set logged by now and its end count no longer: all that names its id, as corrected by now."""

    session_id: str
    reason: str | None = None


class SessionCompleted(_Data, frozen=True, tag="session_completed"):
    """The open session (or the one named) is over."""

    session_id: str | None = None


class SessionSkipped(_Data, frozen=True, tag="session_skipped"):
    """The next session, or what is left of the open one, is not done: the programme's day is passed by.

    With ``slots``, only those are passed by.
    """

    slots: tuple[str, ...] | None = None
    reason: str | None = None


class Overridden(_Data, frozen=True, tag="overridden"):
    """In its next session a slot is asked with this load for its heaviest sets; rules judge as without it."""

    slot: str
    load: Load
    reason: str | None = None


class ProgrammeAssigned(_Data, frozen=True, tag="programme_assigned"):
    """From now on the lifter follows ``programme`` as archived under ``digest``; ``params`` by slot id.

    A client may leave the digest out; it is resolved to the newest published when the event is appended, and
    ``digest_from`` says so. Without that, nobody could tell from an entry what its client had said.
    """

    schema_version: ClassVar[int] = 2

    programme: str
    digest: str | None = None
    params: dict[str, dict[str, Any]] = {}
    digest_from: DigestFrom = "client"


class ProgrammeEnded(_Data, frozen=True, tag="programme_ended"):
    """The lifter follows no programme any more."""

    programme: str | None = None


class BaselineSet(_Data, frozen=True, tag="baseline_set"):
    """Where an exercise starts: exactly one of a start load, a one-rep max and a training max."""

    exercise: str
    load: Load | None = None
    one_rep_max: Load | None = None
    training_max: Load | None = None


class ProfileChanged(_Data, frozen=True, tag="profile_changed"):
    """Facts about the lifter; None leaves what was known.

    ``counting`` says how loads are counted, by exercise or kind of equipment, and replaces what was said of it before.
    Version 2 knows more kinds of equipment, version 3 how loads are counted.
    """

    schema_version: ClassVar[int] = 3

    unit: Unit | None = None
    time_zone: str | None = None
    body_weight: Load | None = None
    equipment: Equipment | None = None
    counting: dict[str, Counting] | None = None


class DeloadRequested(_Data, frozen=True, tag="deload_requested"):
    """The lifter or the coach asks for a deload."""

    reason: str | None = None


class LifterNoted(_Data, frozen=True, tag="lifter_noted"):
    """A note about the lifter, or a flag (pain, illness, ...) that rules can read.

    It is about one exercise or one muscle where it names it. Version 2 may do so.
    """

    schema_version: ClassVar[int] = 2

    note: str | None = None
    flag: str | None = None
    exercise: str | None = None
    muscle: str | None = None


Correction: TypeAlias = SetCorrected | BaselineCorrected | SessionEndCorrected

EventData: TypeAlias = (
    SetLogged
    | SetCorrected
    | SetVoided
    | SessionCompleted
    | SessionSkipped
    | SessionVoided
    | SessionEndCorrected
    | ProgrammeAssigned
    | ProgrammeEnded
    | BaselineSet
    | BaselineCorrected
    | Overridden
    | ProfileChanged
    | DeloadRequested
    | LifterNoted
)

TimelineData: TypeAlias = (
    SetLogged
    | SessionCompleted
    | SessionSkipped
    | ProgrammeAssigned
    | ProgrammeEnded
    | BaselineSet
    | Overridden
    | ProfileChanged
    | DeloadRequested
    | LifterNoted
)
"""What stands in the timeline itself, at the time when it occurred; the others act on earlier events."""

CORRECTED: Final[dict[type[Correction], type[SetLogged | BaselineSet | SessionCompleted]]] = {
    SetCorrected: SetLogged,
    BaselineCorrected: BaselineSet,
    SessionEndCorrected: SessionCompleted,
}
"""What each type of correction corrects."""


class Event(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event of a log."""

    event_id: str
    schema_version: int
    occurred_at: Instant
    recorded_at: Instant
    actor: str
    data: EventData

    @property
    def type(self) -> str:
        """The event's type, as the contract spells it."""
        return str(type(self.data).__struct_config__.tag)
