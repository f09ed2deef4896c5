"""Another app's export taken into logs: one file of many years, and many files of one year."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from service.domain.identifiers import LifterRef
from service.usecases.log.append import BATCH, append_in_turn
from service.usecases.log.import_tracker import Said, append_prepared, prepare_import
from service.usecases.services import Services

ROWS: Final = 100_000
_LIFTERS: Final = 100
_SAID: Final = Said(time_zone="Europe/Berlin")
_BEGUN: Final = datetime(1980, 1, 7, 18)  # noqa: DTZ001 - as the app writes it, on the gym's clock
_HEADER: Final = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)
_EXERCISES: Final = (
    "Bench Press (Barbell)",
    "Squat (Barbell)",
    "Lat Pulldown (Cable)",
    "Pull Up (Assisted)",
    "Lateral Raise (Dumbbell)",
    "Our Row Machine",
)


def importing(services: Services) -> dict[str, Any]:
    """Rows a second from the file's bytes until all are appended; the floor appends the same events, read before."""
    whole = _export(ROWS)
    begun = time.perf_counter()
    prepared = prepare_import(services, LifterRef("bench", "imported"), whole, _SAID)
    append_prepared(services, LifterRef("bench", "imported"), prepared)
    one = ROWS / (time.perf_counter() - begun)
    batches = [
        [submission for _, submission in prepared.lines[start : start + BATCH]]
        for start in range(0, len(prepared.lines), BATCH)
    ]
    begun = time.perf_counter()
    for _ in append_in_turn(services, LifterRef("bench", "imported-floor"), batches, actor="bench"):
        pass
    floor = ROWS / (time.perf_counter() - begun)
    part = _export(ROWS // _LIFTERS)
    begun = time.perf_counter()
    for number in range(_LIFTERS):
        lifter = LifterRef("bench", f"imported-{number}")
        append_prepared(services, lifter, prepare_import(services, lifter, part, _SAID))
    many = ROWS / (time.perf_counter() - begun)
    return {"import": _figure(one, floor), "import_100": _figure(many, floor)}


def _figure(value: float, floor: float) -> dict[str, Any]:
    return {"value": round(value), "unit": "rows/s", "floor": round(floor), "ratio": round(value / floor, 3)}


def _export(rows: int) -> bytes:
    return "\n".join([_HEADER, *_rows(rows)]).encode()


def _rows(count: int) -> Iterator[str]:
    """Sessions of five exercises with four sets each, every second or third day, as Hevy writes them."""
    chance, at, made = random.Random(count), _BEGUN, 0
    while True:
        at += timedelta(days=chance.choice((2, 2, 3)), minutes=chance.randint(-40, 40))
        started = f"{at.day} {at:%b %Y, %H:%M}"
        for name in chance.sample(_EXERCISES, 5):
            for place in range(4):
                if made == count:
                    return
                made += 1
                kind = "normal" if place else "warmup"
                load, reps = 20 + 2.5 * chance.randint(0, 40), chance.randint(3, 12)
                rpe = chance.choice(("", "8", "9.5"))
                yield f'"Day","{started}","{started}","","{name}",,"",{place},"{kind}",{load},{reps},,,{rpe}'
