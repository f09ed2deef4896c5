"""Reading request bodies: JSON as RFC 8259 means it, exact decimals, and nothing that two readers see differently."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from service.domain.errors import SpotterError

_LONGEST_INT: Final = 18
"""Digits up to which an integer stays an `int`; nothing in the contract is that large."""


class NotJson(SpotterError):
    """A body that cannot be read as JSON at all (HTTP 400)."""


def read(body: bytes) -> Any:
    """Read a JSON document; numbers with a fraction or an exponent, and huge integers, become `Decimal`.

    ``NaN`` and ``Infinity`` become the decimals of that name, so that the field that held one can say so. Raises
    `NotJson` for text that is not JSON in UTF-8, for a name that occurs twice in an object, for half a surrogate pair
    and for nesting that no event has.
    """
    try:
        text = body.decode()
        document = _decode(text)
        if "\\u" in text:
            # Only an escape can smuggle half a surrogate pair in; such text has no UTF-8.
            json.dumps(document, ensure_ascii=False, default=str).encode()
    except UnicodeDecodeError as error:
        raise NotJson(f"the body is not UTF-8: byte {error.start} cannot be read") from None
    except UnicodeEncodeError:
        raise NotJson("a text holds half a surrogate pair, which is no character") from None
    except json.JSONDecodeError as error:
        if not text.strip():
            raise NotJson("the body is empty: send a JSON object") from None
        if text.startswith("\ufeff"):
            raise NotJson("the body begins with a byte order mark: send UTF-8 without one") from None
        lines = "; lines of events belong to /v1/events" if error.msg == "Extra data" and error.lineno > 1 else ""
        raise NotJson(
            f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}{lines}"
        ) from None
    except RecursionError:
        raise NotJson("the body is nested too deeply") from None
    return document


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= _LONGEST_INT else Decimal(text)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what any decimal holds
        return Decimal("Infinity")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise NotJson(f"the name {name[:64]!a} occurs twice in one object")
        document[name] = value
    return document


_decode: Final = json.JSONDecoder(
    parse_float=_decimal, parse_int=_integer, parse_constant=Decimal, object_pairs_hook=_object
).decode
