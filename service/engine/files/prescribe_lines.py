"""What a scheme file says about the sets to do: the lines of ``prescribe``, and how a deload adjusts them."""

from __future__ import annotations

from typing import Final

from service.domain.limits import MOST_REPS, MOST_SECONDS, MOST_SETS
from service.engine.files.declarations import SchemeFile
from service.engine.files.fields import Fields, boolean, choice, collected, items, scalar, text
from service.engine.files.yaml_tree import Items, Node
from service.engine.language.checker import Checker
from service.engine.language.list_inference import NO_ROWS, Rows
from service.engine.language.narrowing import NOTHING, Proofs, proven
from service.engine.language.parser import Source
from service.engine.ruleset.facts.sets import PRESCRIBED_KINDS
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.scheme import Adjustment, Clause, PrescribedEntry
from service.engine.ruleset.set_notation import Sets, sets_of
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Call, Constant, Expression
from service.engine.ruleset.types import Type

_RANGES: Final = ("reps", "seconds", "rir", "total")
_IN_SHORT: Final = ("count", "reps", "seconds", "rir", "amrap")
"""What sets in short say, so that nothing else on their line does."""
_KEYS: Final = ("kind", "for", "when", "sets", "count", "load", "reps", "seconds", "rir", "amrap", "total")


def prescribed(scheme: SchemeFile) -> tuple[PrescribedEntry, ...]:
    """Read ``prescribe``; Mistake where it is missing."""
    nodes = items(scheme.fields.need("prescribe"), "prescribe")
    if not nodes:
        raise Mistake(scheme.fields.need("prescribe").at, "prescribe is empty: say which sets to do.")
    return tuple(collected(nodes, scheme.problems, lambda node: _Line(scheme, node).read()))


class _Line:
    """Reads one line; a row that ``for`` names, and what ``when`` proves, hold for the rest of it."""

    def __init__(self, scheme: SchemeFile, node: Node) -> None:
        self._measure = scheme.names.measure or "reps"
        self._fields = Fields(node, scheme.problems, "a line of prescribe", _KEYS)
        self._checker = Checker(scheme.names, "prescribe")
        self._rows: Rows = NO_ROWS
        self._proofs: Proofs = NOTHING

    def read(self) -> PrescribedEntry:
        unfit = "seconds" if self._measure == "reps" else "reps"
        if unfit in self._fields:
            raise Mistake(
                self._fields.need(unfit).at,
                f"this scheme measures {self._measure}, so it prescribes {self._measure}, not {unfit}.",
            )
        over: Clause | None = None
        if "for" in self._fields:
            over, self._rows, self._proofs = self._checker.clause(self._source("for"))
        when = self._optional("when", "bool")
        if when is not None:
            self._proofs |= proven(when.root, holds=True)
        said = self._fields.optional("sets", self._in_short)
        if said is not None:
            return self._of(said, over, when)
        amount = self._value(self._measure, "range")
        count = self._value("count", "int")
        _check_within(count, MOST_SETS, "sets")
        _check_within(amount, MOST_REPS if self._measure == "reps" else MOST_SECONDS, self._measure)
        return PrescribedEntry(
            kind=self._fields.optional("kind", choice(PRESCRIBED_KINDS)) or "work",
            count=count,
            load=self._value("load", "load"),
            reps=amount if self._measure == "reps" else None,
            rir=self._optional("rir", "range"),
            seconds=amount if self._measure == "seconds" else None,
            over=over,
            when=when,
            amrap=self._optional("amrap", "bool"),
            total=self._optional("total", "range"),
        )

    def _in_short(self, node: Node, what: str) -> Sets:
        doubled = next((key for key in _IN_SHORT if key in self._fields), None)
        if doubled is not None:
            raise Mistake(node.at, f"{what} says {doubled} already; leave one of the two out.")
        try:
            said = sets_of(text(node, what))
        except ValueError as error:
            raise Mistake(node.at, str(error)) from None
        if said.percent is not None:
            raise Mistake(node.at, f"the load stands under load: percent_of({said.percent}, ...).")
        if said.timed != (self._measure == "seconds"):
            raise Mistake(node.at, f"this scheme measures {self._measure}: seconds are written 3x30s, repetitions 3x5.")
        if said.amrap and said.number > 1:
            each = text(node, what).partition("x")[2].strip()
            lines = f"{said.number - 1}x{each.replace('+', '')} and 1x{each}"
            raise Mistake(node.at, f"a set of as many as possible has a line of its own: write two, {lines}.")
        if said.rir is not None and any(end % 1 for end in said.rir):
            raise Mistake(node.at, "a reserve is a whole number of repetitions here, so RPE goes in whole steps.")
        return said

    def _of(self, said: Sets, over: Clause | None, when: Expression | None) -> PrescribedEntry:
        """A line whose sets are written in short."""
        amount = self._written(f"range({said.amount[0]}, {said.amount[1]})", "range")
        count = self._written(str(said.number), "int")
        _check_within(count, MOST_SETS, "sets")
        _check_within(amount, MOST_REPS if self._measure == "reps" else MOST_SECONDS, self._measure)
        return PrescribedEntry(
            kind="amrap" if said.amrap else self._fields.optional("kind", choice(PRESCRIBED_KINDS)) or "work",
            count=count,
            load=self._value("load", "load"),
            reps=amount if self._measure == "reps" else None,
            rir=None if said.rir is None else self._written(f"range({said.rir[0]}, {said.rir[1]})", "range"),
            seconds=amount if self._measure == "seconds" else None,
            over=over,
            when=when,
            amrap=None,
            total=self._optional("total", "range"),
        )

    def _written(self, expression: str, type_: Type) -> Expression:
        """An expression that sets in short stand for; it has their place."""
        at = self._fields.need("sets").at
        return self._checker.expression(Source(expression, lambda _: at), type_)

    def _source(self, key: str) -> Source:
        node = self._fields.need(key)
        if isinstance(node, Items) and key in _RANGES:
            raise Mistake(node.at, f"here {key} is an expression, and a range in it is written range(4, 6).")
        return Source.of(scalar(node, key))

    def _value(self, key: str, type_: Type) -> Expression:
        return self._checker.expression(self._source(key), type_, self._proofs, self._rows)

    def _optional(self, key: str, type_: Type) -> Expression | None:
        return self._value(key, type_) if key in self._fields else None


def _check_within(said: Expression, most: int, what: str) -> None:
    """Refuse a plain number that nobody does; what is computed is the proofs' business."""
    ends = said.root.arguments if isinstance(said.root, Call) and said.root.function == "range" else (said.root,)
    for end in ends:
        if isinstance(end, Constant) and not 1 <= end.value <= most:
            raise Mistake(end.at, f"{what} are 1 to {most:,}, but here is {end.value}.")


def adjustment(scheme: SchemeFile) -> Adjustment | None:
    """Read ``adjust``: what a deload leaves of loads and sets."""
    node = scheme.fields.get("adjust")
    if node is None:
        return None
    fields = Fields(node, scheme.problems, "adjust", ("when", "load", "sets", "beside_plan"))
    checker = Checker(scheme.names, Trigger.BEFORE_PRESCRIPTION)
    when = checker.expression(Source.of(scalar(fields.need("when"), "when")), "bool")
    known = proven(when.root, holds=True)
    load, sets = (
        checker.expression(Source.of(scalar(fields.need(key), key)), "percent", known) for key in ("load", "sets")
    )
    for what, share in (("loads", load), ("sets", sets)):
        if isinstance(share.root, Constant) and not 1 <= share.root.value <= 100:
            raise Mistake(share.at, f"that many percent are left of the {what}: 60 for 60 %, but here is {share.text}.")
    return Adjustment(when, load, sets, fields.optional("beside_plan", boolean) or False)
