"""Finding slots that nothing ever moves, beside one of the same exercise that moves on a track of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from service.engine.ruleset.programme import Slot
from service.engine.ruleset.scheme import Scheme


def unmoved(slots: Iterable[Slot], schemes: Mapping[str, Scheme]) -> Iterator[tuple[Slot, str]]:
    """Each unnamed track of which no slot moves the lever, by its first, where another of the exercise does; and why.

    The two stand on one day, as a lighter version of what is done first does, or in weeks apart, as what leads up to
    a test does; elsewhere they may well be two lifts. Whoever has named a track has thought about it.
    """
    tracks: dict[str, list[Slot]] = {}
    for slot in slots:
        tracks.setdefault(slot.track or f"{slot.exercise} {slot.progression.scheme}", []).append(slot)
    moved = [slot for each in tracks.values() for slot in each if _moves(schemes[slot.progression.scheme])]
    for track in tracks.values():
        first = track[0]
        scheme = schemes[first.progression.scheme]
        if first.track is not None or any(slot in moved for slot in track):
            continue
        for other in moved:
            alike = other.exercise == first.exercise and schemes[other.progression.scheme].lever == scheme.lever
            if alike and any(_belong(slot, other) for slot in track):
                said = (
                    f"{first.id} stays where it begins: {scheme.id} moves nothing itself, and {other.id}, which moves "
                    f"the {scheme.lever.replace('_', ' ')}, is on another track. Give both the same track, as in "
                    f"track: {first.exercise}."
                )
                yield first, said
                break


def _belong(one: Slot, other: Slot) -> bool:
    apart = one.weeks is not None and other.weeks is not None and one.weeks.isdisjoint(other.weeks)
    return one.day == other.day or apart


def _moves(scheme: Scheme) -> bool:
    return any(scheme.lever in rule.then for rules in scheme.rules.values() for rule in rules)
