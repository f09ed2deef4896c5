"""The parameters that a programme's assignment gives to its slots."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import ValidationError

from service.domain.loads import canonical
from service.http.schemas.fields import StrictField, Text, exact
from service.http.schemas.identifiers import PARAMETER, SLOT

MOST_SLOTS: Final = 100
MOST_PARAMETERS: Final = 50
MOST_ITEMS: Final = 20


class SlotParametersField(StrictField[dict[str, dict[str, Any]]]):
    """Parameters by slot id. Numbers are kept as canonical text, ``2.5``, for the log has no other decimals."""

    def _take(self, value: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(value, dict) or len(value) > MOST_SLOTS:
            raise ValidationError(f"must be an object of at most {MOST_SLOTS} slots")
        problems: dict[str, Any] = {}
        taken: dict[str, dict[str, Any]] = {}
        for slot, parameters in value.items():
            try:
                taken[slot] = _parameters(slot, parameters)
            except ValidationError as error:
                problems[slot] = error.messages
        if problems:
            raise ValidationError(problems)
        return taken


def _parameters(slot: str, parameters: Any) -> dict[str, Any]:
    if not SLOT[0].fullmatch(slot):
        raise ValidationError(f"the name must be {SLOT[1]}")
    if not isinstance(parameters, dict) or len(parameters) > MOST_PARAMETERS:
        raise ValidationError(f"must be an object of at most {MOST_PARAMETERS} parameters")
    problems: dict[str, Any] = {}
    taken: dict[str, Any] = {}
    for name, value in parameters.items():
        try:
            taken[name] = _parameter(name, value)
        except ValidationError as error:
            problems[name] = error.messages
    if problems:
        raise ValidationError(problems)
    return taken


def _parameter(name: str, value: Any) -> Any:
    if not PARAMETER[0].fullmatch(name):
        raise ValidationError(f"the name must be {PARAMETER[1]}")
    if isinstance(value, list):
        if len(value) > MOST_ITEMS:
            raise ValidationError(f"must have at most {MOST_ITEMS} items")
        return [_scalar(item) for item in value]
    if isinstance(value, dict):
        if value.keys() != {"lb", "kg"}:
            raise ValidationError('must be a load in both units, such as {"lb": 5, "kg": 2.5}')
        return {unit: _scalar(value[unit]) for unit in ("lb", "kg")}
    return _scalar(value)


def _scalar(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _WORD.deserialize(value)
    return canonical(exact(value, -100_000, 100_000))


_WORD: Final = Text(longest=200)
