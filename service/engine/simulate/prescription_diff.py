"""How what two rule sets prescribe along one log goes apart, slot by slot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.domain.prescription import Prescription, substance_of
from service.engine.simulate.simulation import Simulated


class Divergence(NamedTuple):
    """A slot for which the two prescribe otherwise ``times`` of the ``of`` times that it was looked at.

    That is before the first set, after each set of its exercise, and after each session. ``before`` and ``after`` are
    what each prescribes where they first differ: in session ``session`` or, unless ``in_session``, after it (0: before
    any). None where a rule set has no such slot.
    """

    slot: str
    times: int
    of: int
    session: int
    in_session: bool
    before: Prescription | None
    after: Prescription | None


def diverging(before: Simulated, after: Simulated) -> list[Divergence]:
    """The slots that differ in what a lifter would notice, in the order in which they first do."""
    looks = [_Look(0, in_session=False, ones=before.initial, others=after.initial)]
    looks += [
        _Look(one.session, in_session=True, ones=[one.prescription], others=[other.prescription])
        for one, other in zip(before.sets, after.sets, strict=False)
    ]
    looks += [
        _Look(one.number, in_session=False, ones=one.prescriptions, others=other.prescriptions)
        for one, other in zip(before.sessions, after.sessions, strict=False)
    ]
    looks.sort(key=lambda look: (look.session, not look.in_session))  # stable: sets stay in their order
    found: dict[str, Divergence] = {}
    seen: Counter[str] = Counter()
    for look in looks:
        by_slot, by_slot_after = ({each.slot: each for each in side} for side in (look.ones, look.others))
        for slot in dict.fromkeys([*by_slot, *by_slot_after]):
            seen[slot] += 1
            one, other = by_slot.get(slot), by_slot_after.get(slot)
            if _to_do(one) != _to_do(other):
                known = found.get(slot) or Divergence(slot, 0, 0, look.session, look.in_session, one, other)
                found[slot] = known._replace(times=known.times + 1)
    return [each._replace(of=seen[each.slot]) for each in found.values()]


@dataclass(frozen=True, slots=True)
class _Look:
    """What both prescribe at one time."""

    session: int
    in_session: bool
    ones: list[Prescription]
    others: list[Prescription]


def _to_do(prescription: Prescription | None) -> Any:
    return None if prescription is None else substance_of(prescription).what_to_do
