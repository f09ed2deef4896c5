"""The tables that apps export, by the names of their columns, and what the columns of any other table may mean."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from service.domain.loads import Unit
from service.trackers.export import ExportUnreadable
from service.trackers.fields import UNITS, tidy

Meaning: TypeAlias = Literal[
    "date",
    "time",
    "set time",
    "workout",
    "workout note",
    "exercise",
    "kind",
    "warm-up",
    "amrap",
    "weight",
    "weight unit",
    "planned weight",
    "planned unit",
    "reps",
    "seconds",
    "distance",
    "rpe",
    "rir",
    "note",
]
"""What a column may hold. ``set time`` is when a set ended, ``time`` the time of day that belongs to ``date``."""

MEANINGS: Final[tuple[Meaning, ...]] = get_args(Meaning)


class Layout(NamedTuple):
    """The tables of one app: the names its columns have, by meaning, as `Title` writes them.

    A table is the app's where it has all ``marks``. ``ignored`` are columns that hold nothing Spotter keeps;
    ``repeats_notes`` says that the note of an exercise stands on each of its sets.
    """

    app: str
    columns: Mapping[str, Meaning]
    marks: tuple[str, ...]
    required: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    repeats_notes: bool = False


class Title(NamedTuple):
    """A column's name without its unit, and the unit, each in lower case; ``weight_kg`` is ``Weight (kg)``."""

    name: str
    unit: str


STRONG: Final = Layout(
    app="strong",
    columns={
        "date": "date",
        "workout name": "workout",
        "workout notes": "workout note",
        "exercise name": "exercise",
        "set order": "kind",
        "weight": "weight",
        "weight unit": "weight unit",
        "reps": "reps",
        "rpe": "rpe",
        "distance": "distance",
        "seconds": "seconds",
        "notes": "note",
    },
    marks=("exercise name",),
    required=("date", "exercise name", "weight", "reps"),
    ignored=frozenset({"workout", "duration", "workout duration", "distance unit"}),
)
HEVY: Final = Layout(
    app="hevy",
    columns={
        "title": "workout",
        "start time": "date",
        "description": "workout note",
        "exercise title": "exercise",
        "exercise notes": "note",
        "set type": "kind",
        "weight": "weight",
        "reps": "reps",
        "distance": "distance",
        "duration": "seconds",
        "rpe": "rpe",
    },
    marks=("exercise title",),
    required=("start time", "exercise title", "set type", "reps"),
    ignored=frozenset({"end time", "superset id", "set index"}),
    repeats_notes=True,
)
FITNOTES: Final = Layout(
    app="fitnotes",
    columns={
        "date": "date",
        "exercise": "exercise",
        "weight": "weight",
        "weight unit": "weight unit",
        "reps": "reps",
        "distance": "distance",
        "time": "seconds",
        "comment": "note",
        "notes": "note",
        "iswarmup": "warm-up",
        "is warmup": "warm-up",
        "rpe": "rpe",
    },
    marks=("date", "exercise", "category"),
    required=("date", "exercise", "weight", "reps"),
    ignored=frozenset({"category", "distance unit", "kind", "is completed", "plan comment", "time unit"}),
)
LIFTOSAUR: Final = Layout(
    app="liftosaur",
    columns={
        "workout datetime": "date",
        "day name": "workout",
        "exercise": "exercise",
        "is warmup set": "warm-up",
        "is amrap": "amrap",
        "completed reps": "reps",
        "completed rpe": "rpe",
        "completed weight value": "weight",
        "completed weight unit": "weight unit",
        "weight value": "weight",
        "weight unit": "weight unit",
        "required weight value": "planned weight",
        "required weight unit": "planned unit",
        "completed reps time": "set time",
        "notes": "note",
    },
    marks=("workout datetime", "exercise", "completed reps"),
    required=("workout datetime", "exercise", "completed reps"),
    ignored=frozenset(
        {
            "program",
            "required reps",
            "required rpe",
            "rpe",
            "log rpe",
            "ask weight",
            "target muscles",
            "synergist muscles",
        }
    ),
    repeats_notes=True,
)
LAYOUTS: Final[Mapping[str, Layout]] = {each.app: each for each in (HEVY, STRONG, LIFTOSAUR, FITNOTES)}

_NAMES_IN_USE: Final[Mapping[Meaning, str]] = {
    "date": "date,day,datum,fecha,data,start,start time,starttime,started at,datetime,date time,workout date,when,"
    "startzeit,hora de inicio,heure de début,ora di inizio,hora de início",
    "time": "time of day,uhrzeit,hora,heure",
    "workout": "workout,workout name,session,routine,name,title,training,entrenamiento,titel,título,titre,titolo",
    "workout note": "workout notes,workout note,session notes",
    "exercise": "exercise,exercise name,exercise title,lift,movement,übung,übungstitel,übungsname,ejercicio,"
    "nombre del ejercicio,título del ejercicio,exercice,nom de l'exercice,titre de l'exercice,esercizio,nome esercizio,"
    "titolo esercizio,exercício,nome do exercício,título do exercício,oefening",
    "kind": "set type,set kind,set order,satztyp,satzart,tipo de serie,type de série,tipo di serie,tipo de série",
    "warm-up": "warmup,warm up,is warmup,iswarmup",
    "weight": "weight,load,gewicht,peso,poids,charge,carga,kg,kgs,lb,lbs",
    "weight unit": "weight unit,unit,units,einheit",
    "reps": "reps,rep,repetitions,wiederholungen,wdh,repeticiones,répétitions,ripetizioni,repetições,herhalingen",
    "seconds": "seconds,duration,dauer,secs,hold,duración,durée,durata,duração",
    "rpe": "rpe",
    "rir": "rir,reps in reserve",
    "note": "note,notes,comment,comments,notiz,notizen,notas,kommentar,übungsnotizen,notas del ejercicio",
    "distance": "distance,distanz,distancia,distanza,distância",
}
"""What people call their columns. ``time`` alone is left out: it may be a time of day or how long a set took."""

_USUAL: Final = {name: meaning for meaning, names in _NAMES_IN_USE.items() for name in names.split(",")}
_IN_BRACKETS: Final = re.compile(r"(.+?)\s*\((.*)\)")
_SIGNS: Final = re.compile(r"[\s_#?:.]+")
_UNIT_WORDS: Final = frozenset({*UNITS, "km", "m", "meters", "miles", "mi", "s", "sec", "seconds"})


def title_of(written: str) -> Title:
    """The name of a column, as layouts have it."""
    text = tidy(written).casefold()
    if (bracketed := _IN_BRACKETS.fullmatch(text)) is not None:
        return Title(_SIGNS.sub(" ", bracketed[1]).strip(), bracketed[2].strip())
    name = _SIGNS.sub(" ", text).strip()
    before, _, last = name.rpartition(" ")
    if before and last in _UNIT_WORDS:
        return Title(before, last)
    return Title(name, "")


def layout_of(header: Iterable[str]) -> Layout | None:
    """The app whose table begins with this header; None where it is none of those known."""
    names = {title_of(each).name for each in header}
    return next((each for each in LAYOUTS.values() if names.issuperset(each.marks)), None)


def proposed(header: Iterable[str]) -> dict[str, Meaning]:
    """What the columns of any table seem to be, by their names in the file; each meaning once."""
    found: dict[str, Meaning] = {}
    for written in header:
        meaning = _USUAL.get(title_of(written).name)
        if meaning is not None and meaning not in found.values():
            found[written] = meaning
    return found


def lacking(meanings: Collection[str]) -> list[str]:
    """What columns of these meanings lack to be sets: the date, the exercise, or both repetitions and seconds."""
    missing = [each for each in ("date", "exercise") if each not in meanings]
    return missing if {"reps", "seconds"} & set(meanings) else [*missing, "reps"]


def said(columns: Mapping[str, str], header: Iterable[str]) -> Layout:
    """A layout by what somebody says of a table's columns, by their names in the file.

    Raises `ExportUnreadable` for a column that is not there, a meaning that does not exist, or where the exercise, the
    date, or both repetitions and seconds are missing.
    """
    names = {tidy(each).casefold(): title_of(each).name for each in header}
    meanings: dict[str, Meaning] = {}
    for written, meaning in columns.items():
        column = names.get(tidy(written).casefold())
        known = next((each for each in MEANINGS if each == meaning), None)
        if column is None:
            raise ExportUnreadable(f"the header has no column {written!r}")
        if known is None:
            raise ExportUnreadable(f"{meaning!r} is nothing a column may hold: {', '.join(MEANINGS)}")
        meanings[column] = known
    if missing := lacking(meanings.values()):
        raise ExportUnreadable(f"nothing says which column is {' or '.join(missing)}")
    return Layout("csv", meanings, (), ())


class Column(NamedTuple):
    """Where a column stands, what its file calls it, and the unit in its name, if it has one."""

    place: int
    written: str
    unit: Unit | None


class Columns(NamedTuple):
    """A header as a layout reads it: the columns of each meaning, and those that mean nothing to it."""

    by_meaning: Mapping[Meaning, tuple[Column, ...]]
    unknown: tuple[str, ...]


def columns_of(layout: Layout, header: list[str]) -> Columns:
    """Where each column stands. Raises `ExportUnreadable` where one is missing, twice, or in a unit of no load."""
    found: dict[Meaning, list[Column]] = {}
    seen: set[Title] = set()
    unknown = []
    for place, written in enumerate(header):
        title = title_of(written)
        meaning = layout.columns.get(title.name)
        if meaning is None:
            if title.name and title.name not in layout.ignored:
                unknown.append(written.strip())
            continue
        if title in seen:
            raise ExportUnreadable(f"the header has two columns called {written.strip()!r}")
        seen.add(title)
        unit = UNITS.get(title.unit) or (UNITS.get(title.name) if meaning == "weight" else None)
        if meaning == "weight" and title.unit and unit is None:
            raise ExportUnreadable(f"the column {written.strip()!r} has a unit that is neither kg nor lb")
        found.setdefault(meaning, []).append(Column(place, written.strip(), unit))
    names = {title.name for title in seen}
    missing = [name for name in layout.required if name not in names]
    if missing:
        raise ExportUnreadable(_missing(layout, missing))
    return Columns({meaning: tuple(columns) for meaning, columns in found.items()}, tuple(unknown))


def _missing(layout: Layout, missing: list[str]) -> str:
    lacks = f"its header has no column {' or '.join(map(repr, missing))}"
    if layout is STRONG:
        return f"this is no Strong export in English: {lacks}; set the app's language to English and export again"
    return f"this is no {layout.app.title()} export: {lacks}"
