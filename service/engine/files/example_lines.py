"""The lines of an example's log: what the lifter does, and behind ``->`` what is to be prescribed next.

What is done, perhaps nothing, else several things one after the other with commas between them::

    225x6                   a work set; 225x6 rir 1 or @9, 225x6 amrap, 225x6 left; 45x10 warmup; 0x30s for seconds
    5x100x5                 five sets of 5 at 100
    as prescribed           every set of the next session as prescribed, with the fewest repetitions asked for and
                            without the optional ones
    end                     the session's end
    skipped                 a session of other exercises
    3 sessions of 5x100x5   the same again and again, each to its end
    14 days, 2 weeks        time passes; a session that is open ends first
    deload requested, flag pain, body weight 80, baseline 110

What is prescribed then, before it is rounded to what equipment can make, to the fourth decimal: the first set (``235``,
``235x4-6``), or all that are to do (``3x100x5``, ``65x5, 75x5, 85x5+``), a ``+`` for an AMRAP set; perhaps the kind
(``100x3 top``) and that it is ``optional``, the reserve (``100x5 rir 1-2``), the rest in seconds (``100x5 rest 60``) or
the repetitions of all together (``100x6-10 total 11-15``); perhaps the outcome, which may also stand alone
(``-> hold``). Everywhere ``40x8`` is a load and its repetitions, and sets alike are told with both: ``3x40x8``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, cast, get_args

from service.domain.events import SetKind, Side
from service.engine.ruleset.examples import (
    Act,
    Based,
    Expected,
    ExpectedSet,
    Flagged,
    Line,
    Pause,
    Performed,
    Weighed,
    Word,
)
from service.engine.ruleset.facts.sets import PRESCRIBED_KINDS
from service.engine.ruleset.places import Mistake, Scalar
from service.engine.ruleset.set_notation import AMOUNT, EFFORT, reserve_of
from service.engine.ruleset.triggers import Outcome

MOST_ALIKE: Final = 50
"""Sets alike in one item of a line, and sessions alike in one line."""

_NUMBER = r"-?\d{1,6}(?:\.\d{1,12})?"
_SET = re.compile(
    rf"(?:(?P<sets>\d{{1,2}}) ?x ?)?(?P<load>{_NUMBER}) ?x ?(?P<count>\d{{1,4}})(?P<timed>s?)"
    rf"(?: {EFFORT})?(?: (?P<kind>work|warmup|amrap|drop|failure))?(?: (?P<side>left|right))?"
)
_SESSIONS = re.compile(r"(?P<sessions>\d{1,2}) sessions? (?:of )?(?P<done>.+)")
_PAUSE = re.compile(r"(\d{1,4}) (days?|weeks?)")
_FLAG = re.compile(r"flag ([a-z][a-z0-9_]{0,31})")
_BODY_WEIGHT = re.compile(rf"body weight ({_NUMBER})")
_BASELINE = re.compile(rf"baseline ({_NUMBER})")
_EXPECTED_SET = re.compile(
    rf"(?:(?P<sets>\d{{1,2}}) ?x ?(?={_NUMBER} ?x))?(?P<load>{_NUMBER})"
    rf"(?: ?x ?{AMOUNT})?"
    r"(?: total (?P<total_low>\d{1,3})(?:-(?P<total_high>\d{1,3}))?)?"
    rf"(?: {EFFORT})?"
    r"(?: rest (?P<rest>\d{1,4}))?"
    rf"(?: (?P<kind>{'|'.join(PRESCRIBED_KINDS)}))?(?P<optional> optional)?"
)
_SLIPS: Final = (
    (re.compile(r"→|⇒|=>|-->|–>"), "with this it is no line of a log: what is to be prescribed next stands behind ->."),
    (re.compile(r"(?<![\dx.])(\d+),(\d+)(?![\dx.])"), "a decimal number has a point; write {}.{}."),
    (re.compile(r"\d+ weeks? (?:as prescribed|of )"), "sessions are counted, as in 12 sessions as prescribed."),
)
"""What is written in lines of examples that means something else here, or nothing, with what to write."""
_OUTCOME = re.compile(rf"(?P<sets>.*?) ?\b(?P<outcome>{'|'.join(get_args(Outcome))})")


def line_of(line: Scalar) -> Line:
    """Read a line; `Mistake` for what is none."""
    for slip, advice in _SLIPS:
        found = slip.search(line.text)
        if found is not None:
            raise Mistake(line.position(found.start()), advice.format(*found.groups()), len(found[0]))
    done, arrow, then = (part.strip() for part in line.text.partition("->"))
    expected = _expected(line, then) if arrow else None
    return Line(line.text, line.at, tuple(_acts(line, done)) if done or not arrow else (), expected)


def _acts(line: Scalar, done: str) -> Iterator[Act]:
    again = _SESSIONS.fullmatch(done)
    if again is not None:
        one = tuple(_acts(line, again["done"]))
        for _ in range(_few(line, again["sessions"])):
            yield from (*one, "end", Pause(1))
        return
    for item in done.split(","):
        yield from _item(line, item.strip())


def _item(line: Scalar, item: str) -> Iterator[Act]:
    if item in get_args(Word):
        yield cast(Word, item)
    elif match := _SET.fullmatch(item):
        amount = int(match["count"])
        performed = Performed(
            load=Decimal(match["load"]),
            reps=None if match["timed"] else amount,
            seconds=amount if match["timed"] else None,
            rir=_reserve(line, match),
            kind=cast("SetKind | None", match["kind"]) or "work",
            side=cast("Side | None", match["side"]),
        )
        yield from [performed] * _few(line, match["sets"] or "1")
    elif match := _PAUSE.fullmatch(item):
        yield Pause(int(match[1]) * (7 if match[2].startswith("week") else 1))
    elif match := _FLAG.fullmatch(item):
        yield Flagged(match[1])
    elif match := _BODY_WEIGHT.fullmatch(item):
        yield Weighed(Decimal(match[1]))
    elif match := _BASELINE.fullmatch(item):
        yield Based(Decimal(match[1]))
    else:
        raise Mistake(
            line.at,
            f"“{item}” is no line of a log: write a set as 225x6, 225x6 rir 1 or 5x225x6 (0x30s for seconds), the end "
            "of a session as end, a pause as 14 days, what else can happen as as prescribed, skipped, deload "
            "requested, flag pain, body weight 80 or baseline 225; commas go between them. Several sessions are 3 "
            "sessions as prescribed, or 3 sessions of 5x225x6.",
        )


def _expected(line: Scalar, then: str) -> Expected:
    matched = _OUTCOME.fullmatch(then)
    outcome = None if matched is None else cast(Outcome, matched["outcome"])
    prescribed = then if matched is None else matched["sets"].rstrip()
    if not prescribed and outcome is not None:
        return Expected((), whole=False, outcome=outcome)
    sets: list[ExpectedSet] = []
    parts = [part.strip() for part in prescribed.split(",")]
    whole = len(parts) > 1
    for part in parts:
        match = _EXPECTED_SET.fullmatch(part)
        if match is None:
            raise Mistake(
                line.at,
                f"“{then}” is no prescription: write the load and, if you like, repetitions and outcome after ->, "
                "for example 235 or 235x4-6 raise, or all the sets, for example 3x100x5 or 65x5, 75x5, 85x5+.",
            )
        whole = whole or match["sets"] is not None
        sets += [_expected_set(line, match)] * _few(line, match["sets"] or "1")
    return Expected(tuple(sets), whole, outcome)


def _reserve(line: Scalar, match: re.Match[str]) -> Decimal | None:
    """What a performed set had in reserve: of RPE or RIR in a range, the least."""
    found = _effort(line, match)
    return None if found is None else found[0]


def _effort(line: Scalar, match: re.Match[str]) -> tuple[Decimal, Decimal] | None:
    try:
        return reserve_of(match)
    except ValueError as error:
        raise Mistake(line.at, str(error)) from None


def _expected_set(line: Scalar, match: re.Match[str]) -> ExpectedSet:
    def ends(name: str) -> tuple[Decimal, Decimal] | None:
        low, high = match[f"{name}low"], match[f"{name}high"]
        return None if low is None else (Decimal(low), Decimal(high or low))

    def whole(name: str) -> tuple[int, int] | None:
        found = ends(name)
        return None if found is None else (int(found[0]), int(found[1]))

    kind = "amrap" if match["amrap"] else match["kind"]
    rest_s = None if match["rest"] is None else int(match["rest"])
    load, optional = Decimal(match["load"]), match["optional"] is not None
    return ExpectedSet(load, whole(""), kind, _effort(line, match), whole("total_"), rest_s, optional)


def _few(line: Scalar, text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_ALIKE:
        raise Mistake(line.at, f"{text} times the same is not 1 to {MOST_ALIKE}.")
    return number
