"""ETags of prescriptions: how one is made, and 304 where a client still has the answer, without replaying anything."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Final, NamedTuple

from flask import Response, request

from service import logs
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, parse
from service.domain.log_entry import Tip
from service.domain.prescription import Prescription
from service.http.replies import not_modified, reply_tagged
from service.usecases.services import Services

MOST_REMEMBERED: Final = 16_384
"""Answers that a process remembers; some 10 MB of them."""

_WRITTEN_BY: Final = version("spotter")
"""Another version may write the same prescriptions otherwise, so a client that has its answer has another one."""


class Question(NamedTuple):
    """What was asked about a lifter: of an exercise or a slot, or of the next session; of now, or of another moment.

    ``minimal`` asks for the prescription alone, without what a screen shows beside it.
    """

    lifter: LifterRef
    exercise: str | None
    slot: str | None
    minimal: bool
    of_now: bool
    ahead: int = 0
    """How many of the sessions after the next are asked for."""

    @property
    def representation(self) -> str:
        """What kind of document answers it."""
        kind = "session" if self.exercise is None else "prescription"
        kind = f"{kind} and {self.ahead} ahead" if self.ahead else kind
        return f"minimal {kind}" if self.minimal else kind


class _Given(NamedTuple):
    """An answer, and what it was a function of beside the question."""

    tag: str
    tip: Tip
    default_digest: str
    valid_from: Instant
    valid_until: Instant


class Confirmations:
    """The answers that this process gave, about the present, to those who asked whether theirs still holds.

    An answer is a function of the log, the rules and the time, and is constant between breakpoints of time. So while
    the log has the same tip (one question to the server), the default rules are the same (whoever has none pinned gets
    those) and the time is before the next breakpoint, it is what replaying would come to. The version alone would not
    do: a failover may lose entries, and others take their versions. Anything else, and whatever this process did not
    answer itself, is worked out. A parked lifter is never remembered.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._given: dict[Question, _Given] = {}

    def answer(self, question: Question, ask: Callable[[], tuple[Any, Sequence[Prescription]]]) -> Response:
        """What ``ask`` comes to, a document and the prescriptions in it, under its tag; 304 where that will do."""
        # Only who has an answer can be told that it still holds, and asks so: for others nothing is remembered. The tip
        # is read first: whatever happens to the log meanwhile, an answer is never remembered for a later one.
        tip = self._services.log.tip(question.lifter) if question.of_now and request.if_none_match else None
        if (tag := self._still(question, tip)) is not None:
            return not_modified(tag)
        default_digest = self._services.default_digest()
        document, prescriptions = ask()
        if prescriptions:
            logs.note(version=prescriptions[0].version)
        tag = tag_of(question, prescriptions)
        if tip is not None and prescriptions and prescriptions[0].parked is None:
            self._remember(question, tag, tip, default_digest, prescriptions[0])
        return reply_tagged(document, tag)

    def _still(self, question: Question, tip: Tip | None) -> str | None:
        """The tag that the client has and that is still the answer; None where that is not known."""
        given = None if tip is None else self._given.get(question)
        if given is None or given.tip != tip or not request.if_none_match.contains_weak(given.tag):
            return None
        if not given.valid_from <= self._services.now(question.lifter.gym) < given.valid_until:
            return None
        if self._services.default_digest() != given.default_digest:
            return None
        return given.tag

    def _remember(self, question: Question, tag: str, tip: Tip, default_digest: str, one: Prescription) -> None:
        if tip.version != one.version:
            return
        if len(self._given) >= MOST_REMEMBERED:
            self._given.clear()
        self._given[question] = _Given(tag, tip, default_digest, parse(one.valid_from), parse(one.valid_until))


def tag_of(question: Question, prescriptions: Sequence[Prescription]) -> str:
    """The entity tag of an answer: a hash (hex) of the gym, the lifter, the log's head, the representation and the ids.

    The head is that of the hash chain, so a log that lost entries in a failover and took others is another one. Where a
    lifter is parked, it tells of that too.
    """
    gym, lifter = question.lifter
    parts = [gym, lifter, question.representation, _WRITTEN_BY]
    for one in prescriptions:
        parts += [one.log_head, one.prescription_id]
        parts += [] if one.parked is None else [f"parked-{one.parked.version}", one.parked.event_id]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
