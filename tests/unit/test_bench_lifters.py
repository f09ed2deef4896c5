"""The lifter that the benchmark is measured with can follow every programme there is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bench.lifters import trained
from service.domain.events import SetLogged
from service.engine.model import RuleSet
from service.engine.plan import Plans
from tests.support.training import DEFAULT, LIBRARY

SETS: Mapping[str, RuleSet] = {name: LIBRARY.rule_set(name) for name in LIBRARY.programmes}
PLANS = Plans({rule_set.digest: rule_set for rule_set in SETS.values()})


@pytest.mark.parametrize("programme", SETS)
def test_every_programme_is_followed_as_prescribed_and_sometimes_missed(programme: str) -> None:
    rule_set = SETS[programme]
    events, sets = trained(rule_set, PLANS, DEFAULT.digest, sets=80, seed=1)
    logged = [event.data for event in events if isinstance(event.data, SetLogged)]
    assert len(logged) == sets >= 80
    named = {each.slot for each in logged} - {None}
    assert named <= {slot.id for day in rule_set.programme.days for slot in day.slots}
    assert bool(named) == bool(rule_set.programme.days)
    assert trained(rule_set, PLANS, DEFAULT.digest, sets=80, seed=1) == (events, sets)
    assert trained(rule_set, PLANS, DEFAULT.digest, sets=80, seed=2).events != events
