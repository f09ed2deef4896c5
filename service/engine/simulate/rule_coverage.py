"""Which rules were asked while examples ran, and which of them fired: what the examples cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.engine.replay.bound_programme import PlannedStep
from service.engine.replay.track import Track
from service.engine.replay.tracks import Tracks
from service.engine.ruleset.scheme import Rule, Scheme
from service.engine.ruleset.triggers import Trigger
from service.engine.simulate.read_sets import ReadSets


class AskedRule(NamedTuple):
    """A rule was asked, and fired or not."""

    scheme: str
    trigger: Trigger
    rule: int
    fired: bool


class Covered(NamedTuple):
    """Whether a rule fired at least once, and was passed over at least once, in all that was rehearsed."""

    rule: Rule
    fired: bool
    passed_over: bool

    @property
    def whole(self) -> bool:
        """Both."""
        return self.fired and self.passed_over


class RuleNotes(ReadSets):
    """Notes how sets are read, and which rules are asked, these also by the fold's duplicates, which look ahead."""

    def __init__(self, asked: set[AskedRule]) -> None:
        super().__init__()
        self._asked = asked
        self._tracks: Tracks

    def attach(self, tracks: Tracks) -> None:
        """Read the facts of this fold."""
        self._tracks = tracks

    def for_duplicate(self) -> RuleNotes:
        """One who writes to the same notes."""
        return RuleNotes(self._asked)

    def rules_begin(self, trigger: Trigger, steps: Sequence[PlannedStep], track: Track) -> None:
        """Note for each scheme the rule that will fire and those asked before it."""
        for planned in steps:
            result = planned.step(self._tracks.facts, track, track.own[planned.scheme])
            fired = len(planned.outcomes) if result is None else result[0]
            self._asked.update(AskedRule(planned.scheme, trigger, rule, fired=False) for rule in range(fired))
            if result is not None:
                self._asked.add(AskedRule(planned.scheme, trigger, fired, fired=True))
                rules = planned.bound.scheme.rules[trigger]
                if rules[-1].when is None and fired < len(rules) - 1:  # `otherwise` is passed over by any other
                    self._asked.add(AskedRule(planned.scheme, trigger, len(rules) - 1, fired=False))


def coverage(schemes: Iterable[Scheme], asked: Iterable[AskedRule]) -> list[Covered]:
    """Every rule of some schemes in the order of their files, by what was asked in all examples that were run."""
    known = set(asked)

    def seen(scheme: Scheme, trigger: Trigger, place: int, *, fired: bool) -> bool:
        return AskedRule(scheme.id, trigger, place, fired) in known

    return [
        Covered(
            rule,
            seen(scheme, trigger, place, fired=True),
            # An `otherwise` that stands alone can never be passed over.
            (rule.when is None and len(rules) == 1) or seen(scheme, trigger, place, fired=False),
        )
        for scheme in schemes
        for trigger, rules in scheme.rules.items()
        for place, rule in enumerate(rules)
    ]
