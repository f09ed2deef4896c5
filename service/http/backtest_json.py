"""What comes of trying rules on logs, as the contract has it, in counts."""

from __future__ import annotations

from typing import Any

from service.domain.instants import render
from service.engine.simulate.walk_forward import Case, Measure


def measure_json(measure: Measure) -> dict[str, Any]:
    """What was asked for beside what was lifted: of how many cases, and the shares of them."""
    shares = {
        name: {
            "count": share.part,
            "of": share.whole,
            "percent": None if share.percent is None else round(share.percent, 1),
        }
        for name, share in measure.shares().items()
    }
    return {"exercise_sessions": measure.cases, **shares}


def case_json(case: Case) -> dict[str, Any]:
    """An exercise in a session: what was asked for, what was lifted, and why it was asked for."""
    return {
        "exercise": case.exercise,
        "session_id": case.session,
        "at": render(case.at),
        "version": case.version,
        "unit": case.unit,
        "asked": {"load": case.asked.load, "reps": case.asked.reps},
        "lifted": {"load": case.lifted.top.load, "reps": case.lifted.top.reps},
        "last_time": case.last,
        "slot": case.prescription.slot,
        "sets": case.prescription.sets,
        "outcome": case.prescription.outcome,
        "because": case.prescription.because,
    }
