"""The answer to lines of events: a line for each, or a count of all, written while lines are still coming."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import g

from service import logs
from service.domain.errors import Erased, SpotterError
from service.domain.identifiers import LifterRef
from service.http.auth import caller
from service.http.bodies import LARGEST_BODY, NumberedLine, TooLarge, numbered_lines
from service.http.metrics import Metrics
from service.http.prefer_header import Preferences
from service.http.receipts import receipt_json, refused
from service.http.replies import encode
from service.http.schemas.submissions import LINE, posted
from service.http.strict_json import read
from service.usecases.log.append_bulk import MOST_LINES, Line, LineAppender
from service.usecases.log.batch import Receipt, Submission
from service.usecases.services import Services

_log = logs.logger("spotter.http")


class BulkAnswer:
    """The answer to one request, made when the request's context is gone.

    Minimal, it tells what was refused or is warned of and, in a last line, how many lines became what.
    """

    def __init__(self, services: Services, metrics: Metrics, preferences: Preferences) -> None:
        self._caller = caller()
        self._appender = LineAppender(services, actor=self._caller.id, strict=preferences.strict)
        self._metrics = metrics
        self._request_id = g.request_id
        self._minimal = preferences.minimal
        self._counts: Counter[str] = Counter()
        self._last = 0
        self.is_final = True
        """Whether sending the same lines again would bring the same to pass."""

    def pieces(self, body: Iterator[bytes]) -> Iterator[bytes]:
        """The answer to the lines of a body, as it comes, a piece for each of its chunks."""
        for lines in numbered_lines(body, LARGEST_BODY):
            for start in range(0, len(lines), MOST_LINES):
                yield self._answered(lines[start : start + MOST_LINES])
        if self._minimal:
            counts = {name: self._counts[name] for name in ("appended", "already_appended", "refused")}
            yield _line_of({"lines": sum(self._counts.values()), **counts})

    def guarded(self, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
        """An answer that has begun; what stops it is its last line."""
        try:
            yield first
            yield from rest
        except Exception as error:  # noqa: BLE001 - the status is long sent
            yield _line_of({"line": self._last + 1, "outcome": "stopped", "problem": self._problem(error)})

    def _answered(self, lines: list[NumberedLine]) -> bytes:
        """Append what is right of some lines; the lines of the answer to them."""
        outcomes = self._appender.append([self._read(line) for line in lines])
        self._last = lines[-1].number
        counts = Counter(map(_outcome_name, outcomes))
        self._counts += counts
        for name, count in counts.items():
            self._metrics.count_append(name, count)
        return b"".join(self._outcome(line.number, outcome) for line, outcome in zip(lines, outcomes, strict=True))

    def _read(self, line: NumberedLine) -> Line | SpotterError:
        """What a line says, or why it cannot be taken."""
        if line.text is None:
            return TooLarge(f"a line has at most {LARGEST_BODY} bytes")
        try:
            event = posted(read(line.text), LINE)
        except SpotterError as error:
            return error
        submission = Submission(event.event_id, event.occurred_at, event.data)
        return Line(LifterRef(self._caller.gym, event.lifter), submission, event.expected_version)

    def _outcome(self, number: int, outcome: Receipt | Exception) -> bytes:
        if not isinstance(outcome, Receipt):
            return _line_of({"line": number, "outcome": "refused", "problem": self._problem(outcome)})
        if self._minimal and not outcome.warnings:
            return b""
        return _line_of({"line": number, **receipt_json(outcome)})

    def _problem(self, error: Exception) -> dict[str, Any]:
        problem = refused(error, self._request_id)
        if isinstance(error, Erased):
            self.is_final = False  # or the answer would be kept, and what it says of whom nothing is to be
        if problem["status"] >= 500:
            self.is_final = False
            cause = None if isinstance(error, SpotterError) else error
            _log.error(
                "refused", request_id=self._request_id, gym=self._caller.gym, problem=problem["type"], exc_info=cause
            )
        return problem


def _outcome_name(outcome: Receipt | Exception) -> str:
    return outcome.outcome if isinstance(outcome, Receipt) else "refused"


def _line_of(document: dict[str, Any]) -> bytes:
    return encode(document) + b"\n"
