"""Loads over time as an SVG picture, to be looked at in any browser."""

from __future__ import annotations

import colorsys
from collections import Counter
from typing import Final

import leather

from service.domain.instants import DAY, parse
from service.engine.simulate.simulation import Simulated

_WIDTH: Final = 1200
_HEIGHT: Final = 800


def loads_svg(title: str, simulated: Simulated) -> str:
    """A line for each slot: the heaviest set that is prescribed for it after each session, by weeks since the first.

    It is called by its exercise, and where several slots are for that, by the slot as well.
    """
    lines: dict[tuple[str, str], list[tuple[float, float]]] = {}
    begin: int | None = None
    unit = ""
    for each in simulated.prescriptions:
        at = parse(each.as_of)
        begin = at if begin is None else begin
        loads = [made.load for made in each.sets if made.load is not None]
        if loads:
            heaviest = max(loads, key=lambda load: load.value)
            unit = heaviest.unit
            line = lines.setdefault((each.exercise, each.slot), [])
            line.append((round((at - begin) / (7 * DAY), 2), float(heaviest.value)))
    chart = leather.Chart(title)
    chart.add_x_axis(name="weeks")
    chart.add_y_axis(name=unit)
    slots = Counter(exercise for exercise, _ in lines)
    for place, ((exercise, slot), line) in enumerate(lines.items()):
        name = exercise if slots[exercise] == 1 else f"{exercise} ({slot})"
        chart.add_line(line, name=name, width=1.5, stroke_color=_colour(place, len(lines)))
    drawn = str(chart.to_svg(width=_WIDTH, height=_HEIGHT))
    return drawn.replace("<svg ", f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" ', 1)  # so that it can be shown in any size


def _colour(place: int, of: int) -> str:
    """One of so many hues, the neighbours of unlike brightness."""
    red, green, blue = colorsys.hls_to_rgb(place / of, (0.35, 0.55)[place % 2], 0.7)
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"
