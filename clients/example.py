"""Log a set so that it arrives exactly once, whatever the network does, and show what comes next.

make client
pip install ./clients/python
SPOTTER_API_KEY=... python clients/example.py http://127.0.0.1:8080 ann
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from datetime import UTC, datetime

import httpx
from spotter_client import AuthenticatedClient
from spotter_client.api.lifters import append_event, get_prescription
from spotter_client.models import Load, Prescription, Problem, Receipt, SetLogged, SetLoggedSubmission, Unit

_WORTH_ANOTHER_TRY = frozenset({429, 503})


class Refused(Exception):
    """What the service answered instead; sending the same again would not help."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.title}: {problem.detail}")
        self.problem = problem


def log_set(client: AuthenticatedClient, lifter: str, event: SetLoggedSubmission, *, patience_s: float = 60) -> Receipt:
    """Append a set, again and again until it is certain that the log has it.

    Its ``event_id`` makes that safe: the log takes an id once, and answers a repetition with what it did the first
    time. So keep the event, id included, until this returns. Raises `Refused` when trying again is useless, and the
    last error of the network when patience ends.
    """
    deadline = time.monotonic() + patience_s
    while True:
        wait = 1.0
        try:
            answer = append_event.sync_detailed(lifter, client=client, body=event)
        except httpx.TransportError:
            if time.monotonic() + wait > deadline:
                raise
        else:
            if isinstance(answer.parsed, Receipt):
                return answer.parsed
            if answer.parsed is None or answer.status_code not in _WORTH_ANOTHER_TRY:
                raise Refused(answer.parsed) if answer.parsed else RuntimeError(f"not in the contract: {answer}")
            wait = float(answer.headers["Retry-After"])
            if time.monotonic() + wait > deadline:
                raise Refused(answer.parsed)
        time.sleep(wait)


def next_sets(client: AuthenticatedClient, lifter: str, exercise: str) -> Prescription:
    """What to do next of an exercise; raises a `ProblemError`."""
    return get_prescription.sync(lifter, exercise, client=client)


def main(base_url: str, lifter: str) -> None:
    """Log a set of five and show the sets that follow from it."""
    with AuthenticatedClient(base_url=base_url, token=os.environ["SPOTTER_API_KEY"]) as client:
        done = SetLogged(exercise="deadlift", load=Load(100, Unit.KG), reps=5, rir=2)
        event = SetLoggedSubmission(
            event_id=uuid.uuid4().hex, type_="set_logged", occurred_at=datetime.now(UTC), data=done
        )
        receipt = log_set(client, lifter, event)
        print(f"version {receipt.version}, {receipt.outcome.value}")
        prescription = next_sets(client, lifter, "deadlift")
        for each in prescription.sets:
            print(f"{each.index}. {each.kind.value}: {each.load.to_dict() if each.load else 'a load to be found'}")
        print(*prescription.because, sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
