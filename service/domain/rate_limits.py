"""How many requests an API key may make."""

from __future__ import annotations

from typing import Final, NamedTuple

WINDOW_S: Final = 60
"""Seconds in which a key may make as many requests as its limit says."""


class Allowance(NamedTuple):
    """What a key may do after a request: whether that was within the limit, how many are left, and until when.

    ``left`` is as of the last portion that this process took, less what it spent since: what other processes take
    meanwhile it does not show. ``reset_s`` are the seconds until the limit is whole again, at least 1.
    """

    allowed: bool
    limit: int
    left: int
    reset_s: int
