"""Rule files as trees in which every value knows its place: safe YAML, and no surprise passes silently.

A rule file is plain data. Anchors, aliases and tags are refused altogether, so nothing in a file can grow when it is
read; values keep their text until something asks for a number, so ``no`` never turns into false nor 012 into 10.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

from service.domain.errors import RuleError
from service.engine.files.yaml_advice import EXPLANATIONS, SURPRISES
from service.engine.ruleset.places import AlreadySaid, FileText, Mistake, Position, Scalar

MAXIMUM_BYTES = 65_536
MAXIMUM_DEPTH = 20

_WORD = re.compile(r"[\w.-]*\w")
_RUN_TOGETHER = re.compile(r"\s*(?:- )?(?P<word>-|[a-z][a-z ]*:)(?=[^\s-])", re.IGNORECASE)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problems:
    """The mistakes found in one file so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[RuleError] = []

    def add(self, at: Position, message: str, width: int = 0) -> None:
        """Note a mistake and go on; of several at one place only the first is told."""
        if all((error.line, error.column) != at for error in self.errors):
            self.errors.append(RuleError(self.file, at.line, at.column, message, width))

    def collecting(self) -> Collecting:
        """A ``with`` block whose first mistake is noted, and ends the block only."""
        return Collecting(self)


class Collecting:
    """The block of `Problems.collecting`."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if isinstance(error, Mistake) and not isinstance(error, AlreadySaid):
            self._problems.add(error.at, error.message, error.width)
        return isinstance(error, Mistake)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of values."""

    values: tuple[Node, ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys and their values, in the order of the file."""

    values: tuple[tuple[Scalar, Node], ...]
    at: Position


Node: TypeAlias = "Scalar | Items | Entries"


def read(data: bytes, problems: Problems) -> Node | None:
    """Read one YAML document; mistakes go to ``problems``, and None comes back when there is nothing to go on with."""
    with problems.collecting():
        if len(data) > MAXIMUM_BYTES:
            size, most = f"{len(data):,}", f"{MAXIMUM_BYTES:,}"
            raise Mistake(Position(1, 1), f"the file has {size} bytes, but a rule file has at most {most}; split it.")
        return _Builder(FileText(data), problems).build()
    return None


def show(error: RuleError, data: bytes | None) -> str:
    """Format an error with the offending line of its file and a mark under the place."""
    lines = (data or b"").decode(errors="replace").split("\n")
    if not 1 <= error.line <= len(lines) or not lines[error.line - 1].strip():
        return str(error)
    number = str(error.line)
    margin = " " * len(number)
    line = lines[error.line - 1].rstrip().replace("\t", " ")
    marked = _WORD.match(line, error.column - 1)
    mark = "^" * max(
        1, len(marked[0]) if marked and not error.width else min(error.width, len(line) - error.column + 1)
    )
    return f"{error}\n  {number} | {line}\n  {margin} | {' ' * (error.column - 1)}{mark}"


class _Builder:
    """Turns the parser's events into a tree without recursion, so depth costs nothing."""

    def __init__(self, file: FileText, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._open: list[tuple[Position, bool, list[Node]]] = []
        self._root: Node | None = None
        self._long_quote: Any = None
        """The mark at which the last quoted text began, if it went on over its line."""

    def build(self) -> Node:
        documents = 0
        try:
            for event in yaml.parse(self._file.text, Loader=_Loader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise Mistake(self._at(event), "a second document starts here; put it in its own file.")
                elif isinstance(event, yaml.NodeEvent):
                    self._node(event)
                elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                    self._close()
        except yaml.YAMLError as error:
            raise self._explained(error) from None
        if self._root is None:
            raise Mistake(Position(1, 1), "the file is empty.")
        return self._root

    def _node(self, event: Any) -> None:
        start: Any = event.start_mark
        end: Any = event.end_mark
        at = self._file.position(start.index)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise Mistake(at, "rule files have no anchors (&name) and aliases (*name); write the value out.")
        if event.tag is not None:
            raise Mistake(at, f"rule files have no tags such as {event.tag}; write the plain value.")
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or None
            is_long = style in ("'", '"') and end.line > start.line
            self._long_quote = (start, end.line) if is_long else None
            scalar = Scalar(event.value, style is None, at, self._file, start.index, style)
            self._complain_of_surprise(scalar)
            self._put(scalar)
            return
        if len(self._open) >= MAXIMUM_DEPTH:
            raise Mistake(at, f"lists and keys are nested more than {MAXIMUM_DEPTH} deep here; no rule needs that.")
        self._open.append((at, isinstance(event, yaml.MappingStartEvent), []))

    def _at(self, event: Any) -> Position:
        return self._file.position(event.start_mark.index)

    def _put(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        _, is_mapping, values = self._open[-1]
        if is_mapping and len(values) % 2 == 0 and not isinstance(node, Scalar):
            raise Mistake(
                node.at,
                "a key must be a word, but here is a list or mapping; a text that starts with `{` or `[` needs quotes.",
            )
        values.append(node)

    def _close(self) -> None:
        at, is_mapping, values = self._open.pop()
        self._put(Entries(self._paired(values), at) if is_mapping else Items(tuple(values), at))

    def _paired(self, values: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(values[::2], values[1::2], strict=True):
            assert isinstance(key, Scalar)  # noqa: S101 - `_put` has seen to it
            if key.plain and isinstance(value, Scalar) and not value.text:
                if pairs and self._is_torn_off(key):
                    message = f"`{key.text}` stands alone between commas: put a text with a comma in it into quotes"
                    self._problems.add(key.at, f'{message}, as in weeks: "1, 3".', len(key.text))
                    continue
                key, value = self._taken_apart(key, value)  # noqa: PLW2901 - read on as it was meant
            if key.text in pairs:
                first = pairs[key.text][0].at.line
                self._problems.add(key.at, f"the key `{key.text}` stands here twice (first on line {first}); keep one.")
            else:
                pairs[key.text] = (key, value)
        return tuple(pairs.values())

    def _complain_of_surprise(self, scalar: Scalar) -> None:
        advice = _surprise(scalar.text) if scalar.plain else None
        if advice is not None:
            self._problems.add(scalar.at, advice)

    def _is_torn_off(self, key: Scalar) -> bool:
        """Whether a comma and a space in braces tore it off the value before, so that it looks like a key without one.

        A comma without a space is one in a number, which is told where the number is read.
        """
        text = self._file.text
        behind = text[key.start + len(key.text) :].lstrip()[:1]
        return text[: key.start].endswith(" ") and behind in (",", "}") and "=" not in key.text and ":" not in key.text

    def _taken_apart(self, key: Scalar, value: Scalar) -> tuple[Scalar, Scalar]:
        """Take a key that swallowed its value apart, `load:5` or `load = 5`: said once, and read on as it was meant."""
        for sign in (":", "="):
            word, found, rest = key.text.partition(sign)
            if found and rest.strip():
                better = f"{word.strip()}: {rest.strip()}"
                message = f"a key is followed by a colon and a space; write {better}"
                self._problems.add(key.at, message, len(key.text))
                start = key.start + key.text.index(rest.strip())
                at = self._file.position(start)
                return replace(key, text=word.strip()), replace(value, text=rest.strip(), start=start, at=at)
        return key, value

    def _explained(self, error: yaml.YAMLError) -> Mistake:
        file, said = self._file, str(error)
        mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        context: Any = getattr(error, "context_mark", None)
        index: int = mark.index if mark is not None else getattr(error, "position", 0)
        at = file.position(index)
        if file.text.startswith("\t", index):
            return Mistake(at, "this is not YAML: here is a tab, and YAML indents with spaces.", 1)
        if self._long_quote is not None and mark is not None and self._long_quote[1] == mark.line:
            opened = self._at_mark(self._long_quote[0])
            return Mistake(opened, f"this is not YAML: a quote is opened here and closed only on line {at.line}.", 1)
        if "could not find expected ':'" in said and context is not None:
            at = self._at_mark(context)
        run_together = self._stumbled_over(said, at.line)
        if run_together is not None:
            return run_together
        quoted = re.search(r":\s+[\u201c\u201d\u201e\u2018\u2019]", file.line(at.line))
        if "mapping values are not allowed" in said and quoted:
            return AlreadySaid(at, "")
        before = self._opened_before(context, at.line) if "',' or" in said else ""
        for part, advice in EXPLANATIONS:
            if part in said:
                return Mistake(at, f"this is not YAML: {advice}{before}", 0)
        return Mistake(at, f"this is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}.")

    def _stumbled_over(self, said: str, line: int) -> Mistake | None:
        """What is run together on the line where YAML stumbles, or on the one before."""
        before = {"mapping values are not allowed": 1, "could not find expected ':'": 0}
        lines = next((range(line - more, line + 1) for part, more in before.items() if part in said), ())
        return next(filter(None, map(self._run_together, lines)), None)

    def _opened_before(self, context: Any, line: int) -> str:
        opened = line if context is None else self._at_mark(context).line
        return f" The bracket is opened on line {opened}." if opened < line else ""

    def _at_mark(self, mark: Any) -> Position:
        return self._file.position(mark.index)

    def _run_together(self, line: int) -> Mistake | None:
        """A dash or a key with no space behind it, which makes YAML stumble here or on the next line."""
        found = _RUN_TOGETHER.match(self._file.line(line))
        if found is None:
            return None
        at = Position(line, found.start("word") + 1)
        return Mistake(at, f"this is not YAML: a space is missing after `{found['word']}`.", len(found["word"]))


@lru_cache(maxsize=10_000)
def _surprise(text: str) -> str | None:
    """What to write instead of a plain value that not everybody reads alike; keys and words come again and again."""
    return next((advice.format(text=text) for pattern, advice in SURPRISES if pattern.fullmatch(text)), None)
