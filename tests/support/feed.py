"""What a gym should be told of a lifter: every prescription that follows another, made from nothing each time."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from service.domain.instants import Instant, parse, render
from service.domain.prescription import Prescription
from tests.support.model import ModelLifter


class Seen(NamedTuple):
    """A change, as far as the model knows it."""

    slot: str
    exercise: str
    version: int
    at: str
    cause: str
    before: Any
    after: Any
    because: Any


def seen(change: dict[str, Any]) -> Seen:
    """A change of the feed."""
    named = ("prescription_id", "status", "outcome", "sets")
    before, after = (
        {name: side[name] for name in named} if side else None for side in (change["before"], change["after"])
    )
    because = change["after"] and [change["after"]["because"], change["after"]["valid_until"]]
    slot, exercise, version, at = (change[name] for name in ("slot", "exercise", "version", "at"))
    return Seen(slot, exercise, version, at, change["cause"]["type"], before, after, because)


class ModelFeed:
    """The feed of a model's lifter: after each append as seen then, and in between at every breakpoint of time."""

    def __init__(self, model: ModelLifter) -> None:
        self.model = model
        self.changes: list[Seen] = []
        self.version = 0
        self.as_of: Instant = 0
        self.known: dict[str, Prescription] = {}

    def append(self, now: Instant, default: str) -> None:
        """Events were logged together."""
        self.let_time_pass(now, default)
        self.version = len(self.model.log)
        state = self.model.state(self.version)
        self.as_of = max(now, state.shared.newest_at or now)
        self._look(now, "event", default)

    def let_time_pass(self, now: Instant, default: str) -> None:
        """Nothing was logged until now."""
        while self.known and not self.model.erased:
            here = self.model.prescriptions(self.as_of, default, self.version)
            at = min(parse(prescription.valid_until) for prescription in here.values())
            if at > now:
                return
            self.as_of = at
            self._look(at, "time", default)

    def _look(self, at: Instant, cause: str, default: str) -> None:
        found = self.model.prescriptions(self.as_of, default, self.version)
        for slot in [*found, *sorted(slot for slot in self.known if slot not in found)]:
            before, after = self.known.get(slot), found.get(slot)
            one, other = _noticed(before), _noticed(after)
            if one == other:
                continue
            exercise = (after or self.known[slot]).exercise
            because = after and [list(after.because), after.valid_until]
            shown = (_shown(before), _shown(after))
            self.changes.append(Seen(slot, exercise, self.version, render(at), cause, *shown, because))
            if after is None:
                del self.known[slot]
            else:
                self.known[slot] = after


def _noticed(prescription: Prescription | None) -> Any:
    return prescription and (prescription.status, prescription.sets, prescription.outcome)


def _shown(prescription: Prescription | None) -> Any:
    if prescription is None:
        return None
    shown = msgspec.json.decode(msgspec.json.Encoder(decimal_format="number").encode(prescription))
    return {name: shown[name] for name in ("prescription_id", "status", "outcome", "sets")}
