"""Sets in short, as gyms write them, in one grammar for prescribed lines, rows of tables and examples.

::

    sets      count "x" amount [" " percent] [" " effort]      5x5, 3x8-12, 1x5+, 3x30s, 4x6 75%, 3x5 @8
    count     number ["-" number]                              5; 2-4 where those over the least are optional
    amount    number ["-" number] ["s"] ["+"]                  5, 8-12, 30s; + for as many as possible
    percent   number "%"                                       a share of the scheme's lever
    effort    "@" number ["-" number]                          RPE, so @8 leaves 2 in reserve
            | "rir" number ["-" number]                        reserve itself

In an example the load stands between sets and amount, ``3x100x5``, for there it is known.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, NamedTuple

AMOUNT: Final = r"(?P<low>\d{1,4})(?:-(?P<high>\d{1,4}))?(?P<timed>s?)(?P<amrap>\+?)"
_GRADE: Final = r"\d{1,2}(?:\.5)?"
EFFORT: Final = (
    rf"(?:@(?P<rpe_low>{_GRADE})(?:-(?P<rpe_high>{_GRADE}))?|rir (?P<rir_low>{_GRADE})(?:-(?P<rir_high>{_GRADE}))?)"
)
_COUNT: Final = r"(?P<sets>\d{1,2})(?:-(?P<most>\d{1,2}))?"
_SETS: Final = re.compile(rf"{_COUNT} ?x ?{AMOUNT}(?: (?P<percent>\d{{1,3}}(?:\.\d{{1,2}})?)%)?(?: {EFFORT})?")
_MOST_RPE: Final = Decimal(10)
_SLIPS: Final = (
    (re.compile(r"(?<=\d) ?[×*X✕] ?(?=\d)"), "x"),
    (re.compile(r"[–—]"), "-"),
    (re.compile(r"(?<=\d),(?=\d)"), "."),
    (re.compile(r"(\d+x[^ ]*\d) ?amrap", re.IGNORECASE), r"\1+"),
    (re.compile(r"(\d+(?:\.\d+)?%) (\d+ ?x ?[^ ]+)"), r"\2 \1"),
    (re.compile(r"(?:@ ?)?(\d+(?:\.\d+)?) ?%"), r"\1%"),
    (re.compile(r" (?:@ ?)?0?\.(\d\d)$"), r" \1%"),
    (re.compile(r"(?<=\d\+) ?(\d{2,3})$|(?<=\d) (\d{2,3})$"), r" \1\2%"),
)
"""What is written for sets in short, and how it is written here, one after the other."""


class Sets(NamedTuple):
    """Sets alike: how many at least and at most, of how many repetitions or seconds, and what else was said of them."""

    number: tuple[int, int]
    amount: tuple[int, int]
    timed: bool
    amrap: bool
    percent: Decimal | None
    rir: tuple[Decimal, Decimal] | None


def sets_of(text: str) -> Sets:
    """Read sets in short. Raises ValueError with a sentence for what is none."""
    match = _SETS.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(
            f"sets are written 5x5, 3x8-12, 1x5+, 4x6 75% or 3x5 @8, but here is {text or 'nothing'}.{_meant(text)}"
        )
    low, high = int(match["low"]), int(match["high"] or match["low"])
    fewest, most = int(match["sets"]), int(match["most"] or match["sets"])
    for start, end in ((fewest, most), (low, high)):
        if start > end:
            raise ValueError(f"{start}-{end} runs down; write {end}-{start}.")
    percent = None if match["percent"] is None else Decimal(match["percent"])
    number, timed, amrap = (fewest, most), bool(match["timed"]), bool(match["amrap"])
    return Sets(number, (low, high), timed, amrap, percent, reserve_of(match))


def _meant(text: str) -> str:
    """How to write what is almost sets in short; of two of them, that they are two."""
    better = " ".join(text.split())
    parts = re.split(r" (?=\d+ ?x)", better)
    if len(parts) > 1 and all(map(_SETS.fullmatch, parts)):
        return f" Write [{', '.join(parts)}]."
    for slip, proper in _SLIPS:
        better = slip.sub(proper, better)
    return f" Write {better}." if _SETS.fullmatch(better) else ""


def reserve_of(match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    """The repetitions in reserve of what `EFFORT` matched, least first. ValueError for an RPE over 10."""
    if match["rir_low"] is not None:
        return Decimal(match["rir_low"]), Decimal(match["rir_high"] or match["rir_low"])
    if match["rpe_low"] is None:
        return None
    least, most = Decimal(match["rpe_low"]), Decimal(match["rpe_high"] or match["rpe_low"])
    if most > _MOST_RPE:
        raise ValueError(f"RPE goes up to 10, but here is {most}.")
    return _MOST_RPE - most, _MOST_RPE - least
