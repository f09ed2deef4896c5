"""What each edition of the engine answers: proof bundles in tests/data/editions/, made of golden logs.

A bundle has the very rules that its log pins, so it stays what it is when the library goes on. Those of an edition that
was released are never made anew: they are what holds it. For a new one::

    python -m tests.support.editions 2
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from service.domain.events import Event, EventData, ProgrammeAssigned
from service.domain.instants import Instant
from service.domain.same_event import canonical_data
from service.engine.files.library import library_from_files
from service.engine.ruleset.rule_set import RuleSet
from service.engine.version import UNNAMED_EDITION
from tests.support.bundles import asked_in, bundle_of, default_for, entries_of
from tests.support.golden import GOLDEN, Follower, Log, read
from tests.support.training import LIBRARY

EDITIONS: Final = Path(__file__).parents[1] / "data" / "editions"


class Golden(NamedTuple):
    """What a golden log asks for in a slot of one of its sessions, counted from 1."""

    programme: str
    session: int
    slot: str


GOLDENS: Final = (
    Golden("upper-back", 3, "hinge"),  # raise
    Golden("stronglifts", 10, "squat"),  # lower
    Golden("gzclp", 29, "tier-1"),  # advance
    Golden("nsuns", 5, "first"),  # raise, by an AMRAP set
    Golden("rpe-block", 6, "bench"),  # hold
    Golden("doggcrapp", 17, "chest"),  # reset
    Golden("greyskull", 28, "bench"),  # deload
)


class _Recorder(Follower):
    """Follows a golden log and keeps what is logged."""

    def __init__(self, log: Log) -> None:
        self.events: list[Event] = []
        super().__init__(log)

    def log(self, data: EventData) -> None:
        """Let something happen, and keep it."""
        super().log(data)
        self.events.append(_event(len(self.events) + 1, self.at, data))


def bundles(edition: int) -> Iterator[tuple[str, bytes]]:
    """The golden bundles of an edition, by the names of their files."""
    for golden in GOLDENS:
        yield f"{golden.programme}-{golden.session}-{golden.slot}.ndjson", b"".join(_bundle(golden, edition))


def _bundle(golden: Golden, edition: int) -> list[bytes]:
    rule_set = _of_edition(golden.programme, edition)
    default = default_for(rule_set)
    rule_sets = {each.digest: each for each in (rule_set, default)}
    events, asked_at = _followed(golden)
    assigned = _event(0, events[0].occurred_at, ProgrammeAssigned(golden.programme, rule_set.digest))
    entries = entries_of([assigned, *events], default.digest)
    return bundle_of(entries, rule_sets, asked_in(entries, rule_sets, golden.slot, asked_at))


def _followed(golden: Golden) -> tuple[list[Event], Instant]:
    """What is logged until a session begins, and when that is."""
    log = read((GOLDEN / f"{golden.programme}.txt").read_text())
    recorder = _Recorder(log)
    for session in log.sessions[: golden.session - 1]:
        done = {line.slot: line.done for line in session.lines}
        for each in recorder.begin(session):
            recorder.perform(each, done[each.slot.partition("/")[2]])
        recorder.end()
    recorder.begin(log.sessions[golden.session - 1])
    return recorder.events, recorder.at


def _event(number: int, at: Instant, data: EventData) -> Event:
    return Event(f"e{number}", data.schema_version, at, at, "golden", canonical_data(data))


def _of_edition(programme: str, edition: int) -> RuleSet:
    """A programme of the library that names an edition, unless it is the one of those that name none."""
    files = dict(LIBRARY.rule_set(programme).files)
    if edition != UNNAMED_EDITION:
        path = f"programmes/{programme}.yaml"
        files[path] += f"edition: {edition}\n".encode()
    return library_from_files(files).rule_set(programme)


if __name__ == "__main__":
    folder = EDITIONS / sys.argv[1]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in bundles(int(sys.argv[1])):
        (folder / name).write_bytes(content)
