"""What a programme says once for several slots: named progressions, and templates of slots.

A slot that says ``use: NAME`` is read as if the template's keys stood in it, those that it has itself left out; a
progression by one of the programme's own names is the scheme of that name's, its parameters those of the name and the
slot's, of which the slot's count. Both are put in before anything is checked, and every value keeps its place.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from service.engine.files.fields import Fields, entries, kebab
from service.engine.files.several_exercises import named
from service.engine.files.yaml_tree import Entries, Node, Problems
from service.engine.ruleset.places import AlreadySaid, Mistake, Scalar
from service.engine.ruleset.suggestions import suggestion

SLOT_KEYS: Final = (
    "slot",
    "exercise",
    "exercises",
    "use",
    "progression",
    "deload",
    "rest_s",
    "track",
    "warmup",
    "weeks",
    "label",
    "notes",
    "with",
)
MOST_PUT_IN: Final = 5_000
"""Values that names stand for in all slots of a programme together: half of what a file of the largest size writes out.

What a name stands for is checked in each slot anew, so without an end a small file would take minutes."""
_TEMPLATE_KEYS: Final = tuple(key for key in SLOT_KEYS if key not in ("slot", "use"))


@dataclass(slots=True)
class Shared:
    """Named progressions and templates, each with its key; ``used`` are those that a slot has named."""

    progressions: Mapping[str, tuple[Scalar, Node]]
    templates: Mapping[str, tuple[Scalar, Node]]
    used: set[tuple[str, str]] = field(default_factory=set)
    put_in: int = 0

    def whole_slot(self, node: Node, problems: Problems) -> Node:
        """A slot with the template's keys that it leaves out. Mistake for a template that there is not."""
        if not isinstance(node, Entries):
            return node
        own = {key.text: value for key, value in node.values}
        use = own.get("use")
        if use is None:
            return node
        name = kebab(use, "use")
        if name not in self.templates:
            listed = f" There are {', '.join(self.templates)}." if self.templates else " This programme has none."
            raise Mistake(use.at, f"there is no template {name}.{suggestion(name, self.templates) or listed}")
        self.used.add(("template", name))
        template = entries(self.templates[name][1], f"the template {name}")
        self.count(template, use)
        Fields(template, problems, f"the template {name}", _TEMPLATE_KEYS)
        return replace(node, values=(*node.values, *(pair for pair in template.values if pair[0].text not in own)))

    def whole_progression(self, node: Node) -> Node:
        """A progression by one of the programme's names, written out; any other as it is."""
        key, given = named(node)
        if key is None or key.text not in self.progressions:
            return node
        self.used.add(("progression", key.text))
        scheme, params = named(self.progressions[key.text][1])
        self.count(self.progressions[key.text][1], key)
        if scheme is None:
            raise Mistake(node.at, f"{key.text} names one scheme, as {{name: {{parameter: value}}}}.")
        own = {name.text for name, _ in given}
        both = (*given, *(pair for pair in params if pair[0].text not in own))
        return Entries(((scheme, Entries(both, node.at)),), node.at) if both else scheme

    def count(self, node: Node, at: Node) -> None:
        """Count what is put into slots. Mistake where that is too much."""
        if self.put_in > MOST_PUT_IN:
            raise AlreadySaid(at.at, "")
        self.put_in += _values(node)
        if self.put_in > MOST_PUT_IN:
            most = f"{MOST_PUT_IN:,}"
            raise Mistake(
                at.at,
                f"templates, progressions and exercises put more than {most} values into slots; say it shorter.",
            )

    def report_unused(self, problems: Problems) -> None:
        """Report what no slot names."""
        for kind, names in (("progression", self.progressions), ("template", self.templates)):
            for name, (key, _) in names.items():
                if (kind, name) not in self.used:
                    problems.add(key.at, f"the {kind} {name} is never used; use it or delete it.", len(name))


def shared_parts(fields: Fields, schemes: Container[str]) -> Shared:
    """Read ``progressions`` and ``templates``. Mistake for a name that a scheme has."""
    progressions, templates = (
        {kebab(key, f"a name under {section}"): (key, value) for key, value in entries(node, section).values}
        if (node := fields.get(section)) is not None
        else {}
        for section in ("progressions", "templates")
    )
    for name, (key, _) in progressions.items():
        if name in schemes:
            raise Mistake(key.at, f"there is a scheme {name}; give the progression a name of its own.", len(name))
    return Shared(progressions, templates)


def _values(node: Node) -> int:
    """How many values a node holds, keys not counted."""
    if isinstance(node, Scalar):
        return 1
    below = [value for _, value in node.values] if isinstance(node, Entries) else node.values
    return 1 + sum(map(_values, below))
