"""Slots of several exercises: in turn from week to week, in weeks of their own, or as the rungs of a ladder.

``exercises:`` lists them, each by its name or as the keys of a slot that it has for itself. Such a slot is read as one
for each, ``SLOT-EXERCISE``, before anything is checked, and every value keeps its place:

- Without more they take turns: the first in the first week of the cycle, or of the slot's ``weeks``, and so on.
- Where each has ``weeks`` of its own, it is done in those.
- Where the progression has a parameter ``rung``, that is each one's number, ``rungs`` how many there are, and they
  share a track: the progression decides which of them is done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from service.engine.files.fields import entries, items, kebab
from service.engine.files.yaml_tree import Entries, Node
from service.engine.ruleset.places import Mistake, Scalar

MOST_EXERCISES: Final = 30
EXERCISES: Final = "exercises"


def listed_exercises(slot: Entries) -> list[Entries]:
    """What each of a slot's exercises says for itself, its exercise at least. Mistake where they are not listed."""
    own = dict_of(slot)
    if "exercise" in own:
        raise Mistake(own["exercise"].at, "a slot has an exercise, or several under exercises, not both.")
    nodes = items(own[EXERCISES], EXERCISES)
    if not 2 <= len(nodes) <= MOST_EXERCISES:
        said = f"{EXERCISES} lists 2 to {MOST_EXERCISES} of them, but here are {len(nodes)}"
        raise Mistake(own[EXERCISES].at, f"{said}; one alone is written exercise: ...")
    return [_entry(node) for node in nodes]


def by_week(slot: Entries, listed: list[Entries], weeks: list[int]) -> list[Entries]:
    """The slots of exercises that take turns over these weeks, or have weeks of their own."""
    own = [entry for entry in listed if "weeks" in dict_of(entry)]
    if own:
        if len(own) < len(listed):
            other = next(entry for entry in listed if entry not in own)
            raise Mistake(other.at, "of the exercises of a slot all say in which weeks they are done, or none does.")
        return [_joined(slot, entry) for entry in listed]
    if len(weeks) % len(listed):
        at = dict_of(slot)[EXERCISES].at
        have = f"{len(weeks)} week{'s' if len(weeks) > 1 else ''} of the cycle"
        raise Mistake(
            at,
            f"{len(listed)} exercises take turns, but {have} cannot be shared out among them: let the cycle have a "
            f"multiple of {len(listed)} weeks, list some twice, or give each its weeks: {{exercise: ..., weeks: ...}}.",
        )
    turns: dict[str, list[int]] = {}
    entry_of: dict[str, Entries] = {}
    for place, week in enumerate(weeks):
        entry = listed[place % len(listed)]
        name = _name(slot, entry).text
        turns.setdefault(name, []).append(week)
        if entry_of.setdefault(name, entry).values != entry.values and _plain(entry) != _plain(entry_of[name]):
            raise Mistake(entry.at, f"{name} is there twice, not saying the same; give one a slot: of its own.")
    return [_joined(slot, entry_of[name], ("weeks", ", ".join(map(str, weeks_of)))) for name, weeks_of in turns.items()]


def by_rung(slot: Entries, listed: list[Entries]) -> list[Entries]:
    """The slots of exercises that are rungs, on a track named like the slot where it names none."""
    own = dict_of(slot)
    name = kebab(own["slot"], "slot")
    track = () if "track" in own else (("track", name),)
    return [_joined(slot, entry, *track) for entry in listed]


def dict_of(node: Entries) -> dict[str, Node]:
    """The values of a mapping by key."""
    return {key.text: value for key, value in node.values}


def with_params(node: Node, under: Node | None, **params: int) -> Node:
    """A progression with parameters, those of ``under`` below its own where that is the same scheme."""
    name, given = named(node)
    if name is None:
        return node
    if under is not None and under is not node:
        other, below = named(under)
        if other is not None and other.text == name.text:
            own = {key.text for key, _ in given}
            given = (*given, *(pair for pair in below if pair[0].text not in own))
    said = {key.text for key, _ in given}
    more = tuple((_word(name, key), _word(name, str(value))) for key, value in params.items() if key not in said)
    return Entries(((name, Entries((*given, *more), node.at)),), node.at)


def named(node: Node) -> tuple[Scalar | None, tuple[tuple[Scalar, Node], ...]]:
    """The name and the parameters of a use of a scheme; no name where it is written otherwise."""
    if isinstance(node, Scalar):
        return node, ()
    if isinstance(node, Entries) and len(node.values) == 1 and isinstance(node.values[0][1], Entries):
        return node.values[0][0], node.values[0][1].values
    return None, ()


def _entry(node: Node) -> Entries:
    if isinstance(node, Scalar):
        kebab(node, "exercise")
        return Entries(((_word(node, "exercise"), node),), node.at)
    entry = entries(node, "one of the exercises")
    if "exercise" not in dict_of(entry):
        raise Mistake(entry.at, "one of the exercises needs a line exercise: ...")
    if EXERCISES in dict_of(entry) or "use" in dict_of(entry):
        raise Mistake(entry.at, "one of the exercises says what a slot does, but neither exercises nor use.")
    return entry


def _name(slot: Entries, entry: Entries) -> Scalar:
    """The name of the slot of one of the exercises."""
    own, base = dict_of(entry), dict_of(slot)
    if "slot" in own:
        return _scalar(own["slot"], "slot")
    exercise = _scalar(own["exercise"], "exercise")
    return replace(exercise, text=f"{kebab(base['slot'], 'slot')}-{kebab(exercise, 'exercise')}")


def _joined(slot: Entries, entry: Entries, *more: tuple[str, str]) -> Entries:
    """The slot of one of its exercises: what that says for itself, then what all have in common."""
    name = _name(slot, entry)
    given = [(_word(name, "slot"), name), *(pair for pair in entry.values if pair[0].text != "slot")]
    given += [(_word(name, key), _word(name, value)) for key, value in more]
    said = {key.text for key, _ in given}
    common = (pair for pair in slot.values if pair[0].text not in said and pair[0].text != EXERCISES)
    return Entries((*given, *common), entry.at)


def _scalar(node: Node, what: str) -> Scalar:
    kebab(node, what)
    assert isinstance(node, Scalar)  # noqa: S101 - a name is one
    return node


def _word(like: Scalar, text: str) -> Scalar:
    """A value that the file does not write, at the place of one that it does."""
    return replace(like, text=text, plain=True)


def _plain(node: Node) -> object:
    """A node without its places."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Entries):
        return {key.text: _plain(value) for key, value in node.values}
    return [_plain(value) for value in node.values]
