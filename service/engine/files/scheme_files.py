"""Scheme files: from the tree of the file to a checked scheme with its functions compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast, get_args

from service.domain.exercises import Measure
from service.engine.files.declarations import SchemeFile, declare_lets, declare_parameters, declare_state
from service.engine.files.examples import example
from service.engine.files.fields import Fields, choice, collected, identity, items, scalar, sources, text
from service.engine.files.prescribe_lines import adjustment, prescribed
from service.engine.files.rule_lists import rules_of
from service.engine.files.yaml_tree import Node, Problems
from service.engine.language.checker import Checker
from service.engine.language.compiler import compile_scheme
from service.engine.language.parser import Source
from service.engine.language.scopes import Names
from service.engine.ruleset.examples import Example
from service.engine.ruleset.facts.fact import LEVER
from service.engine.ruleset.places import Mistake
from service.engine.ruleset.scheme import Bounds, PrescribedEntry, Scheme, checked
from service.engine.ruleset.triggers import Role, Trigger

_HEAD_KEYS = ("scheme", "title", "sources", "notes", "measure", "params", "let", "state")
_KEYS = (*_HEAD_KEYS, *Trigger, "prescribe", "bounds", "examples")
_DELOAD_KEYS = (*_HEAD_KEYS, *Trigger, "adjust", "bounds", "examples")


def scheme_from(file: str, role: Role, node: Node, problems: Problems) -> Scheme | None:
    """Check and compile a scheme; None, and something in ``problems``, when it is not right.

    The role is the folder's: ``progression`` or ``deload``.
    """
    with problems.collecting():
        fields = Fields(node, problems, f"a {role} scheme", _DELOAD_KEYS if role == "deload" else _KEYS)
        scheme = SchemeFile(file, role, fields, problems, Names(lever=LEVER if role == "deload" else None))
        return _read(scheme)
    return None


def _read(scheme: SchemeFile) -> Scheme | None:
    problems, fields, names = scheme.problems, scheme.fields, scheme.names
    identifier = title = notes = ""
    measure: Measure | None = None
    given: tuple[Mapping[str, Any], ...] = ()
    with problems.collecting():
        identifier = identity(fields, "scheme", scheme.file)
    with problems.collecting():
        title = text(fields.need("title"), "title")
    with problems.collecting():
        notes = fields.optional("notes", text) or ""
    with problems.collecting():
        given = sources(fields, problems, needed=True)
    with problems.collecting():
        measure = _measure(scheme)
        names.measure = measure or ("reps" if scheme.role == "progression" else None)
    declare_parameters(scheme)
    declare_lets(scheme)
    declare_state(scheme)
    rules = rules_of(scheme)
    prescribe: tuple[PrescribedEntry, ...] = ()
    adjust = None
    with problems.collecting():
        if scheme.role == "progression":
            prescribe = prescribed(scheme)
        else:
            adjust = adjustment(scheme)
    bounds = None
    with problems.collecting():
        bounds = _bounds(scheme)
    examples = _examples(scheme)
    if problems.errors:
        return None
    _report_unused(scheme)
    made = Scheme(
        id=identifier,
        title=title,
        notes=notes,
        role=scheme.role,
        lever=names.lever or LEVER,
        lever_initial=scheme.lever_initial,
        first_set=scheme.first_set,
        measure=measure,
        parameters=names.parameters,
        state=tuple(scheme.state),
        rules=rules,
        prescribe=prescribe,
        sources=given,
        examples=examples,
        file=scheme.file,
        bounds=bounds,
        adjust=adjust,
    )
    for each in examples:
        try:
            checked(made, each.params)
        except ValueError as error:
            problems.add(each.at, str(error))
    return None if problems.errors else replace(made, compiled=compile_scheme(made))


EITHER: Final = "either"
"""A progression that counts what its exercise is measured in, repetitions or seconds, and calls both ``reps``."""


def _measure(scheme: SchemeFile) -> Measure | None:
    """What a scheme measures; None where it suits either: a progression that says so, a deload that says nothing."""
    either = (EITHER,) if scheme.role == "progression" else ()
    declared = scheme.fields.optional("measure", choice((*get_args(Measure), *either)))
    if declared == EITHER:
        return None
    return cast("Measure | None", declared or (None if scheme.role == "deload" else "reps"))


def _bounds(scheme: SchemeFile) -> Bounds | None:
    """Read ``bounds``; what only they use is still unused, since they change nothing."""
    node = scheme.fields.get("bounds")
    if node is None:
        return None
    names = scheme.names
    used = set(names.used)
    fields = Fields(node, scheme.problems, "bounds", ("up", "down", "from"))
    checker = Checker(names, "bounds")
    ends = {
        key: fields.optional(key, lambda end, what: checker.expression(Source.of(scalar(end, what)), "load"))
        for key in ("up", "down")
    }
    names.used = used | (names.used & names.lets.keys())
    return Bounds(**ends, performed=names.lever == "load" or _is_from_performed(scheme, fields))


def _is_from_performed(scheme: SchemeFile, fields: Fields) -> bool:
    """Whether bounds of a training max are measured from what was performed too, as where a test sets it."""
    said = fields.optional("from", choice(("lever", "performed")))
    if said is not None and scheme.role == "deload":
        raise Mistake(fields.need("from").at, "a deload is measured from the lever before; leave from out.")
    return said == "performed"


def _examples(scheme: SchemeFile) -> tuple[Example, ...]:
    with scheme.problems.collecting():
        node = scheme.fields.need("examples")
        nodes = items(node, "examples")
        if not nodes:
            raise Mistake(node.at, "examples is empty: show a training log that the scheme is for.")
        return tuple(collected(nodes, scheme.problems, lambda node: example(node, scheme.problems)))
    return ()


def _report_unused(scheme: SchemeFile) -> None:
    names = scheme.names
    kinds = (("parameter", names.parameters), ("state", names.state), ("let", names.lets))
    for kind, declared in kinds:
        for name in declared:
            if name not in names.used:
                scheme.problems.add(
                    scheme.declared_at[name],
                    f"the {kind} {name} is never {'read' if kind == 'state' else 'used'}; use it or delete it.",
                )
