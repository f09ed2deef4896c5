"""What a scheme file says about the sets to do: the lines of ``prescribe``, and how a deload adjusts them."""

from __future__ import annotations

import re
from typing import Final

from service.domain.limits import MOST_REPS, MOST_REST_S, MOST_RIR, MOST_SECONDS, MOST_SETS
from service.engine.files.declarations import SchemeFile
from service.engine.files.fields import Fields, boolean, choice, collected, items, scalar, text
from service.engine.files.yaml_tree import Items, Node
from service.engine.language.checker import Checker
from service.engine.language.list_inference import NO_ROWS, Rows
from service.engine.language.narrowing import NOTHING, Proofs, proven
from service.engine.language.parser import Source
from service.engine.language.syntax_advice import WORD
from service.engine.language.tree_queries import possible_words
from service.engine.ruleset.facts.sets import PRESCRIBED_KINDS
from service.engine.ruleset.places import Mistake, Scalar
from service.engine.ruleset.scheme import Adjustment, Clause, PrescribedEntry
from service.engine.ruleset.set_notation import Sets, sets_of
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Call, Constant, Expression, Word
from service.engine.ruleset.types import Type

_RANGES: Final = ("reps", "seconds", "count", "total")
_IN_SHORT: Final = ("count", "reps", "seconds", "rir", "amrap")
"""What sets in short say, so that nothing else on their line does."""
_KEYS: Final = (
    "kind",
    "for",
    "when",
    "sets",
    "count",
    "load",
    "reps",
    "seconds",
    "rir",
    "amrap",
    "total",
    "rest_s",
    "notes",
)
_MOST_NOTES: Final = 200
"""Letters of a line's notes."""


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
        self._names = scheme.names.visible()
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
        count = self._either("count", "int", "range")
        _check_within(count, MOST_SETS, "sets")
        rir, rir_to = self._reserve()
        return self._entry(over, when, count, amount, rir=rir, rir_to=rir_to, amrap=self._optional("amrap", "bool"))

    def _entry(  # noqa: PLR0913 - what a line says
        self,
        over: Clause | None,
        when: Expression | None,
        count: Expression,
        amount: Expression,
        *,
        kind: Expression | None = None,
        rir: Expression | None = None,
        rir_to: Expression | None = None,
        amrap: Expression | None = None,
    ) -> PrescribedEntry:
        """A line, with what is read alike whether its sets are in short or not."""
        _check_within(amount, MOST_REPS if self._measure == "reps" else MOST_SECONDS, self._measure)
        return PrescribedEntry(
            kind=kind or self._kind(),
            count=count,
            load=self._value("load", "load"),
            reps=amount if self._measure == "reps" else None,
            rir=rir,
            seconds=amount if self._measure == "seconds" else None,
            over=over,
            when=when,
            amrap=amrap,
            total=self._optional("total", "range"),
            rest_s=self._rest(),
            rir_to=rir_to,
            notes=self._fields.optional("notes", _notes) or "",
        )

    def _kind(self) -> Expression:
        """The kind of the sets: the word itself, or an expression that is one of the kinds."""
        node = self._fields.get("kind")
        if node is None or (isinstance(node, Scalar) and node.text in PRESCRIBED_KINDS):
            at = self._fields.node.at if node is None else node.at
            word = "work" if node is None else node.text
            return Expression(word, Word("word", at, word))
        if not isinstance(node, Scalar) or (re.fullmatch(WORD, node.text) and node.text not in self._names):
            choice(PRESCRIBED_KINDS)(node, "kind")
        said = self._value("kind", "word")
        other = next((word for word in possible_words(said.root) if word not in PRESCRIBED_KINDS), None)
        if other is not None:
            kinds = ", ".join(PRESCRIBED_KINDS)
            raise Mistake(said.at, f"kind can come out as {other}, which is none: there are {kinds}.", len(said.text))
        return said

    def _reserve(self) -> tuple[Expression | None, Expression | None]:
        """What is left in reserve: a range, a number or what may be unknown; or the two ends, as a list."""
        node = self._fields.get("rir")
        if node is None:
            return None, None
        if isinstance(node, Items):
            if len(node.values) != 2:
                raise Mistake(node.at, "rir has a least and a most, [1, 2.5], or is one number.")
            ends = [
                self._checker.expression(Source.of(scalar(end, "rir")), "number", self._proofs, self._rows)
                for end in node.values
            ]
            _check_reserve(*ends)
            return ends[0], ends[1]
        said = self._checker.maybe(self._source("rir"), None, self._proofs, self._rows)
        if said.type == "range":
            _check_reserve(said)
            return said, None
        said = self._checker.maybe(self._source("rir"), "number", self._proofs, self._rows)
        _check_reserve(said)
        return said, None

    def _either(self, key: str, *types: Type) -> Expression:
        """An expression of the second type where it is of that, else of the first."""
        said = self._checker.expression(self._source(key), None, self._proofs, self._rows)
        return said if said.type == types[1] else self._value(key, types[0])

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
        if said.amrap and said.number[1] > 1:
            each = text(node, what).partition("x")[2].strip()
            lines = f"{said.number[1] - 1}x{each.replace('+', '')} and 1x{each}"
            raise Mistake(node.at, f"a set of as many as possible has a line of its own: write two, {lines}.")
        return said

    def _of(self, said: Sets, over: Clause | None, when: Expression | None) -> PrescribedEntry:
        """A line whose sets are written in short."""
        amount = self._written(f"range({said.amount[0]}, {said.amount[1]})", "range")
        few, many = said.number
        count = self._written(str(few), "int") if few == many else self._written(f"range({few}, {many})", "range")
        _check_within(count, MOST_SETS, "sets")
        rir, rir_to = self._reserve_in_short(said)
        kind = Expression("amrap", Word("word", amount.at, "amrap")) if said.amrap else None
        return self._entry(over, when, count, amount, kind=kind, rir=rir, rir_to=rir_to)

    def _reserve_in_short(self, said: Sets) -> tuple[Expression | None, Expression | None]:
        if said.rir is None:
            return None, None
        low, high = said.rir
        if not (low % 1 or high % 1):
            return self._written(f"range({low}, {high})", "range"), None
        return self._written(str(low), "number"), None if low == high else self._written(str(high), "number")

    def _rest(self) -> Expression | None:
        """The rest after each set; a plain number that is none is refused, a computed one held within."""
        rest = self._optional("rest_s", "int")
        if rest is not None and isinstance(rest.root, Constant) and not 0 <= rest.root.value <= MOST_REST_S:
            raise Mistake(rest.at, f"rest_s is a pause in seconds, 0 to {MOST_REST_S:,}, but here is {rest.text}.")
        return rest

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


def _notes(node: Node, what: str) -> str:
    said = text(node, what)
    if len(said) > _MOST_NOTES:
        raise Mistake(node.at, f"{what} of a line are up to {_MOST_NOTES} letters, but here are {len(said)}.")
    return said


def _check_reserve(*said: Expression) -> None:
    """Refuse a plain number that is no reserve."""
    for each in said:
        ends = each.root.arguments if isinstance(each.root, Call) and each.root.function == "range" else (each.root,)
        for end in ends:
            if isinstance(end, Constant) and not 0 <= end.value <= MOST_RIR:
                raise Mistake(end.at, f"rir is 0 to {MOST_RIR} repetitions in reserve, but here is {end.value}.")


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
