"""What a state keeps, carried over into another unit: only what is a load, and half to even."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar

import msgspec

from service.domain.loads import Unit, convert_reversibly
from service.engine.replay.own_state import is_state_of
from service.engine.replay.state import Memory
from service.engine.replay.track import Track, Value
from service.engine.ruleset.scheme import Scheme

_T = TypeVar("_T")

_BY_THEMSELVES: Final = frozenset({"own", "adjusted", "reasons"})
"""The fields of a track whose decimals are not all loads: types say what they are, percent, or they keep their unit."""


def carried_over(value: _T, source: Unit, target: Unit) -> _T:
    """A value in which every decimal is a load, in another unit: a load, or a list or structure of whatever else."""
    return _carried_over(value, source, target)  # type: ignore[no-any-return]  # of the same type, whatever that is


def _carried_over(value: Any, source: Unit, target: Unit) -> Any:
    match value:
        case Decimal():
            return convert_reversibly(value, source, target)
        case tuple() | list():
            return type(value)(_carried_over(each, source, target) for each in value)
        case msgspec.Struct():
            fields = {name: _carried_over(getattr(value, name), source, target) for name in value.__struct_fields__}
            return type(value)(**fields)
    return value


def carry_over(kept: Memory | Track, source: Unit, target: Unit) -> None:
    """Carry over every field whose decimals are all loads."""
    for name in kept.__struct_fields__:
        if name not in _BY_THEMSELVES:
            setattr(kept, name, carried_over(getattr(kept, name), source, target))


def carry_track_over(track: Track, schemes: Mapping[str, Scheme], unit: Unit) -> None:
    """Take up a track that was left in another unit, no session being open on it.

    ``schemes`` are those of the rules that take it up. What a scheme keeps that is none of them is kept too, but begins
    anew where any of it is a decimal: nobody says what that is.
    """
    left, track.unit = track.unit, None
    if left is None or left == unit:
        return
    carry_over(track, left, unit)
    track.own = dict(_own(track.own, schemes, left, unit))
    track.reasons = [reason.said_in(left) for reason in track.reasons]


def _own(
    own: Mapping[str, tuple[Value, ...]], schemes: Mapping[str, Scheme], source: Unit, target: Unit
) -> Iterator[tuple[str, tuple[Value, ...]]]:
    """What schemes keep, by their ids: of loads in another unit."""
    for scheme_id, values in own.items():
        scheme = schemes.get(scheme_id)
        if scheme is not None and is_state_of(scheme, values):
            kept = zip(scheme.state, values, strict=True)
            yield (
                scheme_id,
                tuple(carried_over(each, source, target) if of.type == "load" else each for of, each in kept),
            )
        elif not any(isinstance(each, Decimal) for each in values):
            yield scheme_id, values
