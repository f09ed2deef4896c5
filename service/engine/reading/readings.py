"""How a set was read, and why: the record that a derivation shows."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec

from service.domain.loads import canonical


class How(StrEnum):
    """What a set is taken for."""

    PLACE = "place"
    EXTRA = "extra"
    WARM_UP = "warm_up"
    DROP = "drop"
    WAITING = "waiting"
    """Read when the session closes."""
    SIDE = "side"
    """One side's, waiting for the other side's."""


class Why(StrEnum):
    """Why it is taken for that."""

    LABELLED = "labelled"
    REACHED = "reached"
    ENOUGH = "enough"
    NEXT = "next"
    BEYOND = "beyond"
    TOO_MANY = "too_many"
    CHOSEN = "chosen"
    HEAVIER_CAME = "heavier_came"
    LIGHT = "light"
    LIGHT_AND_SHORT = "light_and_short"
    WEIGHT_UNKNOWN = "weight_unknown"
    UNDER_HALF = "under_half"
    FAR_WEAKER_SIDE = "far_weaker_side"
    OTHER_SIDE_MISSING = "other_side_missing"
    BOTH_SIDES = "both_sides"
    STAYED_ALONE = "stayed_alone"
    BEFORE_HEAVIER = "before_heavier"
    BEFORE_LONGER = "before_longer"
    NONE_FILLED = "none_filled"
    MATCHED = "matched"
    UNMATCHED = "unmatched"
    SHORT_OF_OPTIONAL = "short_of_optional"


PLACE: Final = How.PLACE
EXTRA: Final = How.EXTRA
WAITING: Final = How.WAITING
CHOSEN: Final = Why.CHOSEN
NEXT: Final = Why.NEXT
# At hand for every set: to look a member up in its class takes as long as to compare two loads.

SENTENCES: Final[dict[Why, str]] = {
    Why.LABELLED: "It was logged as what it is.",
    Why.REACHED: "{0} is the load asked for, {1}.",
    Why.ENOUGH: "{0} is at least 90 % of the {1} asked for, with all repetitions.",
    Why.NEXT: "Work has begun: each set fills the next place.",
    Why.BEYOND: "Every place was filled before it.",
    Why.TOO_MANY: "A session of a slot keeps no more sets.",
    Why.CHOSEN: "No load was known: the lifter chose {0}.",
    Why.HEAVIER_CAME: "No load was known, and {1} came after {0}.",
    Why.LIGHT: "{0} is under 90 % of the {1} asked for.",
    Why.LIGHT_AND_SHORT: "{0} is under the {1} asked for, and its repetitions under those asked for.",
    Why.WEIGHT_UNKNOWN: "{0} is under the {1} asked for, and nobody told the body weight.",
    Why.UNDER_HALF: "{0} is under half of the {1} asked for.",
    Why.FAR_WEAKER_SIDE: "{0} is worth at most 80 % of the other side's {1}, and its own side has not worked yet.",
    Why.OTHER_SIDE_MISSING: "The other side is to come.",
    Why.BOTH_SIDES: "Both sides are done; the weaker decides.",
    Why.STAYED_ALONE: "The other side did not come.",
    Why.BEFORE_HEAVIER: "Its estimate, {0}, is at most 80 % of that of a heavier later set, {1}.",
    Why.BEFORE_LONGER: "{0} is under half of what came later, {1}.",
    Why.NONE_FILLED: "The session was over, and no place had been filled.",
    Why.MATCHED: "Places were matched anew at the end of the session: most of them done, then most filled.",
    Why.UNMATCHED: "Other sets fill the places as well or better.",
    Why.SHORT_OF_OPTIONAL: "The set due is optional, and it does less than that asks for.",
}
"""What each reason says, of the numbers of the reading."""


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How one set was read. ``place`` counts from 0; ``other`` is the index of the set of the other side."""

    how: How
    why: Why
    place: int | None = None
    numbers: tuple[Decimal, ...] = ()
    other: int | None = None

    def sentence(self) -> str:
        """Why, in words; loads in the working unit."""
        return SENTENCES[self.why].format(*(canonical(number) for number in self.numbers))
