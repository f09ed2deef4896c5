"""The proof of a prescription: from what was logged over the rules to the loads; why not, what if, and what differs."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import segno
from flask import Blueprint, Response, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from service.domain.errors import NotFound
from service.domain.identifiers import LifterRef
from service.domain.instants import Instant, parse
from service.domain.prescription import PrescribedSet
from service.engine.derive.why import OUTCOMES, Expectation, why
from service.http.auth import lifter_of
from service.http.pages.forms import local_time, utc
from service.http.pages.frame import Frame, see_other
from service.http.pages.rule_text import rule_text
from service.usecases.lifter import explain, prescribe
from service.usecases.lifter.proof_at import proof_at
from service.usecases.lifter.proof_bundle import proof_bundle
from service.usecases.services import Services

_LONGEST_ADDRESS: Final = 2000


def register(pages: Blueprint, services: Services, frame: Frame) -> None:
    """Add the views to ``pages``."""

    @pages.get("/lifters/<lifter>/proofs/<prescription_id>")
    def show_proof(lifter: str, prescription_id: str) -> Response:
        """Why a prescription is what it is, made again just now from the log and the archived rules."""
        reference = lifter_of(lifter)
        values = proof_values(services, reference, prescription_id)
        values["seal"]["address"] = url_for(".show_proof", lifter=lifter, prescription_id=prescription_id,
                                            sha256=values["proof"]["sha256"], _external=True)  # fmt: skip
        return frame.page(
            "proof.html",
            lifter=lifter,
            **values,
            **_answers(services, reference, prescription_id),
            outcomes=OUTCOMES,
            begins=local_time(_beginning(services, reference), values["time_zone"]),
            now=local_time(services.now(reference.gym), values["time_zone"]),
        )

    @pages.get("/lifters/<lifter>/proofs")
    def find_proof(lifter: str) -> AnyResponse:
        """The proof of a slot as known at one time and as of another; or beside the one that was looked at."""
        reference, asked = lifter_of(lifter), request.args
        time_zone = asked.get("time_zone", "UTC")
        times = {name: _instant(name, asked.get(name, ""), time_zone) for name in ("as_of", "known_at")}
        found = proof_at(services, reference, asked.get("exercise", ""), asked.get("slot", ""), **times)
        said: dict[str, Any] = {name: asked[name] for name in times if asked.get(name)}
        beside = asked.get("beside")
        if beside and asked.get("do") == "compare":
            said["against"], found = found, beside
        return see_other(url_for("pages.show_proof", lifter=lifter, prescription_id=found, **said))

    @pages.get("/lifters/<lifter>/proofs/<prescription_id>/bundle")
    def get_bundle(lifter: str, prescription_id: str) -> Response:
        """All that it takes to check the proof without this Spotter."""
        lines = proof_bundle(services, lifter_of(lifter), prescription_id)
        headers = {"Content-Disposition": f'attachment; filename="proof-{prescription_id[:16]}.ndjson"'}
        return Response(b"".join(lines), headers=headers, content_type="application/x-ndjson")


def proof_values(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """What the page of a proof shows, whoever looks at it."""
    document = explain.derivation(services, lifter, prescription_id)
    asked = document["prescription"]
    rule_set = services.rule_sets.get(asked["rule_set"]["digest"])
    used = {scheme["scheme"] for trigger in document["triggers"] for scheme in trigger.get("schemes", ())}
    entry = services.log.read(lifter, asked["version"] - 1, 1)
    return {
        "proof": document,
        "sets": msgspec.convert(asked["sets"], tuple[PrescribedSet, ...], strict=False),
        "reasons": why(document),
        "time_zone": prescribe.state_at(services, lifter).shared.time_zone,
        "text_of": lambda rule: rule_text(rule_set.files, rule),
        "schemes": [scheme for name, scheme in rule_set.schemes.items() if name in used],
        "known_at": entry[0].event.recorded_at if entry else None,
        "seal": {"made_at": services.clock(), "expected": request.args.get("sha256")},
        "qr_code": _qr_code,
    }


def _answers(services: Services, lifter: LifterRef, prescription_id: str) -> dict[str, Any]:
    """What was asked beside: why not an outcome, what would have changed it, and what differs from another proof."""
    asked = request.args
    answers: dict[str, Any] = {}
    if asked.get("why_not") in OUTCOMES:
        expected = Expectation(outcome=asked["why_not"])
        answers["objections"] = explain.objections(services, lifter, prescription_id, expected)
    if "what_if" in asked:
        answers["alternatives"] = explain.alternatives(services, lifter, prescription_id)
    against = asked.get("against", "").strip().partition("?")[0].rpartition("/")[2]
    if against:
        try:
            answers["comparison"] = explain.comparison(services, lifter, prescription_id, against)
            answers["against"] = against
        except NotFound as error:
            answers["incomparable"] = str(error)
    return answers


def _beginning(services: Services, lifter: LifterRef) -> Instant:
    """When a log's first event occurred, or was recorded."""
    first = services.log.read(lifter, 0, 1)[0].event
    return min(first.occurred_at, first.recorded_at)


def _qr_code(address: str) -> Markup:
    """A picture of an address that a camera reads."""
    drawn = segno.make(address[:_LONGEST_ADDRESS], error="m", micro=False)
    return Markup(drawn.svg_inline(omitsize=True, title="The address of this proof"))  # noqa: S704 - drawn by segno alone


def _instant(name: str, said: str, time_zone: str) -> Instant | None:
    return parse(utc(name, said, time_zone)) if said else None
