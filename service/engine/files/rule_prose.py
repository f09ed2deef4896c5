"""What a rule file says, in plain sentences: for lifters and coaches who read and do not write rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from service.domain.exercises import Exercise, Measure
from service.domain.loads import canonical
from service.engine.language.prose import Prose, plain
from service.engine.language.tree_queries import walk
from service.engine.ruleset.facts.fact import LEVER
from service.engine.ruleset.parameters import Parameter
from service.engine.ruleset.programme import Programme, Slot
from service.engine.ruleset.scheme import Adjustment, PrescribedEntry, Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Expression, LetName, Word

_OCCASIONS: Final[Mapping[Trigger, str]] = {
    Trigger.AFTER_SET: "After each work set",
    Trigger.AFTER_EXERCISE: "When the session ends, for each exercise done in it",
    Trigger.AFTER_SESSION: "When the session has ended",
    Trigger.AFTER_WEEK: "In a new calendar week",
    Trigger.BEFORE_PRESCRIPTION: "Before the next session, looking at the time that has passed",
}
_KINDS: Final = {
    "amrap": "as many repetitions as possible",
    "top": "the day's top",
    "back_off": "lighter after the top",
    "rest_pause": "with short pauses between them",
    "drop": "right after the set before, with less load",
}


_COUNTED: Final[Mapping[Measure | None, str]] = {
    "reps": "repetitions",
    "seconds": "seconds",
    None: "repetitions, or seconds of exercises that are measured in those",
}

_EXCEPTED: Final = {"better-never-less": "By this rule a better session can lead to less than a worse one"}


class Section(NamedTuple):
    """A heading, and the sentences under it."""

    heading: str
    sentences: list[str]


class Parts(Protocol):
    """What a programme is made of: a library, or a rule set."""

    @property
    def exercises(self) -> Mapping[str, Exercise]:
        """Exercises by id."""

    @property
    def schemes(self) -> Mapping[str, Scheme]:
        """Schemes by id."""


def explained_scheme(scheme: Scheme, given: Mapping[str, Any] | None = None) -> list[Section]:
    """What a scheme does, with its parameters' defaults or what a slot has ``given`` for them (checked values)."""
    values = {name: (given or {}).get(name, parameter.default) for name, parameter in scheme.parameters.items()}
    prose = Prose(
        "load that the progression stands at" if scheme.role == "deload" else scheme.lever,
        lambda name: plain(values[name], scheme.parameters[name].type),
    )
    sections = [
        Section("What it is", list(_kind(scheme))),
        Section("What can be set", [_parameter(each, values[each.name]) for each in scheme.parameters.values()]),
        Section("Where it starts", list(_start(scheme, prose))),
        Section("What it calls by a name of its own", list(_lets(scheme, prose))),
        *(
            Section(f"{_OCCASIONS[trigger]}, the first of these that is true counts", _rules(rules, scheme, prose))
            for trigger, rules in scheme.rules.items()
            if rules
        ),
        Section("What is prescribed", [*(_line(line, prose) for line in scheme.prescribe), *_adjusted(scheme, prose)]),
    ]
    return [section for section in sections if section.sentences]


def explained_programme(programme: Programme, parts: Parts) -> list[Section]:
    """What a programme asks for, day by day."""
    sections = [Section("What it is", [programme.notes.strip()] if programme.notes.strip() else [])]
    weeks = f" A cycle is {programme.weeks} rounds of the days." if programme.weeks > 1 else ""
    if programme.days:
        count = len(programme.days)
        sections[0].sentences.append(f"{count} day{'s' if count > 1 else ''}, one after the other.{weeks}")
    sections += [
        Section(f"Day {day.id}: {day.title}", [_slot(slot, parts) for slot in day.slots]) for day in programme.days
    ]
    if programme.any:
        sections.append(Section("For whatever is logged", [_slot(slot, parts) for slot in programme.any]))
    return [section for section in sections if section.sentences]


def sources_told(sources: Iterable[Mapping[str, Any]]) -> Section:
    """Where the numbers of a file come from."""
    return Section("Where its numbers come from", [_source(source) for source in sources])


def _kind(scheme: Scheme) -> Iterator[str]:
    if scheme.role == "deload":
        yield "A deload: it takes weight off what a progression stands at."
    else:
        counted = _COUNTED[scheme.measure]
        lever = scheme.lever.replace("_", " ")
        yield f"A progression: it keeps a {lever} for each exercise and counts {counted}."
    if scheme.notes:
        yield scheme.notes


def _parameter(parameter: Parameter, value: Any) -> str:
    name = parameter.name.replace("_", " ")
    about = f": {parameter.about.rstrip('.')}" if parameter.about else ""
    if parameter.table:
        rows = "; ".join(f"{number}: {_row(parameter, row)}" for number, row in enumerate(value, 1))
        columns = ", ".join(map(_column, parameter.table))
        return f"{name}, a table with the columns {columns}: {rows or 'no rows'}{about}."
    low, high = (None if bound is None else canonical(bound) for bound in (parameter.low, parameter.high))
    bounds = {
        (True, True): f", from {low} to {high}",
        (True, False): f", at least {low}",
        (False, True): f", at most {high}",
        (False, False): "",
    }[low is not None, high is not None]
    choices = f", one of {', '.join(parameter.words)}" if parameter.words else ""
    return f"{name}: {plain(value, parameter.type)}{bounds}{choices}{about}."


def _column(column: Parameter) -> str:
    if column.optional:
        return f"{column.name} (may be left out)"
    return column.name if column.default is None else f"{column.name} ({plain(column.default, column.type)})"


def _row(table: Parameter, row: Any) -> str:
    cells = zip(table.table, row, strict=True)
    shown = (
        (column.name if cell is True else f"{column.name} {plain(cell, column.type)}").replace("_", " ")
        for column, cell in cells
        if cell is not False and cell is not None
    )
    return ", ".join(shown)


def _start(scheme: Scheme, prose: Prose) -> Iterator[str]:
    if scheme.role == "progression":
        known = [prose.value(each.root) for each in scheme.lever_initial]
        first = "its load" if scheme.first_set is None else prose.value(scheme.first_set.root)
        otherwise = f"with the first set ever, at {first}"
        yield _sentence(f"{prose.lever} starts at {', else '.join(known)}, else {otherwise}" if known else otherwise)
    for variable in scheme.state:
        yield _sentence(f"“{variable.name.replace('_', ' ')}” starts at {prose.value(variable.initial.root)}")


def _lets(scheme: Scheme, prose: Prose) -> Iterator[str]:
    """Each name that the scheme's ``let`` gives, where an expression that is read uses it."""
    told: dict[str, LetName] = {}
    for expression in _expressions(scheme):
        for node in walk(expression.root):
            if isinstance(node, LetName):
                told.setdefault(node.name, node)
    for name, node in told.items():
        write = prose.condition if node.type == "bool" else prose.value
        yield f"“{name.replace('_', ' ')}”: {write(node.value)}."


def _expressions(scheme: Scheme) -> Iterator[Expression]:
    for rules in scheme.rules.values():
        for rule in rules:
            yield from () if rule.when is None else (rule.when,)
            yield from rule.then.values()
    for line in scheme.prescribe:
        yield from line.expressions
    yield from (variable.initial for variable in scheme.state)
    if scheme.adjust is not None:
        yield from (scheme.adjust.when, scheme.adjust.load, scheme.adjust.sets)


def _rules(rules: tuple[Rule, ...], scheme: Scheme, prose: Prose) -> list[str]:
    return [_rule(rule, scheme, prose) for rule in rules]


def _rule(rule: Rule, scheme: Scheme, prose: Prose) -> str:
    lever = scheme.lever
    changes = [
        prose.change(name, expression.root, is_lever=name in (lever, LEVER)) for name, expression in rule.then.items()
    ]
    done = " and ".join([", ".join(changes[:-1]), changes[-1]] if len(changes) > 1 else changes) or "nothing changes"
    said = "Otherwise" if rule.when is None else f"When {prose.condition(rule.when.root)}"
    excepted = "" if rule.exception is None else f" {_EXCEPTED[rule.exception.to]}: {rule.exception.because}"
    return f"{said}: {done} ({rule.outcome}; {rule.name}, line {rule.line}).{excepted}"


def _line(line: PrescribedEntry, prose: Prose) -> str:
    head = ""
    if line.over is not None:  # first: the rest may speak of its row
        noun, rows = prose.rows(line.over.variable, line.over.rows, line.over.condition)
        head = f"for each {noun} of {rows}: "
    if line.when is not None:
        head = f"when {prose.condition(line.when.root)}: {head}"
    kind = _KINDS.get(line.kind.text, "") if isinstance(line.kind.root, Word) else ""
    amount = line.reps or line.seconds
    parts = [
        f"sets: {prose.short(line.count.root)}"
        + (", those over the least as one likes" if line.count.type == "range" else "")
        + (f", {kind}" if kind else ""),
        f"load: {prose.short(line.load.root)}",
    ]
    if amount is not None:
        parts.append(f"{'repetitions' if line.reps is not None else 'seconds'}: {prose.short(amount.root)}")
    if line.total is not None:
        parts.append(f"all sets together: {prose.short(line.total.root)}")
    if line.rest_s is not None:
        parts.append(f"rest in seconds: {prose.short(line.rest_s.root)}")
    if line.rir is not None:
        most = "" if line.rir_to is None else f" to {prose.short(line.rir_to.root)}"
        parts.append(f"in reserve: {prose.short(line.rir.root)}{most}")
    if not isinstance(line.kind.root, Word):
        parts.append(f"kind: {prose.short(line.kind.root)}")
    if line.amrap is not None:
        parts.append(f"as many repetitions as possible where {prose.condition(line.amrap.root)}")
    return _sentence(head + "; ".join(parts)) + (f" {line.notes}" if line.notes else "")


def _adjusted(scheme: Scheme, prose: Prose) -> Iterator[str]:
    adjust: Adjustment | None = scheme.adjust
    if adjust is not None:
        load, sets = prose.short(adjust.load.root), prose.short(adjust.sets.root)
        when = prose.condition(adjust.when.root)
        yield f"When {when}: only {load} of every load and {sets} of the sets, rounded up, for that session."
        if adjust.beside_plan:
            yield "A session that is lighter or shorter for it is done beside the plan: the programme's day stays due."


def _slot(slot: Slot, parts: Parts) -> str:
    exercise = parts.exercises.get(slot.exercise or "")
    name = exercise.title if exercise is not None else f"What is measured in {slot.measure}"
    name += f" ({slot.label})" if slot.label else ""
    text = f"{name}: {_use(parts.schemes[slot.progression.scheme], slot.progression.params)}"
    if slot.deloads:
        deloads = (_use(parts.schemes[use.scheme], use.params) for use in slot.deloads)
        text += f"; deloads: {', '.join(deloads)}"
    if slot.rest_s is not None:
        text += f"; rest {slot.rest_s} s"
    if slot.weeks is not None:
        text += (
            f"; only in week{'s' if len(slot.weeks) > 1 else ''} {', '.join(map(str, sorted(slot.weeks)))} of a cycle"
        )
    if slot.beside:
        text += f"; in turn with {slot.beside}"
    return f"{text}." + (f" {slot.notes}" if slot.notes else "")


def _use(scheme: Scheme, params: Mapping[str, Any]) -> str:
    given = ", ".join(_given(scheme.parameters[name], value) for name, value in params.items())
    return f"{scheme.title}" + (f" ({given})" if given else "")


def _given(parameter: Parameter, value: Any) -> str:
    name = parameter.name.replace("_", " ")
    if parameter.table:
        return f"{name} [{'; '.join(_row(parameter, row) for row in value)}]"
    return f"{name} {plain(value, parameter.type)}"


def _source(source: Mapping[str, Any]) -> str:
    parts = [str(source["title"])]
    parts += [str(source[key]) for key in ("authors", "publisher", "journal", "year", "doi", "url") if key in source]
    gives = f": {source['gives']}" if "gives" in source else ""
    return f"{', '.join(parts)}{gives}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
