"""Making a prescription again from the log and the rules, with everything that was considered on the way. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple, cast

import msgspec

from service.domain.counting import Counted
from service.domain.equipment import Loading
from service.domain.errors import NotFound
from service.domain.exact import exact
from service.domain.hash_chain import canonical_json, sha256_of
from service.domain.prescription import Prescription, PrescriptionId
from service.engine.derive.json_values import track_json, value_json
from service.engine.derive.tracer import Tracer, Trail
from service.engine.prescribe.next_session import Next, Prescriber
from service.engine.replay.bound_programme import PlannedSlot, Plans
from service.engine.replay.fold import Fold
from service.engine.replay.projection import Run, fold_whole
from service.engine.ruleset.bound_scheme import RawSet
from service.engine.ruleset.scheme import Scheme


class Proof(NamedTuple):
    """A derivation, and what it was made of.

    ``document`` is what is shown and hashed; ``asked`` are, for each of its triggers, the schemes whose rules it
    lists; ``slot`` is the slot as it stood.
    """

    document: dict[str, Any]
    prescription: Prescription
    slot: PlannedSlot
    asked: Sequence[Sequence[Scheme]]


@exact
def prove(run: Run, plans: Plans, lifter: str, asked: PrescriptionId) -> Proof:
    """The proof of a prescription from the log up to its version, and nothing else.

    Raises `NotFound` for an id that this log and the archived rules do not lead to.
    """
    try:
        fold = _traced(run, plans, asked)
        prescriber = Prescriber(fold, asked.valid_from)
        due = prescriber.due_in(asked.slot)
        prescription, raw = prescriber.prescription(lifter, due)
    except LookupError:
        raise NotFound("the rule set of this prescription is not in the archive") from None
    if prescription.prescription_id != asked.encode():
        raise NotFound("no prescription of this lifter has this id")
    trail = cast(Tracer, due.fold.observer).trail(due.slot)  # whoever watches a duplicate is a tracer too
    return Proof(_document(due, trail, prescription, raw), prescription, due.slot, trail.asked)


def _traced(run: Run, plans: Plans, asked: PrescriptionId) -> Fold:
    """Fold twice: first to learn with which session the slot's reasons begin, then tracing from there on.

    In an open session what is shown may be as that found it, so the one before is traced too.
    """
    plain = fold_whole(run, plans, as_of=asked.valid_from)
    plain.assume(asked.digest)
    key = plain.rules.slot(asked.slot).track
    track = plain.state.tracks.get(key)
    session = 0 if track is None else (track.opening or track).reasons_from
    fold = fold_whole(run, plans, lambda: Tracer(key, session), as_of=asked.valid_from)
    fold.assume(asked.digest)
    return fold


def _document(due: Next, trail: Trail, prescription: Prescription, raw: list[RawSet]) -> dict[str, Any]:
    fold, slot = due.fold, due.slot
    shared = fold.state.shared
    unit = shared.working_unit
    track = fold.tracks.of(slot)
    loading = slot.loading_for(track)
    document = msgspec.json.decode(
        canonical_json(
            {
                "prescription": msgspec.to_builtins(prescription, builtin_types=(Decimal,)),
                "track": slot.track,
                "version": shared.version,
                "engine": shared.engine,
                "log_head": shared.head.hex(),
                "earlier": trail.earlier,
                "triggers": trail.triggers,
                **_overridden(due),
                "state": track_json(slot, track, unit),
                "sets": [
                    _rounding(loading, slot.counted, shown_set.index, each)
                    for shown_set, each in zip(prescription.sets, raw, strict=True)
                ],
            }
        )
    )
    return {**document, "sha256": sha256_of(document)}


def _overridden(due: Next) -> dict[str, Any]:
    """The event that gives the slot's next session a load of its own, where one does."""
    once = due.fold.state.shared.once.get(due.slot.id)
    if once is None or once.load is None:
        return {}
    event = cast(Tracer, due.fold.observer).cause(once.version)
    return {"overridden": {**event, "load": value_json(once.load.value, once.load.unit), "reason": once.reason}}


def _rounding(loading: Loading, counted: Counted, index: int, raw: RawSet) -> dict[str, Any]:
    """The chain from a set's raw load, as the lifter counts it, to the one that the lifter can make."""
    if raw.load is None:
        return {"index": index, "raw": None}
    rounded = loading.explain(raw.load)

    def told(whole: Decimal | None) -> Any:
        return None if whole is None else value_json(counted.told(whole).value, counted.unit)

    uncounted = {"uncounted": value_json(counted.uncounted, counted.working)} if counted.uncounted else {}
    plates = rounded.plates
    return {
        "index": index,
        **uncounted,
        "raw": told(raw.load),
        "rounding": loading.mode,
        "below": told(rounded.below),
        "above": told(rounded.above),
        "rounded": told(rounded.load),
        "plates_each_side": None if plates is None else [value_json(plate, counted.unit) for plate in plates],
    }
