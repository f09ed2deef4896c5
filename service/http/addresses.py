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
    "imports": "upload uploads",
    "exercise-names": "names aliases mappings",
    "clock": "time now sandbox",
    "checks": "validate validation lint",
    "rollouts": "rollout deployments",
    "openapi.yaml": "openapi.json openapi.yml openapi swagger.json swagger.yaml",
    "docs": "swagger redoc documentation",
}
"""Parts of addresses, with what other software calls the same."""

_INSTEAD: Final = {
    "POST PUT /v1/lifters": "a lifter begins with the first event that is posted to /v1/lifters/{lifter}/events",
    "GET /v1/lifters/*": "what is known of a lifter is at /state, /profile, /prescriptions and /statistics below it",
    "POST PUT PATCH /v1/lifters/*": "a lifter begins with the first event, and a profile_changed says what changes",
    "POST PUT PATCH /v1/lifters/*/profile": "a profile_changed, posted to /v1/lifters/{lifter}/events, changes it",
    "PUT PATCH DELETE /v1/lifters/*/events": "what is logged stays: post a set_corrected, or a set_voided",
    "GET /v1/lifters/*/sessions": "sessions are shown by /v1/lifters/{lifter}/statistics",
    "GET /v1/events": "a lifter's events are at /v1/lifters/{lifter}/events",
    "POST PUT /v1/lifters/*/prescriptions": "it follows from the log: an overridden event asks for another load",
    "GET PUT /v1/lifters/*/imports": "one import is at /imports/{import_id}; POST a file to preview or import it",
    "POST PATCH /v1/exercise-names": "PUT a name with the exercise that it means",
    "POST PATCH /v1/clock": "PUT the instant that it is in the sandbox",
    "GET PUT DELETE /v1/reset": "POST takes all lifters of a sandbox away",
    "GET /v1/tickets": "POST makes a ticket, which opens one stream, once",
    "POST PUT /v1/programmes": "PUT the files of a programme of your own to /v1/programmes/{programme}",
    "POST PATCH /v1/programmes/*": "PUT the files of a programme of your own",
    "GET PUT /v1/rollouts": "POST begins a rollout, which is then at /v1/rollouts/{rollout}",
    "DELETE PUT PATCH /v1/rollouts/*": "POST to /stop below it stops a rollout",
    "GET PUT /v1/backtests": "POST begins a backtest, which is then at /v1/backtests/{backtest}",
    "DELETE PUT PATCH /v1/backtests/*": "POST to /stop below it stops a backtest",
    "DELETE /v1/keys/*": "POST to /revocation below it revokes a key",
    "PUT PATCH /v1/webhooks/*": "POST to /rotation below it makes a new secret; for another URL make another webhook",
    "POST PUT /v1/exercises": "an exercise of your own needs no making: log sets of it under an id of its own",
}
"""What to do instead of a method that there is not at an address; a star stands for any one part."""

_PART: Final = {other: part for part, others in _WORDS.items() for other in others.split()}


def instead_of(method: str, path: str) -> str:
    """What to do instead of a request whose method the address does not take; empty where that is not plain."""
    parts = path.split("/")
    for asked, advice in _INSTEAD.items():
        *methods, address = asked.split()
        own = address.split("/")
        if method in methods and len(own) == len(parts) and all(a in ("*", b) for a, b in zip(own, parts, strict=True)):
            return advice
    return ""


def meant_by(path: str) -> str:
    """The address that is most like one at which there is nothing, with its own lifters and names; empty for none."""
    if len(path) > _LONGEST:
        return ""
    said = [part for part in path.strip("/").split("/") if part not in ("api", "rest")]
    known = [rule.rule.strip("/").split("/") for rule in current_app.url_map.iter_rules()]
    if "" in said and (whole := _whole(said, known)):
        return whole
    wanted = [_PART.get(part.lower(), part) for part in said if part]
    candidates = {"/" + "/".join(_filled(rule, wanted)) for rule in known if len(rule) <= len(wanted) + 1}
    if wanted[:1] == ["v1"]:
        candidates = {each for each in candidates if each.startswith("/v1/")}
    candidates.discard("/")
    below_lifter = ["v1", "lifters", "{lifter}", *wanted[1:]]
    for spelt in (wanted, ["v1", *wanted], ["v1", *wanted[1:]], below_lifter):
        if whole := _whole(spelt, known):
            return whole
    above = wanted[:-1]
    if above in known and all(rule == above for rule in known if rule[: len(above)] == above):  # with nothing below it
        return "/" + "/".join(above)
    alike = {each for each in candidates if each.count("/") == len(wanted)}
    return nearest("/" + "/".join(wanted), alike) or nearest("/" + "/".join(wanted), candidates)


def _whole(spelt: list[str], known: list[list[str]]) -> str:
    """The address of these parts, of which some may be empty, if a rule of the contract is for it; empty for none."""
    for rule in known:
        filled = _filled(rule, spelt)
        if len(rule) == len(spelt) and all(said in ("", own) for said, own in zip(spelt, filled, strict=True)):
            return "/" + "/".join(filled)
    return ""


def _filled(rule: list[str], wanted: list[str]) -> list[str]:
    """The parts of a rule, with what an address has in the places of its variables."""
    return [
        ("".join(wanted[place : place + 1]) or f"{{{part.strip('<>')}}}") if part.startswith("<") else part
        for place, part in enumerate(rule)
    ]
