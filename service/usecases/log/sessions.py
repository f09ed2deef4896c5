"""Appending a session's events in one go: each by itself, or all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.domain.errors import SpotterError, TooMuchToReplay, WrongExpectedVersion
from service.domain.identifiers import LifterRef
from service.usecases.log.append import append_batches, append_events
from service.usecases.log.batch import Batch, Receipt, Submission
from service.usecases.log.late_event_changes import Change, changes_between
from service.usecases.services import Services


class Session(NamedTuple):
    """A session's events in order; ``atomic``: all are refused where one is.

    All are refused where ``expected_version`` is another than the log's. ``strict``: an event is refused where there is
    something to warn of.
    """

    submissions: Sequence[Submission]
    expected_version: int | None = None
    atomic: bool = False
    strict: bool = False


class SessionReceipt(NamedTuple):
    """Of each event its receipt, or why it is refused.

    ``rewritten``: the versions of the log between which late events changed history, None where none did. ``changes``
    says what is prescribed otherwise since; it is None where nobody asked, or too much would have to be replayed.
    """

    events: Sequence[Receipt | SpotterError]
    rewritten: tuple[int, int] | None
    changes: Sequence[Change] | None


def append_session(
    services: Services, lifter: LifterRef, session: Session, *, actor: str, with_changes: bool = True
) -> SessionReceipt:
    """Append a session's events; ``actor`` is the id of the key that writes, or of the lifter's token.

    Raises what concerns all of them alike: `WrongExpectedVersion`, `Erased` and `Unavailable`; where atomic, also why
    any of them is refused, and `TooMuchToReplay` where strict and this process cannot tell what to warn of.
    """
    if session.strict and not session.atomic:
        became = _one_by_one(services, lifter, session, actor)
    else:
        became = append_events(
            services,
            lifter,
            session.submissions,
            actor=actor,
            expected_version=session.expected_version,
            atomic=session.atomic,
            strict=session.strict,
        )
    new = [each for each in became if isinstance(each, Receipt) and each.outcome == "appended"]
    if not any(each.late for each in new):
        return SessionReceipt(became, None, None)
    rewritten = new[0].version - 1, new[-1].version
    try:
        changes = changes_between(services, lifter, *rewritten) if with_changes else None
    except TooMuchToReplay:
        changes = None
    return SessionReceipt(became, rewritten, changes)


def _one_by_one(services: Services, lifter: LifterRef, session: Session, actor: str) -> list[Receipt | SpotterError]:
    """Append each as if it came alone, for what is warned of depends on those before it that were taken."""
    expected = session.expected_version
    became: list[Receipt | SpotterError] = []
    for submission in session.submissions:
        batch = Batch(lifter, [submission], expected, strict=True)
        (found,) = append_batches(services, [batch], actor=actor)
        if isinstance(found, WrongExpectedVersion) and expected != session.expected_version:
            found = [found]  # the log went on in the middle of the session
        if isinstance(found, Exception):
            raise found
        became += found
        (last,) = found
        if expected is not None and isinstance(last, Receipt) and last.outcome == "appended":
            expected = last.version
    return became
