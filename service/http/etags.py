"""ETags of prescriptions: how one is made, and 304 where a client still has the answer, without replaying anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from flask import Response, request

from service import logs
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, parse
from service.domain.prescription import Prescription
from service.http.replies import not_modified, reply_tagged
from service.usecases.services import Services

MOST_REMEMBERED: Final = 16_384
"""Answers that a process remembers; some 10 MB of them."""


class Question(NamedTuple):
    """What was asked about a lifter: of an exercise or a slot, or of the next session; of now, or of another moment."""

    lifter: LifterRef
    exercise: str | None
    slot: str | None
    of_now: bool


class _Given(NamedTuple):
    """An answer, and what it was a function of beside the question."""

    tag: str
    version: int
    default_digest: str
    valid_from: Instant
    valid_until: Instant


class Confirmations:
    """The answers that this process gave to questions about the present.

    An answer is a function of the log up to its version, the rules and the time, and is constant between breakpoints of
    time. So while the log is at that version (one question to the server), the default rules are the same (whoever has
    none pinned gets those) and the time is before the next breakpoint, it is what replaying would come to. Anything
    else, and whatever this process did not answer itself, is worked out. A parked lifter is never remembered.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._given: dict[Question, _Given] = {}

    def answer(self, question: Question, ask: Callable[[], tuple[Any, Sequence[Prescription]]]) -> Response:
        """What ``ask`` comes to, a document and the prescriptions in it, under its tag; 304 where that will do."""
        if (tag := self._still(question)) is not None:
            return not_modified(tag)
        default_digest = self._services.default_digest()
        document, prescriptions = ask()
        if prescriptions:
            logs.note(version=prescriptions[0].version)
        tag = tag_of(prescriptions)
        if question.of_now and prescriptions and prescriptions[0].parked is None:
            self._remember(question, tag, default_digest, prescriptions[0])
        return reply_tagged(document, tag)

    def _still(self, question: Question) -> str | None:
        """The tag that the client has and that is still the answer; None where that is not known."""
        given = self._given.get(question) if request.if_none_match else None
        if given is None or not request.if_none_match.contains_weak(given.tag):
            return None
        if not given.valid_from <= self._services.clock() < given.valid_until:
            return None
        if self._services.default_digest() != given.default_digest:
            return None
        return given.tag if self._services.log.head(question.lifter) == given.version else None

    def _remember(self, question: Question, tag: str, default_digest: str, one: Prescription) -> None:
        if len(self._given) >= MOST_REMEMBERED:
            self._given.clear()
        self._given[question] = _Given(tag, one.version, default_digest, parse(one.valid_from), parse(one.valid_until))


def tag_of(prescriptions: Sequence[Prescription]) -> str:
    """The id of a prescription; of several, or where a parked lifter's are marked as such, a hash that tells of it."""
    parts = [prescription.prescription_id for prescription in prescriptions]
    parts += [f"parked-{prescription.parked.version}" for prescription in prescriptions if prescription.parked][:1]
    return parts[0] if len(parts) == 1 else hashlib.sha256(" ".join(parts).encode()).hexdigest()
