"""What a simulation is asked for: rules and events."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final, NamedTuple

from marshmallow import ValidationError, fields, validates_schema

from service.domain.errors import InvalidInput
from service.http.schemas.fields import MESSAGES, Identifier, StrictField
from service.http.schemas.identifiers import DIGEST, PROGRAMME
from service.http.schemas.loading import loaded
from service.http.schemas.strict_schema import StrictSchema
from service.http.schemas.submissions import posted
from service.usecases.log.batch import Submission
from service.usecases.rules.simulate import MOST_BYTES, MOST_EVENTS, MOST_FILES, OwnRules

_PATH: Final = re.compile(r"[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){0,3}")
_MOST_PROBLEMS: Final = 50
_OF_RULES: Final = "either a digest, or files and a programme"

RULES_MESSAGES: Final = {**MESSAGES, "required": f"is required: an object with {_OF_RULES}"}
"""What a field of rules says."""


class RequestedSimulation(NamedTuple):
    """The rules, own ones or an archived digest, and the events, in order."""

    rules: OwnRules | str
    events: list[Submission]


class FilesField(StrictField[dict[str, str]]):
    """Rule files, path to text, ``least`` of them at least."""

    default_error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "required": 'is required: rule files, path to text, such as {{"programmes/ours.yaml": "programme: ours..."}}'
    }

    def __init__(self, *, least: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self._least = least

    def _take(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or not self._least <= len(value) <= MOST_FILES:
            at_least = f"at least {self._least} and " if self._least else ""
            raise ValidationError(f"must be an object of {at_least}at most {MOST_FILES} files, path to text")
        wrong: dict[str, Any] = {}
        for path, text in value.items():
            if not _PATH.fullmatch(path):
                wrong[path] = ["the name must be a path such as programmes/mine.yaml"]
            elif not isinstance(text, str):
                wrong[path] = ["must be the text of the file"]
        if wrong:
            raise ValidationError(wrong)
        if sum(len(text.encode()) for text in value.values()) > MOST_BYTES:
            raise ValidationError(f"must be at most {MOST_BYTES} bytes of files together")
        return value


class EventsField(StrictField[list[Submission]]):
    """Events as they are posted; one that nothing refers to needs no id."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": "is required: a list of events, as they are posted"}  # type: ignore[misc]

    def _take(self, value: Any) -> list[Submission]:
        if not isinstance(value, list):
            raise ValidationError("must be a list of events")
        if len(value) > MOST_EVENTS:
            raise ValidationError(f"must be at most {MOST_EVENTS} events")
        wrong: dict[str, Any] = {}
        taken = []
        for number, document in enumerate(value):
            named = {"event_id": f"#{number}", **document} if isinstance(document, dict) else document
            try:
                event = posted(named)
                taken.append(Submission(event.event_id, event.occurred_at, event.data))
            except InvalidInput as error:
                wrong[str(number)] = error.problems
                if len(wrong) >= _MOST_PROBLEMS:
                    break
        if wrong:
            raise InvalidInput(*(each.within("events", number) for number, found in wrong.items() for each in found))
        return taken


class RulesSchema(StrictSchema):
    """Which rules: an archived digest, or files and one programme of theirs or of the published library."""

    error_messages: ClassVar[dict[str, str]] = {"type": f"must be an object with {_OF_RULES}"}  # type: ignore[misc]

    digest = Identifier(*DIGEST)
    files = FilesField()
    programme = Identifier(*PROGRAMME)

    @validates_schema
    def _one_of_them(self, data: dict[str, Any], **_: Any) -> None:
        if data.keys() not in ({"digest"}, {"files", "programme"}):
            raise ValidationError(f"give {_OF_RULES}")


class SimulationSchema(StrictSchema):
    """The whole request."""

    rule_set = fields.Nested(RulesSchema(), required=True, error_messages=RULES_MESSAGES)
    events = EventsField(required=True)


_SIMULATION: Final = SimulationSchema()


def simulation_of(document: Any) -> RequestedSimulation:
    """A simulation out of a request's document; raises `InvalidInput` with what is wrong with it."""
    values = loaded(_SIMULATION, document)
    return RequestedSimulation(rules_of(values["rule_set"]), values["events"])


def rules_of(values: dict[str, Any]) -> OwnRules | str:
    """What a loaded `RulesSchema` names: files and a programme, or a digest."""
    return values.get("digest") or OwnRules(values["files"], values["programme"])
