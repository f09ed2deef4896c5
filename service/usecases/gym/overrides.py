"""What a gym's rules were overridden with lately, and which rule had said otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec

from service.domain.errors import ChangesGone, Erased, InvalidInput, NotFound
from service.domain.events import Event, Overridden
from service.domain.feed import Place
from service.domain.identifiers import LifterRef
from service.engine.prescribe.display import ShownPrescription, ShownReason
from service.engine.prescribe.next_session import Prescriber
from service.engine.prescribe.reasons import OVERRIDDEN
from service.usecases.gym import feed
from service.usecases.lifter.prescribe import fold_of, state_at
from service.usecases.services import Services

MOST_OVERRIDES: Final = 40
"""Overrides that are looked at: for each, the lifter's log is replayed up to it."""

MOST_CHANGES: Final = 5000
"""Of a gym's newest changes, those that are looked through for them."""

_PAGE: Final = 1000
_OURS: Final = "spotter/"


class Override(NamedTuple):
    """An override, and what the rules asked for in the same place just before; ``rule`` is what had said so last."""

    lifter: str
    event: Event
    said: Overridden
    asked: ShownPrescription
    rule: ShownReason | None

    @property
    def code(self) -> str:
        """``<scheme>/<rule>``; empty where no rule had moved anything."""
        return "" if self.rule is None else self.rule.code


class OfRule(NamedTuple):
    """Overrides, the newest first, of what one rule had said."""

    code: str
    overrides: Sequence[Override]


def overrides_by_rule(services: Services, gym: str) -> list[OfRule]:
    """The newest `MOST_OVERRIDES` of a gym by the rule that they speak against; that which has the most comes first.

    They are found among the newest `MOST_CHANGES` changes of the gym's feed.
    """
    by_rule: dict[str, list[Override]] = {}
    for each in islice(_overrides(services, gym), MOST_OVERRIDES):
        by_rule.setdefault(each.code, []).append(each)
    found = [OfRule(code, overrides) for code, overrides in by_rule.items()]
    return sorted(found, key=lambda each: (-len(each.overrides), each.code))


def _overrides(services: Services, gym: str) -> Iterator[Override]:
    seen = set[tuple[str, int]]()
    for change in _changes(services, gym):
        lifter, slot = LifterRef(gym, change["lifter"]), change["slot"]
        try:
            once = state_at(services, lifter, at_version=change["version"]).shared.once.get(slot)
            if once is None or (lifter.lifter, once.version) in seen:
                continue
            seen.add((lifter.lifter, once.version))
            found = _override(services, lifter, once.version)
        except (
            LookupError,
            NotFound,
            Erased,
            InvalidInput,
        ):  # erased, or replaced by another log, since the change was told
            continue
        if found is not None:
            yield found


def _override(services: Services, lifter: LifterRef, version: int) -> Override | None:
    """The override that an entry of a log is, beside what the rules asked for before it; None for what is none."""
    event = services.log.read(lifter, version - 1, 1)[0].event
    if not isinstance(event.data, Overridden) or version == 1:
        return None
    said, at = event.data, event.recorded_at
    state = state_at(services, lifter, at_version=version - 1)
    state.shared.once = {slot: once for slot, once in state.shared.once.items() if slot != said.slot}  # one before it
    prescriber = Prescriber(fold_of(services, state, at), at)
    asked = prescriber.shown(lifter.lifter, prescriber.due_in(said.slot))
    rules = [each for each in asked.reasons if not each.overruled and not each.code.startswith(_OURS)]
    return Override(lifter.lifter, event, said, asked, rules[-1] if rules else None)


def _changes(services: Services, gym: str) -> Iterator[dict[str, Any]]:
    """The changes after which a slot is overridden, the newest first."""
    oldest, upto = feed.before_oldest(services, gym).number, feed.newest(services, gym).number
    end = max(oldest, upto - MOST_CHANGES)
    while upto > end:
        after = max(upto - _PAGE, end)
        try:
            page = feed.read_feed(services, gym, Place(after), upto - after).changes
        except ChangesGone:  # trimmed just now
            return
        for each in reversed(page):
            if _MARK in each.json:
                change: dict[str, Any] = msgspec.json.decode(each.json)
                if change["after"] and any(said.startswith(OVERRIDDEN) for said in change["after"]["because"]):
                    yield change
        upto = after


_MARK: Final = OVERRIDDEN.encode()
