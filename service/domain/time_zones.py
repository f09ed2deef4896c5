"""Time zones: those of the package tzdata, whose version is pinned, and never those of the machine.

A machine has names that no other one need have (``localtime``, ``right/UTC``), and rules as old as its last update. A
lifter's days and weeks must be the same on every machine.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

_NO_PLACE: Final = frozenset({"Factory"})
"""Names of the database for clocks that nobody has set."""


class UnknownTimeZone(KeyError):
    """A name that is no time zone of the IANA database."""


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; `UnknownTimeZone` where there is none."""
    if name not in every_name():
        raise UnknownTimeZone(name)
    with (files("tzdata") / "zoneinfo" / name).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


@cache
def every_name() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset((files("tzdata") / "zones").read_text("ascii").split()) - _NO_PLACE
