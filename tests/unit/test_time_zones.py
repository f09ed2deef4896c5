"""Time zones are the pinned database's, whatever the machine has; docs/faults.md, 17."""

from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

import pytest
from marshmallow import ValidationError

from service.domain.instants import midnight
from service.domain.time_zones import UnknownTimeZone, zone
from service.http.schemas.fields import TimeZone

_PINNED = set((files("tzdata") / "zones").read_text().split())


@pytest.mark.parametrize(
    "name", ["localtime", "posixrules", "Factory", "right/UTC", "posix/UTC", "Europe", "zones", "../UTC", "utc", ""]
)
def test_what_is_no_place(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        zone(name)
    with pytest.raises(ValidationError):
        TimeZone().deserialize(name)


def test_every_other_name_of_the_database_and_no_further_one_of_the_machine() -> None:
    for name in _PINNED - {"Factory"}:
        assert zone(name).key == name
        assert TimeZone().deserialize(name) == name
    for name in available_timezones() - _PINNED:
        with pytest.raises(UnknownTimeZone):
            zone(name)


def test_the_machines_own_rules_are_not_looked_at(tmp_path: Path) -> None:
    """A machine whose Antarctica/Troll is something else."""
    zone.cache_clear()
    (tmp_path / "Antarctica").mkdir()
    (tmp_path / "Antarctica" / "Troll").write_bytes((files("tzdata") / "zoneinfo" / "Asia" / "Tokyo").read_bytes())
    reset_tzpath([tmp_path])
    ZoneInfo.clear_cache()
    try:
        assert ZoneInfo("Antarctica/Troll").utcoffset(None) is None
        assert midnight(20_000, "Antarctica/Troll") == midnight(20_000, "UTC") - 2 * 3600 * 1_000_000
    finally:
        reset_tzpath()
        ZoneInfo.clear_cache()
