"""No text of a rule file reaches Python: what is accepted is our nodes only, compiled to our words only, and cheap."""

import ast
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.limits import MOST_SETS
from service.engine.files.library import library_from_files
from service.engine.language.because import template
from service.engine.language.checker import Checker
from service.engine.language.functions import HELPERS
from service.engine.language.parser import MAXIMUM_NODES
from service.engine.language.tree_queries import children, size, walk
from service.engine.ruleset.facts import FACTS
from service.engine.ruleset.parameters import MOST_ROWS
from service.engine.ruleset.places import FileText, Mistake, Position, Scalar
from service.engine.ruleset.scheme import Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Over
from tests.properties.test_expressions import TEXTS, names, scheme_of, source

PLACES: tuple[Any, ...] = (*Trigger, "initial", "first set", "prescribe", "bounds")

TRICKS = (
    "set.__class__",
    "set.load.__class__.__mro__",
    "().__class__.__bases__[0]",
    "(1).__add__(2)",
    "load.real",
    "performed.__len__()",
    "performed[0:9]",
    "performed[performed]",
    "performed[1][2]",
    "performed[-1].reps",
    "last(last(performed))",
    "last(performed).__class__",
    "goal.min.bit_length()",
    "known.__globals__",
    "percent_of.__code__",
    "__builtins__",
    "__import__('os').system('true')",
    "eval('1')",
    "getattr(set, 'load')",
    "open('/etc/passwd')",
    "lambda: true",
    "(lambda x: x)(1)",
    "(x := 3) > 2",
    "f'{load}'",
    "'{0.__class__}'.format(load)",
    "b'x' == b'x'",
    "'work' * 9",
    "'work' + 'work'",
    "max('work', 'amrap') == 'work'",
    "9 ** 9 ** 9",
    "9 << 9999999",
    "~count",
    "count @ count",
    "1j > 0",
    "1_000 > 0",
    "0x1f > 0",
    "...",
    "None",
    "not None",
    "[1, 2][0]",
    "{1: 2}[1]",
    "{*performed}",
    "(*performed,)",
    "max(*performed)",
    "max(count, key=count)",
    "all([true])",
    "all(performed)",
    "sum(1 for s in performed for t in performed)",
    "sum(sum(t.reps for t in performed) for s in performed)",
    "all(all(t.reps > s.reps for t in performed) for s in performed)",
    "all(true async for s in performed)",
    "all(s for s in performed)",
    "all(s.reps > 0 for s in range(0, 99999999))",
    "all(s.reps > 0 for s in (1, 2))",
    "all(s.reps > 0 for s in performed if s.reps if s.load)",
    "all(s.reps > 0 for s.reps in performed)",
    "all(s.reps > 0 for s, t in performed)",
    "all(set.reps > 0 for set in performed)",
    "sum(s.reps for s in performed) and s.reps",
    "min(s.load for s in performed if s.reps > 9)",
    "count if count",
    "count > 1 > true",
    "yield count",
    "await count",
    "print(count)",
    "del count",
    "import os",
    "count; count",
    "count # > 1",
    "count\\\n> 1",
    "\uff43\uff4f\uff55\uff4e\uff54 > 1",
    "\u0441\u043eunt > 1",
    "cou\u200bnt > 1",
    "\u00aa > 1",
    "count > \u0661",
    "\x00",
    "count > 1\x00",
    "\ud800 > 1",
)


def check(text: str, place: Any = Trigger.AFTER_SET) -> Any:
    return Checker(names(), place).expression(source(text))


@pytest.mark.parametrize("text", TRICKS)
@pytest.mark.parametrize("within", ["{}", "({}) > 1", "true and {}", "known(set.rir) and {}"])
def test_a_trick_is_refused_in_one_sentence(text: str, within: str) -> None:
    with pytest.raises(Mistake) as caught:
        check(within.format(text) if within != "{}" else text)
    assert re.fullmatch(r"[^\n]{10,400}", caught.value.message)


BECAUSES = (
    "{set.__class__}",
    "{set.load!r}",
    "{set.load:>99999999}",
    "{set.load.__init__.__globals__}",
    "{{{set.load}}",
    "{set.load:{set.reps}}",
    "{'work'}",
    "{performed}",
    "{last(performed)}",
    "{[s.load for s in performed]}",
    "{s.load for s in performed}",
    "%(set.load)s {",
    "{lambda: 1}",
    "{x := 1}",
)


@pytest.mark.parametrize("text", BECAUSES)
def test_a_because_is_no_format_string(text: str) -> None:
    scalar = Scalar(text, plain=False, at=Position(1, 1), file=FileText(text.encode()), start=0, style=None)
    with pytest.raises(Mistake):
        template(scalar, Checker(names(), Trigger.AFTER_SET), frozenset())


# Trees of Python that are almost expressions of ours

HOSTILE = (
    "x.__class__", "lambda: x", "[x]", "(x, x)", "{x}", "{x: x}", "f'{x}'", "'x'", "b'x'", "(y := x)", "x[0:1]", "x[x]",
    "x ** x", "x @ x", "x << x", "x is x", "max(*x)", "max(a=x)", "x()", "None", "...", "1j", "10 ** 9",
    "[x for y in x]", "{y for y in x}", "all(x for y in performed)", "sum(y.reps for y in performed if x)", "-x", "+x",
    "not x", "x if x else x", "last(x)", "rows(x)", "performed[x].load", "known(x)", "remainder(x, x)", "floor(x)",
    "round_load(x)", "rpe_percent(x, x)", "e1rm_wathan(x, x)", "x / x", "range(x, x)", "x.min", "x == 'work'",
)  # fmt: skip


class _Grafting(ast.NodeTransformer):
    """Puts a hostile piece around one node of a tree."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def visit(self, node: ast.AST) -> ast.AST:
        node = super().visit(node)
        if isinstance(node, ast.expr) and self._random.random() < 0.15:
            graft = ast.parse(self._random.choice(HOSTILE), mode="eval").body
            filled: ast.AST = _Filling(node).visit(graft)
            return filled
        return node


class _Filling(ast.NodeTransformer):
    def __init__(self, inner: ast.expr) -> None:
        self._inner = inner

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._inner if node.id == "x" and isinstance(node.ctx, ast.Load) else node


def grafted(text: str, seed: int) -> str:
    return ast.unparse(_Grafting(seed).visit(ast.parse(text, mode="eval")))


MUTATED = st.builds(grafted, st.one_of(*TEXTS.values()), st.integers(0, 2**32))
WORDS = """set.load set.reps set.rir set load goal.max performed last rows known all any sum min max count for in
if else and or not is lambda s s.reps s.prescribed.load true false None __class__ e1rm percent_of round_load tries
( ( ) ) [ ] { } + - * / ** // % < <= == != = := , : . ' " 0 1 225 2.5 1e9 0x1f \\ @ ~ ^ & | ; ! f' $ é ≥ \u2028 \x00"""
SOUP = st.lists(st.sampled_from(WORDS.split()), max_size=40).map(" ".join)


@given(MUTATED | SOUP | st.text(max_size=200), st.sampled_from(PLACES))
def test_what_gets_past_the_checker_is_made_of_our_nodes_and_cheap(text: str, place: Any) -> None:
    try:
        expression = check(text, place)
    except Mistake:
        return
    assert all(type(node).__module__ == "service.engine.ruleset.typed_tree" for node in walk(expression.root))
    assert size(expression.root) <= MAXIMUM_NODES
    assert cost(expression.root) <= MAXIMUM_NODES * max(MOST_SETS, MOST_ROWS)


def cost(node: Any) -> int:
    """How many nodes are evaluated at most: those of a question about a list once a row; none stands in another."""
    if isinstance(node, Over):
        inner = [each for part in children(node) for each in walk(part)]
        assert not any(isinstance(each, Over) for each in inner)
        return 1 + max(MOST_SETS, MOST_ROWS) * len(inner)
    return 1 + sum(map(cost, children(node)))


# The code that is generated

GLOBALS = {"Decimal", "abs", "all", "any", "bounded", "len", "max", "min", "row_at", "sum", "zero", *HELPERS}
ATTRIBUTES = {part for fact in FACTS.values() for part in fact.path.split(".")[1:]} | {
    "lever",
    "round",
    "next_loadable",
}
KINDS = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.If, ast.For, ast.AugAssign, ast.Assign,
    ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.Subscript, ast.Tuple, ast.IfExp, ast.BoolOp, ast.BinOp,
    ast.UnaryOp, ast.Compare, ast.NamedExpr, ast.GeneratorExp, ast.comprehension, ast.expr_context, ast.boolop,
    ast.operator, ast.unaryop, ast.cmpop, ast.Continue, ast.List, ast.Slice,
)  # fmt: skip


def audit(scheme: Scheme) -> None:
    """Generated code calls our functions, reads our facts and holds numbers and words; nothing else is in it."""
    assert scheme.compiled is not None
    tree = ast.parse(scheme.compiled.source)
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        assert isinstance(node, KINDS), ast.dump(node)
        if isinstance(node, ast.Attribute):
            assert node.attr in ATTRIBUTES, node.attr
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called in GLOBALS or called in ("facts.round", "facts.next_loadable"), called
        if isinstance(node, ast.Constant):
            assert node.value is None or isinstance(node.value, bool | int | str)
            assert not isinstance(node.value, str) or re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", node.value)
        if isinstance(node, ast.Name):
            known = node.id in GLOBALS | functions | {"facts", "track", "own", "n", "lever"}
            assert known or re.fullmatch(r"[a-z][a-z0-9_]*", node.id), node.id
            assert "__" not in node.id or node.id.startswith("p_"), node.id


@given(st.lists(TEXTS["bool"], min_size=1, max_size=3), TEXTS["load"], TEXTS["int"])
def test_generated_code_holds_only_our_own_words(whens: list[str], lever: str, tries: str) -> None:
    audit(scheme_of(whens, {"tries": tries}, lever))


def schemes() -> Iterator[Scheme]:
    root = Path(__file__).parents[2] / "rules"
    files = {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in ("progression", "deload")
        for path in (root / folder).glob("*.yaml")
    }
    yield from library_from_files(files).schemes.values()


def test_the_library_compiles_to_our_own_words() -> None:
    for scheme in schemes():
        audit(scheme)
