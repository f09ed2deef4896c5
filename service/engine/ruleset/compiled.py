"""A scheme's generated code, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from service.engine.ruleset.triggers import Trigger
from service.engine.ruleset.typed_tree import Node


@dataclass(frozen=True, slots=True)
class Compiled:
    """A scheme's generated code: its source, for reading, and the factory that `bind` calls with the constants."""

    source: str
    factory: Callable[..., tuple[Any, ...]]
    constants: tuple[Node, ...]
    triggers: tuple[Trigger, ...]
    reads: frozenset[str]
    """The names of the facts that the scheme's expressions read."""
