"""A session in one request: its events as they are posted singly, and what concerns all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple

import msgspec
from marshmallow import ValidationError

from service.domain.errors import InvalidInput, Problem
from service.domain.events import SessionCompleted, SetLogged
from service.http.schemas.fields import Flag, Identifier, StrictField, Whole
from service.http.schemas.identifiers import SESSION_ID
from service.http.schemas.loading import loaded
from service.http.schemas.strict_schema import StrictSchema
from service.http.schemas.submissions import LATEST_VERSION, posted
from service.usecases.log.batch import Submission

MOST_EVENTS: Final = 200
"""Events of a session in one request."""

_OF_SESSION: Final = "belongs beside events, where it is of all of them"


class PostedSession(NamedTuple):
    """The events in order, each as it can be taken or why it cannot; ``atomic``: all of them or none."""

    events: Sequence[Submission | InvalidInput]
    expected_version: int | None
    atomic: bool


class DocumentsField(StrictField[list[Any]]):
    """Events, each of which is looked at by itself."""

    default_error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "required": "is required: a list of events, each as it is posted to /v1/lifters/{{lifter}}/events"
    }

    def _take(self, value: Any) -> list[Any]:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_EVENTS:
            raise ValidationError(f"must be a list of 1 to {MOST_EVENTS} events")
        return value


class SessionSchema(StrictSchema):
    """The whole request."""

    session_id = Identifier(*SESSION_ID)
    expected_version = Whole(0, LATEST_VERSION)
    atomic = Flag()
    events = DocumentsField(required=True)


_SESSION: Final = SessionSchema()


def posted_session(document: Any) -> PostedSession:
    """A session out of a request's document; raises `InvalidInput`, of an atomic one also for each of its events."""
    if isinstance(document, list):
        raise InvalidInput(Problem("", 'must be an object: put the events into it as {"events": [...]}'))
    values = loaded(_SESSION, document)
    events = [_event(each, values.get("session_id")) for each in values["events"]]
    atomic = values.get("atomic", False)
    refused = {place: each for place, each in enumerate(events) if isinstance(each, InvalidInput)}
    if atomic and refused:
        raise InvalidInput(
            *(problem.within("events", place) for place, error in refused.items() for problem in error.problems)
        )
    return PostedSession(events, values.get("expected_version"), atomic)


def _event(document: Any, session_id: str | None) -> Submission | InvalidInput:
    """An event of a session, which names it where it can name one and names none."""
    try:
        event = posted(document)
    except InvalidInput as error:
        return error
    if event.expected_version is not None:
        return InvalidInput(Problem("/expected_version", _OF_SESSION))
    data = event.data
    if session_id is not None and isinstance(data, SetLogged | SessionCompleted) and data.session_id is None:
        data = msgspec.structs.replace(data, session_id=session_id)
    return Submission(event.event_id, event.occurred_at, data)
