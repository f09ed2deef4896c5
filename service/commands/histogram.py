"""A histogram as a small SVG, to be looked at in any browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_BAR: Final = 64
_GAP: Final = 8
_HEIGHT: Final = 200
_MARGIN: Final = 24
_TOP: Final = 64
_FALL, _RISE = "#b45309", "#15803d"


def histogram_svg(title: str, bars: Sequence[tuple[str, int]]) -> str:
    """Bars with their labels and counts from left to right: the first half are falls, the second half are rises."""
    width = 2 * _MARGIN + len(bars) * (_BAR + _GAP) - _GAP
    height = _TOP + _HEIGHT + 2 * _MARGIN
    svg = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=str(width),
        height=str(height),
        role="img",
    )
    svg.set("font-family", "sans-serif")
    SubElement(svg, "title").text = title
    SubElement(svg, "rect", width="100%", height="100%", fill="white")
    _text(svg, _MARGIN, _MARGIN + 6, title, anchor="start", size=15)
    highest = max((count for _, count in bars), default=0) or 1
    floor = _TOP + _HEIGHT
    for place, (label, count) in enumerate(bars):
        left = _MARGIN + place * (_BAR + _GAP)
        tall = round(_HEIGHT * count / highest, 1)
        colour = _FALL if 2 * place < len(bars) else _RISE
        SubElement(svg, "rect", x=str(left), y=str(floor - tall), width=str(_BAR), height=str(tall), fill=colour)
        _text(svg, left + _BAR / 2, floor - tall - 5, f"{count:,}", anchor="middle", size=12)
        _text(svg, left + _BAR / 2, floor + 18, label, anchor="middle", size=11)
    SubElement(svg, "line", x1=str(_MARGIN), x2=str(width - _MARGIN), y1=str(floor), y2=str(floor), stroke="black")
    indent(svg)
    return tostring(svg, encoding="unicode") + "\n"


def _text(svg: Element, x: float, y: float, text: str, *, anchor: str, size: int) -> None:
    node = SubElement(svg, "text", {"x": str(x), "y": str(y), "text-anchor": anchor, "font-size": str(size)})
    node.text = text
