"""What a lifter can load: bars, plates, dumbbells, stacks, and which way they round."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from service.domain.loads import Load

Rounding: TypeAlias = Literal["nearest", "down", "up"]


class Plates(msgspec.Struct, frozen=True, array_like=True):
    """A size of plate and how many of it there are."""

    load: Load
    count: int


class Equipment(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the lifter can load; what is left out is as the programme says, else as the house defaults say.

    ``barbells`` are fixed ones; ``stack`` is the step of a stack, with its add-on weight if there is one.
    """

    bar: Load | None = None
    plates: tuple[Plates, ...] | None = None
    dumbbells: tuple[Load, ...] | None = None
    stack: Load | None = None
    rounding: Rounding | None = None
    ez_bar: Load | None = None
    barbells: tuple[Load, ...] | None = None
    kettlebells: tuple[Load, ...] | None = None
