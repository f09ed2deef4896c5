"""What a client would rather have (RFC 7240): ``Prefer: return=minimal``, ``Prefer: handling=strict``."""

from __future__ import annotations

from typing import Final, NamedTuple

from flask import Response, request

from service.http.replies import vary

_MINIMAL: Final = "return=minimal"
_STRICT: Final = "handling=strict"


class Preferences(NamedTuple):
    """``minimal``: no more of an answer than is needed. ``strict``: what is warned of is refused."""

    minimal: bool = False
    strict: bool = False

    def __str__(self) -> str:
        """Those that are applied, as the answer says them."""
        return ", ".join(name for name, is_applied in zip((_MINIMAL, _STRICT), self, strict=True) if is_applied)


def preferred() -> Preferences:
    """What the client would rather have; preferences that are not known are passed over, and so is a repeated one."""
    header = request.environ.get("HTTP_PREFER")
    if header is None:
        return Preferences()
    given = (preference.partition(";")[0] for preference in header.split(","))
    values: dict[str, str] = {}
    for preference in given:
        name, _, value = "".join(preference.split()).replace('"', "").lower().partition("=")
        values.setdefault(name, value)
    return Preferences(values.get("return") == "minimal", values.get("handling") == "strict")


def prefers_minimal() -> bool:
    """Whether the client wants no more of an answer than it needs."""
    return preferred().minimal


def as_preferred(response: Response, preferences: Preferences) -> Response:
    """The answer, saying that there are others of them, and which preferences this one follows."""
    vary(response, "Prefer")
    if any(preferences):
        response.headers["Preference-Applied"] = str(preferences)
    return response
