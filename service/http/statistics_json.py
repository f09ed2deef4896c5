"""A lifter's numbers over time as the contract has them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from service.domain.instants import render
from service.domain.loads import Unit, canonical
from service.engine.statistics.series import Point, Record, SessionTotal, Week
from service.usecases.lifter.statistics import LifterStatistics

_DAY_0: Final = date(1970, 1, 1)


def statistics_json(known: LifterStatistics, earlier: str | None) -> dict[str, Any]:
    """The series; ``earlier`` is where those before them are, None where there are none."""
    unit, series = known.unit, known.series
    document: dict[str, Any] = {
        "version": known.version,
        "unit": unit,
        "time_zone": known.time_zone,
        "sessions": [_session(each, unit) for each in series.sessions],
        "weeks": [_week(each, unit) for each in series.weeks],
        "exercises": [
            {"exercise": exercise, "points": [_point(each, unit) for each in points]}
            for exercise, points in series.exercises.items()
        ],
        "records": [_record(each, unit) for each in series.records],
        "earlier": earlier,
    }
    if known.parked is not None:
        document["parked"] = known.parked
    return document


def _session(total: SessionTotal, unit: Unit) -> dict[str, Any]:
    return {
        **total._asdict(),
        "began_at": render(total.began_at),
        "ended_at": render(total.ended_at),
        "day": _date(total.day),
        "tonnage": _load(total.tonnage, unit),
    }


def _week(week: Week, unit: Unit) -> dict[str, Any]:
    return {
        "monday": _date(7 * week.week - 3),
        "sessions": week.sessions,
        "sets": week.sets,
        "tonnage": _load(week.tonnage, unit),
        "sets_by_muscle": week.hard_sets,
    }


def _point(point: Point, unit: Unit) -> dict[str, Any]:
    top = point.top_set
    return {
        **point._asdict(),
        "at": render(point.at),
        "top_set": None if top is None else {**top._asdict(), "load": _load(top.load, unit)},
        "e1rm": _load(point.e1rm, unit),
        "tonnage": _load(point.tonnage, unit),
    }


def _record(record: Record, unit: Unit) -> dict[str, Any]:
    loads = ("load", "before", "e1rm", "e1rm_before")
    return {
        **record._asdict(),
        "at": render(record.at),
        **{name: _load(getattr(record, name), unit) for name in loads},
    }


def _load(value: Decimal | None, unit: Unit) -> dict[str, Any] | None:
    return None if value is None else {"value": Decimal(canonical(value)), "unit": unit}


def _date(day: int) -> str:
    return (_DAY_0 + timedelta(days=day)).isoformat()
