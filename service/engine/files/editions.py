"""The edition that a programme file names: by which reading of the rules its results come about."""

from __future__ import annotations

from collections.abc import Mapping

from service.engine.files.fields import whole
from service.engine.files.yaml_tree import Entries, Node, Problems, read
from service.engine.ruleset.places import Mistake
from service.engine.version import EDITIONS, NEWEST_EDITION, UNNAMED_EDITION


def edition_from(node: Node, what: str) -> int:
    """Check an edition: one that this Spotter has."""
    edition = whole(node, what)
    if edition not in EDITIONS:
        newer = " It may need a newer Spotter." if edition > NEWEST_EDITION else ""
        raise Mistake(node.at, f"this Spotter has no edition {edition}; it has {_listed()}.{newer}")
    return edition


def edition_of(files: Mapping[str, bytes]) -> int:
    """The edition that the files of a rule set (path to bytes) name, also one that this Spotter has not.

    What is no number at all is left to the checker to refuse: here it counts as none named.
    """
    for path, data in files.items():
        if path.startswith("programmes/"):
            problems = Problems(path)
            tree = read(data, problems)
            with problems.collecting():
                for key, value in tree.values if isinstance(tree, Entries) else ():
                    if key.text == "edition":
                        return whole(value, "edition")
    return UNNAMED_EDITION


def _listed() -> str:
    return f"edition{'s' if len(EDITIONS) > 1 else ''} {', '.join(map(str, EDITIONS))}"
