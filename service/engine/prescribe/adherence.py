"""What was performed against a recommendation: each set held against the one asked for, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from service.domain.events import Event, SetLogged
from service.domain.instants import render
from service.domain.prescription import PrescribedSet, Range, ShownLoad
from service.engine.replay.bound_programme import PlannedSlot

Verdict: TypeAlias = Literal["followed", "exceeded", "missed", "changed"]


class SetAdherence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A work set as the log has it now, corrections applied; of one-sided sets both, and the weaker counts."""

    index: int
    event_ids: tuple[str, ...]
    occurred_at: str
    load: ShownLoad
    verdict: Verdict
    reps: int | None = None
    seconds: int | None = None
    rir: Decimal | None = None


class Count(NamedTuple):
    """A work set as it was counted: the ``number`` of its slot, from 1, in a session."""

    slot: PlannedSlot
    number: int
    session: int
    versions: tuple[int, ...]


def set_adherence(
    sets: Sequence[PrescribedSet], counted: Sequence[Count], exercise: str, effective: Mapping[int, Event]
) -> Iterator[SetAdherence]:
    """The sets counted, as effective history has them now, against the work sets that a recommendation asked for."""
    sets = [each for each in sets if each.kind != "warmup"]
    for count in counted:
        events = [effective[version] for version in count.versions if version in effective]
        both = [event.data for event in events if isinstance(event.data, SetLogged) and event.data.exercise == exercise]
        amounts = [getattr(data, count.slot.measure) for data in both]
        if not both or None in amounts or not sets:
            continue
        asked = next((each for each in sets if each.index == count.number), sets[-1])
        unit = both[0].load.unit if asked.load is None else asked.load.unit
        load = ShownLoad(min(data.load.in_unit(unit) for data in both), unit)
        yield SetAdherence(
            count.number,
            tuple(event.event_id for event in events),
            render(events[-1].occurred_at),
            load,
            _verdict(asked, load, min(amounts), asked.reps if count.slot.measure == "reps" else asked.seconds),
            rir=min((data.rir for data in both if data.rir is not None), default=None),
            **{count.slot.measure: min(amounts)},
        )


def _verdict(asked: PrescribedSet, load: ShownLoad, amount: int, amounts: Range | None) -> Verdict:
    """A set lighter than asked, or of fewer repetitions or seconds, missed; else heavier or of more, exceeded."""
    wanted = load.value if asked.load is None else asked.load.value
    if load.value < wanted or (amounts is not None and amount < amounts.min):
        return "missed"
    more = load.value > wanted or (amounts is not None and amount > amounts.max)
    return "exceeded" if more else "followed"


def overall(verdicts: Sequence[Verdict], *, unfinished: bool) -> Verdict:
    """What a recommendation that is over came to; ``unfinished``: its session ended before its last set."""
    if not verdicts:
        return "changed"
    if unfinished or "missed" in verdicts:
        return "missed"
    return "exceeded" if "exceeded" in verdicts else "followed"
