"""Calls of functions: which function is meant, and whether its values fit."""

from __future__ import annotations

import ast
from typing import cast

from service.engine.language.function import Function, Signature
from service.engine.language.functions import FUNCTIONS
from service.engine.language.list_functions import LIST_FUNCTIONS
from service.engine.language.operand_types import MEASURES, alike, converted, unlike
from service.engine.language.parser import Source, dotted
from service.engine.language.tree_queries import columns_of
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.suggestions import suggestion
from service.engine.ruleset.typed_tree import Node
from service.engine.ruleset.types import DESCRIPTIONS, Type


def called(tree: ast.Call, source: Source) -> Function:
    """The function that a call names, given as many values as it takes. Raises `Mistake`."""
    at = source.start_of(tree)
    name = dotted(tree.func)
    function = FUNCTIONS.get(name)
    if function is None and name in LIST_FUNCTIONS:
        question = "each.reps >= 5" if LIST_FUNCTIONS[name].asks_condition else "each.reps"
        raise Mistake(at, f"{name}() asks about each row of a list, as in {name}({question} for each in performed).")
    if function is None:
        hint = suggestion(name, FUNCTIONS) or f" There are {', '.join(FUNCTIONS)}."
        raise Mistake(at, f"there is no function {source.text_of(tree.func, at_most=30)}.{hint}")
    if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
        raise Mistake(at, f"write the values of {name}() in their order: {_signature(function)}.")
    given, taken = len(tree.args), len(function.parameters)
    if given < taken or (given > taken and not function.variadic):
        raise Mistake(at, f"{_signature(function)} takes {_counted(function)}, but here it has {given}.")
    return function


def arguments_of(
    function: Function, tree: ast.Call, nodes: list[Node], source: Source
) -> tuple[Type, tuple[Node, ...]]:
    """The type of a call and its values, each as the type that the function takes. Raises `Mistake`."""
    if function.result == "alike":
        fitting = _all_alike(function, tree, nodes, source)
        return fitting[0].type, fitting
    pairs = zip(function.parameters, tree.args, nodes, strict=True)
    return function.result, tuple(
        _fitting(function, name, expected, argument, node, source) for (name, expected), argument, node in pairs
    )


def _fitting(function: Function, name: str, expected: Signature, tree: ast.expr, node: Node, source: Source) -> Node:
    if expected == "list":
        return _fitting_list(function, tree, node, source)
    expected = cast(Type, expected)
    fitting = node if node.type == expected else converted(node, expected)
    if fitting is None:
        given = f"{source.text_of(tree, at_most=30)} is {DESCRIPTIONS[node.type]}"
        said = f"{_signature(function)}: {name} must be {DESCRIPTIONS[expected]}, but {given}."
        raise Mistake(source.start_of(tree), said)
    return fitting


def _fitting_list(function: Function, tree: ast.expr, node: Node, source: Source) -> Node:
    """A list whose rows begin with the columns that the function takes."""
    held = tuple((column.name, column.type) for column in columns_of(node) if column.place < len(function.columns))
    if held[: len(function.columns)] == function.columns:
        return node
    wanted = ", ".join(name for name, _ in function.columns)
    said = f"{_signature(function)} takes a list whose rows begin with {wanted}; "
    raise Mistake(source.start_of(tree), f"{said}those of {source.text_of(tree, at_most=30)} do not.")


def _all_alike(function: Function, tree: ast.Call, nodes: list[Node], source: Source) -> tuple[Node, ...]:
    for argument, node in zip(tree.args, nodes, strict=True):
        if node.type not in MEASURES:
            given = f"{source.text_of(argument, at_most=30)} is {DESCRIPTIONS[node.type]}"
            raise Mistake(
                source.start_of(argument), f"{function.name}() takes numbers, loads or percentages, but {given}."
            )
    first = nodes[0]
    for argument, node in zip(tree.args[1:], nodes[1:], strict=True):
        pair = alike(first, node)
        if pair is None:
            texts = [source.text_of(each, at_most=30) for each in (tree.args[0], argument)]
            raise Mistake(source.start_of(tree), unlike(texts, [first, node], "compared"))
        first = pair[0]
    return tuple(node if node.type == first.type else converted(node, first.type) or node for node in nodes)


def _signature(function: Function) -> str:
    more = ", ..." if function.variadic else ""
    return f"{function.name}({', '.join(name for name, _ in function.parameters)}{more})"


def _counted(function: Function) -> str:
    count = len(function.parameters)
    values = "1 value" if count == 1 else f"{count} values"
    return f"{values} or more" if function.variadic else values
