"""Which address of the contract was probably meant by one at which there is nothing."""

from __future__ import annotations

from typing import Final

from flask import current_app

from service.engine.ruleset.suggestions import nearest

_LONGEST: Final = 200
"""Characters of an address beyond which nobody compares it with all that there are."""

_WORDS: Final = {
    "events": "set sets workout workouts log history entries",
    "exercises": "movements lifts",
    "lifters": "lifter user users athlete athletes member members client clients",
    "prescriptions": "next plan today session sessions recommendation recommendations workout-plan",
    "programmes": "program programs plans routines",
    "readyz": "health healthz ready ping",
    "livez": "live alive",
    "simulations": "simulate",
    "statistics": "stats records analytics",
    "openapi.yaml": "openapi.json openapi.yml openapi swagger.json swagger.yaml",
    "docs": "swagger redoc documentation",
}
"""Parts of addresses, with what other software calls the same."""

_PART: Final = {other: part for part, others in _WORDS.items() for other in others.split()}


def meant_by(path: str) -> str:
    """The address that is most like one at which there is nothing, with its own lifters and names; empty for none."""
    if len(path) > _LONGEST:
        return ""
    said = [part for part in path.split("/") if part]
    wanted = [_PART.get(part.lower(), part) for part in said if part not in ("api", "rest")]
    known = [rule.rule.strip("/").split("/") for rule in current_app.url_map.iter_rules()]
    candidates = {"/" + "/".join(_filled(rule, wanted)) for rule in known if len(rule) <= len(wanted) + 1}
    candidates.discard("/")
    for spelt in (wanted, ["v1", *wanted], ["v1", *wanted[1:]]):
        if (whole := "/" + "/".join(spelt)) in {"/" + "/".join(_filled(rule, spelt)) for rule in known}:
            return whole
    alike = {each for each in candidates if each.count("/") == len(wanted)}
    return nearest("/" + "/".join(wanted), alike) or nearest("/" + "/".join(wanted), candidates)


def _filled(rule: list[str], wanted: list[str]) -> list[str]:
    """The parts of a rule, with what an address has in the places of its variables."""
    return [
        (wanted[place] if place < len(wanted) else part.strip("<>")) if part.startswith("<") else part
        for place, part in enumerate(rule)
    ]
