"""The rule lists of a scheme file, each rule checked in the knowledge of those above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast, get_args

from service.engine.files.declarations import SchemeFile
from service.engine.files.fields import Fields, choice, entries, items, kebab, scalar, text
from service.engine.files.yaml_tree import Entries, Node
from service.engine.language.because import template
from service.engine.language.checker import Checker
from service.engine.language.narrowing import NOTHING, Proofs, proven
from service.engine.language.parser import Source
from service.engine.language.reachability import always_true, never_true, winner_above
from service.engine.language.tree_queries import name_of, text_of
from service.engine.language.value_ranges import Limit, limits
from service.engine.ruleset.places import AlreadySaid, Mistake, Scalar
from service.engine.ruleset.scheme import LAWS, LawException, Rule
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.triggers import Outcome, Trigger
from service.engine.ruleset.typed_tree import Arithmetic, Choice, Expression, FactName, LetName, LeverName
from service.engine.ruleset.typed_tree import Node as Tree
from service.engine.ruleset.types import MAXIMUM_INT, Type

MOST_RULES = 50
"""In one list; each is held against all above it, so that what a file costs to check stays bounded."""

OTHERWISE = "otherwise"
_NOT_OTHERWISE = ("else", "default", "finally")
_LOADS = (LeverName, FactName)

_OF_A_SESSION = (Trigger.AFTER_SET, Trigger.AFTER_EXERCISE, Trigger.AFTER_SESSION)
_MOVES: tuple[Outcome, ...] = ("raise", "lower", "deload")
_OUTCOMES: Mapping[str, tuple[Outcome, ...]] = {
    "progression": tuple(outcome for outcome in get_args(Outcome) if outcome != "start"),
    "deload": ("deload", "hold"),
}


def rules_of(scheme: SchemeFile) -> Mapping[Trigger, tuple[Rule, ...]]:
    """Read the rules of every trigger that the file has."""
    seen: dict[str, int] = {}
    rules: dict[Trigger, tuple[Rule, ...]] = {}
    for trigger in Trigger:
        node = scheme.fields.get(trigger)
        if node is not None:
            with scheme.problems.collecting():
                rules[trigger] = _RuleList(scheme, trigger, seen).read(items(node, trigger))
    keys = (*Trigger, "adjust")
    if (
        scheme.role == "deload"
        and not any(key in scheme.fields for key in keys)
        and not scheme.fields.is_misspelt(*keys)
    ):
        scheme.problems.add(scheme.fields.node.at, f"a deload needs rules, under {', '.join(Trigger)}, or adjust.")
    return rules


class _RuleList:
    """Reads the rules of one trigger from top to bottom; a rule is tried only when those above it did not fire."""

    def __init__(self, scheme: SchemeFile, trigger: Trigger, seen: dict[str, int]) -> None:
        self._scheme = scheme
        self._trigger = trigger
        self._checker = Checker(scheme.names, trigger)
        self._seen = seen
        self._proofs: Proofs = NOTHING
        self._above: list[Tree] = []
        self._names_above: list[str] = []

    def read(self, nodes: tuple[Node, ...]) -> tuple[Rule, ...]:
        problems = self._scheme.problems
        if not nodes:
            raise Mistake(self._scheme.fields.need(self._trigger).at, f"{self._trigger} has no rules; leave it out.")
        if len(nodes) > MOST_RULES:
            raise Mistake(
                nodes[MOST_RULES].at,
                f"a list has at most {MOST_RULES} rules, but here are {len(nodes)}; many numbers are a table.",
            )
        rules = []
        ended = False
        for node in nodes:
            if ended:
                problems.add(node.at, "this rule can never fire: otherwise above it ends the list; put it higher.")
                break
            with problems.collecting():
                keys = [key for key, _ in entries(node, "a rule").values]
                is_last = any(key.text == OTHERWISE for key in keys)
                if keys and keys[0].text in _NOT_OTHERWISE:
                    raise Mistake(keys[0].at, f"the last rule is written - {OTHERWISE}: ..., not {keys[0].text}.")
                rule = self._otherwise(node) if is_last else self._rule(node)
                ended = is_last
                if rule is not None:
                    rules.append(rule)
        must_end = self._trigger is Trigger.AFTER_SET and self._scheme.role == "progression"
        if must_end and not ended and nodes:
            problems.add(
                nodes[-1].at,
                "the rules of after set end with what happens otherwise: add - otherwise: hold, with a because.",
            )
        return tuple(rules)

    def _rule(self, node: Node) -> Rule | None:
        problems = self._scheme.problems
        fields = Fields(node, problems, "a rule", ("rule", "when", "then", "outcome", "because", "exception"))
        before = len(problems.errors)
        name, when = "", None
        with problems.collecting():
            name = self._name(fields.need("rule"))
        with problems.collecting():
            when = self._when(fields.need("when"))
        if when is None:
            self._note_other_mistakes(fields)
            return None
        proofs = self._proofs | proven(when.root, holds=True)
        rule = self._rest(fields, name, when, "outcome", proofs)
        self._proofs |= proven(when.root, holds=False)
        self._above.append(when.root)
        self._names_above.append(name)
        return rule if len(problems.errors) == before else None

    def _otherwise(self, node: Node) -> Rule | None:
        before = len(self._scheme.problems.errors)
        fields = Fields(node, self._scheme.problems, "otherwise", (OTHERWISE, "then", "because", "exception"))
        rule = self._rest(fields, OTHERWISE, None, OTHERWISE, self._proofs)
        return rule if len(self._scheme.problems.errors) == before else None

    def _note_other_mistakes(self, fields: Fields) -> None:
        """Without its condition the rest of a rule cannot be checked for what is known; its outcome can."""
        with self._scheme.problems.collecting():
            self._outcome(fields, "outcome")
        with self._scheme.problems.collecting():
            fields.need("because")

    def _name(self, node: Node) -> str:
        name = kebab(node, "the name of a rule")
        if name in self._seen:
            raise Mistake(
                node.at, f"there is a rule {name} on line {self._seen[name]} already; names tell rules apart."
            )
        self._seen[name] = node.at.line
        return name

    def _when(self, node: Node) -> Expression:
        scalar_ = scalar(node, "when")
        when = self._checker.expression(Source.of(scalar_), "bool", self._proofs)
        if never_true(when.root):
            raise Mistake(when.at, "this condition contradicts itself, so the rule can never fire.")
        within = list(limits(when.root, self._scheme.names.parameters))
        for limit in within:
            if never_true(when.root, [limit]):
                raise Mistake(when.at, f"{_in_words(limit)}, so this is never true and the rule can never fire.")
        if always_true(when.root, within):
            raise Mistake(
                when.at,
                "this condition is always true; write the rule as the last one, with otherwise instead of when.",
            )
        above = winner_above(when.root, self._above, within)
        if above is not None:
            raise Mistake(
                when.at,
                f"this rule can never fire: whenever its condition is true, {self._names_above[above] or 'a rule'} "
                "above it has already fired. Put it higher, or ask for something else.",
            )
        return when

    def _rest(
        self, fields: Fields, name: str, when: Expression | None, outcome_key: str, proofs: Proofs
    ) -> Rule | None:
        problems = self._scheme.problems
        outcome = then = because = exception = None
        before = len(problems.errors)
        with problems.collecting():
            outcome = self._outcome(fields, outcome_key)
        with problems.collecting():
            then = self._then(fields, proofs)
        with problems.collecting():
            because = template(scalar(fields.need("because"), "because"), self._checker, proofs)
        with problems.collecting():
            exception = self._exception(fields)
        if outcome is None or then is None or because is None or len(problems.errors) > before:
            return None
        with problems.collecting():
            self._check_direction(outcome, then)
        return Rule(name, when, then, outcome, because, self._scheme.file, fields.node.at.line, exception)

    def _exception(self, fields: Fields) -> LawException | None:
        node = fields.get("exception")
        if node is None:
            return None
        if self._trigger not in _OF_A_SESSION:
            raise Mistake(node.at, f"no law has rules under {self._trigger} to except; delete the exception.")
        said = Fields(node, self._scheme.problems, "an exception", ("to", "because"))
        return LawException(choice(LAWS)(said.need("to"), "to"), text(said.need("because"), "because"), node.at)

    def _outcome(self, fields: Fields, key: str) -> Outcome:
        node = fields.need(key)
        outcome = cast(Outcome, choice(_OUTCOMES[self._scheme.role])(node, key))
        then, lever = fields.get("then"), self._scheme.names.lever
        assigned = [name.text for name, _ in then.values] if isinstance(then, Entries) else []
        if outcome in _MOVES and lever is not None and lever not in assigned:
            raise Mistake(
                node.at, f"the outcome is {outcome}, but then does not set {lever}; set it, or choose another outcome."
            )
        return outcome

    def _check_direction(self, outcome: Outcome, then: Mapping[str, Expression]) -> None:
        """A raise that takes off, or a lower that adds, is a slip of the pen."""
        lever = then.get(self._scheme.names.lever or "")
        wrong, right = {"raise": ("-", "+"), "lower": ("+", "-"), "deload": ("+", "-")}.get(outcome, ("", ""))
        if lever is None:
            return
        for moved in _moves(lever.root):
            if moved.operator == wrong and isinstance(moved.left, _LOADS):
                advice = f"write {name_of(moved.left)} {right} ..., or another outcome"
                said = lever.text if moved is lever.root else f"{text_of(moved)} in {lever.text}"
                raise Mistake(lever.at, f"the outcome is {outcome}, but {said} goes the other way; {advice}.")

    def _then(self, fields: Fields, proofs: Proofs) -> Mapping[str, Expression]:
        node = fields.get("then")
        if node is None:
            return {}
        then: dict[str, Expression] = {}
        for key, value in entries(node, "then").values:
            with self._scheme.problems.collecting():
                then[key.text] = self._assignment(key, value, proofs)
        return then

    def _assignment(self, key: Scalar, value: Node, proofs: Proofs) -> Expression:
        names = self._scheme.names
        own = [*names.state, *([names.lever] if names.lever else [])]
        if key.text == names.lever:
            type_: Type = "load"
        elif key.text in names.state:
            type_ = names.state[key.text][0]
        elif key.text in names.broken:
            raise AlreadySaid(key.at, "")
        elif key.text in names.parameters or key.text in names.lets:
            raise Mistake(key.at, f"{key.text} is a parameter or let and never changes; a rule sets state only.")
        else:
            hint = suggestion(key.text, own) or f" This scheme has {', '.join(own) or 'none'}."
            raise Mistake(key.at, f"then sets {key.text}, which is no state of this scheme.{hint}")
        return self._checker.expression(Source.of(scalar(value, key.text)), type_, proofs)


def _in_words(limit: Limit) -> str:
    if limit.low is None or limit.high is None or limit.high == MAXIMUM_INT:
        end, at = ("at least", limit.low) if limit.low is not None else ("at most", limit.high)
        return f"{limit.subject} is {end} {at}"
    return f"{limit.subject} is from {limit.low} to {limit.high}"


def _moves(node: Tree) -> Iterator[Arithmetic]:
    """The sums and differences that an expression may come to, through names of `let` and choices."""
    match node:
        case Arithmetic():
            yield node
        case LetName():
            yield from _moves(node.value)
        case Choice():
            yield from _moves(node.chosen)
            yield from _moves(node.other)
