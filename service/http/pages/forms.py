"""Forms that write to a log: what a person fills in becomes the document that a program would post.

A field's name is the place that it has in that document, ``data.load.value``; so whatever is wrong with the document is
told at the field. What a correction's fields said before stands beside them under ``was.``: only what differs is sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from werkzeug.datastructures import MultiDict

from service.domain.errors import InvalidInput, Problem
from service.domain.instants import Instant, render
from service.domain.time_zones import UnknownTimeZone, zone
from service.usecases.log.warnings import Warnings

_NUMBERS: Final = frozenset({"reps", "seconds", "rir", "value"})
_LISTS: Final = frozenset({"slots"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,6})?")
_WAS: Final = "was."
_PAIR: Final = re.compile(r"(.*)\.(?:value|unit)")
"""A load's two fields, which are said together or not at all."""


class Form(NamedTuple):
    """A form as it is shown.

    ``id`` tells it from others of its page, ``event_id`` is that of the event which sending it appends, however often
    it is sent. ``wrong`` is what is wrong, by field; under "" what belongs to none that the form has. ``doubtful`` is
    what to say of an event that is probably not as it was meant, likewise.
    """

    id: str
    type: str
    event_id: str
    values: Mapping[str, str]
    wrong: Mapping[str, list[str]] = {}
    doubtful: Mapping[str, list[str]] = {}
    was_sent: bool = False
    """Whether the log has an event of this form that says something else."""

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")


def fresh(form_id: str, of: str, **values: Any) -> Form:
    """A form that nobody sent yet; ``__`` in a name stands for a dot."""
    said = {name.replace("__", "."): "" if value is None else str(value) for name, value in values.items()}
    return Form(form_id, of, f"page-{secrets.token_urlsafe(12)}", said)


def sent(fields: MultiDict[str, str]) -> Form:
    """A form as it came back."""
    values = {name: text.strip() for name, text in fields.items() if name not in {"csrf_token", "form", "event_id"}}
    return Form(fields.get("form", ""), fields.get("type", ""), fields.get("event_id", ""), values)


def document_of(form: Form, now: Instant) -> dict[str, Any]:
    """What a program would post instead; raises `InvalidInput` for a time that cannot be read.

    Where no time is said, it is ``now``.
    """
    at = _local(form, "occurred_at") if form.value("occurred_at") else render(now)
    data: dict[str, Any] = {}
    for name in form.values:
        first, *path = name.split(".")
        if first == "data" and path and _is_said(form, name):
            _put(data, path, _value(form, name))
    return {"event_id": form.event_id, "type": form.type, "occurred_at": at, "data": data}


def refused(form: Form, error: InvalidInput) -> Form:
    """A form with what is wrong at each field."""
    return form._replace(wrong=_at_fields(form, ((each.pointer, each.message) for each in error.problems)))


def doubted(form: Form, warnings: Warnings) -> Form:
    """A form with what to look at again at each field."""
    told = (
        (each.pointer, f"{each.detail}. Did you mean {each.did_you_mean}?" if each.did_you_mean else each.detail)
        for each in warnings
    )
    return form._replace(doubtful=_at_fields(form, told))


def doubted_for(form: Form, field: str, said: str) -> Form:
    """A form with what to answer at a field."""
    return form._replace(doubtful={field: [said]})


def local_time(at: Instant, time_zone: str) -> str:
    """An instant as a field for a time has it, in a zone."""
    moment = datetime.fromtimestamp(at // 1_000_000, zone(time_zone))
    return moment.strftime("%Y-%m-%dT%H:%M:%S" if moment.second else "%Y-%m-%dT%H:%M")


def utc(field: str, said: str, time_zone: str) -> str:
    """What a field for a time says on the clock of a zone, as the contract writes it; raises `InvalidInput`."""
    try:
        return datetime.fromisoformat(said).replace(tzinfo=zone(time_zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError, UnknownTimeZone):
        raise InvalidInput(Problem(f"/{field.replace('.', '/')}", "must be a day and a time")) from None


def whole_number(field: str, said: str, most: int) -> int:
    """What a field says; raises `InvalidInput` unless it is a whole number from 1 to ``most``."""
    number = said.strip()
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and 1 <= int(number) <= most):
        raise InvalidInput(Problem(f"/{field}", f"must be a whole number from 1 to {most}"))
    return int(number)


def _is_said(form: Form, name: str) -> bool:
    pair = _PAIR.fullmatch(name)
    names = [f"{pair[1]}.value", f"{pair[1]}.unit"] if pair else [name]
    if _WAS + names[0] in form.values:
        return any(form.value(each) != form.value(_WAS + each) for each in names)
    return form.value(names[0]) != ""


def _put(data: dict[str, Any], path: list[str], value: Any) -> None:
    *parents, name = path
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise InvalidInput(Problem("", "holds a field twice"))
    data[name] = value


def _value(form: Form, field: str) -> Any:
    text, name = form.value(field), field.rpartition(".")[2]
    if text == "":  # of a correction: it should not have been said
        return None
    if name == "occurred_at":
        return _local(form, field)
    if name in _LISTS:
        return [text]
    if name in _NUMBERS and _NUMBER.fullmatch(text):
        number = text.replace(",", ".")
        return Decimal(number) if "." in number else int(number)
    return text


def _local(form: Form, field: str) -> str:
    """A time that a field says on the clock of the form's zone."""
    return utc(field, form.value(field), form.value("time_zone"))


def _at_fields(form: Form, told: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    shown = {*form.values, "occurred_at"}
    found: dict[str, list[str]] = {}
    for pointer, message in told:
        name = pointer[1:].replace("/", ".").replace("~1", "/")
        near = next((each for each in (name, f"{name}.value", name.rpartition(".")[0]) if each in shown), "")
        said = f"{message[:1].upper()}{message[1:]}"
        found.setdefault(near, []).append(said if near or not name else f"{name}: {said}")
    return found
