"""Every fact that a rule may read. To add one, write a `Fact` into one of the groups, and let its path have a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.engine.ruleset.facts.fact import Fact
from service.engine.ruleset.facts.habit import HABIT
from service.engine.ruleset.facts.history import HISTORY
from service.engine.ruleset.facts.lifter_and_programme import LIFTER_AND_PROGRAMME
from service.engine.ruleset.facts.sets import SETS

FACTS: Final[Mapping[str, Fact]] = {fact.name: fact for fact in (*SETS, *HISTORY, *HABIT, *LIFTER_AND_PROGRAMME)}
"""By name, in the order of the reference."""

GROUPS: Final = frozenset(name.partition(".")[0] for name in FACTS if "." in name)
"""The first words of facts, for example ``set`` and ``history``."""
