"""What is asked for with another app's export, and what a gym says of a name in one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from service.domain.errors import InvalidInput, Problem
from service.http.schemas.fields import Choice, Identifier, Text, TimeZone
from service.http.schemas.identifiers import EXERCISE
from service.http.schemas.strict_schema import StrictSchema
from service.trackers.reader import APPS
from service.usecases.gym.exercise_names import LONGEST_NAME
from service.usecases.log.import_tracker import Said, columns_said

IMPORT_ID: Final = (re.compile(r"[0-9a-f]{12}"), "the id of an import: 12 hexadecimal digits in lower case")


class ImportSchema(StrictSchema):
    """Of an import: what the file may leave open, and the id of the preview that is confirmed."""

    app = Choice(*APPS)
    unit = Choice("kg", "lb")
    time_zone = TimeZone()
    date_order = Choice("day-month", "month-day")
    columns = Text(longest=2000)
    confirm = Identifier(*IMPORT_ID)


class NameSchema(StrictSchema):
    """Of a name that is mapped."""

    name = Text(longest=LONGEST_NAME, required=True)
    exercise = Identifier(*EXERCISE, required=True)


IMPORT_QUERY: Final = ImportSchema()
NAME: Final = NameSchema()


def said_in(asked: Mapping[str, Any]) -> Said:
    """What `IMPORT_QUERY` has loaded says of what a file leaves open; raises `InvalidInput`."""
    columns = columns_said(asked["columns"]) if "columns" in asked else None
    if "columns" in asked and columns is None:
        raise InvalidInput(Problem("/columns", "must be like date=Datum, exercise=Übung, weight=kg, reps=Wdh."))
    return Said(asked.get("unit"), asked.get("time_zone"), asked.get("date_order"), columns)
