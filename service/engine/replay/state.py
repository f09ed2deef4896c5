"""A lifter's state: what the fold of effective history leaves, and how it is written as projection fields.

The state is kept in pieces, so that a commit writes and a read decodes only what it needs: one field for what is
shared, one per exercise, one per track.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from service.domain.counting import Counting
from service.domain.equipment import Equipment
from service.domain.hash_chain import GENESIS
from service.domain.instants import Instant, day_number
from service.domain.loads import DEFAULT_UNIT, Load, Unit
from service.domain.prescription import Parked
from service.engine.replay.habit import SESSIONS_LISTED
from service.engine.replay.track import Track
from service.engine.replay.weekly_volume import Volume

WEEKS_OF_EVIDENCE: Final = 6
"""Trained weeks whose estimates say where a new track starts."""


class Baseline(msgspec.Struct, array_like=True, frozen=True):
    """The newest baseline of an exercise, in the working unit: one of the three, or none of them before the first."""

    load: Decimal | None = None
    one_rep_max: Decimal | None = None
    training_max: Decimal | None = None


class Memory(msgspec.Struct, array_like=True):
    """What is remembered of an exercise, whatever its tracks."""

    baseline: Baseline = Baseline()
    lever: Decimal | None = None
    tops: list[Decimal] = []
    """The heaviest work set of each of the last three sessions, the newest last; outliers left out."""
    outlier: Decimal | None = None
    """The heaviest of the open session; ``unconfirmed`` of the one before."""
    unconfirmed: Decimal | None = None
    rep_maxes: list[Decimal] = []
    """The heaviest load done for at least 1, 2, 3, ... repetitions (or for 10, 20, 30, ... seconds)."""
    timed: bool | None = None
    """Whether its first set was measured in seconds; None before it."""
    best_e1rm: Decimal | None = None
    best_e1rm_at: Instant | None = None
    sessions: tuple[int, ...] = ()
    """The numbers of the latest closed sessions in which it was trained."""
    baseline_at: Instant | None = None
    worked_at: Instant | None = None
    """When the newest session with work sets ended; the next two say for what lever and how many repetitions."""
    lever_kind: str = ""
    lever_reps: int = 0
    estimates: list[tuple[int, Decimal]] = []
    """The best one-rep max estimated in each of the last trained weeks, by the week's number; light sessions aside."""

    def trained_in(self, session: int) -> None:
        """Remember that it was trained in a session."""
        if self.sessions[-1:] != (session,):
            self.sessions = (*self.sessions, session)[-SESSIONS_LISTED:]

    def estimate(self, week: int, one_rep_max: Decimal) -> None:
        """Remember an estimate of a week."""
        newest, best_of_it = self.estimates[-1] if self.estimates else (week - 1, one_rep_max)
        if week > newest:
            self.estimates = [*self.estimates[1 - WEEKS_OF_EVIDENCE :], (week, one_rep_max)]
            return
        if week == newest:
            if one_rep_max >= best_of_it:
                self.estimates[-1] = (week, one_rep_max)
            return
        best = dict(self.estimates)  # it may be an older week's: whoever moves to another time zone goes back in it
        best[week] = max(one_rep_max, best.get(week, one_rep_max))
        self.estimates = sorted(best.items())[-WEEKS_OF_EVIDENCE:]


class StrongerSide(NamedTuple):
    """Of a pair of one-sided sets, what the stronger side did; all None where there is no pair."""

    load: Decimal | None = None
    reps: int | None = None
    rir: Decimal | None = None


class Session(msgspec.Struct, array_like=True):
    """The newest session. ``slots`` counts the work sets by slot, in the order of their first sets of any kind."""

    number: int = 0
    open: bool = False
    id: str | None = None
    last_at: Instant = 0
    slots: dict[str, int] = {}
    fed: dict[str, str] = {}
    instead: dict[str, str] = {}
    """Slots in which another exercise was done, with the slot that its sets went to."""


class Assignment(msgspec.Struct, array_like=True, frozen=True):
    """The programme that the lifter follows, by digest."""

    programme: str
    digest: str
    params: dict[str, dict[str, Any]] = {}


class Once(msgspec.Struct, array_like=True, frozen=True):
    """What the event of a version said of a slot for its next session alone: its load; None: it is skipped."""

    version: int
    load: Load | None = None
    reason: str | None = None


SHORTEST_REST: Final = 3
"""Days between two sessions that are remembered as a rest, at least; fewer are a training week."""


class Shared(msgspec.Struct, array_like=True):
    """What no single track owns."""

    engine: int
    version: int = 0
    """The log's version that this state is of."""
    newest_at: Instant | None = None
    """When the last event of effective history occurred."""
    head: bytes = GENESIS
    unit: Unit | None = None
    time_zone: str = "UTC"
    body_weight: Decimal | None = None
    equipment: Equipment | None = None
    default_digest: str | None = None
    assignment: Assignment | None = None
    day: int = 0
    session: Session = msgspec.field(default_factory=Session)
    parked: Parked | None = None
    rounds: int = 0
    """How often the programme's days have all been gone through."""
    volume: Volume = msgspec.field(default_factory=Volume)
    deload_requested_at: Instant | None = None
    flags: dict[str, tuple[str, Instant]] = {}
    """The newest flag by what it is about, and when it came: an exercise, ``muscle:<name>``, or "" for the lifter."""
    lightened_at: Instant | None = None
    """When the newest session ended that a request or a flag made lighter, beside the programme's plan."""
    assigned_at: Instant | None = None
    """When the programme followed was taken up; another version of it changes nothing of that."""
    rests: list[tuple[int, int]] = []
    """Stretches without training, each from the last trained day to the next; none that a later one outlasts."""

    next_equipment: Equipment | None = None
    next_unit: Unit | None = None
    next_counting: dict[str, Counting] | None = None
    """What a profile said in the open session: all hold from the next one, so that no set is judged by them."""

    left: dict[str, int] = {}
    """By programme that was left the number of its last session."""
    counting: dict[str, Counting] = {}
    """How loads are counted, by exercise or kind of equipment, where they are not the whole load in the working unit.

    Everything in the state is.
    """
    once: dict[str, Once] = {}
    """By slot what was said of its next session alone: until that is over, or the slot's day passed by."""

    def is_skipped(self, slot: str) -> bool:
        """Whether a slot's next session is passed by."""
        once = self.once.get(slot)
        return once is not None and once.load is None

    def is_overridden(self, slot: str) -> bool:
        """Whether a slot's next session, or its open one, is asked with a load of its own."""
        once = self.once.get(slot)
        return once is not None and once.load is not None

    def is_of_next_round(self, slot: str, day: int) -> bool:
        """Whether a slot of a day of the programme (under 0: of none) comes next in the round after this one."""
        return 0 <= day < self.day or (day >= 0 and self.is_skipped(slot))

    def rest_until(self, day: int) -> None:
        """Remember the days since the newest session, for training goes on today.

        A stretch outlasted by a later one is dropped: whoever paused for the one has paused for the other.
        """
        if self.session.number == 0:
            return
        trained = day_number(self.session.last_at, self.time_zone)
        if day - trained < SHORTEST_REST:
            return
        self.rests = [*((began, ended) for began, ended in self.rests if ended - began > day - trained), (trained, day)]

    def longest_rest(self, since: int, today: int) -> int:
        """The most days in a row without training since a day, until today."""
        trained = day_number(self.session.last_at, self.time_zone) if self.session.number else since
        if not self.rests or self.rests[-1][1] <= since:  # the last rest is the one that ended last
            return max(today - max(trained, since), 0)
        over = (ended - max(began, since) for began, ended in self.rests if ended > since)
        return max(today - max(trained, since), *over, 0)

    @property
    def working_unit(self) -> Unit:
        """The unit of all loads in the state; before the first load of all, the default one."""
        return self.unit or DEFAULT_UNIT


Piece = TypeVar("Piece", Track, Memory)


class Pieces(Generic[Piece]):
    """The pieces of one kind, decoded when first asked for; knows which were touched."""

    __slots__ = ("_decode", "_known", "_prefix", "_raw")

    def __init__(self, prefix: bytes, piece: type[Piece], fields: Mapping[bytes, bytes]) -> None:
        self._prefix = prefix
        self._decode: Callable[[bytes], Piece] = _DECODERS[piece]
        self._raw = {
            field[len(prefix) :].decode(): value for field, value in fields.items() if field.startswith(prefix)
        }
        self._known: dict[str, Piece] = {}

    def get(self, key: str) -> Piece | None:
        """The piece under ``key``; whoever gets it may change it."""
        known = self._known.get(key)
        if known is None and (raw := self._raw.get(key)) is not None:
            known = self._known[key] = self._decode(raw)
        return known

    def put(self, key: str, piece: Piece) -> Piece:
        """Add a piece."""
        self._known[key] = piece
        return piece

    def names(self) -> list[str]:
        """Every key there is, sorted."""
        return sorted(self._raw.keys() | self._known.keys())

    def changed(self) -> dict[bytes, bytes]:
        """The fields that differ from what was read."""
        fresh = {key: _encode(piece) for key, piece in self._known.items()}
        return {self._prefix + key.encode(): value for key, value in fresh.items() if self._raw.get(key) != value}


_encode = msgspec.json.Encoder(decimal_format="string").encode
_DECODERS: dict[Any, Any] = {piece: msgspec.json.Decoder(piece).decode for piece in (Track, Memory, Shared)}

SHARED = b"shared"
TRACK = b"track:"
EXERCISE = b"exercise:"


def is_state_field(name: bytes) -> bool:
    """Whether a projection field is of the state, and not of what a commit writes beside it."""
    return name == SHARED or name.startswith((TRACK, EXERCISE))


def engine_of_state(fields: Mapping[bytes, bytes]) -> int | None:
    """By which engine the state in a projection's fields was made, read also where another one writes it otherwise."""
    shared = fields.get(SHARED)
    return None if shared is None else int(shared[1 : shared.index(b",")])


class LifterState:
    """All of a lifter's state, over the fields of a projection (none: a lifter of whom nothing is known)."""

    __slots__ = ("_fields", "_unlogged", "exercises", "next_at", "shared", "tracks")

    def __init__(self, engine: int, fields: Mapping[bytes, bytes] | None = None) -> None:
        self.next_at: Instant | None = None
        """When the first event occurred that the time asked about leaves out; never stored."""
        self._fields = fields or {}
        raw = self._fields.get(SHARED)
        self.shared: Shared = Shared(engine) if raw is None else _DECODERS[Shared](raw)
        self.tracks: Pieces[Track] = Pieces(TRACK, Track, self._fields)
        self.exercises: Pieces[Memory] = Pieces(EXERCISE, Memory, self._fields)
        """Of every exercise that the log names; `memory` answers of others, too."""
        self._unlogged: dict[str, Memory] = {}

    def memory(self, exercise: str) -> Memory:
        """What is remembered of an exercise: nothing, where it was never logged."""
        known = self.exercises.get(exercise) or self._unlogged.get(exercise)
        if known is None:
            known = self._unlogged[exercise] = Memory()
        return known

    def remember(self, exercise: str) -> Memory:
        """The same of an exercise that is logged; from now on it is one of the lifter's."""
        known = self.exercises.get(exercise)
        if known is None:  # whoever has looked at the empty one already sees what becomes of it
            known = self.exercises.put(exercise, self._unlogged.pop(exercise, Memory()))
        return known

    def changed(self) -> dict[bytes, bytes]:
        """The projection fields that differ from those this state was made of."""
        return {SHARED: _encode(self.shared), **self.tracks.changed(), **self.exercises.changed()}

    def fields(self) -> dict[bytes, bytes]:
        """Every projection field as it stands now."""
        return {**self._fields, **self.changed()}

    def copy(self) -> LifterState:
        """A state of its own, equal to this one."""
        return LifterState(self.shared.engine, self.fields())
