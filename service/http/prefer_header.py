"""What a client would rather have (RFC 7240): ``Prefer: return=minimal``."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from service.http.replies import vary

_MINIMAL: Final = "return=minimal"


def prefers_minimal() -> bool:
    """Whether the client wants no more of an answer than it needs; preferences that are not known are passed over."""
    wanted = (preference.partition(";")[0] for preference in request.headers.get("Prefer", "").split(","))
    return any("".join(preference.split()).replace('"', "").lower() == _MINIMAL for preference in wanted)


def as_preferred(response: Response, *, minimal: bool) -> Response:
    """The answer, saying that there are two of them, and that this is the one that was preferred if it is."""
    vary(response, "Prefer")
    if minimal:
        response.headers["Preference-Applied"] = _MINIMAL
    return response
