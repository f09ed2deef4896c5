"""What was asked for beside what was lifted, as SVG pictures, to be looked at in any browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import leather

from service.domain.instants import DAY
from service.engine.simulate.walk_forward import MOST_PERCENT, Case, Measure

_WIDTH: Final = 1200
_HEIGHT: Final = 800
_ASKED: Final = "#b45309"
_LIFTED: Final = "#15803d"
_LAST: Final = "#6b7280"


def exercise_svg(title: str, logs: Sequence[tuple[str, Sequence[Case]]]) -> str:
    """For each log two lines by weeks since its first case: the load asked for, and dots for the one lifted.

    Loads are in the unit of the first case.
    """
    chart = leather.Chart(title)
    units = {case.unit for _, cases in logs for case in cases}
    chart.add_x_axis(name="weeks")
    chart.add_y_axis(name=" and ".join(sorted(units)))
    for name, cases in logs:
        weeks = [round((case.at - cases[0].at) / (7 * DAY), 2) for case in cases]
        asked = [(week, float(case.asked.load)) for week, case in zip(weeks, cases, strict=True)]
        lifted = [(week, float(case.lifted.top.load)) for week, case in zip(weeks, cases, strict=True)]
        chart.add_line(asked, name=f"{name}: asked for", stroke_color=_ASKED, width=1.5)
        chart.add_line(lifted, name=f"{name}: lifted", stroke_color=_LIFTED, width=1.5)
    if not logs:
        chart.add_line([(0, 0)], name="no case")
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT))


def total_svg(title: str, measure: Measure) -> str:
    """The share of cases within so many percent of what was lifted, of what was asked for and of last time's load."""
    chart = leather.Chart(title)
    chart.add_x_axis(name="at most so many percent off")
    chart.add_y_scale(0, 100)
    chart.add_y_axis(name="% of exercise-sessions")
    within = ((measure.asked_within, "asked for", _ASKED), (measure.last_within, "as last time", _LAST))
    for share, name, colour in within:
        line = [(percent, round(share(percent).percent or 0, 2)) for percent in range(MOST_PERCENT + 1)]
        chart.add_line(line, name=name, stroke_color=colour, width=1.5)
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT))
