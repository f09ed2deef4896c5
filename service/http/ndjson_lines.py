"""Judging lines of events as they come, and writing the answer to each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import g

from service import logs
from service.domain.errors import SpotterError, Unavailable
from service.domain.identifiers import LifterRef
from service.http.auth import caller
from service.http.bodies import LARGEST_BODY, NumberedLine, TooLarge, numbered_lines
from service.http.metrics import Metrics
from service.http.problems import refusal
from service.http.replies import encode
from service.http.schemas.submissions import LINE, posted
from service.http.strict_json import read
from service.usecases.log.append import Receipt, Submission
from service.usecases.log.append_bulk import MOST_LINES, Line, append_lines
from service.usecases.services import Services

_log = logs.logger("spotter.http")


class Judging:
    """One request: what its lines are judged with once its context is gone, and how the answer is written.

    ``minimal``: the answer tells what was refused and, in a last line, how many lines became what.
    """

    def __init__(self, services: Services, metrics: Metrics, *, minimal: bool) -> None:
        self._services = services
        self._metrics = metrics
        self._caller = caller()
        self._request_id = g.request_id
        self.minimal = minimal
        self._counts: Counter[str] = Counter()
        self._last = 0
        self._gone: Unavailable | None = None
        self.is_final = True
        """Whether sending the same lines again would bring the same to pass."""

    def answer(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The answer to the lines of a body, as it comes, a piece for each of its chunks."""
        for lines in numbered_lines(chunks, LARGEST_BODY):
            for start in range(0, len(lines), MOST_LINES):
                yield self._judge(lines[start : start + MOST_LINES])
        if self.minimal:
            counts = {name: self._counts[name] for name in ("appended", "already_appended", "refused")}
            yield self._written({"lines": sum(self._counts.values()), **counts})

    def guarded(self, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
        """An answer that has begun; what stops it is its last line."""
        try:
            yield first
            yield from rest
        except Exception as error:  # noqa: BLE001 - the status is long sent
            yield self._written({"line": self._last + 1, "outcome": "stopped", "problem": self._problem(error)})

    def _judge(self, lines: list[NumberedLine]) -> bytes:
        """Append what is right of some lines; the lines of the answer to them."""
        outcomes: dict[int, Receipt | Exception] = {}
        taken: list[Line] = []
        places: list[int] = []
        for place, line in enumerate(lines):
            try:
                taken.append(self._line(line))
                places.append(place)
            except SpotterError as error:
                outcomes[place] = error
        outcomes |= zip(places, self._appended(taken), strict=True)
        self._last = lines[-1].number
        counts = Counter(self._outcome(outcome) for outcome in outcomes.values())
        self._counts += counts
        for name, count in counts.items():
            self._metrics.count_append(name, count)
        told = [self._told(line.number, outcomes[place]) for place, line in enumerate(lines)]
        return b"".join(told)

    def _line(self, line: NumberedLine) -> Line:
        if line.text is None:
            raise TooLarge(f"a line has at most {LARGEST_BODY} bytes")
        event = posted(read(line.text), LINE)
        submission = Submission(event.event_id, event.occurred_at, event.data)
        return Line(LifterRef(self._caller.gym, event.lifter), submission, event.expected_version)

    def _appended(self, lines: list[Line]) -> list[Receipt | Exception]:
        """What became of each; once the store was not there for some, the rest is not tried."""
        if self._gone is None:
            try:
                return append_lines(self._services, lines, actor=self._caller.id)
            except Unavailable as error:
                self._gone = error
        return [self._gone for _ in lines]

    @staticmethod
    def _outcome(outcome: Receipt | Exception) -> str:
        return outcome.outcome if isinstance(outcome, Receipt) else "refused"

    def _told(self, number: int, outcome: Receipt | Exception) -> bytes:
        if not isinstance(outcome, Receipt):
            return self._written({"line": number, "outcome": "refused", "problem": self._problem(outcome)})
        if self.minimal:
            return b""
        event_id, version, appended, durability, *_ = outcome
        return self._written(
            {"line": number, "event_id": event_id, "version": version, "outcome": appended, "durability": durability}
        )

    def _problem(self, error: Exception) -> dict[str, Any]:
        problem = refusal(error).document(self._request_id)
        if problem["status"] >= 500:
            self.is_final = False
            cause = None if isinstance(error, SpotterError) else error
            _log.error(
                "refused", request_id=self._request_id, gym=self._caller.gym, problem=problem["type"], exc_info=cause
            )
        return problem

    @staticmethod
    def _written(document: dict[str, Any]) -> bytes:
        return encode(document) + b"\n"
