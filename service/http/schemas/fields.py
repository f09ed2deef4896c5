"""Marshmallow fields for Spotter's own vocabulary; each checks everything about its value in one step.

Types are strict: ``"142.5"`` is no number. Numbers arrive as `service.http.strict_json` reads them, `int` or `Decimal`,
and are what was meant where a binary fraction was written out: 82.30000000000001 is 82.3, and 29.0 is 29.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, ClassVar, Final, Self, TypeVar, get_args

from marshmallow import ValidationError, fields

from service.domain import instants
from service.domain.errors import meant
from service.domain.instants import Instant
from service.domain.loads import LARGEST, Load, Unit, canonical
from service.domain.time_zones import UnknownTimeZone, every_name, zone
from service.engine.ruleset.known_exercises import as_id
from service.engine.ruleset.suggestions import nearest
from service.http.schemas.other_words import advice_on, word_for

PLACES: Final = Decimal("0.0001")
"""The finest step of a number; what is finer in a request is rounded to it, half to even."""

UNKNOWN_FIELD: Final = "unknown field"
_NONE: Final = f"{UNKNOWN_FIELD}: there are none here"
_FEW: Final = 10
_ALIKE_ZONE: Final = 0.8
_LONGEST_NAME: Final = 64
"""More or longer names than these are no slips, and comparing them with all that is known would cost."""

MESSAGES: Final[dict[str, Any]] = {"required": "is required", "null": "must not be null; leave the field out instead"}

_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_IN_QUOTES: Final = re.compile(r"\s*[-+]?[0-9]{1,10}(?:[.,][0-9]{1,10})?\s*")
PRINTABLE: Final = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*")
"""A text without control characters, but for those that break a line or are as good as a space."""

Value = TypeVar("Value")


class Slip(str):
    """What is wrong, which asks whether ``did_you_mean`` was meant if that is near."""

    __slots__ = ("did_you_mean",)
    did_you_mean: str

    def __new__(cls, wrong: str, did_you_mean: str = "") -> Self:
        """Ask it in a sentence."""
        made = super().__new__(cls, meant("", wrong, did_you_mean).message)
        made.did_you_mean = did_you_mean
        return made


class StrictField(fields.Field[Value]):
    """A field that says what is wrong in the words of the contract."""

    default_error_messages: ClassVar[dict[str, Any]] = MESSAGES  # type: ignore[misc]

    def take(self, value: Any) -> Value:
        """The value as the domain has it; raises ``ValidationError``, for None too."""
        return self._take(value)

    def _take(self, value: Any) -> Value:
        raise NotImplementedError

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Value:
        return self._take(value)

    def _validate(self, value: Any) -> None:
        """Nothing: `_take` has checked the value. Marshmallow's own would cost as much as the reading."""


class Text(StrictField[str]):
    """Free text of 1 to ``longest`` characters, in Unicode's composed form (NFC), without control characters."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        super().__init__(**options)
        self.longest = longest
        self.error_messages["required"] = f"is required: a text of 1 to {longest} characters"

    def _take(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("must be a text")
        text = value if value.isascii() else unicodedata.normalize("NFC", value)
        if not 1 <= len(text) <= self.longest:
            raise ValidationError(f"must have 1 to {self.longest} characters")
        if not PRINTABLE.fullmatch(text):
            raise ValidationError("must not hold control characters")
        return text


class Identifier(StrictField[str]):
    """A text that matches ``pattern`` in full; ``shape`` says in words what that is."""

    def __init__(self, pattern: re.Pattern[str], shape: str, **options: Any) -> None:
        super().__init__(**options)
        self.pattern = pattern
        self.shape = shape
        self.error_messages["required"] = f"is required: {shape}"

    def _take(self, value: Any) -> str:
        if not isinstance(value, str) or not self.pattern.fullmatch(value):
            raise ValidationError([Slip(f"must be {self.shape}", respelt(value, self.pattern))])
        return value


def respelt(value: Any, pattern: re.Pattern[str]) -> str:
    """A text in the form that a pattern wants of it, such as ``bench-press`` for Bench Press; empty for none."""
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        return ""
    words = _HUMP.sub("-", value.strip())
    spelt = (as_id(words), "/".join(map(as_id, words.split("/"))), value.strip().lower())
    return next((each for each in spelt if pattern.fullmatch(each)), "")


class Choice(StrictField[str]):
    """One of a few words."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(**options)
        self.words = words
        self.error_messages["required"] = f"is required: one of {', '.join(words)}"

    def _take(self, value: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise ValidationError([Slip(f"must be one of {', '.join(self.words)}", word_meant(value, self.words))])
        return value


def word_meant(value: Any, words: Collection[str]) -> str:
    """The one of a few words that was probably meant by something else; empty for none."""
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        return ""
    said = value.strip().lower()
    return word_for(said, words) or nearest(said, words)


class Flag(StrictField[bool]):
    """True or false."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": "is required: true or false"}  # type: ignore[misc]

    def _take(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class Whole(StrictField[int]):
    """A whole number from ``low`` to ``high``; it may be written with a fraction of zeros, as 5.0 is."""

    def __init__(self, low: int, high: int, **options: Any) -> None:
        super().__init__(**options)
        self.low = low
        self.high = high

    def _take(self, value: Any) -> int:
        if type(value) is int and self.low <= value <= self.high:
            return value
        if isinstance(value, Decimal) and value.is_finite() and self.low <= value <= self.high and value == int(value):
            return int(value)
        raise ValidationError(f"must be a whole number from {self.low} to {self.high}{_unquoted(value)}")


def _unquoted(value: Any) -> str:
    """What else to say of a number in quotes, which reads as if nothing were wrong with it."""
    return ", without quotes" if isinstance(value, str) and _IN_QUOTES.fullmatch(value) else ""


class Number(StrictField[Decimal]):
    """A number from ``low`` to ``high``, rounded to four decimals."""

    def __init__(self, low: int, high: int, **options: Any) -> None:
        super().__init__(**options)
        self.low = low
        self.high = high

    def _take(self, value: Any) -> Decimal:
        return exact(value, self.low, self.high)


def unknown_fields(names: Collection[str], known: Collection[str]) -> dict[str, list[Slip]]:
    """What is said of fields that do not exist; of few, with the one that was probably meant, or all that there are."""
    if len(names) > _FEW:
        return {name: [Slip(UNKNOWN_FIELD)] for name in names}
    return {name: [_unknown_field(name, known)] for name in names}


def _unknown_field(name: str, known: Collection[str]) -> Slip:
    if len(name) > _LONGEST_NAME:
        return Slip(UNKNOWN_FIELD)
    said = _HUMP.sub("_", name).lower()
    if (near := word_for(said, known)) == "" and (advice := advice_on(said, known)):
        return Slip(f"{UNKNOWN_FIELD}: {advice}")
    if near := near or nearest(said, known):
        return Slip(UNKNOWN_FIELD, near)
    return Slip(f"{UNKNOWN_FIELD}: there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else _NONE)


class LoadField(StrictField[Load]):
    """A load, ``{"value": 102.5, "unit": "kg"}``.

    ``negative`` lets assistance in, loads under 0; ``positive`` keeps 0 out, for what cannot weigh nothing (a plate).
    """

    default_error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "required": 'is required: a load, such as {{"value": 102.5, "unit": "kg"}}'
    }

    def __init__(self, *, negative: bool = False, positive: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.negative = negative
        self.positive = positive

    def _take(self, value: Any) -> Load:
        if not isinstance(value, dict):
            raise ValidationError('must be a load, such as {"value": 102.5, "unit": "kg"}')
        fields_of_a_load = ("value", "unit")
        problems: dict[str, Any] = {**unknown_fields(value.keys() - {*fields_of_a_load}, fields_of_a_load)}
        unit: Unit = "kg" if value.get("unit") == "kg" else "lb"
        if value.get("unit") != unit:
            problems["unit"] = [Slip("must be kg or lb", word_meant(value.get("unit"), get_args(Unit)))]
        try:
            amount = self._amount(value.get("value"), LARGEST[unit])
        except ValidationError as error:
            problems["value"] = error.messages
        if problems:
            raise ValidationError(problems)
        return Load(amount, unit)

    def _amount(self, value: Any, largest: int) -> Decimal:
        amount = exact(value, -largest if self.negative else 0, largest)
        if self.positive and value < PLACES:
            raise ValidationError("must be more than 0")
        return amount


class TimeField(StrictField[Instant]):
    """An RFC 3339 time with an offset, such as ``2026-11-22T18:03:00+01:00``."""

    default_error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "required": "is required: when it happened, such as 2026-11-22T18:03:00+01:00"
    }

    def _take(self, value: Any) -> Instant:
        if not isinstance(value, str):
            raise ValidationError("must be a text: an RFC 3339 time with an offset, such as 2026-11-22T18:03:00+01:00")
        try:
            return instants.parse(value)
        except ValueError as error:
            raise ValidationError(f"is {error}") from None


class TimeZone(StrictField[str]):
    """The name of an IANA time zone, such as ``Europe/Berlin``."""

    NAME: Final = re.compile(r"[A-Za-z0-9+_-]{1,32}(?:/[A-Za-z0-9+_-]{1,32}){0,2}")

    def _take(self, value: Any) -> str:
        if not isinstance(value, str) or not self.NAME.fullmatch(value):
            raise ValidationError("must be the name of an IANA time zone, such as Europe/Berlin")
        try:
            zone(value)
        except UnknownTimeZone:
            near = zone_meant(value)
            raise ValidationError([Slip("is not a time zone that the IANA database has", near)]) from None
        return value


def zone_meant(value: str) -> str:
    """The time zone that was probably meant: of that town, or of a name that is much like it; empty for none."""
    town = value.rpartition("/")[2].lower()
    return next((each for each in sorted(every_name()) if each.lower().endswith(f"/{town}")), "") or nearest(
        value, every_name(), _ALIKE_ZONE
    )


def exact(value: Any, low: int, high: int) -> Decimal:
    """A JSON number as a canonical decimal of four decimals: 225.0 is 225, -0 is 0 and 82.30000000000001 is 82.3.

    ``ValidationError`` says what is wrong.
    """
    if type(value) is not int and not isinstance(value, Decimal):
        raise ValidationError(f"must be a number{_unquoted(value)}")
    number = Decimal(value)
    if not number.is_finite():
        raise ValidationError("must be a finite number")
    if not low <= number <= high:
        raise ValidationError(f"must be from {low} to {high}")
    # Only after the bounds: a huge exponent would be written out.
    return Decimal(canonical(number.quantize(PLACES, ROUND_HALF_EVEN)))
