"""Catalogue files: many exercises, a line each, under facts that they share.

A rule set holds of such a file its head and the lines of the exercises that it uses, no more; that is a catalogue file
again, and reading it gives the same exercises.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from service.domain.exercises import Exercise
from service.engine.files.exercise_files import SHAREABLE, shareable, texts, worked
from service.engine.files.fields import Fields, entries, identity, kebab, sources, text
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.ruleset.places import Mistake, Position

_KEYS = ("catalogue", "title", *SHAREABLE, "sources", "exercises")
_ENTRY_KEYS = ("title", "target", "synergists", *SHAREABLE, "aliases")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """A catalogue file, checked; ``places`` says where in it each exercise starts, in order."""

    file: str
    exercises: Mapping[str, Exercise]
    places: Mapping[str, Position]

    def part(self, data: bytes, used: Container[str]) -> bytes:
        """Of the file's bytes the head and the lines of the exercises that are used."""
        lines = BytesIO(data).readlines()
        starts = [place.line - 1 for place in self.places.values()]
        kept = lines[: starts[0]]
        for name, start, end in zip(self.places, starts, [*starts[1:], len(lines)], strict=True):
            if name in used:
                kept += lines[start:end]
        return b"".join(kept)


def catalogue_from(file: str, node: Node, problems: Problems) -> CatalogueFile | None:
    """Check a catalogue file; None, and something in ``problems``, when it is not right."""
    before = len(problems.errors)
    with problems.collecting():
        fields = Fields(node, problems, "a catalogue", _KEYS)
        identity(fields, "catalogue", file)
        text(fields.need("title"), "title")
        shared: dict[str, Any] = {**shareable(fields), "sources": sources(fields, problems, needed=True)}
        nodes = entries(fields.need("exercises"), "exercises")
        _check_layout(fields.node, nodes)
        exercises: dict[str, Exercise] = {}
        for key, value in nodes.values:
            with problems.collecting():
                name = kebab(key, "an exercise's id")
                exercises[name] = _exercise(name, value, shared, problems)
        if len(problems.errors) == before:
            return CatalogueFile(file, exercises, {key.text: key.at for key, _ in nodes.values})
    return None


def _exercise(name: str, node: Node, shared: Mapping[str, Any], problems: Problems) -> Exercise:
    fields = Fields(node, problems, "an exercise", _ENTRY_KEYS)
    said = {**shared, **shareable(fields)}
    for fact in ("equipment", "load"):
        if fact not in said:
            raise Mistake(node.at, f"neither {name} nor the head of the file has a line {fact}: ...")
    return Exercise(
        id=name,
        title=text(fields.need("title"), "title"),
        **worked(fields),
        **said,
        aliases=fields.optional("aliases", texts) or (),
    )


def _check_layout(file: Entries, exercises: Entries) -> None:
    """The exercises come last and each starts a line of its own, so that lines can be taken out of the file."""
    if not exercises.values:
        raise Mistake(exercises.at, "exercises is empty: a catalogue has at least one.")
    if file.values[-1][0].text != "exercises":
        raise Mistake(file.values[-1][0].at, "exercises is the last key of a catalogue; put this above it.")
    if exercises.at != exercises.values[0][0].at:
        raise Mistake(
            exercises.at, "write each exercise on a line of its own below exercises:, without braces around all."
        )
