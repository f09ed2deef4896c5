"""Rule files as trees in which every value knows its place: safe YAML, and no surprise passes silently.

A rule file is plain data. Anchors, aliases and tags are refused altogether, so nothing in a file can grow when it is
read; values keep their text until something asks for a number, so ``no`` never turns into false nor 012 into 10.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import yaml

from service.domain.errors import RuleError
from service.engine.files.yaml_advice import EXPLANATIONS, SURPRISES

MAXIMUM_BYTES = 65_536
MAXIMUM_DEPTH = 20

_WORD = re.compile(r"[\w.-]*\w")
_INVISIBLE = re.compile("^[ \t]*([\u00a0\u2000-\u200b\u202f\u3000])", re.MULTILINE)
_RUN_TOGETHER = re.compile(r"\s*(?:- )?(?P<word>-|[a-z][a-z ]*:)(?=[^\s-])", re.IGNORECASE)

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Position(NamedTuple):
    """A place in a file; both count from 1."""

    line: int
    column: int


class Mistake(Exception):
    """Something in a rule file is wrong at ``at``; the message is a sentence for the coach."""

    def __init__(self, at: Position, message: str, width: int = 0) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.width = width
        """How many characters from ``at`` on are wrong; 0: the word there."""


class AlreadySaid(Mistake):
    """What is wrong here follows from a mistake that has been reported; it is not reported again."""


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


class FileText:
    """The text of a file; finds the line and column of a character."""

    def __init__(self, data: bytes) -> None:
        try:
            self.text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            at = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
            raise Mistake(at, "this byte is not UTF-8 text; save the file as UTF-8.") from None
        strange = _INVISIBLE.search(self.text)
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        if strange:
            raise Mistake(
                self.position(strange.start(1)),
                "an invisible character that only looks like a space stands here; replace it with a plain space.",
                1,
            )

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty where there is none."""
        lines = self.text.split("\n")
        return lines[number - 1] if 1 <= number <= len(lines) else ""

    def position(self, index: int) -> Position:
        """Where the character at ``index`` stands."""
        line = bisect_right(self._line_starts, index)
        return Position(line, index - self._line_starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as its text; ``plain`` when it stands without quotes."""

    text: str
    plain: bool
    at: Position
    file: FileText = field(repr=False)
    start: int = field(repr=False)
    style: str | None = field(repr=False)

    def position(self, offset: int) -> Position:
        """Where in the file the character at ``offset`` of this value stands, also inside quotes and folded text."""
        places = _every_place(self.file, self.start, self.text, self.style)
        return self.file.position(places[min(offset, len(places) - 1)] if places else self.start)


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
        elif "mapping values are not allowed" in said:
            for line in (at.line - 1, at.line):
                run_together = self._run_together(line)
                if run_together is not None:
                    return run_together
            if re.search(r":\s+[\u201c\u201d\u201e\u2018\u2019]", file.line(at.line)):
                return AlreadySaid(at, "")
        for part, advice in EXPLANATIONS:
            if part in said:
                return Mistake(at, f"this is not YAML: {advice}", 0)
        return Mistake(at, f"this is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}.")

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


@lru_cache(maxsize=64)
def _every_place(file: FileText, start: int, value: str, style: str | None) -> tuple[int, ...]:
    """All of `_places`: an expression is asked for the place of each of its parts."""
    return tuple(_places(file.text, start, value, style))


def _places(text: str, start: int, value: str, style: str | None) -> Iterator[int]:
    """Where in the file each character of a value stands; quotes, escapes and folds are stepped over."""
    at = start
    if style in ("|", ">"):
        at = text.find("\n", start) + 1
    elif style is not None:
        at = start + 1
    for character in value:
        if character.isspace():
            yield at
            blank = re.compile(r"\s*").match(text, at)
            end = blank.end() if blank else at
            if text.startswith("\\", at):
                at += 2
            else:
                at = end if "\n" in text[at:end] else min(at + 1, end)
        else:
            found = text.find(character, at)
            at = found if found >= 0 else at
            yield at
            at += 1
