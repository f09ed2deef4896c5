"""Sets a second through each of the library's programmes: full rules, in memory, nothing written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from bench.lifters import trained
from service.domain.events import content_sha256, encode
from service.engine.plan import Plans
from service.engine.replay import Run, decoded, replay_in_order
from service.store.rule_sets import DEFAULT_PROGRAMME, RuleSets

SETS: Final = 2_000
_REPEATS: Final = 5


def programmes(rule_sets: RuleSets, plans: Plans) -> dict[str, dict[str, Any]]:
    """For every published programme its sets a second; the floor decodes the same log and does no more."""
    published = rule_sets.published()
    default = published[DEFAULT_PROGRAMME]
    return {
        f"programme {name}": _measured(rule_sets, plans, default, digest) for name, digest in sorted(published.items())
    }


def _measured(rule_sets: RuleSets, plans: Plans, default: str, digest: str) -> dict[str, Any]:
    events, sets = trained(rule_sets.get(digest), plans, default, sets=SETS, seed=SETS)
    hashes = [content_sha256(event.event_id, event.occurred_at, event.data) for event in events]
    # The second entry is a baseline or a set: it is where a log pins the default rule set.
    run = Run(1, [encode(event) for event in events], hashes, default, 2)
    floor = _best(lambda: decoded(run))
    whole = _best(lambda: replay_in_order([run], plans))
    value, limit = sets / whole, sets / floor
    return {"value": round(value), "unit": "sets/s", "floor": round(limit), "ratio": round(value / limit, 3)}


def _best(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(_REPEATS):
        before = time.perf_counter()
        work()
        taken.append(time.perf_counter() - before)
    return min(taken)
