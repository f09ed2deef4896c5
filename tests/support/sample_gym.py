"""A gym for walks: who trains there, and how."""

from __future__ import annotations

import json
import urllib.request
from typing import Any, Final

from tests.support.running import PATIENCE_SECONDS, RunningSpotter

LONG: Final = "a-name-that-goes-on-and-on-and-does-not-end-before-64-characters"[:64]
"""A lifter with a long name."""

ANN: Final = "/lifters/ann"


def ask(spotter: RunningSpotter, method: str, path: str, body: Any = None) -> Any:
    """What the gym's server asks with its key; lines where the body is a list."""
    lines = isinstance(body, list)
    text = "\n".join(map(json.dumps, body)) if lines else json.dumps(body)
    request = urllib.request.Request(  # noqa: S310 - the URL is http, and ours
        f"{spotter.url}{path}",
        None if body is None else text.encode(),
        {
            "Authorization": f"Bearer {spotter.key}",
            "Content-Type": "application/x-ndjson" if lines else "application/json",
        },
        method=method,
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as reply:  # noqa: S310 - likewise
        answer = reply.read().decode()
        if lines:
            return [json.loads(line) for line in answer.splitlines()]
        return json.loads(answer) if answer else None


def populate(spotter: RunningSpotter) -> None:
    """Ann follows a programme, with a correction; Bob none, in pounds; Cy was erased; nobody trained Dan."""
    lines = [
        _event("ann", "p", "2026-10-04T12:00", "programme_assigned", programme="stronglifts"),
        _event("ann", "n", "2026-10-04T12:01", "lifter_noted", note="<script>alert(1)</script> & a sore knee"),
        *(each for number in range(9) for each in _session(number)),
        _event("ann", "fix", "2026-10-25T09:00", "set_corrected", corrects="s8-bench-press-4", reps=3),
        _event("bob", "u", "2026-10-04T12:00", "profile_changed", unit="lb", time_zone="America/New_York"),
        *(_set("bob", f"b{day}", f"2026-10-{day:02d}T12:00", "deadlift", 215 + day, "lb") for day in range(5, 25, 3)),
        _set("cy", "c", "2026-10-05T12:00", "squat", 60, "kg"),
        _event("dan", "u", "2026-10-04T12:00", "profile_changed", unit="kg"),
        _set(LONG, "l", "2026-10-05T12:00", "squat", 60, "kg"),
    ]
    became = ask(spotter, "POST", "/v1/events", lines)
    assert {each["outcome"] for each in became} == {"appended"}, became
    ask(spotter, "DELETE", "/v1/lifters/cy")


def _session(number: int) -> list[dict[str, Any]]:
    day = f"2026-10-{5 + 2 * number:02d}"
    return [
        *(
            _set("ann", f"s{number}-{exercise}-{place}", f"{day}T{hour}:{3 * place:02d}", exercise, load, "kg")
            for hour, exercise, load in ((18, "squat", 80 + 2.5 * number), (19, "bench-press", 60 + 2.5 * number))
            for place in range(5)
        ),
        _event("ann", f"end{number}", f"{day}T20:00", "session_completed"),
    ]


def _set(lifter: str, event_id: str, at: str, exercise: str, load: float, unit: str) -> dict[str, Any]:
    return _event(
        lifter, event_id, at, "set_logged", exercise=exercise, load={"value": load, "unit": unit}, reps=5, kind="work"
    )


def _event(lifter: str, event_id: str, at: str, kind: str, /, **data: Any) -> dict[str, Any]:
    return {"lifter": lifter, "event_id": event_id, "type": kind, "occurred_at": f"{at}:00Z", "data": data}
