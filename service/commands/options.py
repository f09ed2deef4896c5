"""Options and kinds of argument that commands share: gyms, lifters, keys, times, time spans."""

from __future__ import annotations

import re
from typing import Final

import click

from service.domain import instants
from service.domain.gyms import DEFAULT_GYM
from service.domain.identifiers import GYM_OR_LIFTER, KEY_ID
from service.domain.instants import DAY, HOUR, SECOND, Instant


class Matching(click.ParamType[str]):
    """A text that matches a pattern in full."""

    def __init__(self, name: str, pattern: re.Pattern[str], shape: str) -> None:
        self.name = name
        self._pattern = pattern
        self._shape = shape

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text, or a refusal that says what it should look like."""
        if not self._pattern.fullmatch(value):
            self.fail(f"{value!r} is not {self._shape}", param, ctx)
        return value


class Time(click.ParamType[Instant]):
    """An RFC 3339 time with an offset, as an instant."""

    name = "time"

    def convert(self, value: str | Instant, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        """The instant."""
        if isinstance(value, Instant):
            return value
        try:
            return instants.parse(value)
        except ValueError as error:
            self.fail(f"{value!r} is {error}", param, ctx)


class Duration(click.ParamType[Instant]):
    """A time span, such as ``30m``, ``24h`` or ``90d``, in microseconds; at most ten years."""

    name = "duration"

    _UNITS: Final = {"s": SECOND, "m": 60 * SECOND, "h": HOUR, "d": DAY}

    def convert(self, value: str | Instant, param: click.Parameter | None, ctx: click.Context | None) -> Instant:
        """The time span."""
        if isinstance(value, Instant):
            return value
        match = re.fullmatch(r"([0-9]{1,9})([smhd])", value)
        span = int(match[1]) * self._UNITS[match[2]] if match else None
        if span is None or span > 3650 * DAY:
            self.fail(f"{value!r} is no time span such as 30m, 24h or 90d, of at most ten years", param, ctx)
        return span


_SHAPE: Final = "1 to 64 letters, digits, dots, hyphens or underscores, the first a letter or a digit"
LIFTER: Final = Matching("lifter", GYM_OR_LIFTER, f"the id of a lifter: {_SHAPE}")
GYM: Final = Matching("gym", GYM_OR_LIFTER, f"the id of a gym: {_SHAPE}")
KEY: Final = Matching("key", KEY_ID, "the id of a key, as `spotter keys list` shows it: k_ and 16 hexadecimal digits")
NAME: Final = Matching("name", re.compile(r"[^\x00-\x1f\x7f]{1,100}"), "a name: 1 to 100 characters on one line")

gym_option = click.option("--gym", type=GYM, default=DEFAULT_GYM, show_default=True, help="The lifter's gym.")
as_of_option = click.option("--as-of", type=Time(), help="As of this time, such as 2026-11-22T18:03:00+01:00.")
at_version_option = click.option("--at-version", type=click.IntRange(min=1), help="As the log stood at this version.")
