"""When the rules of a scheme are considered, what they can come to, and what kinds of schemes there are."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["start", "raise", "hold", "lower", "deload", "advance", "reset"]


Role: TypeAlias = Literal["progression", "deload"]


class Trigger(StrEnum):
    """When the rules of a scheme are considered."""

    AFTER_SET = "after set"
    AFTER_EXERCISE = "after exercise"
    AFTER_SESSION = "after session"
    AFTER_WEEK = "after week"
    BEFORE_PRESCRIPTION = "before prescription"
